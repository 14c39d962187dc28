//! Characters that nobody sees and that have no place in a changelog: controls, which a terminal obeys, and overrides
//! of the direction of writing, by which a line reads as what it is not.

use super::{Dialect, rpm};
use crate::{Diagnostic, Fix, Place, SourceText};

/// More lines than these are not shown.
const SHOWN: usize = 10;

/// Adds what is wrong with the characters of a file. No text of any problem holds such a character afterwards.
pub(super) fn check(dialect: Dialect, file: &SourceText, problems: &mut Vec<Diagnostic>) {
    let lines: Vec<&str> = file.text().split('\n').collect();
    let within = match dialect {
        Dialect::Rpm => rpm::section(file.text()).unwrap_or(0..0),
        _ => 0..lines.len(),
    };
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(at, _)| within.contains(at)) {
        let line = line.trim_end_matches('\r');
        // A page may end on a line of its own.
        let page = line == "\x0c" && dialect != Dialect::Debian;
        let Some(column) = line.chars().position(is_hidden).filter(|_| !page) else {
            continue;
        };
        let mended = problems
            .iter()
            .any(|p| p.fix.as_ref().is_some_and(|fix| fix.line == at + 1));
        let problem = hidden(file, at + 1, line, column);
        let fix = Fix::line(at + 1, without(line).trim_end());
        found.push(problem.fix((!mended).then_some(fix)));
    }
    found.truncate(SHOWN);
    problems.extend(found);
    for problem in problems {
        problem.message = shown(&problem.message);
        problem.hint = problem.hint.as_deref().map(shown);
        let places = problem.place.as_deref_mut().into_iter();
        for place in places.chain(problem.related.iter_mut().map(|(_, place)| place)) {
            let line = lines.get(place.line.saturating_sub(1));
            if let Some(line) = line.filter(|line| line.chars().any(is_hidden)) {
                shown(line).trim_end().clone_into(&mut place.source);
            }
        }
        if let Some(fix) = &mut problem.fix {
            fix.text = without(&fix.text);
        }
    }
}

fn hidden(file: &SourceText, number: usize, line: &str, column: usize) -> Diagnostic {
    let character = line.chars().nth(column).unwrap_or_default();
    let code = u32::from(character);
    let name = match character {
        '\0' => " (NUL)",
        '\x07' => " (BEL)",
        '\x08' => " (backspace)",
        '\x0b' => " (vertical tab)",
        '\x0c' => " (form feed)",
        '\r' => " (carriage return)",
        '\x1b' => " (ESC)",
        '\x7f' => " (DEL)",
        _ => "",
    };
    let kind = if character.is_control() {
        "a control character"
    } else {
        "a character that turns the direction of writing"
    };
    let place = Place {
        file: file.file().to_owned(),
        line: number,
        column: column + 1,
        width: 1,
        source: shown(line).trim_end().to_owned(),
    };
    Diagnostic::new(format!("{kind} that nobody sees, U+{code:04X}{name}"))
        .at(place)
        .hint("delete it; what is meant is written in letters, signs and blanks")
}

fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\t' | '\n'))
}

/// The text with a sign in the place of what cannot be shown.
fn shown(text: &str) -> String {
    let text = text.trim_end_matches('\r');
    text.chars()
        .map(|c| {
            if is_hidden(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

fn without(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}
