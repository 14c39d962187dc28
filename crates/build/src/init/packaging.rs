//! Packaging that is there: `debian/control` and its neighbours (Debian Policy 5), and a .spec (rpm's spec.md). What
//! says how it is built is left out; the changelogs are found by packyard's own reader.

use super::{debhelper, draft::Draft};
use crate::{BuildError, Place, SourceText};
use std::path::Path;

/// Fields of a package in debian/control, and what [deb] calls them.
const FIELDS: [(&str, &str); 9] = [
    ("Pre-Depends", "pre-depends"),
    ("Enhances", "enhances"),
    ("Breaks", "breaks"),
    ("Depends", "depends"),
    ("Recommends", "recommends"),
    ("Suggests", "suggests"),
    ("Conflicts", "conflicts"),
    ("Provides", "provides"),
    ("Replaces", "replaces"),
];

/// A field of a paragraph: its name, its value with the lines that continue it, and where it is.
struct Field {
    name: String,
    value: String,
    place: Place,
}

fn paragraphs(file: &SourceText) -> Vec<Vec<Field>> {
    let mut all: Vec<Vec<Field>> = vec![Vec::new()];
    for (at, line) in file.text().lines().enumerate() {
        if line.trim().is_empty() {
            all.push(Vec::new());
        } else if line.starts_with('#') {
        } else if line.starts_with([' ', '\t']) {
            if let Some(field) = all.last_mut().and_then(|fields| fields.last_mut()) {
                field.value.push('\n');
                field.value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let field = Field {
                name: name.to_owned(),
                value: value.trim().to_owned(),
                place: file.line(at + 1),
            };
            all.last_mut().expect("there is one from the start").push(field);
        }
    }
    all.retain(|fields| !fields.is_empty());
    all
}

fn value<'a>(fields: &'a [Field], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
    found.map(|field| field.value.as_str())
}

pub(super) fn debian(root: &Path, file: &SourceText, draft: &mut Draft) -> Result<(), BuildError> {
    let all = paragraphs(file);
    let Some((source, packages)) = all.split_first() else {
        return Ok(());
    };
    for (field, key) in [
        ("Source", "name"),
        ("Maintainer", "maintainer"),
        ("Homepage", "homepage"),
    ] {
        if let Some(text) = value(source, field) {
            draft.package.text(key, text);
        }
    }
    let Some(package) = packages.first() else {
        return Ok(());
    };
    let name = value(package, "Package").unwrap_or_default();
    draft.deb.text("name", name);
    if let Some(section) = value(package, "Section").or(value(source, "Section")) {
        draft.deb.text("section", section);
    }
    if let Some((synopsis, text)) =
        value(package, "Description").map(|text| text.split_once('\n').unwrap_or((text, "")))
    {
        draft.package.text("summary", synopsis);
        let paragraphs = text.replace("\n.\n", "\n\n");
        if !paragraphs.trim().is_empty() {
            draft.package.text("description", paragraphs.trim());
        }
    }
    for (field, key) in FIELDS {
        if let Some(field) = package
            .iter()
            .find(|found| found.name.eq_ignore_ascii_case(field))
        {
            relations(field, key, draft);
        }
    }
    for other in packages.iter().skip(1) {
        let field = &other[0];
        draft.leave_out(
            format!("the package {}", field.value),
            "a project makes one package",
            Some(field.place.clone()),
        );
    }
    debhelper::neighbours(root, name, packages.len() == 1, draft)
}

/// Relations without the variables that a build fills in.
fn relations(field: &Field, key: &str, draft: &mut Draft) {
    let one = field.value.replace('\n', " ");
    let all: Vec<&str> = one
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    let (variables, plain): (Vec<&str>, Vec<&str>) = all.into_iter().partition(|text| text.contains("${"));
    let plain: Vec<String> = plain.into_iter().map(str::to_owned).collect();
    draft.deb.list(key, &plain);
    let own = |text: &&str| !["${misc:Depends}", "${python3:Depends}", "${shlibs:Depends}"].contains(text);
    for variable in variables.into_iter().filter(own) {
        draft.leave_out(
            format!("{key} {variable}"),
            "packyard fills in no variables",
            Some(field.place.clone()),
        );
    }
}

