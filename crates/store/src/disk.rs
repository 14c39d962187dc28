//! What a local disk needs beyond `object_store`: taking in a file by a link, fsync of directories, and sweeping the
//! `name#N` staging files that a crash leaves behind.

use crate::{
    Key, StoreError,
    blobs::check_size,
    syncing::{Syncing, same_file_system},
};
use packyard_types::{Blob, Digest};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The directory that a local store lies in.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    root: Arc<Path>,
    syncing: Syncing,
    /// The directories of blobs, by the two bytes that name them, of which this process knows that they are entered durably:
    /// one that is there may be the work of a process that was killed before it came to its sync.
    durable: Arc<Mutex<BTreeSet<[u8; 4]>>>,
}

/// How a file came into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linked {
    /// The blob is in place and on the disk.
    Done,
    /// The file is on another file system, or this one knows no links.
    MustCopy,
}

impl Disk {
    /// Makes the directory where it is missing.
    pub(crate) async fn open(root: &Path) -> Result<Self, StoreError> {
        let root: Arc<Path> = root.into();
        let made = root.clone();
        blocking(move || make_dir(&made).map_err(|e| StoreError::from_file("make", &made, &e))).await?;
        let syncing = Syncing::new(root.clone());
        let durable = Arc::default();
        let this = Self {
            root,
            syncing,
            durable,
        };
        this.settle_all().await?;
        Ok(this)
    }

    /// Makes durable what a process that was killed may have entered and not synced: the names of directories, of the
    /// newest entry, of `meta.json`. From here on it is shown, so it must stay. The rest is synced when it is met.
    async fn settle_all(&self) -> Result<(), StoreError> {
        let data = parent(&self.root).to_owned();
        let above = parent(&data).to_owned();
        let inside = ["log", "blobs", "blobs/sha256"].map(|dir| self.root.join(dir));
        let all = [self.root.to_path_buf(), data].into_iter().chain(inside);
        // Who may use a directory need not be allowed to open the one that it lies in.
        let above = File::open(&above).is_ok().then_some(above);
        let there = all.chain(above).filter(|dir| dir.is_dir());
        self.syncing.sync(there.collect()).await
    }

    /// Removes what writes that a crash cut off have left. Nobody else may be writing.
    pub(crate) async fn sweep(&self) -> Result<(), StoreError> {
        let root = self.root.clone();
        blocking(move || sweep(&root).map_err(|e| StoreError::from_file("sweep", &root, &e))).await
    }

