//! Changelogs as sections: reStructuredText and Markdown headings of versions, Keep a Changelog.
//!
//! ```text
//! 1.1.3                 ## [1.1.3] - 2019-03-22
//! ^^^^^
//! 22-Mar-2019           ### Fixed
//!
//! * item                - item
//! ```
//!
//! A heading that is not a version is a title before the first entry, and a group of items below one.

mod code;
mod flaws;
mod heading;
mod markup;

pub(super) use heading::{Title, TitleVersion, says_unreleased};
pub(super) use markup::{Block, Heading, Mark, Markup, Piece, link_definition, pieces, rule};

use super::{Entry, EntryVersion, Reading, date, items::Items};
use crate::{Diagnostic, Place, SourceText};
use heading::{bold, is_group};
use packyard_types::Timestamp;
use std::ops::Range;

/// Reads a whole file.
pub(super) fn read(file: &SourceText, markup: Markup) -> Reading {
    let lines: Vec<&str> = file
        .text()
        .split('\n')
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    let blocks: Vec<Block> = pieces(&lines, markup)
        .into_iter()
        .map(|piece| piece.block)
        .collect();
    let mut reader = Reader {
        file,
        lines,
        markup,
        reading: Reading::default(),
        depth: None,
        items: Items::default(),
        skipping: false,
        prose: false,
        above: None,
    };
    let mut at = 0;
    while at < blocks.len() {
        at += reader.block(&blocks[at..]);
    }
    reader.finish()
}

struct Reader<'a> {
    file: &'a SourceText,
    lines: Vec<&'a str>,
    markup: Markup,
    reading: Reading,
    /// How deep the headings of versions are.
    depth: Option<usize>,
    items: Items,
    /// Below a heading that is no part of the changelog.
    skipping: bool,
    /// There is prose above the first version; lists may be part of it.
    prose: bool,
    /// The heading above the first version, and whether items stand below it.
    above: Option<(Heading, bool)>,
}

