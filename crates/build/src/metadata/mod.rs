//! What the project's own metadata says: `pyproject.toml` ([project], PEP 621 and 639), `setup.cfg`, `setup.py` (read,
//! not run) or `Cargo.toml`.

mod build_system;
mod cargo_toml;
mod dialect;
mod entry_points;
mod ini;
mod literal;
mod module_text;
mod native;
mod people;
mod project_table;
mod pyproject;
mod requirement;
mod setup_args;
mod setup_cfg;
mod setup_py;
mod spdx;
mod stated;
mod text;
mod tool_flit;
mod tool_hatch;
mod tool_setuptools;
mod tool_uv;

pub use native::Native;
pub(crate) use people::{contact, debian_mailbox, mailbox_of, readable};
pub(crate) use spdx::{Meant, meant};
pub(crate) use stated::{Restated, restated};
pub(crate) use text::{parse_core, render};

use crate::{BuildError, Place, SourceText};
use packyard_types::CoreMetadata;
use std::{collections::BTreeMap, path::Path};

/// Entry points by group and name.
pub type EntryPoints = BTreeMap<String, BTreeMap<String, String>>;

/// The metadata of a project.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// The fields of core metadata; for a project that is not Python, those that apply. `version` is empty where the
    /// metadata leaves it open.
    pub core: CoreMetadata,
    /// Where the name is written.
    pub name_place: Option<Place>,
    /// Where the version is written.
    pub version_place: Option<Place>,
    /// Where the Python versions are written that it runs on.
    pub requires_python_place: Option<Place>,
    /// Console scripts and other entry points.
    pub entry_points: EntryPoints,
    /// The file that the long description comes from.
    pub readme: Option<String>,
    /// Fields of core metadata that nothing here uses, in their order.
    pub other: Vec<(String, String)>,
}

impl Metadata {
    /// What a backend made knows no places; where the project states the same, these are the places.
    pub(crate) fn with_places_of(mut self, project: Self) -> Self {
        self.name_place = project.name_place;
        self.version_place = project.version_place;
        self.requires_python_place = project.requires_python_place;
        self
    }
}

/// How a project's Python files are found.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Not a Python project.
    NotPython,
    /// Everything is known without running anything.
    Static(Box<Native>),
    /// Its build backend must be asked, for this reason.
    Backend(String),
}

/// What kind of project lies in a directory, and its metadata as far as it is known before a backend ran.
#[derive(Debug, Clone)]
pub struct Found {
    /// The metadata.
    pub metadata: Metadata,
    /// How to get at the rest.
    pub kind: Kind,
}

impl Found {
    fn backend(reason: impl Into<String>) -> Self {
        Self {
            metadata: Metadata::default(),
            kind: Kind::Backend(reason.into()),
        }
    }
}

/// Reads a project's metadata.
pub fn find(root: &Path) -> Result<Found, BuildError> {
    let mut found = look(root)?;
    if matches!(found.kind, Kind::Backend(_)) {
        stated::complete(root, &mut found.metadata)?;
    }
    Ok(found)
}

fn look(root: &Path) -> Result<Found, BuildError> {
    if let Some(file) = read(root, "pyproject.toml")? {
        if let Some(found) = pyproject::read(root, &file)? {
            return Ok(found);
        }
        if root.join("setup.py").is_file() || root.join("setup.cfg").is_file() {
            return setup(root);
        }
    } else if root.join("setup.py").is_file() || root.join("setup.cfg").is_file() {
        return setup(root);
    }
    let metadata = match read(root, "Cargo.toml")? {
        Some(file) => cargo_toml::read(&file)?,
        None => Metadata::default(),
    };
    Ok(Found {
        metadata,
        kind: Kind::NotPython,
    })
}

fn setup(root: &Path) -> Result<Found, BuildError> {
    let setup = read(root, "setup.py")?;
    match (read(root, "setup.cfg")?, setup) {
        (Some(cfg), setup) => setup_cfg::read(root, &cfg, setup.as_ref()),
        (None, Some(setup)) => setup_py::read(root, &setup, Vec::new()),
        (None, None) => Ok(Found::backend("there is no setup.py")),
    }
}

/// A text file of the project, where it is there.
pub(crate) fn read(root: &Path, name: &str) -> Result<Option<SourceText>, BuildError> {
    match std::fs::read_to_string(root.join(name)) {
        Ok(text) => Ok(Some(SourceText::new(name, text))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(BuildError::Read {
            file: name.to_owned(),
            source,
        }),
    }
}

/// The files at the root of a project, sorted.
pub(crate) fn root_files(root: &Path) -> Result<Vec<String>, BuildError> {
    let mut files = Vec::new();
    for name in crate::files::names(root)? {
        if crate::files::is_file(root, &name)? {
            files.push(name);
        }
    }
    Ok(files)
}

/// The licence files that build backends find by default (PEP 639).
pub(crate) fn default_license_files(root: &Path) -> Result<Vec<String>, BuildError> {
    let stems = ["LICEN", "COPYING", "NOTICE", "AUTHORS"];
    let is_one = |name: &String| {
        stems
            .iter()
            .any(|stem| name.to_ascii_uppercase().starts_with(stem))
    };
    Ok(root_files(root)?.into_iter().filter(is_one).collect())
}

/// The content type of a readme, by its name; none where the name does not say one.
pub(crate) fn content_type(file: &str) -> Option<String> {
    let (_, extension) = file.rsplit_once('.')?;
    let name = match extension.to_ascii_lowercase().as_str() {
        "md" | "markdown" => "text/markdown",
        "rst" => "text/x-rst",
        _ => "text/plain",
    };
    Some(name.to_owned())
}

/// `README` with any usual extension.
pub(crate) fn default_readme(root: &Path) -> Result<Option<String>, BuildError> {
    let is_one = |name: &String| {
        let stem = name.split('.').next().unwrap_or("");
        stem.eq_ignore_ascii_case("readme") && !name.ends_with('~')
    };
    Ok(root_files(root)?.into_iter().find(is_one))
}

#[cfg(test)]
mod tests;
