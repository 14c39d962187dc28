//! `packyard check`: one line for each finding, exit code 1 where one is an error.

use crate::report::Report;
use anyhow::Context as _;
use packyard_formats::check::{self, Finding, Severity};
use packyard_formats::intake::Limits;
use packyard_types::ArtifactName;
use serde::Serialize;
use std::fs::File;
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
    for file in files(&args.paths)? {
        let findings = check::check_file(&file, File::open(&file), &Limits::default());
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
    let findings = check::check_file(file, File::open(file), &Limits::default());
    let mut errors = findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .peekable();
    let passes = errors.peek().is_none();
    errors.for_each(|e| report.step(format_args!("{}: {e}", file.display())));
    anyhow::ensure!(
        passes,
        "`{}` does not pass `packyard check`; nothing was published",
        file.display()
    );
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

/// The files that paths mean: a directory holds any number of artifacts, and other files in it are not looked at;
/// what is no directory is meant itself, whatever it is called and whether or not it is there.
pub fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
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
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// Artifacts in a directory, and one level below it, where `build --for` puts each distribution's.
fn in_directory(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in list(directory)? {
        if path.is_dir() && !path.is_symlink() {
            found.extend(list(&path)?.into_iter().filter(|path| is_artifact(path)));
        } else if is_artifact(&path) {
            found.push(path);
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

fn is_artifact(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.parse::<ArtifactName>().is_ok()) && path.is_file()
}
