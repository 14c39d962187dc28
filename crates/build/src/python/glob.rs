//! Shell patterns, as setuptools and PEP 639 use them.

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
pub(crate) fn glob(root: &Path, pattern: &str) -> Vec<String> {
    if !pattern.contains(['*', '?', '[']) {
        let there = root.join(pattern).is_file();
        return if there {
            vec![pattern.to_owned()]
        } else {
            Vec::new()
        };
    }
    let entries = WalkDir::new(root).sort_by_file_name().into_iter().flatten();
    let files = entries.filter(|e| e.file_type().is_file());
    let relative = |e: walkdir::DirEntry| Some(e.path().strip_prefix(root).ok()?.to_str()?.to_owned());
    files
        .filter_map(relative)
        .filter(|name| matches(pattern, name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::matches;

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
}
