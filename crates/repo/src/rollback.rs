//! Rollback: a revision that restores what a channel held at an earlier one, artifacts and their yanks; its settings,
//! distributions, tags and tokens stay. It costs what changed since, not what the channel holds.
//!
//! Bytes that were purged cannot come back, nor a package that they belong to, nor what was in a distribution that was deleted since, where the channel does
//! not make its own: they are named as missing, and the rest goes.

use crate::{
    Access, Downgrade, Line, RepoError, Yard, changing::Replan, commit::judge, downgrade::downgrades,
};
use packyard_index::{Changed, Index, Listed};
use packyard_types::{
    Adopted, Artifact, At, Change, ChangeId, ChannelName, ChannelSpec, Digest, DistributionName,
    DistributionSettings, Documented, Held, Operation, Origin, Permission, ProjectName, Revision,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A rollback as it is asked for.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// The channel.
    pub channel: ChannelName,
    /// As of when.
    pub to: At,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Why.
    pub note: Option<String>,
    /// Only if the channel has not changed since.
    pub if_revision: Option<Revision>,
}

/// What became of a rollback, or would become of it.
#[derive(Debug, Clone, Serialize)]
pub struct RolledBack {
    /// The revision in which it holds.
    pub revision: Revision,
    /// The change that it became; none where nothing changed.
    pub release: Option<ChangeId>,
    /// Whether it was only planned.
    pub dry_run: bool,
    /// The revision that was restored.
    pub to: Revision,
    /// What came back, or is in another state again.
    pub added: Vec<Line>,
    /// What left.
    pub removed: Vec<Line>,
    /// What cannot come back, and why.
    pub missing: Vec<Line>,
    /// How machines that already upgraded go back.
    pub downgrades: Vec<Downgrade>,
}

/// What a rollback does.
struct Plan {
    back: Vec<Listed>,
    leave: Vec<Listed>,
    missing: Vec<Line>,
    downgrades: Vec<Downgrade>,
    documents: Vec<Documented>,
}

impl Yard {
    /// Restores what a channel held.
    pub async fn rollback(&self, access: &Access, wish: Rollback) -> Result<RolledBack, RepoError> {
        access.allow(Permission::Promote, Some(&wish.channel))?;
        wish.note.as_deref().map_or(Ok(()), crate::publish::check_note)?;
        let spec = ChannelSpec {
            channel: wish.channel.clone(),
            at: Some(wish.to.clone()),
        };
        let mut again = Replan::new(wish.if_revision);
        loop {
            match self.try_rollback(access, &wish, &spec, &mut again).await {
                Err(e) if again.may_try(&e) => {}
                other => return other,
            }
        }
    }

    async fn try_rollback(
        &self,
        access: &Access,
        wish: &Rollback,
        spec: &ChannelSpec,
        again: &mut Replan,
    ) -> Result<RolledBack, RepoError> {
        self.channel_exists(&wish.channel)?;
        let as_of = self.applied()?.revision;
        again.planned_at(as_of);
        let to = self.resolve(spec)?.at.unwrap_or(as_of);
        let strange = self.strange_then(&wish.channel, to, as_of).await?;
        let channel = wish.channel.clone();
        let plan = self
            .read_blocking(move |index| plan(index, &channel, to, as_of, &strange))
            .await?;
        for listed in plan.back.iter().chain(&plan.leave) {
            access.allow_artifact(&listed.artifact)?;
        }
        let adopted = |l: &Listed| Adopted {
            artifact: l.artifact.clone(),
            yanked: l.yanked.clone(),
        };
        let operation = Operation::Adopt {
            channel: wish.channel.clone(),
            from: Origin::Rollback { revision: to },
            add: plan.back.iter().map(adopted).collect(),
            remove: plan.leave.iter().map(|l| Held::of(&l.artifact)).collect(),
            documents: plan.documents.clone(),
        };
        let (revision, release) = if wish.dry_run {
            self.read(|index| judge(index, &operation, wish.if_revision))?;
            (as_of, None)
        } else {
            let change = Change {
                actor: access.actor(),
                sender: access.sender(),
                at: self.now(),
                note: wish.note.clone(),
                operation,
            };
            let done = self.commit(again.proposal(change)).await?;
            (done.revision, done.change)
        };
        let lines = |rows: &[Listed]| rows.iter().map(|l| Line::of(&l.artifact)).collect();
        Ok(RolledBack {
            revision,
            release,
            dry_run: wish.dry_run,
            to,
            added: lines(&plan.back),
            removed: lines(&plan.leave),
            missing: plan.missing,
            downgrades: plan.downgrades,
        })
    }

    /// What would come back and is signed by keys whose signatures the channel keeps no longer.
    async fn strange_then(
        &self,
        channel: &ChannelName,
        to: Revision,
        as_of: Revision,
    ) -> Result<BTreeMap<Digest, String>, RepoError> {
        let of = channel.clone();
        let changed = self
            .read_blocking(move |index| Ok(index.changed_between(&of, to, as_of)?))
            .await?;
        let foreign = self.foreign_signatures(channel)?;
        let then = changed.then.iter().map(|l| &l.artifact).collect();
        let strange = self.strangers(then, &foreign).await?;
        Ok(strange
            .into_iter()
            .map(|(a, key)| (a.served.digest, key))
            .collect())
    }

