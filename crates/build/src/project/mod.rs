//! A project, gathered: its project file, metadata, changelog and modules, judged together.

mod date;
mod snapshot;
mod version;

use crate::{
    BuildError, Diagnostic, Options, Place, SourceText,
    changelog::{self, Author, Changelog},
    manifest::{Manifest, VersionFrom},
    metadata::{self, Metadata, Restated},
    nearest::nearest,
    python::{self, Files, backend},
};
use date::{date, unknown_date, year_1980};
use packyard_types::{ArtifactKind, ProjectName, ReleaseVersion, Timestamp};
use std::path::{Path, PathBuf};
use version::Told;

/// The number of a snapshot counts commits.
const UNCOMMITTED: &str =
    "there are changes that are not committed: the snapshot holds them, but is called after the last commit";

/// What packages are made of.
#[derive(Debug)]
pub(crate) struct Project {
    pub root: PathBuf,
    pub manifest: Manifest,
    pub metadata: Metadata,
    pub name: ProjectName,
    pub version: ReleaseVersion,
    pub changelog: Result<Changelog, ChangelogTrouble>,
    /// The time of everything that is built.
    pub date: Timestamp,
    pub maintainer: Option<Author>,
    /// Whether the version was passed in: it closes an open entry of the changelog.
    pub version_given: bool,
    /// Files that an sdist holds with another version than the one that they state here.
    pub restated: Restated,
    pub python: Option<Python>,
    /// The wheel without compiled modules, beside one with them.
    pub pure: Option<backend::Built>,
    /// What it brings along, where it is bundled.
    pub bundles: python::bundle::Bundles,
    /// What the user should know though it is no error.
    pub notes: Vec<String>,
}

/// Why there is no changelog. A wheel and an sdist do without one.
#[derive(Debug, Clone)]
pub(crate) enum ChangelogTrouble {
    Missing,
    Unreadable(Vec<Diagnostic>),
}

/// The Python side of a project.
#[derive(Debug)]
pub(crate) struct Python {
    /// Modules and their data, by path below a site directory.
    pub modules: Files,
    /// The dist-info directory's files, without RECORD.
    pub dist_info: Files,
    /// The directory's name.
    pub dist_info_name: String,
    /// Files for other places than the site directory: `scripts/…`, `data/…`, `headers/…`.
    pub data: Files,
    /// The Pythons that the wheel is for: `py3`, `py2.py3`.
    pub tag: &'static str,
    /// The files of the sdist, where they were selected by the backend's rules.
    pub sources: Files,
    /// What the project's own backend made of it, where it was asked.
    pub built: Option<backend::Built>,
}

/// Reads the project in `root`.
pub(crate) fn gather(root: &Path, options: &Options) -> Result<Project, BuildError> {
    if !root.is_dir() {
        let problem = Diagnostic::new(format!("`{}` is not a directory", root.display()));
        return Err(problem
            .hint("name the directory of a project; without one, it is the current directory")
            .into());
    }
    let manifest = read_manifest(root)?;
    let changelog = read_changelog(root, manifest.package.changelog.as_ref())?;
    gather_with(root, manifest, changelog, options)
}

/// The same with a project file and a changelog that need not be there.
pub(crate) fn gather_with(
    root: &Path,
    manifest: Manifest,
    changelog: Result<Changelog, ChangelogTrouble>,
    options: &Options,
) -> Result<Project, BuildError> {
    let found = metadata::find(root)?;
    let (mut metadata, kind) = (found.metadata, found.kind);
    let told = version::told(root, &manifest, &metadata, &changelog, options)?;
    let restated = match &told {
        Told::Snapshot(version) => metadata::restated(root, &metadata, version)?,
        _ => Restated::new(),
    };
    let mut notes = Vec::new();
    let mut pure = None;
    let (selected, reason) = python::native(root, &metadata, &kind)?;
    let built = match reason {
        Some(reason) => {
            notes.push(format!("{reason}, so the project's own build backend is asked"));
            let wish = backend::Wish {
                source_date: options.source_date,
                version: told.version(),
                restated: &restated,
                variable: None,
                limit: options.backend_limit,
            };
            let built = backend::run(root, &reason, wish)?;
            pure = pure_wheel(root, &manifest, options, &built, wish)?;
            metadata = built.metadata.clone().with_places_of(metadata);
            Some(built)
        }
        None => None,
    };
    let name = name(root, &manifest, &metadata)?;
    let version = version::decide(&told, &manifest, &metadata, built.is_some(), &changelog, &name)?;
    notes.extend(version::width_note(&version, changelog.as_ref().ok()));
    let changelog = match (&told, &options.checkout) {
        (Told::Snapshot(_), Some(checkout)) => {
            notes.extend(checkout.is_dirty.then(|| UNCOMMITTED.to_owned()));
            snapshot::changelog(changelog, &version, checkout)
        }
        _ => changelog,
    };
    metadata.core.version = version.to_string();
    if metadata.core.name.is_empty() {
        metadata.core.name = name.to_string();
    }
    complete(&manifest, &mut metadata);
    let date = date(&changelog, options, told.closes_open_entry()).unwrap_or_else(|| {
        notes.extend(unknown_date(&changelog));
        year_1980()
    });
    let python = match selected {
        Some(selected) => Some(python::native_python(
            root, &name, &version, &metadata, &restated, selected,
        )?),
        None => built.map(backend::Built::into_python),
    };
    Ok(Project {
        maintainer: maintainer(&manifest, &metadata, &changelog)?,
        root: root.to_owned(),
        manifest,
        metadata,
        name,
        version,
        changelog,
        date,
        version_given: told.closes_open_entry(),
        restated,
        python,
        pure,
        bundles: python::bundle::Bundles::new(options),
        notes,
    })
}

