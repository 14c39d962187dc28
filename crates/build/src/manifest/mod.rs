//! The project file: `packyard.toml`, or `[tool.packyard]` in `pyproject.toml` (INTERFACE.md, "The project file").
//! Values are parsed into the vocabulary here; what belongs together across tables is judged by the plan.

mod file;
mod line;
mod python;
mod relation;
mod rpm;
mod service;
mod system;
mod unit;

pub use file::{FileKeys, FileTarget, FormatFilter};
pub use python::BundleKeys;
pub use rpm::RpmKeys;
pub use system::{HOOKS, Hooks, ScriptKeys, TmpfileKeys, UserKeys};
pub use unit::{Boot, BootKeys, OnUpgrade, Setting, UnitKeys, UnitKind};

use crate::{
    Diagnostic, Place, SourceText,
    keys::{Keys, Problems},
};
use packyard_formats::compress::Compression;
use packyard_types::{ComponentName, DebName, DistributionName};
use std::collections::BTreeMap;
use toml::{Spanned, de::DeTable};

/// Where the version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionFrom {
    /// The newest released entry of the changelog.
    Changelog,
    /// The project's own metadata.
    Metadata,
    /// The newest tag, and the commits since.
    Git,
}

/// `[package]`.
#[derive(Debug, Clone, Default)]
pub struct PackageKeys {
    /// `name`.
    pub name: Option<(String, Place)>,
    /// `summary`.
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `license`, an SPDX expression.
    pub license: Option<String>,
    /// `homepage`.
    pub homepage: Option<String>,
    /// `maintainer`, `Name <mail>`.
    pub maintainer: Option<(String, Place)>,
    /// `version = {from = …}`.
    pub version_from: Option<VersionFrom>,
    /// `changelog`, a path.
    pub changelog: Option<(String, Place)>,
}

/// Where a Python project's modules are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The distribution's own site directory.
    Module,
    /// `/usr/lib/NAME`, with launchers in `/usr/bin`.
    Private,
    /// `/opt/NAME`, with all that it requires.
    Bundle,
}

/// `[deb]`.
#[derive(Debug, Clone, Default)]
pub struct DebKeys {
    /// `name`.
    pub name: Option<DebName>,
    /// `section`.
    pub section: Option<String>,
    /// `priority`.
    pub priority: Option<String>,
    /// `revision`.
    pub revision: Option<String>,
    /// `component`.
    pub component: Option<ComponentName>,
    /// `distributions`.
    pub distributions: Vec<DistributionName>,
    /// `compression`: how the archives inside are compressed.
    pub compression: Option<Compression>,
    /// `native = true`: the version has no Debian revision.
    pub native: bool,
    /// Pre-Depends, Depends, Recommends, Suggests, Enhances, Conflicts, Breaks, Replaces, Provides, each as it is
    /// written into `control`.
    pub relations: BTreeMap<&'static str, Vec<String>>,
    /// `[deb.libraries]`: who has a shared library, by its soname; empty for one that needs no package.
    pub libraries: BTreeMap<String, String>,
}

/// Everything the project file says.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// `[package]`.
    pub package: PackageKeys,
    /// `[python] layout`.
    pub layout: Option<Layout>,
    /// What else `[python]` says of a bundle.
    pub bundle: BundleKeys,
    /// `[python] pure-wheel`: a variable, its value, and where it is said.
    pub pure_wheel: Option<(String, String, Place)>,
    /// `[python] programs`, with their places.
    pub programs: Vec<(String, Place)>,
    /// `[python.deb-names]`, by PEP 503 name.
    pub deb_names: BTreeMap<String, String>,
    /// `[deb]`.
    pub deb: DebKeys,
    /// `[rpm]`.
    pub rpm: RpmKeys,
    /// `[[file]]`.
    pub files: Vec<FileKeys>,
    /// `[[service]]`.
    pub services: Vec<UnitKeys>,
    /// `[[timer]]`, `[[socket]]`, `[[path]]`: what starts services.
    pub triggers: Vec<UnitKeys>,
    /// `[[user]]`.
    pub users: Vec<UserKeys>,
    /// `[[tmpfile]]`.
    pub tmpfiles: Vec<TmpfileKeys>,
    /// `[scripts]`.
    pub scripts: ScriptKeys,
}

