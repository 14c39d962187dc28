//! `contents` of an `nfpm.yaml`: what is installed, as `[[file]]` and `[[service]]`.

use super::{
    draft::{Draft, Table},
    matched,
    section::Section,
    yaml::{self, Item},
};
use crate::{BuildError, Diagnostic, SourceText};
use std::path::Path;

/// Where units lie that a `[[service]]` takes as they are.
const UNITS: [&str; 3] = [
    "/usr/lib/systemd/system/",
    "/lib/systemd/system/",
    "/etc/systemd/system/",
];

/// `format`: what all of them are for.
pub(super) fn translate(
    root: &Path,
    file: &SourceText,
    all: &[Item],
    format: Option<&str>,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    for item in all {
        let mut keys = Section::of(file, "contents", item)?;
        one(root, file, item, &mut keys, format, draft)?;
        keys.finish(draft);
    }
    Ok(())
}

fn one(
    root: &Path,
    file: &SourceText,
    item: &Item,
    keys: &mut Section<'_>,
    format: Option<&str>,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let kind = keys.text("type", draft)?.unwrap_or_default();
    let source = keys.text("src", draft)?;
    let target = keys.text("dst", draft)?;
    let packager = keys.text("packager", draft)?;
    keys.flag("expand");
    let mut table = Table::new("[[file]]");
    if let Some(mut info) = keys.section("file_info")? {
        info_keys(&mut info, &mut table, draft)?;
        info.finish(draft);
    }
    let place = file.place(item.span.clone());
    let said = target.as_deref().or(source.as_deref()).unwrap_or("?");
    let said = format!("contents {said}");
    match packager.as_deref().or(format) {
        None => {}
        Some(only @ ("deb" | "rpm")) => table.list("format", &[only.to_owned()]),
        Some(other) => {
            draft.leave_out(said, format!("it is for {other} only"), Some(place));
            return Ok(());
        }
    }
    let Some(target) = target else {
        if keys.value("dst").is_some() {
            draft.leave_out(said, "it does not say where it is installed", Some(place));
            return Ok(());
        }
        let problem = Diagnostic::new("an entry of `contents` has no `dst`").at(place);
        return Err(problem.hint("say where it is installed").into());
    };
    // nfpm takes every target from the root.
    let target = if target.starts_with('/') {
        target
    } else {
        format!("/{target}")
    };
    match kind.as_str() {
        "dir" => table.put("dir", true),
        "ghost" => table.put("ghost", true),
        "symlink" => table.text("symlink", source.as_deref().unwrap_or_default()),
        "config" => table.put("config", true),
        "config|noreplace" => table.text("config", "noreplace"),
        "config|missingok" => table.text("config", "missingok"),
        "doc" | "readme" => table.put("doc", true),
        "licence" | "license" => table.put("license", true),
        "" | "file" | "tree" => {}
        other => {
            draft.leave_out(
                said,
                format!("packyard has no word for the type `{other}`"),
                Some(place),
            );
            return Ok(());
        }
    }
    if matches!(kind.as_str(), "dir" | "ghost" | "symlink") {
        table.text("target", &target);
        draft.add(table);
        return Ok(());
    }
    let Some(source) = source else {
        draft.leave_out(said, "it does not say which file it is", Some(place));
        return Ok(());
    };
    let source = source.trim_start_matches("./").to_owned();
    if source.starts_with('/') || source.split('/').any(|part| part == "..") {
        draft.leave_out(said, format!("`{source}` is no file of the project"), Some(place));
    } else if source.contains(['*', '?', '[', '{']) {
        matched::put(root, &source, &target, &table, draft)?;
    } else {
        put(root, &source, &target, table, draft);
    }
    Ok(())
}

fn info_keys(info: &mut Section<'_>, table: &mut Table, draft: &mut Draft) -> Result<(), BuildError> {
    if let Some(mode) = info.text("mode", draft)? {
        match yaml::number(&mode).filter(|mode| *mode <= 0o7777) {
            Some(mode) => table.text("mode", &format!("{mode:04o}")),
            None => info.without("mode", "no file can have it", draft),
        }
    }
    for key in ["owner", "group"] {
        if let Some(name) = info.text(key, draft)? {
            table.text(key, &name);
        }
    }
    info.without("mtime", "all files have the time of the release", draft);
    info.without("lang", "packyard has no word for it", draft);
    Ok(())
}

/// Whether a target is the directory where units lie.
pub(super) fn is_for_units(target: &str) -> bool {
    UNITS
        .iter()
        .any(|directory| directory.trim_end_matches('/') == target.trim_end_matches('/'))
}

/// A file, or, where units lie, a unit: packyard starts it and stops it.
pub(super) fn put(root: &Path, source: &str, target: &str, mut table: Table, draft: &mut Draft) {
    let base = source.rsplit('/').next().unwrap_or(source);
    let unit = UNITS.iter().find_map(|directory| target.strip_prefix(directory));
    let kind = unit.and_then(|name| name.rsplit_once('.')).map(|(_, kind)| kind);
    let head = match kind {
        Some(kind @ ("service" | "timer" | "socket" | "path")) => Some(format!("[[{kind}]]")),
        _ => None,
    };
    let is_same = unit.is_some_and(|name| name.is_empty() || name == base);
    if let Some(head) = head.filter(|_| is_same && root.join(source).is_file()) {
        let mut unit = Table::new(&head);
        unit.text("unit", source);
        draft.add(unit);
        super::units::users(root, source, draft);
        return;
    }
    table.text("source", source);
    table.text("target", target);
    draft.add(table);
}
