//! How a changelog of sections writes its bullets, headings and dates.

use super::{Text, point};
use crate::changelog::{
    Changelog, date,
    items::bullet,
    sections::{Block, Heading, Mark, Markup, Piece, Title, pieces},
};
use packyard_types::{ReleaseVersion, Timestamp};

/// The bullets of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bullets {
    first: String,
    blank_between: bool,
    limit: usize,
}

impl Bullets {
    /// As most of the file's points have it.
    pub fn of(text: &Text, markup: Markup) -> Self {
        let lines = text.refs();
        let points: Vec<usize> = pieces(&lines, markup)
            .iter()
            .filter_map(|piece| match piece.block {
                Block::Text { line, literal: false } => Some(line),
                _ => None,
            })
            .filter(|line| bullet(lines[*line].trim_start()).is_some())
            .collect();
        let outer = points.iter().map(|i| indent(lines[*i])).min();
        let points: Vec<usize> = points
            .into_iter()
            .filter(|i| Some(indent(lines[*i])) == outer)
            .collect();
        let usual = match markup {
            Markup::Markdown => "- ",
            Markup::Rst => "* ",
        };
        let first = points
            .first()
            .map_or_else(|| usual.to_owned(), |i| mark(lines[*i]));
        let gaps = points
            .windows(2)
            .filter(|pair| lines[pair[1] - 1].trim().is_empty() && same_section(&lines, pair));
        let joined = points
            .windows(2)
            .filter(|pair| !lines[pair[1] - 1].trim().is_empty())
            .count();
        let blank_between = gaps.count() > joined;
        let longest = points
            .iter()
            .map(|i| lines[*i].chars().count())
            .max()
            .unwrap_or(0);
        Self {
            first,
            blank_between,
            limit: if longest > 90 { usize::MAX } else { 79 },
        }
    }

    /// The lines of new items.
    pub fn lines(&self, items: &[&str]) -> Vec<String> {
        let next = " ".repeat(self.first.chars().count());
        let mut lines = Vec::new();
        for (i, item) in items.iter().enumerate() {
            if i > 0 && self.blank_between {
                lines.push(String::new());
            }
            lines.extend(point(self.limit, item, &self.first, &next));
        }
        lines
    }

