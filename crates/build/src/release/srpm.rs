//! A source .rpm: its archives are made beside it first, since its header says their sums.

use crate::{BuildError, files, plan::SrpmSpec, scratch::Scratch};
use packyard_formats::{rpm, sdist};
use packyard_types::{Blob, Hasher};
use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, Write as _},
    path::Path,
};

/// Makes it at `path`, by way of a directory below `dir`.
pub(super) fn make(spec: &SrpmSpec, path: &Path, dir: &Path) -> Result<Blob, BuildError> {
    let write_failed = |source| BuildError::Write {
        file: path.display().to_string(),
        source,
    };
    let refused = |reason: String| BuildError::Make {
        artifact: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        reason,
    };
    let parts = Scratch::within(dir, ".tmp").map_err(write_failed)?;
    let mut archives = Vec::new();
    for (name, files) in spec.archives() {
        let file = File::create_new(parts.path().join(&name)).map_err(write_failed)?;
        let out = BufWriter::with_capacity(256 << 10, file);
        sdist::write::write(files, out).map_err(|e| refused(e.to_string()))?;
        let made = files::read_file(parts.path(), &name)?;
        archives.push((name, made.content));
    }
    let package = spec.with_archives(archives)?;
    let mut file = File::create_new(path).map_err(write_failed)?;
    let mut out = BufWriter::with_capacity(256 << 10, &mut file);
    rpm::write::write(&package, &mut out).map_err(|e| refused(e.to_string()))?;
    out.flush().map_err(write_failed)?;
    drop(out);
    file.rewind().map_err(write_failed)?;
    let mut hasher = Hasher::new();
    io::copy(&mut file, &mut hasher).map_err(write_failed)?;
    Ok(hasher.finish())
}
