//! What a local disk needs beyond `object_store`: taking in a file by a link, fsync of directories, and sweeping the
//! `name#N` staging files that a crash leaves behind.

use crate::{Key, StoreError};
use packyard_types::Blob;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The directory that a local store lies in.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    root: Arc<Path>,
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
        Ok(Self { root })
    }

    /// Removes what writes that a crash cut off have left. Nobody else may be writing.
    pub(crate) async fn sweep(&self) -> Result<(), StoreError> {
        let root = self.root.clone();
        blocking(move || sweep(&root).map_err(|e| StoreError::from_file("sweep", &root, &e))).await
    }

    /// Removes an object whose bytes cannot be what its name promises, so that the right ones can take its place.
    pub(crate) async fn discard(&self, key: Key) -> Result<(), StoreError> {
        let place = self.path(&key);
        blocking(move || fs::remove_file(&place).map_err(|e| StoreError::from_io("replace", &key, &e))).await
    }

    /// Where it is.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where an object lies.
    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.to_string())
    }

    /// Links `file` into its place: fsync, link, fsync of the directory. Its place may be taken already.
    pub(crate) async fn link(&self, blob: Blob, file: &Path) -> Result<Linked, StoreError> {
        let (file, key) = (file.to_owned(), Key::Blob(blob.digest));
        let place = self.path(&key);
        blocking(move || link(&file, &place).map_err(|e| StoreError::from_io("write", &key, &e))).await
    }

    /// Makes sure that an object that is there stays there: whoever put it may have crashed before syncing its directory.
    pub(crate) async fn settle(&self, key: Key) -> Result<(), StoreError> {
        let place = self.path(&key);
        blocking(move || sync_parent(&place).map_err(|e| StoreError::from_io("sync", &key, &e))).await
    }
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

fn link(file: &Path, place: &Path) -> io::Result<Linked> {
    use io::ErrorKind as K;
    File::open(file)?.sync_all()?;
    make_dir(parent(place))?;
    match fs::hard_link(file, place) {
        Ok(()) => {}
        Err(e) if e.kind() == K::AlreadyExists => {}
        Err(e)
            if matches!(
                e.kind(),
                K::CrossesDevices | K::Unsupported | K::PermissionDenied | K::TooManyLinks
            ) =>
        {
            return Ok(Linked::MustCopy);
        }
        Err(e) => return Err(e),
    }
    sync_parent(place)?;
    Ok(Linked::Done)
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
