//! Putting an item behind the last one of an entry of sections, or of its group.

use super::{
    Text,
    habit::{Bullets, heading_at},
};
use crate::changelog::{
    Entry,
    sections::{Block, Markup, Piece, pieces, says_unreleased},
};

/// The groups of Keep a Changelog; an item may begin with one of them, `Fixed: …`.
pub(super) const GROUPS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// Puts an item behind the last one of the entry, or of its group; gives how many lines that were.
pub(super) fn append(text: &mut Text, entry: &Entry, item: &str, bullets: &Bullets, markup: Markup) -> usize {
    let Some(body) = Body::of(text, entry, markup) else {
        return 0;
    };
    let sample = group_heading(text);
    let (group, item) = match item.split_once(':') {
        _ if sample.is_none() => (None, item),
        Some((name, rest)) => match GROUPS.into_iter().find(|group| group.eq_ignore_ascii_case(name)) {
            Some(group) => (Some(group), rest.trim()),
            None => (Some("Changed"), item),
        },
        None => (Some("Changed"), item),
    };
    let Some(group) = group else {
        return behind(text, &body.pieces, body.start, item, bullets);
    };
    match body.group(group) {
        Some(pieces) => behind(text, pieces, body.start, item, bullets),
        None => {
            let at = last(&body.pieces).map_or(body.start, |piece| piece.lines.end);
            new_group(text, at, sample.unwrap_or(0), group, &bullets.lines(&[item]))
        }
    }
}

/// What stands below the heading of an entry.
struct Body {
    /// The line behind the heading.
    start: usize,
    pieces: Vec<Piece>,
    /// The headings in it: their pieces and names.
    groups: Vec<(usize, String)>,
}

impl Body {
    fn of(text: &Text, entry: &Entry, markup: Markup) -> Option<Self> {
        let lines = text.refs();
        let all = pieces(&lines, markup);
        let (number, heading) = heading_at(&all, entry.place.line - 1)?;
        let (depth, start) = (heading.depth, heading.lines.end);
        let is_next = |piece: &&Piece| matches!(&piece.block, Block::Heading(next) if next.depth <= depth);
        let pieces: Vec<Piece> = all[number + 1..]
            .iter()
            .take_while(|piece| !is_next(piece))
            .cloned()
            .collect();
        let name = |(i, piece): (usize, &Piece)| match &piece.block {
            Block::Heading(heading) => Some((i, lines[heading.title_line][heading.title.clone()].to_owned())),
            _ => None,
        };
        let groups = pieces.iter().enumerate().filter_map(name).collect();
        Some(Self {
            start,
            pieces,
            groups,
        })
    }

    /// The pieces of a group, from its heading on.
    fn group(&self, name: &str) -> Option<&[Piece]> {
        let at = self.groups.iter().position(|(_, group)| group == name)?;
        let until = self.groups.get(at + 1).map_or(self.pieces.len(), |(i, _)| *i);
        Some(&self.pieces[self.groups[at].0..until])
    }
}

/// The last piece that says anything.
fn last(pieces: &[Piece]) -> Option<&Piece> {
    pieces
        .iter()
        .rev()
        .find(|piece| matches!(piece.block, Block::Text { .. } | Block::Heading(_)))
}

/// Puts an item behind these pieces.
fn behind(text: &mut Text, pieces: &[Piece], start: usize, item: &str, bullets: &Bullets) -> usize {
    let mut lines = bullets.lines(&[item]);
    let last = last(pieces);
    let at = last.map_or(start, |piece| piece.lines.end);
    let is_item = |piece: &Piece| matches!(piece.block, Block::Text { line, .. } if !says_unreleased(&text.lines[line]));
    if bullets.are_apart() || !last.is_some_and(is_item) {
        lines.insert(0, String::new());
    }
    put(text, at, lines)
}

/// A line that heads a group of Keep a Changelog.
fn group_heading(text: &Text) -> Option<usize> {
    let is_group =
        |line: &String| line.starts_with('#') && GROUPS.contains(&line.trim_start_matches('#').trim());
    text.lines.iter().position(is_group)
}

/// A group at the end of the entry, headed as the one of the line `sample` is.
fn new_group(text: &mut Text, at: usize, sample: usize, group: &str, items: &[String]) -> usize {
    let hashes = text.lines[sample].bytes().take_while(|b| *b == b'#').count();
    let tight = text
        .lines
        .get(sample + 1)
        .is_some_and(|line| !line.trim().is_empty());
    let mut lines = vec![String::new(), format!("{} {group}", "#".repeat(hashes))];
    if !tight {
        lines.push(String::new());
    }
    lines.extend_from_slice(items);
    put(text, at, lines)
}

/// Inserts lines, and a blank one where text follows.
fn put(text: &mut Text, at: usize, mut lines: Vec<String>) -> usize {
    if text.lines.get(at).is_some_and(|line| !line.trim().is_empty()) {
        lines.push(String::new());
    }
    let count = lines.len();
    text.insert(at, lines);
    count
}
