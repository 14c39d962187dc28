//! The version of a build: what was asked for, what git, the changelog and the metadata say, and that they agree.

use super::{ChangelogTrouble, snapshot};
use crate::{
    BuildError, Checkout, Diagnostic, Options, Place,
    changelog::Changelog,
    manifest::{Manifest, VersionFrom},
    metadata::{self, Metadata},
};
use packyard_types::{ProjectName, ReleaseVersion};
use std::path::Path;

/// What the version has to be, before the project's own backend is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: what the project says.
    Nothing,
    /// This one, because of what is named here: `--version`, a tag, PKG-INFO.
    Release(ReleaseVersion, String),
    /// This one, because the changelog is in charge.
    Logged(ReleaseVersion),
    /// This one, between two releases.
    Snapshot(ReleaseVersion),
}

impl Told {
    /// The version, where one was told.
    pub fn version(&self) -> Option<&ReleaseVersion> {
        match self {
            Self::Nothing => None,
            Self::Release(version, _) | Self::Logged(version) | Self::Snapshot(version) => Some(version),
        }
    }

    /// Whether an open entry of the changelog becomes the entry of this version.
    pub fn closes_open_entry(&self) -> bool {
        matches!(self, Self::Release(..))
    }
}

/// What the version is told to be.
pub(super) fn told(
    root: &Path,
    manifest: &Manifest,
    stated: &Metadata,
    changelog: &Result<Changelog, ChangelogTrouble>,
    options: &Options,
) -> Result<Told, BuildError> {
    let log = changelog.as_ref().ok();
    if let Some(version) = &options.version {
        return Ok(Told::Release(version.clone(), format!("--version {version}")));
    }
    let from = manifest.package.version_from;
    if options.snapshot || from == Some(VersionFrom::Git) {
        let Some(checkout) = &options.checkout else {
            return packaged(root).ok_or_else(no_git).map_err(Into::into);
        };
        return Ok(of_checkout(checkout, options.snapshot, stated, log)?);
    }
    let newest = log.and_then(Changelog::newest).and_then(|entry| entry.released());
    Ok(match newest {
        Some(newest) if from == Some(VersionFrom::Changelog) => Told::Logged(newest.clone()),
        _ => Told::Nothing,
    })
}

fn of_checkout(
    checkout: &Checkout,
    is_snapshot: bool,
    stated: &Metadata,
    log: Option<&Changelog>,
) -> Result<Told, Diagnostic> {
    if let Some(tag) = checkout
        .tag
        .as_ref()
        .filter(|tag| tag.distance == 0 && !is_snapshot)
    {
        return Ok(Told::Release(
            tag.version.clone(),
            format!("the tag `{}`", tag.name),
        ));
    }
    snapshot::check_depth(checkout)?;
    let said = ReleaseVersion::parse(&stated.core.version).ok();
    Ok(Told::Snapshot(snapshot::version(checkout, said.as_ref(), log)))
}

/// An sdist has no git, but says which version it is.
fn packaged(root: &Path) -> Option<Told> {
    let file = metadata::read(root, "PKG-INFO").ok()??;
    let version = metadata::parse_core(file.text()).version;
    let version = ReleaseVersion::parse(&version).ok()?;
    Some(Told::Release(version, "PKG-INFO".to_owned()))
}

fn no_git() -> Diagnostic {
    let problem = Diagnostic::new("the version comes from git, and the project is in no git repository");
    problem.hint("build it in a clone, or give the version with --version V")
}

/// The version, which everything that says one must agree on.
pub(super) fn decide(
    told: &Told,
    manifest: &Manifest,
    metadata: &Metadata,
    built: bool,
    changelog: &Result<Changelog, ChangelogTrouble>,
    name: &ProjectName,
) -> Result<ReleaseVersion, BuildError> {
    if built {
        check_backend(told, metadata, name)?;
    }
    let said = ReleaseVersion::parse(&metadata.core.version).ok();
    let log = changelog.as_ref().ok();
    let newest = log.and_then(Changelog::newest);
    let logged = newest.and_then(|e| e.released().cloned().map(|v| (v, e.place.clone())));
    match told {
        Told::Snapshot(version) => return Ok(version.clone()),
        Told::Release(version, by) => {
            let is_open = log.is_some_and(|log| log.unreleased().is_some());
            let against_log = logged.filter(|(v, _)| v != version && !is_open);
            let against_metadata = said.filter(|v| v != version);
            return agreed(version, by, against_log, against_metadata, metadata);
        }
        Told::Logged(_) | Told::Nothing => {}
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

/// What the project says beside the version that was told is shown, every place of it.
fn agreed(
    version: &ReleaseVersion,
    by: &str,
    logged: Option<(ReleaseVersion, Place)>,
    said: Option<ReleaseVersion>,
    metadata: &Metadata,
) -> Result<ReleaseVersion, BuildError> {
    let said = said.and(metadata.version_place.clone());
    let places: Vec<Place> = logged.map(|(_, place)| place).into_iter().chain(said).collect();
    let [place, more @ ..] = &places[..] else {
        return Ok(version.clone());
    };
    let mut problem = Diagnostic::new(format!("{by} disagrees with the project")).at(place.clone());
    for place in more {
        problem = problem.related("and here", place.clone());
    }
    let hint = if by.starts_with("--") {
        "change it there, or leave out --version".to_owned()
    } else {
        format!("make them say the same: {version}")
    };
    Err(problem.hint(hint).into())
}

/// A backend has been told the version in the ways that backends listen to. One that does not listen would make files
/// of another version.
fn check_backend(told: &Told, metadata: &Metadata, name: &ProjectName) -> Result<(), BuildError> {
    let made = &metadata.core.version;
    let problem = |message: String, hint: &str| {
        let problem = Diagnostic::new(message).hint(hint);
        match &metadata.version_place {
            Some(place) => problem.at(place.clone()),
            None => problem,
        }
    };
    match (told.version(), ReleaseVersion::parse(made)) {
        (Some(told), Ok(made)) if *told == made => Ok(()),
        (Some(told), _) => Err(problem(
            format!("the build backend of `{name}` makes version {made}, not {told}"),
            "it must take its version from pyproject.toml, setup.cfg or setup.py, or from git through setuptools_scm, \
             hatch-vcs or pdm-backend",
        )
        .into()),
        (None, Err(e)) if !made.is_empty() => Err(problem(
            format!("`{name}` is version `{made}` to its build backend: {}", e.rule),
            "between releases, build with --snapshot; a release is built where its tag is checked out, or with --version V",
        )
        .into()),
        (None, _) => Ok(()),
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
    let hint = if said.pep440().is_dev() && said > logged {
        "between releases, build with --snapshot; else make them say the same"
    } else {
        "make them say the same; the newest entry of the changelog is what is released"
    };
    let problem = problem.at(place).hint(hint);
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

/// An upgrade that pip sees and dpkg and rpm do not, or the other way round.
pub(super) fn width_note(version: &ReleaseVersion, changelog: Option<&Changelog>) -> Option<String> {
    let mut released = changelog?
        .entries
        .iter()
        .filter_map(|e| Some((e.released()?, &e.place)));
    let (older, place) = released.find(|(older, _)| *older != version)?;
    (!version.upgrades_safely_from(older)).then(|| {
        format!(
            "{}:{}: {older} and {version} have different numbers of digits for the same release, which pip orders in \
             one way and dpkg and rpm in another; keep to as many as before",
            place.file, place.line
        )
    })
}
