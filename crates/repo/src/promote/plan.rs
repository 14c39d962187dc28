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
            reason: None,
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
    /// What is left out.
    pub skipped: Vec<Line>,
    /// What was named and is yanked.
    pub yanked: Vec<(Artifact, String)>,
}

/// Decides what a promotion does. `held` is what the target holds of the filenames that are picked.
pub fn plan(picked: &[Picked], held: &[Artifact], placement: &Placement) -> Plan {
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
        for other in held {
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
    plan
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
        let needless = new.distribution.is_any() && other.component == new.component;
        let narrowed = old.distribution.is_any() && !new.distribution.is_any();
        let other_component = old.distribution == new.distribution && old.component != new.component;
        let moved = self.same_channel && there == Held::of(old);
        needless || (moved && (self.move_from || narrowed || other_component))
    }
}

impl Plan {
    /// Whether it may be done by who asks, and leaves out nothing that was named.
    pub(super) fn check(&self, access: &Access, source: &ChannelRef) -> Result<(), RepoError> {
        for artifact in self.add.iter().chain(&self.remove) {
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
