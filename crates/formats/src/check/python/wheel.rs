//! A wheel: its names and tags, and what check-wheel-contents asks of what it installs.

use super::{entry_points, library, metadata};
use crate::check::Finding;
use crate::check::rules::python as rules;
use crate::wheel::read::Wheel;
use packyard_types::{ArtifactName, ProjectName};
use std::str::FromStr;

/// Checks a wheel that could be read.
pub fn check(name: &ArtifactName, wheel: &Wheel, findings: &mut Vec<Finding>) {
    let place = format!("{}/METADATA", wheel.dist_info);
    metadata::check(&place, &wheel.metadata, &wheel.metadata_bytes, findings);
    spelling(name, wheel, findings);
    let place = format!("{}/WHEEL", wheel.dist_info);
    match wheel.field("Wheel-Version") {
        Some(version) if version.starts_with("1.") => {}
        other => {
            let message = format!(
                "its Wheel-Version is `{}`",
                other.unwrap_or("missing").escape_debug()
            );
            findings.push(Finding::of(&rules::WHEEL_VERSION, &place, message));
        }
    }
    tags(name, wheel, &place, findings);
    root(name, wheel, &place, findings);
    for file in &wheel.metadata.license_files {
        let (modern, old) = (
            format!("{}/licenses/{file}", wheel.dist_info),
            format!("{}/{file}", wheel.dist_info),
        );
        let short = format!("{}/{}", wheel.dist_info, crate::check::system::base(file));
        if ![&modern, &old, &short]
            .iter()
            .any(|path| wheel.contents.has(path))
        {
            let message = format!(
                "License-File names `{}`, which the wheel lacks",
                file.escape_debug()
            );
            findings
                .push(Finding::of(&rules::LICENSE_FILE, &place, message).fix(format!("add it as {modern}")));
        }
    }
    library::check(name, wheel, findings);
    entry_points::check(wheel, findings);
}

/// Every combination of the filename's tags must be a `Tag` of WHEEL.
fn tags(name: &ArtifactName, wheel: &Wheel, place: &str, findings: &mut Vec<Finding>) {
    let mut parts: Vec<&str> = name.arch().rsplitn(4, '-').take(3).collect();
    parts.reverse();
    let [python, abi, platform] = parts[..] else {
        return;
    };
    let said = wheel
        .wheel
        .iter()
        .filter(|(key, _)| key == "Tag")
        .map(|(_, value)| value.as_str())
        .take(500);
    // A WHEEL may write a compressed set in one line, as the filename does.
    let expanded: Vec<String> = said
        .flat_map(|tag| expand(&tag.split('-').collect::<Vec<_>>()))
        .collect();
    for tag in expand(&[python, abi, platform]) {
        if !expanded.contains(&tag) {
            let message = format!("the filename's tag `{tag}` is no Tag of it");
            let fix = format!("add `Tag: {tag}`, or rename the wheel");
            findings.push(Finding::of(&rules::WHEEL_TAG, place, message).fix(fix));
        }
    }
}

fn expand(parts: &[&str]) -> Vec<String> {
    let [python, abi, platform] = parts[..] else {
        return Vec::new();
    };
    let mut tags = Vec::new();
    // A filename has at most 250 characters, a Tag line is taken no further.
    for p in python.split('.').take(20) {
        for a in abi.split('.').take(20) {
            tags.extend(platform.split('.').take(20).map(|l| format!("{p}-{a}-{l}")));
        }
    }
    tags
}

fn root(name: &ArtifactName, wheel: &Wheel, place: &str, findings: &mut Vec<Finding>) {
    let pure = wheel.field("Root-Is-Purelib").map(str::to_lowercase);
    let any = name.arch().ends_with("-none-any") || name.arch() == "none-any";
    let message = match pure.as_deref() {
        None => "it does not say Root-Is-Purelib".to_owned(),
        Some("true") if library::has_extension(wheel) => {
            "it says Root-Is-Purelib, and has a compiled module".to_owned()
        }
        Some("false") if any => "it says that it is not pure, and its tag that it is".to_owned(),
        Some("true" | "false") => return,
        Some(other) => format!("Root-Is-Purelib is `{}`", other.escape_debug()),
    };
    findings.push(Finding::of(&rules::WHEEL_ROOT, place, message));
}

fn spelling(name: &ArtifactName, wheel: &Wheel, findings: &mut Vec<Finding>) {
    let Ok(project) = ProjectName::parse(name.package()) else {
        return;
    };
    let normal = project.in_filenames();
    let spelt = name.as_str().split('-').next().unwrap_or_default();
    if spelt != normal {
        let message = format!("the filename spells the project `{spelt}`");
        findings
            .push(Finding::of(&rules::SPELLING, "", message).fix(format!("spell it `{normal}` (PEP 427)")));
    }
    let stem = wheel
        .dist_info
        .strip_suffix(".dist-info")
        .unwrap_or(&wheel.dist_info);
    let (directory, version) = stem.split_once('-').unwrap_or((stem, ""));
    let same_project =
        ProjectName::parse(directory).is_ok_and(|p| ProjectName::parse(&wheel.metadata.name) == Ok(p));
    let parse = |version: &str| pep440_rs::Version::from_str(version).ok();
    if !same_project || parse(&version.replace('_', "-")) != parse(&wheel.metadata.version) {
        let message = format!(
            "METADATA is of `{} {}`",
            wheel.metadata.name.escape_debug(),
            wheel.metadata.version
        );
        findings.push(Finding::of(&rules::DIST_INFO_MISMATCH, &wheel.dist_info, message));
    } else if directory != normal {
        let message = format!("its directory spells the project `{}`", directory.escape_debug());
        let finding = Finding::of(&rules::DIST_INFO_SPELLING, &wheel.dist_info, message);
        findings.push(finding.fix(format!("spell it `{normal}`")));
    }
}
