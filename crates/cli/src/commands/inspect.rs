//! `packyard inspect`: everything that artifacts hold.

use super::check::{artifacts, open};
use crate::report::Report;
use packyard_formats::inspect::{self, Inspection};
use packyard_formats::intake::Limits;
use std::path::PathBuf;

/// Arguments of `packyard inspect`.
#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// Artifacts
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Runs it.
pub fn run(args: &InspectArgs, report: &Report) -> anyhow::Result<()> {
    let mut inspections: Vec<Inspection> = Vec::new();
    for (file, name) in artifacts(&args.files)? {
        let read = inspect::inspect(&name, &mut open(&file)?, &Limits::default());
        let inspection = read.map_err(|fault| {
            anyhow::anyhow!(
                "`{}` cannot be read: {fault}\nhint: {}",
                file.display(),
                fault.hint
            )
        })?;
        inspections.push(inspection);
    }
    report.result(&inspections, || {
        inspections
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    })
}
