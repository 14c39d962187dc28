//! Reading the project's files. Of their permissions only the executable bit counts, so that umask and checkout do not
//! show in what is built.

use crate::{BuildError, Diagnostic};
use packyard_formats::wheel::write::WheelFile;
use std::path::Path;
use walkdir::WalkDir;

/// A file of the project.
pub(crate) fn read_file(root: &Path, name: &str) -> Result<WheelFile, BuildError> {
    let failed = |source| BuildError::Read {
        file: name.to_owned(),
        source,
    };
    let path = root.join(name);
    let bytes = std::fs::read(&path).map_err(failed)?;
    let executable = is_executable(&std::fs::metadata(&path).map_err(failed)?);
    Ok(WheelFile {
        bytes: bytes.into(),
        executable,
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
