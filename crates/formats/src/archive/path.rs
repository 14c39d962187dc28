//! Paths inside archives: what may be there, and where links may lead.

use crate::fault::Fault;
use packyard_types::ServedPath;

const HINT: &str = "name entries with relative paths without `..`, empty parts and control characters";

/// An entry's path, relative and without a leading `./` or trailing `/`; empty for the root itself.
pub fn entry_path(raw: &[u8]) -> Result<String, Fault> {
    let shown = String::from_utf8_lossy(raw);
    let Ok(text) = std::str::from_utf8(raw) else {
        return Err(Fault::new("its path is not UTF-8", HINT).at(shown));
    };
    if text.starts_with('/') {
        return Err(Fault::new("its path is absolute", HINT).at(shown));
    }
    if text.contains('\\') && text.split('\\').any(|part| part == "..") {
        return Err(Fault::new("its path leads out of the tree", HINT).at(shown));
    }
    let relative = text.strip_prefix("./").unwrap_or(text);
    let relative = relative.strip_suffix('/').unwrap_or(relative);
    if relative.is_empty() || relative == "." {
        return Ok(String::new());
    }
    if relative.split('/').any(|part| part == "..") {
        return Err(Fault::new("its path leads out of the tree", HINT).at(shown));
    }
    match ServedPath::parse(relative) {
        Ok(path) => Ok(path.into()),
        Err(invalid) => Err(Fault::new(format!("its path is not valid: {}", invalid.rule), HINT).at(shown)),
    }
}

/// Whether a symlink at `path` that says `target` stays inside the tree that `path` is relative to. An absolute
/// target is inside where the tree is the file system of the installed machine.
pub fn link_stays_inside(path: &str, target: &str, absolute_is_inside: bool) -> bool {
    if target.is_empty() || target.contains('\0') {
        return false;
    }
    if target.starts_with('/') {
        return absolute_is_inside;
    }
    let mut depth = path.matches('/').count();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return false,
            },
            _ => depth += 1,
        }
    }
    true
}
