//! What is kept of what came from an upstream: in the store, outside the history, so that it outlives restarts and
//! reindexing and is shared between nodes. No entry of the log names it: what others publish is not this yard's history.

use super::PageId;
use crate::{RepoError, Yard};
use packyard_formats::repository::upstream::{UpstreamFile, UpstreamPage};
use packyard_store::{UpstreamKey, UpstreamRecords};
use packyard_types::{Blob, Digest, ProjectName, Timestamp, UpstreamUrl};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;

/// A page that came from an upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRecord {
    /// Format of the record.
    pub v: u32,
    /// The upstream.
    pub upstream: UpstreamUrl,
    /// The project.
    pub project: ProjectName,
    /// When it came.
    pub fetched_at: Timestamp,
    /// For how many seconds it was right.
    pub fresh_for: u64,
    /// Its tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// What it says.
    #[serde(flatten)]
    pub page: UpstreamPage,
}

/// A file that came from an upstream; its bytes are a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Format of the record.
    pub v: u32,
    /// Its name: that of an artifact, or of one with `.metadata` behind it.
    pub filename: String,
    /// The project.
    pub project: ProjectName,
    /// The upstream whose page named it.
    pub upstream: UpstreamUrl,
    /// Where its bytes came from.
    pub url: String,
    /// How many they are.
    #[serde(rename = "size")]
    pub size_bytes: u64,
    /// When they came.
    pub fetched_at: Timestamp,
    /// When it was uploaded there, where the page said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_at: Option<Timestamp>,
    /// The metadata beside it, where the page named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_sha256: Option<Digest>,
}

/// The format that this version writes.
pub const FORMAT: u32 = 1;

impl FileRecord {
    /// The file as its page had it.
    pub fn file(&self, sha256: Digest) -> Option<UpstreamFile> {
        Some(UpstreamFile {
            filename: self.filename.parse().ok()?,
            url: self.url.clone(),
            sha256,
            size_bytes: Some(self.size_bytes),
            requires_python: None,
            yanked: None,
            uploaded_at: self.uploaded_at,
            metadata_sha256: self.metadata_sha256,
        })
    }
}

/// A record that cannot be read is as good as none: it is fetched again.
fn read<T: DeserializeOwned>(key: &UpstreamKey, bytes: &[u8]) -> Option<T> {
    let record = serde_json::from_slice(bytes);
    record
        .inspect_err(|e| tracing::warn!(%key, "a record of an upstream cannot be read: {e}"))
        .ok()
}

/// The blob that a record names, with what it is; why the record cannot be read, where it cannot.
pub(crate) fn named_by(key: &UpstreamKey, bytes: &[u8]) -> Result<Vec<(Blob, String)>, String> {
    let unreadable = |e: serde_json::Error| format!("it cannot be read: {e}");
    match key {
        UpstreamKey::Page(..) => {
            serde_json::from_slice::<PageRecord>(bytes).map_err(unreadable)?;
            Ok(Vec::new())
        }
        UpstreamKey::File(digest, _) => {
            let record: FileRecord = serde_json::from_slice(bytes).map_err(unreadable)?;
            let (digest, size_bytes) = (*digest, record.size_bytes);
            let what = format!("{} from {}", record.filename, record.url);
            Ok(vec![(Blob { digest, size_bytes }, what)])
        }
    }
}

fn written(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("records are JSON")
}

impl Yard {
    /// The newest page that was kept.
    pub(super) async fn kept_page(&self, id: &PageId) -> Result<Option<PageRecord>, RepoError> {
        let hex = UpstreamKey::of(&id.0);
        // Another node may delete what it has superseded between the look and the reading.
        for _ in 0..3 {
            let keys = self
                .store()
                .list_upstream(UpstreamRecords::Pages(&hex, &id.1))
                .await?;
            let Some(key) = keys.last() else {
                return Ok(None);
            };
            if let Some(bytes) = self.store().upstream(key).await? {
                return Ok(read(key, &bytes));
            }
        }
        Ok(None)
    }

    /// Keeps a page, and deletes those before it.
    pub(super) async fn keep_page(&self, record: &PageRecord) -> Result<(), RepoError> {
        let hex = UpstreamKey::of(&record.upstream);
        let key = UpstreamKey::Page(hex, record.project.clone(), record.fetched_at);
        self.store().put_upstream(&key, written(record).into()).await?;
        let of = UpstreamRecords::Pages(&hex, &record.project);
        for old in self.store().list_upstream(of).await? {
            if old < key {
                self.store().delete_upstream(&old).await?;
            }
        }
        Ok(())
    }

    /// A file that came from this upstream before, and whose bytes are here.
    pub(super) async fn kept_file(
        &self,
        upstream: &UpstreamUrl,
        digest: &Digest,
    ) -> Result<Option<FileRecord>, RepoError> {
        let key = UpstreamKey::File(*digest, UpstreamKey::of(upstream));
        let Some(bytes) = self.store().upstream(&key).await? else {
            return Ok(None);
        };
        let Some(record) = read::<FileRecord>(&key, &bytes) else {
            return Ok(None);
        };
        let there = self.store().blob_size(digest).await? == Some(record.size_bytes);
        Ok(there.then_some(record))
    }

    /// Keeps the record of a file, whose blob is there already.
    pub(super) async fn keep_file(&self, digest: &Digest, record: &FileRecord) -> Result<(), RepoError> {
        let key = UpstreamKey::File(*digest, UpstreamKey::of(&record.upstream));
        self.store().put_upstream(&key, written(record).into()).await?;
        Ok(())
    }

    /// The digests of all files that came from upstreams: blobs that are needed though the log names none of them.
    pub(crate) async fn foreign_blobs(&self) -> Result<BTreeSet<Digest>, RepoError> {
        let keys = self.store().list_upstream(UpstreamRecords::Files).await?;
        let digests = keys.into_iter().filter_map(|key| match key {
            UpstreamKey::File(digest, _) => Some(digest),
            UpstreamKey::Page(..) => None,
        });
        Ok(digests.collect())
    }

    /// The upstreams that gave these bytes, each with what they were.
    pub(crate) async fn upstreams_of(&self, digest: &Digest) -> Result<Vec<String>, RepoError> {
        let mut out = Vec::new();
        for key in self.store().list_upstream(UpstreamRecords::File(digest)).await? {
            let bytes = self.store().upstream(&key).await?;
            if let Some(record) = bytes.and_then(|bytes| read::<FileRecord>(&key, &bytes)) {
                out.push(format!("{}: {}", record.upstream, record.filename));
            }
        }
        Ok(out)
    }
}
