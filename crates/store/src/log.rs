//! The log: numbered, immutable entries, each created only where there is none.
//!
//! Putting entry N *is* the commit. The rules, each bought with a real failure:
//!
//! 1. "already exists" may be the echo of our own put whose answer was lost: read the entry, and compare the
//!    transaction id before calling it a conflict.
//! 2. "already exists" and then 404 means that nobody won. After that, as after a time-out or a 5xx, the same number
//!    and the same bytes again; never N+1 while N is unknown.

use crate::{
    Key, Store, StoreError,
    retry::Backoff,
    store::{Created, nobody_won},
};
use bytes::Bytes;
use packyard_types::{Revision, TxnId};
use serde::Deserialize;

/// Whose entry N is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// Ours: committed.
    Ours,
    /// Another writer's, with these bytes: apply it, validate again, and try the next number.
    Theirs(Bytes),
}

impl Store {
    /// Commits `bytes` as entry `n`, unless another writer has.
    ///
    /// `bytes` is a JSON object with `txn` as its member `"txn"`, and N-1 is the last entry that the caller has applied.
    /// After an error it is unknown whether the entry was written: the caller must not reuse `txn`, and finds out by
    /// reading entry `n` or by appending at `n` again, which then answers with what was written before.
    pub async fn append(&self, n: Revision, txn: &TxnId, bytes: Bytes) -> Result<Appended, StoreError> {
        let key = Key::Log(n);
        let mut backoff = Backoff::new();
        loop {
            match self.create(&key, bytes.clone()).await {
                Ok(Created::Now) => return Ok(Appended::Ours),
                Ok(Created::Before) => match self.get(&key).await? {
                    Some(stored) => {
                        let whose = whose(&key, txn, &bytes, stored)?;
                        self.settle_log().await?;
                        return Ok(whose);
                    }
                    None => backoff.pause(nobody_won(&key)).await?,
                },
                Err(e) => backoff.pause(e).await?,
            }
        }
    }

    /// Makes sure that the entries that are there stay there: whoever put the last one may have been killed before it synced
    /// the directory, and what is shown of it now must not be gone after a power cut.
    pub async fn settle_log(&self) -> Result<(), StoreError> {
        match &self.disk {
            Some(disk) => disk.settle(Key::Log(Revision(1))).await,
            None => Ok(()),
        }
    }

    /// Entry `n`, if it has been written.
    pub async fn log_entry(&self, n: Revision) -> Result<Option<Bytes>, StoreError> {
        self.get(&Key::Log(n)).await
    }

    /// The number of the last entry; 0 when there is none. Lists the log, so it is for start-up only.
    ///
    /// A gap is reported as damage: numbers are consecutive, and entries are never deleted.
    pub async fn log_head(&self) -> Result<Revision, StoreError> {
        let mut numbers: Vec<_> = self
            .list(Key::LOG)
            .await?
            .into_iter()
            .filter_map(|key| match key {
                Key::Log(n) => Some(n),
                _ => None,
            })
            .collect();
        numbers.sort_unstable();
        let mut head = Revision(0);
        for n in numbers {
            if n != head.next() {
                return Err(StoreError::damaged(
                    &Key::Log(head.next()),
                    format!("it is missing, but entry {n} exists"),
                ));
            }
            head = n;
        }
        // A list may lag behind; a read does not.
        while self.size(&Key::Log(head.next())).await?.is_some() {
            head = head.next();
        }
        Ok(head)
    }
}

fn whose(key: &Key, txn: &TxnId, ours: &Bytes, stored: Bytes) -> Result<Appended, StoreError> {
    /// What every entry, of whatever version, has.
    #[derive(Deserialize)]
    struct Entry {
        txn: TxnId,
    }
    if stored == *ours {
        return Ok(Appended::Ours);
    }
    let entry: Entry =
        serde_json::from_slice(&stored).map_err(|e| StoreError::damaged(key, e.to_string()))?;
    if entry.txn == *txn {
        return Err(StoreError::damaged(
            key,
            format!("transaction {txn} has written other bytes there before"),
        ));
    }
    Ok(Appended::Theirs(stored))
}
