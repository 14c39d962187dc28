//! The patterns that a `source` of `[[file]]` can be: `*`, `?` and `[…]` within a name, `{a,b}` for either, `**` for any
//! number of directories.
//!
//! - A wildcard meets no hidden name unless the pattern's part begins with a dot, and `**` follows no link.
//! - A pattern with `**` means files; another one means directories as well.
//! - What it finds keeps its path below the directories that come before the first wildcard. That depends on the pattern
//!   alone: another file never moves those that are there.

use crate::{BuildError, files, glob};
use std::{collections::BTreeSet, path::Path};

/// The characters that make a pattern.
const WILD: [char; 4] = ['*', '?', '[', '{'];

/// How many patterns one with braces can stand for.
const MOST_ALTERNATIVES: usize = 1000;

/// A pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// What comes before the first part with a wildcard, with a `/` at its end where it is not empty.
    base: String,
    /// The parts of each pattern without braces that it stands for.
    alternatives: Vec<Vec<String>>,
}

impl Pattern {
    /// Reads one, if the text has a wildcard at all. A text with braces for too many is not taken apart: it finds
    /// nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = parts(text);
        let wild = parts.iter().position(|part| part.contains(WILD))?;
        let alternatives = braces(text).unwrap_or_default();
        Some(Self {
            base: parts[..wild].iter().map(|part| format!("{part}/")).collect(),
            alternatives: alternatives.iter().map(|text| parts_of(text)).collect(),
        })
    }

    /// The directories that come before the first wildcard, each with a `/` behind it.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What lies below `root` and matches, sorted, each once.
    pub fn find(&self, root: &Path) -> Result<Vec<String>, BuildError> {
        let mut search = Search {
            root,
            files_only: false,
            found: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        for parts in &self.alternatives {
            search.files_only = parts.iter().any(|part| part == "**");
            search.seen.clear();
            search.below("", parts)?;
        }
        Ok(search.found.into_iter().collect())
    }
}

fn parts(text: &str) -> Vec<&str> {
    text.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect()
}

fn parts_of(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = parts(text).into_iter().map(str::to_owned).collect();
    parts.dedup_by(|a, b| a == "**" && b == "**");
    parts
}

/// Every text that one with `{a,b}` stands for; braces may lie in braces, and one without its other half is a character
/// like any other. None where there are too many.
fn braces(text: &str) -> Option<Vec<String>> {
    let Some((before, choices, after)) = first_braces(text) else {
        return Some(vec![text.to_owned()]);
    };
    let mut all = Vec::new();
    for choice in choices {
        all.extend(braces(&format!("{before}{choice}{after}"))?);
        if all.len() > MOST_ALTERNATIVES {
            return None;
        }
    }
    Some(all)
}

