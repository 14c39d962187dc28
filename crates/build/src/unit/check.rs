//! Checking a unit file that is taken as it is: its shape, its sections, and that what it starts is something.

use crate::{Diagnostic, SourceText};

const SECTIONS: [&str; 4] = ["Unit", "Service", "Timer", "Install"];

/// What is wrong with a `.service` or `.timer` file.
pub(crate) fn check(file: &SourceText) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut section = None;
    let mut keys: Vec<(String, String)> = Vec::new();
    let mut continued = false;
    for (number, line) in (1..).zip(file.text().lines()) {
        let text = line.trim();
        let goes_on = std::mem::replace(&mut continued, text.ends_with('\\'));
        if goes_on || text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        let mut problem = |message: String, hint: &str| {
            problems.push(Diagnostic::new(message).at(file.line(number)).hint(hint));
        };
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if !SECTIONS.contains(&name) && !name.starts_with("X-") {
                problem(
                    format!("unknown section [{name}]"),
                    "a unit has [Unit], [Service] or [Timer], and [Install]",
                );
            }
            section = Some(name.to_owned());
        } else if let Some((key, _)) = text.split_once('=') {
            match &section {
                None => problem(
                    format!("`{}` stands before the first section", key.trim()),
                    "add a line [Unit] above it",
                ),
                Some(name) => keys.push((name.clone(), key.trim().to_owned())),
            }
        } else {
            problem(
                format!("`{text}` is neither a section nor KEY=VALUE"),
                "see systemd.syntax(7)",
            );
        }
    }
    let has = |section: &str, key: &str| keys.iter().any(|(s, k)| s == section && k == key);
    if file.file().ends_with(".service") && !has("Service", "ExecStart") && !has("Service", "ExecStop") {
        let problem = Diagnostic::new("a service needs `ExecStart` in [Service]").at(file.line(1));
        problems.push(problem.hint("add the program that it runs, with its full path"));
    }
    problems
}
