//! Blobs whose bytes were hashed before.

use packyard_types::{Blob, Digest};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// How many blobs are remembered; each takes about 50 bytes.
const LIMIT: usize = 16_384;

/// What the bytes of blobs have for a CRC-32, once their SHA-256 was found to be right. Hundreds of chunks are read at
/// every edit, and were read at the one before: that a disk has damaged one since then shows in the CRC-32, which takes a
/// tenth of the time.
#[derive(Default)]
pub(super) struct Checked {
    crcs: Mutex<BTreeMap<Digest, u32>>,
}

impl Checked {
    /// Whether these are the bytes of the blob.
    pub(super) fn are(&self, bytes: &[u8], blob: Blob) -> bool {
        let crc = crc32fast::hash(bytes);
        if bytes.len() as u64 != blob.size_bytes {
            return false;
        }
        if let Some(known) = self.crcs().get(&blob.digest) {
            return *known == crc;
        }
        if Digest::of(bytes) != blob.digest {
            return false;
        }
        let mut crcs = self.crcs();
        if crcs.len() == LIMIT {
            crcs.clear();
        }
        crcs.insert(blob.digest, crc);
        true
    }

    fn crcs(&self) -> std::sync::MutexGuard<'_, BTreeMap<Digest, u32>> {
        self.crcs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_shows_the_first_time_and_later() {
        let (checked, blob) = (Checked::default(), Blob::of(b"bytes"));
        assert!(!checked.are(b"bytez", blob));
        assert!(checked.are(b"bytes", blob));
        assert!(checked.are(b"bytes", blob));
        assert!(!checked.are(b"bytez", blob));
        assert!(!checked.are(b"byte", blob));
        let twin = Blob {
            size_bytes: 4,
            ..blob
        };
        assert!(!checked.are(b"bytes", twin));
    }
}
