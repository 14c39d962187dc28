//! Relations to other packages (Debian Policy 7), and the interpreters that the files need.

use super::field;
use crate::archive::contents::MemberKind;
use crate::check::Finding;
use crate::check::rules::deb_control as rules;
use crate::check::system::base;
use crate::deb::read::Deb;
use crate::deb::relation::{self, Operator, Relation};
use packyard_types::DebName;
use std::collections::BTreeSet;

/// Relation fields, and whether one of several packages may fulfil a relation of it.
const FIELDS: [(&str, bool); 11] = [
    ("Pre-Depends", true),
    ("Depends", true),
    ("Recommends", true),
    ("Suggests", true),
    ("Enhances", true),
    ("Provides", false),
    ("Conflicts", false),
    ("Breaks", false),
    ("Replaces", false),
    ("Built-Using", false),
    ("Static-Built-Using", false),
];
const ESSENTIAL: [&str; 21] = [
    "base-files",
    "base-passwd",
    "bash",
    "bsdutils",
    "coreutils",
    "dash",
    "debianutils",
    "diffutils",
    "dpkg",
    "findutils",
    "grep",
    "gzip",
    "hostname",
    "init-system-helpers",
    "libc-bin",
    "ncurses-base",
    "perl-base",
    "sed",
    "sysvinit-utils",
    "tar",
    "util-linux",
];

/// Checks every relation, and that the interpreters of the files are among them.
pub fn check(deb: &Deb, findings: &mut Vec<Finding>) {
    for (name, alternatives) in FIELDS {
        if let Some(value) = deb.control.get(name) {
            field_of_relations(deb, name, alternatives, value, findings);
        }
    }
    contradictions(deb, findings);
    interpreters(deb, findings);
}

fn field_of_relations(deb: &Deb, name: &str, alternatives: bool, value: &str, findings: &mut Vec<Finding>) {
    let package = field(deb, "Package");
    for group in value
        .split(',')
        .map(str::trim_ascii)
        .filter(|group| !group.is_empty())
    {
        let shown = group.escape_debug();
        let bad = |why: &str| Finding::of(&rules::RELATION, "control", format!("{name}: `{shown}` {why}"));
        if group.contains('|') && !alternatives {
            findings.push(bad("has alternatives"));
        }
        for one in group.split('|') {
            let relation = match parse(one.trim_ascii()) {
                Ok(relation) => relation,
                Err(why) => {
                    findings.push(bad(why));
                    continue;
                }
            };
            if name == "Provides"
                && relation
                    .version
                    .is_some_and(|(operator, _)| operator != Operator::Equal)
            {
                findings.push(bad("provides more than one version"));
            }
            let own = relation.name == package && relation.version.is_none() && name.ends_with("Depends");
            if own || (name == "Breaks" && relation.version.is_none()) {
                let why = if own {
                    "is the package itself"
                } else {
                    "breaks every version"
                };
                findings.push(Finding::of(
                    &rules::RELATION_SELF,
                    "control",
                    format!("{name}: `{shown}` {why}"),
                ));
            }
            let essential =
                ESSENTIAL.contains(&relation.name) && relation.version.is_none() && !group.contains('|');
            let minimal = relation.name == "python3-minimal" && !package.starts_with("python3");
            if name.ends_with("Depends") && ((essential && !ESSENTIAL.contains(&package)) || minimal) {
                let why = if minimal {
                    "is not all of Python"
                } else {
                    "is always there"
                };
                findings.push(Finding::of(
                    &rules::RELATION_ESSENTIAL,
                    "control",
                    format!("{name}: `{shown}` {why}"),
                ));
            }
        }
    }
}

/// As dpkg reads it, in the spelling that policy has.
fn parse(text: &str) -> Result<Relation<'_>, &'static str> {
    let relation = relation::parse(text)?;
    if DebName::parse(relation.name).is_err() {
        return Err("names no package: names are lower case letters, digits, `+`, `-` and `.`");
    }
    match relation.version {
        Some((Operator::Obsolete, _)) => Err("has no operator that is one of << <= = >= >>"),
        _ => Ok(relation),
    }
}

