//! The ar container of a .deb (deb(5)): a magic line, then members with a header of 60 bytes, each padded to an even
//! length. Only what dpkg-deb writes is read: names of at most 16 bytes, no symbol tables, no long-name tables.

use crate::fault::{DAMAGED, Fault, REBUILD};
use std::io::Read;

const MAGIC: &[u8; 8] = b"!<arch>\n";
const HEADER_LEN: usize = 60;

/// Reads members in order.
pub struct Ar<R> {
    inner: R,
    padding: bool,
}

/// The header of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArMember {
    /// The name, without padding and without the slash that GNU ar ends it with.
    pub name: String,
    /// Length in bytes.
    pub size_bytes: u64,
}

impl<R: Read> Ar<R> {
    /// Reads the magic line.
    pub fn new(mut inner: R) -> Result<Self, Fault> {
        let mut magic = [0; 8];
        if inner.read_exact(&mut magic).is_err() || &magic != MAGIC {
            return Err(Fault::new(
                "it does not begin with `!<arch>`, as every .deb does",
                "upload the .deb itself",
            ));
        }
        Ok(Self {
            inner,
            padding: false,
        })
    }

    /// The next member; its bytes must have been read from [`Ar::inner`] before the next call.
    pub fn next_member(&mut self) -> Result<Option<ArMember>, Fault> {
        if std::mem::take(&mut self.padding) {
            let mut newline = [0];
            match self.inner.read_exact(&mut newline) {
                Ok(()) if newline == *b"\n" => {}
                _ => {
                    return Err(Fault::new(
                        "a member of odd length is not padded with a newline",
                        DAMAGED,
                    ));
                }
            }
        }
        let mut raw = Vec::new();
        let taken = self.inner.by_ref().take(HEADER_LEN as u64).read_to_end(&mut raw);
        match taken {
            Ok(0) => return Ok(None),
            Ok(HEADER_LEN) => {}
            Ok(_) => return Err(Fault::new("it ends inside a member's header", DAMAGED)),
            Err(e) => return Err(super::budget::fault_of(&e)),
        }
        let member = parse(&raw)?;
        self.padding = member.size_bytes % 2 == 1;
        Ok(Some(member))
    }

    /// The stream, given back.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Where the bytes of the current member come from.
    pub fn inner(&mut self) -> &mut R {
        &mut self.inner
    }
}

fn parse(raw: &[u8]) -> Result<ArMember, Fault> {
    let bad = |rule: &str| Fault::new(rule, DAMAGED);
    let text = |from, to| {
        raw.get(from..to)
            .and_then(|b| std::str::from_utf8(b).ok())
            .map(str::trim_end)
    };
    if raw.get(58..60) != Some(b"`\n") {
        return Err(bad(
            "a member's header does not end as it should (trailing data?)",
        ));
    }
    let name = text(0, 16).ok_or_else(|| bad("a member's name is not text"))?;
    let name = name.strip_suffix('/').unwrap_or(name);
    if name.is_empty() || name.contains('/') || name.chars().any(char::is_control) {
        return Err(Fault::new("a member's name is not a plain filename", REBUILD).at(name));
    }
    let size = text(48, 58)
        .filter(|s| s.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|s| s.parse().ok());
    Ok(ArMember {
        name: name.to_owned(),
        size_bytes: size.ok_or_else(|| bad("a member's size is not a number").at(name))?,
    })
}
