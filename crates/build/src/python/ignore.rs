//! Patterns as in a `.gitignore`, which hatchling's file selection is written in.
//! <https://git-scm.com/docs/gitignore#_pattern_format>: the last pattern that matches decides; a pattern with a slash
//! that is not its last character is bound to the root; one that names a directory holds for all below it.

use super::glob::component_matches;

/// A list of patterns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patterns(Vec<Pattern>);

#[derive(Debug, Clone)]
struct Pattern {
    /// False for a pattern with a `!`, which takes back what an earlier one said.
    positive: bool,
    directories_only: bool,
    /// Path components; `**` stands for any number of them.
    components: Vec<String>,
}

impl Patterns {
    /// Reads lines; blank ones and comments say nothing.
    pub fn new<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        Self(lines.into_iter().filter_map(Pattern::parse).collect())
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a file is meant. A pattern that meets the file itself is worth more than one that meets a directory
    /// above it, and taking back does not reach into a directory that is meant as a whole.
    pub fn matches(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        let (mut meant, mut priority) = (false, 0);
        for pattern in &self.0 {
            let Some(by_directory) = pattern.meets(&parts) else {
                continue;
            };
            let own = if by_directory { 1 } else { 2 };
            if (pattern.positive && by_directory) || own >= priority {
                meant = pattern.positive;
                priority = own;
            }
        }
        meant
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\n', '\r']);
        let line = match line.strip_suffix("\\ ") {
            Some(kept) => format!("{kept} "),
            None => line.trim_end().to_owned(),
        };
        if line.is_empty() || line.starts_with('#') || line == "/" {
            return None;
        }
        let (positive, line) = match line.strip_prefix('!') {
            Some(rest) => (false, rest.to_owned()),
            None => (true, line.strip_prefix('\\').map_or(line.clone(), str::to_owned)),
        };
        let directories_only = line.ends_with('/');
        let body = line.trim_end_matches('/');
        let bound = body.contains('/');
        let mut components: Vec<String> = body
            .trim_start_matches('/')
            .split('/')
            .map(str::to_owned)
            .collect();
        if !bound && components.first().is_none_or(|first| first != "**") {
            components.insert(0, "**".to_owned());
        }
        Some(Self {
            positive,
            directories_only,
            components,
        })
    }

    /// Whether the pattern meets the path: `Some(true)` by a directory above it, `Some(false)` by its own name.
    fn meets(&self, parts: &[&str]) -> Option<bool> {
        let components: Vec<&str> = self.components.iter().map(String::as_str).collect();
        if !self.directories_only && whole(&components, parts) {
            // `dir/**` meets by the directory, as a pattern that names it does.
            return Some(components.last() == Some(&"**"));
        }
        (1..parts.len())
            .any(|depth| whole(&components, &parts[..depth]))
            .then_some(true)
    }
}

/// Whether the components match the whole of the path.
fn whole(components: &[&str], parts: &[&str]) -> bool {
    match components {
        [] => parts.is_empty(),
        ["**"] => !parts.is_empty(),
        ["**", rest @ ..] => (0..=parts.len()).any(|skip| whole(rest, &parts[skip..])),
        [first, rest @ ..] => match parts {
            [part, more @ ..] => component_matches(first, part) && whole(rest, more),
            [] => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn patterns_mean_what_git_means_by_them() {
        for (lines, path, meant) in [
            (&["*.pyc"][..], "a/b.pyc", true),
            (&["/dist"], "dist/x", true),
            (&["/dist"], "a/dist/x", false),
            (&["build/"], "a/build/x", true),
            (&["build/"], "a/build", false),
            (&["a/b"], "a/b/c", true),
            (&["a/b"], "x/a/b", false),
            (&["a/**/z.txt"], "a/z.txt", true),
            (&["a/**/z.txt"], "a/b/c/z.txt", true),
            (&["*.txt", "!keep.txt"], "keep.txt", false),
            (&["*.txt", "!keep.txt"], "lose.txt", true),
            (&["# no", "", "\\#yes"], "#yes", true),
            (&["/colorama/*"], "colorama/a.py", true),
            (&["/colorama/*"], "colorama/tests/a.py", true),
            (&["[ab].c"], "b.c", true),
        ] {
            assert_eq!(
                Patterns::new(lines.iter().copied()).matches(path),
                meant,
                "{lines:?} {path}"
            );
        }
    }
}
