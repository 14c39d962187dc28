//! Promotion: artifacts that a channel holds come into another one, or into another place of the same one, with the same
//! bytes and in one revision. [`plan`] decides; the committer judges the plan as it judges every change.
//!
//! Across channels each artifact keeps its distribution and component unless the wish says otherwise; wheels and sdists
//! are always in `any`. Where the same bytes come into `any` and into a distribution, they come into `any` alone. Nothing
//! leaves the target, unless it is volatile. Within a channel:
//!
//! - from one distribution to another is a copy, or with `move_from` a move;
//! - from `any` to a distribution, or to another component, is a move: what is in `any` is in every distribution, so a
//!   copy would change nothing;
//! - from a distribution to `any` makes what the distributions have of the same bytes needless: it ends.

mod plan;

pub use plan::Line;

use self::plan::{Picked, Placement, plan};
use crate::{Access, RepoError, Selector, Yard, changing::Replan, commit::judge};
use packyard_index::Listed;
use packyard_types::{
    Adopted, Artifact, ArtifactKind, Change, ChangeId, ChannelName, ChannelRef, ChannelSpec, ComponentName,
    DistributionName, Ecosystem, Held, Invalid, Operation, Origin, Permission, ProjectName, Revision,
    native_order,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be promoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// What selectors mean in the source.
    Selected(Vec<Selector>),
    /// What came into the source with a revision, or with one change of it.
    Revision(Revision, Option<u32>),
    /// Everything that the source holds.
    All,
}

/// A promotion as it is asked for.
#[derive(Debug, Clone)]
pub struct Promotion {
    /// Where from.
    pub from: ChannelSpec,
    /// Only what is in this distribution there.
    pub from_distribution: Option<DistributionName>,
    /// Where to.
    pub to: ChannelName,
    /// Into this distribution; where none is named each artifact keeps its own.
    pub distribution: Option<DistributionName>,
    /// Into this component; where none is named each artifact keeps its own.
    pub component: Option<ComponentName>,
    /// What.
    pub choice: Choice,
    /// Within a channel: it leaves the old place.
    pub move_from: bool,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Why.
    pub note: Option<String>,
    /// Only if the target has not changed since.
    pub if_revision: Option<Revision>,
}

/// What a selector came to mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChosenLine {
    /// As it was typed.
    pub selector: String,
    /// The project.
    pub project: ProjectName,
    /// The release versions.
    pub versions: BTreeSet<String>,
}

/// What became of a promotion, or would become of it.
#[derive(Debug, Clone, Serialize)]
pub struct Promoted {
    /// The revision in which it holds.
    pub revision: Revision,
    /// The change that it became; none where nothing changed.
    pub release: Option<ChangeId>,
    /// Whether it was only planned.
    pub dry_run: bool,
    /// The source, as of the revision that was read.
    pub from: String,
    /// What the selectors came to mean.
    pub chosen: Vec<ChosenLine>,
    /// What is new in the target.
    pub added: Vec<Line>,
    /// What left its place in the target.
    pub removed: Vec<Line>,
    /// What was there already.
    pub unchanged: Vec<Line>,
    /// What was left out, and why.
    pub skipped: Vec<Line>,
    /// Distributions that came into being and look like a slip of the finger.
    pub warnings: Vec<String>,
}

impl Yard {
    /// Promotes, or says what a promotion would do. Everything that is in the way is named at once.
    pub async fn promote(&self, access: &Access, wish: Promotion) -> Result<Promoted, RepoError> {
        access.allow(Permission::Promote, Some(&wish.to))?;
        self.allow_read(access, &wish.from.channel)?;
        wish.note.as_deref().map_or(Ok(()), crate::publish::check_note)?;
        let mut again = Replan::new(wish.if_revision);
        loop {
            match self.try_promote(access, &wish, &mut again).await {
                Err(e) if again.may_try(&e) => {}
                other => return other,
            }
        }
    }

