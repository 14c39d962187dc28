//! entry_points.txt (<https://packaging.python.org/en/latest/specifications/entry-points/>): `[group]` and
//! `name = module:object [extra]` lines, as configparser reads them.

use super::library::library;
use crate::check::Finding;
use crate::check::rules::python as rules;
use crate::wheel::read::Wheel;
use std::collections::BTreeSet;

/// Checks every line.
pub fn check(wheel: &Wheel, findings: &mut Vec<Finding>) {
    let path = format!("{}/entry_points.txt", wheel.dist_info);
    let Some(bytes) = wheel.contents.kept.get(&path) else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let modules = modules(wheel);
    let mut group = None;
    for (line, at) in text.lines().zip(1..) {
        let code = line.trim();
        if code.is_empty() || code.starts_with(['#', ';']) {
            continue;
        }
        let bad = |why: String| Finding::of(&rules::ENTRY_POINT, format!("{path}:{at}"), why);
        if let Some(name) = code.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            group = Some(name.to_owned());
            continue;
        }
        let (Some(group), Some((_, object))) = (&group, code.split_once('=')) else {
            findings.push(bad(format!(
                "`{}` is no `name = module:object` of a group",
                code.escape_debug()
            )));
            continue;
        };
        let object = object.split('[').next().unwrap_or_default().trim();
        let (module, attribute) = object.split_once(':').unwrap_or((object, ""));
        let script = matches!(group.as_str(), "console_scripts" | "gui_scripts");
        let dotted = |text: &str| {
            let part = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || c == '_');
            text.trim().split('.').all(part)
        };
        if script && (!dotted(module) || !dotted(attribute)) {
            findings.push(bad(format!(
                "`{}` is no `module:function`",
                object.escape_debug()
            )));
        } else if script && !is_there(module.trim(), &modules) {
            findings.push(bad(format!(
                "the wheel has no module `{}`",
                module.trim().escape_debug()
            )));
        }
    }
}

/// Every module of the wheel, and every package, with dots.
fn modules(wheel: &Wheel) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for (path, _) in library(wheel) {
        let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.split('.').next().unwrap_or_default();
        let dotted = directory.replace('/', ".");
        for (at, _) in dotted.match_indices('.') {
            modules.insert(dotted[..at].to_owned());
        }
        if !dotted.is_empty() {
            modules.insert(format!("{dotted}.{stem}"));
            modules.insert(dotted);
        } else if path.contains(".py") || path.ends_with(".so") {
            modules.insert(stem.to_owned());
        }
    }
    modules
}

/// A module of which not even the first part is here may be a dependency's.
fn is_there(module: &str, modules: &BTreeSet<String>) -> bool {
    let first = module.split('.').next().unwrap_or_default();
    modules.contains(module) || !modules.contains(first)
}
