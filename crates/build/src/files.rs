//! Reading the project's files. Of their permissions only the executable bit counts, so that umask and checkout do not
//! show in what is built.

use crate::BuildError;
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