    /// Where it is.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where an object lies.
    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.to_string())
    }

    /// Links `file` into its place: sync the file, link it, sync the directories. Many callers at once share the syncs.
    ///
    /// The place may be taken already, by the same bytes; bytes of another length there are damage, and make room.
    pub(crate) async fn link(&self, blob: Blob, file: &Path) -> Result<Linked, StoreError> {
        let (file, key) = (file.to_owned(), Key::Blob(blob.digest));
        let failed = move |e: io::Error| StoreError::from_io("write", &key, &e);
        let place = self.path(&key);
        let (root, at, source) = (self.root.clone(), place.clone(), file.clone());
        let look = blocking(move || Looked::at(&root, blob, &source, &at));
        let mut also = None;
        match look.await? {
            // Should it be deleted at this moment, the link is made after all, to a file that was not synced.
            Looked::There => also = Some(file.clone()),
            // A name must not appear before the bytes are on the disk: a torn blob would be believed later.
            Looked::Absent { elsewhere: false } => self.syncing.sync(vec![file.clone()]).await?,
            Looked::Absent { elsewhere: true } => return Ok(Linked::MustCopy),
        }
        match blocking(move || link(&file, &place).map_err(failed)).await? {
            Some(mut changed) => {
                changed.extend(also);
                self.settle_blob(blob.digest, changed).await?;
                Ok(Linked::Done)
            }
            None => Ok(Linked::MustCopy),
        }
    }

    /// Makes these directories durable; when the blob is the first one of its directory that this process meets, that
    /// directory itself, too.
    pub(crate) async fn settle_blob(
        &self,
        digest: Digest,
        mut changed: Vec<PathBuf>,
    ) -> Result<(), StoreError> {
        let mut shard = [0; 4];
        shard.copy_from_slice(&digest.to_string().as_bytes()[..4]);
        let known = || self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if !known().contains(&shard) {
            let place = self.path(&Key::Blob(digest));
            for dir in parent(&place).ancestors().skip(1).take(2) {
                if !changed.iter().any(|c| c == dir) {
                    changed.push(dir.to_owned());
                }
            }
        }
        if !changed.is_empty() {
            self.syncing.sync(changed).await?;
            known().insert(shard);
        }
        Ok(())
    }

    /// Makes sure that an object that is there stays there: whoever put it may have crashed before syncing its directory.
    pub(crate) async fn settle(&self, key: Key) -> Result<(), StoreError> {
        self.syncing.sync(vec![parent(&self.path(&key)).to_owned()]).await
    }

    /// Which of these blobs are not there.
    pub(crate) async fn missing(&self, digests: Vec<Digest>) -> Result<Vec<Digest>, StoreError> {
        let this = self.clone();
        blocking(move || {
            let there = |d: &Digest| this.path(&Key::Blob(*d)).exists();
            Ok(digests.into_iter().filter(|d| !there(d)).collect())
        })
        .await
    }
}

/// What there is before a link is made.
enum Looked {
    /// The place is taken by a file of the right length.
    There,
    /// It is free.
    Absent {
        /// The file that shall go there is on another file system.
        elsewhere: bool,
    },
}

impl Looked {
    fn at(root: &Path, blob: Blob, file: &Path, place: &Path) -> Result<Self, StoreError> {
        let key = Key::Blob(blob.digest);
        let meta = fs::metadata(file).map_err(|e| StoreError::from_file("read", file, &e))?;
        check_size(&key, blob.size_bytes, meta.len())?;
        let elsewhere = !same_file_system(root, &meta);
        match fs::metadata(place) {
            Ok(there) if there.len() == blob.size_bytes => {
                put_again(place);
                Ok(Self::There)
            }
            Ok(there) => {
                let (is, should) = (there.len(), blob.size_bytes);
                tracing::warn!("replacing `{key}`, which is damaged: it has {is} bytes, not {should}");
                fs::remove_file(place).map_err(|e| StoreError::from_io("replace", &key, &e))?;
                Ok(Self::Absent { elsewhere })
            }
            Err(_) => Ok(Self::Absent { elsewhere }),
        }
    }
}

/// Notes that a blob was put again, so that it counts as young. Where that cannot be noted, it is as old as it was.
pub(crate) fn put_again(place: &Path) {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let both = Timestamps {
        last_access: now,
        last_modification: now,
    };
    let _ = utimensat(CWD, place, &both, AtFlags::empty());
}

/// Runs what blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|e| match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(cancelled) => Err(StoreError::Unavailable {
                operation: "use",
                object: "store".to_owned(),
                reason: cancelled.to_string(),
            }),
        })
}

