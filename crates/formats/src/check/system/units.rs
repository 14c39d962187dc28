//! systemd units and what belongs to them: their place, their text, and whether scripts know them.

use super::{Tree, base};
use crate::archive::contents::{Member, MemberKind};
use crate::check::rules::units as rules;
use crate::check::{Finding, unit};
use crate::deb::read::is_unit;
use std::collections::HashSet;

/// Most units that are looked for in the scripts; systemd itself has some two hundred.
const MAX_UNITS: usize = 1_000;

/// Checks every unit.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    let links = tree.files().filter(|m| m.kind == MemberKind::Symlink);
    let linked: HashSet<&str> = links.map(|m| base(&m.path)).collect();
    let mut judged = 0;
    for (path, bytes) in tree.contents.kept.iter().filter(|(path, _)| is_unit(path)) {
        let text = String::from_utf8_lossy(bytes);
        if text.trim().is_empty() {
            findings.push(Finding::of(
                &rules::NOT_A_FILE,
                path,
                "it is empty, which masks the unit",
            ));
            continue;
        }
        findings.extend(unit::check(path, &text));
        if judged < MAX_UNITS {
            judged += 1;
            findings.extend(not_enabled(tree, &linked, path, &text));
        }
    }
    for member in tree.files() {
        findings.extend(place(member));
        findings.extend(init(tree, member));
        if member.kind == MemberKind::Symlink && is_unit(&member.path) {
            findings.extend(link(member));
        }
    }
}

fn place(member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let unit = path.starts_with("etc/systemd/system/") && is_unit(path);
    let entry = ["etc/tmpfiles.d/", "etc/sysusers.d/"]
        .iter()
        .any(|d| path.starts_with(d))
        && path.ends_with(".conf");
    (unit || entry).then(|| {
        Finding::of(
            &rules::PLACE,
            path,
            "/etc is for what the administrator overrides",
        )
    })
}

/// A link between units is an alias, one to /dev/null a mask that is meant.
fn link(member: &Member) -> Option<Finding> {
    let target = member.target.as_deref().unwrap_or_default();
    let alias = !target.contains('/') || target.contains("systemd/system/") || target.starts_with("..");
    let message = format!("it is a link to `{}`", target.escape_debug());
    (!alias && target != "/dev/null").then(|| Finding::of(&rules::NOT_A_FILE, &member.path, message))
}

fn not_enabled(tree: &Tree<'_>, linked: &HashSet<&str>, path: &str, text: &str) -> Option<Finding> {
    let name = base(path);
    let can = text.lines().any(|line| {
        ["WantedBy=", "RequiredBy=", "Alias="]
            .iter()
            .any(|key| line.trim().starts_with(key))
    });
    let known = name.contains('@') || linked.contains(name) || tree.scripts.contains(name);
    (can && !known).then(|| Finding::of(&rules::NOT_ENABLED, path, "no script enables or restarts it"))
}

fn init(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let name = path
        .strip_prefix("etc/init.d/")
        .or_else(|| path.strip_prefix("etc/rc.d/init.d/"))?;
    let unit = format!("{name}.service");
    let directories = ["lib/systemd/system", "usr/lib/systemd/system"];
    let has = directories
        .iter()
        .any(|directory| tree.contents.has(&format!("{directory}/{unit}")));
    let script = member.shebang.is_some() && !name.contains('/');
    let message = format!("there is no `{}`", unit.escape_debug());
    (script && !has).then(|| Finding::of(&rules::INIT, path, message))
}
