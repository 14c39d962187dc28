//! Files of a yard, as its clients get them: what a copy of a channel consists of, and the bytes, checked.

use crate::{Api, ClientError};
use packyard_types::{ArtifactName, Blob, ChannelRef, Digest, Hasher, Revision, ServedPath, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

/// When a file may appear in a copy: whatever a file names must be there before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// Packages and their metadata.
    Package,
    /// Index files whose names carry their digests, and keys.
    Index,
    /// Plain names that no signed file has to agree with at once.
    Name,
    /// What belongs to a pointer, and is asked for after it.
    Signature,
    /// What clients ask for first.
    Pointer,
}

/// One file of a copy.
#[derive(Debug, Clone, Deserialize)]
pub struct ExportFile {
    /// Below the channel's root, as a file's name.
    pub path: ServedPath,
    /// What its bytes are.
    #[serde(flatten)]
    pub blob: Blob,
    /// When it may appear.
    pub turn: Turn,
    /// Whether the path never gets other bytes.
    pub immutable: bool,
    /// Its media type.
    pub content_type: String,
    /// Its bytes, where they came with the list.
    pub text: Option<String>,
}

/// An artifact of a copy: what one has to know, besides the file, to publish it elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedArtifact {
    /// Where its file is.
    pub path: ServedPath,
    /// Its name.
    pub filename: ArtifactName,
    /// The digest of the file.
    pub sha256: Digest,
    /// The distribution that it was published to.
    pub distribution: String,
    /// The component that it was published to.
    pub component: String,
    /// When it was first published, there or where it came from.
    pub published_at: Timestamp,
    /// Why it is yanked, where it is; empty where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanked: Option<String>,
}

/// An artifact that the channel held at a revision, and whose bytes are gone since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostArtifact {
    /// Its name.
    pub filename: ArtifactName,
    /// The digest of the file.
    pub sha256: Digest,
    /// The revision that says so.
    pub revision: Revision,
    /// Why; empty where nobody said.
    pub reason: String,
}

/// What a channel serves, as of a revision.
#[derive(Debug, Clone, Deserialize)]
pub struct ExportList {
    /// The id of the yard.
    pub yard: String,
    /// The revision.
    pub revision: Revision,
    /// The files, in the order in which they must be written.
    pub files: Vec<ExportFile>,
    /// What of them are artifacts, each once.
    pub artifacts: Vec<ExportedArtifact>,
    /// What of it is gone since the revision that is copied.
    #[serde(default)]
    pub lost: Vec<LostArtifact>,
}

impl Api {
    /// What a channel serves, or, as CHANNEL@N, has served. With the URL under which the copy will be found, the set-up files are among it.
    pub fn export_list(&self, channel: &str, url: Option<&str>) -> Result<ExportList, ClientError> {
        let query = url.map(|u| format!("?url={}", percent(u))).unwrap_or_default();
        // As long as a channel is large, so it is not taken through `get`, which has a limit.
        let mut json = Vec::new();
        let channel = percent(channel).replace("%40", "@");
        let path = format!("/api/v1/channels/{channel}/export{query}");
        let reply = self.transport().download(&path, &mut json)?;
        if !(200..300).contains(&reply.status) {
            return Err(self.refusal(&reply));
        }
        serde_json::from_slice(&json).map_err(|_| ClientError::NotPackyard {
            url: self.place(),
            status: reply.status,
        })
    }

    /// Downloads a file of a channel to a new file at `to`, and insists on its digest.
    pub fn download(
        &self,
        channel: &ChannelRef,
        path: &ServedPath,
        blob: Blob,
        to: &Path,
    ) -> Result<(), ClientError> {
        let unwritable = |e: &io::Error| ClientError::File {
            path: to.display().to_string(),
            reason: e.to_string(),
        };
        let file = File::create_new(to).map_err(|e| unwritable(&e))?;
        let mut sink = Hashed {
            file,
            hasher: Hasher::new(),
            failed: None,
        };
        // A directory's page is asked for as clients do.
        let segments = path.as_str().strip_suffix("index.html").unwrap_or(path.as_str());
        let segments: Vec<String> = segments.split('/').map(percent).collect();
        let url = format!("/{channel}/{}", segments.join("/"));
        let reply = self.transport().download(&url, &mut sink);
        if let Some(e) = sink.failed {
            return Err(unwritable(&e));
        }
        let reply = reply?;
        if !(200..300).contains(&reply.status) {
            return Err(self.refusal(&reply));
        }
        let found = sink.hasher.finish();
        if found == blob {
            return Ok(());
        }
        let shown = |b: &Blob| format!("{} bytes and sha256 {}", b.size_bytes, b.digest);
        Err(ClientError::Damaged {
            path: url,
            url: self.place(),
            found: shown(&found),
            wanted: shown(&blob),
        })
    }
}

/// A file that is hashed while it is written. What goes wrong with it is not the server's fault.
struct Hashed {
    file: File,
    hasher: Hasher,
    failed: Option<io::Error>,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Ok(n) => {
                self.hasher.update(&bytes[..n]);
                Ok(n)
            }
            Err(e) => {
                let kind = e.kind();
                self.failed = Some(e);
                Err(kind.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A text inside a URL, as one segment of a path or a value of a query.
fn percent(s: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    s.bytes()
        .map(|b| {
            if keep(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
