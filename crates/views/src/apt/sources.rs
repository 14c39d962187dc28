//! The Sources file: stanzas of source packages, each ended by an empty line: the fields of the .dsc (dsc(5)), where
//! its files are, and their digests, with the .dsc among them.
//!
//! Files are listed as they are kept: what the .dsc says of them was compared with them when they came. Their MD5s are
//! those that the .dsc says; where it says none of one of them there is no `Files`, as apt then does without.

use super::stanza::{copy, field};
use crate::rope::{Document, Identity, between};
use packyard_types::{Artifact, DscFacts, Part};
use std::{borrow::Cow, collections::BTreeMap};

/// Fields of a .dsc that are not copied: they are written from what the artifact is, or said of other files.
const OWN: [&str; 10] = [
    "package",
    "source",
    "version",
    "directory",
    "priority",
    "section",
    "files",
    "checksums-sha1",
    "checksums-sha256",
    "checksums-sha512",
];

/// A Sources file. Fields have no empty lines, so that an empty line ends a stanza.
pub(super) struct Sources;

impl Document for Sources {
    fn entry_end(&self) -> &'static str {
        "\n\n"
    }

    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        Some(Identity {
            name: entry.strip_prefix("Package: ")?.lines().next()?,
            version: Cow::Borrowed(between(entry, "\nVersion: ", "\n")?),
            digest: between(entry, "\nDirectory: pool/", "\n")?,
        })
    }

    fn head(&self, _entries: u64) -> String {
        String::new()
    }

    fn foot(&self) -> &'static str {
        ""
    }

    fn is_hashed_open(&self) -> bool {
        true
    }

    fn is_offered_tighter(&self) -> bool {
        true
    }
}

/// The stanza, with the empty line that ends it.
pub(super) fn stanza(artifact: &Artifact, facts: &DscFacts) -> String {
    let mut out = String::new();
    field(&mut out, "Package", &artifact.package);
    field(&mut out, "Version", &artifact.version);
    copy(&mut out, &facts.control, &OWN, |_, _, _| false);
    let digest = artifact.served.digest;
    field(&mut out, "Directory", &format!("pool/{digest}"));
    let placed = Placed::of(facts);
    field(&mut out, "Priority", placed.priority.unwrap_or("source"));
    if let Some(section) = placed.section {
        field(&mut out, "Section", section);
    }
    let md5s = listed(facts, "Files", 32);
    let sums = listed(facts, "Checksums-Sha256", 64);
    // Other parts, a .buildinfo for one, are no part of the source package.
    let is_named = |part: &&Part| {
        let name = part.name.as_str();
        md5s.contains_key(name) || sums.contains_key(name)
    };
    let parts: Vec<&Part> = artifact.parts.iter().filter(is_named).collect();
    let size = |part: &Part| part.blob.size_bytes;
    let (own, own_size) = (&artifact.name, artifact.served.size_bytes);
    let with_md5s = parts
        .iter()
        .map(|part| Some((md5s.get(part.name.as_str())?, part)));
    if let Some(with_md5s) = with_md5s.collect::<Option<Vec<_>>>() {
        let mut files = format!("\n {} {own_size} {own}", facts.md5);
        for (md5, part) in with_md5s {
            files.push_str(&format!("\n {md5} {} {}", size(part), part.name));
        }
        field(&mut out, "Files", &files);
    }
    let mut files = format!("\n {digest} {own_size} {own}");
    for part in parts {
        files.push_str(&format!("\n {} {} {}", part.blob.digest, size(part), part.name));
    }
    field(&mut out, "Checksums-Sha256", &files);
    out.push('\n');
    out
}

/// Digests of a .dsc by filename: lines of `DIGEST SIZE NAME`.
fn listed<'a>(facts: &'a DscFacts, name: &str, digits: usize) -> BTreeMap<&'a str, &'a str> {
    let line = |line: &'a str| {
        let mut words = line.split_whitespace();
        let (digest, _size, name) = (words.next()?, words.next()?, words.next()?);
        let plain = digest.len() == digits && digest.bytes().all(|b| b.is_ascii_hexdigit());
        plain.then_some((name, digest))
    };
    facts
        .field(name)
        .unwrap_or_default()
        .lines()
        .filter_map(line)
        .collect()
}

/// Where a distribution would put a source package: what its `Package-List` says of its first binary package, of the
/// one with its name where there is one.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) section: Option<&'a str>,
    priority: Option<&'a str>,
}

impl<'a> Placed<'a> {
    pub(super) fn of(facts: &'a DscFacts) -> Self {
        let list = facts.field("Package-List").unwrap_or_default();
        let lines = list
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let lines: Vec<Vec<&str>> = lines.filter(|words| words.len() >= 4).collect();
        let own = |words: &&Vec<&str>| facts.field("Source") == Some(words[0]);
        let Some(first) = lines.iter().find(own).or(lines.first()) else {
            return Self::default();
        };
        let known = |word: &'a str| (!matches!(word, "unknown" | "-")).then_some(word);
        Self {
            section: known(first[2]),
            priority: known(first[3]),
        }
    }
}
