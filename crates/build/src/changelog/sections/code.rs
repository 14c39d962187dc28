//! Code in Markdown: fenced (CommonMark 4.5), also within a list's item, and indented (4.4).

use super::is_hash_heading;
use crate::changelog::items::bullet;

/// The columns of a line's indentation; a tab goes to the next of every four.
pub(super) fn columns(line: &str) -> usize {
    line.chars()
        .take_while(|c| matches!(c, ' ' | '\t'))
        .fold(0, |at, c| if c == '\t' { at / 4 * 4 + 4 } else { at + 1 })
}

/// The mark and the length of the fence that a line opens, be it behind a bullet.
fn fence(line: &str) -> Option<(char, usize)> {
    let mut text = line.trim();
    while let Some(rest) = bullet(text).filter(|rest| rest.len() < text.len()) {
        text = rest;
    }
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.chars().take_while(|c| *c == mark).count();
    // ```` ```x``` ```` is code within a text.
    (length >= 3 && (mark == '~' || !text[length..].contains('`'))).then_some((mark, length))
}

/// Whether a line closes a fence.
fn closes(line: &str, mark: char, length: usize) -> bool {
    let text = line.trim();
    text.chars().all(|c| c == mark) && text.len() >= length
}

/// Of the fenced block that begins at a line: where its code ends, and where what follows it begins.
pub(super) fn fenced(lines: &[&str], at: usize) -> Option<(usize, usize)> {
    let (mark, length) = fence(lines[at])?;
    let inner = item_offset(lines, at).is_some() || bullet(lines[at].trim()).is_some();
    // The heading of a version ends the item, and all that is within it.
    let ends = |i: usize| inner && columns(lines[i]) == 0 && is_hash_heading(lines[i]);
    let end = (at + 1..lines.len()).find(|i| closes(lines[*i], mark, length) || ends(*i));
    let end = end.unwrap_or(lines.len());
    let after = end + usize::from(end < lines.len() && !ends(end));
    Some((end, after))
}

/// Whether a line below a blank one is indented as code is.
pub(super) fn is_indented(lines: &[&str], at: usize) -> bool {
    let line = lines[at];
    if columns(line) < 4 || bullet(line.trim()).is_some() {
        return false;
    }
    let from = item_offset(lines, at).unwrap_or(0);
    let block = |i: &usize| columns(lines[*i]) >= from + 4 && !lines[*i].trim().is_empty();
    let first = (0..=at).rev().take_while(block).last();
    first.is_some_and(|first| first == 0 || lines[first - 1].trim().is_empty())
}

/// Where the text of the item begins that a line is within.
fn item_offset(lines: &[&str], at: usize) -> Option<usize> {
    let indent = columns(lines[at]);
    let outer = |i: &usize| !lines[*i].trim().is_empty() && columns(lines[*i]) < indent;
    let mut limit = indent;
    for i in (0..at).rev().filter(outer) {
        let (start, text) = (columns(lines[i]), lines[i].trim());
        if start >= limit {
            continue;
        }
        limit = start;
        if let Some(rest) = bullet(text) {
            return Some(start + (text.len() - rest.len()).max(2));
        }
        if start == 0 {
            break;
        }
    }
    None
}
