//! Adding items to a changelog and closing its newest entry, without touching the rest of it: as `dch` does, in every
//! dialect, with the file's own bullets, rules, headings and line ends.

mod append;
mod debian;
mod habit;
mod links;
mod rpm;
mod sections;

use super::{Author, Changelog, Dialect, Entry, EntryVersion, sections::Markup};
use crate::{Diagnostic, SourceText};
use packyard_types::{ReleaseVersion, Timestamp};
use std::cmp::Ordering;

/// What is to be added.
#[derive(Debug, Clone)]
pub struct NewItems {
    /// The items.
    pub items: Vec<String>,
    /// The version they belong to; none for the open entry on top.
    pub version: Option<ReleaseVersion>,
    /// The Debian revision that was said with the version.
    pub revision: Option<String>,
    /// The Debian source package, for the first Debian entry.
    pub package: String,
    /// The distribution of a new Debian entry; `UNRELEASED` without a version, else that of the entry below.
    pub distribution: Option<String>,
    /// The urgency of a new Debian entry.
    pub urgency: Option<String>,
    /// Who adds them; Debian and RPM entries need it.
    pub author: Option<Author>,
    /// The day.
    pub date: Timestamp,
}

/// How the open entry is closed.
#[derive(Debug, Clone)]
pub struct Closing {
    /// Its version.
    pub version: ReleaseVersion,
    /// The Debian revision that was said with the version.
    pub revision: Option<String>,
    /// The distribution of a Debian entry; without one that of the entry below, else `unstable`.
    pub distribution: Option<String>,
    /// The urgency of a Debian entry.
    pub urgency: Option<String>,
    /// Who closes it; Debian and RPM entries need it.
    pub author: Option<Author>,
    /// When.
    pub date: Timestamp,
}

/// The text of a new changelog with one entry.
pub fn create(dialect: Dialect, new: &NewItems) -> Result<String, Diagnostic> {
    match dialect {
        Dialect::Debian => debian::create(new),
        Dialect::Rpm => rpm::create(new),
        Dialect::Rst => Ok(sections::create(new, Markup::Rst)),
        Dialect::Markdown => Ok(sections::create(new, Markup::Markdown)),
    }
}

/// The changelog's text with the items added: to the entry on top if that is open or has the version, else as a new
/// entry above it.
pub fn add(file: &SourceText, changelog: &Changelog, new: &NewItems) -> Result<String, Diagnostic> {
    let Some(top) = changelog.entries.first() else {
        return Err(Diagnostic::new("the changelog has no entry"));
    };
    not_older(changelog, top, new)?;
    let mut text = Text::read(file);
    match changelog.dialect {
        Dialect::Debian => debian::add(&mut text, changelog, top, new)?,
        Dialect::Rpm => rpm::add(&mut text, changelog, top, new)?,
        Dialect::Rst => sections::add(&mut text, changelog, top, new, Markup::Rst)?,
        Dialect::Markdown => sections::add(&mut text, changelog, top, new, Markup::Markdown)?,
    }
    Ok(text.write())
}

/// The changelog's text with its open entry closed.
pub fn release(file: &SourceText, changelog: &Changelog, closing: &Closing) -> Result<String, Diagnostic> {
    let open = open_entry(changelog)?;
    if open.items.is_empty() {
        let problem = Diagnostic::new("the open entry says nothing").at(open.place.clone());
        return Err(problem.hint("add what changed: packyard changelog add \"…\""));
    }
    let newest = changelog.newest();
    if let Some(newest) = newest
        && newest.released().is_some_and(|v| *v >= closing.version)
        && !(changelog.dialect == Dialect::Debian && newest.released() == Some(&closing.version))
    {
        let shown = newest.released().map(ToString::to_string).unwrap_or_default();
        let message = format!(
            "version {} is not newer than {shown}, the last release",
            closing.version
        );
        let problem = Diagnostic::new(message).at(newest.place.clone());
        return Err(problem.hint("say a higher one with --version, or --bump major, minor or micro"));
    }
    let mut text = Text::read(file);
    match changelog.dialect {
        Dialect::Debian => debian::release(&mut text, changelog, open, closing)?,
        Dialect::Rpm => rpm::release(&mut text, changelog, open, closing)?,
        Dialect::Rst => sections::release(&mut text, changelog, open, closing, Markup::Rst),
        Dialect::Markdown => sections::release(&mut text, changelog, open, closing, Markup::Markdown),
    }
    Ok(text.write())
}

/// The entry that can be released.
pub fn open_entry(changelog: &Changelog) -> Result<&Entry, Diagnostic> {
    changelog.unreleased().ok_or_else(|| nothing_open(changelog))
}