    /// An error that names the nearest where a channel is not there.
    pub(crate) fn channel_exists(&self, name: &ChannelName) -> Result<(), RepoError> {
        self.read(|index| match index.channel(name)? {
            Some(_) => Ok(()),
            None => Err(RepoError::no_channel(name, index.channel_names()?)),
        })
    }
}

fn plan(
    index: &Index,
    channel: &ChannelName,
    to: Revision,
    as_of: Revision,
    strange: &BTreeMap<Digest, String>,
) -> Result<Plan, RepoError> {
    if let Some(since) = index.channel_since(channel)?
        && to < since
    {
        return Err(RepoError::NotFound {
            what: format!("channel `{channel}` at revision {to}: it came into being with revision {since}"),
            nearest: Some(since.to_string()),
        });
    }
    let Changed { then, now } = index.changed_between(channel, to, as_of)?;
    let (mut back, mut missing) = (Vec::new(), Vec::new());
    let makes_its_own = index.channel(channel)?.is_some_and(|c| c.auto_distributions);
    let there = index.distributions(channel)?;
    for listed in then {
        let a = &listed.artifact;
        let name = &a.distribution;
        if !makes_its_own
            && !there
                .iter()
                .any(|(own, s)| own == name || s.answers_to(own, name.as_str()))
        {
            let hint = format!(
                "`packyard distribution create {channel}/{name}`, then the same rollback brings it back"
            );
            let reason = format!("channel `{channel}` has no distribution `{name}` any more; {hint}");
            missing.push(Line::left_out(a, reason));
            continue;
        }
        if let Some(key) = strange.get(&a.served.digest) {
            let hint = format!(
                "`packyard channel set {channel} --foreign-signatures keep --package-key FILE`, then the same rollback brings \
                 it back"
            );
            let reason = format!(
                "it is signed with key {key}, and the channel keeps no signatures by it any more; {hint}"
            );
            missing.push(Line::left_out(a, reason));
            continue;
        }
        match purged(index, a)? {
            Some(why) => missing.push(Line::left_out(a, why)),
            None => back.push(listed),
        }
    }
    let downgrades = lower(index, channel, &back, &now, as_of)?;
    Ok(Plan {
        back,
        leave: now,
        missing,
        downgrades,
        documents: documents(index, channel, to, makes_its_own, &there)?,
    })
}

/// Why an artifact cannot come back: its bytes were purged, or those of a file that belongs to it.
fn purged(index: &Index, artifact: &Artifact) -> Result<Option<String>, RepoError> {
    let own = [artifact.served.digest, artifact.received.digest];
    for digest in own {
        if let Some(gone) = index.gone(&digest)?.filter(|gone| gone.purged) {
            return Ok(Some(format!("it was purged: {}", gone.reason)));
        }
    }
    for part in &artifact.parts {
        if let Some(gone) = index.gone(&part.blob.digest)?.filter(|gone| gone.purged) {
            return Ok(Some(format!("its `{}` was purged: {}", part.name, gone.reason)));
        }
    }
    Ok(None)
}

/// What becomes of documents: they are as they were, where their distribution is there or can come back.
fn documents(
    index: &Index,
    channel: &ChannelName,
    to: Revision,
    makes_its_own: bool,
    there: &[(DistributionName, DistributionSettings)],
) -> Result<Vec<Documented>, RepoError> {
    let (before, now) = (
        index.documents(channel, Some(to))?,
        index.documents(channel, None)?,
    );
    let places: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    let differing = places
        .into_iter()
        .filter(|place| before.get(place) != now.get(place));
    let can_be =
        |distribution: &DistributionName| makes_its_own || there.iter().any(|(own, _)| own == distribution);
    let changes = differing.map(|place| Documented {
        distribution: place.0.clone(),
        kind: place.1.clone(),
        document: before.get(place).cloned(),
    });
    Ok(changes
        .filter(|change| change.document.is_none() || can_be(&change.distribution))
        .collect())
}

/// What goes down: the projects that the rollback touches, as they are offered now and after it.
fn lower(
    index: &Index,
    channel: &ChannelName,
    back: &[Listed],
    leave: &[Listed],
    as_of: Revision,
) -> Result<Vec<Downgrade>, RepoError> {
    let projects: BTreeSet<&ProjectName> = leave.iter().map(|l| &l.artifact.project).collect();
    let left: BTreeSet<Held> = leave.iter().map(|l| Held::of(&l.artifact)).collect();
    let (mut before, mut after): (Vec<Artifact>, Vec<Artifact>) = (Vec::new(), Vec::new());
    for project in projects {
        for listed in index.of_project(channel, project, None, Some(as_of))? {
            if listed.yanked.is_some() {
                continue;
            }
            if !left.contains(&Held::of(&listed.artifact)) {
                after.push(listed.artifact.clone());
            }
            before.push(listed.artifact);
        }
    }
    after.extend(
        back.iter()
            .filter(|l| l.yanked.is_none())
            .map(|l| l.artifact.clone()),
    );
    Ok(downgrades(&before, &after))
}
