//! `contents` of an `nfpm.yaml`: what is installed, as `[[file]]` and `[[service]]`.

use super::{
    draft::{Draft, Table},
    section::Section,
    yaml::Item,
};
use crate::{BuildError, Diagnostic, SourceText, glob};
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
        matched(root, &source, &target, &table, draft)?;
    } else {
        put(root, &source, &target, table, draft);
    }
    Ok(())
}

fn info_keys(info: &mut Section<'_>, table: &mut Table, draft: &mut Draft) -> Result<(), BuildError> {
    if let Some(mode) = info.text("mode", draft)? {
        let digits = mode.trim_start_matches("0o").trim_start_matches('0');
        table.text("mode", &format!("{digits:0>4}"));
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

/// What a pattern matches now, file by file: a `[[file]]` takes no patterns.
fn matched(
    root: &Path,
    pattern: &str,
    target: &str,
    table: &Table,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let found = glob::glob(root, pattern)?;
    if found.is_empty() {
        draft.leave_out(
            format!("contents {pattern}"),
            "nothing matches the pattern now",
            None,
        );
        return Ok(());
    }
    // What lies above the first pattern is not part of the target.
    let fixed = pattern.find(['*', '?', '[', '{']).unwrap_or(0);
    let above = pattern[..fixed].rfind('/').map_or(0, |at| at + 1);
    for source in found {
        let below = source.get(above..).unwrap_or(&source);
        let target = format!("{}/{below}", target.trim_end_matches('/'));
        put(root, &source, &target, table.clone(), draft);
    }
    draft.leave_out(
        format!("contents {pattern}"),
        "a [[file]] takes no patterns: what it matches now is written out",
        None,
    );
    Ok(())
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
