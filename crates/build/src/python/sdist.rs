//! What an sdist holds: everything that the project is built from, and its metadata.

use super::Files;
use crate::{
    BuildError, files,
    metadata::{Metadata, default_license_files, default_readme, render},
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

/// The files by their path below the top directory. `selected` is what the backend's rules choose, `others` what its
/// project file names.
pub(crate) fn sdist_files(
    root: &Path,
    metadata: &Metadata,
    selected: Files,
    others: &[String],
) -> Result<Files, BuildError> {
    let mut out = selected;
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
    let info = SourceFile {
        content: render(metadata).into_bytes().into(),
        executable: false,
    };
    if !out.contains_key("pyproject.toml") && !out.contains_key("setup.py") {
        let system = SourceFile {
            content: super::SETUPTOOLS.as_bytes().into(),
            executable: false,
        };
        out.insert("pyproject.toml".to_owned(), system);
    }
    out.insert("PKG-INFO".to_owned(), info);
    Ok(out)
}

/// Every file of the project but caches, hidden ones and what earlier builds left.
pub(crate) fn all_sources(root: &Path) -> Result<Files, BuildError> {
    const LEFT_OVER: [&str; 4] = ["dist", "build", "node_modules", "target"];
    let mut out = Files::new();
    for name in files::names(root)? {
        let is_left_over =
            LEFT_OVER.contains(&name.as_str()) && !root.join(&name).join("__init__.py").is_file();
        if is_left_over || name.starts_with('.') || name == "__pycache__" {
            continue;
        }
        for file in files::below(root, &name)? {
            if root.join(&file).is_file() && files::check_link(root, &file).is_ok() {
                out.insert(file.clone(), files::read_file(root, &file)?);
            }
        }
    }
    Ok(out)
}
