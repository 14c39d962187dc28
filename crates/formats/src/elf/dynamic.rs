//! The dynamic segment (gabi 4.1, "Dynamic Section"): names by their offset in one table of strings.

use super::{
    Elf, ElfError,
    header::Segments,
    versions,
    window::{Window, Words},
};

/// The dynamic segment; a large program has some hundred entries of 16 bytes.
const MAX_DYNAMIC: u64 = 1 << 20;
/// The table of strings, which has the names of all symbols, too.
const MAX_STRINGS: u64 = 256 << 20;
/// Names of libraries, paths and versions that one file has.
pub(super) const MAX_NAMES: usize = 10_000;
/// One of them.
const MAX_NAME: usize = 4096;
/// All of them.
const MAX_NAMES_BYTES: usize = 1 << 20;

/// The tags that matter here.
mod tag {
    pub const END: u64 = 0;
    pub const NEEDED: u64 = 1;
    pub const HASH: u64 = 4;
    pub const STRINGS: u64 = 5;
    pub const STRINGS_SIZE: u64 = 10;
    pub const SONAME: u64 = 14;
    pub const RPATH: u64 = 15;
    pub const DEBUG: u64 = 21;
    pub const RUNPATH: u64 = 29;
    pub const GNU_HASH: u64 = 0x6fff_fef5;
    pub const DEFINITIONS: u64 = 0x6fff_fffc;
    pub const DEFINITIONS_COUNT: u64 = 0x6fff_fffd;
    pub const NEEDS: u64 = 0x6fff_fffe;
    pub const NEEDS_COUNT: u64 = 0x6fff_ffff;
}

/// Tags and their values, in order.
pub(super) struct Dynamic(Vec<(u64, u64)>);

impl Dynamic {
    pub fn read(words: Words, offset: u64, size: u64, window: &mut Window<'_>) -> Result<Self, ElfError> {
        // A file of debugging symbols says where the segment was, and does not have it.
        if size > MAX_DYNAMIC {
            return Err(ElfError::TooLarge {
                what: "dynamic segment",
                limit: MAX_DYNAMIC,
            });
        }
        let bytes = window.bytes(offset, size, "dynamic segment")?;
        let row = words.pick([16, 8]);
        let entry = |row: &[u8]| Some((words.address(row, 0)?, words.address(row, row.len() / 2)?));
        let entries = bytes.chunks_exact(row).filter_map(entry);
        Ok(Self(entries.take_while(|(tag, _)| *tag != tag::END).collect()))
    }

    fn all(&self, tag: u64) -> impl Iterator<Item = u64> {
        self.0
            .iter()
            .filter(move |(t, _)| *t == tag)
            .map(|(_, value)| *value)
    }

    fn one(&self, tag: u64) -> Option<u64> {
        self.all(tag).last()
    }

    /// Tells what it says.
    pub fn tell(&self, segments: &Segments, window: &mut Window<'_>, elf: &mut Elf) -> Result<(), ElfError> {
        elf.has_only_gnu_hash = self.one(tag::GNU_HASH).is_some() && self.one(tag::HASH).is_none();
        elf.is_program = self.one(tag::DEBUG).is_some();
        let needs = self.one(tag::NEEDS).zip(self.one(tag::NEEDS_COUNT));
        let definitions = self.one(tag::DEFINITIONS).zip(self.one(tag::DEFINITIONS_COUNT));
        let wants_names = [tag::NEEDED, tag::SONAME, tag::RPATH, tag::RUNPATH];
        if needs.or(definitions).is_none() && self.0.iter().all(|(tag, _)| !wants_names.contains(tag)) {
            return Ok(());
        }
        let mut strings = self.strings(segments, window)?;
        for offset in self.all(tag::NEEDED) {
            elf.needed.push(strings.name(offset)?);
        }
        elf.soname = self.one(tag::SONAME).map(|at| strings.name(at)).transpose()?;
        let path = self.one(tag::RUNPATH).or(self.one(tag::RPATH));
        if let Some(path) = path.map(|at| strings.text(at)).transpose()? {
            let parts = path.split(':').filter(|part| !part.is_empty());
            elf.run_path = parts.take(MAX_NAMES).map(str::to_owned).collect();
        }
        let words = segments.words;
        let mut table = |what, found: Option<(u64, u64)>| -> Result<Option<(Vec<u8>, u64)>, ElfError> {
            let Some((address, count)) = found.filter(|(_, count)| *count > 0) else {
                return Ok(None);
            };
            let (offset, left) = segments.offset(address).ok_or(ElfError::Damaged(what))?;
            let size = left.min(window.behind(offset)).min(versions::MAX_VERSIONS);
            Ok(Some((window.bytes(offset, size, what)?, count)))
        };
        if let Some((bytes, count)) = table("table of needed versions", needs)? {
            elf.version_needs = versions::needs(words, &bytes, count, &mut strings)?;
        }
        if let Some((bytes, count)) = table("table of versions", definitions)? {
            (elf.base_version, elf.version_definitions) =
                versions::definitions(words, &bytes, count, &mut strings)?;
        }
        Ok(())
    }

    fn strings(&self, segments: &Segments, window: &mut Window<'_>) -> Result<Strings, ElfError> {
        let damaged = || ElfError::Damaged("table of strings");
        let address = self.one(tag::STRINGS).ok_or_else(damaged)?;
        let size = self.one(tag::STRINGS_SIZE).ok_or_else(damaged)?;
        if size > MAX_STRINGS {
            return Err(ElfError::TooLarge {
                what: "table of strings",
                limit: MAX_STRINGS,
            });
        }
        let (offset, _) = segments.offset(address).ok_or_else(damaged)?;
        Ok(Strings {
            bytes: window.bytes(offset, size, "table of strings")?,
            names: 0,
            taken: 0,
        })
    }
}

/// The table of strings, and how much was taken out of it.
pub(super) struct Strings {
    bytes: Vec<u8>,
    names: usize,
    taken: usize,
}

impl Strings {
    /// A name that is one word.
    pub fn name(&mut self, at: u64) -> Result<String, ElfError> {
        printable(self.raw(at)?)
    }

    /// A text that may have anything in it.
    fn text(&mut self, at: u64) -> Result<String, ElfError> {
        Ok(String::from_utf8_lossy(self.raw(at)?).into_owned())
    }

    fn raw(&mut self, at: u64) -> Result<&[u8], ElfError> {
        let damaged = || ElfError::Damaged("table of strings");
        let start = usize::try_from(at).map_err(|_| damaged())?;
        let rest = self.bytes.get(start..).ok_or_else(damaged)?;
        let end = rest
            .iter()
            .take(MAX_NAME + 1)
            .position(|b| *b == 0)
            .ok_or_else(damaged)?;
        self.names += 1;
        self.taken += end;
        if self.names > MAX_NAMES || self.taken > MAX_NAMES_BYTES {
            return Err(ElfError::TooLarge {
                what: "list of names",
                limit: MAX_NAMES as u64,
            });
        }
        Ok(&rest[..end])
    }
}

/// A word as linkers write them.
pub(super) fn printable(bytes: &[u8]) -> Result<String, ElfError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ElfError::Name)?;
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err(ElfError::Name)
    }
}
