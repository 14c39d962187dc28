//! What is to be done to a copy, decided from what is wanted, what the manifest knows, and what is there.

use super::manifest::{Entry, Manifest};
use packyard_client::ExportFile;
use packyard_store::Found;
use packyard_types::{ServedPath, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What a file of the list needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is there, and has not changed since it was written.
    Nothing,
    /// A look: something of the right size is there, and only its digest tells whether it is right.
    Look(Found),
    /// To be written.
    Write,
}

/// How far files are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// What has the size and the stamp that it had is what it was.
    Stamps,
    /// As [`Trust::Stamps`], and what has another stamp is written anew, because reading costs a transfer.
    StampsAlone,
    /// Nothing but digests.
    Digests,
}

/// What a file needs.
pub fn need(file: &ExportFile, known: Option<&Entry>, there: Option<&Found>, trust: Trust) -> Need {
    let Some(there) = there.filter(|t| t.size_bytes == file.blob.size_bytes) else {
        return Need::Write;
    };
    let untouched = known.filter(|k| k.stamp == there.stamp);
    match (untouched, trust) {
        (Some(entry), _) if entry.blob != file.blob => Need::Write,
        (_, Trust::Digests) => Need::Look(there.clone()),
        (Some(_), _) => Need::Nothing,
        (None, Trust::StampsAlone) => Need::Write,
        (None, Trust::Stamps) => Need::Look(there.clone()),
    }
}

/// Files that are named no more.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// They stay until the grace is over; with the time at which they left.
    pub stay: BTreeMap<ServedPath, Timestamp>,
    /// They are removed.
    pub remove: BTreeSet<ServedPath>,
    /// Somebody has removed them already.
    pub lost: BTreeSet<ServedPath>,
}

/// Which files leave: packages and old indexes after a grace, for clients that have read an older pointer; what lies
/// under a name that moves at once, since it says what is no longer so.
pub fn leaving(
    manifest: &Manifest,
    wanted: &BTreeSet<&ServedPath>,
    there: &BTreeMap<ServedPath, Found>,
    now: Timestamp,
    grace_seconds: i64,
) -> Leaving {
    let mut leaving = Leaving::default();
    for (path, entry) in manifest.files.iter().filter(|(p, _)| !wanted.contains(p)) {
        let since = entry.gone.unwrap_or(now);
        let over = now.unix_seconds() - since.unix_seconds() >= grace_seconds;
        if !there.contains_key(path) {
            leaving.lost.insert(path.clone());
        } else if over || !entry.immutable {
            leaving.remove.insert(path.clone());
        } else {
            leaving.stay.insert(path.clone(), since);
        }
    }
    leaving
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_client::Turn;
    use packyard_types::{Blob, ChannelName};

    fn file(text: &str) -> ExportFile {
        ExportFile {
            path: ServedPath::parse("simple/index.html").unwrap(),
            blob: Blob::of(text.as_bytes()),
            turn: Turn::Pointer,
            immutable: false,
            content_type: "text/html".to_owned(),
            text: None,
        }
    }

    fn entry(text: &str, stamp: &str) -> Entry {
        Entry {
            blob: Blob::of(text.as_bytes()),
            stamp: stamp.to_owned(),
            immutable: false,
            gone: None,
        }
    }

    fn found(size_bytes: u64, stamp: &str) -> Found {
        Found {
            size_bytes,
            stamp: stamp.to_owned(),
        }
    }

    #[test]
    fn what_was_not_touched_is_not_read() {
        let (known, there) = (entry("new", "1"), found(3, "1"));
        assert_eq!(
            need(&file("new"), Some(&known), Some(&there), Trust::Stamps),
            Need::Nothing
        );
        assert_eq!(
            need(&file("NEW"), Some(&known), Some(&there), Trust::Stamps),
            Need::Write
        );
    }

    #[test]
    fn what_somebody_touched_is_looked_at_or_written_anew() {
        let (known, there) = (entry("new", "1"), found(3, "2"));
        let judged = |trust| need(&file("new"), Some(&known), Some(&there), trust);
        assert_eq!(judged(Trust::Stamps), Need::Look(there.clone()));
        assert_eq!(judged(Trust::StampsAlone), Need::Write);
        assert_eq!(judged(Trust::Digests), Need::Look(there.clone()));
    }

    #[test]
    fn what_is_missing_or_cut_off_is_written() {
        let known = entry("new", "1");
        assert_eq!(need(&file("new"), Some(&known), None, Trust::Stamps), Need::Write);
        let cut = found(1, "1");
        assert_eq!(
            need(&file("new"), Some(&known), Some(&cut), Trust::Stamps),
            Need::Write
        );
    }

    #[test]
    fn packages_leave_after_a_grace_and_moving_names_at_once() {
        let path = |p: &str| ServedPath::parse(p).unwrap();
        let mut manifest = Manifest::new(&ChannelName::main(), "y");
        let package = Entry {
            immutable: true,
            ..entry("a", "1")
        };
        let old = Entry {
            gone: Some(Timestamp::from_unix_seconds(0)),
            ..package.clone()
        };
        manifest.files.insert(path("new"), package.clone());
        manifest.files.insert(path("old"), old);
        manifest.files.insert(path("page"), entry("a", "1"));
        manifest.files.insert(path("lost"), package);
        let there = ["new", "old", "page"].map(|p| (path(p), found(1, "1"))).into();
        let now = Timestamp::from_unix_seconds(100);
        let leaving = leaving(&manifest, &BTreeSet::new(), &there, now, 100);
        assert_eq!(leaving.stay, BTreeMap::from([(path("new"), now)]));
        assert_eq!(leaving.remove, BTreeSet::from([path("old"), path("page")]));
        assert_eq!(leaving.lost, BTreeSet::from([path("lost")]));
    }
}
