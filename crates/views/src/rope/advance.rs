//! From the chunks before an edit to the chunks after it.

use super::{Document, Edits, Entry, Press, cut::Cutter, entry::Edit};
use crate::ViewError;
use packyard_types::{Chunk, Rope};
use std::ops::Bound;

/// A rope after edits.
pub(crate) enum Spliced {
    /// Nothing about it has changed.
    Same(Rope),
    /// These chunks of a document, not hashed yet.
    New(&'static dyn Document, Vec<Chunk>),
}

impl Spliced {
    /// The chunks that it has now.
    pub(crate) fn chunks(&self) -> &[Chunk] {
        match self {
            Self::Same(rope) => &rope.chunks,
            Self::New(_, chunks) => chunks,
        }
    }
}

/// The chunks of a rope after the edits. Between two edits, old chunks are kept from the first common boundary on.
pub(crate) fn splice(
    document: &dyn Document,
    old: &[Chunk],
    edits: &Edits,
    press: &mut Press<'_>,
) -> Result<Vec<Chunk>, ViewError> {
    let mut new = Vec::with_capacity(old.len() + 1);
    let mut cutter = Cutter::new(press.limits.times(document.chunk_factor()));
    for (i, chunk) in old.iter().enumerate() {
        // Another group: the chunk that is open ends here, whatever follows.
        if !cutter.continues(&chunk.first) {
            new.extend(cutter.finish().map(|done| press.pack(&done)));
        }
        let here = edits_of_chunk(edits, old, i);
        if cutter.is_at_boundary() && here.is_empty() {
            new.push(chunk.clone());
            continue;
        }
        let entries = press.entries(document, chunk)?;
        let merged = merge(document, entries.clone(), here);
        // An edit may say what is so already.
        if cutter.is_at_boundary() && merged == entries {
            new.push(chunk.clone());
            continue;
        }
        for entry in merged {
            new.extend(cutter.push(entry).iter().map(|done| press.pack(done)));
        }
    }
    if old.is_empty() {
        for entry in edits.values().filter_map(|edit| edit.applied(document, None)) {
            new.extend(cutter.push(entry).iter().map(|done| press.pack(done)));
        }
    }
    new.extend(cutter.finish().map(|done| press.pack(&done)));
    Ok(new)
}

/// The edits that fall into chunk `i`: from its first key, or from the beginning, up to the next chunk's first key.
fn edits_of_chunk<'a>(edits: &'a Edits, old: &[Chunk], i: usize) -> Vec<(&'a String, &'a Edit)> {
    let from = match i {
        0 => Bound::Unbounded,
        _ => Bound::Included(old[i].first.as_str()),
    };
    let to = match old.get(i + 1) {
        Some(next) => Bound::Excluded(next.first.as_str()),
        None => Bound::Unbounded,
    };
    edits.range::<str, _>((from, to)).collect()
}

/// Sorted entries with sorted edits applied.
fn merge(document: &dyn Document, old: Vec<Entry>, edits: Vec<(&String, &Edit)>) -> Vec<Entry> {
    let mut merged = Vec::with_capacity(old.len() + edits.len());
    let mut edits = edits.into_iter().peekable();
    for entry in old {
        while let Some((_, edit)) = edits.next_if(|(key, _)| **key < entry.key) {
            merged.extend(edit.applied(document, None));
        }
        match edits.next_if(|(key, _)| **key == entry.key) {
            Some((_, edit)) => merged.extend(edit.applied(document, Some(entry))),
            None => merged.push(entry),
        }
    }
    merged.extend(edits.filter_map(|(_, edit)| edit.applied(document, None)));
    merged
}
