//! The records of a draft, as they lie in the store.
//!
//! An addition is one line of JSON, and after it a pack with the artifact's facts and sidecars: what was read from the
//! package when it was added is not read again when the draft is committed.

use crate::{RepoError, intake::Ready, pack};
use bytes::Bytes;
use packyard_store::{DraftRecord, StagingKey};
use packyard_types::{Actor, Artifact, Blob, Digest, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A draft was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opened {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// When it ends, if nobody has committed it.
    pub expires: Timestamp,
}

/// Somebody is committing a draft, or has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Closed {
    /// Tells this attempt from every other one.
    pub attempt: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
}

/// An artifact of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The artifact; its bytes are in the store.
    pub artifact: Artifact,
    /// When it was added.
    pub at: Timestamp,
    /// Who added it.
    pub by: Actor,
    /// What the receipt tells of it once the draft is published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A record that holds JSON and nothing else.
pub fn json<T: Serialize>(record: &T) -> Bytes {
    serde_json::to_vec(record).expect("records are JSON").into()
}

/// Reads a record that holds JSON and nothing else.
pub fn parse<T: for<'de> Deserialize<'de>>(what: &impl ToString, bytes: &[u8]) -> Result<T, RepoError> {
    serde_json::from_slice(bytes).map_err(|e| damaged(what, e.to_string()))
}

/// The place of an artifact in a draft: the same file for two distributions is there twice.
pub fn place(artifact: &Artifact) -> Digest {
    let place = (&artifact.name, &artifact.distribution, &artifact.component);
    Digest::of(&json(&place))
}

/// An addition as it is stored.
pub fn write(added: &Added, small: &BTreeMap<Digest, Vec<u8>>) -> Bytes {
    let mut bytes = json(added).to_vec();
    bytes.push(b'\n');
    bytes.extend(pack::pack(small).bytes);
    bytes.into()
}

/// Who added what, without its facts.
pub fn read_head(what: &impl ToString, bytes: &[u8]) -> Result<Added, RepoError> {
    Ok(halves(what, bytes)?.0)
}

/// An addition, ready to be published.
pub fn read(what: &impl ToString, bytes: &[u8]) -> Result<Ready, RepoError> {
    let (added, packed) = halves(what, bytes)?;
    let members = pack::contents(Blob::of(packed), packed).map_err(|e| damaged(what, e))?;
    let mut small = BTreeMap::new();
    for (digest, at) in members {
        let range = usize::try_from(at.start).ok()..usize::try_from(at.start + at.size_bytes).ok();
        let (Some(start), Some(end)) = (range.start, range.end) else {
            return Err(damaged(what, "a member is larger than memory".to_owned()));
        };
        let member = packed[start..end].to_vec();
        if Digest::of(&member) != digest {
            return Err(damaged(what, format!("{digest} is not what it holds")));
        }
        small.insert(digest, member);
    }
    Ok(Ready {
        artifact: added.artifact,
        small,
        warnings: added.warnings,
    })
}

/// What a staged record names, each blob with what it is for; why the record cannot be read, where it cannot.
pub fn named_by(key: &StagingKey, bytes: &[u8]) -> Result<Vec<(Blob, String)>, String> {
    let unreadable = |e: serde_json::Error| format!("it cannot be read: {e}");
    let is = |read: Result<(), serde_json::Error>| read.map(|()| Vec::new()).map_err(unreadable);
    match key {
        StagingKey::Upload(..) => is(serde_json::from_slice::<serde_json::Value>(bytes).map(drop)),
        StagingKey::Incoming(channel, ..) => {
            let blob: Blob = serde_json::from_slice(bytes).map_err(unreadable)?;
            Ok(vec![(
                blob,
                format!("an upload to channel {channel} that waits for its .changes"),
            )])
        }
        StagingKey::Draft(channel, draft, record) => match record {
            DraftRecord::Opened => is(serde_json::from_slice::<Opened>(bytes).map(drop)),
            DraftRecord::Closed => is(serde_json::from_slice::<Closed>(bytes).map(drop)),
            DraftRecord::Receipt => is(serde_json::from_slice::<serde_json::Value>(bytes).map(drop)),
            DraftRecord::Added(_) => {
                let artifact = read(key, bytes).map_err(|e| e.to_string())?.artifact;
                let what = format!("{} in draft {draft} of channel {channel}", artifact.name);
                let parts = artifact.parts.iter().map(|part| part.blob);
                Ok(std::iter::once(artifact.served)
                    .chain(parts)
                    .map(|blob| (blob, what.clone()))
                    .collect())
            }
        },
    }
}

fn halves<'a>(what: &impl ToString, bytes: &'a [u8]) -> Result<(Added, &'a [u8]), RepoError> {
    let end = bytes.iter().position(|b| *b == b'\n');
    let end = end.ok_or_else(|| damaged(what, "its first line does not end".to_owned()))?;
    Ok((parse(what, &bytes[..end])?, &bytes[end + 1..]))
}

fn damaged(what: &impl ToString, reason: String) -> RepoError {
    RepoError::Damaged {
        what: format!("`{}`", what.to_string()),
        reason,
    }
}
