//! The header of an ELF file and its program headers (gabi 4.1, "ELF Header" and "Program Header").

use super::{
    ElfError, ElfKind, Machine,
    dynamic::Dynamic,
    window::{Window, Words},
};

/// Program headers of one file; linkers write a dozen.
const MAX_SEGMENTS: u64 = 4096;
/// The path of a loader.
const MAX_INTERPRETER: u64 = 4096;
/// `EF_ARM_ABI_FLOAT_SOFT`, and the processor that it is of.
const SOFT_FLOAT: (u16, u32) = (40, 0x200);

/// The kinds of segments that matter here.
mod kind {
    pub const LOAD: u32 = 1;
    pub const DYNAMIC: u32 = 2;
    pub const INTERPRETER: u32 = 3;
}

pub(super) struct Header {
    pub machine: Machine,
    pub kind: ElfKind,
    words: Words,
    offset: u64,
    entry_size: u64,
    count: u64,
}

impl Header {
    pub fn read(window: &mut Window<'_>) -> Result<Self, ElfError> {
        let start = window.bytes(0, 16, "header")?;
        let (is_64, is_big) = match (start[4], start[5]) {
            (class @ 1..=2, order @ 1..=2) => (class == 2, order == 2),
            _ => return Err(ElfError::Class),
        };
        let words = Words { is_64, is_big };
        let size = words.pick([64, 52]);
        let bytes = window.bytes(0, size as u64, "header")?;
        let damaged = || ElfError::Damaged("header");
        let half = |at: [usize; 2]| words.half(&bytes, words.pick(at)).ok_or_else(damaged);
        let number = half([18, 18])?;
        let flags = words.word(&bytes, words.pick([48, 36])).ok_or_else(damaged)?;
        Ok(Self {
            machine: Machine {
                number,
                is_64,
                is_big,
                is_soft_float: number == SOFT_FLOAT.0 && flags & SOFT_FLOAT.1 != 0,
            },
            kind: match half([16, 16])? {
                2 => ElfKind::Executable,
                3 => ElfKind::Shared,
                _ => ElfKind::Other,
            },
            words,
            offset: words.address(&bytes, words.pick([32, 28])).ok_or_else(damaged)?,
            entry_size: half([54, 42])?.into(),
            count: half([56, 44])?.into(),
        })
    }

    pub fn segments(&self, window: &mut Window<'_>) -> Result<Segments, ElfError> {
        if self.count > MAX_SEGMENTS {
            return Err(ElfError::TooLarge {
                what: "table of segments",
                limit: MAX_SEGMENTS,
            });
        }
        let words = self.words;
        let size = words.pick([56, 32]) as u64;
        if self.count > 0 && self.entry_size < size {
            return Err(ElfError::Damaged("table of segments"));
        }
        let bytes = window.bytes(self.offset, self.count * self.entry_size, "table of segments")?;
        let step = usize::try_from(self.entry_size).unwrap_or(usize::MAX).max(1);
        let segment = |row: &[u8]| {
            let address = |at| words.address(row, words.pick(at));
            Some(Segment {
                kind: words.word(row, 0)?,
                offset: address([8, 4])?,
                address: address([16, 8])?,
                size: address([32, 16])?,
            })
        };
        Ok(Segments {
            words,
            list: bytes.chunks_exact(step).filter_map(segment).collect(),
        })
    }
}

struct Segment {
    kind: u32,
    offset: u64,
    address: u64,
    size: u64,
}

pub(super) struct Segments {
    pub words: Words,
    list: Vec<Segment>,
}

impl Segments {
    fn of(&self, kind: u32) -> impl Iterator<Item = &Segment> {
        self.list.iter().filter(move |segment| segment.kind == kind)
    }

    /// The loader that a program names.
    pub fn interpreter(&self, window: &mut Window<'_>) -> Result<Option<String>, ElfError> {
        let Some(segment) = self.of(kind::INTERPRETER).next() else {
            return Ok(None);
        };
        if segment.size > MAX_INTERPRETER {
            return Err(ElfError::TooLarge {
                what: "loader's name",
                limit: MAX_INTERPRETER,
            });
        }
        let bytes = window.bytes(segment.offset, segment.size, "loader's name")?;
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        super::dynamic::printable(&bytes[..end]).map(Some)
    }

    /// The dynamic segment.
    pub fn dynamic(&self, window: &mut Window<'_>) -> Result<Option<Dynamic>, ElfError> {
        let Some(segment) = self.of(kind::DYNAMIC).next() else {
            return Ok(None);
        };
        Dynamic::read(self.words, segment.offset, segment.size, window).map(Some)
    }

    /// Where in the file lies what is loaded to an address, and how much of the segment comes from there on.
    pub fn offset(&self, address: u64) -> Option<(u64, u64)> {
        self.of(kind::LOAD).find_map(|segment| {
            let into = address.checked_sub(segment.address)?;
            let left = segment.size.checked_sub(into).filter(|left| *left > 0)?;
            Some((segment.offset.checked_add(into)?, left))
        })
    }
}
