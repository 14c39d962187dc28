//! `packyard check`: one line for each finding, exit code 1 where one is an error.

use crate::report::{Report, Usage};
use anyhow::Context as _;
use packyard_formats::check::{self, Finding, Severity};
use packyard_formats::intake::Limits;
use packyard_types::ArtifactName;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Arguments of `packyard check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Artifacts, or directories whose artifacts are all checked
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
}

/// What was found in one artifact.
#[derive(Debug, Serialize)]
struct Checked {
    file: PathBuf,
    findings: Vec<Finding>,
}

/// Runs it.
pub fn run(args: &CheckArgs, report: &Report) -> anyhow::Result<()> {
    let mut checked = Vec::new();
    for (file, name) in artifacts(&args.paths)? {
        let mut reader = open(&file)?;
        let findings = check::check(&name, &mut reader, &Limits::default());
        checked.push(Checked { file, findings });
    }
    report.result(&checked, || plain(&checked))?;
    let errors = checked
        .iter()
        .flat_map(|c| &c.findings)
        .filter(|f| f.severity == Severity::Error)
        .count();
    anyhow::ensure!(
        errors == 0,
        "{errors} error{} found",
        if errors == 1 { "" } else { "s" }
    );
    Ok(())
}

/// Checks one artifact that is about to be published; its errors are printed.
pub fn must_pass(file: &Path, report: &Report) -> anyhow::Result<()> {
    for (file, name) in artifacts(&[file.to_owned()])? {
        let findings = check::check(&name, &mut open(&file)?, &Limits::default());
        let errors: Vec<&Finding> = findings
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .collect();
        errors
            .iter()
            .for_each(|e| report.step(format_args!("{}: {e}", file.display())));
        anyhow::ensure!(
            errors.is_empty(),
            "`{name}` does not pass `packyard check`; nothing was published"
        );
    }
    Ok(())
}

fn plain(checked: &[Checked]) -> String {
    let mut out = String::new();
    for Checked { file, findings } in checked {
        if findings.is_empty() {
            out.push_str(&format!("{}: ok\n", file.display()));
        }
        for finding in findings {
            // A package's own words must not break the line.
            let line = finding.to_string().replace(char::is_control, " ");
            out.push_str(&format!("{}: {line}\n", file.display()));
        }
    }
    out
}

/// The artifacts that paths mean: a file is one, a directory holds any number, and other files in it are not looked at.
pub fn artifacts(paths: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, ArtifactName)>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let inside = in_directory(path)?;
            anyhow::ensure!(
                !inside.is_empty(),
                "`{}` holds no artifacts; build some first",
                path.display()
            );
            found.extend(inside);
        } else {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let name = name
                .parse()
                .map_err(|e: packyard_types::Invalid| Usage(e.to_string()))?;
            found.push((path.clone(), name));
        }
    }
    Ok(found)
}

/// Artifacts in a directory, and one level below it, where `build --for` puts each distribution's.
fn in_directory(directory: &Path) -> anyhow::Result<Vec<(PathBuf, ArtifactName)>> {
    let mut found = Vec::new();
    for path in list(directory)? {
        if path.is_dir() && !path.is_symlink() {
            found.extend(list(&path)?.into_iter().filter_map(artifact));
        } else {
            found.extend(artifact(path));
        }
    }
    found.sort();
    Ok(found)
}

fn list(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("cannot list `{}`", directory.display());
    let entries = std::fs::read_dir(directory).with_context(context)?;
    entries
        .map(|entry| Ok(entry.with_context(context)?.path()))
        .collect()
}

fn artifact(path: PathBuf) -> Option<(PathBuf, ArtifactName)> {
    let name = path.file_name()?.to_str()?.parse().ok()?;
    path.is_file().then_some((path, name))
}

/// Opens an artifact for reading.
pub fn open(file: &Path) -> anyhow::Result<std::fs::File> {
    std::fs::File::open(file).map_err(|e| anyhow::anyhow!("cannot open `{}`: {e}", file.display()))
}
