//! Reading and making chunks.

use super::{
    Document, HashStates, Limits,
    deflate::{deflate, inflate},
    entry::{Entry, Group},
};
use crate::{Chunks, ViewError};
use packyard_types::{Blob, Chunk, Digest, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Reads stored chunks, makes new ones, and knows which are new.
pub(crate) struct Press<'a> {
    /// Where chunks end.
    pub(crate) limits: Limits,
    chunks: &'a dyn Chunks,
    known: BTreeSet<Digest>,
    made: BTreeMap<Digest, Vec<u8>>,
    /// Chunks by the digest of their open bytes: ropes of several architectures make the same ones.
    by_open: BTreeMap<Digest, Chunk>,
}

impl<'a> Press<'a> {
    /// A press that counts the chunks of `previous` as there already.
    pub(crate) fn new(limits: Limits, chunks: &'a dyn Chunks, previous: Option<&Tree>) -> Self {
        let ropes = previous.into_iter().flat_map(|tree| tree.ropes.values());
        let known = ropes.flat_map(|rope| &rope.chunks).map(|c| c.deflated.digest);
        Self {
            limits,
            chunks,
            known: known.collect(),
            made: BTreeMap::new(),
            by_open: BTreeMap::new(),
        }
    }

    /// What was made and is new.
    pub(crate) fn into_new_chunks(self) -> BTreeMap<Digest, Vec<u8>> {
        self.made
    }

    /// The states of hashing that are known from before.
    pub(crate) fn states(&self) -> Option<&'a HashStates> {
        self.chunks.states()
    }

    /// A chunk's bytes as they are stored; whoever uses them checks them.
    pub(crate) fn stored(&self, chunk: &Chunk) -> Result<Vec<u8>, ViewError> {
        let digest = chunk.deflated.digest;
        match self.made.get(&digest) {
            Some(bytes) => Ok(bytes.clone()),
            None => Ok(self.chunks.chunk(&digest)?),
        }
    }

    /// The text of a chunk.
    fn open(&self, chunk: &Chunk) -> Result<String, ViewError> {
        let stored = self.stored(chunk)?;
        if Blob::of(&stored) != chunk.deflated {
            return Err(damaged(chunk, "it has another digest"));
        }
        let open = inflate(&stored, chunk.open_bytes).map_err(|e| damaged(chunk, &e.to_string()))?;
        String::from_utf8(open).map_err(|_| damaged(chunk, "it is not UTF-8"))
    }

    /// The entries of a chunk.
    pub(crate) fn entries(&self, document: &dyn Document, chunk: &Chunk) -> Result<Vec<Entry>, ViewError> {
        let text = self.open(chunk)?;
        let entries: Option<Vec<Entry>> = Group::of_key(&chunk.first).and_then(|group| {
            let parts = text.split_inclusive(document.entry_end());
            parts
                .map(|part| Entry::new(document, group, part.to_owned()))
                .collect()
        });
        let entries = entries.ok_or_else(|| damaged(chunk, "it is not made of entries"))?;
        if entries.len() == chunk.entries as usize && entries.first().map(|e| &e.key) == Some(&chunk.first) {
            Ok(entries)
        } else {
            Err(damaged(chunk, "it holds other entries than the tree says"))
        }
    }

    /// Makes the chunk of a non-empty run of entries.
    pub(crate) fn pack(&mut self, entries: &[Entry]) -> Chunk {
        let open: String = entries.iter().map(|e| e.text.as_str()).collect();
        let open_digest = Digest::of(open.as_bytes());
        // The key begins with the group, which the text does not say: the same text may be in two groups.
        let first = entries.first().map(|e| e.key.clone()).unwrap_or_default();
        if let Some(chunk) = self.by_open.get(&open_digest) {
            return Chunk {
                first,
                ..chunk.clone()
            };
        }
        let deflated = deflate(open.as_bytes());
        let chunk = Chunk {
            first,
            entries: u32::try_from(entries.len()).expect("a chunk of 256 KiB has fewer than 2^32 entries"),
            open_bytes: open.len() as u64,
            crc32: crc32fast::hash(open.as_bytes()),
            deflated: Blob::of(&deflated),
        };
        if !self.known.contains(&chunk.deflated.digest) {
            self.made.insert(chunk.deflated.digest, deflated);
        }
        self.by_open.insert(open_digest, chunk.clone());
        chunk
    }
}

pub(super) fn damaged(chunk: &Chunk, reason: &str) -> ViewError {
    ViewError::Damaged {
        digest: chunk.deflated.digest,
        reason: reason.to_owned(),
    }
}
