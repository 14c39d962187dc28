//! filelists.xml and other.xml: what dnf looks up when it is asked for a path or a changelog.

use super::{
    primary::{evr, file, version},
    xml::{attribute, text},
};
use crate::rope::{Document, Identity, between};
use packyard_types::{Artifact, RpmChangelogEntry, RpmFacts};

/// How many changelog entries are listed, as createrepo_c and others do.
const CHANGELOG_LIMIT: usize = 10;

/// A filelists.xml.
pub(super) struct Filelists;

/// An other.xml.
pub(super) struct Other;

impl Document for Filelists {
    fn entry_end(&self) -> &'static str {
        "</package>\n"
    }

    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        identity(entry)
    }

    fn head(&self, entries: u64) -> String {
        head("filelists", entries)
    }

    fn foot(&self) -> &'static str {
        "</filelists>\n"
    }

    fn is_hashed_open(&self) -> bool {
        false
    }

    fn is_offered_as_zstd(&self) -> bool {
        true
    }
}

impl Document for Other {
    fn entry_end(&self) -> &'static str {
        "</package>\n"
    }

    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        identity(entry)
    }

    fn head(&self, entries: u64) -> String {
        head("otherdata", entries)
    }

    fn foot(&self) -> &'static str {
        "</otherdata>\n"
    }

    fn is_hashed_open(&self) -> bool {
        false
    }

    fn is_offered_as_zstd(&self) -> bool {
        true
    }
}

fn head(element: &str, entries: u64) -> String {
    let namespace = element.trim_end_matches("data");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{element} xmlns=\"http://linux.duke.edu/metadata/{namespace}\" packages=\"{entries}\">\n"
    )
}

fn identity(entry: &str) -> Option<Identity<'_>> {
    Some(Identity {
        name: between(entry, " name=\"", "\"")?,
        version: evr(entry)?.into(),
        digest: between(entry, "<package pkgid=\"", "\"")?,
    })
}

/// The `package` element of filelists.xml: every path.
pub(super) fn filelists_package(artifact: &Artifact, facts: &RpmFacts) -> String {
    let mut out = open(artifact, facts);
    for one in &facts.files {
        file(&mut out, 2, one);
    }
    out.push_str("</package>\n");
    out
}

/// The `package` element of other.xml: the newest changelog entries, oldest first.
pub(super) fn other_package(artifact: &Artifact, facts: &RpmFacts) -> String {
    let mut out = open(artifact, facts);
    let listed = &facts.changelog[..facts.changelog.len().min(CHANGELOG_LIMIT)];
    for (entry, date) in listed.iter().zip(dates(listed)).rev() {
        let author = attribute(&entry.author);
        let text = text(&entry.text);
        out.push_str(&format!(
            "  <changelog author=\"{author}\" date=\"{date}\">{text}</changelog>\n"
        ));
    }
    out.push_str("</package>\n");
    out
}

/// The time of each entry, newest first. createrepo_c moves entries of one time apart, a second each, so that clients
/// which sort by time keep their order.
fn dates(entries: &[RpmChangelogEntry]) -> Vec<i64> {
    let mut dates: Vec<i64> = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let date = entry.at.unix_seconds();
        dates.push(date);
        if at == 0 || entries[at - 1].at != entry.at {
            continue;
        }
        let newer = dates[..at].iter_mut().rev();
        for (moved, newer) in (date..).zip(newer) {
            if *newer != moved {
                break;
            }
            *newer += 1;
        }
    }
    dates
}

fn open(artifact: &Artifact, facts: &RpmFacts) -> String {
    let (name, arch) = (attribute(&facts.name), attribute(&facts.arch));
    let digest = artifact.served.digest;
    let version = version(facts);
    format!("<package pkgid=\"{digest}\" name=\"{name}\" arch=\"{arch}\">\n{version}")
}
