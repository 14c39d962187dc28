//! One package file of a channel, and the rule that a name and version mean one file for ever.

use crate::{
    ArtifactName, Blob, ComponentName, Digest, DistributionName, Ecosystem, Invalid, ProjectName, Timestamp,
    invalid::string_type,
};
use serde::{Deserialize, Serialize};

/// An artifact as a Publish names it: its name, its blobs, and what the facts say it is.
///
/// - `received` is what the uploader sent, and what idempotency is judged on; `served` is what clients get. They
///   differ only for an .rpm that was signed at intake.
/// - `package`, `version` and `arch` come from the bytes, and `name` agrees with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The canonical filename.
    #[serde(rename = "filename")]
    pub name: ArtifactName,
    /// The native package name.
    pub package: String,
    /// The full native version, with the epoch where there is one.
    pub version: String,
    /// As in [`ArtifactName::arch`].
    pub arch: String,
    /// What it belongs to (DESIGN.md, Identity).
    pub project: ProjectName,
    /// The version of the release as the publisher knows it: PEP 440 where that is known, else the upstream part of
    /// the native version.
    pub release_version: String,
    /// The OS release that it is for.
    pub distribution: DistributionName,
    /// apt's component; `main` for everything else.
    pub component: ComponentName,
    /// The bytes as uploaded.
    pub received: Blob,
    /// The bytes as served.
    pub served: Blob,
    /// The [`crate::FactsRecord`], as a blob.
    pub facts: Blob,
    /// The files that belong to it and are served beside it: of a `.dsc` the tarballs that it names; of what came with
    /// a `.changes`, its `.buildinfo`. Sorted by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// When it was first published elsewhere, where it was imported and that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_at: Option<Timestamp>,
}

/// A file that belongs to an artifact, and is no artifact by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// Its filename.
    #[serde(rename = "filename")]
    pub name: PartName,
    /// Its bytes.
    pub blob: Blob,
}

/// The filename of a [`Part`]: `hello_1.0.orig.tar.gz`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartName(String);
string_type!(PartName);

impl PartName {
    /// Whether it tells of an upload or a build (`.changes`, `.buildinfo`), and is no part of the source.
    pub fn is_record(&self) -> bool {
        self.0.ends_with(".changes") || self.0.ends_with(".buildinfo")
    }

    /// Parses 1 to 250 of `[A-Za-z0-9.+~_-]`, beginning with a letter or digit: what dpkg's tools write.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".+~_-".contains(&b);
        let begins = s.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if begins && s.len() <= 250 && s.bytes().all(plain) {
            return Ok(Self(s.to_owned()));
        }
        let rule = "it has 1 to 250 letters, digits and `. + ~ _ -`, and begins with a letter or digit";
        Err(Invalid::new("filename", s, rule))
    }
}

/// What names one file for ever: ecosystem, package name, full version, architecture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArtifactKey {
    /// Whose package manager.
    pub ecosystem: Ecosystem,
    /// The native package name.
    pub package: String,
    /// The full native version, spelt so that versions that compare as equal are equal: no zero epoch, no leading zeros,
    /// no zeros at the end of a PEP 440 release, no zero Debian revision.
    pub version: String,
    /// The architecture (for a wheel its tags, for an sdist `source`).
    pub arch: String,
}

impl Artifact {
    /// What it may be the only one of.
    pub fn key(&self) -> ArtifactKey {
        ArtifactKey {
            ecosystem: self.name.kind().ecosystem(),
            package: self.package.clone(),
            version: comparable(self.name.kind().ecosystem(), &self.version),
            arch: self.arch.clone(),
        }
    }

    /// The digests of its large blobs: as received, as served, and of its parts.
    pub fn blobs(&self) -> impl Iterator<Item = Digest> {
        let parts = self.parts.iter().map(|p| p.blob.digest);
        [self.received.digest, self.served.digest]
            .into_iter()
            .chain(parts)
    }

    /// The file of this name that belongs to it.
    pub fn part(&self, name: &PartName) -> Option<&Part> {
        self.parts.iter().find(|p| p.name == *name)
    }

    /// The SHA-256 of the bytes that clients get.
    pub fn served_digest(&self) -> Digest {
        self.served.digest
    }
}