impl Manifest {
    /// Reads `packyard.toml`.
    pub fn parse(file: &SourceText) -> Result<Self, Vec<Diagnostic>> {
        Self::read_below(file, &[])
    }

    /// Reads `[tool.packyard]` of `pyproject.toml`.
    pub fn parse_tool_table(file: &SourceText) -> Result<Self, Vec<Diagnostic>> {
        Self::read_below(file, &["tool", "packyard"])
    }

    fn read_below(file: &SourceText, path: &[&str]) -> Result<Self, Vec<Diagnostic>> {
        let root = parse_toml(file).map_err(|d| vec![d])?;
        let problems = Problems::default();
        let mut table = root.get_ref();
        for part in path {
            match table.get(*part).and_then(|v| v.get_ref().as_table()) {
                Some(inner) => table = inner,
                None => return Ok(Self::default()),
            }
        }
        let manifest = read(Keys::new(file, &problems, "", 0..0, Some(table)));
        match problems.into_inner() {
            none if none.is_empty() => Ok(manifest),
            found => Err(found),
        }
    }
}

/// Parses TOML; an error shows its place.
pub(crate) fn parse_toml(file: &SourceText) -> Result<Spanned<DeTable<'_>>, Diagnostic> {
    DeTable::parse(file.text()).map_err(|e| {
        let message = format!("not valid TOML: {}", e.message().trim_end());
        let problem = Diagnostic::new(message).at(file.place(e.span().unwrap_or(0..0)));
        if e.message().contains("leading zero") {
            problem.hint("write a mode or a date in quotes, such as `\"0640\"`")
        } else {
            problem
        }
    })
}

fn read(mut keys: Keys<'_>) -> Manifest {
    let mut python = keys.table("python");
    let users: Vec<UserKeys> = keys.tables("user").into_iter().filter_map(system::user).collect();
    // Where a [[user]] cannot be read, nothing is said against the files of its name.
    let known_users = keys.problems.borrow().is_empty().then_some(&users[..]);
    let manifest = Manifest {
        package: package(keys.table("package")),
        layout: python::layout(&mut python),
        bundle: python::bundle(&mut python),
        pure_wheel: python::pure_wheel(&mut python),
        programs: python::programs(&mut python),
        deb_names: relation::deb_names(python.table("deb-names")),
        deb: deb(keys.table("deb")),
        rpm: rpm::read(keys.table("rpm")),
        files: keys
            .tables("file")
            .into_iter()
            .filter_map(|keys| file::read(keys, known_users))
            .collect(),
        services: units(&mut keys, "service", service::service),
        triggers: [
            units(&mut keys, "timer", service::timer),
            units(&mut keys, "socket", service::socket),
            units(&mut keys, "path", service::path),
        ]
        .concat(),
        tmpfiles: keys
            .tables("tmpfile")
            .into_iter()
            .filter_map(|keys| system::tmpfile(keys, &users))
            .collect(),
        users,
        scripts: system::scripts(keys.table("scripts")),
    };
    python.finish();
    keys.finish();
    manifest
}

