//! Taking bytes in and collecting them keep out of each other's way, over all processes on the data directory: `gc.lock`,
//! behind `gc.gate`.

use crate::{RepoError, Yard, data_dir::Lock, yard::blocking};
use packyard_store::StoreError;
use packyard_types::Blob;
use std::{path::Path, time::Duration};

/// How long those who are taking bytes in may need to come to an end.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// Who waited to take bytes in has a turn.
pub(super) async fn let_in() {
    tokio::time::sleep(PAUSE).await;
}

impl Yard {
    /// Keeps the collector out: while bytes are put, and until a record says what for.
    pub(crate) async fn taking_in(&self) -> Result<Lock, RepoError> {
        let dir = self.dir().clone();
        blocking(move || dir.lock_for_taking_in()).await
    }

    /// Puts bytes that are named a moment later.
    pub(crate) async fn put_taken(&self, blob: Blob, file: &Path) -> Result<(), RepoError> {
        let _whole = self.taking_in().await?;
        Ok(self.store().put_blob_file(blob, file).await?)
    }

    /// Waits until nobody is taking bytes in.
    pub(super) async fn collecting(&self) -> Result<[Lock; 2], RepoError> {
        let dir = self.dir().clone();
        let gate = blocking(move || dir.lock_gate()).await?;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(lock) = self.dir().lock_for_collecting()? {
                return Ok([gate, lock]);
            }
            if waited >= PATIENCE {
                return Err(RepoError::Store(StoreError::Unavailable {
                    operation: "collect from",
                    object: "the store".to_owned(),
                    reason: format!("an upload has been at it for {} s", PATIENCE.as_secs()),
                }));
            }
            tokio::time::sleep(PAUSE).await;
            waited += PAUSE;
        }
    }
}
