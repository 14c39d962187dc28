//! Markdown and reStructuredText as a changelog uses them: headings, lines of text, and what is neither.
//!
//! Headings of Markdown are `#` to `######`, and lines over `===` or `---` (CommonMark 4.2, 4.3). Headings of
//! reStructuredText are lines over, or between, a line of one repeated punctuation character, at least as long; their
//! depth is the order in which the characters first appear. Comments, directives, code fences' marks, HTML tags that
//! stand alone and link definitions are skipped.

use super::code;
use std::ops::Range;

/// What one line, or a heading's lines, are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::changelog) enum Block {
    Heading(Heading),
    /// The number of a line, from 0, and whether it keeps to itself as code does.
    Text {
        line: usize,
        literal: bool,
    },
    Blank,
    /// A link definition of Markdown; its line.
    Link(usize),
    Skipped,
}

/// How a heading is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::changelog) enum Mark {
    /// So many `#`.
    Hashes(usize),
    /// Underlined with this, and overlined too.
    Rule { mark: char, over: bool },
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::changelog) struct Heading {
    /// Its lines, from 0, and what belongs to it above (a label, an anchor).
    pub lines: Range<usize>,
    /// The line of the title.
    pub title_line: usize,
    /// Where the title is within its line, in bytes.
    pub title: Range<usize>,
    pub mark: Mark,
    /// 1 is the outermost.
    pub depth: usize,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::changelog) enum Markup {
    Markdown,
    Rst,
}

/// A block and its lines, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::changelog) struct Piece {
    pub lines: Range<usize>,
    pub block: Block,
}

/// The blocks of a text, in order.
pub(in crate::changelog) fn pieces(lines: &[&str], markup: Markup) -> Vec<Piece> {
    let mut scanner = Scanner {
        lines,
        markup,
        marks: Vec::new(),
        anchor: None,
        indented: None,
    };
    let mut pieces = Vec::new();
    let mut at = match markup {
        Markup::Markdown => scanner.front_matter(),
        Markup::Rst => 0,
    };
    while at < lines.len() {
        let (block, count) = scanner.next(at);
        if !matches!(block, Block::Blank | Block::Heading(_)) && scanner.anchor != Some(at) {
            scanner.anchor = None;
        }
        pieces.push(Piece {
            lines: at..at + count,
            block,
        });
        at += count;
    }
    pieces
}

struct Scanner<'a> {
    lines: &'a [&'a str],
    markup: Markup,
    /// The rules of reStructuredText that were seen, outermost first.
    marks: Vec<(char, bool)>,
    /// The line of a label or anchor that belongs to the next heading.
    anchor: Option<usize>,
    /// The indentation of a comment or directive whose block is skipped.
    indented: Option<usize>,
}

