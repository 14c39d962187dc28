//! Where sound copies of damaged files may be. Whoever asks checks what it gets: a spare is believed nothing.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    fs, io,
    path::{Path, PathBuf},
};

/// A backup, another data directory, an export, or a server.
pub trait Spare: Debug + Send + Sync {
    /// For messages: a path or a URL.
    fn place(&self) -> String;

    /// Copies the file at a path to `to`; whether there is one. The path is one of a data directory (`store/log/…`,
    /// `keys/apt.key`), or one below the root of a server or an export.
    fn bring(&self, path: &str, to: &Path) -> Result<bool, String>;

    /// The objects of the store that it has, with their lengths; none where it cannot be listed.
    fn objects(&self) -> Result<Option<BTreeMap<String, u64>>, String>;
}

/// A directory: a backup, a data directory, the store in one, or an export.
#[derive(Debug, Clone)]
pub struct DirectorySpare {
    root: PathBuf,
}

impl DirectorySpare {
    /// The directory at `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn store(&self) -> PathBuf {
        let inside = self.root.join("store");
        if inside.is_dir() {
            inside
        } else {
            self.root.clone()
        }
    }
}

impl Spare for DirectorySpare {
    fn place(&self) -> String {
        self.root.display().to_string()
    }

    fn bring(&self, path: &str, to: &Path) -> Result<bool, String> {
        let from = match path.strip_prefix("store/") {
            Some(object) => self.store().join(object),
            None => self.root.join(path),
        };
        match fs::copy(&from, to) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
            Err(e) => Err(format!("`{}` cannot be copied: {e}", from.display())),
        }
    }

    fn objects(&self) -> Result<Option<BTreeMap<String, u64>>, String> {
        let root = self.store();
        if !root.join("meta.json").exists() {
            return Ok(None);
        }
        let mut all = BTreeMap::new();
        walk(&root, "", &mut all).map_err(|e| format!("`{}` cannot be listed: {e}", root.display()))?;
        Ok(Some(all))
    }
}

fn walk(dir: &Path, below: &str, all: &mut BTreeMap<String, u64>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &path, all)?;
        } else if !path.contains('#') {
            all.insert(path, entry.metadata()?.len());
        }
    }
    Ok(())
}
