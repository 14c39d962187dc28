//! What is wrong with a package, before anybody knows the file's name.

/// A rule that bytes break: which entry, which rule, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{rule}", .entry.as_ref().map(|e| format!("entry `{e}`: ")).unwrap_or_default())]
pub struct Fault {
    /// The entry inside the package, where one is to blame.
    pub entry: Option<String>,
    /// What is wrong.
    pub rule: String,
    /// What to do.
    pub hint: String,
    /// What is there, where that is a value.
    pub found: Option<String>,
    /// What should be there, where that is a value.
    pub expected: Option<String>,
    /// Whether nothing is wrong with the bytes: it is this machine that lacks memory, or cannot read.
    pub is_ours: bool,
}

impl Fault {
    /// The whole file breaks `rule`.
    pub fn new(rule: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            entry: None,
            rule: rule.into(),
            hint: hint.into(),
            found: None,
            expected: None,
            is_ours: false,
        }
    }

    /// The same, with what was found and what was expected, for who reads it by machine.
    pub fn between(mut self, found: impl Into<String>, expected: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self.expected = Some(expected.into());
        self
    }

    /// The same, with the entry that is to blame.
    pub fn at(mut self, entry: impl AsRef<str>) -> Self {
        self.entry = Some(
            entry
                .as_ref()
                .chars()
                .take(300)
                .flat_map(char::escape_debug)
                .collect(),
        );
        self
    }
}

/// A hostile text as a message shows it: control characters escaped, and not longer than a few lines.
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(200) {
        if packyard_types::is_unseen(c) {
            out.extend(c.escape_debug());
        } else {
            out.push(c);
        }
    }
    out
}

/// The hint for files that were cut short or damaged on their way.
pub const DAMAGED: &str = "the file was cut short or damaged; build or upload it again";

/// The hint for archives that nobody makes in earnest.
pub const REBUILD: &str = "build the package again with the usual tools";
