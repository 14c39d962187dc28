//! Shell patterns, as setuptools and PEP 639 use them.

use crate::{BuildError, files};
use std::path::Path;
use walkdir::WalkDir;

/// Whether a name matches a pattern of `*`, `?` and `[…]`; `*` does not match a `/`, `**` does.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    fn at(p: &[char], n: &[char]) -> bool {
        match (p, n) {
            ([], []) => true,
            (['*', '*', '/', rest @ ..], _) if at(rest, n) => true,
            (['*', '*', ..], [_, tail @ ..]) if at(p, tail) => true,
            (['*', '*', rest @ ..], _) => at(rest, n),
            (['*', rest @ ..], _) if at(rest, n) => true,
            (['*', ..], [c, tail @ ..]) => *c != '/' && at(p, tail),
            (['?', rest @ ..], [c, tail @ ..]) => *c != '/' && at(rest, tail),
            (['[', rest @ ..], [c, tail @ ..]) => match rest.iter().position(|x| *x == ']') {
                Some(end) => set_has(&rest[..end], *c) && at(&rest[end + 1..], tail),
                None => false,
            },
            ([x, rest @ ..], [c, tail @ ..]) => x == c && at(rest, tail),
            _ => false,
        }
    }
    let chars = |s: &str| s.chars().collect::<Vec<_>>();
    at(&chars(pattern), &chars(name))
}

fn set_has(set: &[char], c: char) -> bool {
    match set {
        ['!' | '^', rest @ ..] => !set_has(rest, c),
        [a, '-', b, rest @ ..] => (*a..=*b).contains(&c) || set_has(rest, c),
        [a, rest @ ..] => *a == c || set_has(rest, c),
        [] => false,
    }
}

/// The files below `root` that match, relative and sorted.
pub(crate) fn glob(root: &Path, pattern: &str) -> Result<Vec<String>, BuildError> {
    if !pattern.contains(['*', '?', '[']) {
        let there = root.join(pattern).is_file();
        return Ok(if there {
            vec![pattern.to_owned()]
        } else {
            Vec::new()
        });
    }
    // Only what the pattern's fixed directories hold can match, and only that has to be readable.
    let fixed = pattern.split(['*', '?', '[']).next().unwrap_or("");
    let start = match fixed.rsplit_once('/') {
        Some((dir, _)) => root.join(dir),
        None => root.to_owned(),
    };
    if !start.is_dir() {
        return Ok(Vec::new());
    }
    let deep = pattern.contains("**");
    let depth = if deep {
        usize::MAX
    } else {
        pattern[fixed.rfind('/').map_or(0, |i| i + 1)..]
            .split('/')
            .count()
    };
    let mut found = Vec::new();
    for entry in WalkDir::new(&start).max_depth(depth).sort_by_file_name() {
        let entry = entry.map_err(files::walk_error(&start))?;
        let relative = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
        let Some(name) = relative.filter(|name| matches(pattern, name)) else {
            continue;
        };
        let is_link = entry.file_type().is_symlink();
        if entry.file_type().is_file() || is_link && !entry.path().is_dir() {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{glob, matches};

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, name) in [
            ("*.txt", "a.txt"),
            ("**/*.json", "a/b.json"),
            ("**/*.json", "b.json"),
            ("LICEN[CS]E*", "LICENSE.md"),
            ("a.?", "a.b"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.txt", "a/b.txt"), ("[!a]b", "ab"), ("a", "ab")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_finds_files_where_its_fixed_directory_is() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        for name in ["a/x.json", "a/b/y.json", "z.json"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let found = |pattern| glob(dir.path(), pattern).unwrap();
        assert_eq!(found("a/*.json"), ["a/x.json"]);
        assert_eq!(found("a/**/*.json"), ["a/b/y.json", "a/x.json"]);
        assert_eq!(found("*/*.json"), ["a/x.json"]);
        assert!(found("none/*").is_empty());
    }
}
