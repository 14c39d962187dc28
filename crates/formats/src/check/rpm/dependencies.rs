//! Requires, provides and obsoletes of an .rpm.

use crate::check::rules::rpm_header as rules;
use crate::check::{Finding, Rule};
use crate::rpm::facts::dependencies;
use crate::rpm::read::Rpm;
use crate::rpm::tag::{self, Triple};
use packyard_types::{RpmDependency, RpmFlags};
use std::collections::{BTreeMap, BTreeSet};

const PLACE: &str = "main header";
const ALL: [(&str, Triple); 8] = [
    ("Requires", tag::REQUIRES),
    ("Provides", tag::PROVIDES),
    ("Conflicts", tag::CONFLICTS),
    ("Obsoletes", tag::OBSOLETES),
    ("Recommends", tag::RECOMMENDS),
    ("Suggests", tag::SUGGESTS),
    ("Supplements", tag::SUPPLEMENTS),
    ("Enhances", tag::ENHANCES),
];

/// Checks the relations.
pub fn check(rpm: &Rpm, findings: &mut Vec<Finding>) {
    let mut say = |rule: &'static Rule, message: String| findings.push(Finding::of(rule, PLACE, message));
    for (name, tags) in ALL {
        for dependency in dependencies(&rpm.header, tags) {
            if let Some(why) = malformed(&dependency) {
                let shown = format!("{} {}", dependency.name, dependency.version);
                say(
                    &rules::DEPENDENCY,
                    format!("{name}: `{}` {why}", shown.trim().escape_debug()),
                );
            }
        }
    }
    let requires = dependencies(&rpm.header, tag::REQUIRES);
    let provides = dependencies(&rpm.header, tag::PROVIDES);
    let own = rpm.header.string(tag::NAME).unwrap_or_default();
    if requires.iter().any(|r| r.name == "<lua>") {
        say(
            &rules::DEPENDENCY_LUA,
            "it requires `<lua>`, which nothing provides".to_owned(),
        );
    }
    for library in requires.iter().filter(|r| is_library(r, &own)) {
        say(
            &rules::DEPENDENCY_LIBRARY,
            format!("it requires `{}` by name", library.name.escape_debug()),
        );
    }
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for provided in provides.iter().filter(|p| !p.name.contains('(')) {
        versions
            .entry(&provided.name)
            .or_default()
            .insert(&provided.version);
    }
    for (name, _) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        say(
            &rules::PROVIDES_TWICE,
            format!("it provides `{}` in several versions", name.escape_debug()),
        );
    }
    let mut named: BTreeMap<&str, Vec<&RpmDependency>> = BTreeMap::new();
    for provided in &provides {
        named.entry(&provided.name).or_default().push(provided);
    }
    for obsolete in dependencies(&rpm.header, tag::OBSOLETES) {
        let shown = obsolete.name.escape_debug();
        if named
            .get(&*obsolete.name)
            .is_some_and(|all| all.iter().any(|p| overlaps(&obsolete, p)))
        {
            say(
                &rules::OBSOLETES_SELF,
                format!("it obsoletes `{shown}`, which it provides"),
            );
        } else if !versions.contains_key(&*obsolete.name) {
            say(
                &rules::OBSOLETES_NOT_PROVIDED,
                format!("it obsoletes `{shown}` without providing it"),
            );
        }
    }
}

fn malformed(dependency: &RpmDependency) -> Option<&'static str> {
    let RpmDependency { name, version, .. } = dependency;
    let rich = name.starts_with('(');
    if name.is_empty() {
        Some("has no name")
    } else if ["is", "not", "owned", "by", "any", "package"].contains(&name.as_str()) {
        Some("is a word of a tool's message, which a generator took for a name")
    } else if name.starts_with("/usr/local/") {
        Some("is the administrator's file")
    } else if name.contains("%{") || name.starts_with('%') || version.contains('%') {
        Some("has a macro that was not expanded")
    } else if !rich && name.contains(char::is_whitespace) && !name.starts_with('/') {
        Some("has a blank in its name")
    } else if !rich
        && name.contains(['<', '>', '=', ',', ';', '|', '&'])
        && name != "<lua>"
        && !name.contains('(')
    {
        Some("has characters that belong to no name")
    } else if rich && name.matches('(').count() != name.matches(')').count() {
        Some("has parentheses that do not match")
    } else if version
        .chars()
        .any(|c| !(c.is_ascii_alphanumeric() || "._+~^:-".contains(c)))
    {
        Some("has a version that is none")
    } else {
        None
    }
}

/// As rpmlint sees it: `libfoo` by name, which is neither a generated soname nor one of the packages that are called so.
fn is_library(dependency: &RpmDependency, own: &str) -> bool {
    let name = dependency.name.as_str();
    let library = name.starts_with("lib") && !name.contains(['(', '/', '.']);
    let known = [
        "libtool",
        "libreoffice",
        "libvirt",
        "libguestfs",
        "librsvg2-tools",
        "libcap",
        "libselinux-utils",
    ];
    let same = own.split('-').next().is_some_and(|stem| name.starts_with(stem));
    let tool = [
        "-tools",
        "-utils",
        "-progs",
        "-devel",
        "-data",
        "-common",
        "-filesystem",
    ]
    .iter()
    .any(|e| name.ends_with(e));
    library && !same && !tool && !own.ends_with("-devel") && !known.iter().any(|k| name.starts_with(k))
}

/// Whether what is obsoleted includes what is provided, as far as equal versions tell.
fn overlaps(obsolete: &RpmDependency, provided: &RpmDependency) -> bool {
    if obsolete.name != provided.name {
        return false;
    }
    match obsolete.flags {
        None => true,
        Some(RpmFlags::Equal | RpmFlags::LessOrEqual | RpmFlags::GreaterOrEqual) => {
            let full = |version: &str| {
                version
                    .split_once(':')
                    .map_or(version.to_owned(), |(_, rest)| rest.to_owned())
            };
            full(&obsolete.version) == full(&provided.version)
        }
        _ => false,
    }
}
