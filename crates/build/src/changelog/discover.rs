//! Finding a project's changelog by name.

use super::{Changelog, Dialect};
use crate::{BuildError, Diagnostic, SourceText};
use std::path::Path;

/// Names in the order they are looked for; debian/changelog is last.
const STEMS: [&str; 4] = ["CHANGELOG", "CHANGES", "NEWS", "HISTORY"];
const EXTENSIONS: [&str; 4] = [".md", ".rst", ".txt", ""];

/// A changelog that was found, not yet parsed.
#[derive(Debug, Clone)]
pub struct ChangelogFile {
    /// Its text.
    pub source: SourceText,
    /// Its dialect; none for one that cannot be read yet (Markdown).
    pub dialect: Option<Dialect>,
}

impl ChangelogFile {
    /// Parses it.
    pub fn parse(&self) -> Result<Changelog, Vec<Diagnostic>> {
        let Some(dialect) = self.dialect else {
            let message = format!(
                "`{}` is in a dialect that is not supported yet",
                self.source.file()
            );
            let hint = "write it as CHANGELOG.rst (versions underlined with `^^^^^`) or debian/changelog";
            return Err(vec![Diagnostic::new(message).at(self.source.line(1)).hint(hint)]);
        };
        dialect.parse(&self.source)
    }
}

/// Finds the changelog of the project in `root`: `named` if it is said, else by name, in any case.
pub fn find(root: &Path, named: Option<&str>) -> Result<Option<ChangelogFile>, BuildError> {
    if let Some(name) = named {
        return read(root, name).map(Some);
    }
    let mut present: Vec<String> = Vec::new();
    if let Ok(entries) = std::fs::read_dir(root) {
        let files = entries.flatten().filter(|e| e.path().is_file());
        present.extend(files.filter_map(|e| e.file_name().into_string().ok()));
    }
    present.sort();
    for stem in STEMS {
        for extension in EXTENSIONS {
            let wanted = format!("{stem}{extension}");
            if let Some(name) = present.iter().find(|name| name.eq_ignore_ascii_case(&wanted)) {
                return read(root, name).map(Some);
            }
        }
    }
    if root.join("debian/changelog").is_file() {
        return read(root, "debian/changelog").map(Some);
    }
    Ok(None)
}

fn read(root: &Path, name: &str) -> Result<ChangelogFile, BuildError> {
    let text = std::fs::read_to_string(root.join(name)).map_err(|source| BuildError::Read {
        file: name.to_owned(),
        source,
    })?;
    Ok(ChangelogFile {
        dialect: Dialect::of(name),
        source: SourceText::new(name, text),
    })
}