/// The spelling of a version that all versions share which its ecosystem's tools take for the same.
fn comparable(ecosystem: Ecosystem, version: &str) -> String {
    match ecosystem {
        Ecosystem::Pip => version.parse::<pep440_rs::Version>().map_or_else(
            |_| version.to_owned(),
            |v| {
                let release = v.release().to_vec();
                let zeros = release.iter().rev().take_while(|n| **n == 0).count();
                let kept = release.len().saturating_sub(zeros).max(1);
                v.with_release(release[..kept].to_vec()).to_string()
            },
        ),
        Ecosystem::Apt => {
            let plain = without_leading_zeros(version);
            plain.strip_suffix("-0").unwrap_or(&plain).to_owned()
        }
        Ecosystem::Yum => without_leading_zeros(version),
    }
}

/// Digit runs without leading zeros, and no epoch that is zero: dpkg and rpm compare digits as numbers.
fn without_leading_zeros(version: &str) -> String {
    let mut out = String::with_capacity(version.len());
    let mut in_number = false;
    let mut rest = version.chars().peekable();
    while let Some(c) = rest.next() {
        let another = rest.peek().is_some_and(char::is_ascii_digit);
        if c == '0' && !in_number && another {
            continue;
        }
        in_number = c.is_ascii_digit();
        out.push(c);
    }
    out.strip_prefix("0:").map(str::to_owned).unwrap_or(out)
}

/// The verdict on an artifact that is about to be published, next to those that its channel has, or ever had, under
/// the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uniqueness<'a> {
    /// Nothing like it: publish it.
    New,
    /// The same bytes are there already, in the same distribution and component: nothing to do.
    Same(&'a Artifact),
    /// Other bytes were published under this key; they win.
    Conflict(&'a Artifact),
}

/// An artifact that a channel has, or had, under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The artifact.
    pub artifact: Artifact,
    /// Whether the channel holds it now.
    pub held: bool,
}

impl Former {
    /// Whether one of `others` is held in the very place of `new`.
    pub fn holds<'a>(new: &Artifact, others: impl IntoIterator<Item = &'a Self>) -> bool {
        let place = crate::Held::of(new);
        others
            .into_iter()
            .any(|f| f.held && crate::Held::of(&f.artifact) == place)
    }
}

impl Uniqueness<'_> {
    /// Judges `new` against `others`, which all have its key. DESIGN.md, Uniqueness: one digest over a distribution
    /// and `any` together and over all components, for ever; two distributions other than `any` are independent. What
    /// has left the channel still claims its key, but it may come back.
    pub fn judge<'a>(new: &Artifact, others: impl IntoIterator<Item = &'a Former>) -> Uniqueness<'a> {
        let mut verdict = Uniqueness::New;
        for Former {
            artifact: other,
            held,
        } in others
        {
            let meet = other.distribution == new.distribution
                || other.distribution.is_any()
                || new.distribution.is_any();
            let same_bytes = [other.received.digest, other.served.digest].contains(&new.received.digest);
            if meet && !same_bytes {
                return Uniqueness::Conflict(other);
            }
            // What is in `any` is in every distribution already.
            let same_place = (other.distribution == new.distribution || other.distribution.is_any())
                && other.component == new.component;
            if *held && same_bytes && same_place {
                verdict = Uniqueness::Same(other);
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_tools_take_for_the_same_have_one_spelling() {
        let equal = [
            (Ecosystem::Pip, ["1", "1.0", "1.0.0"]),
            (Ecosystem::Pip, ["0", "0.0", "0.0.0"]),
            (Ecosystem::Apt, ["1.0-1", "0:1.0-1", "00:1.00-01"]),
            (Ecosystem::Apt, ["1.2", "1.2-0", "01.2-00"]),
            (Ecosystem::Yum, ["1.0-1", "0:1.0-1", "1.00-01"]),
        ];
        for (ecosystem, versions) in equal {
            let [a, b, c] = versions.map(|v| comparable(ecosystem, v));
            assert!(a == b && b == c, "{a} {b} {c}");
        }
        let different = [
            (Ecosystem::Pip, "1.0", "1.0.1"),
            (Ecosystem::Apt, "1:1.0", "1.0"),
            (Ecosystem::Yum, "1.10", "1.1"),
        ];
        for (ecosystem, a, b) in different {
            assert_ne!(comparable(ecosystem, a), comparable(ecosystem, b));
        }
    }
}
