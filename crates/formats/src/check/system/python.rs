//! Python in packages of a distribution: the place of modules, byte code, names.

use super::{Tree, base};
use crate::archive::contents::{Member, MemberKind};
use crate::check::Finding;
use crate::check::rules::placement as rules;

/// Names at the top of the modules that belong to nobody.
const GENERIC: [&str; 15] = [
    "test",
    "tests",
    "testing",
    "doc",
    "docs",
    "example",
    "examples",
    "sample",
    "samples",
    "src",
    "build",
    "dist",
    "scripts",
    "setup.py",
    "conftest.py",
];

/// Checks every path that Python reads.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    for member in &tree.contents.members {
        if member.kind != MemberKind::Dir {
            findings.extend(bytecode(tree, member));
            findings.extend(site(tree, member));
        }
        findings.extend(generic(member));
        if tree.is_deb() && base(&member.path).ends_with(".egg") && below_modules(&member.path).is_some() {
            findings.push(Finding::of(&rules::EGG, &member.path, "it is an egg"));
        }
    }
}

fn is_bytecode(path: &str) -> bool {
    [".pyc", ".pyo"].iter().any(|end| path.ends_with(end))
}

fn bytecode(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    if tree.is_deb() {
        let compiled = path.contains("__pycache__/") || is_bytecode(path);
        return compiled.then(|| Finding::of(&rules::PYCACHE, path, "byte code is made at installation"));
    }
    // PEP 3147: DIR/__pycache__/NAME.TAG[.opt-N].pyc
    let source = is_bytecode(path).then(|| match path.rsplit_once("__pycache__/") {
        Some((directory, name)) => format!("{directory}{}.py", name.split('.').next().unwrap_or_default()),
        None => path.trim_end_matches(['c', 'o']).to_owned(),
    })?;
    let message = format!("there is no `{}` that it was made of", source.escape_debug());
    (!tree.contents.has(&source)).then(|| Finding::of(&rules::BYTECODE_ALONE, path, message))
}

/// The part of a path below a directory of Python modules, and what that directory is called.
fn below_modules(path: &str) -> Option<(&str, &str)> {
    let rest = path
        .strip_prefix("usr/lib/")
        .or_else(|| path.strip_prefix("usr/lib64/"))?;
    let (python, rest) = rest.split_once('/')?;
    let (modules, below) = rest.split_once('/')?;
    let known = python.starts_with("python") && matches!(modules, "site-packages" | "dist-packages");
    known.then_some((modules, below))
}

fn site(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let (modules, _) = below_modules(path)?;
    match (tree.is_deb(), modules) {
        (true, "site-packages") => Some(Finding::of(
            &rules::SITE_PACKAGES,
            path,
            "Debian's Python does not look in site-packages",
        )),
        (false, "dist-packages") => Some(Finding::of(
            &rules::DIST_PACKAGES,
            path,
            "only Debian's Python looks in dist-packages",
        )),
        _ => None,
    }
}

/// One finding for a module, told at its directory's __init__.py or at its one file.
fn generic(member: &Member) -> Option<Finding> {
    let (_, below) = below_modules(&member.path)?;
    let (name, inner) = below.split_once('/').unwrap_or((below, ""));
    let stem = name.strip_suffix(".py").unwrap_or(name);
    let generic = GENERIC.contains(&name) || (name != stem && GENERIC.contains(&stem));
    let document = inner.is_empty()
        && member.kind == MemberKind::File
        && [".md", ".rst", ".txt"].iter().any(|end| name.ends_with(end))
        && ["README", "LICENSE", "CHANGE", "NEWS", "AUTHORS"]
            .iter()
            .any(|begin| name.to_uppercase().starts_with(begin));
    let first = inner.is_empty() && member.kind != MemberKind::Dir || inner == "__init__.py";
    let message = format!("`{}` could be any project's", name.escape_debug());
    (first && (generic || document)).then(|| Finding::of(&rules::GENERIC_MODULE, &member.path, message))
}
