//! Retention: what of a channel its `keep` does not keep. It leaves the channel through the log, as a removal that can be
//! undone (`packyard promote NAME==V --from C@N --to C`) until the grace period ends and `gc` prunes.
//!
//! It is counted for each project, ecosystem, distribution and architecture, by release version:
//!
//! - `5`: the five newest releases;
//! - `90d`: what was published in the last 90 days;
//! - `tagged`: what a tagged revision holds.
//!
//! The newest release that is not yanked always stays. A yanked release is not counted; it goes when it is older than
//! the oldest that is kept. Where a tag holds what leaves, it stays reachable under the tag.

use crate::{Access, Line, Proposal, RepoError, Yard, changing::Replan};
use packyard_index::{Index, Listed};
use packyard_types::{
    Actor, Change, ChannelName, Ecosystem, Held, Keep, Operation, Origin, Permission, ProjectName, Revision,
    Timestamp, release_order, same_release,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a channel's retention takes away, or would take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionPlan {
    /// The channel.
    pub channel: ChannelName,
    /// What it keeps.
    pub keep: Keep,
    /// What leaves it.
    pub removed: Vec<Line>,
    /// How many artifacts stay.
    pub kept: usize,
}

/// What releases are counted by.
type Group<'a> = (&'a ProjectName, Ecosystem, &'a str, &'a str);

fn group(l: &Listed) -> Group<'_> {
    let a = &l.artifact;
    (
        &a.project,
        a.name.kind().ecosystem(),
        a.distribution.as_str(),
        &a.arch,
    )
}

/// Those of `rows` that are not kept. `tagged` says whether a tagged revision holds an artifact.
pub fn surplus<'a>(
    rows: &'a [Listed],
    keep: Keep,
    now: Timestamp,
    tagged: &dyn Fn(&Held) -> bool,
) -> Vec<&'a Listed> {
    let mut groups: BTreeMap<Group<'_>, Vec<&Listed>> = BTreeMap::new();
    for row in rows {
        groups.entry(group(row)).or_default().push(row);
    }
    let mut out = Vec::new();
    for rows in groups.into_values() {
        out.extend(surplus_of_group(&rows, keep, now, tagged));
    }
    out
}

fn surplus_of_group<'a>(
    rows: &[&'a Listed],
    keep: Keep,
    now: Timestamp,
    tagged: &dyn Fn(&Held) -> bool,
) -> Vec<&'a Listed> {
    let version = |l: &Listed| l.artifact.release_version.clone();
    let offered = rows.iter().filter(|l| l.yanked.is_none());
    let mut releases: Vec<String> = offered.map(|l| version(l)).collect();
    releases.sort_by(|a, b| release_order(b, a));
    releases.dedup_by(|a, b| same_release(a, b));
    let Some(newest) = releases.first() else {
        // Where all is yanked nothing is surplus: what is left is what somebody may still be pinned to.
        return Vec::new();
    };
    let oldest_kept = match keep {
        Keep::Releases(n) => releases
            .get((n.max(1) as usize) - 1)
            .unwrap_or(&releases[releases.len() - 1]),
        Keep::Days(_) | Keep::Tagged => newest,
    };
    let kept = |l: &Listed| {
        if release_order(&version(l), oldest_kept).is_ge() || same_release(&version(l), oldest_kept) {
            return true;
        }
        match keep {
            Keep::Releases(_) => false,
            Keep::Days(days) => {
                l.published_at.unix_seconds() >= now.unix_seconds() - i64::from(days) * SECONDS_OF_DAY
            }
            Keep::Tagged => tagged(&Held::of(&l.artifact)),
        }
    };
    rows.iter().copied().filter(|l| !kept(l)).collect()
}

const SECONDS_OF_DAY: i64 = 86_400;

/// Who makes changes that nobody asked for by hand.
fn packyard() -> Actor {
    Actor::parse("packyard").expect("a plain word")
}

/// What right after a release is surplus in a channel that keeps a number of releases: only of these projects, and
/// nothing of what has just come.
pub(crate) fn after_release(
    index: &Index,
    channel: &ChannelName,
    came: &[Held],
    now: Timestamp,
) -> Result<Option<Change>, RepoError> {
    let keep = index.channel(channel)?.and_then(|settings| settings.keep);
    let Some(keep @ Keep::Releases(_)) = keep else {
        return Ok(None);
    };
    let came: BTreeSet<&Held> = came.iter().collect();
    let files: BTreeSet<&str> = came.iter().map(|h| h.filename.as_str()).collect();
    let mut projects = BTreeSet::new();
    for file in files {
        let rows = index.with_filename(channel, file, None)?;
        projects.extend(rows.into_iter().map(|l| l.artifact.project));
    }
    let mut remove = Vec::new();
    for project in &projects {
        let rows = index.of_project(channel, project, None, None)?;
        let held = surplus(&rows, keep, now, &|_| false)
            .into_iter()
            .map(|l| Held::of(&l.artifact));
        remove.extend(held.filter(|h| !came.contains(h)));
    }
    Ok((!remove.is_empty()).then(|| retention(channel, keep, remove, packyard(), now)))
}

