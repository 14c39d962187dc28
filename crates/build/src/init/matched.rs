//! Patterns in nfpm's `contents`. nfpm takes what lies in a directory that a pattern matches, and installs all below what
//! the names that it finds have in common; a `[[file]]` keeps what comes after the directories before the first wildcard.

use super::{
    contents,
    draft::{Draft, Table},
};
use crate::{BuildError, pattern::Pattern};
use std::path::Path;
use walkdir::WalkDir;

/// A pattern stays one where it means the same; else what it means now is written out, file by file.
pub(super) fn put(
    root: &Path,
    pattern: &str,
    target: &str,
    table: &Table,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let Some(parsed) = Pattern::parse(pattern) else {
        contents::put(root, pattern, target, table.clone(), draft);
        return Ok(());
    };
    let found = parsed.find(root)?;
    // To nfpm, hidden names are like others.
    let hidden = match hidden(pattern).and_then(|pattern| Pattern::parse(&pattern)) {
        Some(pattern) => pattern.find(root)?,
        None => Vec::new(),
    };
    let all = found.iter().chain(&hidden);
    let files: Vec<String> = all.flat_map(|path| below(root, path)).collect();
    let Some(common) = common(&files) else {
        let what = format!("contents {pattern}");
        draft.leave_out(what, "nothing matches the pattern now", None);
        return Ok(());
    };
    let is_unit = contents::is_for_units(target);
    if common == parsed.base() && hidden.is_empty() && !is_unit {
        contents::put(root, pattern, target, table.clone(), draft);
        return Ok(());
    }
    for source in &files {
        let rest = source.strip_prefix(common).unwrap_or(source);
        let target = format!("{}/{rest}", target.trim_end_matches('/'));
        contents::put(root, source, &target, table.clone(), draft);
    }
    let why = if is_unit {
        "each unit is started by itself: what it matches now is written out"
    } else {
        "a pattern means other files or other places to nfpm: what it matches now is written out"
    };
    draft.leave_out(format!("contents {pattern}"), why, None);
    Ok(())
}

/// The pattern for the hidden names that one for names stands for, too.
fn hidden(pattern: &str) -> Option<String> {
    let (above, last) = pattern
        .rsplit_once('/')
        .map_or(("", pattern), |(above, last)| (above, last));
    let slash = if above.is_empty() { "" } else { "/" };
    last.starts_with(['*', '?'])
        .then(|| format!("{above}{slash}.{last}"))
}

/// A file, or the files in a directory, hidden ones too.
fn below(root: &Path, path: &str) -> Vec<String> {
    let all = WalkDir::new(root.join(path)).sort_by_file_name().into_iter();
    all.filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.to_str()?.to_owned()))
        .collect()
}

/// The directory that all names have in common, with a `/` at its end where it is not the root.
fn common(names: &[String]) -> Option<&str> {
    let (first, rest) = names.split_first()?;
    let shared = rest.iter().fold(first.len(), |shared, name| {
        let same = first
            .bytes()
            .zip(name.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        shared.min(same)
    });
    Some(
        first[..first.floor_char_boundary(shared)]
            .rfind('/')
            .map_or("", |at| &first[..=at]),
    )
}
