//! Command lines (systemd.service(5), "Command lines") and environment variables (systemd.exec(5), `Environment=`).

use super::{syntax::Assignment, value::Wrong, words::words};

/// What may stand before the path of a program.
const PREFIXES: [char; 6] = ['@', '-', ':', '+', '!', '|'];
/// What only a shell understands.
const SHELL: [&str; 9] = ["|", "||", "&", "&&", ">", ">>", "<", "2>&1", "2>"];

/// The program that a command line runs, without prefixes; none where it cannot be read or is empty.
pub fn program(command: &str) -> Option<String> {
    let word = words(command).ok()?.into_iter().next()?.text;
    let program = word.trim_start_matches(PREFIXES);
    (!program.is_empty()).then(|| program.to_owned())
}

pub(super) fn check(a: &Assignment) -> Vec<Wrong> {
    let words = match words(&a.value) {
        Ok(words) => words,
        Err(at) => return vec![unfinished_quote(a, at)],
    };
    let Some(first) = words.first() else {
        return Vec::new();
    };
    let program = first.text.trim_start_matches(PREFIXES);
    let mut wrong = Vec::new();
    if program.contains('/') && !program.starts_with('/') && !program.starts_with('%') {
        wrong.push(Wrong {
            part: first.span.clone(),
            message: format!("`{program}` is no absolute path"),
            hint: "write the whole path, such as /usr/bin/NAME".into(),
        });
    }
    if let Some(word) = words[1..].iter().find(|word| SHELL.contains(&word.text.as_str())) {
        // In quotes it is an argument that is meant.
        if a.value[word.span.clone()] == word.text {
            wrong.push(Wrong {
                part: word.span.clone(),
                message: format!(
                    "`{}` is passed to the program as an argument: there is no shell",
                    word.text
                ),
                hint: "run `/bin/sh -c '…'`, or leave it out; the journal keeps what a service prints".into(),
            });
        }
    }
    wrong
}

/// A program named without its path; systemd before 239 refuses it, later ones search for it.
pub(super) fn relative_name(a: &Assignment) -> Option<Wrong> {
    let words = words(&a.value).ok()?;
    let first = words.first()?;
    let program = first.text.trim_start_matches(PREFIXES);
    let is_name = !program.is_empty() && !program.contains('/') && !program.starts_with(['%', '$']);
    is_name.then(|| Wrong {
        part: first.span.clone(),
        message: format!("`{program}` is no absolute path; systemd before 239 refuses it"),
        hint: "write the whole path, such as /usr/bin/NAME".into(),
    })
}

pub(super) fn environment(a: &Assignment) -> Vec<Wrong> {
    let words = match words(&a.value) {
        Ok(words) => words,
        Err(at) => return vec![unfinished_quote(a, at)],
    };
    let wrong = |word: &super::words::Word| {
        let name = word.text.split_once('=').map(|(name, _)| name);
        let is_name = name.is_some_and(|name| {
            let bytes = name.bytes();
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && bytes.clone().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        (!is_name).then(|| Wrong {
            part: word.span.clone(),
            message: format!("`{}` is no assignment of an environment variable", word.text),
            hint: "write NAME=VALUE, and quotes around both where the value has blanks: \"NAME=one two\""
                .into(),
        })
    };
    words.iter().filter_map(wrong).collect()
}

fn unfinished_quote(a: &Assignment, at: usize) -> Wrong {
    Wrong {
        part: at..a.value.len(),
        message: format!("a quote in `{}=` is not closed", a.key),
        hint: "close it, or write a backslash before it".into(),
    }
}
