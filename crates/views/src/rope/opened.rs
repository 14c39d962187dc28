//! Texts of chunks that were inflated before.

use packyard_types::Digest;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many bytes of text are remembered at most: those of about 80,000 stanzas and their descriptions.
const LIMIT_BYTES: usize = 96 << 20;
/// A text that so many scans have passed over makes room: its chunk has been replaced, most likely.
const STALE_SCANS: u64 = 64;

/// Texts of chunks, so that what follows an edit is hashed again without being inflated again.
///
/// Every edit scans a rope from the edit to its end. What does not fit is not kept at all: to let the oldest go would
/// leave nothing that the next scan needs.
#[derive(Default)]
pub(super) struct Opened {
    texts: Mutex<Texts>,
}

#[derive(Default)]
struct Texts {
    scan: u64,
    /// When stale texts were last looked for.
    swept: u64,
    size_bytes: usize,
    /// With the last scan that has met it.
    by_chunk: BTreeMap<Digest, (Arc<Vec<u8>>, u64)>,
}

impl Opened {
    /// Another scan begins.
    pub(super) fn begin(&self) {
        self.with(|all| all.scan += 1);
    }

    /// The text of a chunk, by the digest of its deflated bytes.
    pub(super) fn get(&self, digest: &Digest) -> Option<Arc<Vec<u8>>> {
        self.with(|all| {
            let scan = all.scan;
            let (text, last) = all.by_chunk.get_mut(digest)?;
            *last = scan;
            Some(Arc::clone(text))
        })
    }

    /// Keeps the text of a chunk, where there is room.
    pub(super) fn keep(&self, digest: Digest, text: &Arc<Vec<u8>>) {
        self.with(|all| {
            if all.size_bytes + text.len() > LIMIT_BYTES && all.swept < all.scan {
                all.drop_stale();
            }
            if all.size_bytes + text.len() <= LIMIT_BYTES && !all.by_chunk.contains_key(&digest) {
                all.size_bytes += text.len();
                all.by_chunk.insert(digest, (Arc::clone(text), all.scan));
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Texts) -> T) -> T {
        work(&mut self.texts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Texts {
    fn drop_stale(&mut self) {
        let scan = self.scan;
        self.swept = scan;
        self.by_chunk.retain(|_, (_, last)| *last + STALE_SCANS >= scan);
        self.size_bytes = self.by_chunk.values().map(|(text, _)| text.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_scans_meet_stay_and_their_size_is_bounded() {
        let texts = Opened::default();
        let digest = |n: usize| Digest::of(&n.to_be_bytes());
        let text = Arc::new(vec![0; 4 << 20]);
        for n in 0..100 {
            texts.begin();
            assert!(n == 0 || texts.get(&digest(0)).is_some());
            texts.keep(digest(n), &text);
            assert!(texts.with(|all| all.size_bytes) <= LIMIT_BYTES);
        }
        let held = |n: usize| texts.with(|all| all.by_chunk.contains_key(&digest(n)));
        assert!(held(0) && held(70) && !held(1) && !held(50));
    }
}
