//! What an sdist holds: everything that the project is built from, and its metadata.

use super::Files;
use crate::{
    BuildError, files,
    metadata::{Metadata, default_license_files, default_readme, render_core},
};
use packyard_formats::content::SourceFile;
use std::path::Path;

/// Files of the project's root that belong into an sdist when they are there.
const BUILD_FILES: [&str; 6] = [
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "MANIFEST.in",
    "packyard.toml",
    "Cargo.toml",
];

/// The files by their path below the top directory. `modules` are the project's own module files as they lie in it,
/// `others` what its project file names, `changelog` its changelog.
pub(crate) fn sdist_files(
    root: &Path,
    metadata: &Metadata,
    modules: &Files,
    others: &[String],
) -> Result<Files, BuildError> {
    let mut out = Files::new();
    let build = BUILD_FILES.iter().map(|name| (*name).to_owned());
    let docs = default_license_files(root)?
        .into_iter()
        .chain(default_readme(root)?)
        .chain(metadata.readme.clone());
    let named = metadata.core.license_files.iter().chain(others).cloned();
    for name in build.chain(docs).chain(named) {
        if root.join(&name).is_dir() {
            for file in files::below(root, &name)? {
                out.insert(file.clone(), files::read_file(root, &file)?);
            }
        } else if root.join(&name).is_file() {
            out.insert(name.clone(), files::read_file(root, &name)?);
        }
    }
    for (path, file) in modules {
        let in_src = format!("src/{path}");
        let place = if root.join(&in_src).is_file() {
            in_src
        } else {
            path.clone()
        };
        out.insert(place, file.clone());
    }
    let info = SourceFile {
        content: render_core(&metadata.core).into_bytes().into(),
        executable: false,
    };
    out.insert("PKG-INFO".to_owned(), info);
    Ok(out)
}
