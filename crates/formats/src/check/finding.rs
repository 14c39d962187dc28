//! One thing that a check found.

use super::rule::Rule;
use crate::fault::Fault;
use serde::{Serialize, Serializer};
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It breaks an installation, intake refuses it, or no distribution would take it.
    Error,
    /// It works, but policy or taste says otherwise.
    Warning,
    /// It is worth knowing, and often meant.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// What was found, where, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken; it knows the name and how bad that is.
    pub rule: &'static Rule,
    /// The entry, and the line where that is known; empty for the whole file.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// A breach of a rule, with the rule's own way out.
    pub fn of(rule: &'static Rule, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule,
            place: place.into(),
            message: message.into(),
            fix: rule.fix.to_owned(),
        }
    }

    /// The same with a fix that knows this case.
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self {
            fix: fix.into(),
            ..self
        }
    }

    /// What a reader refused.
    pub fn from_fault(rule: &'static Rule, fault: Fault) -> Self {
        Self::of(rule, fault.entry.unwrap_or_default(), fault.rule).fix(fault.hint)
    }

    /// The name of its rule: `shebang-env`.
    pub fn name(&self) -> &'static str {
        self.rule.name
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            name: &'a str,
            severity: Severity,
            place: &'a str,
            message: &'a str,
            fix: &'a str,
        }
        let (name, severity) = (self.name(), self.severity());
        let (place, message, fix) = (&*self.place, &*self.message, &*self.fix);
        Shown {
            name,
            severity,
            place,
            message,
            fix,
        }
        .serialize(serializer)
    }
}

impl fmt::Display for Finding {
    /// `error: PLACE: message [name]; fix: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity())?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{} [{}]; fix: {}", self.message, self.name(), self.fix)
    }
}
