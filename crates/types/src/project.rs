//! What a channel says of a project as a whole: its status (PEP 792) and whether it is open to an upstream.
//!
//! <https://packaging.python.org/en/latest/specifications/project-status-markers/>

use crate::Invalid;
use serde::{Deserialize, Serialize};

/// Whether a project is worked on, and may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectStatus {
    /// As any project.
    #[default]
    Active,
    /// It takes no new files.
    Archived,
    /// It takes no new files and offers none: it is held to be unsafe.
    Quarantined,
    /// It is there, but something else should be used.
    Deprecated,
}

impl ProjectStatus {
    /// As the specification spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Quarantined => "quarantined",
            Self::Deprecated => "deprecated",
        }
    }

    /// Whether new files may come.
    pub fn takes_files(self) -> bool {
        matches!(self, Self::Active | Self::Deprecated)
    }

    /// Whether the files that are there may be had.
    pub fn offers_files(self) -> bool {
        self != Self::Quarantined
    }
}

impl std::fmt::Display for ProjectStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for ProjectStatus {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        [Self::Active, Self::Archived, Self::Quarantined, Self::Deprecated]
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or_else(|| {
                let rule = "it must be active, archived, quarantined or deprecated";
                Invalid::new("project status", s, rule)
            })
    }
}

/// What a channel says of a project. What it does not say is as in any project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectSettings {
    /// Its status.
    #[serde(skip_serializing_if = "is_default")]
    pub status: ProjectStatus,
    /// Why it has this status, for who installs it; empty where nobody said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Whether the files of the channel's upstream are offered beside its own.
    #[serde(skip_serializing_if = "is_default")]
    pub open: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl ProjectSettings {
    /// Whether nothing is said.
    pub fn is_default(&self) -> bool {
        is_default(self)
    }
}
