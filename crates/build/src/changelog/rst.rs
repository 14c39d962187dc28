//! The dialect of reStructuredText headings:
//!
//! ```text
//! 1.1.3
//! ^^^^^
//! 22-Mar-2019
//!
//! * item
//! ```
//!
//! A heading is a line over (or between) a line of one repeated punctuation character, at least as long. A heading that
//! is not a version is a title before the first entry, and a group of items below one. Directives (`.. `) are skipped.

use super::{Changelog, Dialect, Entry, EntryVersion, date};
use crate::{Diagnostic, SourceText};
use packyard_types::ReleaseVersion;
use std::ops::Range;

const UNDERLINES: &str = "=-`:'\"~^_*+#<>.";

/// A line and where it begins.
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    fn span(&self) -> Range<usize> {
        let indent = self.text.len() - self.text.trim_start().len();
        self.start + indent..self.start + self.text.trim_end().len().max(indent)
    }
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

pub(super) fn parse(file: &SourceText) -> Result<Changelog, Vec<Diagnostic>> {
    let mut reader = Reader {
        file,
        lines: lines(file.text()),
        entries: Vec::new(),
        problems: Vec::new(),
        mark: None,
        new_item: true,
    };
    reader.read();
    reader.finish()
}

pub(super) fn version(text: &str) -> Option<ReleaseVersion> {
    let word = text
        .trim()
        .trim_start_matches(['v', 'V', '['])
        .trim_end_matches(']');
    let word = word.strip_prefix("ersion ").unwrap_or(word);
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    ReleaseVersion::parse(word)
        .or_else(|_| ReleaseVersion::from_semver(word))
        .ok()
}

/// `1.1.3`, `v1.1.3`, `1.1.3 (2019-03-22)`, `1.1.3 - 2019-03-22`, `Unreleased`.
fn heading(text: &str) -> Option<(EntryVersion, Option<&str>)> {
    let trimmed = text.trim().trim_start_matches('[').trim_start();
    let (first, rest) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
    let first = first.trim_end_matches(']');
    let rest = rest.trim().trim_start_matches(['-', '–', '—', ':']).trim();
    if first.eq_ignore_ascii_case("unreleased") {
        return Some((EntryVersion::Unreleased, None));
    }
    let released = EntryVersion::Released {
        version: version(first)?,
        revision: None,
    };
    Some((released, Some(rest).filter(|rest| !rest.is_empty())))
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let line = |text| {
        let line = Line { start, text };
        start += text.len();
        line
    };
    text.split_inclusive('\n').map(line).collect()
}

