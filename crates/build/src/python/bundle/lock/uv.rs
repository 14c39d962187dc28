//! `uv.lock`: the whole graph of a project, of which what the project itself requires is followed, without its groups
//! and extras.

use super::{
    super::platform::Platform,
    Pin, lists,
    table::{Table, no_wheel, sha256},
};
use crate::{BuildError, Diagnostic, SourceText, manifest::parse_toml};
use packyard_types::ProjectName;
use std::collections::{BTreeMap, BTreeSet};

/// A package of the graph: its name and version, and an extra of it.
type Node<'a> = (&'a str, &'a str, Option<&'a str>);

/// Reads what the project needs.
pub(super) fn read(
    file: &SourceText,
    project: &ProjectName,
    platform: &Platform,
) -> Result<Vec<Pin>, BuildError> {
    let document = parse_toml(file)?;
    let top = Table {
        file,
        table: document.get_ref(),
    };
    let mut packages: BTreeMap<&str, Vec<Table<'_>>> = BTreeMap::new();
    for package in top.list("package") {
        packages.entry(package.package()?.0).or_default().push(package);
    }
    let Some([root]) = packages.get(project.as_str()).map(Vec::as_slice) else {
        let problem = Diagnostic::new(format!("`{}` does not have `{project}`", file.file()));
        return Err(problem
            .at(file.line(1))
            .hint("write it anew with `uv lock`, in the directory of the project")
            .into());
    };
    let mut seen: BTreeSet<Node<'_>> = BTreeSet::new();
    let mut wanted: Vec<Node<'_>> = needs(*root, None, &packages, platform)?;
    let mut pins = BTreeMap::new();
    while let Some(node) = wanted.pop() {
        if !seen.insert(node) || node.0 == project.as_str() {
            continue;
        }
        let (name, version, extra) = node;
        let found = packages
            .get(name)
            .into_iter()
            .flatten()
            .find(|package| package.plain("version").unwrap_or_default() == version);
        let Some(package) = found else { continue };
        wanted.extend(needs(*package, extra, &packages, platform)?);
        if !pins.contains_key(&(name, version)) {
            pins.insert((name, version), pin(*package)?);
        }
    }
    Ok(pins.into_values().collect())
}

/// What a package requires, with one of its extras or without.
fn needs<'a>(
    package: Table<'a>,
    extra: Option<&str>,
    packages: &BTreeMap<&str, Vec<Table<'a>>>,
    platform: &Platform,
) -> Result<Vec<Node<'a>>, BuildError> {
    let required: Vec<Table<'a>> = match extra {
        None => package.list("dependencies").collect(),
        Some(extra) => package
            .below("optional-dependencies")
            .into_iter()
            .flat_map(|extras| extras.list(extra))
            .collect(),
    };
    let mut nodes = Vec::new();
    for one in required {
        if !platform.holds(&one.marker("marker")?, &[]) {
            continue;
        }
        let (name, version, place) = one.package()?;
        // A version is there only where the lock has several of them.
        let only = || match packages.get(name).map(Vec::as_slice) {
            Some([package]) => Some(package.plain("version").unwrap_or_default()),
            _ => None,
        };
        let Some(version) = version.or_else(only) else {
            let problem = Diagnostic::new(format!("the lock file does not have `{name}`")).at(place);
            return Err(problem.hint("write it anew with `uv lock`").into());
        };
        nodes.push((name, version, None));
        for extra in one.texts("extra").unwrap_or_default() {
            nodes.push((name, version, Some(extra)));
        }
    }
    Ok(nodes)
}

fn pin(package: Table<'_>) -> Result<Pin, Diagnostic> {
    let (name, version, place) = package.package()?;
    if let Some(source) = package.below("source") {
        for (key, why) in [
            ("git", "comes from git"),
            ("directory", "is a directory"),
            ("editable", "is another project of the workspace"),
            ("virtual", "is another project of the workspace"),
        ] {
            if source.has(key) {
                return Err(no_wheel(name, why, place));
            }
        }
    }
    let wheels = package.list("wheels");
    let hashes = wheels.filter_map(|wheel| sha256(wheel.plain("hash")?)).collect();
    lists::pin(name, version, hashes, place)
}
