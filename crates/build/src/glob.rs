//! Shell patterns, as setuptools and PEP 639 use them: Python's `glob` with `**`, and `fnmatch`.

use crate::{BuildError, files};
use std::path::Path;

/// How deep `**` looks: symbolic links may lead around in a circle.
const DEPTH: usize = 40;

/// Whether a name matches a pattern of `*`, `?` and `[…]`; `*` does not match a `/`, `**` does.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    at(&chars(pattern), &chars(name), false)
}

/// The same for Python's `fnmatch`, to which a `/` is a character like any other.
pub(crate) fn fnmatch(pattern: &str, name: &str) -> bool {
    at(&chars(pattern), &chars(name), true)
}

/// Whether one component of a path matches one of a pattern.
pub(crate) fn component_matches(pattern: &str, name: &str) -> bool {
    fnmatch(pattern, name)
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn at(p: &[char], n: &[char], slash: bool) -> bool {
    let plain = |c: char| slash || c != '/';
    match (p, n) {
        ([], []) => true,
        (['*', '*', rest @ ..], _) if slash => at(&[&['*'], rest].concat(), n, slash),
        (['*', '*', '/', rest @ ..], _) if at(rest, n, slash) => true,
        (['*', '*', ..], [_, tail @ ..]) if at(p, tail, slash) => true,
        (['*', '*', rest @ ..], _) => at(rest, n, slash),
        (['*', rest @ ..], _) if at(rest, n, slash) => true,
        (['*', ..], [c, tail @ ..]) => plain(*c) && at(p, tail, slash),
        (['?', rest @ ..], [c, tail @ ..]) => plain(*c) && at(rest, tail, slash),
        (['[', rest @ ..], [c, tail @ ..]) => match rest.iter().skip(1).position(|x| *x == ']') {
            Some(end) => set_has(&rest[..=end], *c) && at(&rest[end + 2..], tail, slash),
            None => *c == '[' && at(rest, tail, slash),
        },
        ([x, rest @ ..], [c, tail @ ..]) => x == c && at(rest, tail, slash),
        _ => false,
    }
}

fn set_has(set: &[char], c: char) -> bool {
    match set {
        ['!' | '^', rest @ ..] => !in_set(rest, c),
        _ => in_set(set, c),
    }
}

fn in_set(set: &[char], c: char) -> bool {
    match set {
        [a, '-', b, rest @ ..] => (*a..=*b).contains(&c) || in_set(rest, c),
        [a, rest @ ..] => *a == c || in_set(rest, c),
        [] => false,
    }
}

/// The files below `root` that match, relative and sorted. A component that begins with `*` meets no hidden name.
pub(crate) fn glob(root: &Path, pattern: &str) -> Result<Vec<String>, BuildError> {
    Ok(expanded(root, pattern)?
        .into_iter()
        .filter(|path| !root.join(path).is_dir())
        .collect())
}

/// The directories below `root` that match, relative and sorted.
pub(crate) fn directories(root: &Path, pattern: &str) -> Result<Vec<String>, BuildError> {
    Ok(expanded(root, pattern)?
        .into_iter()
        .filter(|path| root.join(path).is_dir())
        .collect())
}

/// Everything that matches, and links that lead nowhere, so that they are not passed over in silence.
fn expanded(root: &Path, pattern: &str) -> Result<Vec<String>, BuildError> {
    let components: Vec<&str> = pattern
        .split('/')
        .filter(|c| !c.is_empty() && *c != ".")
        .collect();
    let mut found = Vec::new();
    expand(root, "", &components, 0, &mut found)?;
    found.sort();
    found.dedup();
    Ok(found)
}

fn expand(
    root: &Path,
    dir: &str,
    components: &[&str],
    depth: usize,
    found: &mut Vec<String>,
) -> Result<(), BuildError> {
    let [first, rest @ ..] = components else {
        return Ok(());
    };
    let below = |name: &str| {
        if dir.is_empty() {
            name.to_owned()
        } else {
            format!("{dir}/{name}")
        }
    };
    if *first == "**" {
        if !rest.is_empty() {
            expand(root, dir, rest, depth, found)?;
        }
        for name in visible(root, dir)? {
            let path = below(&name);
            let is_dir = root.join(&path).is_dir();
            if is_dir && depth < DEPTH && name != "__pycache__" {
                expand(root, &path, components, depth + 1, found)?;
            }
            if rest.is_empty() {
                found.push(path);
            }
        }
        return Ok(());
    }
    let is_pattern = first.contains(['*', '?', '[']);
    let names = if is_pattern {
        let hidden = first.starts_with('.');
        let all = if root.join(dir).is_dir() {
            files::names(&root.join(dir))?
        } else {
            Vec::new()
        };
        all.into_iter()
            .filter(|n| (hidden || !n.starts_with('.')) && component_matches(first, n))
            .collect()
    } else {
        vec![(*first).to_owned()]
    };
    for name in names {
        let path = below(&name);
        if !rest.is_empty() {
            if root.join(&path).is_dir() {
                expand(root, &path, rest, depth, found)?;
            }
        } else if root.join(&path).exists() || root.join(&path).is_symlink() && is_pattern {
            found.push(path);
        }
    }
    Ok(())
}

fn visible(root: &Path, dir: &str) -> Result<Vec<String>, BuildError> {
    let full = root.join(dir);
    let all = if full.is_dir() {
        files::names(&full)?
    } else {
        Vec::new()
    };
    Ok(all.into_iter().filter(|name| !name.starts_with('.')).collect())
}

#[cfg(test)]
mod tests {
    use super::{fnmatch, glob, matches};

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, name) in [
            ("*.txt", "a.txt"),
            ("**/*.json", "a/b.json"),
            ("**/*.json", "b.json"),
            ("LICEN[CS]E*", "LICENSE.md"),
            ("a.?", "a.b"),
            ("[]a]", "]"),
            ("[a", "[a"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.txt", "a/b.txt"), ("[!a]b", "ab"), ("a", "ab")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        assert!(fnmatch("*.txt", "a/b.txt") && fnmatch("a**c", "a/b/c"));
    }

    #[test]
    fn a_pattern_finds_files_where_its_fixed_directory_is() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        for name in ["a/x.json", "a/b/y.json", "z.json", "a/.hidden.json"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let found = |pattern| glob(dir.path(), pattern).unwrap();
        assert_eq!(found("a/*.json"), ["a/x.json"]);
        assert_eq!(found("a/**/*.json"), ["a/b/y.json", "a/x.json"]);
        assert_eq!(found("a/**"), ["a/b/y.json", "a/x.json"]);
        assert_eq!(found("*/*.json"), ["a/x.json"]);
        assert_eq!(found("a/.*"), ["a/.hidden.json"]);
        assert_eq!(found("./z.json"), ["z.json"]);
        assert!(found("none/*").is_empty());
    }
}
