//! Changelogs as debs and rpms carry them, and the part of one that lies between two versions.

use packyard_formats::intake::identity::{deb_release, rpm_release};
use packyard_index::Listed;
use packyard_types::{
    Artifact, CoreMetadata, Ecosystem, Facts, RpmChangelogEntry, same_release, version_order,
};
use serde::Serialize;

/// One version's part of a changelog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangelogEntry {
    /// The release version; empty where the entry names none.
    pub version: String,
    /// The version as the changelog has it.
    pub native: String,
    /// The day, as YYYY-MM-DD, where one can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What changed, one text an item; no markup, no control characters.
    pub items: Vec<String>,
}

/// Two versions of a project, and where the changelog between them may be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The artifacts of the higher version: debs, then rpms, then the rest; the newest of each first.
    pub artifacts: Vec<Artifact>,
    /// Whether it is the higher version that is left.
    pub reverted: bool,
    newer: String,
    older: Option<String>,
    /// What the side with the lower version has of it.
    known: Vec<Artifact>,
}

impl Span {
    /// From `newer`, which one side has, down to the highest version of the other side that is not above it.
    pub fn new(newer: &str, having: &[Listed], other: &[Listed], reverted: bool) -> Self {
        let of = |rows: &[Listed], version: &str| -> Vec<Artifact> {
            let is_it = |a: &&Artifact| same_release(&a.release_version, version);
            rows.iter()
                .map(|l| &l.artifact)
                .filter(is_it)
                .rev()
                .cloned()
                .collect()
        };
        let lower = other
            .iter()
            .filter(|l| l.yanked.is_none())
            .map(|l| &l.artifact.release_version);
        let lower = lower.filter(|v| version_order(v, newer).is_le());
        let older = lower.max_by(|a, b| version_order(a, b)).cloned();
        let mut artifacts = of(having, newer);
        artifacts.sort_by_key(|a| match a.name.kind().ecosystem() {
            Ecosystem::Apt => 0,
            Ecosystem::Yum => 1,
            Ecosystem::Pip => 2,
        });
        Self {
            artifacts,
            reverted,
            newer: newer.to_owned(),
            known: older.as_ref().map(|v| of(other, v)).unwrap_or_default(),
            older,
        }
    }

    /// The entries of an artifact's changelog that lie between the two: down to the entry of what the other side has of
    /// the same package, or, where it has none, to the first that is not above its version. Of a project that is new
    /// only its newest entry.
    pub fn of(&self, artifact: &Artifact, mut entries: Vec<ChangelogEntry>) -> Vec<ChangelogEntry> {
        let Some(older) = &self.older else {
            entries.truncate(1);
            return entries;
        };
        let known = self.known.iter().find(|k| {
            k.package == artifact.package && k.name.kind().ecosystem() == artifact.name.kind().ecosystem()
        });
        let ends = |e: &ChangelogEntry| match known {
            Some(known) if is_version_of(&e.native, &known.version) => true,
            _ => {
                !e.version.is_empty()
                && version_order(&e.version, older).is_le()
                // Another revision of the same release may be what is new.
                && (known.is_none() || !same_release(&self.newer, older) || !same_release(&e.version, older))
            }
        };
        let end = entries.iter().position(ends).unwrap_or(entries.len());
        entries.truncate(end);
        entries
    }
}

/// Whether a changelog's version is that of a package: %changelog leaves out the epoch and, mostly, `%{?dist}`.
fn is_version_of(entry: &str, version: &str) -> bool {
    let plain = |v: &str| -> String { v.split_once(':').map_or(v, |(_, rest)| rest).to_owned() };
    let (entry, version) = (plain(entry), plain(version));
    let rest = version.strip_prefix(&entry);
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && entry.contains('-')))
}

/// The changelog that an artifact carries, newest first; none where it carries none.
pub fn entries(facts: &Facts) -> Option<Vec<ChangelogEntry>> {
    let entries = match facts {
        Facts::Deb(f) => debian(f.changelog.as_ref()?),
        Facts::Dsc(f) => debian(f.changelog.as_ref()?),
        Facts::Rpm(f) | Facts::Srpm(f) => f.changelog.iter().map(|e| rpm(e, f.epoch)).collect(),
        Facts::Wheel(_) | Facts::Sdist(_) => Vec::new(),
    };
    (!entries.is_empty()).then_some(entries)
}

