//! Which files of a project go into its wheel and its sdist, as its build backend would choose them.

use super::{Files, Flit, Hatchling, Setuptools, Uv, flit, hatch, setuptools, uv};
use crate::{BuildError, Diagnostic, files, metadata::Metadata};
use packyard_formats::content::SourceFile;
use std::path::Path;

/// The rules of the backend that a project declares.
#[derive(Debug, Clone)]
pub enum Selection {
    /// setuptools.
    Setuptools(Setuptools),
    /// hatchling.
    Hatchling(Hatchling),
    /// flit-core.
    Flit(Flit),
    /// `uv_build`.
    Uv(Uv),
}

/// What goes into a wheel beside the metadata that every backend writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selected {
    /// Modules and their data, by path below a site directory.
    pub modules: Files,
    /// Files below `NAME-VERSION.data/`: `scripts/…`, `data/…`, `headers/…`.
    pub data: Files,
    /// Further files of the dist-info directory, by their name in it.
    pub dist_info: Files,
}

/// Why nothing was selected.
#[derive(Debug)]
pub(crate) enum Unsure {
    /// Only the backend itself can know, for this reason.
    Backend(String),
    /// The project is wrong.
    Wrong(BuildError),
}

impl From<BuildError> for Unsure {
    fn from(error: BuildError) -> Self {
        Self::Wrong(error)
    }
}

impl From<Diagnostic> for Unsure {
    fn from(problem: Diagnostic) -> Self {
        Self::Wrong(problem.into())
    }
}

impl Selection {
    /// What the wheel holds.
    pub fn wheel(&self, root: &Path, metadata: &Metadata) -> Result<Selected, Unsure> {
        match self {
            Self::Setuptools(rules) => setuptools::wheel(root, rules, metadata),
            Self::Hatchling(rules) => hatch::wheel(root, rules),
            Self::Flit(rules) => flit::wheel(root, rules),
            Self::Uv(rules) => uv::wheel(root, rules),
        }
    }

    /// The project's files that the sdist holds, beside what packyard itself needs to build it again.
    pub fn sdist(&self, root: &Path, metadata: &Metadata) -> Result<Files, Unsure> {
        let names = match self {
            Self::Setuptools(rules) => setuptools::sdist(root, rules, metadata)?,
            Self::Hatchling(rules) => hatch::sdist(root, rules)?,
            Self::Flit(rules) => flit::sdist(root, rules)?,
            Self::Uv(rules) => uv::sdist(root, rules)?,
        };
        let mut out = Files::new();
        for name in names {
            let file = read(root, &name)?;
            out.insert(name, file);
        }
        Ok(out)
    }
}

/// A file that goes into a package, which must lie in the project.
pub(crate) fn read(root: &Path, path: &str) -> Result<SourceFile, BuildError> {
    files::check_link(root, path)?;
    files::read_file(root, path)
}

/// Every file below a directory, relative to the project and sorted. `skips` says which directories stay out, by their
/// name. A symbolic link to a directory is for the backend, since they do not agree on what it means.
pub(crate) fn walk(root: &Path, dir: &str, skips: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Unsure> {
    let mut found = Vec::new();
    let mut open = vec![dir.trim_end_matches('/').to_owned()];
    while let Some(dir) = open.pop() {
        for name in files::names(&root.join(&dir))? {
            let path = join(&dir, &name);
            let full = root.join(&path);
            if full.is_symlink() {
                files::check_link(root, &path)?;
            }
            if !full.is_dir() {
                found.push(path);
            } else if !skips(&name) {
                if full.is_symlink() {
                    return Err(Unsure::Backend(format!(
                        "the symbolic link `{path}` is a directory"
                    )));
                }
                open.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A path below a directory of the project; the root is empty or `.`.
pub(crate) fn join(dir: &str, name: &str) -> String {
    match dir.trim_end_matches('/') {
        "" | "." => name.to_owned(),
        dir => format!("{}/{name}", dir.trim_start_matches("./")),
    }
}

/// A relative path in its plainest spelling; none for one that leaves the project.
pub(crate) fn plain_path(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if path.starts_with('/') || path.contains('\\') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A program of `.data/scripts`, whose first line names any Python: it becomes `#!python`, which installers replace.
pub(crate) fn script(file: SourceFile, path: &str) -> Result<SourceFile, BuildError> {
    if !file.content.head().starts_with(b"#!") {
        return Ok(file);
    }
    let bytes = files::read_whole(&file.content, path)?;
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    let line = String::from_utf8_lossy(&bytes[2..end]).into_owned();
    let Some(at) = line.rfind("python") else {
        return Ok(file);
    };
    let rest = line[at + "python".len()..].trim_start_matches('w');
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let mut text = format!("#!python{rest}").into_bytes();
    text.extend_from_slice(&bytes[end..]);
    Ok(SourceFile {
        content: text.into(),
        ..file
    })
}
