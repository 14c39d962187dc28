//! Dependencies: those of the spec, and those that every rpmbuild adds.

use super::{CannotWrite, RpmScripts, RpmSpec, rows::Rows, sysusers, table::Table};
use crate::compress::Compression;
use crate::rpm::tag::{self, Triple, sense};
use packyard_types::{RpmDependency, RpmFlags};
use std::collections::BTreeSet;

/// A list as the header has it: by name, version and flags, each once.
#[derive(Default)]
struct List(BTreeSet<(String, String, u32)>);

impl List {
    fn of(relations: &[RpmDependency]) -> Self {
        let mut list = Self::default();
        for relation in relations {
            let pre = if relation.pre { sense::SCRIPTLETS } else { 0 };
            list.add(
                &relation.name,
                comparison(relation.flags) | pre,
                &relation.version,
            );
        }
        list
    }

    fn add(&mut self, name: &str, flags: u64, version: &str) {
        let flags = u32::try_from(flags).expect("the flags of dependencies have 32 bits");
        self.0.insert((name.to_owned(), version.to_owned(), flags));
    }

    /// Whether any version of the list holds a character; a rich dependency has its versions inside.
    fn has_in_versions(&self, c: char) -> bool {
        let in_one = |(name, version, _): &(String, String, u32)| {
            version.contains(c) || (name.starts_with('(') && name.contains(c))
        };
        self.0.iter().any(in_one)
    }

    fn put(&self, (names, flags, versions): Triple, table: &mut Table) {
        table.strings(names, self.0.iter().map(|(name, ..)| name));
        table.u32s(flags, self.0.iter().map(|(.., flags)| *flags));
        table.strings(versions, self.0.iter().map(|(_, version, _)| version));
    }
}

fn comparison(flags: Option<RpmFlags>) -> u64 {
    match flags {
        None => 0,
        Some(RpmFlags::Less) => sense::LESS,
        Some(RpmFlags::Greater) => sense::GREATER,
        Some(RpmFlags::Equal) => sense::EQUAL,
        Some(RpmFlags::LessOrEqual) => sense::LESS | sense::EQUAL,
        Some(RpmFlags::GreaterOrEqual) => sense::GREATER | sense::EQUAL,
    }
}

/// Writes all dependencies of a package.
pub(super) fn put(spec: &RpmSpec, rows: &Rows<'_>, table: &mut Table) -> Result<(), CannotWrite> {
    let provides = provides(spec, rows)?;
    let mut requires = List::of(&spec.requires);
    add_config(spec, rows, &mut requires);
    for (phase, script) in scriptlets(&spec.scripts) {
        if script.is_some() {
            requires.add("/bin/sh", sense::INTERPRETER | phase, "");
        }
    }
    let mut recommends = List::of(&spec.recommends);
    add_owners(rows, &mut recommends);
    let [suggests, supplements, enhances, conflicts, obsoletes] = [
        &spec.suggests,
        &spec.supplements,
        &spec.enhances,
        &spec.conflicts,
        &spec.obsoletes,
    ]
    .map(|relations| List::of(relations));
    let rest = [
        &recommends,
        &suggests,
        &supplements,
        &enhances,
        &conflicts,
        &obsoletes,
        &provides,
    ];
    add_features(spec, rows, &rest, &mut requires);
    provides.put(tag::PROVIDES, table);
    requires.put(tag::REQUIRES, table);
    recommends.put(tag::RECOMMENDS, table);
    suggests.put(tag::SUGGESTS, table);
    supplements.put(tag::SUPPLEMENTS, table);
    enhances.put(tag::ENHANCES, table);
    conflicts.put(tag::CONFLICTS, table);
    obsoletes.put(tag::OBSOLETES, table);
    Ok(())
}

/// Each scriptlet with the flag of what it needs.
fn scriptlets(scripts: &RpmScripts) -> [(u64, &Option<String>); 6] {
    [
        (sense::PRETRANS, &scripts.pretrans),
        (sense::SCRIPT_PRE, &scripts.pre),
        (sense::SCRIPT_POST, &scripts.post),
        (sense::SCRIPT_PREUN, &scripts.preun),
        (sense::SCRIPT_POSTUN, &scripts.postun),
        (sense::POSTTRANS, &scripts.posttrans),
    ]
}

