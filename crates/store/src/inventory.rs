//! Every object of a store by its path, whatever it is: for who checks it, copies it or mends it.
//!
//! Mending is the one exception from "no object is ever overwritten with other bytes": what is overwritten has been shown
//! to be damaged, and what takes its place has the digest that the log names.

use crate::{Key, Store, StoreError, disk::blocking, retry::answered, store::absent_is_none};
use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::{ObjectStore as _, ObjectStoreExt as _, path::Path as ObjectPath};
use packyard_types::{Digest, Timestamp};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

impl Store {
    /// The paths of all objects, each with its length. What an interrupted write has left is none.
    pub async fn inventory(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let list = || {
            self.objects
                .list(None)
                .map_ok(|o| (o.location.to_string(), o.size))
                .try_collect()
        };
        answered("list", &"the store", list).await
    }

    /// The blobs that nobody has put, or put again, since a time, with their lengths. Only on a local disk, where a request
    /// that was given up is over: elsewhere one may be on its way, and every blob counts as young.
    pub async fn old_blobs(&self, since: Timestamp) -> Result<BTreeMap<Digest, u64>, StoreError> {
        if self.disk.is_none() {
            return Ok(BTreeMap::new());
        }
        let prefix = ObjectPath::from(Key::BLOBS);
        let list = || {
            self.objects
                .list(Some(&prefix))
                .try_filter_map(|o| async move {
                    let is_old = o.last_modified.timestamp() < since.unix_seconds();
                    Ok(match Key::parse(o.location.as_ref()) {
                        Some(Key::Blob(digest)) if is_old => Some((digest, o.size)),
                        _ => None,
                    })
                })
                .try_collect()
        };
        answered("list", &"the blobs", list).await
    }

    /// Whether a blob is there and is one of [`Store::old_blobs`].
    pub async fn is_old_blob(&self, digest: &Digest, since: Timestamp) -> Result<bool, StoreError> {
        let key = Key::Blob(*digest);
        let path = key.path();
        let head = absent_is_none(answered("look up", &key, || self.objects.head(&path)).await)?;
        let is_old = head.is_some_and(|o| o.last_modified.timestamp() < since.unix_seconds());
        Ok(self.disk.is_some() && is_old)
    }

    /// The bytes of an object, if it is there.
    pub async fn object(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        let at = ObjectPath::from(path);
        let read = || async { self.objects.get(&at).await?.bytes().await };
        absent_is_none(answered("read", &path, read).await)
    }

    /// Where an object lies on a local disk.
    pub fn local_object_path(&self, path: &str) -> Option<PathBuf> {
        self.disk.as_ref().map(|disk| disk.root().join(path))
    }

    /// How many bytes the local disk has left, and how many it has; none where nobody can say.
    pub fn room(&self) -> Option<(u64, u64)> {
        let there = rustix::fs::statvfs(self.disk.as_ref()?.root()).ok()?;
        Some((there.f_bavail * there.f_frsize, there.f_blocks * there.f_frsize))
    }

    /// Puts a file in the place of an object that is missing or damaged, whole or not at all, and durably. The file, which
    /// the caller has checked, must lie on the same file system, and is gone afterwards. Only on a local disk.
    pub async fn mend(&self, path: &str, file: &Path) -> Result<(), StoreError> {
        let denied = || StoreError::Denied {
            operation: "mend",
            object: path.to_owned(),
            reason: "only a store on a local disk can be mended".to_owned(),
        };
        let place = self.local_object_path(path).ok_or_else(denied)?;
        let file = file.to_owned();
        blocking(move || install(&file, &place).map_err(|e| StoreError::from_file("mend", &place, &e))).await
    }
}

fn install(file: &Path, place: &Path) -> io::Result<()> {
    let dir = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    File::open(file)?.sync_all()?;
    fs::rename(file, place)?;
    // New directories are entered into those above them, up to the store's own.
    for above in dir.ancestors().take(4) {
        if above.as_os_str().is_empty() {
            break;
        }
        File::open(above)?.sync_all()?;
    }
    Ok(())
}
