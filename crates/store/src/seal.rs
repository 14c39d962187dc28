//! The seal of a record outside the history: behind its bytes a line with their SHA-256.
//!
//! Blobs have their digest for a name and entries are chained, so that damage shows. A record has neither: without a seal a
//! bit that flips in a time or a size would be believed.

use bytes::Bytes;
use packyard_types::Digest;

const HEX: usize = 64;

/// What a stored record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealed {
    /// Its bytes are those that were put.
    Whole(Bytes),
    /// It has no seal: older versions wrote none.
    Without(Bytes),
    /// Its bytes are not those that were put.
    Broken,
}

/// A record as it is stored.
pub(crate) fn seal(record: &Bytes) -> Bytes {
    let mut stored = Vec::with_capacity(record.len() + HEX + 2);
    stored.extend_from_slice(record);
    stored.extend_from_slice(format!("\n{}\n", Digest::of(record)).as_bytes());
    stored.into()
}

impl Sealed {
    /// What these stored bytes are.
    pub fn of(stored: &Bytes) -> Self {
        let Some((record, digest)) = parts(stored) else {
            return Self::Without(stored.clone());
        };
        if Digest::of(&record) == digest {
            Self::Whole(record)
        } else {
            Self::Broken
        }
    }

    /// The record, for who reads it. One whose seal is broken is read as it lies there, which nobody can parse: it is as
    /// good as one that is torn.
    pub(crate) fn record(stored: Bytes) -> Bytes {
        match Self::of(&stored) {
            Self::Whole(record) | Self::Without(record) => record,
            Self::Broken => stored,
        }
    }
}

fn parts(stored: &Bytes) -> Option<(Bytes, Digest)> {
    let end = stored.len().checked_sub(HEX + 2)?;
    let line = stored[end..].strip_prefix(b"\n")?.strip_suffix(b"\n")?;
    let digest = std::str::from_utf8(line).ok()?.parse().ok()?;
    Some((stored.slice(..end), digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_whose_bytes_change_is_not_believed() {
        let record = Bytes::from_static(b"{\"at\":1}");
        let stored = seal(&record);
        assert_eq!(Sealed::of(&stored), Sealed::Whole(record.clone()));
        assert_eq!(Sealed::record(stored.clone()), record);
        for at in 0..stored.len() {
            let mut flipped = stored.to_vec();
            flipped[at] ^= 1;
            let flipped = Bytes::from(flipped);
            assert!(!matches!(Sealed::of(&flipped), Sealed::Whole(_)), "byte {at}");
            assert_ne!(Sealed::record(flipped), record, "byte {at}");
        }
    }

    #[test]
    fn a_record_of_an_older_version_is_read_as_it_is() {
        let record = Bytes::from_static(
            b"{\"at\":\"2026-01-01T00:00:00Z\",\"note\":\"a note that is longer than a seal would be\"}",
        );
        assert_eq!(Sealed::of(&record), Sealed::Without(record.clone()));
        assert_eq!(Sealed::record(record.clone()), record);
    }
}
