//! Whether a change may be made, and what of it is not so already. The committer asks this of the index that it is
//! about to change, so what is judged here holds when it is committed.

mod distributions;
mod newcomers;
mod parts;
mod projects;

use crate::{RepoError, error::nearest};
use distributions::{declare, known, may_end};
use newcomers::Newcomers;
use packyard_index::{Documents, Index};
use packyard_types::{
    Adopted, Artifact, ChannelName, Digest, Documented, Held, Invalid, KeyUse, Operation, Origin, Revision,
    TagName, YardKeys,
};
pub use projects::takes_files;
use projects::{is_inherited, may_inherit, offers_files};
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
        let newest = index.applied()?.revision;
        if expected > newest {
            return Err(RepoError::NotFound {
                what: format!("revision {expected}, after which the channel must not have changed,"),
                nearest: Some(newest.to_string()),
            });
        }
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

/// Whether a document is as a change wants it.
fn is_so(there: &Documents, change: &Documented) -> bool {
    let key = (change.distribution.clone(), change.kind.clone());
    there.get(&key) == change.document.as_ref()
}

fn makes_its_own(index: &Index, channel: &ChannelName) -> Result<bool, RepoError> {
    Ok(index.channel(channel)?.is_some_and(|c| c.auto_distributions))
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
            documents,
        } => {
            let (add, remove) = adopt(index, channel, from, add, remove)?;
            let there = index.documents(channel, None)?;
            let mut documents = documents.clone();
            documents.retain(|change| !is_so(&there, change));
            let changes = !add.is_empty() || !remove.is_empty() || !documents.is_empty();
            changes.then(|| Operation::Adopt {
                channel: channel.clone(),
                from: from.clone(),
                add,
                remove,
                documents,
            })
        }
        Operation::Document { channel, change } => {
            let there = index.documents(channel, None)?;
            if change.document.is_some() && !makes_its_own(index, channel)? {
                known(index, channel, &change.distribution)?;
            }
            (!is_so(&there, change)).then(|| operation.clone())
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
            may_inherit(index, channel, settings)?;
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
            known(index, channel, distribution)?;
            Some(operation.clone())
        }
        Operation::Project {
            channel,
            project,
            settings,
        } => (index.project_settings(channel, project, None)? != *settings).then(|| operation.clone()),
        Operation::Tag { channel, tag, at } => tagging(index, channel, tag, *at)?.then(|| operation.clone()),
        Operation::Purge { digest, .. } => {
            let purged = index.gone(digest)?.is_some_and(|gone| gone.purged);
            (!purged).then(|| operation.clone())
        }
        Operation::Retire { floors, blobs } => {
            // What was found, and is needless still; what came from an upstream is needed though no row says so.
            let mut blobs = blobs.clone();
            let needless: BTreeSet<Digest> = index.needless(floors)?.into_iter().collect();
            blobs.retain(|digest| needless.contains(digest));
            let mut raised = floors.clone();
            for (channel, floor) in floors {
                if index.channel(channel)?.is_none() || index.floor(channel)? >= *floor {
                    raised.remove(channel);
                }
            }
            let retires = !blobs.is_empty() || !raised.is_empty();
            let floors = raised;
            retires.then_some(Operation::Retire { floors, blobs })
        }
        Operation::DeleteChannel { channel } => {
            if index.channel_names()?.len() < 2 {
                let rule = "it is the last channel of this yard, and a yard has at least one";
                return Err(Invalid::new("channel to delete", channel.as_str(), rule).into());
            }
            is_inherited(index, channel)?;
            Some(operation.clone())
        }
        Operation::Keys(keys) => {
            let known = index.keys()?;
            if let Some(known) = &known {
                follows(known, keys)?;
            }
            (known.as_ref() != Some(keys)).then(|| operation.clone())
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
        Operation::Trust(publisher) => {
            let publishers = index.publishers()?;
            if publishers.contains(publisher) {
                return Ok(None);
            }
            if publishers.iter().any(|p| p.id == publisher.id) {
                let rule = "there is a publisher of this name already";
                return Err(Invalid::new("publisher", publisher.id.as_str(), rule).into());
            }
            Some(operation.clone())
        }
        Operation::Distrust { id } => {
            if !index.publishers()?.iter().any(|p| p.id == *id) {
                return Err(RepoError::NotFound {
                    what: format!("publisher `{id}`"),
                    nearest: None,
                });
            }
            Some(operation.clone())
        }
    })
}

/// Whether a set of keys may come after another: what signs alone has signed beside the other before, so that clients
/// which follow have seen it announced by a key that they trust.
fn follows(known: &YardKeys, keys: &YardKeys) -> Result<(), RepoError> {
    for signs in KeyUse::ALL {
        let current = |keys: &YardKeys| keys.of(signs).map(|(_, key)| key.to_owned()).next();
        let mut signed = known.of(signs).filter(|(state, _)| state.signs());
        if !signed.any(|(_, key)| Some(key) == current(keys).as_deref()) {
            return Err(RepoError::Rotation {
                reason: format!("the signing key for {} was changed meanwhile", signs.as_str()),
                hint: "look at `packyard key show`, and try again".to_owned(),
            });
        }
    }
    Ok(())
}

/// The artifacts that the channel does not have. All conflicts are named, not only the first. In a volatile channel
/// what is in their way is replaced.
fn publish(
    index: &Index,
    channel: &ChannelName,
    artifacts: &[Artifact],
) -> Result<Option<Operation>, RepoError> {
    let mut newcomers = Newcomers::into(index, channel, false)?;
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
    from: &Origin,
    add: &[Adopted],
    remove: &[Held],
) -> Result<(Vec<Adopted>, Vec<Held>), RepoError> {
    let mut remove = held(index, channel, remove, |_| true)?;
    let leaving: BTreeSet<Held> = remove.iter().cloned().collect();
    let mut newcomers = Newcomers::into(index, channel, from.restores())?;
    for adopted in add {
        if let Origin::Promotion { channel: source, .. } = from {
            offers_files(index, source, &adopted.artifact.project)?;
        }
        newcomers.welcome(&adopted.artifact, adopted.yanked.as_ref(), &leaving)?;
    }
    let (add, replaces) = newcomers.done()?;
    remove.extend(replaces.into_iter().filter(|held| !leaving.contains(held)));
    Ok((add, remove))
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
        (None, None) if index.was_tagged(channel, tag)? => Ok(false),
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
        (None, Some(_)) if index.channel_names()?.iter().any(|c| c.as_str() == tag.as_str()) => {
            Err(RepoError::Taken {
                what: format!("the name `{tag}`"),
                by: "it is a channel, and `packyard diff` could not tell the two apart".to_owned(),
                hint: "choose another name for the tag".to_owned(),
            })
        }
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
