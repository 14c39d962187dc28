//! Whether a change may be made, and what of it is not so already. The committer asks this of the index that it is
//! about to change, so what is judged here holds when it is committed.

use crate::{RepoError, error::nearest};
use packyard_index::Index;
use packyard_types::{
    Adopted, Artifact, ChannelName, ChannelSettings, DistributionName, DistributionSettings, Ecosystem,
    Family, Former, Held, Invalid, Operation, Revision, TagName, Uniqueness,
};
use std::collections::BTreeSet;

/// What of an operation is not so already; none when all of it is.
pub fn judge(
    index: &Index,
    operation: &Operation,
    if_revision: Option<Revision>,
) -> Result<Option<Operation>, RepoError> {
    if let Some(channel) = operation.channel()
        && !matches!(operation, Operation::Configure { .. })
        && index.channel(channel)?.is_none()
    {
        return Err(RepoError::no_channel(channel, index.channel_names()?));
    }
    let fresh = fresh(index, operation)?;
    if let (Some(_), Some(expected), Some(channel)) = (&fresh, if_revision, operation.channel()) {
        let current = index.channel_revision(channel)?;
        if current > expected {
            return Err(RepoError::Stale {
                channel: channel.clone(),
                expected,
                current,
            });
        }
    }
    Ok(fresh)
}

fn fresh(index: &Index, operation: &Operation) -> Result<Option<Operation>, RepoError> {
    Ok(match operation {
        Operation::Publish {
            channel, artifacts, ..
        } => publish(index, channel, artifacts)?,
        Operation::Adopt {
            channel,
            from,
            add,
            remove,
        } => {
            let (add, remove) = adopt(index, channel, add, remove)?;
            (!add.is_empty() || !remove.is_empty()).then(|| Operation::Adopt {
                channel: channel.clone(),
                from: from.clone(),
                add,
                remove,
            })
        }
        Operation::Remove { channel, artifacts } => {
            let artifacts = held(index, channel, artifacts, |_| true)?;
            (!artifacts.is_empty()).then(|| Operation::Remove {
                channel: channel.clone(),
                artifacts,
            })
        }
        Operation::Yank {
            channel,
            artifacts,
            reason,
        } => {
            let artifacts = held(index, channel, artifacts, |yanked| {
                yanked != Some(reason.as_str())
            })?;
            (!artifacts.is_empty()).then(|| Operation::Yank {
                channel: channel.clone(),
                artifacts,
                reason: reason.clone(),
            })
        }
        Operation::Unyank { channel, artifacts } => {
            let artifacts = held(index, channel, artifacts, |yanked| yanked.is_some())?;
            (!artifacts.is_empty()).then(|| Operation::Unyank {
                channel: channel.clone(),
                artifacts,
            })
        }
        Operation::Configure { channel, settings } => {
            (index.channel(channel)?.as_ref() != Some(settings)).then(|| operation.clone())
        }
        Operation::Distribution {
            channel,
            distribution,
            settings,
        } => declare(index, channel, distribution, settings)?.map(|settings| Operation::Distribution {
            channel: channel.clone(),
            distribution: distribution.clone(),
            settings,
        }),
        Operation::DeleteDistribution {
            channel,
            distribution,
        } => {
            may_end(index, channel, distribution)?;
            Some(operation.clone())
        }
        Operation::Refresh {
            channel,
            distribution,
        } => {
            resolve(index, channel, distribution)?;
            Some(operation.clone())
        }
        Operation::Tag { channel, tag, at } => tagging(index, channel, tag, *at)?.then(|| operation.clone()),
        Operation::Purge { digest, .. } => {
            if index.halves(digest)?.is_empty() {
                return Err(RepoError::NotFound {
                    what: format!("artifact with sha256 {digest}"),
                    nearest: None,
                });
            }
            let purged = index.gone(digest)?.is_some_and(|gone| gone.purged);
            (!purged).then(|| operation.clone())
        }
        Operation::Retire { floors, .. } => {
            let blobs = index.needless(floors)?;
            let mut raised = floors.clone();
            for (channel, floor) in floors {
                if index.floor(channel)? >= *floor {
                    raised.remove(channel);
                }
            }
            (!blobs.is_empty() || !raised.is_empty()).then(|| Operation::Retire {
                floors: raised,
                blobs,
            })
        }
        Operation::DeleteChannel { .. } => Some(operation.clone()),
        Operation::Keys { apt, rpm } => {
            (index.public_keys()? != Some((apt.clone(), rpm.clone()))).then(|| operation.clone())
        }
        Operation::Grant(grant) => {
            if index.tokens()?.iter().any(|t| t.grant.id == grant.id) {
                let rule = "there is a token of this name already";
                return Err(Invalid::new("token id", grant.id.as_str(), rule).into());
            }
            Some(operation.clone())
        }
        Operation::Revoke { id } => {
            let tokens = index.tokens()?;
            let token = tokens.iter().find(|t| t.grant.id == *id);
            let what = || RepoError::NotFound {
                what: format!("token `{id}`"),
                nearest: None,
            };
            token
                .ok_or_else(what)?
                .revoked
                .is_none()
                .then(|| operation.clone())
        }
    })
}