    async fn try_promote(
        &self,
        access: &Access,
        wish: &Promotion,
        again: &mut Replan,
    ) -> Result<Promoted, RepoError> {
        let (settled, as_of) = (self.resolve(&wish.from)?, self.applied()?.revision);
        again.planned_at(as_of);
        let source = ChannelRef {
            at: Some(settled.at.unwrap_or(as_of)),
            ..settled
        };
        let wish = &self.by_own_names(wish, &source)?;
        wish.check()?;
        let (picked, chosen, mut skipped) = self.pick(&source, wish).await?;
        let placement = wish.placement();
        let held = self.held_of(&wish.to, &picked, as_of)?;
        let plan = plan(&picked, &held, &placement);
        plan.check(access, &source)?;
        if source.channel != wish.to {
            self.keeps_signatures_of(&wish.to, &plan.add).await?;
        }
        skipped.extend(plan.skipped.iter().cloned());
        let comes_into = plan.add.iter().map(|a| a.distribution.clone()).collect();
        let warnings = self.doubtful(&wish.to, &comes_into)?;
        let operation = Operation::Adopt {
            channel: wish.to.clone(),
            from: Origin::Promotion {
                channel: source.channel.clone(),
                revision: source.at.unwrap_or(as_of),
            },
            add: plan.add.iter().cloned().map(unyanked).collect(),
            remove: plan.remove.iter().map(Held::of).collect(),
            documents: Vec::new(),
        };
        let (revision, release, operation) = if wish.dry_run {
            let fresh = self.read(|index| judge(index, &operation, wish.if_revision))?;
            (as_of, None, fresh)
        } else {
            let change = Change {
                actor: access.actor(),
                sender: access.sender(),
                at: self.now(),
                note: wish.note.clone(),
                operation,
            };
            let done = self.commit(again.proposal(change)).await?;
            (done.revision, done.change, done.operation)
        };
        let (added, gone) = match operation {
            Some(Operation::Adopt { add, remove, .. }) => (add, remove),
            _ => (Vec::new(), Vec::new()),
        };
        let gone: BTreeSet<Held> = gone.into_iter().collect();
        let removed = held
            .iter()
            .map(|l| &l.artifact)
            .filter(|a| gone.contains(&Held::of(a)));
        Ok(Promoted {
            revision,
            release,
            dry_run: wish.dry_run,
            from: source.to_string(),
            chosen,
            added: added.iter().map(|a| Line::of(&a.artifact)).collect(),
            removed: removed.map(Line::of).collect(),
            unchanged: plan.unchanged.iter().map(Line::held).collect(),
            skipped,
            warnings,
        })
    }

    /// The artifacts of the source that are meant.
    async fn pick(
        &self,
        source: &ChannelRef,
        wish: &Promotion,
    ) -> Result<(Vec<Picked>, Vec<ChosenLine>, Vec<Line>), RepoError> {
        let here = |a: &Artifact| {
            wish.from_distribution
                .as_ref()
                .is_none_or(|d| a.distribution == *d)
        };
        let whole = |listed| Picked { listed, named: false };
        match &wish.choice {
            Choice::Selected(selectors) => {
                let selection = self
                    .select(source, wish.from_distribution.as_ref(), selectors)
                    .await?;
                let (mut picked, mut chosen) = (Vec::new(), Vec::new());
                for mut c in selection.chosen {
                    if c.selector.is_bare() || c.selector.is_exact() {
                        c.artifacts = without_older(&c.artifacts, c.selector.is_bare());
                    }
                    let versions = c.artifacts.iter().map(|l| l.artifact.release_version.clone());
                    chosen.push(ChosenLine {
                        selector: c.selector.to_string(),
                        project: c.project,
                        versions: versions.collect(),
                    });
                    let named = c.selector.is_exact();
                    picked.extend(c.artifacts.into_iter().map(|listed| Picked { listed, named }));
                }
                Ok((picked, chosen, Vec::new()))
            }
            Choice::All => {
                let (channel, at) = (source.channel.clone(), source.at);
                let rows = self.read_blocking(move |i| Ok(i.held(&channel, at)?)).await?;
                let rows = rows.into_iter().filter(|l| here(&l.artifact));
                Ok((rows.map(whole).collect(), Vec::new(), Vec::new()))
            }
            Choice::Revision(revision, position) => {
                let (mut picked, mut skipped) = (Vec::new(), Vec::new());
                for artifact in self.came_with(&source.channel, *revision, *position)? {
                    if !here(&artifact) {
                        continue;
                    }
                    let rows = self.read(|i| {
                        Ok(i.with_filename(&source.channel, artifact.name.as_str(), source.at)?)
                    })?;
                    let place = Held::of(&artifact);
                    match rows.into_iter().find(|l| Held::of(&l.artifact) == place) {
                        Some(listed) => picked.push(whole(listed)),
                        None => {
                            let reason = format!("`{source}` does not hold it any more");
                            skipped.push(Line::left_out(&artifact, reason));
                        }
                    }
                }
                Ok((picked, Vec::new(), skipped))
            }
        }
    }

    /// What came into a channel with a revision, or with one change of it.
    fn came_with(
        &self,
        channel: &ChannelName,
        revision: Revision,
        position: Option<u32>,
    ) -> Result<Vec<Artifact>, RepoError> {
        let mut out = Vec::new();
        for row in self.read(|index| Ok(index.changes_in(revision)?))? {
            let this = position.is_none_or(|k| row.id.position == k);
            if !this || row.operation.channel() != Some(channel) {
                continue;
            }
            match row.operation {
                Operation::Publish { artifacts, .. } => out.extend(artifacts),
                Operation::Adopt { add, .. } => out.extend(add.into_iter().map(|a| a.artifact)),
                _ => {}
            }
        }
        if out.is_empty() {
            let id = position.map_or_else(|| revision.to_string(), |k| format!("{revision}.{k}"));
            let what = format!("release {id} in channel `{channel}`: nothing came into it then");
            return Err(RepoError::NotFound { what, nearest: None });
        }
        Ok(out)
    }

