//! Records outside the history: uploads that wait for a release, and drafts. Each is put if absent, and may be deleted;
//! none is ever overwritten. What they say has not happened: a revision knows nothing of them.

use crate::{
    Staging, StagingKey, Store, StoreError,
    retry::{Backoff, answered},
    seal::{Sealed, seal},
    store::{absent_is_none, nobody_won},
};
use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::{ObjectStore as _, ObjectStoreExt as _, PutMode, path::Path};
use std::fmt::Display;

/// Whether an object of the store is a record outside the history, by the directory that it is in.
pub fn is_record(path: &str) -> bool {
    matches!(path.split('/').next(), Some("staging" | "once" | "upstream"))
}

/// Whose record it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staged {
    /// Ours: it was absent, or has our bytes.
    Ours,
    /// It was there before, with these bytes.
    Theirs(Bytes),
}

impl Store {
    /// Puts a record, unless there is one. Who must know that a record is theirs and not another's puts something
    /// random into it: equal bytes are taken for the echo of a put whose answer was lost.
    pub async fn stage(&self, key: &StagingKey, bytes: Bytes) -> Result<Staged, StoreError> {
        self.put_record(key, &key.path(), bytes).await
    }

    /// A record, if it is there.
    pub async fn staged(&self, key: &StagingKey) -> Result<Option<Bytes>, StoreError> {
        self.record(key, &key.path()).await
    }

    /// Whether a record is there.
    pub async fn is_staged(&self, key: &StagingKey) -> Result<bool, StoreError> {
        let path = key.path();
        let head = answered("look up", key, || self.objects.head(&path)).await;
        Ok(absent_is_none(head)?.is_some())
    }

    /// The keys of some records, sorted.
    pub async fn list_staged(&self, of: Staging<'_>) -> Result<Vec<StagingKey>, StoreError> {
        self.list_records(&of, StagingKey::parse).await
    }

    /// Deletes a record; one that is not there is deleted already.
    pub async fn unstage(&self, key: &StagingKey) -> Result<(), StoreError> {
        self.delete_record(key, &key.path()).await
    }

    pub(crate) async fn put_record(
        &self,
        key: &impl Display,
        path: &Path,
        bytes: Bytes,
    ) -> Result<Staged, StoreError> {
        use object_store::Error as E;
        let mut backoff = Backoff::new();
        let sealed = seal(&bytes);
        loop {
            let put = self
                .objects
                .put_opts(path, sealed.clone().into(), PutMode::Create.into());
            match put.await {
                Ok(_) => return Ok(Staged::Ours),
                Err(E::AlreadyExists { .. } | E::Precondition { .. }) => {
                    match self.record(key, path).await? {
                        Some(stored) if stored == bytes => return Ok(Staged::Ours),
                        Some(stored) => return Ok(Staged::Theirs(stored)),
                        None => backoff.pause(nobody_won(key)).await?,
                    }
                }
                Err(e) => backoff.pause(StoreError::from_store("write", key, &e)).await?,
            }
        }
    }

    pub(crate) async fn record(&self, key: &impl Display, path: &Path) -> Result<Option<Bytes>, StoreError> {
        let read = || async { self.objects.get(path).await?.bytes().await };
        Ok(absent_is_none(answered("read", key, read).await)?.map(Sealed::record))
    }

    pub(crate) async fn list_records<K: Ord>(
        &self,
        of: &impl Display,
        parse: fn(&str) -> Option<K>,
    ) -> Result<Vec<K>, StoreError> {
        let prefix = Path::from(of.to_string());
        let list = || {
            self.objects
                .list(Some(&prefix))
                .try_filter_map(|o| async move { Ok(parse(o.location.as_ref())) })
                .try_collect()
        };
        let mut keys: Vec<K> = answered("list", of, list).await?;
        keys.sort_unstable();
        Ok(keys)
    }

    pub(crate) async fn delete_record(&self, key: &impl Display, path: &Path) -> Result<(), StoreError> {
        let deleted = answered("delete", key, || self.objects.delete(path)).await;
        absent_is_none(deleted).map(drop)
    }
}
