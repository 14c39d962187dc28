//! Where things lie in the store. No path of the store is formatted anywhere else.
//!
//! ```text
//! meta.json                       format version, yard id
//! blobs/sha256/ab/cd/<hex>        artifacts, facts, chunks, trees
//! log/<20 digits>.json            the commits
//! staging/…                       records outside the history; [`StagingKey`]
//! once/…                          what happens once; [`crate::OnceKey`]
//! upstream/…                      what came from other indexes; [`crate::UpstreamKey`]
//! probe/<hex>                     left by a racing probe that was interrupted; means nothing
//! ```

use object_store::path::Path;
use packyard_types::{ChannelName, Digest, DraftId, Revision};
use std::fmt;

/// The name of an object in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `meta.json`
    Meta,
    /// `blobs/sha256/ab/cd/<hex>`
    Blob(Digest),
    /// `log/<20 digits>.json`
    Log(Revision),
    /// `probe/<hex>`: a name that is written once, to see what the store does
    Probe(u64),
}

impl Key {
    /// The directory of all blobs.
    pub(crate) const BLOBS: &'static str = "blobs/sha256";
    /// The directory of the log.
    pub(crate) const LOG: &'static str = "log";

    /// The key that has this path; none for a path that is not packyard's.
    pub fn parse(path: &str) -> Option<Self> {
        let key = match path.split_once('/') {
            None => Self::Meta,
            Some(("blobs", rest)) => Self::Blob(rest.rsplit('/').next()?.parse().ok()?),
            Some(("log", file)) => Self::Log(Revision(file.strip_suffix(".json")?.parse().ok()?)),
            Some(("probe", hex)) => Self::Probe(u64::from_str_radix(hex, 16).ok()?),
            Some(_) => return None,
        };
        (key.to_string() == path).then_some(key)
    }

    /// As `object_store` wants it.
    pub(crate) fn path(&self) -> Path {
        Path::from(self.to_string())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meta => f.write_str("meta.json"),
            Self::Blob(digest) => {
                let hex = digest.to_string();
                write!(f, "{}/{}/{}/{hex}", Self::BLOBS, &hex[..2], &hex[2..4])
            }
            Self::Log(revision) => write!(f, "{}/{:020}.json", Self::LOG, revision.0),
            Self::Probe(id) => write!(f, "probe/{id:016x}"),
        }
    }
}

/// The name of a record outside the history. The log knows nothing of it: what is in it has not happened yet.
///
/// ```text
/// staging/uploads/<channel>/<hex>.json              these bytes were uploaded to this channel
/// staging/incoming/<channel>/<hex>/<hex>.json       a file of an upload that waits for its .changes; the digests are
///                                                   those of whose it is and where it goes, and of its name
/// staging/drafts/<channel>/<draft>/opened.json      who opened the draft, and when it expires
/// staging/drafts/<channel>/<draft>/closed.json      somebody is committing it, or has
/// staging/drafts/<channel>/<draft>/receipt.json     what became of it
/// staging/drafts/<channel>/<draft>/added/<hex>      an artifact, with its facts; the digest is that of its place
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StagingKey {
    /// `staging/uploads/<channel>/<hex>.json`
    Upload(ChannelName, Digest),
    /// `staging/incoming/<channel>/<hex>/<hex>.json`
    Incoming(ChannelName, Digest, Digest),
    /// `staging/drafts/<channel>/<draft>/…`
    Draft(ChannelName, DraftId, DraftRecord),
}

/// A record of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DraftRecord {
    /// `opened.json`
    Opened,
    /// `closed.json`
    Closed,
    /// `receipt.json`
    Receipt,
    /// `added/<hex>`
    Added(Digest),
}

/// Some of the records in `staging/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staging<'a> {
    /// All uploads.
    Uploads,
    /// The uploads to a channel.
    UploadsTo(&'a ChannelName),
    /// All files that wait for their .changes.
    Incoming,
    /// All drafts.
    Drafts,
    /// The drafts of a channel.
    DraftsOf(&'a ChannelName),
    /// One draft.
    Draft(&'a ChannelName, &'a DraftId),
}

impl StagingKey {
    /// The key that has this path; none for a path that is not packyard's.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let key = match parts[..] {
            ["staging", "uploads", channel, file] => {
                let digest = file.strip_suffix(".json")?.parse().ok()?;
                Self::Upload(channel.parse().ok()?, digest)
            }
            ["staging", "incoming", channel, place, file] => {
                let file = file.strip_suffix(".json")?.parse().ok()?;
                Self::Incoming(channel.parse().ok()?, place.parse().ok()?, file)
            }
            ["staging", "drafts", channel, draft, ref record @ ..] => {
                let record = match record {
                    ["opened.json"] => DraftRecord::Opened,
                    ["closed.json"] => DraftRecord::Closed,
                    ["receipt.json"] => DraftRecord::Receipt,
                    ["added", hex] => DraftRecord::Added(hex.parse().ok()?),
                    _ => return None,
                };
                Self::Draft(channel.parse().ok()?, draft.parse().ok()?, record)
            }
            _ => return None,
        };
        (key.to_string() == path).then_some(key)
    }

    /// As `object_store` wants it.
    pub(crate) fn path(&self) -> Path {
        Path::from(self.to_string())
    }
}

