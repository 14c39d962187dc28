//! The project's own files, as the archive of a source package holds them beside what is generated.

use super::{Recipe, python, srpm};
use crate::{
    BuildError,
    files::read_whole,
    project::Project,
    python::{Files, all_sources},
};
use packyard_formats::sdist::write::SdistSpec;

/// What the upstream tarball holds: the sdist's files, else the project's.
pub(super) fn tree(project: &Project) -> Result<SdistSpec, BuildError> {
    if project.python.is_some()
        && let Recipe::Sdist(sdist) = python::sdist(project)?.recipe
    {
        return Ok(sdist);
    }
    let version = project.version.deb_upstream();
    let plain = version.split_once(':').map_or(&*version, |(_, v)| v);
    let mut files = own_files(project)?;
    for (name, text) in &project.restated {
        if let Some(file) = files.get_mut(name) {
            file.content = text.clone().into();
        }
    }
    Ok(SdistSpec {
        top: format!("{}-{plain}", project.name),
        files,
        mtime: project.date,
    })
}

/// The project's files but a debian/ of its own, which the generated one takes the place of, and a .spec that was ejected
/// with its `rpm/`: how a package is built is no part of what it is built from.
pub(super) fn own_files(project: &Project) -> Result<Files, BuildError> {
    let mut files = all_sources(&project.root)?;
    files.retain(|path, _| !path.starts_with("debian/"));
    let ejected: Vec<String> = files
        .iter()
        .filter(|(path, _)| path.ends_with(".spec") && !path.contains('/'))
        .filter_map(|(path, file)| Some((path, read_whole(&file.content, path).ok()?)))
        .filter(|(_, bytes)| srpm::is_ejected(&String::from_utf8_lossy(bytes)))
        .map(|(path, _)| path.clone())
        .collect();
    if !ejected.is_empty() {
        let generated = format!("{}/", srpm::GENERATED);
        files.retain(|path, _| !ejected.contains(path) && !path.starts_with(&generated));
    }
    Ok(files)
}
