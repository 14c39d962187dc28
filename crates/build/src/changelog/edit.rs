//! Adding items to a changelog without touching the rest of it.

use super::{Author, Changelog, Dialect, EntryVersion, render::wrap};
use crate::{Diagnostic, SourceText};
use packyard_types::{ReleaseVersion, Timestamp};

/// What is to be added.
#[derive(Debug, Clone)]
pub struct NewItems {
    /// The items.
    pub items: Vec<String>,
    /// The version they belong to; none for the open entry on top.
    pub version: Option<ReleaseVersion>,
    /// The Debian source package, for a new Debian entry.
    pub package: String,
    /// The distribution of a new Debian entry; `UNRELEASED` without a version, else `unstable`.
    pub distribution: Option<String>,
    /// The urgency of a new Debian entry.
    pub urgency: Option<String>,
    /// Who adds them; Debian entries need it.
    pub author: Option<Author>,
    /// The day.
    pub date: Timestamp,
}

/// The text of a new changelog with one entry.
pub fn create(dialect: Dialect, new: &NewItems) -> Result<String, Diagnostic> {
    if new.version.is_none() {
        return Err(Diagnostic::new("the first entry needs a version").hint("add --version V"));
    }
    match dialect {
        Dialect::Rst => Ok(format!("Changelog\n=========\n\n{}", rst_entry(new, '^'))),
        Dialect::Debian => deb_entry(new, None),
    }
}

/// The changelog's text with the items added: to the entry on top if that is open or has the version, else as a new
/// entry above it.
pub fn add(file: &SourceText, changelog: &Changelog, new: &NewItems) -> Result<String, Diagnostic> {
    let Some(top) = changelog.entries.first() else {
        return Err(Diagnostic::new("the changelog has no entry"));
    };
    let fits = match (&top.version, &new.version) {
        (EntryVersion::Unreleased, None) => true,
        (EntryVersion::Released { version, .. }, Some(wanted)) => version == wanted,
        _ => false,
    };
    let start = line_start(file.text(), top.place.line);
    if fits {
        return Ok(append(file.text(), changelog, start, new));
    }
    let (before, after) = file.text().split_at(start);
    let entry = match changelog.dialect {
        Dialect::Rst => rst_entry(new, mark(after)) + "\n",
        Dialect::Debian => deb_entry(new, changelog.newest().and_then(|e| e.released()))? + "\n",
    };
    Ok(format!("{before}{entry}{after}"))
}

/// Puts the items behind the last one of the entry that begins at `start`.
fn append(text: &str, changelog: &Changelog, start: usize, new: &NewItems) -> String {
    let end = changelog
        .entries
        .get(1)
        .map_or(text.len(), |next| line_start(text, next.place.line));
    let body = &text[start..end];
    let (items, keep) = match changelog.dialect {
        Dialect::Rst => (bullets(new, "* ", "  "), body.trim_end().len()),
        Dialect::Debian => {
            let trailer = body.rfind("\n --").unwrap_or(body.len());
            (bullets(new, "  * ", "    "), body[..trailer].trim_end().len())
        }
    };
    let first = changelog.entries[0].items.is_empty();
    let gap = if first { "\n\n" } else { "\n" };
    let rest = body[keep..].strip_prefix('\n').unwrap_or(&body[keep..]);
    format!(
        "{}{}{gap}{items}{rest}{}",
        &text[..start],
        &body[..keep],
        &text[end..]
    )
}

fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line - 1).map(str::len).sum()
}

/// The character that the next heading is underlined with.
fn mark(text: &str) -> char {
    text.lines().nth(1).and_then(super::rst::rule).unwrap_or('^')
}

fn bullets(new: &NewItems, first: &str, next: &str) -> String {
    new.items
        .iter()
        .map(|item| wrap(item, first, next) + "\n")
        .collect()
}

fn rst_entry(new: &NewItems, mark: char) -> String {
    let items = bullets(new, "* ", "  ");
    let underline = |title: &str| mark.to_string().repeat(title.chars().count());
    match &new.version {
        None => format!("Unreleased\n{}\n\n{items}", underline("Unreleased")),
        Some(version) => {
            let title = version.to_string();
            let line = mark.to_string().repeat(title.chars().count().max(3));
            format!("{title}\n{line}\n{}\n\n{items}", new.date.strftime("%d-%b-%Y"))
        }
    }
}

/// A Debian entry; without a version it is UNRELEASED and counts the last number of the version below up by one.
fn deb_entry(new: &NewItems, below: Option<&ReleaseVersion>) -> Result<String, Diagnostic> {
    let Some(author) = &new.author else {
        let hint = "set DEBFULLNAME and DEBEMAIL, or git's user.name and user.email";
        return Err(Diagnostic::new("a Debian changelog entry needs an author").hint(hint));
    };
    let version = match (&new.version, below) {
        (Some(version), _) => version.deb_upstream(),
        (None, Some(below)) => next_micro(below),
        (None, None) => {
            return Err(Diagnostic::new("the first entry needs a version").hint("add --version V"));
        }
    };
    let usual = if new.version.is_some() {
        "unstable"
    } else {
        "UNRELEASED"
    };
    Ok(format!(
        "{} ({version}) {}; urgency={}\n\n{}\n -- {author}  {}\n",
        new.package,
        new.distribution.as_deref().unwrap_or(usual),
        new.urgency.as_deref().unwrap_or("medium"),
        bullets(new, "  * ", "    "),
        new.date.rfc2822(),
    ))
}

fn next_micro(version: &ReleaseVersion) -> String {
    let mut release = version.pep440().release().to_vec();
    if let Some(last) = release.last_mut() {
        *last += 1;
    }
    release.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}
