//! The apt view: `dists/{distribution}/…`.

use crate::{Advanced, Chunks, Delta, Sign, ViewError};
use packyard_types::{ChannelName, ComponentName, DebArch, DistributionName, Timestamp, Tree};
use std::collections::BTreeSet;

/// Which tree is made, and what goes into its Release file.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The channel: Origin and Label say it.
    pub channel: ChannelName,
    /// The distribution: Suite and Codename say it.
    pub distribution: DistributionName,
    /// Architectures but for `all`; at least the defaults, and never fewer than before.
    pub architectures: BTreeSet<DebArch>,
    /// Components; at least `main`, and never fewer than before.
    pub components: BTreeSet<ComponentName>,
    /// `Date`.
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
