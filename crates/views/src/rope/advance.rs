//! From the chunks before an edit to the chunks after it.

use super::{Document, Edits, Entry, Press, cut::Cutter};
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

/// Applies edits to the chunks of a rope.
pub(crate) fn splice(
    document: &'static dyn Document,
    old: &[Chunk],
    edits: &Edits,
    press: &mut Press<'_>,
) -> Result<Spliced, ViewError> {
    Ok(Spliced::New(document, edited(document, old, edits, press)?))
}

/// The chunks after the edits. Between two edits, old chunks are kept from the first common boundary on.
fn edited(
    document: &dyn Document,
    old: &[Chunk],
    edits: &Edits,
    press: &mut Press<'_>,
) -> Result<Vec<Chunk>, ViewError> {
    let mut new = Vec::with_capacity(old.len() + 1);
    let mut cutter = Cutter::new(press.limits);
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
        for entry in merge(press.entries(document, chunk)?, here) {
            new.extend(cutter.push(entry).iter().map(|done| press.pack(done)));
        }
    }
    if old.is_empty() {
        for entry in edits.values().flatten() {
            new.extend(cutter.push(entry.clone()).iter().map(|done| press.pack(done)));
        }
    }
    new.extend(cutter.finish().map(|done| press.pack(&done)));
    Ok(new)
}

/// The edits that fall into chunk `i`: from its first key, or from the beginning, up to the next chunk's first key.
fn edits_of_chunk<'a>(edits: &'a Edits, old: &[Chunk], i: usize) -> Vec<(&'a String, &'a Option<Entry>)> {
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
fn merge(old: Vec<Entry>, edits: Vec<(&String, &Option<Entry>)>) -> Vec<Entry> {
    let mut merged = Vec::with_capacity(old.len() + edits.len());
    let mut edits = edits.into_iter().peekable();
    for entry in old {
        while let Some((_, put)) = edits.next_if(|(key, _)| **key < entry.key) {
            merged.extend(put.clone());
        }
        match edits.next_if(|(key, _)| **key == entry.key) {
            Some((_, put)) => merged.extend(put.clone()),
            None => merged.push(entry),
        }
    }
    merged.extend(edits.filter_map(|(_, put)| put.clone()));
    merged
}
