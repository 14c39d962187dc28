//! The `%changelog` of RPM. It has no open entries of its own; here an entry on top without a version is one.

use super::{Closing, NewItems, Text, author, point};
use crate::{
    Diagnostic,
    changelog::{Author, Changelog, Entry, rpm::Heading},
};
use packyard_types::{ReleaseVersion, Timestamp};

/// The first entry of a new file.
pub(super) fn create(new: &NewItems) -> Result<String, Diagnostic> {
    let Some(version) = &new.version else {
        return Err(Diagnostic::new("the first entry needs a version").hint("add --version V"));
    };
    let heading = heading(new.date, author(new.author.as_ref())?, Some((version, "-1")));
    let lines: Vec<String> = [heading].into_iter().chain(items(new, "- ")).collect();
    Ok(lines.join("\n") + "\n")
}

/// Adds to the entry on top where it is open or has the version, else begins one.
pub(super) fn add(
    text: &mut Text,
    changelog: &Changelog,
    top: &Entry,
    new: &NewItems,
) -> Result<(), Diagnostic> {
    let bullet = bullet(text, changelog);
    if super::fits(top, new.version.as_ref()) {
        let at = last_text(text, top) + 1;
        text.insert(at, items(new, &bullet));
        return Ok(());
    }
    if top.released().is_none() {
        return Err(super::open_above(top));
    }
    let release = release_of(text, changelog);
    let version = new.version.as_ref().map(|v| (v, release.as_str()));
    let mut lines = vec![heading(new.date, author(new.author.as_ref())?, version)];
    lines.extend(items(new, &bullet));
    if blank_between(text, changelog) {
        lines.push(String::new());
    }
    text.insert(top.lines.start - 1, lines);
    Ok(())
}

/// Writes the version, the date and the author into the heading.
pub(super) fn release(
    text: &mut Text,
    changelog: &Changelog,
    open: &Entry,
    closing: &Closing,
) -> Result<(), Diagnostic> {
    let author = author(closing.author.as_ref())?;
    let release = release_of(text, changelog);
    text.lines[open.place.line - 1] = heading(closing.date, author, Some((&closing.version, &release)));
    Ok(())
}

fn heading(date: Timestamp, author: &Author, version: Option<(&ReleaseVersion, &str)>) -> String {
    let version = version.map(|(version, release)| {
        let epoch = match version.epoch() {
            0 => String::new(),
            epoch => format!("{epoch}:"),
        };
        format!(" - {epoch}{}{release}", version.rpm_version())
    });
    format!(
        "* {} {author}{}",
        date.strftime("%a %b %d %Y"),
        version.unwrap_or_default()
    )
}

/// What stands behind the version in the newest entry, with the number of the release begun anew.
fn release_of(text: &Text, changelog: &Changelog) -> String {
    let usual = "-1".to_owned();
    let Some(newest) = changelog.newest() else {
        return usual;
    };
    let line = &text.lines[newest.place.line - 1];
    let Some(span) = Heading::read(line).and_then(|h| h.author_and_version().1) else {
        return usual;
    };
    match line[span].rsplit_once('-') {
        None => String::new(),
        Some((_, release)) => {
            let rest = release.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("-1{}", if rest.starts_with(['.', '%']) { rest } else { "" })
        }
    }
}

fn items(new: &NewItems, bullet: &str) -> Vec<String> {
    let next = " ".repeat(bullet.len());
    new.items
        .iter()
        .flat_map(|item| point(79, &item.replace('%', "%%"), bullet, &next))
        .collect()
}

fn bullet(text: &Text, changelog: &Changelog) -> String {
    let entry = changelog.entries.iter().find(|e| !e.items.is_empty());
    let line = entry.and_then(|e| text.lines.get(e.place.line));
    let found = line.filter(|l| crate::changelog::items::bullet(l.trim_start()).is_some());
    found.map_or_else(
        || "- ".to_owned(),
        |line| {
            let rest = line
                .trim_start_matches(|c: char| c.is_whitespace())
                .trim_start_matches(['-', '*', '+'])
                .trim_start();
            line[..line.len() - rest.len()].to_owned()
        },
    )
}

fn last_text(text: &Text, entry: &Entry) -> usize {
    let from = entry.place.line - 1;
    (from..entry.lines.end - 1)
        .rev()
        .find(|i| !text.lines[*i].trim().is_empty())
        .unwrap_or(from)
}

fn blank_between(text: &Text, changelog: &Changelog) -> bool {
    let second = changelog.entries.get(1).map(|e| e.place.line - 1);
    second.is_none_or(|at| text.lines[at - 1].trim().is_empty())
}