fn names<'a>(deb: &'a Deb, fields: &[&str]) -> BTreeSet<&'a str> {
    let values = fields.iter().filter_map(|name| deb.control.get(name));
    let each = values.flat_map(|value| value.split([',', '|']));
    each.filter_map(|one| Some(parse(one.trim_ascii()).ok()?.name))
        .collect()
}

fn contradictions(deb: &Deb, findings: &mut Vec<Finding>) {
    let needs = ["Pre-Depends", "Depends"]
        .iter()
        .filter_map(|name| deb.control.get(name));
    let needs: BTreeSet<&str> = needs
        .flat_map(|value| value.split(','))
        .filter(|group| !group.contains('|'))
        .filter_map(|one| parse(one.trim_ascii()).ok())
        .map(|relation| relation.name)
        .collect();
    for group in ["Conflicts", "Breaks"]
        .iter()
        .filter_map(|name| deb.control.get(name))
        .flat_map(|v| v.split(','))
    {
        if let Ok(relation) = parse(group.trim_ascii())
            && relation.version.is_none()
            && needs.contains(relation.name)
        {
            let message = format!("it depends on `{}` and conflicts with it", relation.name);
            findings.push(Finding::of(&rules::RELATION_CONTRADICTS, "control", message));
        }
    }
}

/// Interpreters that are not part of every system, and what brings them: a package whose name begins so.
const INTERPRETERS: [(&str, &[&str]); 9] = [
    ("ruby", &["ruby", "libruby"]),
    ("php", &["php"]),
    ("gawk", &["gawk"]),
    ("tclsh", &["tcl"]),
    ("wish", &["tk"]),
    ("node", &["nodejs"]),
    ("zsh", &["zsh"]),
    ("lua", &["lua"]),
    ("fish", &["fish"]),
];

fn interpreters(deb: &Deb, findings: &mut Vec<Finding>) {
    let strong = names(deb, &["Pre-Depends", "Depends"]);
    let weak = names(deb, &["Pre-Depends", "Depends", "Recommends", "Suggests"]);
    let package = field(deb, "Package");
    let python = |name: &str| {
        name.starts_with("python3") || name.starts_with("libpython3") || name.starts_with("pypy3")
    };
    let has_python =
        strong.iter().any(|name| python(name)) || package.starts_with("python3.") || package == "python3";
    let modules = |path: &str| path.starts_with("usr/lib/python3/dist-packages/") && path.ends_with(".py");
    let mut said = BTreeSet::new();
    for member in deb.data.members.iter().filter(|m| m.kind == MemberKind::File) {
        let path = member.path.as_str();
        let line = member
            .shebang
            .as_deref()
            .filter(|_| member.is_executable() && !path.starts_with("usr/share/doc/"));
        let program = line.map_or("", |line| {
            base(line.split_whitespace().next().unwrap_or_default())
        });
        if !has_python && (program.starts_with("python3") || modules(path)) && said.insert("python3") {
            let what = if modules(path) { "a module" } else { "a script" };
            let message = format!("it is {what} of Python, which the package does not depend on");
            findings.push(Finding::of(&rules::PYTHON_DEPENDENCY, path, message));
        }
        let needed = INTERPRETERS.iter().find(|(name, _)| {
            program
                .strip_prefix(name)
                .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
        });
        if let Some((name, brought)) = needed
            && !weak.iter().any(|w| brought.iter().any(|b| w.starts_with(b)))
            && !brought.iter().any(|b| package.starts_with(b))
            && said.insert(name)
        {
            let message = format!("its interpreter is `{program}`, which the package does not depend on");
            findings.push(
                Finding::of(&rules::INTERPRETER_DEPENDENCY, path, message)
                    .fix(format!("depend on `{}`", brought[0])),
            );
        }
    }
}
