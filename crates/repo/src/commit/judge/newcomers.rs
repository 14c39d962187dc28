//! Artifacts on their way into a channel: which distribution they come into, and whether their key is free.

use crate::RepoError;
use packyard_index::Index;
use packyard_types::{
    Adopted, Artifact, ChannelName, ChannelSettings, DistributionName, Ecosystem, Family, Former, Held,
    Uniqueness,
};
use std::collections::BTreeSet;

/// Artifacts on their way into a channel.
pub(super) struct Newcomers<'a> {
    index: &'a Index,
    channel: &'a ChannelName,
    settings: ChannelSettings,
    fresh: Vec<Adopted>,
    replaces: Vec<Held>,
    refused: Vec<RepoError>,
}

impl<'a> Newcomers<'a> {
    /// Into a channel that is there.
    pub(super) fn into(index: &'a Index, channel: &'a ChannelName) -> Result<Self, RepoError> {
        let Some(settings) = index.channel(channel)? else {
            return Err(RepoError::no_channel(channel, index.channel_names()?));
        };
        Ok(Self {
            index,
            channel,
            settings,
            fresh: Vec::new(),
            replaces: Vec::new(),
            refused: Vec::new(),
        })
    }

    /// Judges one. `leaving` leave in the same change.
    pub(super) fn welcome(
        &mut self,
        artifact: &Artifact,
        yanked: Option<&String>,
        leaving: &BTreeSet<Held>,
    ) -> Result<(), RepoError> {
        let mut artifact = artifact.clone();
        match self.place(&artifact) {
            Ok(distribution) => artifact.distribution = distribution,
            Err(e) => {
                self.refused.push(e);
                return Ok(());
            }
        }
        let key = artifact.key();
        let mut others = self.index.ever_under(self.channel, &key)?;
        for other in &mut others {
            other.held &= !leaving.contains(&Held::of(&other.artifact));
        }
        if self.settings.volatile {
            others.retain(|other| other.held);
        }
        let same_key = self.fresh.iter().filter(|f| f.artifact.key() == key);
        others.extend(same_key.map(|f| Former {
            artifact: f.artifact.clone(),
            held: true,
        }));
        match Uniqueness::judge(&artifact, &others) {
            Uniqueness::New => self.fresh.push(Adopted {
                artifact,
                yanked: yanked.cloned(),
            }),
            Uniqueness::Same(_) => {}
            Uniqueness::Conflict(_) if self.settings.volatile => {
                let in_the_way = others.iter().filter(|other| {
                    let theirs = &other.artifact.distribution;
                    *theirs == artifact.distribution || theirs.is_any() || artifact.distribution.is_any()
                });
                self.replaces
                    .extend(in_the_way.map(|other| Held::of(&other.artifact)));
                self.fresh.push(Adopted {
                    artifact,
                    yanked: yanked.cloned(),
                });
            }
            Uniqueness::Conflict(other) => self.refused.push(RepoError::Conflict {
                channel: self.channel.clone(),
                other: Box::new(other.clone()),
            }),
        }
        Ok(())
    }

    /// The distribution that an artifact comes into: the one that it names, by its own name or an alias.
    fn place(&self, artifact: &Artifact) -> Result<DistributionName, RepoError> {
        for digest in [artifact.served.digest, artifact.received.digest] {
            if let Some(gone) = self.index.gone(&digest)?.filter(|gone| gone.purged) {
                return Err(RepoError::Gone {
                    what: format!("`{}` (sha256 {digest})", artifact.name),
                    revision: gone.revision,
                    reason: gone.reason,
                });
            }
        }
        let name = artifact.distribution.as_str();
        let Some((own, settings)) = self.index.distribution(self.channel, name)? else {
            if self.settings.auto_distributions {
                return Ok(artifact.distribution.clone());
            }
            let all = self.index.distributions(self.channel)?;
            let names = all.into_iter().map(|(d, _)| d.to_string());
            return Err(RepoError::no_distribution(self.channel, name, names));
        };
        match (family(artifact), settings.family) {
            (Some(theirs), Some(family)) if theirs != family => Err(RepoError::WrongFamily {
                filename: artifact.name.to_string(),
                distribution: own,
                family,
            }),
            _ => Ok(own),
        }
    }

    /// What comes, and what it replaces; or everything that was refused.
    pub(super) fn done(self) -> Result<(Vec<Adopted>, Vec<Held>), RepoError> {
        RepoError::all(self.refused)?;
        Ok((self.fresh, self.replaces))
    }
}

fn family(artifact: &Artifact) -> Option<Family> {
    match artifact.name.kind().ecosystem() {
        Ecosystem::Pip => None,
        Ecosystem::Apt => Some(Family::Deb),
        Ecosystem::Yum => Some(Family::Rpm),
    }
}
