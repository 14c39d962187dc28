//! Chunks of index files that were made or read lately.

use bytes::Bytes;
use packyard_types::{Blob, Digest};
use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    sync::{Mutex, PoisonError},
};

/// How many bytes are kept at most: two encodings of the index of 60,000 packages, and some more.
const LIMIT_BYTES: usize = 48 << 20;

/// Chunks by digest. A commit reads hundreds of them, whoever updates after it reads them again, and so does the next
/// commit: from here that takes neither a query nor a trip to the disk.
///
/// What is kept was found to have its digest. Forgetting costs time and nothing else.
#[derive(Debug, Default)]
pub struct ChunkCache {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    size_bytes: usize,
    by_digest: BTreeMap<Digest, Bytes>,
}

impl ChunkCache {
    /// The bytes of a chunk.
    pub fn get(&self, digest: &Digest) -> Option<Bytes> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.by_digest.get(digest).cloned()
    }

    /// Keeps the bytes of a chunk, if they are its bytes.
    pub fn keep(&self, digest: Digest, bytes: &[u8]) {
        if bytes.len() > LIMIT_BYTES / 4 || Blob::of(bytes).digest != digest {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.keep(digest, Bytes::copy_from_slice(bytes));
    }
}

impl Held {
    /// Where there is no room, those that follow in the order of digests leave, which is as good as by lot. All chunks of
    /// an index are read in turn: to let the oldest go would leave nothing that the next reader needs.
    fn keep(&mut self, digest: Digest, bytes: Bytes) {
        if self.by_digest.contains_key(&digest) {
            return;
        }
        self.size_bytes += bytes.len();
        while self.size_bytes > LIMIT_BYTES {
            let after = (Excluded(digest), Unbounded);
            let next = self.by_digest.range(after).next().map(|(d, _)| *d);
            let Some(left) = next.or_else(|| self.by_digest.keys().next().copied()) else {
                break;
            };
            let left = self.by_digest.remove(&left);
            self.size_bytes -= left.map_or(0, |bytes| bytes.len());
        }
        self.by_digest.insert(digest, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_last_is_there_and_the_size_is_bounded() {
        let cache = ChunkCache::default();
        for n in 0..200_u8 {
            let bytes = vec![n; 1 << 20];
            let digest = Digest::of(&bytes);
            cache.keep(digest, &bytes);
            assert_eq!(cache.get(&digest).unwrap(), bytes);
            let held = cache.held.lock().unwrap();
            let sum: usize = held.by_digest.values().map(Bytes::len).sum();
            assert_eq!(held.size_bytes, sum);
            assert!(sum <= LIMIT_BYTES);
        }
    }

    #[test]
    fn bytes_that_have_another_digest_are_not_kept() {
        let cache = ChunkCache::default();
        let digest = Digest::of(b"right");
        cache.keep(digest, b"wrong");
        assert!(cache.get(&digest).is_none());
    }
}
