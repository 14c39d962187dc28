//! Changelogs: one file, in whatever dialect, is the version and date of a release and the changelog of every package
//! made of it.
//!
//! A dialect is a reader from [`SourceText`] to entries and an editor that adds an item or closes an entry; [`Dialect`]
//! is the seam. A reader goes on after a problem and tells all of them, each with its place and, where it can be
//! computed, the corrected line.

mod control;
mod date;
mod debian;
mod discover;
mod edit;
mod encoding;
mod entry;
mod items;
mod order;
mod render;
mod rpm;
mod sections;
mod version;

pub use discover::{ChangelogFile, find};
pub use edit::{Closing, NewItems, add, create, open_entry, release, said_version};
pub use entry::{Author, Changelog, Entry, EntryVersion, Item};
pub(crate) use render::wrap;
pub use render::{Defaults, JsonEntry, Released, deb_text, json, rpm_entries, rpm_text};
pub use version::{Bump, bump};

use crate::{Diagnostic, SourceText};
use serde::Serialize;

/// How a changelog is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// reStructuredText headings of versions, a date below each, bullets.
    Rst,
    /// Markdown headings of versions; Keep a Changelog.
    Markdown,
    /// debian/changelog (deb-changelog(5)).
    Debian,
    /// The `%changelog` of a .spec, or a file of such entries.
    Rpm,
}

/// What a reader found.
#[derive(Debug, Default)]
struct Reading {
    entries: Vec<Entry>,
    problems: Vec<Diagnostic>,
}

/// What is to be said about a changelog.
#[derive(Debug)]
pub struct Diagnosis {
    /// The changelog, where there is no error.
    pub changelog: Option<Changelog>,
    /// How many entries could be told apart.
    pub entries: usize,
    /// Errors and warnings, from the first line to the last.
    pub problems: Vec<Diagnostic>,
}

impl Dialect {
    /// The dialect of a file, by its name; by its text where the name does not say.
    pub fn of(file: &str, text: &str) -> Self {
        let name = file.rsplit('/').next().unwrap_or(file);
        let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
        match extension.as_deref() {
            _ if file == "debian/changelog" || file.ends_with("/debian/changelog") => Self::Debian,
            Some("md" | "markdown") => Self::Markdown,
            Some("rst") => Self::Rst,
            Some("spec") => Self::Rpm,
            _ => Self::of_text(text),
        }
    }

    /// What the first line that says anything looks like; headings with `#` are Markdown, all others
    /// reStructuredText.
    fn of_text(text: &str) -> Self {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        if debian::is_heading(first) {
            Self::Debian
        } else if rpm::Heading::read(first).is_some() || first.trim_end() == "%changelog" {
            Self::Rpm
        } else if text.lines().any(sections::is_hash_heading) {
            Self::Markdown
        } else {
            Self::Rst
        }
    }

    /// Parses a whole changelog; only errors are told.
    pub fn parse(self, file: &SourceText) -> Result<Changelog, Vec<Diagnostic>> {
        let diagnosis = self.diagnose(file);
        diagnosis.changelog.ok_or_else(|| {
            diagnosis
                .problems
                .into_iter()
                .filter(Diagnostic::is_error)
                .collect()
        })
    }

    /// Says all that is to be said about a changelog.
    pub fn diagnose(self, file: &SourceText) -> Diagnosis {
        let reading = match self {
            Self::Debian => debian::read(file),
            Self::Rst => sections::read(file, sections::Markup::Rst),
            Self::Markdown => sections::read(file, sections::Markup::Markdown),
            Self::Rpm => rpm::read(file),
        };
        let mut problems = reading.problems;
        let mut changelog = Changelog {
            file: file.file().to_owned(),
            dialect: self,
            entries: reading.entries,
            warnings: Vec::new(),
            notes: Vec::new(),
        };
        problems.extend(order::check(&changelog));
        control::check(self, file, &mut problems);
        if !problems.iter().any(Diagnostic::is_error) {
            problems.extend(undated(&changelog));
        }
        problems.sort_by_key(|p| p.place.as_ref().map(|place| (place.line, place.column)));
        let entries = changelog.entries.len();
        let sound = !problems.iter().any(Diagnostic::is_error);
        changelog.warnings.clone_from(&problems);
        Diagnosis {
            changelog: sound.then_some(changelog),
            entries,
            problems,
        }
    }
}

/// What is built takes its time from the newest release.
fn undated(changelog: &Changelog) -> Option<Diagnostic> {
    let newest = changelog.newest().filter(|entry| entry.date.is_none())?;
    let version = newest.released()?;
    let problem = Diagnostic::warning(format!("the newest release, {version}, has no date"));
    Some(
        problem
            .at(newest.place.clone())
            .hint("write it behind the version or on the next line, such as `2019-03-22`"),
    )
}

#[cfg(test)]
mod tests;
