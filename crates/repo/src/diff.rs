//! What differs between two revisions of a channel, or between two channels: projects, versions, files, and the
//! changelog entries in between, so that release notes write themselves.
//!
//! Versions are those that are offered: a yank takes one away as a removal does.

mod changelog;
mod side;

pub use changelog::ChangelogEntry;

use crate::{RepoError, Yard};
use changelog::Span;
use packyard_index::Listed;
use packyard_types::{ChannelRef, Facts, Held, ProjectName, same_release, version_order};
use serde::Serialize;
use std::collections::BTreeMap;

/// What has to happen to one side so that it becomes the other.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The side that is looked from.
    pub from: ChannelRef,
    /// The side that is looked at.
    pub to: ChannelRef,
    /// The projects that differ, by name.
    pub projects: Vec<ProjectDifference>,
}

/// How one project differs.
#[derive(Debug, Clone)]
pub struct ProjectDifference {
    /// The project.
    pub project: ProjectName,
    /// In a word.
    pub change: ProjectChange,
    /// Its highest version before, where it was there.
    pub from: Option<String>,
    /// Its highest version after, where it is there.
    pub to: Option<String>,
    /// The versions that are new, the highest first.
    pub versions_added: Vec<String>,
    /// The versions that are there no longer, the highest first.
    pub versions_removed: Vec<String>,
    /// The files that differ: by change, name and place.
    pub files: Vec<FileDifference>,
    /// What its changelog says of the difference; nothing where the project is removed.
    pub notes: Option<ProjectNotes>,
}

/// A project's difference in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProjectChange {
    /// It was not there before.
    Added,
    /// It is there no longer.
    Removed,
    /// Something of it is another.
    Changed,
}

/// How one file in one place differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDifference {
    /// In a word.
    pub change: FileChange,
    /// The artifact, as the side has it that has it.
    pub listed: Listed,
}

/// A file's difference in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileChange {
    /// It is new.
    Added,
    /// It is there no longer.
    Removed,
    /// It is yanked now.
    Yanked,
    /// It is yanked no longer.
    Unyanked,
}

/// What a changelog says of the versions between two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProjectNotes {
    /// The artifact whose changelog it is; none where no artifact carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where the project says that its changelog is, where no artifact carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The versions went back: the entries say what is there no longer.
    pub reverted: bool,
    /// The entries, newest first.
    pub entries: Vec<ChangelogEntry>,
}

impl Yard {
    /// What differs between two channels, or one at two revisions.
    pub async fn diff(&self, from: &ChannelRef, to: &ChannelRef) -> Result<Difference, RepoError> {
        let (one, other) = (from.clone(), to.clone());
        let found = self
            .read_blocking(move |i| {
                let mut found = Vec::new();
                for project in i.projects_that_differ(&one, &other)? {
                    let before = i.of_project(&one.channel, &project, None, one.at)?;
                    let after = i.of_project(&other.channel, &project, None, other.at)?;
                    found.extend(compared(project, &before, &after));
                }
                Ok(found)
            })
            .await?;
        let mut projects = Vec::new();
        for (mut difference, span) in found {
            if let Some(span) = span {
                difference.notes = Some(self.notes(&span).await?);
            }
            projects.push(difference);
        }
        Ok(Difference {
            from: from.clone(),
            to: to.clone(),
            projects,
        })
    }

    /// The notes of the first artifact that has any, debs and rpms first.
    async fn notes(&self, span: &Span) -> Result<ProjectNotes, RepoError> {
        let mut notes = ProjectNotes {
            reverted: span.reverted,
            ..ProjectNotes::default()
        };
        for artifact in &span.artifacts {
            let facts = self.facts(artifact).await?;
            if let Some(entries) = changelog::entries(&facts) {
                notes.source = Some(artifact.name.to_string());
                notes.entries = span.of(artifact, entries);
                return Ok(notes);
            }
            if let Facts::Wheel(f) | Facts::Sdist(f) = &facts {
                notes.url = notes.url.or_else(|| changelog::url(&f.metadata));
            }
        }
        Ok(notes)
    }
}

/// How a project differs, and which part of its changelog says why; nothing where it does not differ.
fn compared(
    project: ProjectName,
    before: &[Listed],
    after: &[Listed],
) -> Option<(ProjectDifference, Option<Span>)> {
    let files = files(before, after);
    if files.is_empty() {
        return None;
    }
    let (old, new) = (versions(before), versions(after));
    let without = |these: &[String], those: &[String]| -> Vec<String> {
        let here = |v: &&String| those.iter().all(|other| !same_release(v, other));
        these.iter().filter(here).cloned().collect()
    };
    let (versions_added, versions_removed) = (without(&new, &old), without(&old, &new));
    let change = match (before.is_empty(), after.is_empty()) {
        (true, _) => ProjectChange::Added,
        (_, true) => ProjectChange::Removed,
        _ => ProjectChange::Changed,
    };
    let back = match (old.first(), new.first()) {
        (Some(from), Some(to)) => version_order(to, from).is_lt(),
        (from, _) => from.is_some(),
    };
    let span = match change {
        ProjectChange::Removed => None,
        _ if back => old.first().map(|top| Span::new(top, before, after, true)),
        _ => {
            let top = versions_added.first().or(new.first());
            top.map(|top| Span::new(top, after, before, false))
        }
    };
    let difference = ProjectDifference {
        project,
        change,
        from: old.first().cloned(),
        to: new.first().cloned(),
        versions_added,
        versions_removed,
        files,
        notes: None,
    };
    Some((difference, span))
}

/// The release versions that are offered, each once, the highest first.
fn versions(rows: &[Listed]) -> Vec<String> {
    let offered = rows.iter().filter(|l| l.yanked.is_none());
    let mut versions: Vec<String> = offered.map(|l| l.artifact.release_version.clone()).collect();
    versions.sort_by(|a, b| version_order(b, a));
    versions.dedup_by(|a, b| same_release(a, b));
    versions
}

/// The files that differ, in order.
fn files(before: &[Listed], after: &[Listed]) -> Vec<FileDifference> {
    let places = |rows: &[Listed]| -> BTreeMap<Held, Listed> {
        rows.iter().map(|l| (Held::of(&l.artifact), l.clone())).collect()
    };
    let (mut old, new) = (places(before), places(after));
    let mut files = Vec::new();
    for (place, listed) in new {
        let change = match (old.remove(&place), &listed.yanked) {
            (None, _) => FileChange::Added,
            (Some(was), Some(reason)) if was.yanked.as_ref() != Some(reason) => FileChange::Yanked,
            (Some(was), None) if was.yanked.is_some() => FileChange::Unyanked,
            (Some(_), _) => continue,
        };
        files.push(FileDifference { change, listed });
    }
    let removed = |listed| FileDifference {
        change: FileChange::Removed,
        listed,
    };
    files.extend(old.into_values().map(removed));
    files.sort_by_key(|f| (f.change, Held::of(&f.listed.artifact)));
    files
}
