//! What a bundle is made of: pins, read out of a lock file, or requirements that somebody has to resolve.
//!
//! | file | what it is |
//! |---|---|
//! | `pylock.toml`, `pylock.NAME.toml` | PEP 751 |
//! | `uv.lock` | the graph of a whole project: what the project itself needs is followed |
//! | `poetry.lock`, `pdm.lock` | lists with groups: the main one counts |
//! | anything else | requirements, as pip reads them; a lock where they have hashes |

mod hashes;
mod lists;
mod pylock;
mod requirements;
mod table;
mod text;
mod uv;

pub(crate) use hashes::{Hashes, Sum};

use super::platform::Platform;
use crate::{BuildError, Diagnostic, Place, SourceText, manifest::BundleKeys, metadata::Metadata};
use packyard_types::{ProjectName, normal_pep440};
use pep508_rs::{ExtraName, MarkerTree, Requirement, VerbatimUrl};
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
    /// The digests that its wheel may have; empty where the lock has none.
    pub hashes: Hashes,
    /// Where it is pinned.
    pub place: Place,
    /// Where it is needed.
    pub marker: MarkerTree,
    /// What is asked of it besides.
    pub extras: Vec<ExtraName>,
    /// Whether it is needed for what the lock says itself, and not only for what requires it.
    pub is_root: bool,
}

/// What has to be resolved: lines as pip reads them, each with its place where it has one.
pub(crate) type Lines = Vec<(String, Option<Place>)>;

/// The systems that a lock is for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    /// Its `requires-python`.
    pub requires_python: Option<(String, Place)>,
    /// Markers of which one must hold, where there are any.
    pub environments: Option<(Vec<MarkerTree>, Place)>,
}

/// What a bundle is made of.
#[derive(Debug, Clone)]
pub(crate) enum Lock {
    /// All that is needed, by exact version; `options` are lines for pip.
    Pins {
        file: String,
        pins: Vec<Pin>,
        options: Vec<String>,
        terms: Terms,
    },
    /// Requirements that are open.
    Open { file: Option<String>, lines: Lines },
}

impl Pin {
    fn new(name: &str, version: &str, hashes: Hashes, place: Place) -> Result<Self, Diagnostic> {
        let wrong = |what: String| {
            let problem = Diagnostic::new(what).at(place.clone());
            problem.hint("write the lock file anew with the tool that made it")
        };
        Ok(Self {
            name: ProjectName::parse(name).map_err(|e| wrong(e.to_string()))?,
            version: normal_pep440(version).ok_or_else(|| wrong(format!("`{version}` is no version")))?,
            hashes,
            place,
            marker: MarkerTree::default(),
            extras: Vec::new(),
            is_root: true,
        })
    }
}

impl Lock {
    fn pins(&self) -> &[Pin] {
        match self {
            Self::Pins { pins, .. } => pins,
            Self::Open { .. } => &[],
        }
    }

    /// Two versions of one project.
    pub fn fork(&self) -> Option<(&Pin, &Pin)> {
        let mut rest = self.pins();
        while let [one, more @ ..] = rest {
            if let Some(other) = more.iter().find(|other| other.name == one.name) {
                return Some((one, other));
            }
            rest = more;
        }
        None
    }

    /// The same where, of a project in several versions, those are left that another reading of the lock has.
    pub fn as_forked_in(&self, other: &Self) -> Self {
        let mut chosen = self.clone();
        if let Self::Pins { pins, .. } = &mut chosen {
            pins.retain(|pin| {
                let is_forked = self.pins().iter().filter(|there| there.name == pin.name).count() > 1;
                !is_forked
                    || other
                        .versions()
                        .contains(&(pin.name.clone(), pin.version.clone()))
            });
        }
        chosen
    }

    /// What it has.
    pub fn versions(&self) -> BTreeSet<(ProjectName, String)> {
        let pins = self.pins().iter();
        pins.map(|pin| (pin.name.clone(), pin.version.clone())).collect()
    }

    /// The version of a project.
    pub fn version_of(&self, name: &ProjectName) -> Option<String> {
        let pin = self.pins().iter().find(|pin| pin.name == *name)?;
        Some(pin.version.clone())
    }
}

/// One pin for each version of a project, where a lock has it more than once: for each extra, for each marker.
fn merged(pins: Vec<Pin>) -> Vec<Pin> {
    let mut merged: Vec<Pin> = Vec::new();
    for pin in pins {
        let same = |there: &&mut Pin| (&there.name, &there.version) == (&pin.name, &pin.version);
        match merged.iter_mut().find(same) {
            Some(there) => {
                there.hashes.extend(pin.hashes);
                there.marker.or(pin.marker);
                there.extras.extend(pin.extras);
                there.is_root |= pin.is_root;
            }
            None => merged.push(pin),
        }
    }
    merged
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
            .find_map(|name| text::read(root, name).transpose())
            .transpose()?,
    };
    let Some(file) = file else {
        let is_wanted = |line: &&String| {
            let requirement = line.parse::<Requirement<VerbatimUrl>>();
            requirement.map_or(true, |requirement| platform.holds(&requirement.marker, &[]))
        };
        let lines = metadata.core.requires_dist.iter().filter(is_wanted);
        return Ok(Lock::Open {
            file: None,
            lines: lines.map(|line| (line.clone(), None)).collect(),
        });
    };
    let base = file.file().rsplit('/').next().unwrap_or_default().to_owned();
    let is_toml = base.ends_with(".toml");
    let (pins, terms) = match base.as_str() {
        "uv.lock" => uv::read(&file, project, platform)?,
        "poetry.lock" => (lists::poetry(&file, platform)?, Terms::default()),
        "pdm.lock" => (lists::pdm(&file, platform)?, Terms::default()),
        _ if is_toml => pylock::read(&file, platform)?,
        _ => return requirements::read(root, &file, project, platform),
    };
    Ok(Lock::Pins {
        file: file.file().to_owned(),
        pins: merged(pins),
        options: Vec::new(),
        terms,
    })
}

fn named(root: &Path, name: &str, place: &Place) -> Result<SourceText, BuildError> {
    let inside = !name.starts_with('/') && !name.split('/').any(|part| part == "..");
    let file = if inside { text::read(root, name)? } else { None };
    file.ok_or_else(|| {
        let problem = Diagnostic::new(format!("`{name}` is not a file of the project")).at(place.clone());
        problem
            .hint("name a lock file or requirements, relative to the project's root")
            .into()
    })
}
