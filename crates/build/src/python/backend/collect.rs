//! What a backend left in its output directory, judged and taken apart.

use super::{
    super::{Files, dist_info::parse_entry_points},
    Built,
    failure::Failure,
};
use crate::{
    BuildError, files,
    metadata::{Metadata, parse_core},
};
use packyard_formats::{sdist, wheel};
use packyard_types::{ArtifactName, ProjectName};
use std::path::Path;

/// Takes the wheel and, where there is one, the sdist.
pub(super) fn collect(out: &Path, failure: &Failure<'_>, output: &str) -> Result<Built, BuildError> {
    let names = files::names(out)?;
    let wrong = |what: &str| failure.told(what, output);
    let wheel_file = one(out, &names, ".whl", "wheel", &wrong)?.ok_or_else(|| wrong("it made no wheel"))?;
    let sdist_file = one(out, &names, ".tar.gz", "sdist", &wrong)?;
    let wheel_name = ArtifactName::parse(&wheel_file)
        .map_err(|e| wrong(&format!("`{wheel_file}` is no name of a wheel: {e}")))?;
    let wheel = wheel::unpack::unpack(&read(out, &wheel_file)?)
        .map_err(|e| wrong(&format!("`{wheel_file}` cannot be read: {e}")))?;
    let sdist = match &sdist_file {
        None => None,
        Some(name) => {
            let files = sdist::unpack::unpack(&read(out, name)?);
            Some(files.map_err(|e| wrong(&format!("`{name}` cannot be read: {e}")))?)
        }
    };
    let dist_info_name = dist_info(&wheel).map_err(|e| wrong(&format!("`{wheel_file}` {e}")))?;
    let text = |name: &str| {
        let file = wheel.get(&format!("{dist_info_name}/{name}"))?;
        Some(String::from_utf8_lossy(&file.content.read().ok()?).into_owned())
    };
    let Some(metadata) = text("METADATA") else {
        return Err(wrong(&format!("`{wheel_file}` has no METADATA")));
    };
    let metadata = Metadata {
        core: parse_core(&metadata),
        entry_points: parse_entry_points(&text("entry_points.txt").unwrap_or_default()),
        ..Metadata::default()
    };
    agrees(&wheel_file, &metadata).map_err(|e| wrong(&e))?;
    Ok(Built {
        metadata,
        wheel_name,
        wheel,
        dist_info_name,
        sdist,
    })
}

/// The one file with this ending.
fn one(
    out: &Path,
    names: &[String],
    end: &str,
    noun: &str,
    wrong: &dyn Fn(&str) -> BuildError,
) -> Result<Option<String>, BuildError> {
    let found: Vec<&String> = names.iter().filter(|name| name.ends_with(end)).collect();
    if let [_, _, ..] = found[..] {
        let list: Vec<String> = found.iter().map(|name| format!("`{name}`")).collect();
        return Err(wrong(&format!(
            "it made more than one {noun}: {}",
            list.join(", ")
        )));
    }
    match found.first() {
        Some(name) if !out.join(name).is_file() => Err(wrong(&format!("`{name}` is no file"))),
        found => Ok(found.map(|name| (*name).clone())),
    }
}

fn read(out: &Path, name: &str) -> Result<Vec<u8>, BuildError> {
    std::fs::read(out.join(name)).map_err(|source| BuildError::Read {
        file: name.to_owned(),
        source,
    })
}

fn dist_info(wheel: &Files) -> Result<String, &'static str> {
    let tops = wheel.keys().filter_map(|path| Some(path.split_once('/')?.0));
    let mut found: Vec<&str> = tops.filter(|top| top.ends_with(".dist-info")).collect();
    found.dedup();
    match found[..] {
        [one] => Ok(one.to_owned()),
        [] => Err("has no dist-info directory"),
        _ => Err("has more than one dist-info directory"),
    }
}

/// The wheel's name and version must be those of its metadata.
fn agrees(file: &str, metadata: &Metadata) -> Result<(), String> {
    let mut parts = file.split('-');
    let (name, version) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let same_name = ProjectName::parse(name).ok() == ProjectName::parse(&metadata.core.name).ok();
    // A local version agrees with itself; that it is no release is said where the version is decided.
    let parsed = packyard_types::normal_pep440;
    let same_version = parsed(version).is_some() && parsed(version) == parsed(&metadata.core.version);
    if same_name && same_version {
        return Ok(());
    }
    Err(format!(
        "`{file}` says it is `{}` {} in its METADATA",
        metadata.core.name, metadata.core.version
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_is_called_as_its_metadata_says() {
        let metadata = |name: &str, version: &str| Metadata {
            core: parse_core(&format!("Name: {name}\nVersion: {version}\n")),
            ..Metadata::default()
        };
        assert_eq!(
            agrees("a_b-1.0-py3-none-any.whl", &metadata("A.b", "1.0")),
            Ok(())
        );
        let error = agrees("a_b-1.0-py3-none-any.whl", &metadata("a-b", "1.1")).unwrap_err();
        assert_eq!(
            error,
            "`a_b-1.0-py3-none-any.whl` says it is `a-b` 1.1 in its METADATA"
        );
        assert!(agrees("c-1.0-py3-none-any.whl", &metadata("a-b", "1.0")).is_err());
        assert!(agrees("odd.whl", &metadata("a-b", "1.0")).is_err());
    }
}
