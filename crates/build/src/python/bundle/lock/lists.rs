//! Lock files that are lists: PEP 751's `pylock.toml`, and those of Poetry and PDM.

use super::{
    super::platform::Platform,
    Pin,
    table::{Table, no_wheel, sha256},
};
use crate::{BuildError, Diagnostic, SourceText, manifest::parse_toml};
use std::collections::BTreeSet;

/// Reads `pylock.toml`: what holds without an extra or a group.
pub(super) fn pylock(file: &SourceText, platform: &Platform) -> Result<Vec<Pin>, BuildError> {
    let document = parse_toml(file)?;
    let top = Table {
        file,
        table: document.get_ref(),
    };
    let mut pins = Vec::new();
    for package in top.list("packages") {
        let (name, version, place) = package.package()?;
        // Markers on `extras` and `dependency_groups` (PEP 751) are no PEP 508; what needs one is not of the project.
        let text = package.plain("marker").unwrap_or_default();
        let is_optional = text.contains(" in extras") || text.contains(" in dependency_groups");
        if is_optional || !platform.holds(&package.marker("marker")?, &[]) {
            continue;
        }
        if package.below("directory").is_some() && !package.has("wheels") {
            if is_root(package, "directory") {
                continue;
            }
            return Err(no_wheel(name, "is a directory", place).into());
        }
        for (key, why) in [
            ("vcs", "comes from version control"),
            ("archive", "comes from an archive"),
        ] {
            if package.has(key) {
                return Err(no_wheel(name, why, place).into());
            }
        }
        let wheels = package.list("wheels");
        let hashes: BTreeSet<String> = wheels
            .filter_map(|wheel| Some(wheel.below("hashes")?.plain("sha256")?.to_ascii_lowercase()))
            .collect();
        pins.push(pin(name, version, hashes, place)?);
    }
    Ok(pins)
}

/// Whether it is the project itself.
fn is_root(package: Table<'_>, key: &str) -> bool {
    let path = package.below(key).and_then(|directory| directory.plain("path"));
    matches!(path, Some("." | "./" | ""))
}

/// Reads `poetry.lock`: the group `main`, without what is optional.
pub(super) fn poetry(file: &SourceText, platform: &Platform) -> Result<Vec<Pin>, BuildError> {
    files(file, platform, "markers", "main")
}

/// Reads `pdm.lock`: the group `default`.
pub(super) fn pdm(file: &SourceText, platform: &Platform) -> Result<Vec<Pin>, BuildError> {
    files(file, platform, "marker", "default")
}

/// `[[package]]` tables with `files`.
fn files(file: &SourceText, platform: &Platform, marker: &str, group: &str) -> Result<Vec<Pin>, BuildError> {
    let document = parse_toml(file)?;
    let top = Table {
        file,
        table: document.get_ref(),
    };
    let mut pins = Vec::new();
    for package in top.list("package") {
        let (name, version, place) = package.package()?;
        let Some(groups) = package.texts("groups") else {
            let problem = Diagnostic::new(format!("{} does not say what `{name}` is for", file.file()));
            return Err(problem
                .at(place)
                .hint("write it anew with a newer version of the tool: it needs `groups`")
                .into());
        };
        let is_wanted = groups.contains(&group) && !package.is("optional");
        if !is_wanted || !platform.holds(&package.marker(marker)?, &[]) {
            continue;
        }
        if package.has("source")
            && package
                .below("source")
                .is_some_and(|s| s.plain("type") != Some("legacy"))
        {
            return Err(no_wheel(name, "comes from no index", place).into());
        }
        let wheels = package.list("files").filter(|file| {
            file.plain("file")
                .is_some_and(|name| name.to_ascii_lowercase().ends_with(".whl"))
        });
        let hashes: BTreeSet<String> = wheels.filter_map(|wheel| sha256(wheel.plain("hash")?)).collect();
        pins.push(pin(name, version, hashes, place)?);
    }
    Ok(pins)
}

/// A pin that must have a version and a wheel.
pub(super) fn pin(
    name: &str,
    version: Option<&str>,
    hashes: BTreeSet<String>,
    place: crate::Place,
) -> Result<Pin, Diagnostic> {
    match version {
        Some(version) if !hashes.is_empty() => Pin::new(name, version, hashes, place),
        Some(version) => Err(no_wheel(
            name,
            &format!("{version} has no wheel in the lock file"),
            place,
        )),
        None => Err(no_wheel(name, "has no version in the lock file", place)),
    }
}
