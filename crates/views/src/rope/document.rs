//! What a rope needs to know of the file that it is.

use super::entry::Identity;

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
}

/// The text between the first `open` and the `close` that follows it.
pub(crate) fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    Some(rest.split_once(close)?.0)
}
