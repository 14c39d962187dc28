//! What a wheel puts into site-packages.

use crate::archive::contents::{Member, MemberKind};
use crate::check::Finding;
use crate::check::rules::python as rules;
use crate::wheel::read::Wheel;
use packyard_types::ArtifactName;
use std::collections::{BTreeMap, BTreeSet};

/// Top-level names that any project could use (check-wheel-contents W005).
const COMMON: [&str; 22] = [
    ".eggs",
    ".nox",
    ".tox",
    ".venv",
    "app",
    "build",
    "cli",
    "data",
    "dist",
    "doc",
    "docs",
    "example",
    "examples",
    "lib",
    "scripts",
    "src",
    "test",
    "tests",
    "venv",
    "setup.py",
    "conftest.py",
    "__pycache__",
];

/// Checks the library.
pub fn check(name: &ArtifactName, wheel: &Wheel, findings: &mut Vec<Finding>) {
    let files: Vec<(&str, &Member)> = library(wheel).collect();
    empty(wheel, &files, findings);
    toplevel(&files, findings);
    duplicates(wheel, findings);
    let any = name.arch().ends_with("-any");
    for (path, member) in &files {
        if path.ends_with(".pyc") || path.ends_with(".pyo") {
            findings.push(Finding::of(&rules::BYTECODE, &member.path, "it is byte code"));
        } else if is_module(path) && !importable(path) {
            let message = "`import` cannot spell its name";
            findings.push(Finding::of(&rules::MODULE_NAME, &member.path, message));
        }
        if any && is_extension(path) && member.glance.is_elf() {
            findings.push(Finding::of(
                &rules::WHEEL_BINARY,
                &member.path,
                "it is a compiled module",
            ));
        }
    }
    for member in wheel
        .contents
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::File && m.mode & 0o444 != 0o444)
    {
        let message = format!("not everybody may read it (mode {:04o})", member.mode);
        findings.push(Finding::of(&rules::MODE, &member.path, message));
    }
}

/// Whether a compiled module is in the root, which Root-Is-Purelib is about.
pub fn has_extension(wheel: &Wheel) -> bool {
    let root = wheel
        .contents
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::File);
    root.filter(|m| data(&m.path).is_none())
        .any(|m| is_extension(&m.path) && m.glance.is_elf())
}

/// The part of a path below a section of NAME-VERSION.data, and the section.
fn data(path: &str) -> Option<(&str, &str)> {
    let (top, rest) = path.split_once('/')?;
    top.ends_with(".data").then(|| rest.split_once('/'))?
}

/// Files of the library by their path in site-packages.
pub fn library(wheel: &Wheel) -> impl Iterator<Item = (&str, &Member)> {
    let inside = format!("{}/", wheel.dist_info);
    let files = wheel
        .contents
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::File);
    files
        .filter(move |m| !m.path.starts_with(&inside))
        .filter_map(|member| match data(&member.path) {
            Some(("purelib" | "platlib", path)) => Some((path, member)),
            Some(_) => None,
            None => Some((member.path.as_str(), member)),
        })
}

fn is_extension(path: &str) -> bool {
    path.ends_with(".so") || path.ends_with(".pyd")
}

fn is_module(path: &str) -> bool {
    path.ends_with(".py") || is_extension(path)
}

fn importable(path: &str) -> bool {
    let (directories, file) = path.rsplit_once('/').unwrap_or(("", path));
    let name = |part: &str| {
        let part = part.strip_suffix("-stubs").unwrap_or(part);
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    // What an extension's name says after the first dot is for one Python; libraries beside it are called as they like.
    let stem = file.split('.').next().unwrap_or_default();
    let library = is_extension(path) && (file.starts_with("lib") || directories.ends_with(".libs"));
    library || (directories.split('/').all(|part| part.is_empty() || name(part)) && name(stem))
}

fn empty(wheel: &Wheel, files: &[(&str, &Member)], findings: &mut Vec<Finding>) {
    let scripts = wheel.contents.members.iter().any(|m| data(&m.path).is_some());
    if files.is_empty() {
        let message = if scripts {
            "it has no module"
        } else {
            "it has nothing but its metadata"
        };
        findings.push(Finding::of(&rules::EMPTY_WHEEL, "", message));
    }
}

fn toplevel(files: &[(&str, &Member)], findings: &mut Vec<Finding>) {
    let mut tops: BTreeMap<&str, bool> = BTreeMap::new();
    for (path, _) in files {
        let (top, below) = path
            .split_once('/')
            .map_or((*path, None), |(top, below)| (top, Some(below)));
        *tops.entry(top).or_default() |= below.is_none() || is_module(path) || path.ends_with(".pyi");
        if below.is_some() || top.ends_with(".pth") {
            continue;
        }
        if COMMON.contains(&top) {
            findings.push(Finding::of(
                &rules::TOPLEVEL,
                top,
                "its name could be any project's",
            ));
        } else if top == "__init__.py" || !is_module(top) {
            findings.push(Finding::of(
                &rules::JUNK,
                top,
                "it lies directly in site-packages, and is no module",
            ));
        }
    }
    let single: BTreeSet<&str> = files
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| !path.contains('/'))
        .collect();
    for (top, modules) in &tops {
        if single.contains(top) {
            continue;
        }
        if COMMON.contains(top) {
            findings.push(Finding::of(
                &rules::TOPLEVEL,
                *top,
                "its name could be any project's",
            ));
        } else if !modules && !top.ends_with("-stubs") && !top.ends_with(".libs") {
            findings.push(Finding::of(&rules::JUNK, *top, "no module is in it"));
        }
    }
    let named: Vec<&str> = tops
        .keys()
        .copied()
        .filter(|t| !t.starts_with('_') && !t.ends_with(".pth"))
        .collect();
    let projects: BTreeSet<&str> = named
        .iter()
        .map(|t| t.split(['.', '-']).next().unwrap_or_default())
        .collect();
    if projects.len() > 1 {
        let message = format!(
            "it installs {}",
            named.iter().take(8).copied().collect::<Vec<_>>().join(", ")
        );
        findings.push(Finding::of(&rules::SEVERAL, "", message));
    }
}

/// Files of one digest, told once for all of them; what is nearly empty is alike in every project.
fn duplicates(wheel: &Wheel, findings: &mut Vec<Finding>) {
    let mut same: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let inside = format!("{}/", wheel.dist_info);
    let files = wheel
        .contents
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::File);
    for member in files.filter(|m| m.size_bytes > 26 && !m.path.starts_with(&inside)) {
        if let Some(digest) = member.digest.as_deref() {
            same.entry(digest).or_default().push(&member.path);
        }
    }
    for paths in same.values().filter(|paths| paths.len() > 1) {
        let others: Vec<_> = paths[1..]
            .iter()
            .take(3)
            .map(|path| format!("`{}`", path.escape_debug()))
            .collect();
        let more = if paths.len() > 4 {
            format!(" and {} more", paths.len() - 4)
        } else {
            String::new()
        };
        let message = format!("it is the same as {}{more}", others.join(", "));
        findings.push(Finding::of(&rules::DUPLICATES, paths[0], message));
    }
}
