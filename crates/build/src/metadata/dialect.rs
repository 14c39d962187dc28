//! How each build backend makes core metadata of `[project]`: the fields are the same, what is left out, added or put in
//! order is not.

use super::{
    Metadata, people,
    project_table::{License, Project},
    requirement::{self, extra_name},
};
use crate::{BuildError, glob};
use packyard_types::CoreMetadata;
use std::path::Path;

/// A backend, and where it matters, its generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Setuptools,
    Hatchling,
    Flit3,
    Flit4,
    Uv,
}

/// Licence files that are found by themselves.
const LICENSE_FILES: [&str; 4] = ["LICEN[CS]E*", "COPYING*", "NOTICE*", "AUTHORS*"];

/// The metadata that the backend writes.
pub(super) fn metadata(root: &Path, project: Project, dialect: Dialect) -> Result<Metadata, BuildError> {
    let license_files = license_files(root, &project, dialect)?;
    let (requires_dist, provides_extra) = requirements(&project, dialect);
    let people = if dialect == Dialect::Uv {
        people::uv_fields
    } else {
        people::fields
    };
    let (author, author_email) = people(&project.authors);
    let (maintainer, maintainer_email) = people(&project.maintainers);
    let has_readme = project.readme.is_some();
    let readme = project.readme.clone().unwrap_or_default();
    let (license, license_expression) = license(&project, dialect);
    let mut core = CoreMetadata {
        name: project.name.clone(),
        version: project.version.clone().unwrap_or_default(),
        summary: project.summary.clone().filter(|s| !s.is_empty()),
        description: has_readme.then_some(readme.text),
        description_content_type: readme.content_type,
        keywords: keywords(&project, dialect),
        author,
        author_email,
        maintainer,
        maintainer_email,
        license,
        license_expression,
        license_files,
        classifiers: project.classifiers.clone(),
        requires_python: project.requires_python.clone(),
        requires_dist,
        provides_extra,
        project_urls: project.urls.clone(),
        ..CoreMetadata::default()
    };
    if matches!(dialect, Dialect::Flit3 | Dialect::Flit4) {
        core.project_urls.sort();
    }
    if dialect == Dialect::Setuptools && !core.license_files.is_empty() {
        core.dynamic = vec!["license-file".to_owned()];
    }
    let other = imports(&project, dialect);
    metadata_version(dialect, !other.is_empty(), &project).clone_into(&mut core.metadata_version);
    Ok(Metadata {
        core,
        name_place: project.name_place,
        version_place: project.version_place,
        requires_python_place: project.requires_python_place,
        entry_points: project.entry_points,
        readme: readme.file,
        other,
    })
}

fn metadata_version(dialect: Dialect, has_imports: bool, project: &Project) -> &'static str {
    match dialect {
        Dialect::Setuptools | Dialect::Flit3 => "2.4",
        Dialect::Hatchling | Dialect::Flit4 => "2.5",
        Dialect::Uv if has_imports => "2.5",
        Dialect::Uv => {
            let is_new =
                project.license_files.is_some() || matches!(project.license, Some(License::Expression(_)));
            if is_new { "2.4" } else { "2.3" }
        }
    }
}

fn keywords(project: &Project, dialect: Dialect) -> Option<String> {
    let mut keywords = project.keywords.clone();
    if dialect == Dialect::Hatchling {
        keywords.sort();
        keywords.dedup();
    }
    (!keywords.is_empty()).then(|| keywords.join(","))
}

fn license(project: &Project, dialect: Dialect) -> (Option<String>, Option<String>) {
    match &project.license {
        None => (None, None),
        Some(License::Expression(expression)) => (None, Some(expression.clone())),
        // flit-core holds that the field is for a name, not for a text.
        Some(_) if matches!(dialect, Dialect::Flit3 | Dialect::Flit4) => (None, None),
        Some(License::Text(text) | License::File(_, text)) => (Some(text.clone()), None),
    }
}

fn license_files(root: &Path, project: &Project, dialect: Dialect) -> Result<Vec<String>, BuildError> {
    let mut files = match &project.license_files {
        Some(files) => files.clone(),
        None => {
            let defaults = match dialect {
                Dialect::Uv => &[][..],
                Dialect::Flit3 => &["COPYING*", "LICEN[CS]E*"],
                _ => &LICENSE_FILES,
            };
            found(root, defaults)?
        }
    };
    let is_flit = matches!(dialect, Dialect::Flit3 | Dialect::Flit4);
    if let (true, Some(License::File(file, _))) = (is_flit, &project.license) {
        files.push(file.clone());
    }
    files.retain(|file| !(dialect == Dialect::Setuptools && file.ends_with('~')));
    if dialect == Dialect::Setuptools {
        let mut seen = Vec::new();
        files.retain(|file| {
            !seen.contains(file) && {
                seen.push(file.clone());
                true
            }
        });
    } else {
        files.sort();
        files.dedup();
    }
    Ok(files)
}

/// The files that match any of the patterns, by pattern.
pub(super) fn found(root: &Path, patterns: &[&str]) -> Result<Vec<String>, BuildError> {
    let mut files: Vec<String> = Vec::new();
    for pattern in patterns {
        for file in glob::glob(root, pattern)? {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// What setuptools finds without being told.
pub(super) fn setuptools_license_files(root: &Path) -> Result<Vec<String>, BuildError> {
    let mut files = found(root, &LICENSE_FILES)?;
    files.retain(|file| !file.ends_with('~'));
    Ok(files)
}

/// `Requires-Dist` and `Provides-Extra`.
fn requirements(project: &Project, dialect: Dialect) -> (Vec<String>, Vec<String>) {
    let write = |text: &str, extra: Option<&str>| -> Option<String> {
        if dialect == Dialect::Uv {
            return requirement::uv(text, extra).ok();
        }
        let split = requirement::split(text).ok()?;
        Some(match extra {
            None => split.plain(),
            Some(extra) if matches!(dialect, Dialect::Flit3 | Dialect::Flit4) => split.extra_first(extra),
            Some(extra) => split.with_extra(extra),
        })
    };
    let sorts = dialect == Dialect::Hatchling;
    let mut requires: Vec<String> = project
        .dependencies
        .iter()
        .filter_map(|text| write(text, None))
        .collect();
    if sorts {
        requires.sort();
    }
    let mut extras = project.extras.clone();
    if !matches!(dialect, Dialect::Setuptools | Dialect::Uv) {
        extras.sort_by_key(|(extra, _)| extra_name(extra));
    }
    for (extra, texts) in &extras {
        let name = extra_name(extra);
        let mut own: Vec<String> = texts.iter().filter_map(|text| write(text, Some(&name))).collect();
        if sorts {
            own.sort();
        }
        requires.extend(own);
    }
    (
        requires,
        extras.iter().map(|(extra, _)| extra_name(extra)).collect(),
    )
}

/// `Import-Name` and `Import-Namespace` (PEP 794).
fn imports(project: &Project, dialect: Dialect) -> Vec<(String, String)> {
    let pair = |field: &str, name: &String| {
        let mut name = match name.split_once(';') {
            Some((name, note)) => format!("{}; {}", name.trim(), note.trim()),
            None => name.clone(),
        };
        if dialect == Dialect::Hatchling && name.starts_with('_') && !name.contains(';') {
            name.push_str("; private");
        }
        (field.to_owned(), name)
    };
    let names = project
        .import_names
        .iter()
        .flatten()
        .map(|name| pair("Import-Name", name));
    let spaces = project
        .import_namespaces
        .iter()
        .flatten()
        .map(|name| pair("Import-Namespace", name));
    names.chain(spaces).collect()
}
