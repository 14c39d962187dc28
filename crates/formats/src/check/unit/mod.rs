//! systemd units: their syntax, their sections and keys, and what the values can be. One engine for units of packages
//! (`packyard check`) and of projects (the builder), which differ in what they make of an [`Issue`].
//!
//! It does not know which other units, users and programs there are: that is for whoever has the whole package.

mod calendar;
mod command;
mod issue;
pub mod keys;
mod specifier;
pub mod syntax;
mod time_span;
mod value;
mod words;

pub use command::program;
pub use issue::{Issue, issues};
pub use words::{Word, words};

use super::Finding;

/// Whether a text is a time span (systemd.time(7)).
pub fn is_time_span(text: &str) -> bool {
    time_span::check(text).is_ok()
}

/// Checks the unit at `path`.
pub fn check(path: &str, text: &str) -> Vec<Finding> {
    let finding = |issue: Issue| {
        let place = match &issue.span {
            Some(span) => format!("{path}:{}", 1 + text[..span.start].matches('\n').count()),
            None => path.to_owned(),
        };
        Finding::of(issue.rule, place, issue.message).fix(issue.hint)
    };
    issues(path, text).into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests;
