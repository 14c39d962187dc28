//! Why a build cannot be done.

use crate::Diagnostic;
use std::fmt;

/// Why a build cannot be done. Each message names the object and the operation; where a file of the user is to blame,
/// it is a [`Diagnostic`].
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The project is wrong, at these places.
    #[error("{}", Joined(.0))]
    Project(Vec<Diagnostic>),
    /// A file cannot be read.
    #[error("`{file}` cannot be read: {source}")]
    Read {
        /// The file, as the user named it.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("`{file}` cannot be written: {source}")]
    Write {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// An artifact cannot be made of what was planned.
    #[error("`{artifact}` cannot be made: {reason}")]
    Make {
        /// The artifact's filename.
        artifact: String,
        /// Why.
        reason: String,
    },
    /// The project's own build backend failed.
    #[error("the project's build backend failed: {reason}{}\nhint: {hint}", Printed { command, asked, output })]
    Backend {
        /// What was run.
        command: String,
        /// Why it failed, in one line.
        reason: String,
        /// Why the backend was asked.
        asked: String,
        /// What it printed.
        output: String,
        /// What to do.
        hint: String,
    },
}

impl From<Diagnostic> for BuildError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Project(vec![diagnostic])
    }
}

/// How the backend was run and what it printed, below the reason.
struct Printed<'a> {
    command: &'a str,
    asked: &'a str,
    output: &'a str,
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\nnote: it is asked by `{}`, because {}",
            self.command, self.asked
        )?;
        for (i, line) in self.output.lines().enumerate() {
            let before = if i == 0 { "\nnote: it printed" } else { "" };
            write!(f, "{before}\n  | {line}")?;
        }
        Ok(())
    }
}

struct Joined<'a>(&'a [Diagnostic]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.0.iter().enumerate() {
            let between = if i > 0 { "\n\nerror: " } else { "" };
            write!(f, "{between}{diagnostic}")?;
        }
        Ok(())
    }
}
