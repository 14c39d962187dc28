//! The store itself, and what it says about itself.

use crate::{Key, StoreError, disk::Disk, retry::Backoff, retry::answered};
use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, local::LocalFileSystem, memory::InMemory};
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};

/// The store format that this version makes, `format` in `meta.json`. A greater one is refused.
pub const META_FORMAT: u32 = 1;

/// What `meta.json` says. Written once, when the store is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The layout of the store: [`META_FORMAT`].
    pub format: u32,
    /// The id of the yard, so that two yards are never mixed up.
    pub yard: String,
}

impl Meta {
    /// As it is written: with a check of what it says, since nothing else in the store knows it.
    fn as_bytes(&self) -> Vec<u8> {
        let plain = serde_json::to_vec(self).expect("a number and a string are JSON");
        let check = &packyard_types::Digest::of(&plain).to_string()[..16];
        let mut bytes = plain[..plain.len() - 1].to_vec();
        bytes.extend(format!(",\"check\":\"{check}\"}}").into_bytes());
        bytes
    }

    /// Whether these are the bytes that a version of packyard wrote; older ones wrote no check.
    pub fn is_as_written(bytes: &[u8]) -> bool {
        let plain = |meta: &Self| serde_json::to_vec(meta).expect("a number and a string are JSON");
        parse_meta(bytes).is_ok_and(|meta| bytes == meta.as_bytes() || bytes == plain(&meta))
    }
}

/// Blobs and the log of one yard.
///
/// - Cloning is cheap; clones are the same store.
/// - What a write reports as done survives a crash.
/// - Only create-if-absent is used on the log, never compare-and-update.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) disk: Option<Disk>,
}

/// What a put-if-absent found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Created {
    /// It was absent, and is now ours.
    Now,
    /// The store says that something is there. It may be ours (rule 1), or nothing (rule 2).
    Before,
}

impl Store {
    /// The store in `DIR/store/`, made where it is missing. A put is on the disk, with its directory, when it returns.
    pub async fn open_local(dir: &Path) -> Result<Self, StoreError> {
        let disk = Disk::open(&dir.join("store")).await?;
        let objects = LocalFileSystem::new_with_prefix(disk.root())
            .map_err(|e| StoreError::from_store("open", &Key::Meta, &e))?
            .with_fsync(true);
        Ok(Self {
            objects: Arc::new(objects),
            disk: Some(disk),
        })
    }

    /// Removes what interrupted writes have left on a local disk. Only for who knows that nobody else is writing.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        match &self.disk {
            Some(disk) => disk.sweep().await,
            None => Ok(()),
        }
    }

    /// What the store says about itself; none where it is new.
    pub async fn meta(&self) -> Result<Option<Meta>, StoreError> {
        self.get(&Key::Meta)
            .await?
            .map(|bytes| parse_meta(&bytes))
            .transpose()
    }

    /// A store in memory, for tests.
    pub fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }

    /// A store over anything that `object_store` speaks.
    pub fn over(object_store: Arc<dyn ObjectStore>) -> Self {
        Self {
            objects: object_store,
            disk: None,
        }
    }

    /// What the store says about itself; `fresh` where it is new.
    pub async fn meta_or_create(&self, fresh: Meta) -> Result<Meta, StoreError> {
        let ours = Bytes::from(fresh.as_bytes());
        let mut backoff = Backoff::new();
        loop {
            if let Some(bytes) = self.get(&Key::Meta).await? {
                return parse_meta(&bytes);
            }
            match self.create(&Key::Meta, ours.clone()).await {
                Ok(Created::Now) => return Ok(fresh),
                Ok(Created::Before) => backoff.pause(nobody_won(&Key::Meta)).await?,
                Err(e) => backoff.pause(e).await?,
            }
        }
    }

    /// Puts if absent, once. A transient error leaves open whether it took place.
    pub(crate) async fn create(&self, key: &Key, bytes: Bytes) -> Result<Created, StoreError> {
        let (path, mode) = (key.path(), PutMode::Create.into());
        match self.objects.put_opts(&path, bytes.into(), mode).await {
            Ok(_) => Ok(Created::Now),
            // Some stores answer 412 as a failed precondition.
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                Ok(Created::Before)
            }
            Err(e) => Err(StoreError::from_store("write", key, &e)),
        }
    }

    /// The whole object, if it is there.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Bytes>, StoreError> {
        let path = key.path();
        let read = answered("read", key, || async {
            self.objects.get(&path).await?.bytes().await
        })
        .await;
        absent_is_none(read)
    }

    /// Removes an object; one that is not there is removed already.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let path = key.path();
        let removed = answered("delete", key, || async {
            match self.objects.delete(&path).await {
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                other => other,
            }
        });
        removed.await?;
        if let Some(disk) = &self.disk {
            match disk.settle(*key).await {
                // Where nothing of the kind was ever stored, there is no directory to sync.
                Err(StoreError::NotFound { .. }) | Ok(()) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// The size of the object, if it is there.
    pub(crate) async fn size(&self, key: &Key) -> Result<Option<u64>, StoreError> {
        let path = key.path();
        let head = answered("look up", key, || self.objects.head(&path)).await;
        absent_is_none(head.map(|meta| meta.size))
    }
}

/// Rule 2: "already exists", and then it is not there.
pub(crate) fn nobody_won(key: &impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable {
        operation: "write",
        object: key.to_string(),
        reason: "it answers that the object exists, and then that it does not".to_owned(),
    }
}

pub(crate) fn absent_is_none<T>(result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(e) if e.is_not_found() => Ok(None),
        Err(e) => Err(e),
    }
}

fn parse_meta(bytes: &[u8]) -> Result<Meta, StoreError> {
    /// What every format, however new, has.
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let damaged = |e: serde_json::Error| StoreError::damaged(&Key::Meta, e.to_string());
    let Format { format } = serde_json::from_slice(bytes).map_err(damaged)?;
    if format > META_FORMAT {
        return Err(StoreError::newer(format));
    }
    serde_json::from_slice(bytes).map_err(damaged)
}