/// The first braces with a comma at their own level, and what lies around them.
fn first_braces(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    text.match_indices('{').find_map(|(open, _)| {
        let (mut depth, mut from, mut choices) = (0usize, open + 1, Vec::new());
        for (at, c) in text[open..].char_indices().map(|(at, c)| (open + at, c)) {
            match c {
                '{' => depth += 1,
                ',' if depth == 1 => {
                    choices.push(&text[from..at]);
                    from = at + 1;
                }
                '}' if depth == 1 && choices.is_empty() => return None,
                '}' if depth == 1 => {
                    choices.push(&text[from..at]);
                    return Some((&text[..open], choices, &text[at + 1..]));
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        None
    })
}

struct Search<'a> {
    root: &'a Path,
    files_only: bool,
    found: BTreeSet<String>,
    /// Directories that were looked into, with how much of the pattern was left.
    seen: BTreeSet<(String, usize)>,
}

impl Search<'_> {
    /// Looks for the parts that are left below a directory.
    fn below(&mut self, directory: &str, parts: &[String]) -> Result<(), BuildError> {
        let [first, rest @ ..] = parts else { return Ok(()) };
        if !self.seen.insert((directory.to_owned(), parts.len())) {
            return Ok(());
        }
        if first == "**" {
            return self.at_any_depth(directory, parts, rest);
        }
        for name in self.matching(directory, first)? {
            let path = joined(directory, &name);
            let is_directory = self.root.join(&path).is_dir();
            match rest {
                [] if is_directory && self.files_only => {}
                [] => {
                    self.found.insert(path);
                }
                _ if is_directory => self.below(&path, rest)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn at_any_depth(&mut self, directory: &str, parts: &[String], rest: &[String]) -> Result<(), BuildError> {
        self.below(directory, rest)?;
        for name in self.matching(directory, "*")? {
            let path = joined(directory, &name);
            let full = self.root.join(&path);
            if full.is_dir() && !full.is_symlink() {
                self.below(&path, parts)?;
            } else if rest.is_empty() && !full.is_dir() {
                self.found.insert(path);
            }
        }
        Ok(())
    }

    /// The names in a directory that match one part; one without wildcards is asked for, which needs no list.
    fn matching(&self, directory: &str, part: &str) -> Result<Vec<String>, BuildError> {
        let directory = self.root.join(directory);
        if !part.contains(WILD) {
            let is_there = directory.join(part).symlink_metadata().is_ok();
            return Ok(is_there.then(|| part.to_owned()).into_iter().collect());
        }
        let all = if directory.is_dir() {
            files::names(&directory)?
        } else {
            Vec::new()
        };
        let is_seen = |name: &String| part.starts_with('.') || !name.starts_with('.');
        Ok(all
            .into_iter()
            .filter(|name| is_seen(name) && glob::component_matches(part, name))
            .collect())
    }
}

fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    fn found(root: &Path, pattern: &str) -> Vec<String> {
        Pattern::parse(pattern).unwrap().find(root).unwrap()
    }

    #[test]
    fn braces_stand_for_each_of_their_choices() {
        let all = |text| braces(text).unwrap();
        assert_eq!(all("a{b,c{d,e},}f"), ["abf", "acdf", "acef", "af"]);
        assert_eq!(all("{x}{a,b}"), ["{x}a", "{x}b"]);
        assert_eq!(all("{a,b"), ["{a,b"]);
        assert_eq!(all("{a/b,c}/d"), ["a/b/d", "c/d"]);
        assert_eq!(braces(&"{a,b}".repeat(20)), None);
    }

    #[test]
    fn a_pattern_finds_what_a_shell_would() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "a/x.txt",
            "a/b/y.txt",
            "z.txt",
            "a/.h.txt",
            ".d/w.txt",
            "a/b/c/v.md",
        ] {
            fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
            fs::write(dir.path().join(name), "").unwrap();
        }
        symlink(".", dir.path().join("a/round")).unwrap();
        symlink("..", dir.path().join("a/up")).unwrap();
        symlink("nowhere", dir.path().join("a/lost.txt")).unwrap();
        let found = |pattern| found(dir.path(), pattern);
        assert_eq!(found("*"), ["a", "z.txt"]);
        assert_eq!(found("./a//*.txt"), ["a/lost.txt", "a/x.txt"]);
        assert_eq!(found("**/*.txt"), ["a/b/y.txt", "a/lost.txt", "a/x.txt", "z.txt"]);
        assert_eq!(
            found("a/**"),
            ["a/b/c/v.md", "a/b/y.txt", "a/lost.txt", "a/x.txt"]
        );
        assert_eq!(found("a/**/**/c/*"), ["a/b/c/v.md"]);
        assert_eq!(found("{a/b,.d}/*"), [".d/w.txt", "a/b/c", "a/b/y.txt"]);
        assert_eq!(found("a/.*"), ["a/.h.txt"]);
        assert_eq!(found("a/[!a-m].txt"), ["a/x.txt"]);
        assert!(found("none/*").is_empty() && found("z.txt/*").is_empty());
        assert!(Pattern::parse("a/x.txt").is_none());
    }

    #[test]
    fn what_is_kept_of_a_path_depends_on_the_pattern_alone() {
        for (pattern, base) in [("*.txt", ""), ("./a/b/*/c/*.txt", "a/b/"), ("a/b{c,d}/x", "a/")] {
            assert_eq!(Pattern::parse(pattern).unwrap().base(), base);
        }
    }
}
