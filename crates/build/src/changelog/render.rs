//! A changelog as Debian and RPM write it. Both want an author, a date and a version with a revision for every entry;
//! what the file does not say is taken from the defaults.

use super::{Author, Changelog, Dialect, Entry, Item};
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
    /// The epoch of the .rpm, where the project file says one.
    pub rpm_epoch: Option<u32>,
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
    /// Its date, or that of the next newer entry; never newer than that.
    pub date: Timestamp,
}

impl Changelog {
    /// The released entries that say anything; an unreleased one on top counts as `version` if no released entry is
    /// that version.
    pub fn released_entries<'a>(&'a self, defaults: &Defaults) -> Vec<Released<'a>> {
        let newest_is_it = self.newest().and_then(Entry::released) == Some(&defaults.version);
        let mut above: Option<Timestamp> = None;
        let mut released = Vec::new();
        for entry in self.entries.iter().filter(|entry| !entry.items.is_empty()) {
            let version = match entry.released() {
                Some(version) => version.clone(),
                None if newest_is_it => continue,
                None => defaults.version.clone(),
            };
            let own = match (entry.date, above) {
                (Some(own), _) => own,
                (None, Some(above)) => above,
                (None, None) => defaults.date,
            };
            let date = above.map_or(own, |above| own.min(above));
            above = Some(date);
            released.push(Released { entry, version, date });
        }
        released
    }
}

/// The text of debian/changelog.
pub fn deb_text(changelog: &Changelog, defaults: &Defaults) -> String {
    let mut above: Option<Timestamp> = None;
    let mut texts = Vec::new();
    for mut released in changelog.released_entries(defaults) {
        // lintian wants each entry later than the next: of two on one day, the older one is a second earlier.
        if let Some(above) = above.filter(|above| released.date >= *above) {
            released.date = Timestamp::from_unix_seconds(above.unix_seconds() - 1);
        }
        above = Some(released.date);
        texts.push(deb_entry(changelog.dialect, &released, defaults));
    }
    texts.join("\n")
}

fn deb_entry(dialect: Dialect, released: &Released<'_>, defaults: &Defaults) -> String {
    let entry = released.entry;
    let revision = entry.revision().filter(|_| !defaults.deb_revision.is_empty());
    let revision = revision.unwrap_or(&defaults.deb_revision);
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
    let items = items_text(&entry.items, "  * ", "    ");
    let items = if dialect == Dialect::Debian {
        items
    } else {
        without_closes(&items)
    };
    format!(
        "{} ({}{dash}{revision}) {distributions}; urgency={urgency}\n\n{items}\n -- {author}  {}\n",
        defaults.package,
        released.version.deb_upstream(),
        released.date.rfc2822(),
    )
}

/// `Closes: #12` closes a bug of Debian; in other changelogs it means the project's own.
fn without_closes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.to_ascii_lowercase().find("closes:") {
        let (before, after) = rest.split_at(at + "closes".len());
        out.push_str(before);
        rest = &after[1..];
    }
    out + rest
}

/// The items as points, with those of a group below its name; names in brackets (`[ Name ]`) stand between the points.
fn items_text(items: &[Item], first: &str, next: &str) -> String {
    let base = " ".repeat(first.len() - first.trim_start().len());
    let mut out = String::new();
    let mut group: Option<&str> = None;
    for item in items {
        let name = item.group.as_deref();
        let is_person = name.is_some_and(|name| name.starts_with("[ "));
        if name != group {
            match name {
                Some(name) if is_person && out.is_empty() => out.push_str(&format!("{base}{name}\n")),
                Some(name) if is_person => out.push_str(&format!("\n{base}{name}\n")),
                Some(name) => {
                    let title = format!("{}:", name.trim_end_matches(':'));
                    out.push_str(&(wrap(&title, first, next) + "\n"));
                }
                None => {}
            }
            group = name;
        }
        if name.is_none() || is_person {
            out.push_str(&wrap_item(&item.text, first, next));
        } else {
            out.push_str(&wrap_item(&item.text, &format!("{next}- "), &format!("{next}  ")));
        }
    }
    out
}

