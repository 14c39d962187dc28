//! `packyard inspect`: everything that artifacts hold.

use super::check::files;
use crate::report::Report;
use packyard_formats::inspect::{self, Inspection};
use packyard_formats::intake::Limits;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Arguments of `packyard inspect`.
#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// Artifacts
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Runs it. A file that cannot be read is told on stderr, and the others are still printed.
pub fn run(args: &InspectArgs, report: &Report) -> anyhow::Result<()> {
    let files = files(&args.files)?;
    let mut inspections: Vec<Inspection> = Vec::new();
    for file in &files {
        match inspect::inspect_file(file, &|f: &Path| File::open(f), &Limits::default()) {
            Ok(inspection) => inspections.push(inspection),
            Err(fault) => report.step(format_args!(
                "`{}` cannot be read: {fault}\nhint: {}",
                file.display(),
                fault.hint
            )),
        }
    }
    if report.is_json() || !inspections.is_empty() {
        report.result(&inspections, || {
            inspections
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        })?;
    }
    let unread = files.len() - inspections.len();
    anyhow::ensure!(
        unread == 0,
        "{unread} of {} file{} could not be read",
        files.len(),
        if files.len() == 1 { "" } else { "s" }
    );
    Ok(())
}
