//! Core metadata of a wheel or sdist, judged as an index would judge the upload.

use crate::check::licence::is_spdx;
use crate::check::rules::python as rules;
use crate::check::{Finding, Rule};
use packyard_types::CoreMetadata;
use std::collections::BTreeSet;

/// Fields, and the version of the specification that brought them; what setuptools wrote earlier is left out.
const SINCE: [(&str, (u32, u32)); 9] = [
    ("license-expression", (2, 4)),
    ("dynamic", (2, 2)),
    ("description-content-type", (2, 0)),
    ("provides-extra", (2, 0)),
    ("requires-dist", (1, 2)),
    ("requires-python", (1, 2)),
    ("project-url", (1, 2)),
    ("import-name", (2, 5)),
    ("import-namespace", (2, 5)),
];
const CLASSIFIERS: [&str; 11] = [
    "Development Status",
    "Environment",
    "Framework",
    "Intended Audience",
    "License",
    "Natural Language",
    "Operating System",
    "Private",
    "Programming Language",
    "Topic",
    "Typing",
];
const CONTENT_TYPES: [&str; 3] = ["text/markdown", "text/x-rst", "text/plain"];

/// Checks the fields; `raw` is the file, for the fields that nothing else uses.
pub fn check(place: &str, metadata: &CoreMetadata, raw: &[u8], findings: &mut Vec<Finding>) {
    let mut say = |rule: &'static Rule, message: String| findings.push(Finding::of(rule, place, message));
    versions(metadata, raw, &mut say);
    requirements(metadata, &mut say);
    licence(metadata, &mut say);
    description(metadata, &mut say);
    for (label, url) in &metadata.project_urls {
        if label.is_empty() || label.chars().count() > 32 || url.is_empty() {
            say(
                &rules::PROJECT_URL,
                format!("Project-URL `{}, {}`", label.escape_debug(), url.escape_debug()),
            );
        }
    }
    for classifier in &metadata.classifiers {
        let group = classifier.split(" :: ").next().unwrap_or_default();
        if !CLASSIFIERS.contains(&group) || !classifier.contains(" :: ") {
            say(
                &rules::CLASSIFIER,
                format!("`{}` begins as no classifier does", classifier.escape_debug()),
            );
        }
    }
}

type Say<'a> = dyn FnMut(&'static Rule, String) + 'a;

fn versions(metadata: &CoreMetadata, raw: &[u8], say: &mut Say<'_>) {
    let (major, minor) = metadata.metadata_version.split_once('.').unwrap_or(("1", "0"));
    let version = (major.parse().unwrap_or(1_u32), minor.parse().unwrap_or(0_u32));
    let text = String::from_utf8_lossy(raw);
    let header = text.lines().take_while(|line| !line.trim_end().is_empty());
    let names: BTreeSet<String> = header
        .filter_map(|line| Some(line.split_once(':')?.0.to_lowercase()))
        .collect();
    for (name, since) in SINCE {
        if names.contains(name) && version < since {
            let said = &metadata.metadata_version;
            say(
                &rules::METADATA_FIELD,
                format!(
                    "`{name}` needs Metadata-Version {}.{}, it says {said}",
                    since.0, since.1
                ),
            );
        }
    }
}

fn requirements(metadata: &CoreMetadata, say: &mut Say<'_>) {
    let normal = |extra: &str| extra.to_lowercase().replace(['_', '.'], "-");
    let extras: BTreeSet<String> = metadata
        .provides_extra
        .iter()
        .map(|extra| normal(extra))
        .collect();
    for requirement in &metadata.requires_dist {
        if let Err(why) = crate::requirement::check(requirement) {
            say(
                &rules::REQUIRES_DIST,
                format!("Requires-Dist `{requirement}` is no requirement: {why}"),
            );
        }
        for extra in asked(requirement).filter(|extra| !extras.contains(&normal(extra))) {
            say(
                &rules::EXTRA,
                format!(
                    "a requirement is of the extra `{}`, which is not provided",
                    extra.escape_debug()
                ),
            );
        }
    }
    for extra in &metadata.provides_extra {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !extra.chars().all(good) || !extra.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            say(
                &rules::EXTRA,
                format!("`{}` is no name of an extra", extra.escape_debug()),
            );
        }
    }
    if let Some(spec) = &metadata.requires_python
        && let Err(e) = spec.parse::<pep440_rs::VersionSpecifiers>()
    {
        let why = e.to_string().lines().next().unwrap_or_default().to_owned();
        say(
            &rules::REQUIRES_PYTHON,
            format!("Requires-Python `{spec}` is no version specifier: {why}"),
        );
    }
}

/// The extras that a requirement's marker compares with.
fn asked(requirement: &str) -> impl Iterator<Item = &str> {
    let marker = requirement.split_once(';').map_or("", |(_, marker)| marker);
    marker.split("extra").skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix("==")?.trim_start();
        let quote = rest.chars().next().filter(|c| *c == '\'' || *c == '"')?;
        rest[1..].split(quote).next()
    })
}

fn licence(metadata: &CoreMetadata, say: &mut Say<'_>) {
    let Some(expression) = &metadata.license_expression else {
        return;
    };
    if metadata.license.is_some() {
        say(
            &rules::LICENSE_TWICE,
            "it has both License and License-Expression".to_owned(),
        );
    }
    if let Some(classifier) = metadata.classifiers.iter().find(|c| c.starts_with("License ::")) {
        say(
            &rules::LICENSE_TWICE,
            format!(
                "it has both License-Expression and `{}`",
                classifier.escape_debug()
            ),
        );
    }
    if !is_spdx(expression) {
        say(
            &rules::LICENSE_EXPRESSION,
            format!("`{}` is no SPDX expression", expression.escape_debug()),
        );
    }
}

fn description(metadata: &CoreMetadata, say: &mut Say<'_>) {
    if metadata.description.is_none() {
        say(&rules::NO_DESCRIPTION, "it has no long description".to_owned());
    } else if metadata.description_content_type.is_none() {
        say(
            &rules::NO_CONTENT_TYPE,
            "it does not say how its description is written".to_owned(),
        );
    }
    if let Some(spelt) = &metadata.description_content_type {
        let mut parts = spelt.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_lowercase();
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.trim().to_lowercase().as_str() {
                "charset" => value.trim_matches('"').eq_ignore_ascii_case("utf-8"),
                "variant" => matches!(value.trim_matches('"'), "GFM" | "CommonMark"),
                _ => true,
            }
        };
        if !CONTENT_TYPES.contains(&kind.as_str()) || !parts.all(parameter) {
            say(
                &rules::CONTENT_TYPE,
                format!("`{}` is no content type of a description", spelt.escape_debug()),
            );
        }
    }
    if metadata
        .summary
        .as_ref()
        .is_none_or(|s| s.chars().count() > 512 || s.contains('\n'))
    {
        say(&rules::SUMMARY, "it has no summary of one line".to_owned());
    }
}
