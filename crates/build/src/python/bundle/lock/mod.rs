//! What a bundle is made of: pins, read out of a lock file, or requirements that somebody has to resolve.
//!
//! | file | what it is |
//! |---|---|
//! | `pylock.toml`, `pylock.NAME.toml` | PEP 751 |
//! | `uv.lock` | the graph of a whole project: what the project itself needs is followed |
//! | `poetry.lock`, `pdm.lock` | lists with groups: the main one counts |
//! | anything else | requirements, as pip reads them; a lock where they have hashes |

mod lists;
mod requirements;
mod table;
mod uv;

use super::platform::Platform;
use crate::{
    BuildError, Diagnostic, Place, SourceText,
    manifest::BundleKeys,
    metadata::{self, Metadata},
};
use packyard_types::{ProjectName, normal_pep440};
use std::{collections::BTreeSet, path::Path};

/// Lock files that are looked for, the first one counts.
const NAMES: [&str; 7] = [
    "pylock.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "requirements.lock",
    "requirements.lock.txt",
    "requirements.txt",
];

/// One project in one version.
#[derive(Debug, Clone)]
pub(crate) struct Pin {
    pub name: ProjectName,
    /// Normalised, as filenames of wheels have it.
    pub version: String,
    /// The SHA-256 digests that its wheel may have; empty where the lock has none.
    pub sha256: BTreeSet<String>,
    /// Where it is pinned.
    pub place: Place,
}

/// What has to be resolved: lines as pip reads them, each with its place where it has one.
pub(crate) type Lines = Vec<(String, Option<Place>)>;

/// What a bundle is made of.
#[derive(Debug, Clone)]
pub(crate) enum Lock {
    /// All that is needed, by exact version; `options` are lines for pip.
    Pins {
        file: String,
        pins: Vec<Pin>,
        options: Vec<String>,
    },
    /// Requirements that are open.
    Open { file: Option<String>, lines: Lines },
}

impl Pin {
    fn new(name: &str, version: &str, sha256: BTreeSet<String>, place: Place) -> Result<Self, Diagnostic> {
        let wrong = |what: String| {
            let problem = Diagnostic::new(what).at(place.clone());
            problem.hint("write the lock file anew with the tool that made it")
        };
        Ok(Self {
            name: ProjectName::parse(name).map_err(|e| wrong(e.to_string()))?,
            version: normal_pep440(version).ok_or_else(|| wrong(format!("`{version}` is no version")))?,
            sha256,
            place,
        })
    }
}

/// The file that a project's lock is read from, by what is there.
pub(crate) fn file_name(root: &Path, keys: &BundleKeys) -> Option<String> {
    let named = keys.lock.as_ref().map(|(name, _)| name.clone());
    let there = || NAMES.iter().find(|name| root.join(name).is_file());
    named.or_else(|| there().map(|name| (*name).to_owned()))
}

/// Reads what the project file names, or what is there; else what the metadata requires.
pub(crate) fn read(
    root: &Path,
    keys: &BundleKeys,
    project: &ProjectName,
    metadata: &Metadata,
    platform: &Platform,
) -> Result<Lock, BuildError> {
    let file = match &keys.lock {
        Some((name, place)) => Some(named(root, name, place)?),
        None => NAMES
            .iter()
            .find_map(|name| metadata::read(root, name).transpose())
            .transpose()?,
    };
    let Some(file) = file else {
        let lines = metadata.core.requires_dist.iter();
        return Ok(Lock::Open {
            file: None,
            lines: lines.map(|line| (line.clone(), None)).collect(),
        });
    };
    let base = file.file().rsplit('/').next().unwrap_or_default().to_owned();
    let is_toml = base.ends_with(".toml");
    let pins = match base.as_str() {
        "uv.lock" => uv::read(&file, project, platform)?,
        "poetry.lock" => lists::poetry(&file, platform)?,
        "pdm.lock" => lists::pdm(&file, platform)?,
        _ if is_toml => lists::pylock(&file, platform)?,
        _ => return requirements::read(root, &file, project, platform),
    };
    Ok(Lock::Pins {
        file: file.file().to_owned(),
        pins,
        options: Vec::new(),
    })
}

fn named(root: &Path, name: &str, place: &Place) -> Result<SourceText, BuildError> {
    let inside = !name.starts_with('/') && !name.split('/').any(|part| part == "..");
    let file = if inside { metadata::read(root, name)? } else { None };
    file.ok_or_else(|| {
        let problem = Diagnostic::new(format!("`{name}` is not a file of the project")).at(place.clone());
        problem
            .hint("name a lock file or requirements, relative to the project's root")
            .into()
    })
}
