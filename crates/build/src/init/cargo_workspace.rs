//! A member of a cargo workspace (The Cargo Book, "Workspaces"): what it shares is said above it, and there cargo builds.

use super::{
    cargo::{table, text},
    draft::Draft,
};
use crate::{BuildError, SourceText, manifest::parse_toml};
use std::path::{Component, Path, PathBuf};
use toml::de::DeTable;

/// Above a program that cargo builds.
pub(super) const BUILD: &str = "Build it first: cargo build --release";
/// The same for a member of a workspace, whose programs would lie outside of the project.
const BUILD_HERE: &str = "Build it first: cargo build --release --target-dir target";

/// The Cargo.toml of the workspace that a package is a member of; none where it is the root itself, or alone.
pub(super) fn above(
    root: &Path,
    top: &DeTable<'_>,
    package: &DeTable<'_>,
) -> Result<Option<SourceText>, BuildError> {
    if top.get("workspace").is_some() {
        return Ok(None);
    }
    let Ok(root) = root.canonicalize() else {
        return Ok(None);
    };
    if let Some(named) = text(package, "workspace") {
        return read(&tidy(&root.join(named)).join("Cargo.toml"), &root);
    }
    for directory in root.ancestors().skip(1) {
        let Some(file) = read(&directory.join("Cargo.toml"), &root)? else {
            continue;
        };
        let document = parse_toml(&file)?;
        if let Some(workspace) = table(document.get_ref().get("workspace")) {
            let below = root.strip_prefix(directory).unwrap_or(&root);
            let is_out = excluded(workspace).any(|path| below.starts_with(path));
            return Ok((!is_out).then_some(file));
        }
    }
    Ok(None)
}

fn excluded<'a>(workspace: &'a DeTable<'_>) -> impl Iterator<Item = &'a str> {
    let all = workspace
        .get("exclude")
        .and_then(|value| value.get_ref().as_array());
    all.into_iter()
        .flatten()
        .filter_map(|path| path.get_ref().as_str())
}

/// Without `..`, as far as names go.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

/// A file above the project, by its name as seen from there.
fn read(path: &Path, root: &Path) -> Result<Option<SourceText>, BuildError> {
    let up = path
        .parent()
        .and_then(|directory| root.strip_prefix(directory).ok())
        .map_or(0, |below| below.components().count());
    let name = match up {
        0 => path.display().to_string(),
        up => format!("{}Cargo.toml", "../".repeat(up)),
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(SourceText::new(name, text))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(BuildError::Read { file: name, source }),
    }
}

/// A package's programs have to lie in the project: cargo is told to build there.
pub(super) fn say_where_it_builds(draft: &mut Draft) {
    let is_built =
        |source: Option<String>| source.is_some_and(|source| source.starts_with("target/release/"));
    for file in draft
        .things
        .iter_mut()
        .filter(|table| is_built(table.plain("source")))
    {
        file.remark = Some(BUILD_HERE.to_owned());
    }
}
