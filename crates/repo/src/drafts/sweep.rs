//! What is over is forgotten: at the start of a server, and daily.

use super::{DraftOf, record::Opened};
use crate::{RepoError, Yard};
use packyard_store::{DraftRecord, Staging, StagingKey, Store};
use packyard_types::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// How long an expired draft says that it has expired, and a committed one answers with its receipt.
const REMEMBERED_SECONDS: i64 = 30 * 86_400;

impl Yard {
    /// Deletes the records in `staging/` that nobody can use any more: what expired drafts hold, drafts that expired a
    /// month ago, uploads that no release has named for a week, and in `once/` what is over. What was purged and is
    /// there still goes, too.
    pub async fn sweep_staging(&self) -> Result<(), RepoError> {
        self.sweep_purged().await?;
        self.sweep_uploads().await?;
        self.sweep_incoming().await?;
        self.sweep_once().await?;
        let now = self.now();
        for (of, records) in drafts(self.store()).await? {
            let opened: Option<Opened> = self.opened(&of).await?;
            let Some(expires) = opened.map(|o| o.expires) else {
                // It was discarded, and this is left of it.
                if !records.contains(&DraftRecord::Opened) {
                    self.forget(&of).await?;
                }
                continue;
            };
            if expires.unix_seconds() + REMEMBERED_SECONDS < now.unix_seconds() {
                self.forget(&of).await?;
            } else if expires < now && !records.contains(&DraftRecord::Closed) {
                for key in self.addition_keys(&of).await? {
                    self.store().unstage(&key).await?;
                }
            }
        }
        Ok(())
    }

    /// The bytes that drafts hold, and uploads that wait for their release: somebody may publish them any moment.
    pub(crate) async fn staged_blobs(&self) -> Result<BTreeSet<Digest>, RepoError> {
        let mut held = BTreeSet::new();
        for key in self.store().list_staged(Staging::Uploads).await? {
            if let StagingKey::Upload(_, digest) = key {
                held.insert(digest);
            }
        }
        for (of, records) in drafts(self.store()).await? {
            if records.contains(&DraftRecord::Receipt) {
                continue;
            }
            for key in self.addition_keys(&of).await? {
                let record = self.store().staged(&key).await?;
                // One that cannot be read holds nothing that could be published.
                let named = record.and_then(|record| super::named_by(&key, &record).ok());
                held.extend(named.into_iter().flatten().map(|(blob, _)| blob.digest));
            }
        }
        Ok(held)
    }

    /// Deletes all records of a draft; the one that says that it exists goes before the one that keeps others out.
    pub(super) async fn forget(&self, of: &DraftOf) -> Result<(), RepoError> {
        for key in self.addition_keys(of).await? {
            self.store().unstage(&key).await?;
        }
        for record in [DraftRecord::Opened, DraftRecord::Receipt, DraftRecord::Closed] {
            self.store().unstage(&of.key(record)).await?;
        }
        Ok(())
    }
}

/// Opens the drafts again that a process was committing when it died. Only for who knows that nobody else is at work.
pub async fn release_orphans(store: &Store) -> Result<(), RepoError> {
    for (of, records) in drafts(store).await? {
        if records.contains(&DraftRecord::Closed) && !records.contains(&DraftRecord::Receipt) {
            tracing::info!(draft = %of.draft, "draft `{}` is open again: its commit was interrupted", of.draft);
            store.unstage(&of.key(DraftRecord::Closed)).await?;
        }
    }
    Ok(())
}

async fn drafts(store: &Store) -> Result<BTreeMap<DraftOf, BTreeSet<DraftRecord>>, RepoError> {
    let mut all: BTreeMap<DraftOf, BTreeSet<DraftRecord>> = BTreeMap::new();
    for key in store.list_staged(Staging::Drafts).await? {
        if let StagingKey::Draft(channel, draft, record) = key {
            all.entry(DraftOf { channel, draft }).or_default().insert(record);
        }
    }
    Ok(all)
}
