//! A site in a directory.

use super::{Found, SCRATCH, ServedAs, Site, is_ignored};
use crate::{StoreError, disk::blocking, syncing::Syncing};
use async_trait::async_trait;
use bytes::Bytes;
use packyard_types::{Blob, Hasher, ServedPath};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, FileTimes, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64, atomic::Ordering},
    time::{Duration, UNIX_EPOCH},
};

/// A directory that a web server shows.
///
/// - It is locked as long as this lives, so that two copies are not written into each other.
/// - A file is written beside its place and renamed; many are synced together.
#[derive(Debug, Clone)]
pub struct DirectorySite {
    root: Arc<Path>,
    scratch: Arc<Path>,
    /// New files, and directories with new entries, that are not synced yet.
    open: Arc<Mutex<BTreeSet<PathBuf>>>,
    syncing: Syncing,
    copies: Arc<AtomicU64>,
    _lock: Arc<File>,
}

impl DirectorySite {
    /// The site in a directory, which is made where it is missing.
    pub async fn open(root: &Path) -> Result<Self, StoreError> {
        let root = root.to_owned();
        blocking(move || {
            let failed = |e: io::Error| StoreError::from_file("use", &root, &e);
            fs::create_dir_all(&root).map_err(failed)?;
            let lock = File::open(&root).map_err(failed)?;
            lock.try_lock().map_err(|_| StoreError::Busy {
                place: root.display().to_string(),
            })?;
            Ok(Self {
                scratch: root.join(SCRATCH).into(),
                syncing: Syncing::new(root.as_path().into()),
                root: root.into(),
                open: Arc::default(),
                copies: Arc::default(),
                _lock: Arc::new(lock),
            })
        })
        .await
    }

    fn at(&self, path: &ServedPath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// Works on a file off the async threads, and names it in what goes wrong.
    async fn on<T: Send + 'static>(
        &self,
        operation: &'static str,
        path: &ServedPath,
        work: impl FnOnce(&Self, &Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (site, place) = (self.clone(), self.at(path));
        let inside = move || {
            site.stays_inside(&place)
                .and_then(|()| work(&site, &place))
                .map_err(|e| StoreError::from_file(operation, &place, &e))
        };
        blocking(inside).await
    }

    /// Refuses to go through a symbolic link: whoever could put one into the tree would decide where is written.
    fn stays_inside(&self, place: &Path) -> io::Result<()> {
        let mut dirs: Vec<&Path> = place
            .ancestors()
            .skip(1)
            .take_while(|d| **d != *self.root)
            .collect();
        dirs.reverse();
        for dir in dirs {
            match fs::symlink_metadata(dir) {
                Ok(meta) if meta.is_symlink() => {
                    let text = format!("`{}` is a symbolic link where a directory must be", dir.display());
                    return Err(io::Error::new(io::ErrorKind::NotADirectory, text));
                }
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn install(&self, file: &Path, place: &Path) -> io::Result<Found> {
        let new = File::options().write(true).open(file)?;
        let replaced = fs::symlink_metadata(place).ok();
        if let Some(old) = &replaced {
            // Web servers tell versions apart by size and whole second.
            let next = UNIX_EPOCH + Duration::from_secs(old.mtime().unsigned_abs() + 1);
            if next > new.metadata()?.modified()? {
                new.set_times(FileTimes::new().set_modified(next))?;
            }
        }
        // What takes another file's place must not be empty after a crash; a new one is synced with all others, before
        // anything names it.
        if replaced.is_some() {
            new.sync_all()?;
        }
        let dir = place.parent().unwrap_or(&self.root);
        self.make(dir)?;
        fs::rename(file, place)?;
        self.note(dir);
        if replaced.is_none() {
            self.note(place);
        }
        Ok(found(&fs::symlink_metadata(place)?))
    }

    fn make(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        let parent = dir.parent().unwrap_or(&self.root);
        self.make(parent)?;
        self.note(parent);
        match fs::create_dir(dir) {
            Err(_) if dir.is_dir() => Ok(()),
            made => made,
        }
    }

    /// Notes a file or a directory that is not synced yet.
    fn note(&self, path: &Path) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.contains(path) {
            open.insert(path.to_owned());
        }
    }
}

#[async_trait]
impl Site for DirectorySite {
    fn place(&self) -> String {
        self.root.display().to_string()
    }

    fn scratch(&self) -> &Path {
        &self.scratch
    }

    async fn begin(&self) -> Result<(), StoreError> {
        let scratch = self.scratch.clone();
        blocking(move || {
            let made = match fs::remove_dir_all(&scratch) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => fs::create_dir(&scratch),
            };
            made.map_err(|e| StoreError::from_file("make", &scratch, &e))
        })
        .await
    }

    async fn end(&self) -> Result<(), StoreError> {
        let scratch = self.scratch.clone();
        blocking(move || {
            fs::remove_dir_all(&scratch).map_err(|e| StoreError::from_file("remove", &scratch, &e))
        })
        .await
    }

    fn is_remote(&self) -> bool {
        false
    }

    async fn read(&self, path: &ServedPath) -> Result<Option<Bytes>, StoreError> {
        let read = |_: &Self, place: &Path| match fs::read(place) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(|bytes| Some(bytes.into())),
        };
        self.on("read", path, read).await
    }

    async fn list(&self) -> Result<BTreeMap<ServedPath, Found>, StoreError> {
        let root = self.root.clone();
        blocking(move || {
            let mut all = BTreeMap::new();
            walk(&root, "", &mut all).map_err(|e| StoreError::from_file("list", &root, &e))?;
            Ok(all)
        })
        .await
    }

    async fn hash(&self, path: &ServedPath) -> Result<Option<Blob>, StoreError> {
        let hash = |_: &Self, place: &Path| {
            let mut file = match File::open(place) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
                file => file?,
            };
            let mut hasher = Hasher::new();
            io::copy(&mut file, &mut hasher)?;
            Ok(Some(hasher.finish()))
        };
        self.on("read", path, hash).await
    }