struct Reader<'a> {
    file: &'a SourceText,
    lines: Vec<Line<'a>>,
    entries: Vec<Entry>,
    problems: Vec<Diagnostic>,
    /// The character that underlines versions; another one underlines groups.
    mark: Option<char>,
    /// The next text begins an item, for the last line was blank.
    new_item: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut at = 0;
        while at < self.lines.len() {
            at += match self.underline(at) {
                Some(mark) => self.heading(at, mark),
                None if self.is_overline(at) => 1,
                None => self.text(at),
            };
        }
    }

    /// The character that underlines line `at`, if it is a heading.
    fn underline(&self, at: usize) -> Option<char> {
        let title = self.lines[at].text.trim_end();
        let below = self.lines.get(at + 1)?.text.trim_end();
        if title.is_empty() || title.starts_with(char::is_whitespace) || rule(title).is_some() {
            return None;
        }
        rule(below)
    }

    fn is_overline(&self, at: usize) -> bool {
        let mark = rule(self.lines[at].text.trim_end());
        mark.is_some() && at + 1 < self.lines.len() && self.underline(at + 1) == mark
    }

    /// Reads a heading and the date below it; gives how many lines that were.
    fn heading(&mut self, at: usize, mark: char) -> usize {
        let (line, below) = (&self.lines[at], &self.lines[at + 1]);
        let title = line.text.trim();
        if below.text.trim_end().chars().count() < title.chars().count() {
            let problem = Diagnostic::new("the underline is shorter than its title")
                .at(self.file.place(below.span()))
                .hint(format!(
                    "expected {}",
                    mark.to_string().repeat(title.chars().count())
                ));
            self.problems.push(problem);
        }
        self.new_item = true;
        let Some((version, date_text)) = heading(title) else {
            self.other_heading(at, mark);
            return 2;
        };
        self.mark = Some(mark);
        let span = line.span();
        let place = self
            .file
            .place(span.start..span.start + title.split_whitespace().next().map_or(1, str::len));
        let unreleased = version == EntryVersion::Unreleased;
        if unreleased && !self.entries.is_empty() {
            let problem = Diagnostic::new("`Unreleased` can only be the first entry").at(place.clone());
            self.problems
                .push(problem.hint("move it to the top, or give it a version"));
        }
        let same_line = date_text.map(|text| self.date(span.clone(), text));
        let (date, skipped) = match same_line {
            Some(date) => (date, 0),
            None => self.date_below(at + 2),
        };
        self.entries.push(Entry {
            version,
            place,
            date,
            items: Vec::new(),
            author: None,
            distributions: Vec::new(),
            urgency: None,
        });
        2 + skipped
    }

    /// A title before the first entry, a group below one; but at the level of versions only versions may stand.
    fn other_heading(&mut self, at: usize, mark: char) {
        let line = &self.lines[at];
        let looks_versioned = line.text.trim().starts_with(|c: char| c.is_ascii_digit());
        if self.mark == Some(mark) || looks_versioned {
            let problem = Diagnostic::new(format!("`{}` is not a version", line.text.trim()))
                .at(self.file.place(line.span()))
                .hint("expected a version such as `1.1.3`, with a date on its line or the next, or `Unreleased`");
            self.problems.push(problem);
        }
    }

    fn date(&mut self, span: Range<usize>, text: &str) -> Option<packyard_types::Timestamp> {
        let date = date::parse(text);
        if date.is_none() {
            let start = span.end - text.len().min(span.len());
            let problem = Diagnostic::new(format!("`{text}` is not a date"))
                .at(self.file.place(start..span.end))
                .hint("expected a date such as `22-Mar-2019`, `2019-03-22` or `March 22, 2019`");
            self.problems.push(problem);
        }
        date
    }

    /// The date on the first line that is not blank, and how many lines it took.
    fn date_below(&mut self, from: usize) -> (Option<packyard_types::Timestamp>, usize) {
        let Some(skip) = self.lines.iter().skip(from).position(|line| !line.is_blank()) else {
            return (None, 0);
        };
        let line = &self.lines[from + skip];
        let (text, span) = (line.text.trim(), line.span());
        if self.underline(from + skip).is_some() {
            return (None, 0);
        }
        if let Some(date) = date::parse(text) {
            return (Some(date), skip + 1);
        }
        if date::looks_like_one(text) {
            self.date(span, text);
            return (None, skip + 1);
        }
        (None, 0)
    }

    /// A line of an entry's text.
    fn text(&mut self, at: usize) -> usize {
        let line = &self.lines[at];
        let (text, indented) = (line.text.trim(), line.text.starts_with([' ', '\t']));
        if text.is_empty() || (!indented && text.starts_with("..")) {
            self.new_item = true;
            return 1;
        }
        let bullet = ["* ", "- ", "+ "].iter().find_map(|mark| text.strip_prefix(mark));
        let span = line.span();
        let Some(entry) = self.entries.last_mut() else {
            if bullet.is_some() {
                let problem = Diagnostic::new("an item stands above the first version")
                    .at(self.file.place(span))
                    .hint("expected a version underlined with `^^^^^` before the items");
                self.problems.push(problem);
            }
            return 1;
        };
        let begins = match bullet {
            Some(_) => !indented || entry.items.is_empty(),
            None => !indented && self.new_item,
        };
        match entry.items.last_mut() {
            Some(item) if !begins => {
                item.push(' ');
                item.push_str(text);
            }
            _ => entry.items.push(bullet.unwrap_or(text).trim().to_owned()),
        }
        self.new_item = false;
        1
    }

    fn finish(mut self) -> Result<Changelog, Vec<Diagnostic>> {
        for entry in &self.entries {
            if entry.items.is_empty() && entry.released().is_some() {
                let problem = Diagnostic::new(format!(
                    "the entry of version {} is empty",
                    entry.place.source.trim()
                ));
                self.problems.push(
                    problem
                        .at(entry.place.clone())
                        .hint("expected at least one line `* what changed`"),
                );
            }
        }
        if self.entries.is_empty() && self.problems.is_empty() {
            let problem = Diagnostic::new(format!("`{}` has no entry", self.file.file()))
                .at(self.file.line(1))
                .hint("expected a version such as `1.1.3`, underlined with `^^^^^`");
            self.problems.push(problem);
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok(Changelog {
            file: self.file.file().to_owned(),
            dialect: Dialect::Rst,
            entries: self.entries,
        })
    }
}

/// The character that a line repeats, if it is an underline.
pub(super) fn rule(line: &str) -> Option<char> {
    let first = line.chars().next()?;
    let long = line.chars().count() >= 3;
    (long && UNDERLINES.contains(first) && line.chars().all(|c| c == first)).then_some(first)
}
