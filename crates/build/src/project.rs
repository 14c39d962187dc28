//! A project, gathered: its project file, metadata, changelog and modules, judged together.

use crate::{
    BuildError, Diagnostic, Options, Place, SourceText,
    changelog::{self, Author, Changelog},
    manifest::{Manifest, VersionFrom},
    metadata::{self, Metadata},
    python::{self, Files, backend},
};
use packyard_types::{ProjectName, ReleaseVersion, Timestamp};
use std::path::{Path, PathBuf};

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
    pub python: Option<Python>,
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
    let found = metadata::find(root)?;
    let (mut metadata, kind) = (found.metadata, found.kind);
    let mut notes = Vec::new();
    let (selected, reason) = python::native(root, &metadata, &kind)?;
    let built = match reason {
        Some(reason) => {
            let built = backend::run(root, &reason, options)?;
            notes.push(format!("{reason}, so the project's own build backend is asked"));
            metadata = built.metadata.clone();
            Some(built)
        }
        None => None,
    };
    let name = name(root, &manifest, &metadata)?;
    let named = manifest.package.changelog.as_ref().map(|(path, _)| path.as_str());
    let changelog = read_changelog(root, named)?;
    let version = version(&manifest, &metadata, &changelog, options, &name)?;
    metadata.core.version = version.to_string();
    if metadata.core.name.is_empty() {
        metadata.core.name = name.to_string();
    }
    complete(&manifest, &mut metadata);
    let date = date(&changelog, options).unwrap_or_else(|| {
        notes.extend(unknown_date(&changelog));
        year_1980()
    });
    let python = match selected {
        Some(selected) => Some(python::native_python(root, &name, &version, &metadata, selected)?),
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
        version_given: options.version.is_some(),
        python,
        notes,
    })
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

fn read_changelog(
    root: &Path,
    named: Option<&str>,
) -> Result<Result<Changelog, ChangelogTrouble>, BuildError> {
    Ok(match changelog::find(root, named)? {
        None => Err(ChangelogTrouble::Missing),
        Some(file) => file.parse().map_err(ChangelogTrouble::Unreadable),
    })
}

/// The version, from the changelog and the metadata, which must agree.
fn version(
    manifest: &Manifest,
    metadata: &Metadata,
    changelog: &Result<Changelog, ChangelogTrouble>,
    options: &Options,
    name: &ProjectName,
) -> Result<ReleaseVersion, BuildError> {
    let said = ReleaseVersion::parse(&metadata.core.version).ok();
    let log = changelog.as_ref().ok();
    let open = log.and_then(Changelog::unreleased);
    let newest = log.and_then(Changelog::newest);
    let logged = newest.and_then(|e| e.released().cloned().map(|v| (v, e.place.clone())));
    if let Some(wanted) = &options.version {
        let releases_open_entry = open.is_some();
        let against_log = logged
            .as_ref()
            .filter(|(v, _)| v != wanted && !releases_open_entry);
        let against_metadata = said
            .as_ref()
            .filter(|v| *v != wanted)
            .and(metadata.version_place.clone());
        let place = against_log.map(|(_, place)| place.clone()).or(against_metadata);
        return match place {
            None => Ok(wanted.clone()),
            Some(place) => {
                let problem =
                    Diagnostic::new(format!("--version {wanted} disagrees with the project")).at(place);
                Err(problem.hint("change it there, or leave out --version").into())
            }
        };
    }
    match (said, logged) {
        (Some(said), Some((logged, place))) if said != logged => {
            Err(disagreement(metadata, &said, &logged, place).into())
        }
        (said, Some((logged, _)))
            if manifest.package.version_from != Some(VersionFrom::Metadata) || said.is_none() =>
        {
            Ok(logged)
        }
        (Some(said), _) if manifest.package.version_from != Some(VersionFrom::Changelog) => Ok(said),
        _ => Err(no_version(changelog, metadata, name)),
    }
}

fn disagreement(
    metadata: &Metadata,
    said: &ReleaseVersion,
    logged: &ReleaseVersion,
    place: Place,
) -> Diagnostic {
    let problem = Diagnostic::new(format!(
        "the changelog says version {logged}, the project's metadata says {said}"
    ));
    let problem = problem
        .at(place)
        .hint("make them say the same; the newest entry of the changelog is what is released");
    match &metadata.version_place {
        Some(other) => problem.related(format!("here it is {said}"), other.clone()),
        None => problem,
    }
}

fn no_version(
    changelog: &Result<Changelog, ChangelogTrouble>,
    metadata: &Metadata,
    name: &ProjectName,
) -> BuildError {
    if let Err(ChangelogTrouble::Unreadable(problems)) = changelog {
        return BuildError::Project(problems.clone());
    }
    let problem = Diagnostic::new(format!(
        "`{name}` has no version: neither its metadata nor a changelog says one"
    ));
    let hint = "begin a changelog: packyard changelog add --create --version 0.1.0 \"First release.\"";
    match &metadata.name_place {
        Some(place) => problem.at(place.clone()).hint(hint).into(),
        None => problem.hint(hint).into(),
    }
}

/// The first year that a wheel can name, where no date is known.
fn year_1980() -> Timestamp {
    Timestamp::from_unix_seconds(315_532_800)
}

/// Where the date is missing that is taken to be 1980 then.
fn unknown_date(changelog: &Result<Changelog, ChangelogTrouble>) -> Option<String> {
    let entry = changelog.as_ref().ok()?.entries.first()?;
    Some(format!(
        "{}:{}: the date of this entry is unknown, so everything is dated 1980-01-01; write it into the changelog, or \
         set SOURCE_DATE_EPOCH",
        entry.place.file, entry.place.line
    ))
}

/// The date of the newest entry that has one and is part of the build; else the one that was passed in.
fn date(changelog: &Result<Changelog, ChangelogTrouble>, options: &Options) -> Option<Timestamp> {
    let newest = changelog
        .as_ref()
        .ok()
        .and_then(Changelog::newest)
        .and_then(|entry| entry.date);
    let opens_new = options.version.is_some() && changelog.as_ref().is_ok_and(|c| c.unreleased().is_some());
    let logged = if opens_new { None } else { newest };
    logged.or(options.source_date).or(newest)
}

fn maintainer(
    manifest: &Manifest,
    metadata: &Metadata,
    changelog: &Result<Changelog, ChangelogTrouble>,
) -> Result<Option<Author>, BuildError> {
    if let Some((text, place)) = &manifest.package.maintainer {
        return match Author::parse(text) {
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
    Ok(contact.or_else(logged))
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

/// The project's name, for a new changelog.
pub fn project_name(root: &Path) -> Result<String, BuildError> {
    let manifest = read_manifest(root)?;
    Ok(name(root, &manifest, &metadata::find(root)?.metadata)?.to_string())
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
        date: date(&log, options).unwrap_or_else(year_1980),
        deb_revision: manifest.deb.revision.unwrap_or_else(|| "1".into()),
        rpm_release: manifest.rpm.release.unwrap_or_else(|| "1".into()),
        version,
    })
}