    /// Whether points have a blank line between them.
    pub fn are_apart(&self) -> bool {
        self.blank_between
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The bullet with the blanks around it; a numbered list is no model.
fn mark(line: &str) -> String {
    let text = line.trim_start();
    let rest = bullet(text).unwrap_or(text);
    let mark = &line[..line.len() - rest.len().min(line.len())];
    if mark.trim().starts_with(|c: char| c.is_ascii_digit()) {
        "- ".to_owned()
    } else {
        mark.to_owned()
    }
}

/// Between two points of one list there is no heading.
fn same_section(lines: &[&str], pair: &[usize]) -> bool {
    lines[pair[0] + 1..pair[1]]
        .iter()
        .all(|l| l.trim().is_empty() || l.starts_with(' '))
}

/// The headings of a file that name versions, with their pieces' numbers.
pub(super) fn heading_at(pieces: &[Piece], line: usize) -> Option<(usize, &Heading)> {
    pieces
        .iter()
        .enumerate()
        .find_map(|(i, piece)| match &piece.block {
            Block::Heading(heading) if heading.title_line == line => Some((i, heading)),
            _ => None,
        })
}

/// How the newest release is headed: the model of the next one.
#[derive(Debug, Clone)]
pub(super) struct Model {
    title: String,
    mark: Mark,
    rule_width: usize,
    version: String,
    date: Option<(String, date::DateFormat)>,
    /// The lines from the heading to the date below it, with the date's text.
    below: Option<(Vec<String>, String, date::DateFormat)>,
    /// Blank lines before the first text.
    gap: usize,
}

impl Model {
    /// Of the newest release; none if there is none.
    pub fn of(text: &Text, changelog: &Changelog, markup: Markup) -> Option<Self> {
        let newest = changelog.newest()?;
        let lines = text.refs();
        let pieces = pieces(&lines, markup);
        let (number, heading) = heading_at(&pieces, newest.place.line - 1)?;
        let title_text = &lines[heading.title_line][heading.title.clone()];
        let title = Title::read(title_text)?;
        let end = heading.lines.end;
        let date = match &title.date {
            Some(Ok(found)) => Some((title_text[found.span.clone()].to_owned(), found.format)),
            _ => None,
        };
        let first = pieces[number + 1..].iter().find_map(|piece| match piece.block {
            Block::Text { line, .. } => Some(line),
            Block::Heading(ref heading) => Some(heading.lines.start),
            _ => None,
        });
        let first = first.unwrap_or(end);
        let below = lines
            .get(first)
            .and_then(|line| date::only(line))
            .and_then(Result::ok);
        let below = below.filter(|_| date.is_none()).map(|found| {
            let taken = lines[end..=first].iter().map(|l| (*l).to_owned()).collect();
            (taken, lines[first][found.span].to_owned(), found.format)
        });
        let body = if below.is_some() { first + 1 } else { end };
        let gap = lines[body..].iter().take_while(|l| l.trim().is_empty()).count();
        Some(Self {
            title: strip_yanked(title_text),
            mark: heading.mark,
            rule_width: lines[end - 1].trim_end().chars().count(),
            version: title_text[title.span].to_owned(),
            date,
            below,
            gap,
        })
    }

    /// The heading of a new release, and the date below it.
    pub fn released(&self, version: &ReleaseVersion, date: Timestamp, some_dated: bool) -> Vec<String> {
        let v = if self.version.starts_with(['v', 'V']) {
            &self.version[..1]
        } else {
            ""
        };
        let mut title = self.next_title(&format!("{v}{version}"));
        if let Some((old, format)) = &self.date {
            title = title.replacen(old.as_str(), &format.write(date), 1);
        } else if self.below.is_none() && some_dated {
            title = format!("{title} ({})", date::DateFormat::Iso.write(date));
        }
        let mut lines = heading_lines(&title, self.mark, self.wide(&title));
        if let Some((below, old, format)) = &self.below {
            lines.extend(
                below
                    .iter()
                    .map(|line| line.replacen(old.as_str(), &format.write(date), 1)),
            );
        }
        lines
    }

    /// The title with another version; a link that compares two releases goes on from the last one.
    fn next_title(&self, version: &str) -> String {
        let plain = self.title.replace(&self.version, version);
        let range = self.title.split_once("...").and_then(|(before, after)| {
            let from = before.rsplit('/').next()?;
            let to = after.split(')').next()?;
            Some((format!("{from}...{to}"), to))
        });
        let Some((range, to)) = range else { return plain };
        let (old, new) = (
            self.version.trim_start_matches(['v', 'V']),
            version.trim_start_matches(['v', 'V']),
        );
        let next = format!("{to}...{}", to.replace(old, new));
        let parts: Vec<String> = self
            .title
            .split(&range)
            .map(|part| part.replace(&self.version, version))
            .collect();
        parts.join(&next)
    }

    /// The heading of an open entry.
    pub fn open(&self) -> Vec<String> {
        let bracketed = self.title.trim_start().starts_with('[') && !self.title.contains("](");
        let title = if bracketed { "[Unreleased]" } else { "Unreleased" };
        heading_lines(title, self.mark, self.wide(title))
    }

    /// Rules that are longer than their title keep their length.
    fn wide(&self, title: &str) -> usize {
        let width = title.chars().count();
        if self.rule_width > self.title.chars().count().max(3) {
            self.rule_width.max(width)
        } else {
            width
        }
    }

    /// How many blank lines stand below the heading.
    pub fn gap(&self) -> usize {
        self.gap
    }
}

/// A withdrawn release is no model in that.
fn strip_yanked(title: &str) -> String {
    let lower = title.to_ascii_lowercase();
    match lower.find("[yanked]").or_else(|| lower.find("(yanked)")) {
        Some(at) => title[..at].trim_end().to_owned(),
        None => title.to_owned(),
    }
}

/// The lines of a heading.
pub(super) fn heading_lines(title: &str, mark: Mark, width: usize) -> Vec<String> {
    match mark {
        Mark::Hashes(count) => vec![format!("{} {title}", "#".repeat(count))],
        Mark::Rule { mark, over } => {
            let rule = mark.to_string().repeat(width.max(3));
            let top = over.then(|| rule.clone());
            top.into_iter().chain([title.to_owned(), rule]).collect()
        }
    }
}