/// The lines of an item: the first behind the bullet, nested points and paragraphs indented below it.
fn wrap_item(text: &str, first: &str, next: &str) -> String {
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        let body = line.trim_start();
        let indent = format!("{next}{}", &line[..line.len() - body.len()]);
        let wrapped = match body.strip_prefix("- ") {
            _ if i == 0 => wrap(body, first, next),
            Some(point) => wrap(point, &format!("{indent}- "), &format!("{indent}  ")),
            None => wrap(body, &indent, &indent),
        };
        out.push_str(&wrapped);
        out.push('\n');
    }
    out
}

/// The entries of an RPM changelog, newest first, at noon UTC.
pub fn rpm_entries(changelog: &Changelog, defaults: &Defaults) -> Vec<RpmChangelogEntry> {
    let entry = |(i, released): (usize, &Released<'_>)| {
        let author = released.entry.author.as_ref().unwrap_or(&defaults.author);
        let version = released.version.rpm_version();
        let epoch = match defaults.rpm_epoch.unwrap_or_else(|| released.version.epoch()) {
            0 => String::new(),
            epoch => format!("{epoch}:"),
        };
        // The newest entry names the package that is built.
        let own = released
            .entry
            .revision()
            .filter(|_| changelog.dialect == Dialect::Rpm && i > 0);
        let release = own.unwrap_or(&defaults.rpm_release);
        let text = items_text(&marked(&released.entry.items), "- ", "  ");
        RpmChangelogEntry {
            author: format!("{author} - {epoch}{version}-{release}"),
            at: released.date.noon(),
            text: text.trim_end().to_owned(),
        }
    };
    changelog
        .released_entries(defaults)
        .iter()
        .enumerate()
        .map(entry)
        .collect()
}

/// The items with those below the headings of Keep a Changelog that say why to update marked so, as yum's advisories are
/// made from (docs/yum.md).
fn marked(items: &[Item]) -> Vec<Item> {
    let mark = |item: &Item| {
        let mark = match item.group.as_deref()?.to_ascii_lowercase().as_str() {
            "security" => "[security]",
            "fixed" => "[bugfix]",
            "added" => "[enhancement]",
            _ => return None,
        };
        let text = if says_why(&item.text) {
            item.text.clone()
        } else {
            format!("{mark} {}", item.text)
        };
        Some(Item { group: None, text })
    };
    let all = items
        .iter()
        .map(|item| mark(item).unwrap_or_else(|| item.clone()));
    all.collect()
}

/// Whether an item begins with a mark already.
fn says_why(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["[security", "[bugfix", "[enhancement"].iter().any(|mark| {
        lower
            .strip_prefix(mark)
            .is_some_and(|rest| rest.starts_with([']', ':']))
    })
}

/// The text of a spec file's `%changelog`, where `%` is written twice.
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
    wrap_at(76, text, first, next)
}

/// Breaks a text into lines of at most so many characters.
pub(super) fn wrap_at(limit: usize, text: &str, first: &str, next: &str) -> String {
    let mut out = first.to_owned();
    let mut column = first.chars().count();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !fresh && column + 1 + width > limit {
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
    groups: Vec<JsonGroup>,
}

/// The items under one heading, or under none.
#[derive(Debug, Serialize)]
pub struct JsonGroup {
    name: Option<String>,
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
        items: released
            .entry
            .items
            .iter()
            .map(|item| item.text.clone())
            .collect(),
        groups: groups(&released.entry.items),
    };
    changelog
        .released_entries(defaults)
        .into_iter()
        .map(entry)
        .collect()
}

fn groups(items: &[Item]) -> Vec<JsonGroup> {
    let mut groups: Vec<JsonGroup> = Vec::new();
    for item in items {
        match groups.last_mut().filter(|group| group.name == item.group) {
            Some(group) => group.items.push(item.text.clone()),
            None => groups.push(JsonGroup {
                name: item.group.clone(),
                items: vec![item.text.clone()],
            }),
        }
    }
    groups
}
