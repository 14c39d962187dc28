//! Changelogs: one file, in whatever dialect, is the version and date of a release and the changelog of every package
//! made of it.
//!
//! A dialect is a parser from [`SourceText`] to [`Changelog`] and an editor that adds an item; [`Dialect`] is the seam.

mod date;
mod debian;
mod discover;
mod edit;
mod render;
mod rst;

pub use discover::{ChangelogFile, find};
pub use edit::{NewItems, add, create};
pub(crate) use render::wrap;
pub use render::{Defaults, JsonEntry, Released, deb_text, json, rpm_entries, rpm_text};

use crate::{Diagnostic, Place, SourceText};
use packyard_types::{ReleaseVersion, Timestamp};
use serde::Serialize;

/// How a changelog is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// reStructuredText headings of versions, a date below each, bullets.
    Rst,
    /// debian/changelog (deb-changelog(5)).
    Debian,
}

impl Dialect {
    /// The dialect of a file, by its name.
    pub fn of(file: &str) -> Option<Self> {
        let name = file.rsplit('/').next().unwrap_or(file);
        let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
        match extension.as_deref() {
            _ if file == "debian/changelog" || file.ends_with("/debian/changelog") => Some(Self::Debian),
            Some("rst" | "txt") | None => Some(Self::Rst),
            _ => None,
        }
    }

    /// Parses a whole changelog.
    pub fn parse(self, file: &SourceText) -> Result<Changelog, Vec<Diagnostic>> {
        let changelog = match self {
            Self::Rst => rst::parse(file)?,
            Self::Debian => debian::parse(file)?,
        };
        check_order(&changelog)?;
        Ok(changelog)
    }
}

/// Who made an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Author {
    /// Full name.
    pub name: String,
    /// Mail address.
    pub email: String,
}

impl Author {
    /// Reads `Name <mail>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('<')?;
        let email = rest.strip_suffix('>')?.trim();
        let ok = !name.trim().is_empty() && email.contains('@') && !email.contains(char::is_whitespace);
        ok.then(|| Self {
            name: name.trim().to_owned(),
            email: email.to_owned(),
        })
    }
}

impl std::fmt::Display for Author {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryVersion {
    /// A release.
    Released {
        /// Its version.
        version: ReleaseVersion,
        /// The Debian revision, where the changelog says one.
        revision: Option<String>,
    },
    /// What will be the next release.
    Unreleased,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which release.
    pub version: EntryVersion,
    /// Where the version is written.
    pub place: Place,
    /// When it was released, where that is said.
    pub date: Option<Timestamp>,
    /// What changed, one text each, lines joined.
    pub items: Vec<String>,
    /// By whom, where that is said.
    pub author: Option<Author>,
    /// For which distributions, where that is said.
    pub distributions: Vec<String>,
    /// How urgent, where that is said.
    pub urgency: Option<String>,
}

impl Entry {
    /// The version, unless it is unreleased.
    pub fn released(&self) -> Option<&ReleaseVersion> {
        match &self.version {
            EntryVersion::Released { version, .. } => Some(version),
            EntryVersion::Unreleased => None,
        }
    }
}

/// A parsed changelog: never empty, newest first, at most the first entry unreleased.
#[derive(Debug, Clone)]
pub struct Changelog {
    /// The file it was read from, relative to the project.
    pub file: String,
    /// How it is written.
    pub dialect: Dialect,
    /// The entries, newest first.
    pub entries: Vec<Entry>,
}

impl Changelog {
    /// The newest released entry: the version and source date of a build.
    pub fn newest(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.released().is_some())
    }

    /// The entry on top, where it is unreleased.
    pub fn unreleased(&self) -> Option<&Entry> {
        self.entries.first().filter(|entry| entry.released().is_none())
    }
}

/// No version twice, and none above an older one.
fn check_order(changelog: &Changelog) -> Result<(), Vec<Diagnostic>> {
    let released = |e: &Entry| e.released().map(|v| (v.clone(), revision_of(e), e.place.clone()));
    let versions: Vec<_> = changelog.entries.iter().filter_map(released).collect();
    let mut problems = Vec::new();
    for pair in versions.windows(2) {
        let [(upper, upper_revision, place), (lower, lower_revision, below)] = pair else {
            continue;
        };
        let same = upper == lower && upper_revision == lower_revision;
        if same || lower > upper {
            let message = if same {
                format!("version {upper} has two entries")
            } else {
                format!("version {lower} stands below {upper}, which is older")
            };
            let problem = Diagnostic::new(message)
                .at(below.clone())
                .related("the entry above", place.clone())
                .hint("entries go from the newest to the oldest, one for each version");
            problems.push(problem);
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn revision_of(entry: &Entry) -> Option<String> {
    match &entry.version {
        EntryVersion::Released { revision, .. } => revision.clone(),
        EntryVersion::Unreleased => None,
    }
}

#[cfg(test)]
mod tests;