impl Scanner<'_> {
    fn line(&self, at: usize) -> &str {
        self.lines.get(at).map_or("", |line| line.trim_end())
    }

    /// The settings between `---` that some site generators want at the top.
    fn front_matter(&self) -> usize {
        if self.line(0) != "---" {
            return 0;
        }
        let end = (1..self.lines.len()).find(|i| self.line(*i) == "---");
        let looks =
            end.is_some_and(|end| (1..end).all(|i| self.line(i).contains(':') || self.line(i).is_empty()));
        end.filter(|_| looks).map_or(0, |end| end + 1)
    }

    fn next(&mut self, at: usize) -> (Block, usize) {
        let line = self.line(at);
        if line.trim().is_empty() {
            return (Block::Blank, 1);
        }
        let indent = line.len() - line.trim_start().len();
        if let Some(outer) = self.indented {
            if indent > outer {
                return (Block::Skipped, 1);
            }
            self.indented = None;
        }
        if let Some(heading) = self.heading(at) {
            let count = heading.lines.end - at;
            return (Block::Heading(heading), count);
        }
        match self.markup {
            Markup::Markdown => self.markdown(at, indent),
            Markup::Rst => self.rst(at, indent),
        }
    }

    fn heading(&mut self, at: usize) -> Option<Heading> {
        let from = self.anchor.unwrap_or(at);
        let line = self.line(at);
        if self.markup == Markup::Markdown
            && let Some((hashes, title)) = hashes(line)
        {
            return Some(Heading {
                lines: from..at + 1,
                title_line: at,
                title,
                mark: Mark::Hashes(hashes),
                depth: hashes,
            });
        }
        let over = rule(line).filter(|mark| {
            self.markup == Markup::Rst
                && is_title(self.line(at + 1).trim_start())
                && rule(self.line(at + 2)) == Some(*mark)
        });
        let title_line = at + usize::from(over.is_some());
        let text = self.line(title_line);
        let indent = text.len() - text.trim_start().len();
        let mark = self.underline(title_line)?;
        if over.is_none() && (!is_title(text) || indent > 0) {
            return None;
        }
        let key = (mark, over.is_some());
        Some(Heading {
            lines: from..title_line + 2,
            title_line,
            title: indent..text.len(),
            mark: Mark::Rule {
                mark,
                over: over.is_some(),
            },
            depth: self.depth(key),
        })
    }

    /// The character that underlines a line. A short one counts under a version, so that it can be named.
    fn underline(&self, at: usize) -> Option<char> {
        let (text, below) = (self.line(at), self.line(at + 1));
        let mark = below.chars().next()?;
        match self.markup {
            Markup::Markdown => {
                let plain = !below.is_empty() && below.chars().all(|c| c == mark) && "=-".contains(mark);
                let paragraph = at == 0 || self.line(at - 1).is_empty() || self.anchor.is_some();
                let item =
                    crate::changelog::items::bullet(text).is_some() || text.starts_with(['>', '|', '<']);
                (plain && paragraph && !item && (mark == '=' || below.len() >= 2)).then_some(mark)
            }
            Markup::Rst => {
                let uniform = PUNCTUATION.contains(mark) && below.chars().all(|c| c == mark);
                let short = below.chars().count() < 3;
                let versioned = super::heading::is_version(text);
                let blank_above =
                    at == 0 || self.line(at - 1).is_empty() || rule(self.line(at - 1)).is_some();
                (uniform && (!short || (versioned && blank_above))).then_some(mark)
            }
        }
    }

    fn depth(&mut self, key: (char, bool)) -> usize {
        if self.markup == Markup::Markdown {
            return if key.0 == '=' { 1 } else { 2 };
        }
        let known = self.marks.iter().position(|mark| *mark == key);
        1 + known.unwrap_or_else(|| {
            self.marks.push(key);
            self.marks.len() - 1
        })
    }

    fn markdown(&mut self, at: usize, indent: usize) -> (Block, usize) {
        let text = self.line(at).trim();
        if let Some((end, after)) = code::fenced(self.lines, at) {
            return self.fenced(at, end, after);
        }
        if text.starts_with("<!--") {
            let end = (at..self.lines.len()).find(|i| self.line(*i).contains("-->"));
            return (Block::Skipped, end.unwrap_or(self.lines.len() - 1) + 1 - at);
        }
        if indent < 4 && link_definition(text).is_some() {
            return (Block::Link(at), 1);
        }
        if text.starts_with('<') && text.ends_with('>') && !text[1..].starts_with("http") {
            self.anchor = Some(at);
            return (Block::Skipped, 1);
        }
        let is_break = ['-', '*', '_'].iter().any(|mark| {
            text.chars().filter(|c| c == mark).count() >= 3 && text.chars().all(|c| c == *mark || c == ' ')
        });
        if is_break {
            return (Block::Skipped, 1);
        }
        (
            Block::Text {
                line: at,
                literal: code::is_indented(self.lines, at),
            },
            1,
        )
    }

    /// A fenced block is one text for each line; the fences themselves are none.
    fn fenced(&self, at: usize, end: usize, after: usize) -> (Block, usize) {
        let inner = (at + 1..end).find(|i| !self.line(*i).trim().is_empty());
        match inner {
            // Only its first line is kept: code has no place in the changelog of a package.
            Some(line) => (Block::Text { line, literal: true }, after - at),
            None => (Block::Skipped, after - at),
        }
    }

    fn rst(&mut self, at: usize, indent: usize) -> (Block, usize) {
        let text = self.line(at).trim();
        if text.starts_with(".. ") || text == ".." {
            if text.starts_with(".. _") && text.ends_with(':') {
                self.anchor = self.anchor.or(Some(at));
            } else {
                self.indented = Some(indent);
            }
            return (Block::Skipped, 1);
        }
        let is_transition = rule(text).is_some() && indent == 0;
        if is_transition {
            return (Block::Skipped, 1);
        }
        (
            Block::Text {
                line: at,
                literal: false,
            },
            1,
        )
    }
}

/// docutils takes any of them.
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// The character that a line repeats, if it is a rule.
pub(in crate::changelog) fn rule(line: &str) -> Option<char> {
    let first = line.chars().next()?;
    let long = line.chars().count() >= 3;
    (long && PUNCTUATION.contains(first) && line.chars().all(|c| c == first)).then_some(first)
}

/// What can stand over a rule.
fn is_title(text: &str) -> bool {
    !text.is_empty()
        && rule(text).is_none()
        && !text.starts_with(".. ")
        && crate::changelog::items::bullet(text).is_none()
}

/// The number of `#`, and where the title is.
fn hashes(line: &str) -> Option<(usize, Range<usize>)> {
    let indent = line.len() - line.trim_start().len();
    let text = &line[indent..];
    let count = text.bytes().take_while(|b| *b == b'#').count();
    let rest = &text[count..];
    if code::columns(line) > 3
        || !(1..=6).contains(&count)
        || !(rest.is_empty() || rest.starts_with([' ', '\t']))
    {
        return None;
    }
    let start = line.len() - rest.trim_start().len();
    let title = rest.trim().trim_end_matches('#').trim_end();
    Some((count, start..start + title.len()))
}

/// Label and target of `[label]: target`.
pub(in crate::changelog) fn link_definition(line: &str) -> Option<(&str, &str)> {
    let (label, target) = line.trim().strip_prefix('[')?.split_once("]:")?;
    let target = target.trim();
    (!label.contains(['[', ']']) && !target.is_empty() && !target.contains(' ')).then_some((label, target))
}
