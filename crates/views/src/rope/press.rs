//! Reading and making chunks.

use super::{
    Document, HashStates, Limits,
    coat::{Coats, Packed},
    deflate::{deflate, inflate},
    entry::{Entry, Group},
};
use crate::{Chunks, ViewError};
use packyard_types::{Blob, Chunk, Digest, Tree, XzBlock};
use std::collections::{BTreeMap, BTreeSet};

/// Reads stored chunks, makes new ones, and knows which are new.
pub(crate) struct Press<'a> {
    /// Where chunks end.
    pub(crate) limits: Limits,
    /// Whether zstd is asked for.
    pub(crate) zstd: bool,
    chunks: &'a dyn Chunks,
    known: BTreeSet<Digest>,
    made: BTreeMap<Digest, Vec<u8>>,
    /// Chunks by the digest of their open bytes: ropes of several architectures make the same ones.
    by_open: BTreeMap<Digest, Chunk>,
    /// Other packings of chunks, by the digest of their deflated bytes, for the same reason.
    coats: BTreeMap<Digest, Coat>,
}

/// Other packings of a chunk.
#[derive(Debug, Clone, Copy, Default)]
struct Coat {
    xz: Option<XzBlock>,
    zstd: Option<Blob>,
}

impl Coat {
    fn has(&self, asked: Coats) -> bool {
        (self.xz.is_some() || !asked.xz) && (self.zstd.is_some() || !asked.zstd)
    }
}

impl<'a> Press<'a> {
    /// A press that counts the chunks of `previous` as there already.
    pub(crate) fn new(limits: Limits, chunks: &'a dyn Chunks, previous: Option<&Tree>) -> Self {
        let ropes = previous.into_iter().flat_map(|tree| tree.ropes.values());
        let known = ropes.flat_map(|rope| &rope.chunks).flat_map(Chunk::blobs);
        let known = known.map(|blob| blob.digest);
        Self {
            limits,
            zstd: false,
            chunks,
            known: known.collect(),
            made: BTreeMap::new(),
            by_open: BTreeMap::new(),
            coats: BTreeMap::new(),
        }
    }

    /// The same, with zstd where that is asked for.
    pub(crate) fn with_zstd(self, zstd: bool) -> Self {
        Self { zstd, ..self }
    }

    /// What was made and is new.
    pub(crate) fn into_new_chunks(self) -> BTreeMap<Digest, Vec<u8>> {
        self.made
    }

    /// The states of hashing that are known from before.
    pub(crate) fn states(&self) -> Option<&'a HashStates> {
        self.chunks.states()
    }

    /// A blob of a chunk as it is stored; whoever uses it checks it.
    pub(crate) fn stored(&self, digest: &Digest) -> Result<Vec<u8>, ViewError> {
        match self.made.get(digest) {
            Some(bytes) => Ok(bytes.clone()),
            None => Ok(self.chunks.chunk(digest)?),
        }
    }

    /// Takes bytes that a tree is going to name.
    pub(crate) fn keep(&mut self, bytes: Vec<u8>) {
        let digest = Digest::of(&bytes);
        if !self.known.contains(&digest) {
            self.made.insert(digest, bytes);
        }
    }

    /// The text of a chunk.
    fn open(&self, chunk: &Chunk) -> Result<String, ViewError> {
        let stored = self.stored(&chunk.deflated.digest)?;
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
            xz: None,
            zstd: None,
        };
        self.keep(deflated);
        self.by_open.insert(open_digest, chunk.clone());
        chunk
    }

    /// The chunks of ropes that lack a coat which a rope is offered in, once each, with all that they lack.
    pub(crate) fn bare<'r>(
        &mut self,
        ropes: impl Iterator<Item = (&'r [Chunk], Coats)>,
    ) -> Vec<(Chunk, Coats)> {
        let mut bare: BTreeMap<Digest, (Chunk, Coats)> = BTreeMap::new();
        for (chunk, asked) in ropes.flat_map(|(chunks, asked)| chunks.iter().map(move |c| (c, asked))) {
            let (digest, own) = (chunk.deflated.digest, coat_of(chunk));
            let known = self.coats.entry(digest).or_default();
            *known = Coat {
                xz: known.xz.or(own.xz),
                zstd: known.zstd.or(own.zstd),
            };
            if !known.has(asked) {
                let (_, all) = bare.entry(digest).or_insert_with(|| (chunk.clone(), asked));
                all.xz |= asked.xz;
                all.zstd |= asked.zstd;
            }
        }
        bare.into_values().collect()
    }

    /// What is to be packed of bare chunks.
    pub(crate) fn texts(&self, bare: &[(Chunk, Coats)]) -> Result<Vec<(String, Coats)>, ViewError> {
        bare.iter()
            .map(|(chunk, asked)| Ok((self.open(chunk)?, *asked)))
            .collect()
    }

    /// Keeps what their texts were packed into.
    pub(crate) fn dress(&mut self, bare: &[(Chunk, Coats)], packed: Vec<Packed>) {
        for ((chunk, _), coat) in bare.iter().zip(packed) {
            let digest = chunk.deflated.digest;
            let mut known = self.coats.get(&digest).copied().unwrap_or_default();
            if let Some((block, bytes)) = coat.xz.filter(|_| known.xz.is_none()) {
                known.xz = Some(block);
                self.fresh(block.blob, bytes);
            }
            if let Some(bytes) = coat.zstd.filter(|_| known.zstd.is_none()) {
                let blob = Blob::of(&bytes);
                known.zstd = Some(blob);
                self.fresh(blob, bytes);
            }
            self.coats.insert(digest, known);
        }
    }

    /// Gives chunks, none of which is bare any more, the coats that their rope is offered in, and takes away others.
    pub(crate) fn coat(&self, chunks: &mut [Chunk], asked: Coats) {
        for chunk in chunks {
            let coat = self.coats[&chunk.deflated.digest];
            chunk.xz = coat.xz.filter(|_| asked.xz);
            chunk.zstd = coat.zstd.filter(|_| asked.zstd);
        }
    }

    fn fresh(&mut self, blob: Blob, bytes: Vec<u8>) {
        if !self.known.contains(&blob.digest) {
            self.made.insert(blob.digest, bytes);
        }
    }
}

fn coat_of(chunk: &Chunk) -> Coat {
    Coat {
        xz: chunk.xz,
        zstd: chunk.zstd,
    }
}

pub(super) fn damaged(chunk: &Chunk, reason: &str) -> ViewError {
    ViewError::Damaged {
        digest: chunk.deflated.digest,
        reason: reason.to_owned(),
    }
}
