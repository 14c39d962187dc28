//! Advisories: why to update, as updateinfo.xml tells dnf and zypper.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an advisory says, but for the packages that it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its id; one that is made of a changelog has that of the source package.
    pub id: String,
    /// `security`, `bugfix`, `enhancement` or `newpackage`.
    #[serde(rename = "type")]
    pub why: String,
    /// How grave it is, in the words of who wrote it; none where nobody said.
    pub severity: Option<String>,
    /// One line.
    pub title: String,
    /// When it was issued; none where that is not said, or not as a time.
    pub issued: Option<Timestamp>,
    /// The CVEs that it names.
    pub cves: BTreeSet<String>,
}

/// A package that an advisory which is written by hand is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdvisedPackage {
    /// Its name.
    pub name: String,
    /// `[EPOCH:]VERSION-RELEASE`, as an artifact has it.
    pub version: String,
    /// Its architecture.
    pub arch: String,
}
