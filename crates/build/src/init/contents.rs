//! `contents` of an `nfpm.yaml`: what is installed, as `[[file]]` and `[[service]]`.

use super::{
    draft::{Draft, Table},
    section::Section,
    yaml::{self, Item},
};
use crate::{BuildError, Diagnostic, Place, SourceText, files, pattern::Pattern};
use std::path::Path;

/// Where units lie that a `[[service]]` takes as they are.
const UNITS: [&str; 3] = [
    "/usr/lib/systemd/system/",
    "/lib/systemd/system/",
    "/etc/systemd/system/",
];

/// Which of packyard's formats entries are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Both,
    Only(&'static str),
    None,
}

impl For {
    /// Those that an entry's own `packager` leaves of them.
    fn and(self, packager: &str) -> Self {
        match (self, packager) {
            (Self::Both | Self::Only("deb"), "deb") => Self::Only("deb"),
            (Self::Both | Self::Only("rpm"), "rpm") => Self::Only("rpm"),
            _ => Self::None,
        }
    }
}

/// `wanted`: what all of them are for.
pub(super) fn translate(
    root: &Path,
    file: &SourceText,
    all: &[Item],
    wanted: For,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    for item in all {
        let mut keys = Section::of(file, "contents", item)?;
        one(root, file, item, &mut keys, wanted, draft)?;
        keys.finish(draft);
    }
    Ok(())
}

fn one(
    root: &Path,
    file: &SourceText,
    item: &Item,
    keys: &mut Section<'_>,
    wanted: For,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let said_type = keys.text("type", draft)?.unwrap_or_default();
    let source = keys.text("src", draft)?;
    let target = keys.text("dst", draft)?;
    let packager = keys.text("packager", draft)?;
    keys.flag("expand");
    keys.without(
        "disown_subtree",
        "directories that every system has are owned by nobody",
        draft,
    );
    let place = file.place(item.span.clone());
    let said = target.as_deref().or(source.as_deref()).unwrap_or("?");
    let said = format!("contents {said}");
    let mut leave_out = |why: String| draft.leave_out(said.clone(), why, Some(place.clone()));
    let mut wanted = packager
        .as_deref()
        .map_or(wanted, |packager| wanted.and(packager));
    let rpm_only = ["ghost", "doc", "readme", "licence", "license"];
    if rpm_only.contains(&said_type.as_str()) {
        wanted = wanted.and("rpm");
    }
    if wanted == For::None {
        let only = packager.unwrap_or_else(|| "a format that has contents of its own".to_owned());
        leave_out(format!("it is for {only} only"));
        return Ok(());
    }
    let Some(target) = target else {
        if keys.value("dst").is_some() {
            leave_out("it does not say where it is installed".to_owned());
            return Ok(());
        }
        let problem = Diagnostic::new("an entry of `contents` has no `dst`").at(place);
        return Err(problem.hint("say where it is installed").into());
    };
    // nfpm takes every target from the root.
    let target = format!("/{}", target.trim_start_matches('/'));
    if is_made_anyway(&target) {
        leave_out("packyard makes it".to_owned());
        return Ok(());
    }
    let mut table = Table::new("[[file]]");
    if let For::Only(format) = wanted
        && said_type != "ghost"
    {
        table.list("format", &[format.to_owned()]);
    }
    let Some(shape) = shape(&said_type, &mut table) else {
        leave_out(format!("packyard has no word for the type `{said_type}`"));
        return Ok(());
    };
    if let Some(mut info) = keys.section("file_info")? {
        if said_type == "symlink" {
            info.without("mode", "what a link leads to has a mode", draft);
            info.without("owner", "links are root's", draft);
            info.without("group", "links are root's", draft);
        } else {
            info_keys(&mut info, &mut table, draft)?;
        }
        info.without("mtime", "all files have the time of the release", draft);
        info.without("lang", "an .rpm says it by the path", draft);
        info.finish(draft);
    }
    if shape == Shape::Made {
        if said_type == "symlink" {
            table.text("symlink", source.as_deref().unwrap_or_default());
        }
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
        return Ok(());
    }
    let source = source.trim_end_matches('/');
    let is_root = target.trim_end_matches('/').is_empty();
    match Pattern::parse(source).filter(|_| !root.join(source).exists()) {
        Some(pattern) => matched(root, source, &pattern, &target, &table, Some(place), draft)?,
        None if shape == Shape::Tree && is_root => {
            put(root, &format!("{source}/*"), "/", table, draft);
        }
        None if shape == Shape::Tree => put(root, source, target.trim_end_matches('/'), table, draft),
        None if root.join(source).is_dir() && target.ends_with('/') => {
            flat(root, source, &target, &table, place, draft)?;
        }
        None => put(root, source, &target, table, draft),
    }
    Ok(())
}

