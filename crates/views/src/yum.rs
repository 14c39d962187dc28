//! The yum view: `{distribution}/{basearch}/repodata/…`.

use crate::{Advanced, Chunks, Delta, Sign, ViewError};
use packyard_types::{BaseArch, DistributionName, Revision, Timestamp, Tree};
use std::collections::BTreeSet;

/// Which tree is made.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The distribution, first part of every path.
    pub distribution: DistributionName,
    /// One repository each; at least the defaults, and never fewer than before. `noarch` is in every one.
    pub basearches: BTreeSet<BaseArch>,
    /// repomd.xml's revision.
    pub revision: Revision,
    /// repomd.xml's timestamps.
    pub at: Timestamp,
}

/// The tree after `delta`, from the tree before it. With no previous tree, `delta` adds everything.
pub fn advance(
    _previous: Option<&Tree>,
    _scope: &Scope,
    _delta: &Delta,
    _chunks: &dyn Chunks,
    _sign: &dyn Sign,
) -> Result<Advanced, ViewError> {
    Ok(Advanced::default())
}
