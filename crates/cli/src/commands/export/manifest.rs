//! `.packyard-export.json`: what a copy consists of. It makes the next export incremental, and it is the proof that the
//! place is ours to write to.

use anyhow::{Context, bail};
use packyard_client::ExportedArtifact;
use packyard_store::Found;
use packyard_types::{Blob, ChannelName, Revision, ServedPath, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The newest form that this version writes and reads.
const VERSION: u32 = 1;

/// What a copy consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    v: u32,
    /// The channel.
    pub channel: ChannelName,
    /// The yard that the channel is in.
    pub yard: String,
    /// The revision that was copied last.
    pub revision: Revision,
    /// Whether all of it is there; else an export was cut off, and the pointers are those of an older revision.
    pub complete: bool,
    /// Where the copy is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Every file that an export has written and not removed.
    pub files: BTreeMap<ServedPath, Entry>,
    /// The artifacts among them.
    pub artifacts: Vec<ExportedArtifact>,
}

/// A file of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What its bytes are.
    #[serde(flatten)]
    pub blob: Blob,
    /// What changes when somebody writes to it.
    pub stamp: String,
    /// Whether its path never gets other bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub immutable: bool,
    /// When it stopped to be part of the channel; it stays for a while, for clients that are half-way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
}

impl Manifest {
    /// Its path in the copy.
    pub fn path() -> ServedPath {
        ServedPath::parse(".packyard-export.json").expect("it is a path of one part")
    }

    /// The manifest of a copy that is about to be made.
    pub fn new(channel: &ChannelName, yard: &str) -> Self {
        Self {
            v: VERSION,
            channel: channel.clone(),
            yard: yard.to_owned(),
            revision: Revision(0),
            complete: false,
            public_url: None,
            files: BTreeMap::new(),
            artifacts: Vec::new(),
        }
    }

    /// Reads it.
    pub fn parse(bytes: &[u8], place: &str) -> anyhow::Result<Self> {
        /// What every version has.
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let what = || {
            format!(
                "`{}` of `{place}` cannot be read\nhint: restore it, or export into an empty directory",
                Self::path()
            )
        };
        let Version { v } = serde_json::from_slice(bytes).with_context(what)?;
        if v > VERSION {
            bail!("`{place}` was written by a newer packyard\nhint: use a newer packyard");
        }
        serde_json::from_slice(bytes).with_context(what)
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("its keys are texts");
        bytes.push(b'\n');
        bytes
    }

    /// Notes that a file is there.
    pub fn note(&mut self, path: &ServedPath, blob: Blob, immutable: bool, found: &Found) {
        let entry = Entry {
            blob,
            stamp: found.stamp.clone(),
            immutable,
            gone: None,
        };
        self.files.insert(path.clone(), entry);
    }
}
