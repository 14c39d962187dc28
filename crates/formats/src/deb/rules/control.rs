//! The fields of `control` (deb-control(5), Debian Policy 5.6), but for those that name other packages. Section and
//! Priority may be missing, as in what people build by hand; where they are, they must be such.

use super::in_control;
use crate::deb::version::is_version;
use crate::deb822::Paragraph;
use crate::fault::{Fault, shown};

/// What dpkg requires in a package that is to be installed.
const MANDATORY: [&str; 5] = ["Package", "Version", "Architecture", "Maintainer", "Description"];
const PRIORITIES: [&str; 5] = ["required", "important", "standard", "optional", "extra"];
/// Words that a build chooses from, and no machine is.
const NO_ARCHITECTURE: [&str; 2] = ["any", "source"];

type Judge = fn(&str) -> Option<(String, &'static str)>;

/// Fields whose values have a syntax, whatever else the package is.
const FIELDS: [(&str, Judge); 9] = [
    ("Version", version),
    ("Architecture", architecture),
    ("Source", source),
    ("Section", section),
    ("Priority", priority),
    ("Installed-Size", installed_size),
    ("Essential", yes_or_no),
    ("Protected", yes_or_no),
    ("Multi-Arch", multi_arch),
];

/// Judges the fields.
pub(super) fn judge(control: &Paragraph, faults: &mut Vec<Fault>) {
    for field in MANDATORY {
        if control
            .get(field)
            .is_none_or(|value| value.trim_ascii().is_empty())
        {
            let rule = format!("it has no field `{field}`");
            faults.push(in_control(rule, "add the field; dpkg requires it"));
        }
    }
    for (name, judge) in FIELDS {
        let Some(value) = control
            .get(name)
            .filter(|v| !v.is_empty() || !MANDATORY.contains(&name))
        else {
            continue;
        };
        if let Some((why, hint)) = judge(value) {
            let rule = format!("its field `{name}` is `{}`, which {why}", shown(value));
            faults.push(in_control(rule, hint));
        }
    }
    let of = |name| control.get(name).unwrap_or_default();
    if of("Architecture") == "all" && of("Multi-Arch") == "same" {
        faults.push(in_control(
            "it is `Multi-Arch: same` and `Architecture: all`, and dpkg installs no such package",
            "write `Multi-Arch: foreign`, or leave the field out",
        ));
    }
    let synopsis = of("Description").lines().next().unwrap_or_default();
    if !of("Description").is_empty() && synopsis.trim_ascii().is_empty() {
        faults.push(in_control(
            "its description has no synopsis",
            "write what the package is in the first line of `Description`",
        ));
    }
}

fn version(value: &str) -> Option<(String, &'static str)> {
    let hint = "write it as [EPOCH:]UPSTREAM[-REVISION], beginning with a digit (deb-version(7))";
    (!is_version(value)).then(|| ("is not a valid Debian version".to_owned(), hint))
}

fn architecture(value: &str) -> Option<(String, &'static str)> {
    let parts: Vec<&str> = value.split('-').collect();
    let is_wildcard = NO_ARCHITECTURE.contains(&value) || parts.contains(&"any");
    let why = if value.split_whitespace().nth(1).is_some() {
        "is more than one architecture"
    } else if is_wildcard {
        "is no architecture of a binary package"
    } else {
        return None;
    };
    Some((why.to_owned(), "write the one that it was built for, or `all`"))
}

/// `NAME [(VERSION)]`.
fn source(value: &str) -> Option<(String, &'static str)> {
    let (name, version) = match value.split_once('(') {
        Some((name, rest)) => (name.trim_ascii_end(), rest.strip_suffix(')').map(str::trim_ascii)),
        None => (value, Some("0")),
    };
    let good = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let named = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(good);
    let why = if !named {
        "does not begin with the name of a source package"
    } else if !version.is_some_and(is_version) {
        "has in its parentheses no version, or text after them"
    } else {
        return None;
    };
    Some((why.to_owned(), "write `NAME` or `NAME (VERSION)`"))
}

/// `[AREA/]SECTION`.
fn section(value: &str) -> Option<(String, &'static str)> {
    let good = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
    let word = |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(good);
    let bad = value.matches('/').count() > 1 || !value.split('/').all(word);
    let hint = "write one word such as `utils`, after `contrib/` or `non-free/` where it is of those (Debian Policy 2.4)";
    bad.then(|| ("is no section".to_owned(), hint))
}

fn priority(value: &str) -> Option<(String, &'static str)> {
    let hint = "write `optional`, or for what every system needs `required`, `important` or `standard`";
    (!PRIORITIES.contains(&value)).then(|| ("is no priority (Debian Policy 2.5)".to_owned(), hint))
}

fn installed_size(value: &str) -> Option<(String, &'static str)> {
    let digits = !value.is_empty() && value.len() < 16 && value.bytes().all(|b| b.is_ascii_digit());
    (!digits).then(|| ("is no number".to_owned(), "write what it needs on disk, in KiB"))
}

fn yes_or_no(value: &str) -> Option<(String, &'static str)> {
    let good = ["yes", "no"].contains(&value);
    (!good).then(|| ("is neither `yes` nor `no`".to_owned(), "leave the field out"))
}

fn multi_arch(value: &str) -> Option<(String, &'static str)> {
    let good = ["no", "same", "foreign", "allowed"].contains(&value);
    let hint = "write `same`, `foreign` or `allowed`, or leave the field out";
    (!good).then(|| ("is none of `no`, `same`, `foreign`, `allowed`".to_owned(), hint))
}
