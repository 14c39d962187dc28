//! The copy of a project that a backend works in, and whether it kept to it.

use crate::{BuildError, files};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::SystemTime,
};
use walkdir::WalkDir;

/// Directories that are no part of a project, wherever they lie.
const CACHES: [&str; 6] = [
    "__pycache__",
    ".venv",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
];
/// What earlier builds leave at the root.
const LEFT_OVER: [&str; 4] = ["dist", "build", "node_modules", "target"];

/// Copies the project without caches and what earlier builds left. Links that stay in the project stay links.
pub(super) fn copy(root: &Path, to: &Path) -> Result<(), BuildError> {
    let walk = WalkDir::new(root).into_iter().filter_entry(|e| {
        let name = e.file_name().to_string_lossy();
        let is_package = || e.path().join("__init__.py").is_file();
        let left_over = e.depth() == 1 && LEFT_OVER.contains(&&*name) && !is_package();
        e.depth() == 0 || !(left_over || CACHES.contains(&&*name))
    });
    for entry in walk {
        let entry = entry.map_err(files::walk_error(root))?;
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let target = to.join(relative);
        let done = if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), &target).map(drop)
        } else {
            link(root, relative, entry.path(), &target)?
        };
        done.map_err(|source| BuildError::Read {
            file: relative.display().to_string(),
            source,
        })?;
    }
    Ok(())
}

/// A link to something in the project is made again; one that leads elsewhere is an error in a package, else it is left
/// out.
fn link(root: &Path, relative: &Path, path: &Path, target: &Path) -> Result<std::io::Result<()>, BuildError> {
    let in_package = path.with_file_name("__init__.py").is_file();
    match files::check_link(root, &relative.to_string_lossy()) {
        Err(e) if in_package => return Err(e),
        Err(_) => return Ok(Ok(())),
        Ok(()) => {}
    }
    Ok(match std::fs::read_link(path) {
        #[cfg(unix)]
        Ok(to) if to.is_relative() => std::os::unix::fs::symlink(to, target),
        Ok(_) if path.is_file() => std::fs::copy(path, target).map(drop),
        Ok(_) => Ok(()),
        Err(e) => Err(e),
    })
}

/// What a tree looked like: the size and time of every file.
pub(super) struct Trace(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Trace {
    /// Looks at a tree, but for repositories and what is large and no part of a project.
    pub fn of(root: &Path) -> Self {
        let looked_at = |e: &walkdir::DirEntry| {
            let name = e.file_name().to_string_lossy();
            e.depth() == 0 || ![".git", ".hg", ".venv", "node_modules", "target"].contains(&&*name)
        };
        let mut seen = BTreeMap::new();
        let walk = WalkDir::new(root).into_iter().filter_entry(looked_at);
        for entry in walk
            .filter_map(Result::ok)
            .filter(|entry| !entry.file_type().is_dir())
        {
            if let Ok(metadata) = entry.path().symlink_metadata() {
                let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
                seen.insert(path, (metadata.len(), metadata.modified().ok()));
            }
        }
        Self(seen)
    }

    /// The first file that is new, gone or other now.
    pub fn changed(&self, root: &Path) -> Option<String> {
        let now = Self::of(root);
        let both = self.0.keys().chain(now.0.keys());
        let mut changed: Vec<&PathBuf> = both
            .filter(|path| self.0.get(*path) != now.0.get(*path))
            .collect();
        changed.sort();
        changed.first().map(|path| path.display().to_string())
    }
}