/// The wheel without compiled modules, where the project file says how it is made and a wheel is wanted.
fn pure_wheel(
    root: &Path,
    manifest: &Manifest,
    options: &Options,
    built: &backend::Built,
    wish: backend::Wish<'_>,
) -> Result<Option<backend::Built>, BuildError> {
    let wanted = options.formats.is_empty() || options.formats.contains(&ArtifactKind::Wheel);
    let said = manifest
        .pure_wheel
        .as_ref()
        .filter(|_| wanted && !built.is_pure());
    let Some((name, value, place)) = said else {
        return Ok(None);
    };
    let wish = backend::Wish {
        variable: Some((name, value)),
        ..wish
    };
    let pure = backend::run(
        root,
        "[python] pure-wheel wants a wheel without compiled modules",
        wish,
    )?;
    if pure.is_pure() {
        return Ok(Some(pure));
    }
    let message = format!(
        "with `{name}={value}` the build backend made `{}`, which is not pure",
        pure.wheel_name
    );
    Err(Diagnostic::new(message)
        .at(place.clone())
        .hint("write the variable that the project's setup.py looks at, or remove the key")
        .into())
}

fn read_manifest(root: &Path) -> Result<Manifest, BuildError> {
    let own = metadata::read(root, "packyard.toml")?;
    let pyproject = metadata::read(root, "pyproject.toml")?;
    let has_table = |file: &SourceText| {
        let document = crate::manifest::parse_toml(file).ok()?;
        let tool = document.get_ref().get("tool")?.get_ref().as_table()?;
        Some(tool.get("packyard")?.span())
    };
    match (own, pyproject) {
        (Some(own), Some(pyproject)) => {
            if let Some(span) = has_table(&pyproject) {
                let problem = Diagnostic::new("there is a packyard.toml and a [tool.packyard] table")
                    .at(pyproject.place(span));
                return Err(problem.hint("keep one of them").into());
            }
            Manifest::parse(&own).map_err(BuildError::Project)
        }
        (Some(own), None) => Manifest::parse(&own).map_err(BuildError::Project),
        (None, Some(pyproject)) => Manifest::parse_tool_table(&pyproject).map_err(BuildError::Project),
        (None, None) => Ok(Manifest::default()),
    }
}

fn name(root: &Path, manifest: &Manifest, metadata: &Metadata) -> Result<ProjectName, BuildError> {
    let from_manifest = manifest
        .package
        .name
        .as_ref()
        .map(|(name, place)| (name.clone(), Some(place.clone())));
    let from_metadata = || {
        (!metadata.core.name.is_empty()).then(|| (metadata.core.name.clone(), metadata.name_place.clone()))
    };
    let Some((name, place)) = from_manifest.or_else(from_metadata) else {
        let problem = Diagnostic::new(format!("there is no project with a name in `{}`", root.display()));
        return Err(problem
            .hint("write `[package]` with `name = \"…\"` into its packyard.toml, or name another directory")
            .into());
    };
    if let (Some(place), Some(other)) = (&place, &metadata.name_place)
        && place != other
        && ProjectName::parse(&name).ok() != ProjectName::parse(&metadata.core.name).ok()
    {
        let problem = Diagnostic::new(format!(
            "[package] calls the project `{name}`, its metadata `{}`",
            metadata.core.name
        ));
        let problem = problem.at(place.clone()).related("the metadata", other.clone());
        return Err(problem
            .hint("leave the name out of [package]; package names go into [deb] name and [rpm] name")
            .into());
    }
    ProjectName::parse(&name).map_err(|e| {
        let problem = Diagnostic::new(format!("`{}` is not a valid {}", e.value, e.noun)).hint(e.rule);
        match place {
            Some(place) => problem.at(place).into(),
            None => problem.into(),
        }
    })
}

