//! Whether the index and the store of a header are laid out as rpm demands of a package (rpm, lib/header.cc,
//! `hdrblobInit`, and docs/manual/format_header.md).
//!
//! - The first entry is the region tag (62 or 63): 16 bytes of type BIN, the *trailer*, which end the store. The trailer
//!   is an entry itself, with the same tag, and an offset that is minus the length of the index: the region is all of
//!   the header. Headers of before 2000 have none.
//! - Every other entry has a type, a count that is not 0, and an offset that fits its type; its values lie in the store
//!   behind those of the entry before it, and end before the trailer.
//! - A tag that is known has values of its own kind ([`super::known`]), and no tag is there twice: of two, rpm might
//!   read the other one.
//!
//! Nothing is allocated by a count; every value that a count promises is there when this has passed.

use super::header::{IndexEntry, Part, kind};
use super::known::known;
use std::collections::HashSet;

/// Length of the region's trailer, and the count of the region tag.
const TRAILER_LEN: u32 = 16;
/// Tags below are regions (rpm's `HEADER_I18NTABLE`).
const FIRST_TAG: u32 = 100;
/// Most values of a tag that is not binary (rpm's `HEADER_ARRAY_MAX`).
const MAX_VALUES: u32 = 0x000f_ffff;
/// What the trailer of some old signature headers has for a tag (rpm's `HEADER_IMAGE`).
const IMAGE: u32 = 61;

/// A header that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    /// Which of the two it is.
    pub part: Part,
    /// All entries, in file order.
    pub index: &'a [IndexEntry],
    /// The values.
    pub store: &'a [u8],
}

impl Layout<'_> {
    /// The first rule that is broken: which tag, where in the index, what.
    pub fn check(self) -> Result<(), String> {
        let has_region = self.index.first().is_some_and(|e| e.tag == self.part.region());
        let mut limit = self.store.len();
        if has_region {
            self.check_region().map_err(|what| self.broken(0, &what))?;
            limit -= TRAILER_LEN as usize;
        }
        let (mut end, mut seen) = (0, HashSet::new());
        for (at, entry) in self.index.iter().enumerate().skip(usize::from(has_region)) {
            let checked = self.check_entry(entry, end, limit, has_region);
            end = checked.map_err(|what| self.broken(at, &what))?;
            if !seen.insert(entry.tag) {
                return Err(self.broken(at, "is there twice"));
            }
        }
        Ok(())
    }

    /// `tag 1000 (NAME) of the main header … (entry 3 of its index: type 6, offset 2, count 1)`.
    fn broken(self, at: usize, what: &str) -> String {
        let entry = self.index.get(at).copied().unwrap_or_default();
        let name = match known(entry.tag) {
            Some((name, _)) if self.part == Part::Main => format!(" ({name})"),
            _ => String::new(),
        };
        format!(
            "tag {}{name} of the {} {what} (entry {at} of its index: type {}, offset {}, count {})",
            entry.tag, self.part, entry.kind, entry.offset, entry.count
        )
    }

    fn check_region(self) -> Result<(), String> {
        let region = self.index.first().copied().unwrap_or_default();
        if region.kind != kind::BIN || region.count != TRAILER_LEN {
            return Err("is the region, and is not 16 bytes of type 7".to_owned());
        }
        let after = region.offset.checked_add(TRAILER_LEN).map(|end| end as usize);
        if after != Some(self.store.len()) {
            return Err("is the region, and its trailer does not end the values".to_owned());
        }
        let raw = self.store.get(region.offset as usize..).unwrap_or_default();
        let trailer = IndexEntry::parse(raw);
        let is_known = trailer.tag == region.tag || (self.part == Part::Signature && trailer.tag == IMAGE);
        if !is_known || trailer.kind != kind::BIN || trailer.count != TRAILER_LEN {
            return Err(format!(
                "is the region, and its trailer says tag {}, type {}, count {}",
                trailer.tag, trailer.kind, trailer.count
            ));
        }
        let index_len = self.index.len() as u64 * u64::from(TRAILER_LEN);
        if u64::from(trailer.offset.wrapping_neg()) != index_len {
            return Err(format!(
                "is the region, and its trailer says that the index has {} bytes, not {index_len}",
                trailer.offset.wrapping_neg()
            ));
        }
        Ok(())
    }

    /// Where the values of `entry` end; those before it end at `end`.
    fn check_entry(
        self,
        entry: &IndexEntry,
        end: usize,
        limit: usize,
        has_region: bool,
    ) -> Result<usize, String> {
        let offset = entry.offset as usize;
        if entry.tag < FIRST_TAG {
            return Err("is no tag of a package".to_owned());
        }
        let Some(width) = width(entry.kind) else {
            return Err("has a type that does not exist".to_owned());
        };
        if self.part == Part::Main
            && has_region
            && let Some((_, class)) = known(entry.tag)
            && !class.admits(entry.kind)
        {
            return Err(format!("has values of the wrong type, not {class}"));
        }
        if entry.count == 0 {
            return Err("has no values".to_owned());
        }
        if entry.kind != kind::BIN && entry.count > MAX_VALUES {
            return Err(format!("has more than {MAX_VALUES} values"));
        }
        if entry.kind == kind::STRING && entry.count != 1 {
            return Err("is one string, and has a count that is not 1".to_owned());
        }
        if offset > limit {
            return Err("points outside the values".to_owned());
        }
        if !offset.is_multiple_of(width) {
            return Err(format!("is not aligned to {width} bytes"));
        }
        if offset < end {
            return Err("overlaps the values of the tag before it".to_owned());
        }
        let values = self.store.get(offset..limit).unwrap_or_default();
        let len = length(entry, values).ok_or("has values that leave the header")?;
        Ok(offset + len)
    }
}

/// How many bytes one value of a type takes, and is aligned to; 1 for strings. None where there is no such type.
fn width(of: u32) -> Option<usize> {
    Some(match of {
        kind::CHAR | kind::INT8 | kind::BIN => 1,
        kind::STRING | kind::STRING_ARRAY | kind::I18N_STRING => 1,
        kind::INT16 => 2,
        kind::INT32 => 4,
        kind::INT64 => 8,
        _ => return None,
    })
}

/// How many bytes the values of an entry take, where they begin `from`; none where they are not all there.
pub(super) fn length(entry: &IndexEntry, from: &[u8]) -> Option<usize> {
    let count = entry.count as usize;
    let len = match entry.kind {
        kind::STRING | kind::STRING_ARRAY | kind::I18N_STRING => {
            let ends = from.iter().enumerate().filter(|(_, byte)| **byte == 0);
            ends.take(count).nth(count.checked_sub(1)?)?.0 + 1
        }
        other => count.checked_mul(width(other)?)?,
    };
    (len <= from.len()).then_some(len)
}
