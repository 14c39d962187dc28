//! Packs: the small blobs of a commit (facts, metadata, chunks, trees) in one blob, so that they cost one fsync.
//!
//! ```text
//! packyard-pack 1\n
//! [{"sha256":…,"size":…},…]\n      the table of contents, one line of JSON
//! bytes of the first, bytes of the second, …
//! ```

use packyard_index::Packed;
use packyard_types::{Blob, Digest};
use std::collections::BTreeMap;

const MAGIC: &str = "packyard-pack 1\n";

/// A pack, ready to be put: its blob, its bytes, and where its members lie.
pub struct Pack {
    /// Digest and size.
    pub blob: Blob,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Its table of contents.
    pub members: Vec<(Digest, Packed)>,
}

/// Packs blobs, in the order of their digests.
pub fn pack(blobs: &BTreeMap<Digest, Vec<u8>>) -> Pack {
    let table: Vec<Blob> = blobs
        .iter()
        .map(|(digest, b)| Blob {
            digest: *digest,
            size_bytes: b.len() as u64,
        })
        .collect();
    let mut bytes = MAGIC.as_bytes().to_vec();
    bytes.extend(serde_json::to_vec(&table).expect("digests and sizes are JSON"));
    bytes.push(b'\n');
    let first = bytes.len() as u64;
    blobs.values().for_each(|b| bytes.extend(b));
    let blob = Blob::of(&bytes);
    Pack {
        blob,
        bytes,
        members: members(blob.digest, first, &table),
    }
}

/// Reads a pack's table of contents, checking that the sizes add up.
pub fn contents(pack: Blob, bytes: &[u8]) -> Result<Vec<(Digest, Packed)>, String> {
    let rest = bytes
        .strip_prefix(MAGIC.as_bytes())
        .ok_or("it does not begin as a pack does")?;
    let end = rest
        .iter()
        .position(|b| *b == b'\n')
        .ok_or("its table of contents does not end")?;
    let table: Vec<Blob> = serde_json::from_slice(&rest[..end]).map_err(|e| e.to_string())?;
    let first = (MAGIC.len() + end + 1) as u64;
    let total = table
        .iter()
        .try_fold(first, |sum, b| sum.checked_add(b.size_bytes));
    if total != Some(bytes.len() as u64) {
        return Err("its table of contents does not match its length".to_owned());
    }
    Ok(members(pack.digest, first, &table))
}

fn members(pack: Digest, first: u64, table: &[Blob]) -> Vec<(Digest, Packed)> {
    let mut start = first;
    let mut out = Vec::with_capacity(table.len());
    for blob in table {
        out.push((
            blob.digest,
            Packed {
                pack,
                start,
                size_bytes: blob.size_bytes,
            },
        ));
        start += blob.size_bytes;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_reads_back_as_it_was_made() {
        let blobs = BTreeMap::from([b"one".to_vec(), b"two two".to_vec()].map(|b| (Digest::of(&b), b)));
        let made = pack(&blobs);
        let read = contents(made.blob, &made.bytes).unwrap();
        assert_eq!(read, made.members);
        for (digest, at) in read {
            let range =
                usize::try_from(at.start).unwrap()..usize::try_from(at.start + at.size_bytes).unwrap();
            assert_eq!(Digest::of(&made.bytes[range]), digest);
        }
    }

    #[test]
    fn a_truncated_pack_is_refused() {
        let blobs = BTreeMap::from([(Digest::of(b"x"), b"x".to_vec())]);
        let made = pack(&blobs);
        for end in 0..made.bytes.len() {
            assert!(contents(made.blob, &made.bytes[..end]).is_err());
        }
    }
}
