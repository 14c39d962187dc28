//! Artifacts on their way into a channel: which distribution they come into, and whether their key is free.

use super::{parts::as_first_told, projects::takes_files};
use crate::RepoError;
use packyard_index::Index;
use packyard_types::{
    Adopted, Artifact, ArtifactKey, ChannelName, ChannelSettings, DistributionName, DistributionSettings,
    Ecosystem, Family, Former, Held, Uniqueness, native_order,
};
use std::collections::{BTreeMap, BTreeSet};

/// Artifacts on their way into a channel.
pub(super) struct Newcomers<'a> {
    index: &'a Index,
    channel: &'a ChannelName,
    settings: ChannelSettings,
    /// Whether a state is restored as it was: then what `any` has comes into a distribution too.
    restores: bool,
    distributions: Vec<(DistributionName, DistributionSettings)>,
    fresh: Vec<Adopted>,
    by_key: BTreeMap<ArtifactKey, Vec<usize>>,
    replaces: Vec<Held>,
    refused: Vec<RepoError>,
}

impl<'a> Newcomers<'a> {
    /// Into a channel that is there.
    pub(super) fn into(
        index: &'a Index,
        channel: &'a ChannelName,
        restores: bool,
    ) -> Result<Self, RepoError> {
        let Some(settings) = index.channel(channel)? else {
            return Err(RepoError::no_channel(channel, index.channel_names()?));
        };
        Ok(Self {
            index,
            channel,
            settings,
            restores,
            distributions: index.distributions(channel)?,
            fresh: Vec::new(),
            by_key: BTreeMap::new(),
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
        as_first_told(self.index, self.channel, &mut artifact)?;
        let key = artifact.key();
        let mut others = self.index.ever_under(self.channel, &key)?;
        for other in &mut others {
            other.held &= !leaving.contains(&Held::of(&other.artifact));
        }
        if self.settings.volatile {
            others.retain(|other| other.held);
        }
        let same_key = self.by_key.get(&key).into_iter().flatten();
        others.extend(same_key.map(|at| Former {
            artifact: self.fresh[*at].artifact.clone(),
            held: true,
        }));
        match Uniqueness::judge(&artifact, &others) {
            Uniqueness::New => match self
                .may_come(&artifact)
                .and_then(|()| self.is_newer(&artifact, leaving))
            {
                Ok(()) => self.add(key, artifact, yanked),
                Err(e) => self.refused.push(e),
            },
            Uniqueness::Same(_) if self.restores && !Former::holds(&artifact, &others) => {
                self.add(key, artifact, yanked);
            }
            Uniqueness::Same(_) => {}
            Uniqueness::Conflict(_) if self.settings.volatile => {
                if let Err(e) = self.may_come(&artifact) {
                    self.refused.push(e);
                    return Ok(());
                }
                let in_the_way = others.iter().filter(|other| {
                    let theirs = &other.artifact.distribution;
                    *theirs == artifact.distribution || theirs.is_any() || artifact.distribution.is_any()
                });
                self.replaces
                    .extend(in_the_way.map(|other| Held::of(&other.artifact)));
                self.add(key, artifact, yanked);
            }
            Uniqueness::Conflict(other) => self.refused.push(RepoError::Conflict {
                channel: self.channel.clone(),
                held: Former::holds(other, &others),
                other: Box::new(other.clone()),
            }),
        }
        Ok(())
    }

    /// Whether its project takes files; what is restored was taken in before.
    fn may_come(&self, artifact: &Artifact) -> Result<(), RepoError> {
        if self.restores {
            return Ok(());
        }
        takes_files(self.index, self.channel, &artifact.project)
    }

    /// Whether it is newer than what is there, where a distribution that would offer it takes nothing else. What comes
    /// in the same change is no hindrance: several versions may be imported at once, and from then on only newer ones.
    fn is_newer(&self, artifact: &Artifact, leaving: &BTreeSet<Held>) -> Result<(), RepoError> {
        if self.restores {
            return Ok(());
        }
        let ecosystem = artifact.name.kind().ecosystem();
        let key = artifact.key();
        let strict = self.distributions.iter().filter(|(own, settings)| {
            settings.only_newer && (*own == artifact.distribution || artifact.distribution.is_any())
        });
        for (distribution, _) in strict.filter(|_| ecosystem != Ecosystem::Pip) {
            let mut held = self.index.versions_in(self.channel, distribution, &key)?;
            held.retain(|(version, filename, held_in)| {
                let goes =
                    |leaves: &Held| leaves.filename.as_str() == filename && leaves.distribution == *held_in;
                *version != key.version && !leaving.iter().any(goes)
            });
            let newest = held
                .into_iter()
                .max_by(|(a, ..), (b, ..)| native_order(ecosystem, a, b))
                .filter(|(version, ..)| native_order(ecosystem, &key.version, version).is_le());
            if let Some((held_version, held, held_in)) = newest {
                return Err(RepoError::NotNewer {
                    filename: artifact.name.to_string(),
                    version: artifact.version.clone(),
                    channel: self.channel.clone(),
                    distribution: distribution.clone(),
                    held,
                    held_version,
                    held_in,
                });
            }
        }
        Ok(())
    }

    fn add(&mut self, key: ArtifactKey, artifact: Artifact, yanked: Option<&String>) {
        self.by_key.entry(key).or_default().push(self.fresh.len());
        let yanked = yanked.cloned();
        self.fresh.push(Adopted { artifact, yanked });
    }

    /// The distribution that an artifact comes into: the one that it names, by its own name or an alias.
    fn place(&self, artifact: &Artifact) -> Result<DistributionName, RepoError> {
        for digest in artifact.blobs() {
            if let Some(gone) = self.index.gone(&digest)?.filter(|gone| gone.purged) {
                return Err(RepoError::Gone {
                    what: format!("`{}` (sha256 {digest})", artifact.name),
                    revision: gone.revision,
                    reason: gone.reason,
                });
            }
        }
        let name = artifact.distribution.as_str();
        let all = &self.distributions;
        let own = all.iter().find(|(own, _)| own.as_str() == name);
        let Some((own, settings)) = own.or_else(|| all.iter().find(|(own, s)| s.answers_to(own, name)))
        else {
            if self.settings.auto_distributions {
                return Ok(artifact.distribution.clone());
            }
            let names = all.iter().map(|(d, _)| d.to_string());
            return Err(RepoError::no_distribution(self.channel, name, names));
        };
        match (family(artifact), settings.family) {
            (Some(theirs), Some(family)) if theirs != family => Err(RepoError::WrongFamily {
                filename: artifact.name.to_string(),
                distribution: own.clone(),
                family,
            }),
            _ => Ok(own.clone()),
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
