//! What a promotion does, decided from what the source and the target hold.

use crate::{Access, RepoError};
use packyard_index::Listed;
use packyard_types::{Artifact, ChannelRef, ComponentName, DistributionName, Ecosystem, Held, ProjectName};
use serde::Serialize;
use std::collections::BTreeSet;

/// One artifact in a plan or a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The canonical filename.
    pub filename: String,
    /// What it belongs to.
    pub project: ProjectName,
    /// Its release version.
    pub version: String,
    /// Where it is, or was.
    pub distribution: DistributionName,
    /// Where it is, or was.
    pub component: ComponentName,
    /// SHA-256 of its bytes as served.
    pub sha256: packyard_types::Digest,
    /// Why it is yanked there, where it is; empty where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yanked: Option<String>,
    /// Why it is left out, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Line {
    /// Of an artifact.
    pub fn of(a: &Artifact) -> Self {
        Self {
            filename: a.name.to_string(),
            project: a.project.clone(),
            version: a.release_version.clone(),
            distribution: a.distribution.clone(),
            component: a.component.clone(),
            sha256: a.served.digest,
            yanked: None,
            reason: None,
        }
    }

    /// Of what a channel holds, with the state that it is in.
    pub fn held(l: &Listed) -> Self {
        let yanked = l.yanked.clone();
        Self {
            yanked,
            ..Self::of(&l.artifact)
        }
    }

    /// Of an artifact that is left out.
    pub fn left_out(a: &Artifact, reason: impl Into<String>) -> Self {
        let reason = Some(reason.into());
        Self {
            reason,
            ..Self::of(a)
        }
    }
}

/// An artifact of the source that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// The row of the source.
    pub listed: Listed,
    /// Whether it was named by version or filename: then it may not silently be left out.
    pub named: bool,
}

/// Where promoted artifacts come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The distribution, where one is named.
    pub distribution: Option<DistributionName>,
    /// The component, where one is named.
    pub component: Option<ComponentName>,
    /// Whether the source is the target itself.
    pub same_channel: bool,
    /// Whether the old place ends, where the source is the target itself.
    pub move_from: bool,
}

/// What a promotion does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What comes.
    pub add: Vec<Artifact>,
    /// What goes, as it is held now.
    pub remove: Vec<Artifact>,
    /// What is there already, as it is held now.
    pub unchanged: Vec<Listed>,
    /// What is left out.
    pub skipped: Vec<Line>,
    /// What was named and is yanked.
    pub yanked: Vec<(Artifact, String)>,
}

/// Decides what a promotion does. `held` is what the target holds of the filenames that are picked.
pub fn plan(picked: &[Picked], held: &[Listed], placement: &Placement) -> Plan {
    let mut plan = Plan::default();
    let mut removed = BTreeSet::new();
    for Picked { listed, named } in picked {
        let old = &listed.artifact;
        match &listed.yanked {
            Some(reason) if *named => plan.yanked.push((old.clone(), reason.clone())),
            Some(reason) => plan
                .skipped
                .push(Line::left_out(old, said("it is yanked", reason))),
            None => {}
        }
        if listed.yanked.is_some() {
            continue;
        }
        let new = placement.of(old);
        for other in held.iter().map(|l| &l.artifact) {
            if other.served.digest == new.served.digest
                && other.name == new.name
                && placement.ends(old, &new, other)
                && removed.insert(Held::of(other))
            {
                plan.remove.push(other.clone());
            }
        }
        if !plan.add.contains(&new) {
            plan.add.push(new);
        }
    }
    plan.leave_out_what_any_covers();
    plan.tell_what_is_there(held, &removed);
    plan
}

/// Whether `any` holds the same bytes in the same component, so that every distribution has them.
fn covers(any: &Artifact, a: &Artifact) -> bool {
    any.distribution.is_any()
        && !a.distribution.is_any()
        && any.served.digest == a.served.digest
        && any.name == a.name
        && any.component == a.component
}

fn said(what: &str, reason: &str) -> String {
    match reason {
        "" => what.to_owned(),
        reason => format!("{what}: {reason}"),
    }
}

impl Placement {
    /// An artifact in the place that it gets.
    fn of(&self, old: &Artifact) -> Artifact {
        let mut new = old.clone();
        if old.name.kind().ecosystem() == Ecosystem::Pip {
            return new;
        }
        new.distribution = self.distribution.clone().unwrap_or(new.distribution);
        new.component = self.component.clone().unwrap_or(new.component);
        new
    }

    /// Whether the same bytes in another place of the target end when `old` comes as `new`.
    fn ends(&self, old: &Artifact, new: &Artifact, other: &Artifact) -> bool {
        let (there, here) = (Held::of(other), Held::of(new));
        if there == here {
            return false;
        }
        let needless = self.same_channel && new.distribution.is_any() && other.component == new.component;
        let narrowed = old.distribution.is_any() && !new.distribution.is_any();
        let other_component = old.distribution == new.distribution && old.component != new.component;
        let moved = self.same_channel && there == Held::of(old);
        needless || (moved && (self.move_from || narrowed || other_component))
    }
}

impl Plan {
    /// What comes into `any` comes into every distribution: it does not come into one of them besides.
    fn leave_out_what_any_covers(&mut self) {
        let all = std::mem::take(&mut self.add);
        let (covered, add): (Vec<_>, Vec<_>) = all
            .iter()
            .cloned()
            .partition(|a| all.iter().any(|other| covers(other, a)));
        let reason = "it comes into `any`, which is part of every distribution";
        self.skipped
            .extend(covered.iter().map(|a| Line::left_out(a, reason)));
        self.add = add;
    }

    /// Parts what comes from what is there already, in its place or in `any`, and stays.
    fn tell_what_is_there(&mut self, held: &[Listed], removed: &BTreeSet<Held>) {
        let stays = |l: &&Listed| !removed.contains(&Held::of(&l.artifact));
        let (unchanged, mut told) = (&mut self.unchanged, BTreeSet::new());
        self.add.retain(|new| {
            let own = held
                .iter()
                .filter(stays)
                .find(|l| Held::of(&l.artifact) == Held::of(new));
            let any = || held.iter().filter(stays).find(|l| covers(&l.artifact, new));
            let Some(there) = own.or_else(any) else {
                return true;
            };
            if told.insert(Held::of(&there.artifact)) {
                unchanged.push(there.clone());
            }
            false
        });
    }

    /// Whether it may be done by who asks, and leaves out nothing that was named.
    pub(super) fn check(&self, access: &Access, source: &ChannelRef) -> Result<(), RepoError> {
        let unchanged = self.unchanged.iter().map(|l| &l.artifact);
        for artifact in self.add.iter().chain(&self.remove).chain(unchanged) {
            access.allow_artifact(artifact)?;
        }
        let yanked = |(artifact, reason): &(Artifact, String)| RepoError::Yanked {
            filename: artifact.name.to_string(),
            channel: source.channel.clone(),
            reason: reason.clone(),
        };
        RepoError::all(self.yanked.iter().map(yanked).collect())
    }
}
