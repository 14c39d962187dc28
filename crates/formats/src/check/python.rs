//! What the packaging specifications ask of wheels and sdists beyond what intake insists on.

use super::Finding;
use crate::sdist::read::Sdist;
use crate::wheel::read::Wheel;
use packyard_types::{ArtifactName, CoreMetadata, ProjectName};
use std::str::FromStr;

/// Checks a wheel that could be read.
pub fn check_wheel(name: &ArtifactName, wheel: &Wheel, findings: &mut Vec<Finding>) {
    let place = format!("{}/METADATA", wheel.dist_info);
    check_metadata(&place, &wheel.metadata, findings);
    check_spelling(name, wheel, findings);
    let place = format!("{}/WHEEL", wheel.dist_info);
    match wheel.field("Wheel-Version") {
        Some(version) if version.starts_with("1.") => {}
        other => {
            let message = format!("its Wheel-Version is `{}`", other.unwrap_or("missing"));
            findings.push(Finding::error(
                "wheel-version",
                &place,
                message,
                "write `Wheel-Version: 1.0`",
            ));
        }
    }
    check_tags(name, wheel, &place, findings);
    for file in &wheel.metadata.license_files {
        let (modern, old) = (
            format!("{}/licenses/{file}", wheel.dist_info),
            format!("{}/{file}", wheel.dist_info),
        );
        if !wheel.contents.has(&modern) && !wheel.contents.has(&old) {
            let message = format!("License-File names `{file}`, which the wheel lacks");
            findings.push(Finding::error(
                "license-file-missing",
                &place,
                message,
                format!("add it as {modern}"),
            ));
        }
    }
}

/// Every combination of the filename's tags must be a `Tag` of WHEEL.
fn check_tags(name: &ArtifactName, wheel: &Wheel, place: &str, findings: &mut Vec<Finding>) {
    let mut parts: Vec<&str> = name.arch().rsplitn(4, '-').take(3).collect();
    parts.reverse();
    let [python, abi, platform] = parts[..] else {
        return;
    };
    let said: Vec<&str> = wheel
        .wheel
        .iter()
        .filter(|(k, _)| k == "Tag")
        .map(|(_, v)| v.as_str())
        .collect();
    // A WHEEL may write a compressed set in one line, as the filename does.
    let expanded: Vec<String> = said
        .iter()
        .flat_map(|tag| expand(&tag.split('-').collect::<Vec<_>>()))
        .collect();
    for tag in expand(&[python, abi, platform]) {
        if !expanded.contains(&tag) {
            let message = format!("the filename's tag `{tag}` is no Tag of it");
            findings.push(Finding::error(
                "wheel-tag",
                place,
                message,
                format!("add `Tag: {tag}`, or rename the wheel"),
            ));
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

fn check_spelling(name: &ArtifactName, wheel: &Wheel, findings: &mut Vec<Finding>) {
    let Ok(project) = ProjectName::parse(name.package()) else {
        return;
    };
    let normal = project.in_filenames();
    let spelt = name.as_str().split('-').next().unwrap_or_default();
    if spelt != normal {
        let message = format!("the filename spells the project `{spelt}`");
        findings.push(Finding::warning(
            "filename-not-normalised",
            "",
            message,
            format!("spell it `{normal}` (PEP 427)"),
        ));
    }
    let directory = wheel.dist_info.split('-').next().unwrap_or_default();
    if directory != normal {
        let message = format!("its directory spells the project `{directory}`");
        findings.push(Finding::warning(
            "dist-info-not-normalised",
            &wheel.dist_info,
            message,
            format!("spell it `{normal}`"),
        ));
    }
}

/// Checks an sdist that could be read.
pub fn check_sdist(name: &ArtifactName, sdist: &Sdist, findings: &mut Vec<Finding>) {
    let place = format!("{}/PKG-INFO", sdist.top);
    check_metadata(&place, &sdist.metadata, findings);
    let stem = name.as_str().trim_end_matches(".tar.gz");
    if sdist.top != stem {
        let message = format!("its top-level directory is not called `{stem}`, as the file is");
        findings.push(Finding::warning(
            "sdist-top",
            &sdist.top,
            message,
            format!("call it `{stem}` (PEP 625)"),
        ));
    }
    if let Ok(project) = ProjectName::parse(name.package()) {
        let normal = format!("{}-{}", project.in_filenames(), name.version());
        if stem != normal {
            let message = format!("the filename is not `{normal}.tar.gz`");
            findings.push(Finding::warning(
                "filename-not-normalised",
                "",
                message,
                "rename it (PEP 625)",
            ));
        }
    }
    if !sdist.contents.has(&format!("{}/pyproject.toml", sdist.top))
        && !sdist.contents.has(&format!("{}/setup.py", sdist.top))
    {
        let message = "it has neither pyproject.toml nor setup.py";
        findings.push(Finding::error(
            "sdist-unbuildable",
            &sdist.top,
            message,
            "include pyproject.toml",
        ));
    }
    for file in &sdist.metadata.license_files {
        if !sdist.contents.has(&format!("{}/{file}", sdist.top)) {
            let message = format!("License-File names `{file}`, which the sdist lacks");
            findings.push(Finding::error(
                "license-file-missing",
                &place,
                message,
                "include the file",
            ));
        }
    }
}

fn check_metadata(place: &str, metadata: &CoreMetadata, findings: &mut Vec<Finding>) {
    for requirement in &metadata.requires_dist {
        if let Err(e) = pep508_rs::Requirement::<pep508_rs::VerbatimUrl>::from_str(requirement) {
            let why = e.to_string().lines().next().unwrap_or_default().to_owned();
            let message = format!("Requires-Dist `{requirement}` is no requirement: {why}");
            findings.push(Finding::error(
                "requires-dist",
                place,
                message,
                "write it as PEP 508 says",
            ));
        }
    }
    if let Some(spec) = &metadata.requires_python
        && let Err(e) = pep440_rs::VersionSpecifiers::from_str(spec)
    {
        let why = e.to_string().lines().next().unwrap_or_default().to_owned();
        let message = format!("Requires-Python `{spec}` is no version specifier: {why}");
        findings.push(Finding::error(
            "requires-python",
            place,
            message,
            "write it as PEP 440 says, such as `>=3.9`",
        ));
    }
    if metadata.license.is_some() && metadata.license_expression.is_some() {
        let message = "it has both License and License-Expression";
        findings.push(Finding::error(
            "license-twice",
            place,
            message,
            "keep License-Expression (PEP 639)",
        ));
    }
    if metadata.description.is_none() {
        let message = "it has no long description";
        findings.push(Finding::warning(
            "no-long-description",
            place,
            message,
            "name a README in the project's metadata",
        ));
    } else if metadata.description_content_type.is_none() {
        let message = "it does not say how its description is written";
        let fix = "set Description-Content-Type: text/markdown, text/x-rst or text/plain";
        findings.push(Finding::warning(
            "no-description-content-type",
            place,
            message,
            fix,
        ));
    }
    if metadata
        .summary
        .as_ref()
        .is_none_or(|s| s.len() > 512 || s.contains('\n'))
    {
        let fix = "set a summary of one line, at most 512 characters";
        findings.push(Finding::warning(
            "summary",
            place,
            "it has no summary of one line",
            fix,
        ));
    }
}