/// The artifacts that the channel does not have. All conflicts are named, not only the first. In a volatile channel
/// what is in their way is replaced.
fn publish(
    index: &Index,
    channel: &ChannelName,
    artifacts: &[Artifact],
) -> Result<Option<Operation>, RepoError> {
    let mut newcomers = Newcomers::into(index, channel)?;
    for artifact in artifacts {
        newcomers.welcome(artifact, None, &BTreeSet::new())?;
    }
    let (add, replaces) = newcomers.done()?;
    Ok((!add.is_empty()).then(|| Operation::Publish {
        channel: channel.clone(),
        artifacts: add.into_iter().map(|a| a.artifact).collect(),
        replaces,
    }))
}

/// What comes and what goes of an adoption.
fn adopt(
    index: &Index,
    channel: &ChannelName,
    add: &[Adopted],
    remove: &[Held],
) -> Result<(Vec<Adopted>, Vec<Held>), RepoError> {
    let mut remove = held(index, channel, remove, |_| true)?;
    let leaving: BTreeSet<Held> = remove.iter().cloned().collect();
    let mut newcomers = Newcomers::into(index, channel)?;
    for adopted in add {
        newcomers.welcome(&adopted.artifact, adopted.yanked.as_ref(), &leaving)?;
    }
    let (add, replaces) = newcomers.done()?;
    remove.extend(replaces.into_iter().filter(|held| !leaving.contains(held)));
    Ok((add, remove))
}

/// Artifacts on their way into a channel.
struct Newcomers<'a> {
    index: &'a Index,
    channel: &'a ChannelName,
    settings: ChannelSettings,
    fresh: Vec<Adopted>,
    replaces: Vec<Held>,
    refused: Vec<RepoError>,
}

