//! The entries of a rope, and the keys that they are sorted by.

use super::Document;
use packyard_types::Digest;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Which part of a rope an entry belongs to. What more ropes have in common comes first, so that they share chunks:
/// those of `any` with other distributions, those of `all` or `noarch` with other architectures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Group {
    /// Of distribution `any`, for every architecture.
    AnyAll,
    /// Of distribution `any`, for the rope's architecture.
    AnyArch,
    /// Of the rope's own distribution, for every architecture.
    OwnAll,
    /// Of the rope's own distribution, for its architecture.
    OwnArch,
}

impl Group {
    /// The group of an entry of distribution `any` (or not) for all architectures (or one).
    pub(crate) fn new(any_distribution: bool, every_architecture: bool) -> Self {
        match (any_distribution, every_architecture) {
            (true, true) => Self::AnyAll,
            (true, false) => Self::AnyArch,
            (false, true) => Self::OwnAll,
            (false, false) => Self::OwnArch,
        }
    }

    /// The group that a key begins with.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        match key.as_bytes().first()? {
            b'0' => Some(Self::AnyAll),
            b'1' => Some(Self::AnyArch),
            b'2' => Some(Self::OwnAll),
            b'3' => Some(Self::OwnArch),
            _ => None,
        }
    }

    /// Whether its entries are listed under every architecture.
    pub(crate) fn is_for_every_architecture(self) -> bool {
        matches!(self, Self::AnyAll | Self::OwnAll)
    }
}

/// The digit that sorts the groups.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnyAll => "0",
            Self::AnyArch => "1",
            Self::OwnAll => "2",
            Self::OwnArch => "3",
        })
    }
}

/// What an entry's own text says it describes. Keys are made from this and from nothing else, so that those of a
/// stored chunk can be had from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity<'a> {
    /// The package's name.
    pub(crate) name: &'a str,
    /// Its full version.
    pub(crate) version: Cow<'a, str>,
    /// SHA-256 of the package file, hexadecimal.
    pub(crate) digest: &'a str,
}

/// One package's part of an index file.
///
/// - `key` is `GROUP NAME VERSION DIGEST`, and is what [`Entry::new`] makes of `group` and `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What it is sorted by; no two entries of a rope have the same.
    pub(crate) key: String,
    /// Its text.
    pub(crate) text: String,
    /// Drawn from name and version; decides whether a chunk may end here.
    pub(crate) lot: u32,
}

impl Entry {
    /// An entry of a group; none where the text is not of that document.
    pub(crate) fn new(document: &dyn Document, group: Group, text: String) -> Option<Self> {
        let Identity {
            name,
            version,
            digest,
        } = document.identity(&text)?;
        let key = format!("{group} {name} {version} {digest}");
        let lot = draw(name, &version);
        Some(Self { key, text, lot })
    }
}

/// A number that depends on name and version only.
fn draw(name: &str, version: &str) -> u32 {
    let digest = Digest::of(format!("{name}\0{version}").as_bytes());
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// What is to happen to one entry of a rope.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// It is to be there.
    Put(Entry),
    /// It is to be there no more.
    Take,
    /// So many packages more, or fewer, have it; it is there while there is one.
    Count(Entry, i64),
    /// Packages put a part into it (true), or take theirs out; it is there while there is one.
    Parts(Entry, BTreeMap<String, bool>),
}

impl Edit {
    /// What becomes of the entry.
    pub(crate) fn applied(&self, document: &dyn Document, old: Option<Entry>) -> Option<Entry> {
        match self {
            Self::Put(entry) => Some(entry.clone()),
            Self::Take => None,
            Self::Count(entry, by) => {
                let before = old.map_or(0, |old| document.count(&old.text));
                let count = before.saturating_add_signed(*by);
                let text = || document.with_count(&entry.text, count);
                (count > 0).then(|| Entry {
                    text: text(),
                    ..entry.clone()
                })
            }
            Self::Parts(entry, changes) => {
                let mut parts = old.map_or_else(BTreeSet::new, |old| document.parts(&old.text));
                for (part, is_there) in changes {
                    if *is_there {
                        parts.insert(part.clone());
                    } else {
                        parts.remove(part);
                    }
                }
                (!parts.is_empty()).then(|| Entry {
                    text: document.with_parts(&entry.text, &parts),
                    ..entry.clone()
                })
            }
        }
    }
}

/// What is to happen to a rope, by key.
pub(crate) type Edits = BTreeMap<String, Edit>;
