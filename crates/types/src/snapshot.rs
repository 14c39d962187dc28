//! Snapshots: what channels hold as of a revision, and what a change makes of them. This is the specification that
//! the index is tested against, and the input of `render`, the views' oracle.

use crate::{
    Artifact, ArtifactKey, Change, ChannelName, ChannelSettings, Digest, DistributionName,
    DistributionSettings, Document, DocumentKind, Documented, Former, Held, Operation, ProjectName,
    ProjectSettings, Uniqueness,
};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that channels hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// By name.
    pub channels: BTreeMap<ChannelName, ChannelState>,
    /// The digests of bytes that were destroyed.
    pub purged: BTreeSet<Digest>,
}

/// What one channel holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelState {
    /// Its settings.
    pub settings: ChannelSettings,
    /// Its distributions; `any` is always one.
    pub distributions: BTreeMap<DistributionName, DistributionSettings>,
    /// Its artifacts, those of one key together, also those that it no longer holds: they claim their key.
    pub artifacts: BTreeMap<ArtifactKey, Vec<Former>>,
    /// Those of them that are yanked, and why.
    pub yanked: BTreeMap<Held, String>,
    /// What it says of projects as a whole.
    pub projects: BTreeMap<ProjectName, ProjectSettings>,
    /// The documents of its yum repositories.
    pub documents: BTreeMap<(DistributionName, DocumentKind), Document>,
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
        let distributions = BTreeMap::from([(DistributionName::any(), DistributionSettings::default())]);
        Self {
            settings,
            distributions,
            artifacts: BTreeMap::new(),
            yanked: BTreeMap::new(),
            projects: BTreeMap::new(),
            documents: BTreeMap::new(),
        }
    }

    /// All artifacts that it holds.
    pub fn held(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts
            .values()
            .flatten()
            .filter(|f| f.held)
            .map(|f| &f.artifact)
    }

    /// The artifacts of a distribution: its own and those of `any`.
    pub fn in_distribution<'a>(&'a self, d: &'a DistributionName) -> impl Iterator<Item = &'a Artifact> {
        self.held()
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
            Operation::DeleteChannel { channel } => {
                if let Some(state) = self.channels.get_mut(channel) {
                    state.clear();
                }
            }
            Operation::Publish {
                channel,
                artifacts,
                replaces,
            } => {
                let state = self.channel(channel)?;
                replaces.iter().for_each(|held| state.end(held));
                artifacts
                    .iter()
                    .try_for_each(|a| state.add(channel, a, None, false))?;
            }
            Operation::Adopt {
                channel,
                add,
                remove,
                from,
                documents,
            } => {
                let state = self.channel(channel)?;
                documents.iter().for_each(|change| state.document(change));
                remove.iter().for_each(|held| state.end(held));
                add.iter()
                    .try_for_each(|a| state.add(channel, &a.artifact, a.yanked.as_ref(), from.restores()))?;
            }
            Operation::Remove { channel, artifacts } => {
                let state = self.channel(channel)?;
                artifacts.iter().for_each(|held| state.end(held));
            }
            Operation::Yank {
                channel,
                artifacts,
                reason,
            } => {
                let yanked = &mut self.channel(channel)?.yanked;
                yanked.extend(artifacts.iter().map(|held| (held.clone(), reason.clone())));
            }
            Operation::Unyank { channel, artifacts } => {
                let yanked = &mut self.channel(channel)?.yanked;
                yanked.retain(|held, _| !artifacts.contains(held));
            }
            Operation::Distribution {
                channel,
                distribution,
                settings,
            } => {
                let distributions = &mut self.channel(channel)?.distributions;
                distributions.insert(distribution.clone(), settings.clone());
            }
            Operation::DeleteDistribution {
                channel,
                distribution,
            } => {
                let state = self.channel(channel)?;
                state.distributions.remove(distribution);
                state.documents.retain(|(of, _), _| of != distribution);
            }
            Operation::Document { channel, change } => self.channel(channel)?.document(change),
            Operation::Project {
                channel,
                project,
                settings,
            } => {
                let projects = &mut self.channel(channel)?.projects;
                projects.insert(project.clone(), settings.clone());
                projects.retain(|_, settings| !settings.is_default());
            }
            Operation::Purge { digest, .. } => self.purge(digest),
            Operation::Refresh { .. }
            | Operation::Tag { .. }
            | Operation::Retire { .. }
            | Operation::Keys(_)
            | Operation::Grant(_)
            | Operation::Revoke { .. }
            | Operation::Trust(_)
            | Operation::Distrust { .. } => {}
        }
        Ok(self)
    }

    fn channel(&mut self, name: &ChannelName) -> Result<&mut ChannelState, Refused> {
        self.channels
            .get_mut(name)
            .ok_or_else(|| Refused::NoChannel(name.clone()))
    }

    fn purge(&mut self, digest: &Digest) {
        self.purged.insert(*digest);
        for state in self.channels.values_mut() {
            let hit = |a: &Artifact| a.served.digest == *digest || a.received.digest == *digest;
            let purged: Vec<Held> = state.held().filter(|a| hit(a)).map(Held::of).collect();
            purged.iter().for_each(|held| state.end(held));
        }
    }
}

impl ChannelState {
    fn add(
        &mut self,
        channel: &ChannelName,
        artifact: &Artifact,
        yanked: Option<&String>,
        restores: bool,
    ) -> Result<(), Refused> {
        if !self.distributions.contains_key(&artifact.distribution) {
            if !self.settings.auto_distributions {
                let distribution = artifact.distribution.clone();
                return Err(Refused::NoDistribution {
                    channel: channel.clone(),
                    distribution,
                });
            }
            self.distributions
                .insert(artifact.distribution.clone(), DistributionSettings::default());
        }
        let others = self.artifacts.entry(artifact.key()).or_default();
        let replaced = self.settings.volatile;
        let missing = restores && !Former::holds(artifact, others.iter());
        match Uniqueness::judge(artifact, others.iter().filter(|f| f.held || !replaced)) {
            Uniqueness::Conflict(other) => {
                return Err(Refused::Conflict {
                    other: Box::new(other.clone()),
                });
            }
            Uniqueness::Same(_) if !missing => {}
            Uniqueness::New | Uniqueness::Same(_) => {
                others.retain(|f| Held::of(&f.artifact) != Held::of(artifact));
                others.push(Former {
                    artifact: artifact.clone(),
                    held: true,
                });
                self.yanked
                    .extend(yanked.map(|reason| (Held::of(artifact), reason.clone())));
            }
        }
        Ok(())
    }

    fn document(&mut self, change: &Documented) {
        let key = (change.distribution.clone(), change.kind.clone());
        match &change.document {
            Some(document) => {
                self.distributions.entry(change.distribution.clone()).or_default();
                self.documents.insert(key, document.clone());
            }
            None => drop(self.documents.remove(&key)),
        }
    }

    fn end(&mut self, held: &Held) {
        self.yanked.remove(held);
        for former in self.artifacts.values_mut().flatten() {
            former.held &= Held::of(&former.artifact) != *held;
        }
    }

    /// As after its end: nothing is held, and every key is still claimed.
    fn clear(&mut self) {
        self.yanked.clear();
        self.projects.clear();
        self.documents.clear();
        self.distributions.retain(|d, _| d.is_any());
        self.artifacts.values_mut().flatten().for_each(|f| f.held = false);
    }
}
