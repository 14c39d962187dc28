//! Reading the project's files. Of their permissions only the executable bit counts, so that umask and checkout do not
//! show in what is built.

use crate::{BuildError, Diagnostic};
use packyard_formats::content::{Content, HEAD_BYTES, Source, SourceFile};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};
use walkdir::WalkDir;

/// A small file is kept between the formats that pack it, as long as all that are kept fit [`KEPT_BYTES`].
const SMALL_BYTES: u64 = 64 << 10;

/// What a process spends on keeping small files: memory does not grow with the project.
const KEPT_BYTES: u64 = 24 << 20;

/// What is kept now, in bytes.
static KEPT: AtomicU64 = AtomicU64::new(0);

/// A file of the project.
pub(crate) fn read_file(root: &Path, name: &str) -> Result<SourceFile, BuildError> {
    let failed = |source| BuildError::Read {
        file: name.to_owned(),
        source,
    };
    let path = root.join(name);
    let mut file = File::open(&path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let size = metadata.len();
    let content = match Kept::read(&mut file, name, size).map_err(failed)? {
        Some(kept) => {
            let head = kept.bytes[..kept.bytes.len().min(HEAD_BYTES)].to_vec();
            Content::elsewhere(kept, size, head)
        }
        None => {
            let mut head = Vec::with_capacity(HEAD_BYTES);
            file.take(HEAD_BYTES as u64)
                .read_to_end(&mut head)
                .map_err(failed)?;
            let name = name.to_owned();
            Content::elsewhere(OnDisk { path, name }, size, head)
        }
    };
    Ok(SourceFile {
        content,
        executable: is_executable(&metadata),
    })
}

/// What `source` reads: a small file is kept in memory, of others only the beginning.
pub(crate) fn content(source: impl Source + 'static, size: u64) -> io::Result<Content> {
    let mut reader = source.open()?;
    if let Some(kept) = Kept::read(&mut reader, &source.name(), size)? {
        let head = kept.bytes[..kept.bytes.len().min(HEAD_BYTES)].to_vec();
        return Ok(Content::elsewhere(kept, size, head));
    }
    let mut head = Vec::with_capacity(HEAD_BYTES);
    reader.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(Content::elsewhere(source, size, head))
}

/// A file that is read again by each format.
#[derive(Debug)]
struct OnDisk {
    path: PathBuf,
    name: String,
}

impl Source for OnDisk {
    fn name(&self) -> String {
        self.name.clone()
    }
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let named = |e: io::Error| io::Error::new(e.kind(), format!("`{}` cannot be read: {e}", self.name));
        Ok(Box::new(File::open(&self.path).map_err(named)?))
    }
}

/// A small file in memory, which gives its room back when nobody packs it any more.
#[derive(Debug)]
struct Kept {
    name: String,
    bytes: Vec<u8>,
    room: u64,
}

impl Kept {
    /// The whole file, where it is small and there is room; else nothing of it was read.
    fn read(file: &mut impl Read, name: &str, size: u64) -> io::Result<Option<Self>> {
        let fits = size <= SMALL_BYTES && KEPT.fetch_add(size, Ordering::Relaxed) + size <= KEPT_BYTES;
        if !fits {
            if size <= SMALL_BYTES {
                KEPT.fetch_sub(size, Ordering::Relaxed);
            }
            return Ok(None);
        }
        let mut kept = Self {
            name: name.to_owned(),
            bytes: Vec::new(),
            room: size,
        };
        file.take(size + 1).read_to_end(&mut kept.bytes)?;
        Ok(Some(kept))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        KEPT.fetch_sub(self.room, Ordering::Relaxed);
    }
}

impl Source for Kept {
    fn name(&self) -> String {
        self.name.clone()
    }
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(&*self.bytes))
    }
}