fn retention(channel: &ChannelName, keep: Keep, remove: Vec<Held>, actor: Actor, at: Timestamp) -> Change {
    Change {
        actor,
        sender: packyard_types::Sender::default(),
        at,
        note: Some(format!("keep {keep}")),
        operation: Operation::Adopt {
            channel: channel.clone(),
            from: Origin::Retention,
            add: Vec::new(),
            remove,
            documents: Vec::new(),
        },
    }
}

impl Yard {
    /// What a channel would lose if it kept so much; with none, by its own setting. None where it keeps everything.
    pub async fn retention_plan(
        &self,
        channel: &ChannelName,
        keep: Option<Keep>,
    ) -> Result<Option<RetentionPlan>, RepoError> {
        self.channel_exists(channel)?;
        let as_of = self.applied()?.revision;
        let (plan, _) = self.retention_as_of(channel, keep, as_of).await?;
        Ok(plan)
    }

    async fn retention_as_of(
        &self,
        channel: &ChannelName,
        keep: Option<Keep>,
        as_of: Revision,
    ) -> Result<(Option<RetentionPlan>, Vec<Held>), RepoError> {
        let (channel, now) = (channel.clone(), self.now());
        self.read_blocking(move |index| {
            let own = index.channel(&channel)?.and_then(|settings| settings.keep);
            let Some(keep) = keep.or(own) else {
                return Ok((None, Vec::new()));
            };
            let rows = index.held(&channel, Some(as_of))?;
            let mut tagged = BTreeSet::new();
            if keep == Keep::Tagged {
                let revisions: BTreeSet<Revision> =
                    index.tags(&channel)?.into_iter().map(|(_, at)| at).collect();
                for at in revisions {
                    let held = index.held(&channel, Some(at))?;
                    tagged.extend(held.iter().map(|l| Held::of(&l.artifact)));
                }
            }
            let surplus = surplus(&rows, keep, now, &|held| tagged.contains(held));
            let held = surplus.iter().map(|l| Held::of(&l.artifact)).collect();
            let plan = RetentionPlan {
                channel,
                keep,
                removed: surplus.iter().map(|l| Line::of(&l.artifact)).collect(),
                kept: rows.len() - surplus.len(),
            };
            Ok((Some(plan), held))
        })
        .await
    }

    /// Takes away what channels no longer keep. Says what, by channel.
    pub async fn retain(&self, access: &Access) -> Result<Vec<RetentionPlan>, RepoError> {
        access.allow(Permission::Admin, None)?;
        let mut out = Vec::new();
        for channel in self.read(|index| Ok(index.channel_names()?))? {
            let mut again = Replan::new(None);
            let plan = loop {
                match self.retain_channel(access, &channel, &mut again).await {
                    Err(e) if again.may_try(&e) => {}
                    other => break other?,
                }
            };
            out.extend(plan);
        }
        Ok(out)
    }

    async fn retain_channel(
        &self,
        access: &Access,
        channel: &ChannelName,
        again: &mut Replan,
    ) -> Result<Option<RetentionPlan>, RepoError> {
        let as_of = self.applied()?.revision;
        again.planned_at(as_of);
        let (plan, remove) = self.retention_as_of(channel, None, as_of).await?;
        let Some(plan) = plan else { return Ok(None) };
        if !remove.is_empty() {
            let mut change = retention(channel, plan.keep, remove, access.actor(), self.now());
            change.sender = access.sender();
            self.commit(again.proposal(change)).await?;
        }
        Ok(Some(plan))
    }

    /// What time alone makes surplus leaves the channels that keep days. Call it now and then; a yard that cannot be
    /// written to here is left alone.
    pub async fn retain_in_time(&self) -> Result<(), RepoError> {
        if self.writable().is_err() {
            return Ok(());
        }
        for channel in self.read(|index| Ok(index.channel_names()?))? {
            let keep = self
                .read(|index| Ok(index.channel(&channel)?))?
                .and_then(|s| s.keep);
            if !matches!(keep, Some(Keep::Days(_))) {
                continue;
            }
            let as_of = self.applied()?.revision;
            let (plan, remove) = self.retention_as_of(&channel, None, as_of).await?;
            let Some(plan) = plan.filter(|_| !remove.is_empty()) else {
                continue;
            };
            let change = retention(&channel, plan.keep, remove, packyard(), self.now());
            let proposal = Proposal {
                if_revision: Some(as_of),
                ..Proposal::of(change)
            };
            match self.commit(proposal).await {
                // The next time will do.
                Err(RepoError::Stale { .. }) | Ok(_) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
