//! What a wheel keeps in its `.data` directory (binary distribution format), as a package of the system installs it.

use super::payload::{Payload, Shape};
use crate::{BuildError, Diagnostic, files, project::Python};
use packyard_formats::{content::SourceFile, entries::Entry};

/// Puts scripts into `/usr/bin`, data below `/usr`, and modules into `site`.
pub(super) fn put(
    python: &Python,
    shape: &Shape<'_>,
    site: &str,
    payload: &mut Payload,
) -> Result<(), BuildError> {
    for (path, file) in &python.data {
        let (scheme, below) = path.split_once('/').unwrap_or((path, ""));
        match scheme {
            "scripts" => payload.put(
                &format!("/usr/bin/{below}"),
                program(file, path, &shape.interpreter)?,
            )?,
            "data" => payload.put(&format!("/usr/{below}"), plain(file))?,
            "purelib" | "platlib" => payload.put(&format!("{site}/{below}"), shape.module(&file.content))?,
            _ => {
                let message = format!("`{path}` of the wheel has no place in a .deb or .rpm");
                let problem = Diagnostic::new(message);
                return Err(problem.hint("leave it out, or install it with a [[file]]").into());
            }
        }
    }
    Ok(())
}

fn plain(file: &SourceFile) -> Entry {
    if file.executable {
        Entry::program(file.content.clone())
    } else {
        Entry::file(file.content.clone())
    }
}

/// A script whose first line leaves the Python to whoever installs it gets that of the system.
fn program(file: &SourceFile, path: &str, interpreter: &str) -> Result<Entry, BuildError> {
    if !file.content.head().starts_with(b"#!python") {
        return Ok(Entry::program(file.content.clone()));
    }
    let bytes = files::read_whole(&file.content, path)?;
    let text = [b"#!", interpreter.as_bytes(), &bytes[b"#!python".len()..]].concat();
    Ok(Entry::program(text))
}
