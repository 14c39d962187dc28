//! The files that setuptools knows of: what an sdist holds by default, and what `MANIFEST.in` adds and takes away.
//! <https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html>

use super::{
    glob::{self, matches},
    select::{Unsure, plain_path, walk},
};
use crate::{BuildError, Diagnostic, SourceText, metadata};
use std::{collections::BTreeSet, path::Path};

/// Files, by their path in the project.
pub(super) type Names = BTreeSet<String>;

fn skips(name: &str) -> bool {
    name == "__pycache__"
}

/// Adds the files that every sdist of setuptools has where they are there.
pub(super) fn defaults(root: &Path, list: &mut Names) -> Result<(), BuildError> {
    let readmes = ["README", "README.rst", "README.txt", "README.md"];
    let readme = readmes.into_iter().find(|name| root.join(name).exists());
    let others = ["setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in"];
    for name in readme.into_iter().chain(others) {
        if root.join(name).is_file() {
            list.insert(name.to_owned());
        }
    }
    for pattern in ["test/test*.py", "tests/test*.py"] {
        list.extend(glob::glob(root, pattern)?);
    }
    Ok(())
}

/// Adds what an earlier build listed, as setuptools does: an sdist without its repository has only that.
pub(super) fn listed_before(root: &Path, egg_info: &str, list: &mut Names) -> Result<(), Unsure> {
    if let Some(sources) = metadata::read(root, &format!("{egg_info}/SOURCES.txt"))? {
        let lines = sources.text().lines().filter_map(plain_path);
        list.extend(lines.filter(|path| root.join(path).is_file()));
        list.extend(walk(root, egg_info, &skips)?);
    }
    Ok(())
}

/// Takes away what never belongs into an sdist.
pub(super) fn prune(base: &str, list: &mut Names) {
    const REPOSITORIES: [&str; 7] = ["RCS", "CVS", ".svn", ".hg", ".git", ".bzr", "_darcs"];
    list.retain(|path| {
        let mut parts = path.split('/').rev().skip(1);
        let top = path.split('/').next().filter(|top| *top != path).unwrap_or("");
        let cache = ["build", base, ".tox", ".nox", ".venv"].contains(&top);
        !cache && !parts.any(|part| REPOSITORIES.contains(&part))
    });
}

/// Carries out `MANIFEST.in`.
pub(super) fn manifest_in(root: &Path, list: &mut Names) -> Result<(), Unsure> {
    let Some(file) = metadata::read(root, "MANIFEST.in")? else {
        return Ok(());
    };
    for (number, line) in logical_lines(&file) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let wrong = || {
            let problem =
                Diagnostic::new(format!("`{line}` is no line of a MANIFEST.in")).at(file.line(number));
            problem
                .hint("such as `include *.txt`, `recursive-include DIR *.json`, `graft DIR` or `prune DIR`")
        };
        let (command, rest) = words.split_first().ok_or_else(wrong)?;
        match (*command, rest) {
            ("include" | "exclude" | "global-include" | "global-exclude", patterns)
                if !patterns.is_empty() =>
            {
                for pattern in patterns {
                    apply(root, command, "", pattern, list)?;
                }
            }
            ("recursive-include" | "recursive-exclude", [dir, patterns @ ..]) if !patterns.is_empty() => {
                for pattern in patterns {
                    apply(root, command, dir.trim_end_matches('/'), pattern, list)?;
                }
            }
            ("graft" | "prune", [dir]) => apply(root, command, dir.trim_end_matches('/'), "**", list)?,
            _ => return Err(wrong().into()),
        }
    }
    Ok(())
}

/// The lines with their numbers, without comments and joined where they end in a backslash.
fn logical_lines(file: &SourceText) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (i, line) in file.text().lines().enumerate() {
        let line = match line.find('#') {
            Some(at) if at == 0 || !line[..at].ends_with('\\') => &line[..at],
            _ => line,
        };
        let (text, continues) = match line.trim_end().strip_suffix('\\') {
            Some(text) => (text, true),
            None => (line, false),
        };
        match out.last_mut().filter(|_| open) {
            Some((_, last)) => {
                last.push(' ');
                last.push_str(text.trim());
            }
            None => out.push((i + 1, text.trim().replace("\\#", "#"))),
        }
        open = continues;
    }
    out.retain(|(_, line)| !line.trim().is_empty());
    out
}

fn apply(root: &Path, command: &str, dir: &str, pattern: &str, list: &mut Names) -> Result<(), Unsure> {
    let pattern = pattern.trim_start_matches("./");
    let deep = if dir.is_empty() || dir == "." {
        format!("**/{pattern}")
    } else {
        format!("{}/**/{pattern}", dir.trim_start_matches("./"))
    };
    match command {
        "include" => list.extend(glob::glob(root, pattern)?),
        "exclude" => list.retain(|path| !matches(pattern, path)),
        "recursive-include" => list.extend(glob::glob(root, &deep)?),
        "global-include" => {
            let all = walk(root, "", &|name| skips(name) || name == ".git")?;
            list.extend(all.into_iter().filter(|path| matches(&deep, path)));
        }
        "graft" => {
            for dir in glob::directories(root, dir)? {
                list.extend(walk(root, &dir, &skips)?);
            }
        }
        "prune" => {
            let below = format!("{}/**", dir.trim_start_matches("./"));
            list.retain(|path| !matches(&below, path));
        }
        _ => list.retain(|path| !matches(&deep, path)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(manifest: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "a/x.json",
            "a/b/y.json",
            "a/b/z.txt",
            "top.txt",
            "docs/i.rst",
            "docs/.git/c",
        ] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        std::fs::write(dir.path().join("MANIFEST.in"), manifest).unwrap();
        let mut names = Names::new();
        match manifest_in(dir.path(), &mut names) {
            Ok(()) => {}
            Err(Unsure::Wrong(error)) => return vec![error.to_string()],
            Err(Unsure::Backend(reason)) => panic!("{reason}"),
        }
        prune("x-1", &mut names);
        names.into_iter().collect()
    }

    #[test]
    fn the_commands_do_what_setuptools_makes_of_them() {
        assert_eq!(list("include *.txt # all\n"), ["top.txt"]);
        assert_eq!(list("recursive-include a *.json"), ["a/b/y.json", "a/x.json"]);
        assert_eq!(list("graft a\nglobal-exclude *.txt"), ["a/b/y.json", "a/x.json"]);
        assert_eq!(list("graft a\nprune a/b"), ["a/x.json"]);
        assert_eq!(list("graft docs"), ["docs/i.rst"]);
        assert_eq!(
            list("global-include *.txt \\\n  *.rst\n"),
            ["a/b/z.txt", "docs/i.rst", "top.txt"]
        );
    }

    #[test]
    fn a_line_that_is_none_is_shown() {
        assert!(list("graft a\nincldue b\n")[0].contains("--> MANIFEST.in:2:1"));
    }
}