/// The version that a text says in this dialect, and its Debian revision: `1:1.2-1` in a debian/changelog.
pub fn said_version(dialect: Dialect, text: &str) -> Result<(ReleaseVersion, Option<String>), String> {
    if dialect == Dialect::Debian
        && let Ok(version) = super::debian::version(text)
    {
        return Ok(version);
    }
    let version = ReleaseVersion::parse(text).map_err(|problem| problem.to_string())?;
    Ok((version, None))
}

/// A new entry stands above the others, so that its version must be newer.
fn not_older(changelog: &Changelog, top: &Entry, new: &NewItems) -> Result<(), Diagnostic> {
    let (Some(wanted), Some(newest)) = (&new.version, changelog.newest()) else {
        return Ok(());
    };
    let Some(version) = newest.released() else {
        return Ok(());
    };
    let fits =
        fits(top, Some(wanted)) && (new.revision.is_none() || new.revision.as_deref() == top.revision());
    let order = wanted.cmp(version).then_with(|| match &new.revision {
        Some(revision) => super::order::compare_revisions(revision, newest.revision().unwrap_or("")),
        None => Ordering::Equal,
    });
    if fits || order == Ordering::Greater {
        return Ok(());
    }
    let revision = new.revision.as_ref().map(|r| format!("-{r}")).unwrap_or_default();
    let wanted = match changelog.dialect {
        Dialect::Debian => wanted.deb_upstream() + &revision,
        _ => wanted.to_string(),
    };
    let shown = super::order::shown(changelog.dialect, newest);
    let message = match order {
        Ordering::Less => format!("version {wanted} is older than the newest entry, {shown}"),
        _ => format!("version {wanted} is released already"),
    };
    Err(Diagnostic::new(message)
        .at(newest.place.clone())
        .hint("say a newer version, or none for the open entry: packyard changelog add \"…\""))
}

fn nothing_open(changelog: &Changelog) -> Diagnostic {
    let hint = "begin the next one: packyard changelog add \"…\"";
    match changelog.newest() {
        None => Diagnostic::new("the changelog has no entry").hint(hint),
        Some(newest) => {
            let version = newest.released().map(ToString::to_string).unwrap_or_default();
            Diagnostic::new(format!(
                "there is no open entry to release: the newest, {version}, is released"
            ))
            .at(newest.place.clone())
            .hint(hint)
        }
    }
}

/// Debian and RPM entries name who made them.
fn author(author: Option<&Author>) -> Result<&Author, Diagnostic> {
    author.ok_or_else(|| {
        Diagnostic::new("the entry needs an author").hint(
            "set DEBFULLNAME and DEBEMAIL (or NAME and EMAIL), or git's identity: git config user.name and user.email",
        )
    })
}

/// Whether the items go to the entry on top.
fn fits(top: &Entry, wanted: Option<&ReleaseVersion>) -> bool {
    match (&top.version, wanted) {
        (EntryVersion::Unreleased, None) => true,
        (EntryVersion::Unreleased, wanted) => top.planned.is_some() && top.planned.as_ref() == wanted,
        (EntryVersion::Released { version, .. }, wanted) => Some(version) == wanted,
    }
}

/// A version may not be added above an entry that is open.
fn open_above(top: &Entry) -> Diagnostic {
    Diagnostic::new("the entry on top is not released yet")
        .at(top.place.clone())
        .hint("leave out --version to add to it, or close it first: packyard changelog release --version V")
}

/// The lines of a file, and how they end.
struct Text {
    lines: Vec<String>,
    crlf: bool,
    last_end: bool,
}

impl Text {
    fn read(file: &SourceText) -> Self {
        let text = file.text();
        let crlf = text.lines().count() > 0
            && text
                .split_inclusive('\n')
                .next()
                .is_some_and(|l| l.ends_with("\r\n"));
        Self {
            lines: text
                .lines()
                .map(|line| line.trim_end_matches('\r').to_owned())
                .collect(),
            crlf,
            last_end: text.ends_with('\n'),
        }
    }

    fn write(&self) -> String {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let mut text = self.lines.join(end);
        if self.last_end || !text.is_empty() {
            text.push_str(end);
        }
        text
    }

    /// Puts lines above line `at`, from 0.
    fn insert(&mut self, at: usize, lines: impl IntoIterator<Item = String>) {
        self.lines.splice(at..at, lines);
    }

    fn refs(&self) -> Vec<&str> {
        self.lines.iter().map(String::as_str).collect()
    }
}

/// The lines of a wrapped item.
fn point(limit: usize, item: &str, first: &str, next: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (i, part) in item.lines().filter(|part| !part.trim().is_empty()).enumerate() {
        let first = if i == 0 { first } else { next };
        let wrapped = super::render::wrap_at(limit, part, first, next);
        lines.extend(wrapped.lines().map(str::to_owned));
    }
    lines
}