impl fmt::Display for StagingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upload(channel, blob) => write!(f, "{}/{channel}/{blob}.json", Staging::Uploads),
            Self::Incoming(channel, place, file) => {
                write!(f, "{}/{channel}/{place}/{file}.json", Staging::Incoming)
            }
            Self::Draft(channel, draft, record) => {
                let draft = Staging::Draft(channel, draft);
                match record {
                    DraftRecord::Opened => write!(f, "{draft}/opened.json"),
                    DraftRecord::Closed => write!(f, "{draft}/closed.json"),
                    DraftRecord::Receipt => write!(f, "{draft}/receipt.json"),
                    DraftRecord::Added(place) => write!(f, "{draft}/added/{place}"),
                }
            }
        }
    }
}

impl fmt::Display for Staging<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uploads => f.write_str("staging/uploads"),
            Self::UploadsTo(channel) => write!(f, "{}/{channel}", Self::Uploads),
            Self::Incoming => f.write_str("staging/incoming"),
            Self::Drafts => f.write_str("staging/drafts"),
            Self::DraftsOf(channel) => write!(f, "{}/{channel}", Self::Drafts),
            Self::Draft(channel, draft) => write!(f, "{}/{draft}", Self::DraftsOf(channel)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staging_keys_are_written_as_drawn_and_read_back() {
        let (main, id) = (ChannelName::main(), DraftId::parse("v1.2+run.7").unwrap());
        let hello = Digest::of(b"hello");
        let draft = |record| StagingKey::Draft(main.clone(), id.clone(), record);
        let table = [
            (
                StagingKey::Upload(main.clone(), hello),
                format!("staging/uploads/main/{hello}.json"),
            ),
            (
                StagingKey::Incoming(main.clone(), hello, hello),
                format!("staging/incoming/main/{hello}/{hello}.json"),
            ),
            (
                draft(DraftRecord::Opened),
                "staging/drafts/main/v1.2+run.7/opened.json".to_owned(),
            ),
            (
                draft(DraftRecord::Closed),
                "staging/drafts/main/v1.2+run.7/closed.json".to_owned(),
            ),
            (
                draft(DraftRecord::Receipt),
                "staging/drafts/main/v1.2+run.7/receipt.json".to_owned(),
            ),
            (
                draft(DraftRecord::Added(hello)),
                format!("staging/drafts/main/v1.2+run.7/added/{hello}"),
            ),
        ];
        for (key, path) in table {
            assert_eq!(key.to_string(), path);
            assert_eq!(key.path().as_ref(), path);
            assert_eq!(StagingKey::parse(&path), Some(key));
        }
        for path in [
            "staging/drafts/main/..",
            "staging/drafts/main/x/opened.json#1",
            "staging/uploads/main/x.json",
        ] {
            assert_eq!(StagingKey::parse(path), None, "{path}");
        }
    }

    #[test]
    fn keys_are_written_as_designed_and_read_back() {
        let hello = Digest::of(b"hello");
        let table = [
            (Key::Meta, "meta.json"),
            (
                Key::Blob(hello),
                "blobs/sha256/2c/f2/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            ),
            (Key::Log(Revision(42)), "log/00000000000000000042.json"),
            (Key::Probe(255), "probe/00000000000000ff"),
        ];
        for (key, path) in table {
            assert_eq!(key.to_string(), path);
            assert_eq!(key.path().as_ref(), path);
            assert_eq!(Key::parse(path), Some(key));
        }
    }

    #[test]
    fn other_spellings_are_not_keys() {
        let hex = Digest::of(b"hello").to_string();
        for path in [
            "log/42.json".to_owned(),
            "log/00000000000000000042.json#1".to_owned(),
            "log/+0000000000000000042.json".to_owned(),
            "meta.json#1".to_owned(),
            "checkpoints/1".to_owned(),
            format!("blobs/sha256/00/00/{hex}"),
            format!("blobs/{hex}"),
            String::new(),
        ] {
            assert_eq!(Key::parse(&path), None, "{path}");
        }
    }
}
