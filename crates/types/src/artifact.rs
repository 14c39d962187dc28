//! One package file of a channel, and the rule that a name and version mean one file for ever.

use crate::{ArtifactName, Blob, ComponentName, Digest, DistributionName, Ecosystem, ProjectName};
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
}

/// What names one file for ever: ecosystem, package name, full version, architecture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArtifactKey {
    /// Whose package manager.
    pub ecosystem: Ecosystem,
    /// The native package name.
    pub package: String,
    /// The full native version.
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
            version: self.version.clone(),
            arch: self.arch.clone(),
        }
    }

    /// The SHA-256 of the bytes that clients get.
    pub fn served_digest(&self) -> Digest {
        self.served.digest
    }
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

impl Uniqueness<'_> {
    /// Judges `new` against `others`, which all have its key. DESIGN.md, Uniqueness: one digest over a distribution
    /// and `any` together and over all components; two distributions other than `any` are independent.
    pub fn judge<'a>(new: &Artifact, others: impl IntoIterator<Item = &'a Artifact>) -> Uniqueness<'a> {
        let mut verdict = Uniqueness::New;
        for other in others {
            let meet = other.distribution == new.distribution
                || other.distribution.is_any()
                || new.distribution.is_any();
            let same_bytes = [other.received.digest, other.served.digest].contains(&new.received.digest);
            if meet && !same_bytes {
                return Uniqueness::Conflict(other);
            }
            let same_place = other.distribution == new.distribution && other.component == new.component;
            if same_bytes && same_place {
                verdict = Uniqueness::Same(other);
            }
        }
        verdict
    }
}
