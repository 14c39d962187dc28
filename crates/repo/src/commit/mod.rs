//! How a change becomes a revision: one committer, group commit, and replay.
//!
//! The committer is a thread with the only writing connection to the index. Everything happens inside one index
//! transaction, in this order (DESIGN.md, The commit protocol):
//!
//! 1. catch up: apply every log entry that the index has not seen, also another process's;
//! 2. judge each proposal against the index, and apply those that pass to the index, not yet visible to readers;
//! 3. advance and sign the trees that they touch;
//! 4. put the pack of small blobs;
//! 5. **put `log/N` if absent: this is the commit**;
//! 6. delete the blobs that it destroys or gives up, while no other commit can be made;
//! 7. commit the index transaction, and answer.
//!
//! A crash before 5 leaves unreferenced blobs and nothing else. A crash after 5 leaves an index that lacks N, which 1
//! brings at the next start. When another writer won N, the transaction is rolled back and everything begins anew.

mod committer;
mod draft;
mod judge;
mod rendered;
mod replay;
mod scope;
mod trees;

pub use committer::{Committer, CommitterHandle};
pub use judge::{judge, takes_files};
pub use rendered::{differences, rendered};
pub use replay::{catch_up, catch_up_to, parse_alone as read_entry, rebuild};
pub use trees::{Memory, PublicUrl};

use packyard_types::{Artifact, Change, ChangeId, Digest, Operation, Revision};
use std::collections::BTreeMap;

/// A change that somebody wants to see made, with the small blobs that it names.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What, by whom, why.
    pub change: Change,
    /// Facts and metadata, by digest.
    pub small: BTreeMap<Digest, Vec<u8>>,
    /// Only if the channel has not changed since.
    pub if_revision: Option<Revision>,
}

impl Proposal {
    /// A change that names no blobs.
    pub fn of(change: Change) -> Self {
        Self {
            change,
            small: BTreeMap::new(),
            if_revision: None,
        }
    }
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The revision in which its outcome holds.
    pub revision: Revision,
    /// The change that it became; none where everything was so already.
    pub change: Option<ChangeId>,
    /// What it became: the operation without what was so already.
    pub operation: Option<Operation>,
}

impl Committed {
    /// The artifacts that became visible with it.
    pub fn added(&self) -> Vec<&Artifact> {
        match &self.operation {
            Some(Operation::Publish { artifacts, .. }) => artifacts.iter().collect(),
            Some(Operation::Adopt { add, .. }) => add.iter().map(|a| &a.artifact).collect(),
            _ => Vec::new(),
        }
    }
}