    /// The wish with the distributions' own names in the place of aliases.
    fn by_own_names(&self, wish: &Promotion, source: &ChannelRef) -> Result<Promotion, RepoError> {
        let mut settled = wish.clone();
        if let Some(name) = &wish.from_distribution {
            settled.from_distribution = Some(self.source_distribution(source, name)?);
        }
        if let Some(name) = &wish.distribution {
            // One that is not there yet is the committer's to judge.
            let found = self.read(|index| Ok(index.distribution(&wish.to, name.as_str())?))?;
            settled.distribution = Some(found.map_or_else(|| name.clone(), |(own, _)| own));
        }
        Ok(settled)
    }

    /// The distribution of the source that a name means. One that has ended since is known by what it held.
    fn source_distribution(
        &self,
        source: &ChannelRef,
        name: &DistributionName,
    ) -> Result<DistributionName, RepoError> {
        let unknown = match self.distribution(&source.channel, name.as_str()) {
            Ok((own, _)) => return Ok(own),
            Err(e) => e,
        };
        let held = self.read(|index| Ok(index.held(&source.channel, source.at)?))?;
        if held.iter().any(|l| l.artifact.distribution == *name) {
            Ok(name.clone())
        } else {
            Err(unknown)
        }
    }

    /// What the target holds of the filenames that are picked.
    fn held_of(
        &self,
        target: &ChannelName,
        picked: &[Picked],
        as_of: Revision,
    ) -> Result<Vec<Listed>, RepoError> {
        let files: BTreeSet<&str> = picked.iter().map(|p| p.listed.artifact.name.as_str()).collect();
        self.read(|index| {
            let mut out = Vec::new();
            for file in files {
                out.extend(index.with_filename(target, file, Some(as_of))?);
            }
            Ok(out)
        })
    }
}

/// Of the .debs, .rpms and source packages of a release the newest revision that is not yanked, for each package,
/// architecture and distribution, as dpkg and rpm order them; without `all` only what is older and yanked goes.
/// What is newer and yanked stays, so that it is told that it is left out.
fn without_older(rows: &[Listed], all: bool) -> Vec<Listed> {
    type Key = (ArtifactKind, String, String, DistributionName);
    let key = |a: &Artifact| -> Key {
        let name = (a.package.clone(), a.arch.clone());
        (a.name.kind(), name.0, name.1, a.distribution.clone())
    };
    let order = |a: &Artifact, b: &Artifact| native_order(a.name.kind().ecosystem(), &a.version, &b.version);
    let mut newest: BTreeMap<Key, &Listed> = BTreeMap::new();
    for row in rows {
        let best = newest.entry(key(&row.artifact)).or_insert(row);
        let offered = (row.yanked.is_none(), best.yanked.is_none());
        if offered == (true, false)
            || (offered.0 == offered.1 && order(&row.artifact, &best.artifact).is_gt())
        {
            *best = row;
        }
    }
    let is_kept = |l: &&Listed| {
        let best = newest.get(&key(&l.artifact)).map(|best| &best.artifact);
        let pip = l.artifact.name.kind().ecosystem() == Ecosystem::Pip;
        let outdated = best.is_some_and(|best| order(&l.artifact, best).is_lt());
        pip || !outdated || !(all || l.yanked.is_some())
    };
    rows.iter().filter(is_kept).cloned().collect()
}

fn unyanked(artifact: Artifact) -> Adopted {
    Adopted {
        artifact,
        yanked: None,
    }
}

impl Promotion {
    fn placement(&self) -> Placement {
        Placement {
            distribution: self.distribution.clone(),
            component: self.component.clone(),
            same_channel: self.from.channel == self.to,
            move_from: self.move_from,
        }
    }

    /// Whether it makes sense at all.
    fn check(&self) -> Result<(), Invalid> {
        let same_channel = self.from.channel == self.to;
        let to = match &self.distribution {
            Some(d) => format!("{}/{d}", self.to),
            None => self.to.to_string(),
        };
        if self.move_from && !same_channel {
            let rule = "a move is within a channel; promote first, then `packyard remove` it from the other";
            return Err(Invalid::new("target of a move", &to, rule));
        }
        let elsewhere = self.from.at.is_some()
            || self.component.is_some()
            || (self.distribution.is_some() && self.distribution != self.from_distribution);
        if same_channel && !elsewhere {
            let rule = "it is the source itself; name another channel, distribution or component";
            return Err(Invalid::new("target of a promotion", &to, rule));
        }
        Ok(())
    }
}
