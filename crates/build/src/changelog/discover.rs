//! Finding a project's changelog by name.

use super::{Changelog, Diagnosis, Dialect, encoding, rpm};
use crate::{BuildError, Diagnostic, SourceText};
use std::path::Path;

/// Names in the order they are looked for, in the project and then in `docs/`; debian/changelog and .spec files are
/// last.
const STEMS: [&str; 4] = ["CHANGELOG", "CHANGES", "NEWS", "HISTORY"];
const EXTENSIONS: [&str; 5] = [".md", ".markdown", ".rst", ".txt", ""];

/// A changelog that was found, not yet parsed.
#[derive(Debug, Clone)]
pub struct ChangelogFile {
    /// Its text.
    pub source: SourceText,
    /// How it is written.
    pub dialect: Dialect,
    /// Bytes that are no text.
    flaws: Vec<Diagnostic>,
    /// Files that would have come first, each with what is wrong with it.
    passed_over: Vec<Diagnostic>,
}

impl ChangelogFile {
    /// Parses it; only errors are told.
    pub fn parse(&self) -> Result<Changelog, Vec<Diagnostic>> {
        let diagnosis = self.diagnose();
        diagnosis.changelog.ok_or_else(|| {
            diagnosis
                .problems
                .into_iter()
                .filter(Diagnostic::is_error)
                .collect()
        })
    }

    /// Says all that is to be said about it, and that others were passed over.
    pub fn diagnose(&self) -> Diagnosis {
        let mut diagnosis = self.dialect.diagnose(&self.source);
        if self.flaws.iter().any(Diagnostic::is_error) {
            diagnosis.changelog = None;
        }
        diagnosis.problems.splice(0..0, self.flaws.iter().cloned());
        diagnosis.problems.splice(0..0, self.passed_over.iter().cloned());
        if let Some(log) = &mut diagnosis.changelog {
            log.notes = self.passed_over.iter().map(ToString::to_string).collect();
        }
        diagnosis
    }

    fn is_readable(&self) -> bool {
        self.diagnose().changelog.is_some()
    }
}

/// Finds the changelog of the project in `root`: `named` if it is said, else by name, in any case. A file that can be
/// read is taken before one that cannot.
pub fn find(root: &Path, named: Option<&str>) -> Result<Option<ChangelogFile>, BuildError> {
    if let Some(name) = named {
        return read(root, name).map(Some);
    }
    let mut unreadable = Vec::new();
    for name in candidates(root) {
        let file = read(root, &name)?;
        if !file.is_readable() {
            unreadable.push(file);
            continue;
        }
        let passed_over = unreadable.iter().map(|other| passed_over(other, &name)).collect();
        return Ok(Some(ChangelogFile { passed_over, ..file }));
    }
    // None can be read: the first one is what its owner means.
    Ok(unreadable.into_iter().next())
}

/// Why another file is taken.
fn passed_over(file: &ChangelogFile, taken: &str) -> Diagnostic {
    let first = file.diagnose().problems.into_iter().find(Diagnostic::is_error);
    let first = first.unwrap_or_else(|| Diagnostic::new("it cannot be read"));
    let message = format!(
        "`{}` is passed over for `{taken}`: {}",
        file.source.file(),
        first.message
    );
    Diagnostic {
        message,
        ..Diagnostic {
            severity: crate::Severity::Warning,
            ..first
        }
    }
}

/// The files that may be the changelog, the most likely first.
fn candidates(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["", "docs/", "doc/"] {
        let present = files(&root.join(folder));
        for stem in STEMS {
            for extension in EXTENSIONS {
                let wanted = format!("{stem}{extension}");
                let same = present.iter().filter(|name| name.eq_ignore_ascii_case(&wanted));
                found.extend(same.map(|name| format!("{folder}{name}")));
            }
        }
    }
    if root.join("debian/changelog").is_file() {
        found.push("debian/changelog".into());
    }
    let is_spec = |name: &String| Path::new(name).extension().is_some_and(|e| e == "spec");
    let specs = files(root).into_iter().filter(is_spec);
    found.extend(specs.filter(|name| {
        let text = std::fs::read(root.join(name)).unwrap_or_default();
        rpm::has_entries(&String::from_utf8_lossy(&text))
    }));
    found
}

/// The names of the files of a directory, sorted.
fn files(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let files = entries.flatten().filter(|e| e.path().is_file());
    let mut names: Vec<String> = files.filter_map(|e| e.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn read(root: &Path, name: &str) -> Result<ChangelogFile, BuildError> {
    let bytes = std::fs::read(root.join(name)).map_err(|source| BuildError::Read {
        file: name.to_owned(),
        source,
    })?;
    let (source, flaws) = encoding::decode(name, &bytes);
    Ok(ChangelogFile {
        dialect: Dialect::of(name, source.text()),
        source,
        flaws,
        passed_over: Vec::new(),
    })
}
