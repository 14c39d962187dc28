//! Commits: the numbered, immutable entries of the log.

use crate::{Blob, Change, Digest, Invalid, Revision, Timestamp, TreeKey, invalid::string_type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format that this version writes, `v` in an entry. A greater one is refused. 2: more operations, and changes that
/// lie in a pack. 3: what a channel says of a project, inherits and asks upstream. 4: files that belong to an artifact.
/// 5: documents of yum repositories. 6: trusted publishers, senders of changes.
pub const COMMIT_FORMAT: u32 = 6;

/// A random id that tells our own commit from another writer's when the answer to a put was lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TxnId(String);
string_type!(TxnId);

impl TxnId {
    /// From 128 random bits, written as a version 4 UUID.
    pub fn from_random(bits: u128) -> Self {
        let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let h = format!("{bits:032x}");
        Self(format!(
            "{}-{}-{}-{}-{}",
            &h[..8],
            &h[8..12],
            &h[12..16],
            &h[16..20],
            &h[20..]
        ))
    }

    /// Parses what another writer wrote.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let ok = s.len() == 36 && s.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        if ok {
            Ok(Self(s.to_owned()))
        } else {
            Err(Invalid::new("transaction id", s, "it must be a UUID"))
        }
    }
}

/// An entry of the log, `log/<20 digits>.json`. Never rewritten; at most 1 MiB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// [`COMMIT_FORMAT`].
    pub v: u32,
    /// Its number; the revision that it makes.
    pub n: Revision,
    /// Whose commit it is.
    pub txn: TxnId,
    /// SHA-256 of the bytes of entry N-1; none for the first.
    pub prev: Option<Digest>,
    /// When; never before the entry before it.
    pub at: Timestamp,
    /// The node that wrote it.
    pub node: String,
    /// Version of packyard that wrote it.
    pub writer: String,
    /// What happened. Empty only where `changes_blob` says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The changes as a JSON array, a member of the pack, where they are too large for an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_blob: Option<Digest>,
    /// The trees that it replaces: where, and the digest of the [`crate::Tree`] as JSON.
    pub trees: BTreeMap<TreeKey, Digest>,
    /// Packs of small blobs that it brings: facts, metadata, chunks, trees.
    pub packs: Vec<Blob>,
}
