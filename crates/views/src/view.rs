//! What every view is made from and makes.

use crate::rope::HashStates;
use packyard_types::{Artifact, Digest, Facts, Revision, Tree};
use std::collections::BTreeMap;

/// An artifact with its facts: what a view lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The artifact.
    pub artifact: Artifact,
    /// What its bytes say.
    pub facts: Facts,
}

/// What changed in a distribution since the previous tree.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    /// Now listed, and not before.
    pub added: Vec<Item>,
    /// No longer listed, and before.
    pub removed: Vec<Item>,
    /// What becomes of apt's Contents files, which may lag behind.
    pub contents: ContentsDelta,
}

/// What becomes of apt's Contents files with a delta.
#[derive(Debug, Clone, Default)]
pub enum ContentsDelta {
    /// They change with the rest.
    #[default]
    Same,
    /// They stay as they are, and list what was there as of this revision.
    Later(Revision),
    /// They lagged behind, and now list what the rest lists.
    CatchUp {
        /// Listed now, and not in them.
        added: Vec<Item>,
        /// In them, and no longer listed.
        removed: Vec<Item>,
    },
}

/// A tree and the chunks that it names and the previous tree did not.
#[derive(Debug, Clone, Default)]
pub struct Advanced {
    /// Complete for its revision.
    pub tree: Tree,
    /// By the digest of their deflated bytes.
    pub chunks: BTreeMap<Digest, Vec<u8>>,
}

/// Stored chunks by digest. Content-addressed, so that looking one up is as pure as holding it.
pub trait Chunks {
    /// The deflated bytes. They are checked by who asks.
    fn chunk(&self, digest: &Digest) -> Result<Vec<u8>, MissingChunk>;

    /// States that hashing has reached before. Without them every rope that an edit touches is hashed from its beginning.
    fn states(&self) -> Option<&HashStates> {
        None
    }
}

/// A chunk that a tree names could not be had.
#[derive(Debug, Clone, thiserror::Error)]
#[error("chunk {digest} could not be read: {reason}")]
pub struct MissingChunk {
    /// Which.
    pub digest: Digest,
    /// Why.
    pub reason: String,
}

/// The yard's keys, as views need them.
pub trait Sign {
    /// An inline-signed message (RFC 9580 cleartext signature framework) by the apt key: `InRelease`.
    fn clearsign_apt(&self, text: &str) -> Result<String, SignError>;
    /// An armoured detached signature by the apt key: `Release.gpg`.
    fn detached_apt(&self, bytes: &[u8]) -> Result<String, SignError>;
    /// The fingerprints of the apt keys that clients may expect a signature of, in capital hexadecimal digits.
    fn fingerprints_apt(&self) -> Vec<String>;
    /// An armoured detached signature by the RPM key: `repomd.xml.asc`.
    fn detached_rpm(&self, bytes: &[u8]) -> Result<String, SignError>;
    /// The armoured public key that repomd.xml is signed with: `repomd.xml.key`.
    fn public_rpm(&self) -> String;
}

/// A key could not sign.
#[derive(Debug, Clone, thiserror::Error)]
#[error("signing failed: {0}")]
pub struct SignError(pub String);

/// Why a tree could not be made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ViewError {
    /// A stored chunk is missing.
    #[error(transparent)]
    Chunk(#[from] MissingChunk),
    /// A stored chunk is not what the tree says.
    #[error("chunk {digest} is damaged: {reason}")]
    Damaged {
        /// Which.
        digest: Digest,
        /// What is wrong.
        reason: String,
    },
    /// A key failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// An item of another ecosystem was handed in.
    #[error("`{0}` does not belong in this view")]
    Foreign(String),
}

/// A store of no chunks: for making a tree from nothing.
pub(crate) struct NoChunks;

impl Chunks for NoChunks {
    fn chunk(&self, digest: &Digest) -> Result<Vec<u8>, MissingChunk> {
        Err(MissingChunk {
            digest: *digest,
            reason: "nothing is stored".to_owned(),
        })
    }
}