fn units(keys: &mut Keys<'_>, table: &'static str, read: fn(Keys<'_>) -> Option<UnitKeys>) -> Vec<UnitKeys> {
    keys.tables(table).into_iter().filter_map(read).collect()
}

/// A string with its place.
pub(crate) fn located(keys: &Keys<'_>, value: Option<Spanned<String>>) -> Option<(String, Place)> {
    let value = value?;
    Some((value.get_ref().clone(), keys.file.place(value.span())))
}

fn plain(value: Option<Spanned<String>>) -> Option<String> {
    value.map(Spanned::into_inner)
}

fn package(mut keys: Keys<'_>) -> PackageKeys {
    let name = line::line(&mut keys, "name");
    let maintainer = line::line(&mut keys, "maintainer");
    let changelog = keys.string("changelog");
    let package = PackageKeys {
        name: located(&keys, name),
        summary: plain(line::line(&mut keys, "summary")),
        description: plain(keys.string("description")),
        license: plain(line::line(&mut keys, "license")),
        homepage: line::homepage(&mut keys),
        maintainer: located(&keys, maintainer),
        version_from: version_from(&mut keys),
        changelog: located(&keys, changelog),
    };
    keys.finish();
    package
}

/// Where the version is found; it is never written here.
fn version_from(keys: &mut Keys<'_>) -> Option<VersionFrom> {
    if let Some(value) = keys.value("version")
        && value.get_ref().is_str()
    {
        keys.problem(
            value.span(),
            "`version` in [package] says where the version comes from, not which it is",
            "write `version = {from = \"metadata\"}`, or \"changelog\" or \"git\"; the version itself is written into \
             the changelog or the metadata",
        );
        return None;
    }
    let mut keys = keys.table("version");
    let words = [
        ("changelog", VersionFrom::Changelog),
        ("metadata", VersionFrom::Metadata),
        ("git", VersionFrom::Git),
    ];
    let from = keys.word("from", &words);
    keys.finish();
    from
}

fn distributions(keys: &mut Keys<'_>) -> Vec<DistributionName> {
    let mut names = Vec::new();
    for text in keys.strings("distributions") {
        match DistributionName::parse(text.get_ref()) {
            Ok(name) => names.push(name),
            Err(e) => keys.problem(
                text.span(),
                e.to_string(),
                "use a name such as `bookworm` or `el9`",
            ),
        }
    }
    names
}

fn deb(mut keys: Keys<'_>) -> DebKeys {
    const RELATIONS: [(&str, &str); 9] = [
        ("pre-depends", "Pre-Depends"),
        ("depends", "Depends"),
        ("recommends", "Recommends"),
        ("suggests", "Suggests"),
        ("enhances", "Enhances"),
        ("breaks", "Breaks"),
        ("conflicts", "Conflicts"),
        ("provides", "Provides"),
        ("replaces", "Replaces"),
    ];
    let relations = RELATIONS.map(|(key, field)| (field, relation::relations(&mut keys, key)));
    let native = native(&mut keys);
    let deb = DebKeys {
        compression: compression(&mut keys),
        native,
        name: keys.parsed("name", DebName::parse),
        section: line::section(&mut keys),
        priority: line::priority(&mut keys),
        revision: revision(&mut keys, "revision"),
        component: keys.parsed("component", ComponentName::parse),
        distributions: distributions(&mut keys),
        relations: relations.into(),
        libraries: relation::libraries(keys.table("libraries")),
    };
    keys.finish();
    deb
}

/// `compression` of a payload.
fn compression(keys: &mut Keys<'_>) -> Option<Compression> {
    let words = [
        ("gzip", Compression::Gzip),
        ("xz", Compression::Xz),
        ("zstd", Compression::Zstd),
    ];
    keys.word("compression", &words)
}

/// `native`, which a revision contradicts.
fn native(keys: &mut Keys<'_>) -> bool {
    let native = keys.flag("native") == Some(true);
    if native && let Some(revision) = keys.value("revision") {
        keys.problem(
            revision.span(),
            "a native package has no `revision`",
            "remove it, or `native`",
        );
    }
    native
}

/// A Debian revision or RPM release: what a filename and a version can carry.
fn revision(keys: &mut Keys<'_>, key: &'static str) -> Option<String> {
    if let Some(toml::de::DeValue::Integer(_)) = keys.value(key).map(Spanned::get_ref) {
        return keys.number(key).map(|n| n.to_string());
    }
    let text = keys.string(key)?;
    let ok = |s: &str| {
        !s.is_empty()
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".+~".contains(&b))
    };
    if !ok(text.get_ref()) {
        let message = format!("`{}` is not a valid {key}", text.get_ref());
        keys.problem(
            text.span(),
            message,
            "only letters, digits, `.`, `+` and `~` are allowed",
        );
    }
    Some(text.into_inner())
}

#[cfg(test)]
mod tests;
