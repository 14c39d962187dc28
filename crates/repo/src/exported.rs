//! What [`crate::export`] answers: the files of a copy, and what of them are artifacts.

use crate::RepoError;
use packyard_types::{
    ArtifactName, Blob, ComponentName, Digest, DistributionName, Revision, ServedPath, Timestamp,
};
use serde::Serialize;

/// When a file may appear in a copy: whatever a file names must be there before it. Files of one turn may appear in
/// any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// Packages and their metadata.
    Package,
    /// Index files whose names carry their digests, and keys.
    Index,
    /// Plain names that no signed file has to agree with at once: `Packages`, a project's page.
    Name,
    /// What belongs to a pointer, and is asked for after it.
    Signature,
    /// What clients ask for first: `InRelease`, `repomd.xml`, `simple/`.
    Pointer,
}

/// One file of a copy.
#[derive(Debug, Clone, Serialize)]
pub struct ExportFile {
    /// Below the channel's root, as a file's name: nothing in it is percent-encoded.
    pub path: ServedPath,
    /// What its bytes are.
    #[serde(flatten)]
    pub blob: Blob,
    /// When it may appear.
    pub turn: Turn,
    /// Whether the path never gets other bytes.
    pub immutable: bool,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes, where they are text, small and moving; else the path is to be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An artifact of a copy: what one has to know, besides the file, to publish it elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedArtifact {
    /// Where its file is.
    pub path: ServedPath,
    /// Its name.
    pub filename: ArtifactName,
    /// The digest of the file.
    pub sha256: Digest,
    /// The distribution that it was published to.
    pub distribution: DistributionName,
    /// The component that it was published to.
    pub component: ComponentName,
    /// When it was first published, here or where it came from.
    pub published_at: Timestamp,
    /// Why it is yanked, where it is; empty where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yanked: Option<String>,
}

/// An artifact that the channel held at a revision, and whose bytes are gone since: indexes still name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
pub struct ExportList {
    /// The id of the yard.
    pub yard: String,
    /// The revision.
    pub revision: Revision,
    /// The files by their turn, then by their path.
    pub files: Vec<ExportFile>,
    /// What of them are artifacts, each once.
    pub artifacts: Vec<ExportedArtifact>,
    /// What was destroyed, or given up, after the revision that is copied.
    pub lost: Vec<LostArtifact>,
}

impl ExportFile {
    /// A file whose bytes are at hand.
    pub fn text(path: &str, text: String, content_type: &'static str, turn: Turn) -> Result<Self, RepoError> {
        Ok(Self {
            path: ServedPath::parse(path)?,
            blob: Blob::of(text.as_bytes()),
            turn,
            immutable: false,
            content_type,
            text: Some(text),
        })
    }
}

impl ExportList {
    /// Adds a file, in its place.
    pub fn add(&mut self, file: ExportFile) {
        let place = self
            .files
            .partition_point(|f| (f.turn, &f.path) < (file.turn, &file.path));
        self.files.insert(place, file);
    }
}
