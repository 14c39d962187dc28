//! An sdist: its one directory, what builds it, and what should not be in it.

use super::metadata;
use crate::archive::contents::MemberKind;
use crate::check::Finding;
use crate::check::rules::python as rules;
use crate::check::system::base;
use crate::sdist::read::Sdist;
use packyard_types::{ArtifactName, ProjectName};

/// Checks an sdist that could be read.
pub fn check(name: &ArtifactName, sdist: &Sdist, findings: &mut Vec<Finding>) {
    let top = sdist.top.as_str();
    let place = format!("{top}/PKG-INFO");
    let raw = sdist
        .contents
        .kept
        .get(&place)
        .map(Vec::as_slice)
        .unwrap_or_default();
    metadata::check(&place, &sdist.metadata, raw, findings);
    let stem = name.as_str().trim_end_matches(".tar.gz");
    if top != stem {
        let message = format!("its top-level directory is not called `{stem}`, as the file is");
        findings
            .push(Finding::of(&rules::SDIST_TOP, top, message).fix(format!("call it `{stem}` (PEP 625)")));
    }
    if let Ok(project) = ProjectName::parse(name.package()) {
        let normal = format!("{}-{}", project.in_filenames(), name.version());
        if stem != normal {
            let message = format!("the filename is not `{normal}.tar.gz`");
            findings.push(Finding::of(&rules::SPELLING, "", message));
        }
    }
    let has = |file: &str| sdist.contents.has(&format!("{top}/{file}"));
    if !has("pyproject.toml") && !has("setup.py") {
        let message = "it has neither pyproject.toml nor setup.py";
        findings.push(Finding::of(&rules::SDIST_UNBUILDABLE, top, message));
    } else if !has("pyproject.toml") {
        findings.push(Finding::of(
            &rules::SDIST_PYPROJECT,
            top,
            "it has no pyproject.toml",
        ));
    }
    for file in sdist.metadata.license_files.iter().filter(|file| !has(file)) {
        let message = format!(
            "License-File names `{}`, which the sdist lacks",
            file.escape_debug()
        );
        findings.push(Finding::of(&rules::LICENSE_FILE, &place, message));
    }
    for member in sdist
        .contents
        .members
        .iter()
        .filter(|m| m.kind != MemberKind::Dir)
    {
        let path = member.path.as_str();
        let directory = [
            "/__pycache__/",
            "/.git/",
            "/.hg/",
            "/.svn/",
            "/.tox/",
            "/.nox/",
            "/.venv/",
            "/node_modules/",
        ];
        let bytecode = path.ends_with(".pyc") || path.ends_with(".pyo");
        let desktop = matches!(base(path), ".DS_Store" | "Thumbs.db") || base(path).starts_with("._");
        if bytecode || desktop || directory.iter().any(|part| path.contains(part)) {
            findings.push(Finding::of(&rules::SDIST_JUNK, path, "it is no source"));
        }
    }
}