pub(crate) fn read_changelog(
    root: &Path,
    named: Option<&(String, Place)>,
) -> Result<Result<Changelog, ChangelogTrouble>, BuildError> {
    if let Some((name, place)) = named
        && !root.join(name).exists()
    {
        let problem = Diagnostic::new(format!("the changelog `{name}` is not there")).at(place.clone());
        let present = metadata::root_files(root)?;
        let hint = match nearest(name, present.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a file of the project".to_owned(),
        };
        return Err(problem.hint(hint).into());
    }
    let named = named.map(|(name, _)| name.as_str());
    Ok(match changelog::find(root, named)? {
        None => Err(ChangelogTrouble::Missing),
        Some(file) => file.parse().map_err(ChangelogTrouble::Unreadable),
    })
}

fn maintainer(
    manifest: &Manifest,
    metadata: &Metadata,
    changelog: &Result<Changelog, ChangelogTrouble>,
) -> Result<Option<Author>, BuildError> {
    if let Some((text, place)) = &manifest.package.maintainer {
        return match Author::parse(&metadata::readable(text)) {
            Some(author) => Ok(Some(author)),
            None => {
                let problem =
                    Diagnostic::new(format!("`{text}` does not name a maintainer")).at(place.clone());
                Err(problem.hint("write it as `Name <mail@example.org>`").into())
            }
        };
    }
    let contact = metadata::contact(&metadata.core).and_then(|text| Author::parse(&text));
    let logged = || changelog.as_ref().ok()?.newest()?.author.clone();
    let reachable = |author: &Author| author.email.contains('@');
    Ok(contact.or_else(|| logged().filter(reachable)))
}

/// What the project file says goes over what the metadata says, for packages of the system.
fn complete(manifest: &Manifest, metadata: &mut Metadata) {
    let package = &manifest.package;
    let core = &mut metadata.core;
    let or = |own: &Option<String>, there: &mut Option<String>| {
        if there.is_none() {
            there.clone_from(own);
        }
    };
    or(&package.summary, &mut core.summary);
    or(&package.homepage, &mut core.home_page);
    if core.license.is_none() {
        or(&package.license, &mut core.license_expression);
    }
}

/// The name of the changelog file that the project file says, where it says one.
pub fn changelog_name(root: &Path) -> Result<Option<String>, BuildError> {
    Ok(read_manifest(root)?.package.changelog.map(|(path, _)| path))
}

/// The project's name, for a new changelog and for its tags.
pub fn project_name(root: &Path) -> Result<String, BuildError> {
    let manifest = read_manifest(root)?;
    Ok(name(root, &manifest, &metadata::find(root)?.metadata)?.to_string())
}

/// Whether a build looks at [`Options::checkout`]: for a snapshot, and where the project file says that the version comes
/// from git.
pub fn needs_checkout(root: &Path, options: &Options) -> bool {
    // What is wrong with the project file is said by the build.
    let from_git = || read_manifest(root).is_ok_and(|m| m.package.version_from == Some(VersionFrom::Git));
    options.snapshot || (options.version.is_none() && from_git())
}

/// The version that the metadata says, where it says one.
pub fn metadata_version(root: &Path) -> Result<Option<ReleaseVersion>, BuildError> {
    Ok(ReleaseVersion::parse(&metadata::find(root)?.metadata.core.version).ok())
}

/// What a changelog's entries that leave something open get when it is printed.
pub fn changelog_defaults(
    root: &Path,
    options: &Options,
    log: &Changelog,
) -> Result<changelog::Defaults, BuildError> {
    let manifest = read_manifest(root)?;
    let metadata = metadata::find(root)?.metadata;
    let log = Ok(log.clone());
    let newest = log
        .as_ref()
        .ok()
        .and_then(Changelog::newest)
        .and_then(|entry| entry.released().cloned());
    let version = newest.or_else(|| ReleaseVersion::parse(&metadata.core.version).ok());
    let Some(version) = version else {
        return Err(Diagnostic::new("the changelog has no released entry")
            .hint("give the newest entry a version")
            .into());
    };
    let Some(author) = maintainer(&manifest, &metadata, &log)? else {
        let problem = Diagnostic::new("nobody is named as the author of the entries");
        return Err(problem
            .hint("write `maintainer = \"Name <mail@example.org>\"` into [package]")
            .into());
    };
    Ok(changelog::Defaults {
        package: name(root, &manifest, &metadata)?.to_string(),
        author,
        date: date(&log, options, options.version.is_some()).unwrap_or_else(year_1980),
        deb_revision: manifest.deb.revision.unwrap_or_else(|| "1".into()),
        rpm_release: manifest.rpm.release.unwrap_or_else(|| "1".into()),
        rpm_epoch: manifest.rpm.epoch,
        version,
    })
}
