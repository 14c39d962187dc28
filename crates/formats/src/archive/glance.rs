//! What one look at a file's bytes tells: how it begins, and whether it is text. Contents are not kept for that.

/// Bytes of the beginning that are kept: enough for ELF's machine and gzip's header.
const HEAD: usize = 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writing {
    /// UTF-8, ASCII included; also what is empty.
    #[default]
    Utf8,
    /// Text in an older encoding: no control characters, but not UTF-8.
    OtherText,
    /// Not text.
    Binary,
}

/// What was seen of a regular file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Glance {
    head: [u8; HEAD],
    len: u8,
    /// How it is written.
    pub writing: Writing,
    /// Whether its first line ends in a carriage return.
    pub crlf: bool,
}

impl Glance {
    /// The first bytes, at most 20.
    pub fn head(&self) -> &[u8] {
        self.head.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Whether it is an ELF file: a program, a library or an object.
    pub fn is_elf(&self) -> bool {
        self.head().starts_with(b"\x7fELF")
    }
}

/// Looks at a file while it is being read.
#[derive(Debug, Default)]
pub struct Looking {
    glance: Glance,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl Looking {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let at = usize::from(self.glance.len);
        let taken = bytes.len().min(HEAD - at);
        self.glance.head[at..at + taken].copy_from_slice(&bytes[..taken]);
        self.glance.len += u8::try_from(taken).unwrap_or(0);
        // A file that is not text shows it soon, and is then not looked at any longer.
        if self.glance.writing == Writing::Binary {
            return;
        }
        if bytes
            .iter()
            .any(|b| *b < 0x20 && !b"\t\n\x0c\r\x1b\x08".contains(b))
        {
            self.glance.writing = Writing::Binary;
        } else if self.glance.writing == Writing::Utf8 {
            let mut whole = std::mem::take(&mut self.begun);
            whole.extend_from_slice(bytes);
            match std::str::from_utf8(&whole) {
                Ok(_) => {}
                Err(e) if e.error_len().is_none() => self.begun = whole.split_off(e.valid_up_to()),
                Err(_) => self.glance.writing = Writing::OtherText,
            }
        }
    }

    /// What was seen; `first` are the first bytes, as far as a `#!` line reaches.
    pub fn finish(mut self, first: &[u8]) -> Glance {
        if self.glance.writing == Writing::Utf8 && !self.begun.is_empty() {
            self.glance.writing = Writing::OtherText;
        }
        let line = first.split(|b| *b == b'\n').next().unwrap_or_default();
        self.glance.crlf = line.len() < first.len() && line.ends_with(b"\r");
        self.glance
    }
}
