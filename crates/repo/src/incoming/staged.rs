//! The files of uploads that wait for their .changes: their bytes are blobs of the store, their names are records in
//! `staging/`.

use super::DeliveryPlace;
use crate::{Access, RepoError, Yard};
use packyard_store::{Staged, Staging, StagingKey};
use packyard_types::{Blob, Digest, PartName, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a file waits for the .changes that names it.
const KEPT_SECONDS: i64 = 7 * 86_400;

/// The record of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    filename: PartName,
    #[serde(flatten)]
    blob: Blob,
    at: Timestamp,
}

impl DeliveryPlace {
    /// What one caller sends to one place is apart from what others send.
    fn key(&self, access: &Access, name: &PartName) -> StagingKey {
        let place = (access.actor(), &self.distribution, &self.component);
        let place = serde_json::to_vec(&place).expect("names are JSON");
        let file = Digest::of(name.as_str().as_bytes());
        StagingKey::Incoming(self.channel.clone(), Digest::of(&place), file)
    }
}

impl Yard {
    /// Keeps a file; one of the same name that was sent before is forgotten. Whether it is new.
    pub(super) async fn stage_file(
        &self,
        access: &Access,
        to: &DeliveryPlace,
        name: &PartName,
        blob: Blob,
    ) -> Result<bool, RepoError> {
        /// How often a record is put again that somebody else has put meanwhile.
        const TRIES: u32 = 16;
        let key = to.key(access, name);
        let there = self.staged_file(access, to, name).await?;
        if there == Some(blob) {
            return Ok(false);
        }
        let record = Record {
            filename: name.clone(),
            blob,
            at: self.now(),
        };
        let bytes = serde_json::to_vec(&record).expect("a record is JSON");
        for _ in 0..TRIES {
            self.store().unstage(&key).await?;
            if self.store().stage(&key, bytes.clone().into()).await? == Staged::Ours {
                return Ok(there.is_none());
            }
        }
        let operation = format!("keeping `{name}`, which others send all the time");
        let source = std::io::Error::from(std::io::ErrorKind::ResourceBusy);
        Err(RepoError::Io { operation, source })
    }

    /// A file that waits, and is there.
    pub(super) async fn staged_file(
        &self,
        access: &Access,
        to: &DeliveryPlace,
        name: &PartName,
    ) -> Result<Option<Blob>, RepoError> {
        let record = self.store().staged(&to.key(access, name)).await?;
        let record = record.and_then(|raw| serde_json::from_slice::<Record>(&raw).ok());
        let Some(blob) = record.filter(|r| r.filename == *name).map(|r| r.blob) else {
            return Ok(None);
        };
        // Purged since, or given up: then it must be sent again.
        let size = self.store().blob_size(&blob.digest).await?;
        Ok((size == Some(blob.size_bytes)).then_some(blob))
    }

    /// Forgets files that have been published.
    pub(super) async fn unstage_files<'a>(
        &self,
        access: &Access,
        to: &DeliveryPlace,
        names: impl Iterator<Item = &'a PartName>,
    ) -> Result<(), RepoError> {
        for name in names {
            self.store().unstage(&to.key(access, name)).await?;
        }
        Ok(())
    }

    /// The bytes of all files that wait, whoever sent them.
    pub(crate) async fn waiting_blobs(&self) -> Result<BTreeSet<Digest>, RepoError> {
        let mut out = BTreeSet::new();
        for key in self.store().list_staged(Staging::Incoming).await? {
            let raw = self.store().staged(&key).await?;
            let record = raw.and_then(|raw| serde_json::from_slice::<Record>(&raw).ok());
            out.extend(record.map(|r| r.blob.digest));
        }
        Ok(out)
    }

    /// Forgets files that no .changes has named for a week.
    pub(crate) async fn sweep_incoming(&self) -> Result<(), RepoError> {
        let oldest = self.now().unix_seconds() - KEPT_SECONDS;
        for key in self.store().list_staged(Staging::Incoming).await? {
            let Some(raw) = self.store().staged(&key).await? else {
                continue;
            };
            let record = serde_json::from_slice::<Record>(&raw);
            if record.map_or(true, |r| r.at.unix_seconds() < oldest) {
                self.store().unstage(&key).await?;
            }
        }
        Ok(())
    }
}
