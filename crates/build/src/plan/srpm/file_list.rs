//! `%files` of a .spec: what the package lists, each path with its mode, its owner and what it is for.

use super::spec_file::USR;
use crate::{BuildError, Diagnostic};
use packyard_formats::{
    entries::{Entry, EntryKind, Role},
    rpm::write::{RpmSpec, language},
};
use packyard_types::InstallPath;

/// One line for each path.
pub(super) fn lines(binary: &RpmSpec) -> Result<String, BuildError> {
    let odd: Vec<(&InstallPath, String)> = binary
        .listed()
        .filter_map(|(path, _)| pattern(path.as_str()).map(|pattern| (path, pattern)))
        .collect();
    for (path, pattern) in &odd {
        let is_meant =
            |(other, _): &(&InstallPath, &Entry)| other != path && matches(pattern, other.as_str());
        if let Some((other, _)) = binary.listed().find(is_meant) {
            let problem = Diagnostic::new(format!("a .spec cannot tell `{path}` from `{other}`"));
            return Err(problem.hint("give one of them another name").into());
        }
    }
    Ok(binary.listed().map(|(path, entry)| line(path, entry)).collect())
}

fn line(own_path: &InstallPath, entry: &Entry) -> String {
    let path = pattern(own_path.as_str()).unwrap_or_else(|| own_path.to_string());
    let path = match path.strip_prefix("/usr/lib/") {
        Some(rest) => format!("{USR}/lib/{rest}"),
        None => path,
    };
    let mut words = Vec::new();
    match entry.kind {
        EntryKind::Directory => words.push("%dir".to_owned()),
        EntryKind::Ghost => words.push("%ghost".to_owned()),
        EntryKind::File(_) | EntryKind::Symlink(_) => {}
    }
    if entry.kind != EntryKind::Directory {
        words.extend(role(entry));
    }
    let mode = match entry.kind {
        EntryKind::Symlink(_) => "-".to_owned(),
        _ => format!("{:04o}", entry.mode),
    };
    words.push(format!(
        "%attr({mode}, {}, {})",
        entry.owner.user, entry.owner.group
    ));
    let is_directory = entry.kind == EntryKind::Directory;
    words.extend(
        language(own_path)
            .filter(|_| !is_directory)
            .map(|language| format!("%lang({language})")),
    );
    words.extend(
        entry
            .capabilities
            .as_ref()
            .map(|some| format!("%caps({})", some.as_str())),
    );
    format!("{} {path}\n", words.join(" "))
}

fn role(entry: &Entry) -> Option<String> {
    let config = |noreplace: bool| {
        let ways = [(noreplace, "noreplace"), (entry.missing_ok, "missingok")];
        let ways: Vec<&str> = ways
            .into_iter()
            .filter(|(so, _)| *so)
            .map(|(_, way)| way)
            .collect();
        if ways.is_empty() {
            "%config".to_owned()
        } else {
            format!("%config({})", ways.join(","))
        }
    };
    match entry.role {
        Role::Plain => None,
        Role::Config { noreplace } => Some(config(noreplace)),
        Role::Doc => Some("%doc".to_owned()),
        Role::License => Some("%license".to_owned()),
    }
}

/// A path that rpm would take for more than a path, with a `?` for each character that means something to it: it knows
/// several ways to quote them, and each version other ones.
fn pattern(path: &str) -> Option<String> {
    let is_odd = |c: char| c.is_ascii_whitespace() || "%*?[]{}\\\"'".contains(c);
    path.contains(is_odd).then(|| path.replace(is_odd, "?"))
}

fn matches(pattern: &str, path: &str) -> bool {
    let alike = |(p, c): (u8, u8)| p == c || (p == b'?' && c != b'/');
    pattern.len() == path.len() && pattern.bytes().zip(path.bytes()).all(alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_means_more_is_a_pattern_that_means_only_it() {
        assert_eq!(pattern("/usr/share/x"), None);
        assert_eq!(pattern("/a b/[1]%{x}").as_deref(), Some("/a?b/?1???x?"));
        assert!(matches("/a?b", "/a b") && matches("/a?b", "/a_b"));
        assert!(!matches("/a?b", "/a/b") && !matches("/a?b", "/aäb"));
    }
}