impl Reader<'_> {
    /// Reads the first of these blocks; gives how many were read.
    fn block(&mut self, blocks: &[Block]) -> usize {
        match &blocks[0] {
            Block::Heading(heading) => return self.heading(heading, &blocks[1..]),
            Block::Blank => self.items.blank(),
            Block::Text { line, literal } => self.text(*line, *literal),
            Block::Link(_) | Block::Skipped => {}
        }
        1
    }

    /// The place of a range of bytes of a line.
    fn place(&self, line: usize, span: Range<usize>) -> Place {
        let source = self.lines[line];
        Place {
            file: self.file.file().to_owned(),
            line: line + 1,
            column: 1 + source[..span.start].chars().count(),
            width: source[span].chars().count().max(1),
            source: source.trim_end().to_owned(),
        }
    }

    fn problem(&mut self, problem: Diagnostic) {
        self.reading.problems.push(problem);
    }

    fn heading(&mut self, heading: &Heading, below: &[Block]) -> usize {
        let text = &self.lines[heading.title_line][heading.title.clone()];
        let shallow = self.depth.is_none_or(|depth| heading.depth <= depth);
        let title =
            Title::read(text).filter(|title| shallow || (title.bare && title.version != TitleVersion::Bad));
        let title = title.filter(|title| {
            self.depth.is_some()
                || title.version != TitleVersion::Unreleased
                || heading.depth > 1
                || title.bare
        });
        match title {
            None => {
                self.other_heading(heading);
                1
            }
            Some(title) => {
                self.underline(heading);
                1 + self.version(heading, &title, below)
            }
        }
    }

    /// An entry begins; gives how many blocks below its heading were its date.
    fn version(&mut self, heading: &Heading, title: &Title, below: &[Block]) -> usize {
        self.close(heading.lines.start);
        if self.depth.is_none()
            && let Some((above, true)) = self.above.take()
            && above.depth == heading.depth
        {
            let problem = self.no_version(&above);
            let place = self.place(above.title_line, above.title.clone());
            self.problem(problem.at(place));
        }
        self.depth = Some(self.depth.map_or(heading.depth, |depth| depth.max(heading.depth)));
        self.skipping = false;
        let offset = heading.title.start;
        let span = title.span.start + offset..title.span.end + offset;
        let place = self.place(heading.title_line, span.clone());
        let (date, open_below, count) = match &title.date {
            Some(found) => (self.date(heading.title_line, offset, found), false, 0),
            None if title.open => (None, false, self.date_below(below).2),
            None => self.date_below(below),
        };
        let text = &self.lines[heading.title_line][span.clone()];
        let mut entry = match &title.version {
            // `2.x` over versions of its own is a title.
            TitleVersion::Bad if text.ends_with(['x', 'X']) && next_is_heading(below) => {
                self.skipping = true;
                return count;
            }
            TitleVersion::Bad => {
                self.bad_version(heading.title_line, span, place);
                self.skipping = true;
                return count;
            }
            TitleVersion::Unreleased => Entry::new(EntryVersion::Unreleased, place),
            TitleVersion::Release(version) => {
                let on_top = self.reading.entries.is_empty();
                let dev = on_top && date.is_none() && text.to_ascii_lowercase().contains("dev");
                let open = title.open || open_below || dev;
                let released = EntryVersion::Released {
                    version: version.clone(),
                    revision: None,
                };
                let mut entry = Entry::new(if open { EntryVersion::Unreleased } else { released }, place);
                entry.planned = open.then(|| super::version::without_dev(version));
                entry
            }
        };
        entry.date = date;
        entry.lines = heading.lines.start + 1..heading.lines.end + 1;
        if entry.released().is_none() && !self.reading.entries.is_empty() {
            let problem = Diagnostic::new("only the first entry can be unreleased").at(entry.place.clone());
            self.problem(problem.hint("move it to the top, or give it a version and a date"));
        }
        self.reading.entries.push(entry);
        if title.yanked {
            self.items.line(0, "- This release was withdrawn.");
        }
        count
    }

    /// A title before the first entry, a group below one; but as high as the versions only versions should stand.
    fn other_heading(&mut self, heading: &Heading) {
        let text = self.lines[heading.title_line][heading.title.clone()].to_owned();
        let Some(depth) = self.depth else {
            self.above = Some((heading.clone(), false));
            return;
        };
        let is_group = is_group(&text);
        if heading.depth > depth || (is_group && !self.reading.entries.is_empty()) {
            self.items.group(&text);
            if heading.depth > depth {
                return;
            }
        } else {
            self.close(heading.lines.start);
            self.skipping = true;
        }
        let problem = if is_group {
            Diagnostic::warning(format!("`{text}` stands as high as the versions"))
                .hint("expected a deeper heading for a group of items")
        } else {
            self.no_version(heading)
        };
        let place = self.place(heading.title_line, heading.title.clone());
        self.problem(problem.at(place));
    }

    /// The date on the first line of text, whether that says `Unreleased`, and how many blocks it took.
    fn date_below(&mut self, below: &[Block]) -> (Option<Timestamp>, bool, usize) {
        let first = below
            .iter()
            .position(|b| !matches!(b, Block::Blank | Block::Skipped));
        let Some((count, Block::Text { line, literal: false })) = first.map(|i| (i + 1, &below[i])) else {
            return (None, false, 0);
        };
        let source = self.lines[*line];
        let offset = source.len() - source.trim_start().len();
        let text = source.trim();
        if says_unreleased(text) {
            return (None, true, count);
        }
        match date::only(text) {
            None => (None, false, 0),
            Some(found) => (self.date(*line, offset, &found), false, count),
        }
    }

    /// A line of an entry's text.
    fn text(&mut self, number: usize, literal: bool) {
        let line = self.lines[number];
        let text = line.trim();
        let start = line.len() - line.trim_start().len();
        let width = |c| if c == '\t' { 4 } else { 1 };
        let indent: usize = line[..start].chars().map(width).sum();
        if self.markup == Markup::Markdown && !literal && start == 0 && heading::lacks_blank(text) {
            return self.no_blank(number, text);
        }
        if self.skipping || literal {
            return;
        }
        if self.reading.entries.is_empty() {
            return self.above(number, start, text);
        }
        if self.markup == Markup::Rst && self.items.is_empty() && self.field(number, start, text) {
            return;
        }
        if let Some(name) = bold(text) {
            self.items.group(name);
        } else {
            self.items.line(indent, text);
        }
    }

    /// Text above the first version: prose, and lists only in prose.
    fn above(&mut self, number: usize, start: usize, text: &str) {
        let is_item = super::items::bullet(text).is_some();
        if is_item && start == 0 && self.reading.problems.is_empty() && !self.prose {
            let problem = Diagnostic::new("an item stands above the first version")
                .at(self.place(number, start..start + text.len()))
                .hint(self.expected());
            self.problem(problem);
        }
        self.prose |= !is_item;
        if let (Some(above), true) = (&mut self.above, is_item) {
            above.1 = true;
        }
    }

    /// `:Author: Ada` at the head of an entry is no change; `:Date:` is its date.
    fn field(&mut self, number: usize, start: usize, text: &str) -> bool {
        let Some((name, value)) = text.strip_prefix(':').and_then(|rest| rest.split_once(": ")) else {
            return false;
        };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '-');
        if is_name
            && name.to_ascii_lowercase().contains("date")
            && let Some(found) = date::find(value)
        {
            let offset = start + text.len() - value.len();
            let date = self.date(number, offset, &found);
            if let Some(entry) = self.reading.entries.last_mut() {
                entry.date = entry.date.or(date);
            }
        }
        is_name
    }

    fn expected(&self) -> &'static str {
        match self.markup {
            Markup::Rst => "expected a version such as `1.1.3`, underlined with `^^^^^`",
            Markup::Markdown => "expected a version such as `## 1.1.3`",
        }
    }

    /// The entry on hand is complete.
    fn close(&mut self, end: usize) {
        let items = self.items.take();
        if let Some(entry) = self.reading.entries.last_mut()
            && !self.skipping
        {
            entry.items = items;
            entry.lines.end = end + 1;
        }
    }

    fn finish(mut self) -> Reading {
        let end = self.file.text().lines().count();
        self.close(end);
        self.drop_titles();
        let newest = self.reading.entries.iter().position(|e| e.released().is_some());
        let mut empty = Vec::new();
        for (i, entry) in self.reading.entries.iter().enumerate() {
            let Some(version) = entry.released().filter(|_| entry.items.is_empty()) else {
                continue;
            };
            let message = format!("the entry of version {version} is empty");
            let problem = if Some(i) == newest {
                Diagnostic::new(message)
            } else {
                Diagnostic::warning(message)
            };
            empty.push(
                problem
                    .at(entry.place.clone())
                    .hint("expected at least one line `* what changed`"),
            );
        }
        self.reading.problems.extend(empty);
        if self.reading.entries.is_empty() && self.reading.problems.is_empty() {
            let blank = self.file.text().trim().is_empty();
            let message = if blank {
                format!("`{}` is empty: it has no entry", self.file.file())
            } else {
                format!(
                    "`{}` has no entry: no heading of it is a version",
                    self.file.file()
                )
            };
            let problem = Diagnostic::new(message)
                .at(self.file.line(1))
                .hint(self.expected());
            self.problem(problem);
        }
        self.reading
    }

    /// `2.0` over `2.0.1`, with nothing of its own: a title of a series.
    fn drop_titles(&mut self) {
        let entries = &mut self.reading.entries;
        let mut i = 0;
        while i + 1 < entries.len() {
            let (title, below) = (&entries[i], &entries[i + 1]);
            let series = match (title.released(), below.released()) {
                (Some(title), Some(below)) => {
                    title.release_width() < below.release_width()
                        && below.pep440().release().starts_with(title.pep440().release())
                }
                _ => false,
            };
            if series && title.items.is_empty() && title.date.is_none() {
                entries.remove(i);
            } else {
                i += 1;
            }
        }
    }
}

/// Whether a line is a heading of Markdown that names a version.
pub(super) fn is_hash_heading(line: &str) -> bool {
    let hashes = line.bytes().take_while(|b| *b == b'#').count();
    let blank = line[hashes..].starts_with([' ', '\t']);
    (1..=4).contains(&hashes)
        && (heading::lacks_blank(line) || (blank && heading::is_version(&line[hashes..])))
}

/// Whether the next block that says anything is a heading.
fn next_is_heading(below: &[Block]) -> bool {
    let next = below.iter().find(|b| !matches!(b, Block::Blank | Block::Skipped));
    matches!(next, Some(Block::Heading(_)))
}
