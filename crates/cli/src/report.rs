//! What the user sees: one JSON document or lines on stdout, progress and errors on stderr.

use indicatif::{ProgressBar, ProgressStyle};
use packyard_types::seen;
use serde::Serialize;
use std::{
    fmt::Display,
    io::{IsTerminal, Write},
    process::ExitCode,
};

/// Where a command reports to.
#[derive(Debug)]
pub struct Report {
    json: bool,
}

/// Wrong usage that clap cannot see: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Report {
    /// For people, or, with `json`, for programs.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether stdout carries one JSON document.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A progress bar over `count` things, on a terminal; elsewhere it draws nothing.
    pub fn bar(&self, count: usize) -> ProgressBar {
        let drawn = !self.json && std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        if !drawn {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}");
        ProgressBar::new(count as u64).with_style(style.expect("the template is a constant and valid"))
    }

    /// The result: `value` as JSON, or the lines that `plain` makes. Much of it was written by others, so what would
    /// command a terminal, or turn a line around, is written out.
    pub fn result<T: Serialize>(&self, value: &T, plain: impl FnOnce() -> String) -> anyhow::Result<()> {
        self.verbatim(value, || seen(&plain()).into_owned())
    }

    /// The same where the lines are a file's, and go on as they are.
    pub fn verbatim<T: Serialize>(&self, value: &T, plain: impl FnOnce() -> String) -> anyhow::Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(value)?
        } else {
            plain()
        };
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
            // The reader has seen enough (`packyard list | head`).
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// A line of progress, on stderr.
    pub fn step(&self, line: impl Display) {
        // Nobody may be listening any more; that does not stop the work.
        let _ = writeln!(std::io::stderr(), "{}", seen(&line.to_string()));
    }

    /// Prints an error with its causes and gives the exit code.
    pub fn failure(&self, error: &anyhow::Error) -> ExitCode {
        let mut text = format!("error: {error}");
        let mut said = error.to_string();
        for cause in error.chain().skip(1).map(ToString::to_string) {
            if !said.contains(&cause) {
                text.push_str(&format!("\n  caused by: {cause}"));
                said = cause;
            }
        }
        let _ = writeln!(std::io::stderr(), "{}", seen(&text));
        ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
    }
}

/// What clap says: help, or what is wrong with the arguments, which may have come from anywhere.
pub fn usage(said: &clap::Error) -> ExitCode {
    if !said.use_stderr() {
        said.exit();
    }
    let _ = write!(std::io::stderr(), "{}", seen(&said.render().to_string()));
    ExitCode::from(2)
}

/// `1 file`, `2 files`.
pub fn counted<N: Display + Copy + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
