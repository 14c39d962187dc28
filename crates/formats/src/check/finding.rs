//! One thing that a check found.

use crate::fault::Fault;
use serde::Serialize;
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It breaks an installation, or intake refuses it.
    Error,
    /// It works, but policy or taste says otherwise.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// What was found, where, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable name for the rule: `shebang-env`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The entry, and the line where that is known; empty for the whole file.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// An error.
    pub fn error(
        name: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            name,
            severity: Severity::Error,
            place: place.into(),
            message: message.into(),
            fix: fix.into(),
        }
    }

    /// A warning.
    pub fn warning(
        name: &'static str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(name, place, message, fix)
        }
    }

    /// What a reader refused.
    pub fn from_fault(name: &'static str, fault: Fault) -> Self {
        Self::error(name, fault.entry.unwrap_or_default(), fault.rule, fault.hint)
    }
}

impl fmt::Display for Finding {
    /// `error: PLACE: message [name]; fix: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity)?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{} [{}]; fix: {}", self.message, self.name, self.fix)
    }
}