    async fn put(&self, path: &ServedPath, file: &Path, _: &ServedAs) -> Result<Found, StoreError> {
        let file = file.to_owned();
        self.on("write", path, move |site, place| site.install(&file, place))
            .await
    }

    async fn copy(&self, from: &ServedPath, to: &ServedPath, _: &ServedAs) -> Result<Found, StoreError> {
        let from = self.at(from);
        let number = self.copies.fetch_add(1, Ordering::Relaxed);
        self.on("write", to, move |site, place| {
            let copy = site.scratch.join(format!("copy-{number}"));
            // Shares the blocks where the file system can.
            fs::copy(&from, &copy)?;
            site.install(&copy, place)
        })
        .await
    }

    async fn local(&self, path: &ServedPath) -> Result<PathBuf, StoreError> {
        Ok(self.at(path))
    }

    async fn remove(&self, path: &ServedPath) -> Result<(), StoreError> {
        self.on("remove", path, |site, place| {
            match fs::remove_file(place) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            for dir in place.ancestors().skip(1).take_while(|d| **d != *site.root) {
                // It fails where something is left in it, and that ends it.
                if fs::remove_dir(dir).is_err() {
                    break;
                }
            }
            Ok(())
        })
        .await
    }

    async fn settle(&self) -> Result<(), StoreError> {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        if open.is_empty() {
            return Ok(());
        }
        self.syncing.sync(open.into_iter().collect()).await
    }
}

fn found(meta: &Metadata) -> Found {
    Found {
        size_bytes: meta.len(),
        stamp: format!("{}.{:09}", meta.mtime(), meta.mtime_nsec()),
    }
}

/// Files and links; what has a name that no path of ours can have is none of ours.
fn walk(dir: &Path, below: &str, all: &mut BTreeMap<ServedPath, Found>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if below.is_empty() && is_ignored(&name) {
            continue;
        }
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &path, all)?;
        } else if let Ok(path) = ServedPath::parse(&path) {
            all.insert(path, found(&entry.metadata()?));
        }
    }
    Ok(())
}
