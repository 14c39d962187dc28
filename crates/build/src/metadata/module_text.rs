//! What a Python module says of itself, read from its text: attributes that are literals, and its docstring.

use super::literal::{self, Literal, Names};
use crate::{BuildError, Place, SourceText};
use rustpython_ruff_python_ast::{Expr, Stmt};
use std::path::Path;

/// A value and where it stands.
pub(super) type Found = (String, Place);

/// The string that a module's top level gives to a name; none where it is anything else.
pub(super) fn attribute(root: &Path, path: &str, name: &str) -> Result<Option<Found>, BuildError> {
    let Some(file) = super::read(root, path)? else {
        return Ok(None);
    };
    let Ok(module) = rustpython_ruff_python_parser::parse_module(file.text()) else {
        return Ok(None);
    };
    for statement in &module.syntax().body {
        let (targets, value) = match statement {
            Stmt::Assign(assign) => (assign.targets.iter().collect::<Vec<_>>(), Some(&assign.value)),
            Stmt::AnnAssign(assign) => (vec![&*assign.target], assign.value.as_ref()),
            _ => continue,
        };
        let is_it = |target: &&Expr| matches!(target, Expr::Name(n) if n.id.as_str() == name);
        if let (true, Some(value)) = (targets.iter().any(is_it), value) {
            return Ok(match literal::read(value, &Names::new()) {
                Some(Literal::Text(text, span)) => Some((text, file.place(span))),
                _ => None,
            });
        }
    }
    Ok(None)
}

/// The first line of a module's docstring.
pub(super) fn docstring_line(root: &Path, path: &str) -> Result<Option<String>, BuildError> {
    let Some(file) = super::read(root, path)? else {
        return Ok(None);
    };
    let Ok(module) = rustpython_ruff_python_parser::parse_module(file.text()) else {
        return Ok(None);
    };
    let Some(Stmt::Expr(first)) = module.syntax().body.first() else {
        return Ok(None);
    };
    let Expr::StringLiteral(text) = &*first.value else {
        return Ok(None);
    };
    let text = text.value.to_str();
    let line = text
        .trim_start()
        .lines()
        .next()
        .map(|line| line.trim_end().to_owned());
    Ok(line.filter(|line| !line.is_empty()))
}

/// The version as hatchling's pattern finds it: a line that begins with `__version__ =` or `VERSION =`.
pub(super) fn version_line(file: &SourceText) -> Option<Found> {
    let mut start = 0;
    for line in file.text().split_inclusive('\n') {
        if let Some((from, to)) = version_in(line) {
            let version = line[from..to].to_owned();
            return Some((version, file.place(start + from..start + to)));
        }
        start += line.len();
    }
    None
}

fn version_in(line: &str) -> Option<(usize, usize)> {
    let lower = line.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("__version__")
        .or_else(|| lower.strip_prefix("version"))?;
    let rest = rest
        .trim_start_matches(' ')
        .strip_prefix('=')?
        .trim_start_matches(' ');
    let quote = rest.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let inner = &rest[1..];
    let inner = inner
        .strip_prefix('v')
        .filter(|i| !i.starts_with(quote))
        .unwrap_or(inner);
    let from = line.len() - inner.len();
    // At least one character, then up to the first quote.
    let first = inner.chars().next()?.len_utf8();
    let to = from + first + inner[first..].find(quote)?;
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_and_not_run() {
        let dir = tempfile::tempdir().unwrap();
        let text = "\"\"\"  A thing.\n\nMore.\n\"\"\"\nimport os\n__version__: str = '1.2'\nother = f()\n";
        std::fs::write(dir.path().join("m.py"), text).unwrap();
        let (version, place) = attribute(dir.path(), "m.py", "__version__").unwrap().unwrap();
        assert_eq!((version.as_str(), place.line), ("1.2", 6));
        assert!(attribute(dir.path(), "m.py", "other").unwrap().is_none());
        assert_eq!(
            docstring_line(dir.path(), "m.py").unwrap().as_deref(),
            Some("A thing.")
        );
        let found = |text: &str| version_line(&SourceText::new("m.py", text)).map(|(v, _)| v);
        assert_eq!(found("x\n__version__ = \"v1.0\"\n").as_deref(), Some("1.0"));
        assert_eq!(found("VERSION='2'\n").as_deref(), Some("2"));
        assert!(found("version_info = '3'\n").is_none() && found(" version = '3'\n").is_none());
    }
}