/// Where a project says that its changelog is: the labels that PyPI knows for it, in any spelling.
pub fn url(metadata: &CoreMetadata) -> Option<String> {
    const LABELS: [&str; 6] = [
        "changelog",
        "changes",
        "releasenotes",
        "whatsnew",
        "history",
        "news",
    ];
    let is_changelog = |label: &str| {
        let plain: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
        LABELS.contains(&plain.to_ascii_lowercase().as_str())
    };
    let mut urls = metadata.project_urls.iter();
    urls.find(|(label, url)| is_changelog(label) && url.starts_with("http"))
        .map(|(_, url)| printable(url))
}

/// debian/changelog (deb-changelog(5)), read leniently: what is no heading, item or trailer is passed over.
fn debian(text: &str) -> Vec<ChangelogEntry> {
    let mut entries: Vec<ChangelogEntry> = Vec::new();
    for line in text.lines() {
        if let Some(native) = heading(line) {
            entries.push(ChangelogEntry {
                version: deb_release(native),
                native: native.to_owned(),
                date: None,
                items: Vec::new(),
            });
        } else if let Some(entry) = entries.last_mut() {
            match line.strip_prefix(" -- ") {
                Some(trailer) => entry.date = trailer.rsplit_once(", ").and_then(|(_, date)| day(date)),
                // `[ Jane Roe ]` says whose items follow.
                None if line.starts_with("  [") && line.ends_with(']') => {}
                None => add_line(&mut entry.items, line, '*'),
            }
        }
    }
    entries
}

/// The version of `NAME (VERSION) DISTRIBUTION; urgency=…`.
fn heading(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once(" (")?;
    let (version, rest) = rest.split_once(')')?;
    let plain = |s: &str| {
        s.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".+-~:".contains(&b))
    };
    (!name.is_empty() && plain(name) && !version.is_empty() && plain(version) && rest.contains(';'))
        .then_some(version)
}

/// An entry of an RPM %changelog; its version stands behind its author, where it stands.
fn rpm(entry: &RpmChangelogEntry, epoch: u32) -> ChangelogEntry {
    let last = entry.author.rsplit(' ').next().unwrap_or_default();
    let is_version = last.starts_with(|c: char| c.is_ascii_digit()) && !last.contains(['@', '>']);
    let native = if is_version {
        printable(last)
    } else {
        String::new()
    };
    let (said, evr) = native
        .split_once(':')
        .map_or((None, &*native), |(e, rest)| (e.parse().ok(), rest));
    let version = evr.rsplit_once('-').map_or(evr, |(version, _release)| version);
    let mut items = Vec::new();
    entry
        .text
        .lines()
        .for_each(|line| add_line(&mut items, line, '-'));
    ChangelogEntry {
        version: if version.is_empty() {
            String::new()
        } else {
            rpm_release(version, said.unwrap_or(epoch))
        },
        date: Some(entry.at.to_string()[..10].to_owned()),
        native,
        items,
    }
}

/// Adds a line to the items: it begins one, or goes on with the last.
fn add_line(items: &mut Vec<String>, line: &str, bullet: char) {
    let line = printable(line.trim());
    if line.is_empty() {
        return;
    }
    match (line.strip_prefix(bullet), items.last_mut()) {
        (Some(item), _) => items.push(item.trim().to_owned()),
        (None, Some(item)) => {
            item.push(' ');
            item.push_str(&line);
        }
        (None, None) => items.push(line),
    }
}

/// `2 Jan 2026 …` as `2026-01-02`.
fn day(date: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = date.split_whitespace();
    let (day, month, year) = (words.next()?.parse::<u8>().ok()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    let year: u16 = year.parse().ok()?;
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// A foreign text without what would command a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !packyard_types::is_unseen(*c)).collect()
}

#[cfg(test)]
mod tests;