fn provides(spec: &RpmSpec, rows: &Rows<'_>) -> Result<List, CannotWrite> {
    let mut provides = List::of(&spec.provides);
    if spec.spec_file().is_some() {
        return Ok(provides);
    }
    provides.add(spec.name.as_str(), sense::EQUAL, &spec.evr());
    if let Some(isa) = isa(spec.arch.as_str()) {
        provides.add(&format!("{}({isa})", spec.name), sense::EQUAL, &spec.evr());
    }
    add_config(spec, rows, &mut provides);
    for (name, version) in sysusers::provides(rows)? {
        let comparison = if version.is_empty() { 0 } else { sense::EQUAL };
        provides.add(&name, comparison | sense::FIND_PROVIDES, &version);
    }
    Ok(provides)
}

/// A package with configuration provides and requires it in its own version, so that it is upgraded with it.
fn add_config(spec: &RpmSpec, rows: &Rows<'_>, list: &mut List) {
    if rows.list.iter().any(super::rows::Row::is_config) {
        let name = format!("config({})", spec.name);
        list.add(&name, sense::EQUAL | sense::CONFIG, &spec.evr());
    }
}

/// rpm >= 4.19 makes the owners of files before it unpacks them, if it knows that they are needed. Older ones provide
/// no users, so it is no requirement.
fn add_owners(rows: &Rows<'_>, recommends: &mut List) {
    for owner in rows.list.iter().map(|row| &row.entry.owner) {
        if owner.user != "root" {
            recommends.add(&format!("user({})", owner.user), 0, "");
        }
        if owner.group != "root" {
            recommends.add(&format!("group({})", owner.group), 0, "");
        }
    }
}

/// `rpmlib(…)`: what the package asks of the rpm that installs it, and since when rpm can do that.
fn add_features(spec: &RpmSpec, rows: &Rows<'_>, rest: &[&List], requires: &mut List) {
    let lists = || rest.iter().copied().chain([&*requires]);
    let in_versions = |c| lists().any(|list| list.has_in_versions(c));
    let is_rich = lists().any(|list| list.0.iter().any(|(name, ..)| name.starts_with('(')));
    let has_capabilities = rows.list.iter().any(|row| row.entry.capabilities.is_some());
    let features = [
        (true, "CompressedFileNames", "3.0.4-1"),
        (true, "FileDigests", "4.6.0-1"),
        (spec.spec_file().is_none(), "PayloadFilesHavePrefix", "4.0-1"),
        (in_versions('^'), "CaretInVersions", "4.15.0-1"),
        (in_versions('~'), "TildeInVersions", "4.10.0-1"),
        (is_rich, "RichDependencies", "4.12.0-1"),
        (has_capabilities, "FileCaps", "4.6.1-1"),
        (rows.are_large(), "LargeFiles", "4.12.0-1"),
        (spec.compression == Compression::Xz, "PayloadIsXz", "5.2-1"),
        (spec.compression == Compression::Zstd, "PayloadIsZstd", "5.4.18-1"),
    ];
    for (_, name, since) in features.into_iter().filter(|(needed, ..)| *needed) {
        let flags = sense::RPMLIB | sense::LESS | sense::EQUAL;
        requires.add(&format!("rpmlib({name})"), flags, since);
    }
}

/// rpm's `%{_isa}` without its parentheses; a package for all architectures has none.
fn isa(arch: &str) -> Option<&'static str> {
    Some(match arch {
        "x86_64" | "x86_64_v2" | "x86_64_v3" | "x86_64_v4" => "x86-64",
        "i386" | "i486" | "i586" | "i686" => "x86-32",
        "aarch64" => "aarch-64",
        "armv7hl" => "armv7hl-32",
        "ppc64le" => "ppc-64",
        "riscv64" => "riscv-64",
        "s390x" => "s390-64",
        _ => return None,
    })
}
