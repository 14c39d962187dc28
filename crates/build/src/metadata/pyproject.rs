//! `pyproject.toml`: `[build-system]`, `[project]` and the settings of the declared backend.

use super::{
    Found, Kind,
    build_system::{self, Backend},
    dialect::{self, Dialect},
    native, project_table,
};
use crate::{
    BuildError, SourceText,
    keys::{Keys, Problems},
    manifest::parse_toml,
    python::Unsure,
};
use std::path::Path;

/// None where the file has no `[project]` table and setuptools reads other files.
pub(super) fn read(root: &Path, file: &SourceText) -> Result<Option<Found>, BuildError> {
    let toml = parse_toml(file)?;
    let problems = Problems::default();
    let mut keys = Keys::new(file, &problems, "", 0..0, Some(toml.get_ref()));
    let backend = build_system::read(&mut keys);
    let table = keys.table("project");
    let mut settings = keys.table("tool");
    let found = if table.exists() {
        with_project(root, file, &mut settings, table, backend)?
    } else {
        without_project(&mut settings, backend)
    };
    match problems.into_inner() {
        none if none.is_empty() => Ok(found),
        wrong => Err(BuildError::Project(wrong)),
    }
}

fn without_project(tool: &mut Keys<'_>, backend: Backend) -> Option<Found> {
    match backend {
        Backend::Known(Dialect::Setuptools) if tool.has("setuptools") => {
            Some(Found::backend("[tool.setuptools] is there without [project]"))
        }
        Backend::Known(Dialect::Setuptools) => None,
        Backend::Known(_) => Some(Found::backend("there is no [project] in pyproject.toml")),
        Backend::Other(reason) => Some(Found::backend(reason)),
    }
}

fn with_project(
    root: &Path,
    file: &SourceText,
    tool: &mut Keys<'_>,
    table: Keys<'_>,
    backend: Backend,
) -> Result<Option<Found>, BuildError> {
    let lenient = matches!(backend, Backend::Known(Dialect::Hatchling) | Backend::Other(_));
    let mut project = project_table::read(root, file, table, lenient)?;
    let (dialect, kind) = match backend {
        Backend::Other(reason) => (Dialect::Setuptools, Kind::Backend(reason)),
        Backend::Known(dialect) => match native::read(root, tool, dialect, &mut project) {
            Ok(native) => (dialect, Kind::Static(Box::new(native))),
            Err(Unsure::Backend(reason)) => (dialect, Kind::Backend(reason)),
            Err(Unsure::Wrong(error)) => return Err(error),
        },
    };
    let metadata = dialect::metadata(root, project, dialect)?;
    Ok(Some(Found { metadata, kind }))
}
