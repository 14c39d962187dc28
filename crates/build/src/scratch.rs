//! What a build has for itself while it runs, directories and processes, and must not leave behind when it is told to
//! stop: a signal ends a process without dropping anything. Who hears signals calls [`abandon`].

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tempfile::TempDir;

/// How often a directory is removed, in which somebody may still be writing.
const TRIES: usize = 5;

static LIVE: Mutex<Live> = Mutex::new(Live {
    is_over: false,
    directories: BTreeSet::new(),
    groups: BTreeSet::new(),
});

/// All that is there now.
struct Live {
    is_over: bool,
    directories: BTreeSet<PathBuf>,
    groups: BTreeSet<u32>,
}

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A directory that goes when this is dropped, or when the build is abandoned.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// One among the temporary files.
    pub fn new() -> io::Result<Self> {
        Self::made(tempfile::tempdir)
    }

    /// One in a directory, on the file system of what will be moved out of it.
    pub fn within(directory: &Path, prefix: &str) -> io::Result<Self> {
        Self::made(|| tempfile::Builder::new().prefix(prefix).tempdir_in(directory))
    }

    fn made(make: impl FnOnce() -> io::Result<TempDir>) -> io::Result<Self> {
        let mut live = live();
        if live.is_over {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        let directory = make()?;
        let path = std::path::absolute(directory.path())?;
        live.directories.insert(path);
        Ok(Self(directory))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is tried again, without a word, by what it holds.
        let _ = std::fs::remove_dir_all(self.0.path());
        if let Ok(path) = std::path::absolute(self.0.path()) {
            live().directories.remove(&path);
        }
    }
}

/// A group of processes, by the number of its first one, while it is waited for.
pub(crate) struct Group(u32);

impl Group {
    /// Keeps it in mind; ended at once where all is over.
    pub fn new(number: u32) -> Self {
        let mut live = live();
        live.groups.insert(number);
        if live.is_over {
            kill(number);
        }
        Self(number)
    }

    /// Ends all of it.
    pub fn kill(&self) {
        kill(self.0);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        live().groups.remove(&self.0);
    }
}

/// Ends a group of processes, whose first one is still there.
fn kill(group: u32) {
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", &format!("kill -KILL -{group} 2>/dev/null")]);
    // If it ended by itself meanwhile, that is as well.
    let _ = kill.status();
}

/// Ends what the builds of this process have started, removes their directories, and lets them make no others. The process
/// is to end now: what still builds fails.
pub fn abandon() {
    let mut live = live();
    live.is_over = true;
    live.groups.iter().copied().for_each(kill);
    for directory in &live.directories {
        for _ in 0..TRIES {
            if std::fs::remove_dir_all(directory).is_ok() {
                break;
            }
        }
    }
}
