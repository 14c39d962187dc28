//! Is everything there, and is it what it says it is? The chain of the log, every blob's digest, every index file
//! against its digest, the index against a replay.

use crate::{RepoError, Yard, commit::catch_up, yard::blocking};
use futures::TryStreamExt;
use packyard_index::Index;
use packyard_types::{Artifact, Blob, ChannelName, Digest, Hasher, Revision, View};
use packyard_views::segments;
use serde::Serialize;
use std::collections::BTreeSet;
use tokio::runtime::Handle;

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FsckReport {
    /// The newest revision.
    pub revision: Revision,
    /// How many log entries were read.
    pub entries: u64,
    /// How many blobs were hashed.
    pub blobs: u64,
    /// How many index files were put together and hashed.
    pub index_files: u64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which object.
    pub object: String,
    /// What is wrong with it.
    pub problem: String,
    /// What depends on it.
    pub needed_by: Vec<String>,
}

impl Yard {
    /// Looks at everything. Nothing is changed.
    pub async fn fsck(&self) -> Result<FsckReport, RepoError> {
        let mut report = FsckReport::default();
        if !self.replay_log(&mut report).await? {
            return Ok(report);
        }
        self.hash_blobs(&mut report).await?;
        self.hash_upstream_files(&mut report).await?;
        self.hash_index_files(&mut report).await?;
        Ok(report)
    }

    /// A digest of the whole index: two indexes that answer alike have the same.
    pub fn fingerprint(&self) -> Result<Digest, RepoError> {
        self.read(|index| Ok(index.fingerprint()?))
    }

    /// Every artifact of every channel, now or at any time, with its channel.
    pub fn artifacts(&self) -> Result<Vec<(ChannelName, Artifact)>, RepoError> {
        self.read(|index| Ok(index.all_artifacts()?))
    }

    /// Replays the log into an index in memory and compares that with the one in use. Says whether the log can be read.
    async fn replay_log(&self, report: &mut FsckReport) -> Result<bool, RepoError> {
        let (store, runtime) = (self.store().clone(), Handle::current());
        let replayed = blocking(move || {
            let mut fresh = Index::memory()?;
            fresh.transaction(|index| catch_up(index, &store, &runtime))?;
            Ok((fresh.fingerprint()?, fresh.applied()?.revision))
        })
        .await;
        let (fingerprint, revision) = match replayed {
            Ok(r) => r,
            Err(e) => {
                let (object, problem) = match e {
                    RepoError::Damaged { what, reason } => (what, reason),
                    other => ("the log".to_owned(), other.to_string()),
                };
                report.findings.push(Finding {
                    object,
                    problem,
                    needed_by: vec!["every later revision".to_owned()],
                });
                return Ok(false);
            }
        };
        (report.revision, report.entries) = (revision, revision.0);
        let (applied, ours) = self.read(|i| Ok((i.applied()?.revision, i.fingerprint()?)))?;
        let head = self.store().log_head().await;
        if let Some(problem) = head.as_ref().map_or_else(
            |e| Some(e.to_string()),
            |h| (*h > revision).then(|| format!("entry {} is missing, and {h} is there", revision.next())),
        ) {
            let needed_by = vec!["every later revision".to_owned()];
            report.findings.push(Finding {
                object: "the log".to_owned(),
                problem,
                needed_by,
            });
        }
        if applied == revision && ours != fingerprint {
            report.findings.push(Finding {
                object: "index.sqlite".to_owned(),
                problem: "it differs from a replay of the log; run `packyard reindex`".to_owned(),
                needed_by: Vec::new(),
            });
        }
        Ok(true)
    }

    async fn hash_blobs(&self, report: &mut FsckReport) -> Result<(), RepoError> {
        let artifacts = self.artifacts()?;
        let mut seen: BTreeSet<Digest> = BTreeSet::new();
        for (channel, artifact) in artifacts {
            let parts = artifact.parts.iter().map(|p| p.blob);
            for blob in std::iter::once(artifact.served).chain(parts) {
                let gone = || self.read(|index| Ok(index.gone(&blob.digest)?.is_some()));
                if !seen.insert(blob.digest) || gone()? {
                    continue;
                }
                report.blobs += 1;
                if let Some(problem) = self.hash_blob(&blob).await {
                    let needed_by = vec![format!("{} in channel {channel}", artifact.name)];
                    report.findings.push(Finding {
                        object: format!("blob {}", blob.digest),
                        problem,
                        needed_by,
                    });
                }
            }
        }
        Ok(())
    }

    /// What came from upstreams. What was purged is not there, and need not be.
    async fn hash_upstream_files(&self, report: &mut FsckReport) -> Result<(), RepoError> {
        for (blob, what) in self.upstream_blobs().await? {
            if self.not_purged(&what, &blob.digest).is_err() {
                continue;
            }
            report.blobs += 1;
            if let Some(problem) = self.hash_blob(&blob).await {
                report.findings.push(Finding {
                    object: format!("blob {}", blob.digest),
                    problem,
                    needed_by: vec![what],
                });
            }
        }
        Ok(())
    }

    /// What is wrong with a blob, if anything.
    async fn hash_blob(&self, blob: &Blob) -> Option<String> {
        let read = async {
            let mut stream = self.store().stream_blob(&blob.digest, 0..blob.size_bytes).await?;
            let mut hasher = Hasher::new();
            while let Some(bytes) = stream.try_next().await? {
                hasher.update(&bytes);
            }
            Ok::<Blob, RepoError>(hasher.finish())
        };
        let size = self.store().blob_size(&blob.digest).await;
        match (read.await, size) {
            (Ok(found), Ok(Some(size))) if found == *blob && size == blob.size_bytes => None,
            (Ok(found), _) if found.digest != blob.digest => {
                Some(format!("its bytes have sha256 {}", found.digest))
            }
            (Ok(_), size) => {
                let has = size.ok().flatten().unwrap_or_default();
                Some(format!("it has {has} bytes, not {}", blob.size_bytes))
            }
            (Err(e), _) => Some(e.to_string()),
        }
    }

    async fn hash_index_files(&self, report: &mut FsckReport) -> Result<(), RepoError> {
        for stored in self.read(|index| Ok(index.trees(None)?))? {
            let tree = match self.tree(&stored.digest).await {
                Ok(tree) => tree,
                Err(e) => {
                    let object = format!("tree {}", stored.key);
                    report.findings.push(Finding {
                        object,
                        problem: e.to_string(),
                        needed_by: Vec::new(),
                    });
                    continue;
                }
            };
            for (path, file) in &tree.files {
                report.index_files += 1;
                let mut hasher = Hasher::new();
                let mut problem = None;
                for segment in segments(&tree, file) {
                    let size = segment.size_bytes();
                    match self.segment(segment, 0..size).await {
                        Ok(bytes) => hasher.update(&bytes),
                        Err(e) => problem = Some(e.to_string()),
                    }
                }
                let found = hasher.finish();
                if problem.is_none() && found != file.blob {
                    problem = Some(format!(
                        "it adds up to sha256 {}, not {}",
                        found.digest, file.blob.digest
                    ));
                }
                if let Some(problem) = problem {
                    let view = match stored.key.view {
                        View::Apt => "apt",
                        View::Yum => "yum",
                        View::Pip => "pip",
                    };
                    let object = format!("{}/{view}/{path}", stored.key.channel);
                    report.findings.push(Finding {
                        object,
                        problem,
                        needed_by: Vec::new(),
                    });
                }
            }
        }
        Ok(())
    }
}
