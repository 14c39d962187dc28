//! Whether the index and the store of a header are laid out as rpm demands of a package (rpm, lib/header.cc,
//! `hdrblobInit`, and docs/manual/format_header.md).
//!
//! - The first entry is the region tag (62 or 63): 16 bytes of type BIN, the *trailer*, which end the region's values.
//!   The trailer is an entry itself, with the same tag, and an offset that is minus the length of the region's index.
//!   The region is all of a main header; to a signature header later signatures were appended. Headers of before 2000
//!   have none.
//! - Every other entry has a type, a count that is not 0, and an offset that fits its type; its values lie in the store
//!   behind those of the entry before it, and not on the trailer.
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
        let mut trailer_at = usize::MAX;
        if has_region {
            trailer_at = self.check_region().map_err(|what| self.broken(0, &what))?;
        }
        let (mut end, mut seen) = (0, HashSet::new());
        for (at, entry) in self.index.iter().enumerate().skip(usize::from(has_region)) {
            let checked = self.check_entry(entry, end, trailer_at);
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

    /// Where the trailer is.
    fn check_region(self) -> Result<usize, String> {
        let region = self.index.first().copied().unwrap_or_default();
        let wrong = |what: String| Err(format!("is the region, and {what}"));
        if region.kind != kind::BIN || region.count != TRAILER_LEN {
            return wrong("is not 16 bytes of type 7".to_owned());
        }
        let is_all = self.part == Part::Main;
        let from = region.offset as usize;
        let rest = self.store.get(from..).unwrap_or_default();
        let len = TRAILER_LEN as usize;
        if rest.len() < len || (is_all && rest.len() > len) {
            return wrong("its trailer does not end the values".to_owned());
        }
        let trailer = IndexEntry::parse(rest);
        let is_known = trailer.tag == region.tag || (!is_all && trailer.tag == IMAGE);
        if !is_known || trailer.kind != kind::BIN || trailer.count != TRAILER_LEN {
            return wrong(format!(
                "its trailer says tag {}, type {}, count {}",
                trailer.tag, trailer.kind, trailer.count
            ));
        }
        let (said, index_len) = (trailer.offset.wrapping_neg() as usize, self.index.len() * len);
        if said > index_len || !said.is_multiple_of(len) || (is_all && said != index_len) {
            return wrong(format!(
                "its trailer says that the index has {said} bytes, not {index_len}"
            ));
        }
        Ok(from)
    }

    /// Where the values of `entry` end; those before it end at `end`.
    fn check_entry(self, entry: &IndexEntry, end: usize, trailer_at: usize) -> Result<usize, String> {
        let has_region = trailer_at != usize::MAX;
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
        if offset > self.store.len() {
            return Err("points outside the values".to_owned());
        }
        if !offset.is_multiple_of(width) {
            return Err(format!("is not aligned to {width} bytes"));
        }
        if offset < end {
            return Err("overlaps the values of the tag before it".to_owned());
        }
        let values = self.store.get(offset..).unwrap_or_default();
        let end = offset + length(entry, values).ok_or("has values that leave the header")?;
        if has_region && end > trailer_at && offset < trailer_at + TRAILER_LEN as usize {
            return Err("has values that overlap the region's trailer".to_owned());
        }
        Ok(end)
    }
}

/// How many bytes one value of a type takes, and is aligned to; 1 for strings. None where there is no such type.
fn width(of: u32) -> Option<usize> {
    Some(match of {
        kind::CHAR | kind::INT8 | kind::BIN | kind::STRING | kind::STRING_ARRAY | kind::I18N_STRING => 1,
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
            let mut ends = from.iter().enumerate().filter(|(_, byte)| **byte == 0);
            ends.nth(count.checked_sub(1)?)?.0 + 1
        }
        other => count.checked_mul(width(other)?)?,
    };
    (len <= from.len()).then_some(len)
}
