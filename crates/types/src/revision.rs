//! Numbers of commits and of the changes in them.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The state of the whole yard after commit N: 0 before the first commit, then consecutive from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision that the next commit makes.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Change K of commit N, written `N.K`; K counts from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChangeId {
    /// The commit.
    pub revision: Revision,
    /// Its place in the commit, from 1.
    pub position: u32,
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.revision, self.position)
    }
}

impl FromStr for ChangeId {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        let parsed = s
            .split_once('.')
            .and_then(|(n, k)| Some((n.parse().ok()?, k.parse().ok()?)));
        let (revision, position) =
            parsed.ok_or_else(|| Invalid::new("change id", s, "it must look like `12.1`"))?;
        Ok(Self {
            revision: Revision(revision),
            position,
        })
    }
}

impl TryFrom<String> for ChangeId {
    type Error = Invalid;
    fn try_from(s: String) -> Result<Self, Invalid> {
        s.parse()
    }
}

impl From<ChangeId> for String {
    fn from(id: ChangeId) -> String {
        id.to_string()
    }
}