impl<'a> Newcomers<'a> {
    fn into(index: &'a Index, channel: &'a ChannelName) -> Result<Self, RepoError> {
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
    fn welcome(
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

    fn done(self) -> Result<(Vec<Adopted>, Vec<Held>), RepoError> {
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

/// Those of `named` that the channel holds in a state that `wanted` wants.
fn held(
    index: &Index,
    channel: &ChannelName,
    named: &[Held],
    wanted: impl Fn(Option<&str>) -> bool,
) -> Result<Vec<Held>, RepoError> {
    let mut out = Vec::with_capacity(named.len());
    for held in named {
        if let Some(listed) = index.held_at(channel, held)?
            && wanted(listed.yanked.as_deref())
        {
            out.push(held.clone());
        }
    }
    Ok(out)
}

fn resolve(index: &Index, channel: &ChannelName, name: &DistributionName) -> Result<(), RepoError> {
    let all = index.distributions(channel)?;
    if all.iter().any(|(own, _)| own == name) {
        return Ok(());
    }
    let names = all.into_iter().map(|(d, _)| d.to_string());
    Err(RepoError::no_distribution(channel, name.as_str(), names))
}

/// The settings that a declaration leads to; none where they are so already. Architectures and components only grow.
fn declare(
    index: &Index,
    channel: &ChannelName,
    distribution: &DistributionName,
    settings: &DistributionSettings,
) -> Result<Option<DistributionSettings>, RepoError> {
    let all = index.distributions(channel)?;
    let mut settings = settings.clone();
    for (other, theirs) in all.iter().filter(|(other, _)| other != distribution) {
        let mut names = vec![distribution.to_string()];
        names.extend(settings.aliases.iter().map(ToString::to_string));
        let clash = names.into_iter().find(|n| theirs.answers_to(other, n));
        let clash = clash.or_else(|| {
            settings
                .answers_to(distribution, other.as_str())
                .then(|| other.to_string())
        });
        if let Some(name) = clash {
            return Err(RepoError::Taken {
                what: format!("the name `{name}`"),
                by: format!("in channel `{channel}` it means distribution `{other}`"),
                hint: format!(
                    "take the alias from `{other}` first: `packyard distribution set {channel}/{other} --alias …`"
                ),
            });
        }
    }
    if distribution.is_any() && (settings.family.is_some() || !settings.aliases.is_empty()) {
        let rule = "`any` is part of every distribution: it has no family and no alias";
        return Err(Invalid::new("distribution", "any", rule).into());
    }
    for (family, ecosystem) in [(Family::Deb, Ecosystem::Apt), (Family::Rpm, Ecosystem::Yum)] {
        let count = index.held_in(channel, distribution, Some(ecosystem))?;
        if !settings.takes(family) && count > 0 {
            return Err(RepoError::NotEmpty {
                what: format!("distribution `{distribution}` of channel `{channel}`"),
                holds: format!("{count} packages of family {family}"),
                hint: "move or remove them first".to_owned(),
            });
        }
    }
    let current = all.into_iter().find(|(own, _)| own == distribution);
    if let Some((_, current)) = &current {
        settings.components.extend(current.components.iter().cloned());
        settings
            .architectures
            .extend(current.architectures.iter().cloned());
    }
    let changed = current.is_none_or(|(_, current)| current != settings);
    Ok(changed.then_some(settings))
}

fn may_end(index: &Index, channel: &ChannelName, distribution: &DistributionName) -> Result<(), RepoError> {
    resolve(index, channel, distribution)?;
    if distribution.is_any() {
        let rule = "it is part of every distribution, and cannot be deleted";
        return Err(Invalid::new("distribution to delete", "any", rule).into());
    }
    match index.held_in(channel, distribution, None)? {
        0 => Ok(()),
        count => Err(RepoError::NotEmpty {
            what: format!("distribution `{distribution}` of channel `{channel}`"),
            holds: format!("{count} artifacts"),
            hint: "remove them first with `packyard remove`, or promote them elsewhere".to_owned(),
        }),
    }
}

/// Whether a tag is to be set or ended; not where it is so already.
fn tagging(
    index: &Index,
    channel: &ChannelName,
    tag: &TagName,
    at: Option<Revision>,
) -> Result<bool, RepoError> {
    let tags = index.tags(channel)?;
    let current = tags.iter().find(|(name, _)| name == tag).map(|(_, at)| *at);
    match (current, at) {
        (None, None) => Err(RepoError::NotFound {
            what: format!("tag `{tag}` in channel `{channel}`"),
            nearest: nearest(tag.as_str(), tags.iter().map(|(t, _)| t.to_string())),
        }),
        (Some(_), None) => Ok(true),
        (Some(current), Some(at)) if current == at => Ok(false),
        (Some(current), Some(_)) => Err(RepoError::Taken {
            what: format!("tag `{tag}` of channel `{channel}`"),
            by: format!("it names revision {current}, and a tag does not move"),
            hint: format!("choose another name, or end it with `packyard tag {channel} {tag} --delete`"),
        }),
        (None, Some(at)) => {
            let newest = index.applied()?.revision;
            if at > newest || at.0 == 0 {
                return Err(RepoError::NotFound {
                    what: format!("revision {at}"),
                    nearest: Some(newest.to_string()),
                });
            }
            if at < index.floor(channel)? && !tags.iter().any(|(_, tagged)| *tagged == at) {
                return Err(RepoError::Gone {
                    what: format!("revision {at} of channel `{channel}`"),
                    revision: index.floor(channel)?,
                    reason: "it was pruned".to_owned(),
                });
            }
            Ok(true)
        }
    }
}