/// The bytes of a file that is small by its nature.
pub(crate) fn read_whole(content: &Content, name: &str) -> Result<std::sync::Arc<[u8]>, BuildError> {
    content.read().map_err(|source| BuildError::Read {
        file: name.to_owned(),
        source,
    })
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    false
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> BuildError {
    let file = path.display().to_string();
    move |source| BuildError::Read {
        file: file.clone(),
        source,
    }
}

/// What lies in a directory, by name and sorted.
pub(crate) fn names(dir: &Path) -> Result<Vec<String>, BuildError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable(dir))? {
        let entry = entry.map_err(unreadable(dir))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Whether this is a file, links followed; one that leads nowhere is none.
pub(crate) fn is_file(dir: &Path, name: &str) -> Result<bool, BuildError> {
    let path = dir.join(name);
    match std::fs::metadata(&path) {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(unreadable(&path)(e)),
    }
}

/// A symbolic link of the project's packages must lead to something of the project, and not around in a circle.
pub(crate) fn check_link(root: &Path, name: &str) -> Result<(), BuildError> {
    let path = root.join(name);
    if !path.is_symlink() {
        return Ok(());
    }
    let to = std::fs::read_link(&path).map_err(unreadable(&path))?;
    let refuse = |what: &str| {
        let problem = Diagnostic::new(format!("the symbolic link `{name}` {what}: `{}`", to.display()));
        Err(problem
            .hint("put what it stands for into the project, or remove the link")
            .into())
    };
    let top = root.canonicalize().map_err(unreadable(root))?;
    match path.canonicalize() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => refuse("leads nowhere"),
        Err(e) => Err(unreadable(&path)(e)),
        Ok(end) if !end.starts_with(&top) => refuse("leaves the project"),
        Ok(end)
            if path
                .parent()
                .and_then(|p| p.canonicalize().ok())
                .is_some_and(|p| p.starts_with(&end)) =>
        {
            refuse("leads back to where it is")
        }
        Ok(_) => Ok(()),
    }
}

/// What a name of the project leads to must lie in the project: a package holds nothing of the machine that builds it.
pub(crate) fn check_inside(root: &Path, name: &str) -> Result<(), Diagnostic> {
    let end = root
        .canonicalize()
        .and_then(|top| Ok((top, root.join(name).canonicalize()?)));
    match end {
        Ok((top, end)) if !end.starts_with(&top) => {
            let problem = Diagnostic::new(format!(
                "`{name}` leads out of the project, to `{}`",
                end.display()
            ));
            Err(problem.hint("put what it stands for into the project"))
        }
        // What is not there is reported by whoever reads it.
        _ => Ok(()),
    }
}

/// An error of walking a tree, with the path that it is about.
pub(crate) fn walk_error(start: &Path) -> impl Fn(walkdir::Error) -> BuildError {
    move |e| BuildError::Read {
        file: e.path().unwrap_or(start).display().to_string(),
        source: e.into(),
    }
}

/// Every file below a directory of the project, relative to the project and sorted; without caches and hidden files.
pub(crate) fn below(root: &Path, dir: &str) -> Result<Vec<String>, BuildError> {
    let mut found = Vec::new();
    let wanted = |e: &walkdir::DirEntry| {
        let name = e.file_name().to_string_lossy();
        name != "__pycache__" && !name.ends_with(".pyc") && (e.depth() == 0 || !name.starts_with('.'))
    };
    for entry in WalkDir::new(root.join(dir))
        .sort_by_file_name()
        .into_iter()
        .filter_entry(wanted)
    {
        let entry = entry.map_err(|e| BuildError::Read {
            file: dir.to_owned(),
            source: e.into(),
        })?;
        if entry.file_type().is_dir() {
            continue;
        }
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        found.push(relative.to_string_lossy().into_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_cannot_be_listed_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("package"), "").unwrap();
        for result in [
            names(&dir.path().join("package")),
            names(&dir.path().join("none")),
        ] {
            let error = result.unwrap_err();
            let named = matches!(&error, BuildError::Read { file, .. } if file.starts_with(&*dir.path().to_string_lossy()));
            assert!(named, "{error}");
        }
        assert!(crate::metadata::default_readme(&dir.path().join("package")).is_err());
        assert!(crate::metadata::default_license_files(&dir.path().join("package")).is_err());
    }
}
