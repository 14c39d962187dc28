//! What an index asks of a new wheel beyond being readable: the binary distribution format's rules on names, WHEEL and
//! tags (PEP 427, PEP 425), entry points, licence files (PEP 639). What was published elsewhere long ago may break them
//! and is imported all the same.

use super::entry_points;
use super::read::Wheel;
use crate::core_metadata::rules as metadata_rules;
use crate::fault::{Fault, REBUILD, shown};
use packyard_types::{ArtifactName, ProjectName, normal_pep440};
use std::collections::BTreeSet;

/// Most tags that a filename's compressed tag set may stand for.
const MOST_TAGS: usize = 1000;

/// Every rule that it breaks.
pub fn broken(name: &ArtifactName, wheel: &Wheel) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(spelling(name));
    faults.extend(dist_info(name, wheel));
    let place = format!("{}/WHEEL", wheel.dist_info);
    faults.extend(fields(name, wheel).into_iter().map(|fault| fault.at(&place)));
    faults.extend(tags(name, wheel).map(|fault| fault.at(&place)));
    let place = format!("{}/METADATA", wheel.dist_info);
    let broken = metadata_rules::broken(&wheel.metadata, &wheel.metadata_bytes);
    faults.extend(broken.into_iter().map(|fault| fault.at(&place)));
    faults.extend(licence_files(wheel).into_iter().map(|fault| fault.at(&place)));
    faults.extend(entry_points(wheel));
    faults
}

/// The filename spells the project as everybody derives it, in lower case and with `_`.
fn spelling(name: &ArtifactName) -> Option<Fault> {
    let normal = ProjectName::parse(name.package()).ok()?.in_filenames();
    let spelt = name.as_str().split('-').next().unwrap_or_default();
    (spelt != normal).then(|| {
        let rule = format!("its filename spells the project `{spelt}`, and it must be `{normal}` (PEP 427)");
        Fault::new(
            rule,
            "build it with a current backend; older files come in by `packyard import`",
        )
        .between(spelt, normal)
    })
}

fn dist_info(name: &ArtifactName, wheel: &Wheel) -> Option<Fault> {
    let stem = wheel.dist_info.strip_suffix(".dist-info")?;
    let (project, version) = stem.split_once('-').unwrap_or((stem, ""));
    let same_project = ProjectName::parse(project).is_ok_and(|p| p.as_str() == name.package());
    let same_version = normal_pep440(&version.replace('_', "-")).as_deref() == Some(name.version());
    (!same_project || !same_version).then(|| {
        let expected = format!(
            "{}-{}.dist-info",
            name.package().replace('-', "_"),
            name.version()
        );
        let rule =
            format!("its metadata lies in another project's or version's directory, not in `{expected}`");
        Fault::new(rule, "pip installs no such wheel; build it again")
            .at(&wheel.dist_info)
            .between(&wheel.dist_info, expected)
    })
}

fn fields(name: &ArtifactName, wheel: &Wheel) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut must = |field: &str, what: &str, good: &dyn Fn(&str) -> bool| {
        let found = wheel.field(field).unwrap_or_default();
        if !good(found) {
            let there = if found.is_empty() { "missing" } else { found };
            let rule = format!("its {field} is `{}`, and it must be {what}", shown(there));
            faults.push(Fault::new(rule, REBUILD).between(found, what));
        }
    };
    must("Wheel-Version", "1.N", &|v| {
        v.split_once('.')
            .is_some_and(|(major, minor)| major == "1" && minor.parse::<u32>().is_ok())
    });
    must("Root-Is-Purelib", "true or false", &|v| {
        ["true", "false"]
            .iter()
            .any(|known| v.eq_ignore_ascii_case(known))
    });
    if let (Some(build), Some(_)) = (build(name), wheel.field("Build")) {
        must("Build", &format!("`{build}` as in the filename"), &|v| v == build);
    }
    faults
}

/// The build tag of the filename.
fn build(name: &ArtifactName) -> Option<&str> {
    let mut parts = name.arch().rsplitn(4, '-').skip(3);
    parts.next()
}

/// The tags of WHEEL are those that the filename's compressed set stands for, no more and no less.
fn tags(name: &ArtifactName, wheel: &Wheel) -> Option<Fault> {
    let mut parts: Vec<&str> = name.arch().rsplitn(4, '-').take(3).collect();
    parts.reverse();
    let Some(named) = expand(&parts.join("-")) else {
        return Some(Fault::new(
            format!("its filename stands for more than {MOST_TAGS} tags, or an empty one"),
            REBUILD,
        ));
    };
    let said = wheel
        .wheel
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case("Tag"));
    let mut inside = BTreeSet::new();
    for (_, tag) in said.take(MOST_TAGS) {
        match expand(tag) {
            Some(tags) => inside.extend(tags),
            None => {
                let rule = format!("its Tag `{}` is not PYTHON-ABI-PLATFORM", shown(tag));
                return Some(Fault::new(rule, REBUILD));
            }
        }
    }
    if inside == named {
        return None;
    }
    let show = |tags: &BTreeSet<String>| {
        let shown: Vec<&str> = tags.iter().take(8).map(String::as_str).collect();
        if shown.is_empty() {
            "none".to_owned()
        } else {
            shown.join(", ")
        }
    };
    let (found, expected) = (show(&inside), show(&named));
    let rule = format!("its tags are {}, the filename says {expected}", shown(&found));
    Some(Fault::new(rule, "rename it with `wheel tags`, which keeps both alike").between(found, expected))
}

/// Every tag of a compressed set; none for too many, or where a part is empty.
fn expand(tag: &str) -> Option<BTreeSet<String>> {
    let parts: Vec<Vec<&str>> = tag.split('-').map(|part| part.split('.').collect()).collect();
    let [pythons, abis, platforms] = &parts[..] else {
        return None;
    };
    let count = pythons
        .len()
        .saturating_mul(abis.len())
        .saturating_mul(platforms.len());
    if count > MOST_TAGS || parts.iter().flatten().any(|part| part.is_empty()) {
        return None;
    }
    let mut tags = BTreeSet::new();
    for python in pythons {
        for abi in abis {
            tags.extend(
                platforms
                    .iter()
                    .map(|p| format!("{python}-{abi}-{p}").to_lowercase()),
            );
        }
    }
    Some(tags)
}

/// PEP 639: since 2.4 each licence file lies in `licenses`.
fn licence_files(wheel: &Wheel) -> Vec<Fault> {
    if !metadata_rules::is_since(&wheel.metadata, "2.4") {
        return Vec::new();
    }
    let lacking = wheel.metadata.license_files.iter().filter_map(|file| {
        let path = format!("{}/licenses/{file}", wheel.dist_info);
        if wheel.contents.has(&path) {
            return None;
        }
        let rule = format!("its License-File `{}` is not in the wheel", shown(file));
        Some(Fault::new(rule, format!("add it as `{path}` (PEP 639)")).between("", path))
    });
    lacking.take(20).collect()
}

fn entry_points(wheel: &Wheel) -> Vec<Fault> {
    let path = format!("{}/entry_points.txt", wheel.dist_info);
    let Some(bytes) = wheel.contents.kept.get(&path) else {
        return Vec::new();
    };
    let hint = "write `name = module:object` lines below a `[group]`";
    let Ok(text) = std::str::from_utf8(bytes) else {
        return vec![Fault::new("it is not UTF-8", hint).at(&path)];
    };
    let bad = |(line, why): (usize, String)| Fault::new(format!("line {line}: {why}"), hint).at(&path);
    entry_points::faults(text).into_iter().map(bad).collect()
}