/// Tags of a .spec, and the table and key that they are in the project file.
const TAGS: [(&str, &str); 4] = [
    ("name", "name"),
    ("summary", "summary"),
    ("license", "license"),
    ("url", "homepage"),
];
const LISTS: [(&str, &str); 8] = [
    ("requires", "requires"),
    ("recommends", "recommends"),
    ("suggests", "suggests"),
    ("supplements", "supplements"),
    ("enhances", "enhances"),
    ("conflicts", "conflicts"),
    ("provides", "provides"),
    ("obsoletes", "obsoletes"),
];
const KNOWN: &str =
    "version release buildarch buildrequires source source0 buildroot group vendor packager exclusivearch";

pub(super) fn spec(file: &SourceText, draft: &mut Draft) {
    let mut lists: Vec<Vec<String>> = vec![Vec::new(); LISTS.len()];
    let mut section = String::new();
    let mut description = Vec::new();
    for (at, line) in file.text().lines().enumerate() {
        let place = || Some(file.line(at + 1));
        let head = line
            .strip_prefix('%')
            .and_then(|rest| rest.split_whitespace().next());
        if let Some(head) = head.filter(|head| is_section(head)) {
            line.trim().clone_into(&mut section);
            if !["description", "changelog", "prep", "build", "check", "clean"].contains(&head) {
                let why = if head == "package" {
                    "a project makes one package"
                } else {
                    "packyard finds out what is installed, and [[file]] and [scripts] say the rest"
                };
                draft.leave_out(line.trim(), why, place());
            }
            continue;
        }
        if section == "%description" && !line.contains('%') {
            description.push(line);
        }
        let Some((tag, text)) = line
            .split_once(':')
            .filter(|_| section.is_empty() && !line.starts_with(['%', '#', ' ']))
        else {
            continue;
        };
        let (tag, text) = (tag.trim().to_lowercase(), text.trim());
        let list = LISTS.iter().position(|(known, _)| *known == tag);
        if let Some((_, key)) = TAGS.iter().find(|(known, _)| *known == tag) {
            if text.contains("%{") {
                draft.leave_out(line.trim(), "packyard knows no macros", place());
            } else {
                draft.package.text(key, text.trim_end_matches('.'));
            }
        } else if let Some(list) = list {
            if text.contains('%') {
                draft.leave_out(line.trim(), "packyard knows no macros", place());
            } else {
                lists[list].extend(split(text));
            }
        } else if tag == "version" && !text.contains('%') {
            draft.version = draft.version.take().or_else(|| Some(text.to_owned()));
        } else if let Some(epoch) = (tag == "epoch").then(|| text.parse().ok()).flatten() {
            draft.epoch = draft.epoch.or(Some(epoch));
        } else if !KNOWN.split(' ').any(|known| known == tag) {
            draft.leave_out(line.trim(), "packyard has no word for it", place());
        }
    }
    for ((_, key), list) in LISTS.iter().zip(lists) {
        draft.rpm.list(key, &list);
    }
    let description = description.join("\n");
    if !description.trim().is_empty() {
        draft.package.text("description", description.trim());
    }
}

fn is_section(head: &str) -> bool {
    const SECTIONS: &str = "description package prep build install check clean files pre post preun postun pretrans \
        posttrans changelog triggerin triggerun triggerpostun filetriggerin transfiletriggerin verifyscript";
    SECTIONS.split_whitespace().any(|known| known == head)
}

/// `a >= 1, b c`: each name with its version.
fn split(text: &str) -> Vec<String> {
    if text.starts_with('(') {
        return vec![text.to_owned()];
    }
    let mut all: Vec<String> = Vec::new();
    let mut goes_on = false;
    for word in text.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        let is_operator = word.chars().all(|c| "<>=".contains(c));
        match all.last_mut().filter(|_| is_operator || goes_on) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => all.push(word.to_owned()),
        }
        goes_on = is_operator;
    }
    all
}
