//! Where a requirement was written: found by its name in the files that declare requirements. Looked for only when there
//! is something to show.

use crate::{Place, SourceText, manifest::parse_toml, metadata};
use packyard_types::ProjectName;
use std::{ops::Range, path::Path};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The place of a requirement, given as `Requires-Dist` has it.
pub(super) fn of(root: &Path, requirement: &str) -> Option<Place> {
    let read = |name: &str| metadata::read(root, name).ok().flatten();
    if let Some(file) = read("pyproject.toml")
        && let Some(span) = in_pyproject(&file, requirement)
    {
        return Some(file.place(span));
    }
    ["setup.cfg", "setup.py", "requirements.txt"]
        .iter()
        .find_map(|name| {
            let file = read(name)?;
            let span = in_lines(file.text(), requirement)?;
            Some(file.place(span))
        })
}

/// The PEP 503 name at the head of a requirement, and how long it is as written.
fn name(requirement: &str) -> Option<(String, usize)> {
    let end = requirement
        .find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c))
        .unwrap_or(requirement.len());
    let name = ProjectName::parse(&requirement[..end]).ok()?;
    Some((name.to_string(), end))
}

/// The requirement without its marker and blanks.
fn head(requirement: &str) -> String {
    let head = requirement.split(';').next().unwrap_or("");
    head.chars().filter(|c| !c.is_whitespace()).collect()
}

/// In `[project]`, or a key of poetry's table.
fn in_pyproject(file: &SourceText, requirement: &str) -> Option<Range<usize>> {
    let toml = parse_toml(file).ok()?;
    let (wanted, _) = name(requirement)?;
    let is_it = |text: &str| name(text).is_some_and(|(found, _)| found == wanted);
    let strings = project_strings(toml.get_ref());
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let ranks: [&dyn Fn(&str) -> bool; 3] = [
        &|text| plain(text) == plain(requirement),
        &|text| head(text) == head(requirement),
        &is_it,
    ];
    let found = ranks
        .iter()
        .find_map(|fits| strings.iter().find(|(text, _)| fits(text)));
    if let Some((_, span)) = found {
        // Without the quotes, where they are single characters.
        return Some(span.start + 1..span.end.saturating_sub(1));
    }
    let dependencies = table(table(table(toml.get_ref(), "tool")?, "poetry")?, "dependencies")?;
    dependencies
        .iter()
        .find(|(key, _)| is_it(key.get_ref()))
        .map(|(key, _)| key.span())
}

fn table<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
    table.get(key)?.get_ref().as_table()
}

/// The strings of `dependencies` and `optional-dependencies`.
fn project_strings(toml: &DeTable<'_>) -> Vec<(String, Range<usize>)> {
    fn collect(value: &Spanned<DeValue<'_>>, out: &mut Vec<(String, Range<usize>)>) {
        match value.get_ref() {
            DeValue::String(text) => out.push((text.to_string(), value.span())),
            DeValue::Array(items) => items.iter().for_each(|item| collect(item, out)),
            DeValue::Table(table) => table.iter().for_each(|(_, value)| collect(value, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    let project = toml.get("project").and_then(|v| v.get_ref().as_table());
    for key in ["dependencies", "optional-dependencies"] {
        if let Some(value) = project.and_then(|table| table.get(key)) {
            collect(value, &mut out);
        }
    }
    out
}

/// At the beginning of a line or of a string, or after a `=`.
fn in_lines(text: &str, requirement: &str) -> Option<Range<usize>> {
    let (wanted, _) = name(requirement)?;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let mut starts = vec![line.len() - line.trim_start().len()];
        starts.extend(line.match_indices(['"', '\'', '=']).map(|(i, _)| {
            let rest = &line[i + 1..];
            i + 1 + rest.len() - rest.trim_start().len()
        }));
        for start in starts {
            let Some((found, length)) = line.get(start..).and_then(name) else {
                continue;
            };
            let next = line[start + length..].trim_start().chars().next();
            let ends = next.is_none_or(|c| "<>=!~[;'\"@(,".contains(c));
            if found == wanted && ends && next != Some('(') {
                let rest = line[start..]
                    .split(['"', '\'', ';', '#', '\n'])
                    .next()
                    .unwrap_or("");
                return Some(at + start..at + start + rest.trim_end().len());
            }
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(file: &str, text: &str, requirement: &str) -> Option<(usize, String)> {
        let root = tempfile::TempDir::new().unwrap();
        std::fs::write(root.path().join(file), text).unwrap();
        let place = of(root.path(), requirement)?;
        let meant = place
            .source
            .chars()
            .skip(place.column - 1)
            .take(place.width)
            .collect();
        Some((place.line, meant))
    }

    #[test]
    fn a_requirement_is_found_where_it_was_written() {
        let pyproject = "[project]\nname = \"x\"\nkeywords = [\"yaml\"]\ndependencies = [\n  'Yaml >= 2',\n  \"yaml-x\"\n]\n\
                         [project.optional-dependencies]\ndev = ['Foo.Bar[a]']\n";
        assert_eq!(
            shown("pyproject.toml", pyproject, "yaml>=2"),
            Some((5, "Yaml >= 2".into()))
        );
        assert_eq!(
            shown("pyproject.toml", pyproject, "foo-bar[a] ; extra == 'dev'"),
            Some((9, "Foo.Bar[a]".into()))
        );
        assert_eq!(shown("pyproject.toml", pyproject, "x>=1"), None);
    }

    #[test]
    fn older_files_are_searched_by_line() {
        let cfg = "[options]\ninstall_requires =\n    six\n    foo_bar >= 1  # why\n";
        assert_eq!(
            shown("setup.cfg", cfg, "foo-bar>=1"),
            Some((4, "foo_bar >= 1".into()))
        );
        let setup = "setup(name='six-user',\n      install_requires=['six>=1.0', \"Yaml\"])\n";
        assert_eq!(shown("setup.py", setup, "six>=1.0"), Some((2, "six>=1.0".into())));
        assert_eq!(shown("setup.py", setup, "yaml"), Some((2, "Yaml".into())));
        let poetry = "[tool.poetry.dependencies]\npython = '^3.9'\nrequests = '^2'\n";
        assert_eq!(
            shown("pyproject.toml", poetry, "requests>=2"),
            Some((3, "requests".into()))
        );
    }
}
