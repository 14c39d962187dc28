//! Making writes durable, many at a time.
//!
//! An fsync waits for the disk; ten thousand of them, one after the other, are most of the time of an import. So whoever
//! needs something on the disk joins those who wait: while one sync is under way the next is gathering. A few paths are
//! synced each by itself; for more, one `syncfs(2)` writes out the file system whole, and reports errors of writing back
//! (Linux 5.8 and later).

use crate::StoreError;
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;

/// Up to this many paths, each is synced by itself: what others write to the same file system is not waited for.
const EACH: usize = 8;

/// Those who wait for the disk.
#[derive(Debug, Clone)]
pub(crate) struct Syncing {
    root: Arc<Path>,
    queue: Arc<Mutex<Queue>>,
    /// What was ever asked for.
    #[cfg(test)]
    pub(crate) asked: Arc<Mutex<Vec<PathBuf>>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiter>,
    /// Whether a thread is at work that will take what waits.
    running: bool,
}

/// Why a sync failed: of several who waited for it, each is told.
type Failure = Arc<io::Error>;

#[derive(Debug)]
struct Waiter {
    paths: Vec<PathBuf>,
    done: oneshot::Sender<Result<(), Failure>>,
}

impl Syncing {
    /// For files and directories on the file system of `root`.
    pub(crate) fn new(root: Arc<Path>) -> Self {
        Self {
            root,
            queue: Arc::default(),
            #[cfg(test)]
            asked: Arc::default(),
        }
    }

    /// Returns once the bytes of these files, and the entries of these directories, are on the disk. They must have been
    /// written before the call.
    pub(crate) async fn sync(&self, paths: Vec<PathBuf>) -> Result<(), StoreError> {
        #[cfg(test)]
        self.asked.lock().unwrap().extend(paths.iter().cloned());
        let (done, wait) = oneshot::channel();
        let lead = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.waiting.push(Waiter { paths, done });
            !std::mem::replace(&mut queue.running, true)
        };
        if lead {
            let this = self.clone();
            // Nobody waits for this thread: it works until nobody waits for it.
            drop(tokio::task::spawn_blocking(move || this.serve()));
        }
        match wait.await {
            Ok(result) => result.map_err(|e| StoreError::from_sync(&self.root, &e)),
            Err(_) => Err(StoreError::Unavailable {
                operation: "sync",
                object: self.root.display().to_string(),
                reason: "the process is ending".to_owned(),
            }),
        }
    }

    fn serve(&self) {
        loop {
            let batch = {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                if queue.waiting.is_empty() {
                    queue.running = false;
                    return;
                }
                std::mem::take(&mut queue.waiting)
            };
            let count: usize = batch.iter().map(|w| w.paths.len()).sum();
            let together = (cfg!(target_os = "linux") && count > EACH).then(|| sync_file_system(&self.root));
            let together = together.map(|r| r.map_err(Arc::new));
            for waiter in batch {
                let each = || waiter.paths.iter().try_for_each(|p| sync_one(p));
                let result = match &together {
                    // A failure to write back is reported once: nobody may ask again and hear that all is well.
                    Some(result) => result.clone(),
                    None => each().map_err(Arc::new),
                };
                // Who asked may have gone.
                let _ = waiter.done.send(result);
            }
        }
    }
}

fn sync_one(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Writes out the file system that holds `root`.
#[cfg(target_os = "linux")]
fn sync_file_system(root: &Path) -> io::Result<()> {
    rustix::fs::syncfs(File::open(root)?).map_err(io::Error::from)
}

/// Nobody asks here: each path is synced by itself.
#[cfg(not(target_os = "linux"))]
fn sync_file_system(_root: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a file lies on the file system of `root`, so that syncing that is enough.
#[cfg(unix)]
pub(crate) fn same_file_system(root: &Path, file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    root.metadata().is_ok_and(|root| root.dev() == file.dev())
}

#[cfg(not(unix))]
pub(crate) fn same_file_system(_root: &Path, _file: &std::fs::Metadata) -> bool {
    false
}
