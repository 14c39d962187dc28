//! reStructuredText and Markdown, and the groups of Keep a Changelog.

use super::{
    Closing, NewItems, Text,
    append::{GROUPS, append},
    habit::{Bullets, Model, heading_at, heading_lines},
    links,
};
use crate::{
    Diagnostic,
    changelog::{
        Changelog, Entry,
        sections::{Block, Mark, Markup, pieces, says_unreleased},
    },
};

/// The first entry of a new file.
pub(super) fn create(new: &NewItems, markup: Markup) -> String {
    let items: Vec<&str> = new.items.iter().map(String::as_str).collect();
    let empty = Text {
        lines: Vec::new(),
        crlf: false,
        last_end: true,
    };
    let bullets = Bullets::of(&empty, markup).lines(&items).join("\n");
    let date = |format: &str| new.date.strftime(format);
    match (markup, &new.version) {
        (Markup::Markdown, None) => format!("# Changelog\n\n## [Unreleased]\n\n{bullets}\n"),
        (Markup::Markdown, Some(version)) => {
            format!(
                "# Changelog\n\n## [{version}] - {}\n\n{bullets}\n",
                date("%Y-%m-%d")
            )
        }
        (Markup::Rst, None) => format!("Changelog\n=========\n\nUnreleased\n^^^^^^^^^^\n\n{bullets}\n"),
        (Markup::Rst, Some(version)) => {
            let title = heading_lines(&version.to_string(), rst_mark(), version.to_string().len()).join("\n");
            format!(
                "Changelog\n=========\n\n{title}\n{}\n\n{bullets}\n",
                date("%d-%b-%Y")
            )
        }
    }
}

fn rst_mark() -> Mark {
    Mark::Rule {
        mark: '^',
        over: false,
    }
}

/// Adds to the entry on top where it is open or has the version, else begins one above it.
pub(super) fn add(
    text: &mut Text,
    changelog: &Changelog,
    top: &Entry,
    new: &NewItems,
    markup: Markup,
) -> Result<(), Diagnostic> {
    let bullets = Bullets::of(text, markup);
    if super::fits(top, new.version.as_ref()) {
        for item in &new.items {
            append(text, top, item, &bullets, markup);
        }
        return Ok(());
    }
    if top.released().is_none() {
        return Err(super::open_above(top));
    }
    let dated = changelog.entries.iter().any(|e| e.date.is_some());
    let (mut lines, gap) = match (Model::of(text, changelog, markup), &new.version) {
        (Some(model), Some(version)) => (model.released(version, new.date, dated), model.gap()),
        (Some(model), None) => (model.open(), model.gap()),
        (None, _) => return Err(super::nothing_open(changelog)),
    };
    let at = top.lines.start - 1;
    let is_rule = !lines.first().is_some_and(|line| line.starts_with('#'));
    lines.extend(vec![String::new(); gap.max(usize::from(is_rule))]);
    let apart = between(text, changelog);
    let uses_groups = changelog
        .entries
        .iter()
        .flat_map(|e| &e.items)
        .any(|i| i.group.as_deref().is_some_and(|g| GROUPS.contains(&g)));
    let body = lines.len();
    if uses_groups {
        // The items are added one by one below, each to its group.
        text.insert(at, lines.iter().cloned().chain(vec![String::new(); apart]));
        let mut entry = top.clone();
        entry.place.line = at + 1 + usize::from(is_over(&lines));
        entry.lines = at + 1..at + 1 + body + apart;
        for item in &new.items {
            entry.lines.end += append(text, &entry, item, &bullets, markup);
        }
        return Ok(());
    }
    let items: Vec<&str> = new.items.iter().map(String::as_str).collect();
    lines.extend(bullets.lines(&items));
    lines.extend(vec![String::new(); apart]);
    text.insert(at, lines);
    Ok(())
}

fn is_over(lines: &[String]) -> bool {
    lines
        .first()
        .is_some_and(|line| crate::changelog::sections::rule(line).is_some())
}

/// Blank lines between two entries.
fn between(text: &Text, changelog: &Changelog) -> usize {
    let Some(second) = changelog.entries.get(1) else {
        return 1;
    };
    let above = &text.lines[..second.lines.start - 1];
    above
        .iter()
        .rev()
        .take_while(|line| line.trim().is_empty())
        .count()
        .max(1)
}

/// Gives the open entry the heading of a release.
pub(super) fn release(
    text: &mut Text,
    changelog: &Changelog,
    open: &Entry,
    closing: &Closing,
    markup: Markup,
) {
    let heading = {
        let lines = text.refs();
        let pieces = pieces(&lines, markup);
        heading_at(&pieces, open.place.line - 1).map(|(number, heading)| {
            let below = pieces[number + 1..]
                .iter()
                .find(|p| !matches!(p.block, Block::Blank | Block::Skipped));
            let unreleased_below = below.and_then(|piece| match piece.block {
                Block::Text { line, .. } if says_unreleased(lines[line]) => Some(line + 1),
                _ => None,
            });
            (heading.clone(), unreleased_below)
        })
    };
    let Some((heading, below)) = heading else { return };
    let dated = changelog.entries.iter().any(|e| e.date.is_some());
    let old_title = text.lines[heading.title_line][heading.title.clone()].to_owned();
    let lines = match Model::of(text, changelog, markup) {
        Some(model) => model.released(&closing.version, closing.date, dated),
        None => first_release(&old_title, heading.mark, closing),
    };
    let over = usize::from(matches!(heading.mark, Mark::Rule { over: true, .. }));
    let from = heading.title_line - over;
    let to = below.unwrap_or(heading.lines.end);
    let old: Vec<String> = text.lines[from..heading.lines.end].to_vec();
    text.lines.splice(from..to, lines);
    if old_title.trim().eq_ignore_ascii_case("[unreleased]") {
        text.insert(from, old.into_iter().chain([String::new()]));
    }
    let before = changelog
        .newest()
        .and_then(Entry::released)
        .map(ToString::to_string);
    links::update(text, before.as_deref(), &closing.version.to_string());
}

/// Without a release to follow: as Keep a Changelog does where brackets are used, else the version and the date.
fn first_release(old_title: &str, mark: Mark, closing: &Closing) -> Vec<String> {
    let date = closing.date.strftime("%Y-%m-%d");
    let title = if old_title.starts_with('[') {
        format!("[{}] - {date}", closing.version)
    } else {
        format!("{} ({date})", closing.version)
    };
    heading_lines(&title, mark, title.chars().count())
}