/// How an entry says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// By nothing of the project.
    Made,
    File,
    Tree,
}

/// What a `type` means, with its keys; none of one that is not known.
fn shape(said: &str, table: &mut Table) -> Option<Shape> {
    let mut shape = Shape::File;
    let mut config = "";
    for word in said.split('|') {
        match word {
            "" | "file" => {}
            "dir" | "ghost" => {
                table.put(word, true);
                shape = Shape::Made;
            }
            "symlink" => shape = Shape::Made,
            "tree" => shape = Shape::Tree,
            "config" => config = "config",
            "noreplace" | "missingok" if !config.is_empty() => config = word,
            "doc" | "readme" => table.put("doc", true),
            "licence" | "license" => table.put("license", true),
            _ => return None,
        }
    }
    match config {
        "" => {}
        "config" => table.put("config", true),
        word => table.text("config", word),
    }
    Some(shape)
}

/// What Debian wants in each package, and packyard puts there.
fn is_made_anyway(target: &str) -> bool {
    let name = target
        .strip_prefix("/usr/share/doc/")
        .and_then(|rest| rest.split_once('/'));
    name.is_some_and(|(_, name)| ["copyright", "changelog.gz", "changelog.Debian.gz"].contains(&name))
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
    Ok(())
}

/// An octal mode, however it is written.
pub(super) fn mode(text: &str) -> String {
    let digits = text.trim_start_matches("0o").trim_start_matches('0');
    format!("{digits:0>4}")
}

/// A pattern, as it is where it means the same here. nfpm puts what it finds right into a target with a slash, and
/// takes the directories that all of it has in common off the rest.
fn matched(
    root: &Path,
    source: &str,
    pattern: &Pattern,
    target: &str,
    table: &Table,
    place: Option<Place>,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    // To nfpm, hidden names are like others.
    let hidden = match hidden(source).and_then(|pattern| Pattern::parse(&pattern)) {
        Some(pattern) => pattern.find(root)?,
        None => Vec::new(),
    };
    let is_plain = hidden.is_empty();
    let mut found = Vec::new();
    for one in pattern.find(root)?.into_iter().chain(hidden) {
        if root.join(&one).is_dir() {
            found.extend(files::below(root, &one)?);
        } else {
            found.push(one);
        }
    }
    let directory = |path: &str| path.rfind('/').map_or(0, |at| at + 1);
    let first = found.first().map_or("", String::as_str);
    let common = found.iter().fold(first, |common, one| {
        let same = common
            .char_indices()
            .zip(one.chars())
            .take_while(|((_, a), b)| a == b);
        &common[..same.last().map_or(0, |((at, a), _)| at + a.len_utf8())]
    });
    let theirs = |one: &str| {
        let above = if target.ends_with('/') { one } else { common };
        one[directory(above)..].to_owned()
    };
    let directory_of_target = target.trim_end_matches('/');
    // Units are named one by one: each is started and stopped.
    let holds_units = UNITS.contains(&format!("{directory_of_target}/").as_str()) && !found.is_empty();
    if is_plain && !holds_units && found.iter().all(|one| theirs(one) == one[pattern.base().len()..]) {
        put(
            root,
            source,
            &format!("{directory_of_target}/"),
            table.clone(),
            draft,
        );
        if found.is_empty() && source[pattern.base().len()..].contains('/') {
            let why = "what it finds will keep its path below the first wildcard, which nfpm shortens";
            draft.leave_out(format!("contents {source}"), why, place);
        }
        return Ok(());
    }
    for one in &found {
        let target = format!("{directory_of_target}/{}", theirs(one));
        put(root, one, &target, table.clone(), draft);
    }
    if holds_units {
        return Ok(());
    }
    let why = "nfpm shortens the paths that it finds: what it matches now is written out";
    draft.leave_out(format!("contents {source}"), why, place);
    Ok(())
}

/// The pattern for the hidden names that one for names means, too.
fn hidden(pattern: &str) -> Option<String> {
    let last = pattern.rfind('/').map_or(0, |at| at + 1);
    let (above, last) = pattern.split_at(last);
    last.starts_with(['*', '?']).then(|| format!("{above}.{last}"))
}

/// The files of a directory and of those in it, all of them right in the target.
fn flat(
    root: &Path,
    source: &str,
    target: &str,
    table: &Table,
    place: Place,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let found = files::below(root, source)?;
    let is_deep = |path: &String| path[source.len() + 1..].contains('/');
    if !found.iter().any(is_deep) {
        put(root, &format!("{source}/*"), target, table.clone(), draft);
        return Ok(());
    }
    for one in &found {
        put(root, one, target, table.clone(), draft);
    }
    let why = "nfpm puts all of it into one directory: what is there now is written out";
    draft.leave_out(format!("contents {source}"), why, Some(place));
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
