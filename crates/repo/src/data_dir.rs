//! A data directory: which file lies where, and its locks.
//!
//! ```text
//! DIR/store/          the log and the blobs (packyard-store)
//! DIR/keys/           private keys, mode 0600
//! DIR/index.sqlite    the index; may be deleted while nobody serves
//! DIR/tmp/            uploads under way; same file system as the store
//! DIR/admin.token     mode 0600; may be deleted: a new one is granted
//! DIR/last-use.json   when each token was last used, to the hour; may be deleted
//! DIR/serve.lock      held by the server
//! DIR/open.lock       held for a moment while a yard is founded
//! DIR/use.lock        shared by all processes that have the yard open
//! DIR/gc.gate         shared for a moment by who begins to take bytes in, held alone by who collects
//! DIR/gc.lock         shared while bytes are taken in, held alone while they are collected
//! ```

use crate::RepoError;
use std::{
    fs::{self, File, TryLockError},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Who takes bytes in passes the gate and is inside; who collects shuts it and waits until nobody is. So neither has to
/// wait for a pause of the others.
const GATE: &str = "gc.gate";
const INSIDE: &str = "gc.lock";

/// The paths of a data directory.
#[derive(Debug, Clone)]
pub struct DataDir {
    root: PathBuf,
}

/// A lock that is held as long as this lives; the system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataDir {
    /// A data directory at `root`; nothing is touched yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// The prefix of the store on disk.
    pub fn store(&self) -> PathBuf {
        self.root.join("store")
    }
    /// The private keys.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }
    /// The index.
    pub fn index(&self) -> PathBuf {
        self.root.join("index.sqlite")
    }
    /// Uploads under way.
    pub fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }
    /// The administrator's token.
    pub fn admin_token(&self) -> PathBuf {
        self.root.join("admin.token")
    }

    /// When each token was last used.
    pub fn last_use(&self) -> PathBuf {
        self.root.join("last-use.json")
    }

    /// Makes what is missing. Fails before anything is written where the directory cannot be.
    pub fn create(&self) -> Result<(), RepoError> {
        let mut private = fs::DirBuilder::new();
        private.recursive(true).mode(0o700);
        let outside = self.root.parent().map(Path::to_owned);
        for dir in outside.into_iter().filter(|dir| !dir.as_os_str().is_empty()) {
            fs::create_dir_all(&dir).map_err(|e| self.unusable(&dir, &e))?;
        }
        // What private channels hold is nobody else's on this machine. A directory that is there keeps its mode.
        for dir in [self.root.clone(), self.tmp(), self.store(), self.keys()] {
            private.create(&dir).map_err(|e| self.unusable(&dir, &e))?;
        }
        tempfile::tempfile_in(self.tmp()).map_err(|e| self.unusable(&self.tmp(), &e))?;
        Ok(())
    }

    /// Holds the yard alone, unless another process has it open.
    pub fn lock_alone(&self) -> Result<Option<Lock>, RepoError> {
        let path = self.root.join("use.lock");
        let file = self.lock_file(&path)?;
        Ok(file.try_lock().is_ok().then(|| Lock { _file: file }))
    }

    /// Removes uploads that dead processes left behind. Only for who holds the yard alone.
    pub fn sweep(&self) -> Result<(), RepoError> {
        let entries = fs::read_dir(self.tmp()).map_err(|e| self.unusable(&self.tmp(), &e))?;
        for entry in entries.flatten() {
            // What cannot be removed now is removed next time.
            let _ = fs::remove_file(entry.path());
        }
        Ok(())
    }

    /// Says that this process may have uploads under way, for as long as the lock lives.
    pub fn lock_for_use(&self) -> Result<Lock, RepoError> {
        let path = self.root.join("use.lock");
        let file = self.lock_file(&path)?;
        file.lock_shared().map_err(|e| self.unusable(&path, &e))?;
        Ok(Lock { _file: file })
    }

    /// Becomes the one server of this directory.
    pub fn lock_for_serving(&self) -> Result<Lock, RepoError> {
        let path = self.root.join("serve.lock");
        let mut file = self.lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => {
                // For people who look; the lock is what counts.
                let _ = file
                    .set_len(0)
                    .and_then(|()| writeln!(file, "{}", std::process::id()));
                Ok(Lock { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let reason = format!("another process serves it (pid {})", holder.trim());
                let hint = "publish to it with `packyard release PROJECT --data DIR`, stop it, or choose another directory \
                            with --data"
                    .to_owned();
                Err(RepoError::DataDir {
                    path: self.root.clone(),
                    reason,
                    hint,
                })
            }
            Err(TryLockError::Error(e)) => Err(self.unusable(&path, &e)),
        }
    }

    /// The process that serves the directory and writes to it, if there is one.
    pub fn server(&self) -> Option<u32> {
        let path = self.root.join("serve.lock");
        let file = File::open(&path).ok()?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => fs::read_to_string(&path).ok()?.trim().parse().ok(),
            _ => None,
        }
    }

    /// Waits for the lock under which a yard is founded.
    pub fn lock_for_opening(&self) -> Result<Lock, RepoError> {
        let path = self.root.join("open.lock");
        let file = self.lock_file(&path)?;
        file.lock().map_err(|e| self.unusable(&path, &e))?;
        Ok(Lock { _file: file })
    }

    /// Waits until nothing is collected, and keeps it so: while bytes are put, and until a record says what for.
    pub fn lock_for_taking_in(&self) -> Result<Lock, RepoError> {
        let gate = self.shared_lock(GATE)?;
        let lock = self.shared_lock(INSIDE)?;
        drop(gate);
        Ok(lock)
    }

    /// Keeps everybody else from beginning to take bytes in. One waits for it for a moment only.
    pub fn lock_gate(&self) -> Result<Lock, RepoError> {
        let (file, failed) = self.file_to_lock(GATE)?;
        file.lock().map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// Whether nobody is taking bytes in; for who holds the gate.
    pub fn lock_for_collecting(&self) -> Result<Option<Lock>, RepoError> {
        let (file, failed) = self.file_to_lock(INSIDE)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }

    fn shared_lock(&self, name: &str) -> Result<Lock, RepoError> {
        let (file, failed) = self.file_to_lock(name)?;
        file.lock_shared().map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// What is there is opened for reading only: so it is where nothing may be written.
    fn file_to_lock(
        &self,
        name: &str,
    ) -> Result<(File, impl FnOnce(std::io::Error) -> RepoError), RepoError> {
        let path = self.root.join(name);
        let failed = RepoError::io(format!("locking `{}`", path.display()));
        let file = match File::open(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let mut options = fs::OpenOptions::new();
                options.read(true).write(true).create(true).truncate(false);
                options.mode(0o600).open(&path)
            }
            opened => opened,
        };
        match file {
            Ok(file) => Ok((file, failed)),
            Err(e) => Err(failed(e)),
        }
    }

    /// Writes the administrator's token, mode 0600, all of it or nothing.
    pub fn write_admin_token(&self, token: &str) -> Result<(), RepoError> {
        let path = self.admin_token();
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::Builder::new().tempfile_in(&self.root)?;
            writeln!(file, "{token}")?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|e| self.unusable(&path, &e))
    }

    fn lock_file(&self, path: &Path) -> Result<File, RepoError> {
        let mut options = fs::OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        options.open(path).map_err(|e| self.unusable(path, &e))
    }

    fn unusable(&self, path: &Path, error: &std::io::Error) -> RepoError {
        let hint = "give a directory that this user can write with --data".to_owned();
        RepoError::DataDir {
            path: path.to_owned(),
            reason: format!("it cannot be written: {error}"),
            hint,
        }
    }
}
