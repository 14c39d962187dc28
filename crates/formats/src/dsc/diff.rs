//! What the `.diff.gz` of a package of format 1.0 says (unified diffs): which files it makes, and the changelog among
//! them. The patch is not applied.

use crate::fault::{Fault, REBUILD};

/// What a diff brings.
#[derive(Debug, Default)]
pub struct Brings {
    /// The paths of the files that it makes or changes, without their first directory.
    pub files: Vec<String>,
    /// The beginning of `debian/changelog`, where the diff makes or changes it there; all of it where it makes it.
    pub changelog: Option<String>,
}

/// Reads a diff.
pub fn read(text: &str) -> Result<Brings, Fault> {
    let mut out = Brings::default();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(path) = line.strip_prefix("+++ ").and_then(inside) else {
            continue;
        };
        let from_top = lines
            .peek()
            .is_some_and(|hunk| hunk.starts_with("@@ ") && hunk.contains(" +1"));
        if path == "debian/changelog" && from_top {
            lines.next();
            let mut text = String::new();
            while let Some(line) = lines.next_if(|l| l.is_empty() || l.starts_with(['+', ' ', '-', '\\'])) {
                if line.starts_with("--- ") {
                    break;
                }
                if let Some(kept) = line.strip_prefix(['+', ' ']) {
                    text.push_str(kept);
                    text.push('\n');
                }
            }
            out.changelog = Some(text);
        }
        out.files.push(path.to_owned());
    }
    if out.files.is_empty() {
        return Err(Fault::new("it is no unified diff", REBUILD));
    }
    Ok(out)
}

/// `hello-1.0/debian/rules`, and what diff writes behind it, without the first directory.
fn inside(path: &str) -> Option<&str> {
    let path = path.split('\t').next().unwrap_or_default().trim_end();
    path.split_once('/').map(|(_, rest)| rest)
}