/// The directories that a link changed, which are not synced yet; none where the file must be copied.
fn link(file: &Path, place: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    use io::ErrorKind as K;
    let mut changed = vec![parent(place).to_owned()];
    let mut linked = fs::hard_link(file, place);
    if matches!(&linked, Err(e) if e.kind() == K::NotFound) {
        make_dirs(parent(place), &mut changed)?;
        linked = fs::hard_link(file, place);
    }
    match linked {
        Ok(()) => Ok(Some(changed)),
        Err(e) if e.kind() == K::AlreadyExists => Ok(Some(changed)),
        Err(e)
            if matches!(
                e.kind(),
                K::CrossesDevices | K::Unsupported | K::PermissionDenied | K::TooManyLinks
            ) =>
        {
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// Makes a directory and those above it, and says which directories must be synced for it to stay. One that another
/// makes at the same moment is named too: the other may not have come to its sync.
fn make_dirs(dir: &Path, changed: &mut Vec<PathBuf>) -> io::Result<()> {
    match fs::create_dir(dir) {
        Ok(()) => {}
        Err(_) if dir.is_dir() => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound && dir.parent().is_some() => {
            make_dirs(parent(dir), changed)?;
            return make_dirs(dir, changed);
        }
        Err(e) => return Err(e),
    }
    changed.push(parent(dir).to_owned());
    Ok(())
}

/// Makes a directory and those above it; each is entered durably into the one that holds it.
fn make_dir(dir: &Path) -> io::Result<()> {
    match fs::create_dir(dir) {
        Ok(()) => sync_parent(dir),
        Err(_) if dir.is_dir() => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound && dir.parent().is_some() => {
            make_dir(parent(dir))?;
            make_dir(dir)
        }
        Err(e) => Err(e),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent(path))?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    }
}

/// Removes the staging files of writes that a crash cut off. They are not objects: `object_store` hides them.
fn sweep(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sweep(&entry.path())?;
        } else if is_staging(&entry.file_name().to_string_lossy()) {
            tracing::info!(
                "removing `{}`, left by an interrupted write",
                entry.path().display()
            );
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `object_store` writes to `name#N` first.
fn is_staging(name: &str) -> bool {
    name.rsplit_once('#')
        .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use bytes::Bytes;
    use packyard_types::{Revision, TxnId};

    /// The directories that were synced, as paths below the data directory.
    fn synced(store: &Store, data: &Path) -> BTreeSet<PathBuf> {
        let disk = store.disk.as_ref().unwrap();
        let asked = std::mem::take(&mut *disk.syncing.asked.lock().unwrap());
        let below = asked.iter().filter_map(|path| path.strip_prefix(data).ok());
        below.map(Path::to_owned).collect()
    }

    #[tokio::test]
    async fn what_a_killed_process_has_made_and_not_synced_is_synced_before_it_is_built_on() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path();
        let blob = Blob::of(b"package");
        let hex = blob.digest.to_string();
        let shard = PathBuf::from(format!("store/blobs/sha256/{}/{}", &hex[..2], &hex[2..4]));
        fs::create_dir_all(data.join(&shard)).unwrap();
        fs::create_dir_all(data.join("store/log")).unwrap();

        let store = Store::open_local(data).await.unwrap();
        let opened = synced(&store, data);
        for path in ["", "store", "store/log", "store/blobs", "store/blobs/sha256"] {
            assert!(opened.contains(Path::new(path)), "`{path}` is not in {opened:?}");
        }

        let file = data.join("upload");
        fs::write(&file, "package").unwrap();
        store.put_blob_file(blob, &file).await.unwrap();
        let linked = synced(&store, data);
        for path in shard.ancestors().take(3) {
            assert!(linked.contains(path), "{path:?} is not in {linked:?}");
        }
        // Once is enough.
        fs::remove_file(data.join(&shard).join(&hex)).unwrap();
        store.put_blob_file(blob, &file).await.unwrap();
        let again = synced(&store, data);
        assert!(
            again.contains(&*shard) && !again.contains(shard.parent().unwrap()),
            "{again:?}"
        );
    }

    #[tokio::test]
    async fn an_entry_that_is_there_already_is_synced_before_it_is_called_ours() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open_local(dir.path()).await.unwrap();
        let txn = TxnId::from_random(1);
        let bytes = Bytes::from(format!("{{\"txn\":\"{txn}\"}}"));
        store.append(Revision(1), &txn, bytes.clone()).await.unwrap();
        synced(&store, dir.path());
        store.append(Revision(1), &txn, bytes).await.unwrap();
        assert!(synced(&store, dir.path()).contains(Path::new("store/log")));
    }
}
