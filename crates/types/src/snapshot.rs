//! Snapshots: what channels hold as of a revision, and what a change makes of them. This is the specification that
//! the index is tested against, and the input of `render`, the views' oracle.

use crate::{
    Artifact, ArtifactKey, Change, ChannelName, ChannelSettings, DistributionName, Operation, Uniqueness,
};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that channels hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// By name.
    pub channels: BTreeMap<ChannelName, ChannelState>,
}

/// What one channel holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelState {
    /// Its settings.
    pub settings: ChannelSettings,
    /// Its distributions; `any` is always one.
    pub distributions: BTreeSet<DistributionName>,
    /// Its artifacts, those of one key together.
    pub artifacts: BTreeMap<ArtifactKey, Vec<Artifact>>,
}

/// Why a change cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The channel does not exist.
    #[error("there is no channel `{0}`")]
    NoChannel(ChannelName),
    /// The channel makes no distributions by itself.
    #[error("channel `{channel}` has no distribution `{distribution}`")]
    NoDistribution {
        /// The channel.
        channel: ChannelName,
        /// The distribution that was named.
        distribution: DistributionName,
    },
    /// Other bytes are published under the same key.
    #[error("`{}` is already published with other contents (sha256 {}, in distribution {})", .other.name, .other.received.digest, .other.distribution)]
    Conflict {
        /// What is published.
        other: Box<Artifact>,
    },
}

impl ChannelState {
    /// A channel that holds nothing.
    pub fn new(settings: ChannelSettings) -> Self {
        let distributions = BTreeSet::from([DistributionName::any()]);
        Self {
            settings,
            distributions,
            artifacts: BTreeMap::new(),
        }
    }

    /// The artifacts of a distribution: its own and those of `any`.
    pub fn in_distribution<'a>(&'a self, d: &'a DistributionName) -> impl Iterator<Item = &'a Artifact> {
        self.artifacts
            .values()
            .flatten()
            .filter(move |a| a.distribution == *d || a.distribution.is_any())
    }
}

impl Snapshot {
    /// What this change makes of the snapshot. Publishing what is there already changes nothing.
    pub fn apply(mut self, change: &Change) -> Result<Self, Refused> {
        match &change.operation {
            Operation::Configure { channel, settings } => {
                let state = self.channels.entry(channel.clone());
                state
                    .or_insert_with(|| ChannelState::new(settings.clone()))
                    .settings = settings.clone();
            }
            Operation::Publish { channel, artifacts } => {
                let state = self
                    .channels
                    .get_mut(channel)
                    .ok_or_else(|| Refused::NoChannel(channel.clone()))?;
                artifacts.iter().try_for_each(|a| state.publish(channel, a))?;
            }
            Operation::Keys { .. } | Operation::Grant(_) | Operation::Revoke { .. } => {}
        }
        Ok(self)
    }
}

impl ChannelState {
    fn publish(&mut self, channel: &ChannelName, artifact: &Artifact) -> Result<(), Refused> {
        if !self.distributions.contains(&artifact.distribution) {
            if !self.settings.auto_distributions {
                let distribution = artifact.distribution.clone();
                return Err(Refused::NoDistribution {
                    channel: channel.clone(),
                    distribution,
                });
            }
            self.distributions.insert(artifact.distribution.clone());
        }
        let others = self.artifacts.entry(artifact.key()).or_default();
        match Uniqueness::judge(artifact, &*others) {
            Uniqueness::New => others.push(artifact.clone()),
            Uniqueness::Same(_) => {}
            Uniqueness::Conflict(other) => {
                return Err(Refused::Conflict {
                    other: Box::new(other.clone()),
                });
            }
        }
        Ok(())
    }
}
