//! What a rope needs to know of the file that it is.

use super::entry::Identity;
use std::collections::BTreeSet;

/// A kind of index file. Implementations are the only ones that know its syntax.
///
/// - Every entry ends in [`Document::entry_end`], which occurs nowhere else in it.
/// - [`Document::identity`] reads back what the writer put into the entry.
pub(crate) trait Document: Sync {
    /// What every entry ends in.
    fn entry_end(&self) -> &'static str;
    /// What an entry describes; none where the text is not an entry.
    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>>;
    /// What stands before the first entry.
    fn head(&self, entries: u64) -> String;
    /// What stands after the last entry.
    fn foot(&self) -> &'static str;
    /// Whether clients are told the digest of the plain encoding.
    fn is_hashed_open(&self) -> bool;
    /// Whether it is offered as xz where that is worth it. Such a document has neither head nor foot.
    fn is_offered_tighter(&self) -> bool {
        false
    }
    /// Whether it is offered as zstd where that is asked for.
    fn is_offered_as_zstd(&self) -> bool {
        self.is_offered_tighter()
    }
    /// By how much its chunks are larger than those of others: for what is long, and of little use in parts.
    fn chunk_factor(&self) -> usize {
        1
    }
    /// How many packages an entry stands for. It is not a part of what the entry describes.
    fn count(&self, _entry: &str) -> u64 {
        1
    }
    /// The parts that packages have in an entry; they are no part of what the entry describes.
    fn parts(&self, _entry: &str) -> BTreeSet<String> {
        BTreeSet::new()
    }
    /// The same entry with these parts, at least one, instead of those that it has, which is at least one, too.
    fn with_parts(&self, entry: &str, _parts: &BTreeSet<String>) -> String {
        entry.to_owned()
    }
    /// The same entry for so many packages.
    fn with_count(&self, entry: &str, _count: u64) -> String {
        entry.to_owned()
    }
}

/// The text between the first `open` and the `close` that follows it.
pub(crate) fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    Some(rest.split_once(close)?.0)
}
