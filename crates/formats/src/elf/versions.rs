//! Versions of symbols (LSB 5.0 core, 10.7): lists of lists, each entry with the distance to the next.

use super::{
    ElfError, VersionNeed,
    dynamic::{MAX_NAMES, Strings},
    window::Words,
};

/// A table of versions.
pub(super) const MAX_VERSIONS: u64 = 1 << 20;
/// `VER_FLG_BASE`: the entry is the file's own name.
const BASE: u16 = 1;

/// A walk along a list whose entries say how far the next one is. It only goes forwards, so it ends.
struct Walk<'a> {
    words: Words,
    bytes: &'a [u8],
    what: &'static str,
    steps: usize,
}

impl Walk<'_> {
    fn damaged(&self) -> ElfError {
        ElfError::Damaged(self.what)
    }

    fn half(&self, at: usize) -> Result<u16, ElfError> {
        self.words.half(self.bytes, at).ok_or_else(|| self.damaged())
    }

    fn word(&self, at: usize) -> Result<u32, ElfError> {
        self.words.word(self.bytes, at).ok_or_else(|| self.damaged())
    }

    /// As far behind `at` as the word at `field` says, which lies inside; none at the end of a list.
    fn next(&mut self, at: usize, field: usize) -> Result<Option<usize>, ElfError> {
        self.steps += 1;
        if self.steps > MAX_NAMES {
            return Err(ElfError::TooLarge {
                what: self.what,
                limit: MAX_NAMES as u64,
            });
        }
        let distance = usize::try_from(self.word(field)?).map_err(|_| self.damaged())?;
        let next = at.checked_add(distance).filter(|next| *next < self.bytes.len());
        match distance {
            0 => Ok(None),
            _ => next.map(Some).ok_or_else(|| self.damaged()),
        }
    }
}

/// `.gnu.version_r`: by library, what is needed of it.
pub(super) fn needs(
    words: Words,
    bytes: &[u8],
    count: u64,
    strings: &mut Strings,
) -> Result<Vec<VersionNeed>, ElfError> {
    let mut walk = Walk {
        words,
        bytes,
        what: "table of needed versions",
        steps: 0,
    };
    let mut found = Vec::new();
    let mut here = Some(0);
    for _ in 0..count {
        let Some(at) = here else { break };
        let library = strings.name(walk.word(at + 4)?.into())?;
        let mut versions = Vec::new();
        let mut inner = walk.next(at, at + 8)?;
        for _ in 0..walk.half(at + 2)? {
            let Some(at) = inner else { break };
            versions.push(strings.name(walk.word(at + 8)?.into())?);
            inner = walk.next(at, at + 12)?;
        }
        found.push(VersionNeed { library, versions });
        here = walk.next(at, at + 12)?;
    }
    Ok(found)
}

/// `.gnu.version_d`: the name that is the file's own, and the others.
pub(super) fn definitions(
    words: Words,
    bytes: &[u8],
    count: u64,
    strings: &mut Strings,
) -> Result<(Option<String>, Vec<String>), ElfError> {
    let mut walk = Walk {
        words,
        bytes,
        what: "table of versions",
        steps: 0,
    };
    let (mut base, mut found) = (None, Vec::new());
    let mut here = Some(0);
    for _ in 0..count {
        let Some(at) = here else { break };
        // The first name is the version's own; those behind it are what it descends from.
        if let Some(first) = walk.next(at, at + 12)? {
            let name = strings.name(walk.word(first)?.into())?;
            if walk.half(at + 2)? & BASE != 0 {
                base = Some(name);
            } else {
                found.push(name);
            }
        }
        here = walk.next(at, at + 16)?;
    }
    Ok((base, found))
}
