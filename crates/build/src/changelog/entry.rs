//! The nouns of a changelog: entries, their items, and who made them.

use super::Dialect;
use crate::{Diagnostic, Place};
use packyard_types::{ReleaseVersion, Timestamp};
use serde::Serialize;
use std::ops::Range;

/// Who made an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Author {
    /// Full name.
    pub name: String,
    /// Mail address.
    pub email: String,
}

impl Author {
    /// Reads `Name <mail>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('<')?;
        let email = rest.strip_suffix('>')?.trim();
        let plain = |s: &str| !s.contains(['<', '>']) && !s.contains(char::is_control);
        let ok = !name.trim().is_empty()
            && email.contains('@')
            && !email.contains(char::is_whitespace)
            && plain(name)
            && plain(email);
        ok.then(|| Self {
            name: name.trim().to_owned(),
            email: email.to_owned(),
        })
    }
}

impl std::fmt::Display for Author {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryVersion {
    /// A release.
    Released {
        /// Its version.
        version: ReleaseVersion,
        /// The Debian revision or RPM release, where the changelog says one.
        revision: Option<String>,
    },
    /// What will be the next release.
    Unreleased,
}

/// What changed, in one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What the point stands under: `Added` in Keep a Changelog, `[ Name ]` in debian/changelog.
    pub group: Option<String>,
    /// The text. Its lines are paragraphs and nested points: two blanks for each depth, a nested point begins with `- `.
    pub text: String,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which release.
    pub version: EntryVersion,
    /// The version that an unreleased entry is going to be, where it says one (`1.2.0 (unreleased)`).
    pub planned: Option<ReleaseVersion>,
    /// Where the version is written.
    pub place: Place,
    /// The lines of the entry, from 1: its heading, with what belongs to it above, up to the next entry's.
    pub lines: Range<usize>,
    /// When it was released, where that is said.
    pub date: Option<Timestamp>,
    /// What changed.
    pub items: Vec<Item>,
    /// By whom, where that is said.
    pub author: Option<Author>,
    /// For which distributions, where that is said.
    pub distributions: Vec<String>,
    /// How urgent, where that is said.
    pub urgency: Option<String>,
}

impl Entry {
    /// An entry of which only the version is known.
    pub(crate) fn new(version: EntryVersion, place: Place) -> Self {
        Self {
            version,
            planned: None,
            lines: place.line..place.line + 1,
            place,
            date: None,
            items: Vec::new(),
            author: None,
            distributions: Vec::new(),
            urgency: None,
        }
    }

    /// The version, unless it is unreleased.
    pub fn released(&self) -> Option<&ReleaseVersion> {
        match &self.version {
            EntryVersion::Released { version, .. } => Some(version),
            EntryVersion::Unreleased => None,
        }
    }

    /// The Debian revision or RPM release, where it says one.
    pub fn revision(&self) -> Option<&str> {
        match &self.version {
            EntryVersion::Released { revision, .. } => revision.as_deref(),
            EntryVersion::Unreleased => None,
        }
    }
}

/// A parsed changelog: never empty, newest first, at most the first entry unreleased.
#[derive(Debug, Clone)]
pub struct Changelog {
    /// The file it was read from, relative to the project.
    pub file: String,
    /// How it is written.
    pub dialect: Dialect,
    /// The entries, newest first.
    pub entries: Vec<Entry>,
    /// What is worth knowing though it is no error.
    pub warnings: Vec<Diagnostic>,
    /// Other files that would have come first and cannot be read, for the notes of a build.
    pub notes: Vec<String>,
}

impl Changelog {
    /// The newest released entry: the version and source date of a build.
    pub fn newest(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.released().is_some())
    }

    /// The entry on top, where it is unreleased.
    pub fn unreleased(&self) -> Option<&Entry> {
        self.entries.first().filter(|entry| entry.released().is_none())
    }
}
