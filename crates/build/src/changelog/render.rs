//! A changelog as Debian and RPM write it. Both want an author, a date and a version with a revision for every entry;
//! what the file does not say is taken from the defaults.

use super::{Author, Changelog, Entry, EntryVersion};
use packyard_types::{ReleaseVersion, RpmChangelogEntry, Timestamp};
use serde::Serialize;

/// What entries that do not say it themselves get.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// The package's name in Debian headings: the source package.
    pub package: String,
    /// By whom.
    pub author: Author,
    /// When, for an entry that has no date and none above it has one.
    pub date: Timestamp,
    /// The Debian revision; empty for a native package, which has none.
    pub deb_revision: String,
    /// The RPM release.
    pub rpm_release: String,
    /// The version of the build: the name of an unreleased entry that is being released by it, and from where on down
    /// entries are written.
    pub version: ReleaseVersion,
}

/// An entry with nothing left open.
#[derive(Debug, Clone)]
pub struct Released<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Its version.
    pub version: ReleaseVersion,
    /// Its date, or that of the next newer entry.
    pub date: Timestamp,
}

impl Changelog {
    /// The released entries; an unreleased one on top counts as `version` if no released entry is that version.
    pub fn released_entries<'a>(&'a self, defaults: &Defaults) -> Vec<Released<'a>> {
        let newest_is_it = self.newest().and_then(Entry::released) == Some(&defaults.version);
        let mut date = defaults.date;
        let mut released = Vec::new();
        for entry in &self.entries {
            let version = match entry.released() {
                Some(version) => version.clone(),
                None if newest_is_it => continue,
                None => defaults.version.clone(),
            };
            date = entry.date.unwrap_or(date);
            released.push(Released { entry, version, date });
        }
        released
    }
}

/// The text of debian/changelog.
pub fn deb_text(changelog: &Changelog, defaults: &Defaults) -> String {
    let entries = changelog.released_entries(defaults);
    let texts: Vec<String> = entries
        .iter()
        .map(|released| deb_entry(released, defaults))
        .collect();
    texts.join("\n")
}

fn deb_entry(released: &Released<'_>, defaults: &Defaults) -> String {
    let entry = released.entry;
    let revision = match &entry.version {
        EntryVersion::Released {
            revision: Some(revision),
            ..
        } if !defaults.deb_revision.is_empty() => revision,
        _ => &defaults.deb_revision,
    };
    let dash = if revision.is_empty() { "" } else { "-" };
    let released_for: Vec<&str> = entry
        .distributions
        .iter()
        .map(String::as_str)
        .filter(|d| *d != "UNRELEASED")
        .collect();
    let distributions = if released_for.is_empty() {
        "unstable".to_owned()
    } else {
        released_for.join(" ")
    };
    let urgency = entry.urgency.as_deref().unwrap_or("medium");
    let author = entry.author.as_ref().unwrap_or(&defaults.author);
    let items: String = entry
        .items
        .iter()
        .map(|item| wrap(item, "  * ", "    ") + "\n")
        .collect();
    format!(
        "{} ({}{dash}{revision}) {distributions}; urgency={urgency}\n\n{items}\n -- {author}  {}\n",
        defaults.package,
        released.version.deb_upstream(),
        released.date.rfc2822(),
    )
}

/// The entries of an RPM changelog, newest first, at noon UTC.
pub fn rpm_entries(changelog: &Changelog, defaults: &Defaults) -> Vec<RpmChangelogEntry> {
    let entry = |released: &Released<'_>| {
        let author = released.entry.author.as_ref().unwrap_or(&defaults.author);
        let version = released.version.rpm_version();
        let epoch = match released.version.epoch() {
            0 => String::new(),
            epoch => format!("{epoch}:"),
        };
        let items: Vec<String> = released
            .entry
            .items
            .iter()
            .map(|item| wrap(item, "- ", "  "))
            .collect();
        RpmChangelogEntry {
            author: format!("{author} - {epoch}{version}-{}", defaults.rpm_release),
            at: released.date.noon(),
            text: items.join("\n"),
        }
    };
    changelog.released_entries(defaults).iter().map(entry).collect()
}

/// The text of a spec file's `%changelog`.
pub fn rpm_text(changelog: &Changelog, defaults: &Defaults) -> String {
    let entry = |e: RpmChangelogEntry| {
        format!(
            "* {} {}\n{}\n",
            e.at.strftime("%a %b %d %Y"),
            e.author,
            e.text.replace('%', "%%")
        )
    };
    let texts: Vec<String> = rpm_entries(changelog, defaults).into_iter().map(entry).collect();
    texts.join("\n")
}

/// Breaks a text into lines of at most 76 characters.
pub(crate) fn wrap(text: &str, first: &str, next: &str) -> String {
    const WIDTH: usize = 76;
    let mut out = first.to_owned();
    let mut column = first.chars().count();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !fresh && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(next);
            column = next.chars().count();
            fresh = true;
        }
        if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        fresh = false;
    }
    out
}

/// An entry as `changelog show --format json` prints it.
#[derive(Debug, Serialize)]
pub struct JsonEntry {
    version: String,
    date: Timestamp,
    author: Author,
    distributions: Vec<String>,
    urgency: String,
    items: Vec<String>,
}

/// The entries as values for JSON, newest first.
pub fn json(changelog: &Changelog, defaults: &Defaults) -> Vec<JsonEntry> {
    let entry = |released: Released<'_>| JsonEntry {
        version: released.version.to_string(),
        date: released.date,
        author: released
            .entry
            .author
            .clone()
            .unwrap_or_else(|| defaults.author.clone()),
        distributions: released.entry.distributions.clone(),
        urgency: released.entry.urgency.clone().unwrap_or_else(|| "medium".into()),
        items: released.entry.items.clone(),
    };
    changelog
        .released_entries(defaults)
        .into_iter()
        .map(entry)
        .collect()
}
