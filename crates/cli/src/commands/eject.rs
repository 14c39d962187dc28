//! `packyard eject`.

use super::build::{self, BuildArgs};
use crate::report::Report;
use packyard_types::{DistributionName, ReleaseVersion};
use serde::Serialize;
use std::path::PathBuf;

/// What can be written into the project.
#[derive(Debug, clap::Subcommand)]
pub enum EjectCommand {
    /// Write the generated debian/ into the project, to be kept and edited
    Debian(EjectArgs),
    /// Write the generated .spec into the project, to be kept and edited
    Spec(EjectArgs),
}

/// Arguments of `packyard eject`.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub struct EjectArgs {
    /// The project
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// As a package for this distribution has it
    #[arg(long = "for", value_name = "D")]
    distribution: Option<DistributionName>,
    /// The version, where the project leaves it open
    #[arg(long, value_name = "V")]
    version: Option<ReleaseVersion>,
}

const DEBIAN: &str = "dpkg-buildpackage builds from it; `packyard build` goes on from the project file, and of debian/ uses only the changelog";
const SPEC: &str = "rpmbuild -bb --build-in-place builds from it; `packyard build` goes on from the project file, and of the .spec uses only the changelog";

#[derive(Serialize)]
struct Written<'a> {
    files: &'a [String],
}

/// Runs it.
pub fn run(command: &EjectCommand, report: &Report) -> anyhow::Result<()> {
    let (args, eject, then): (_, fn(&_, &_) -> _, _) = match command {
        EjectCommand::Debian(args) => (args, packyard_build::eject_debian, DEBIAN),
        EjectCommand::Spec(args) => (args, packyard_build::eject_spec, SPEC),
    };
    let options = build::options(&BuildArgs {
        dir: args.dir.clone(),
        distributions: args.distribution.iter().cloned().collect(),
        version: args.version.clone(),
        ..BuildArgs::default()
    })?;
    let ejected = eject(&args.dir, &options)?;
    for note in &ejected.notes {
        report.step(format_args!("note: {note}"));
    }
    report.result(
        &Written {
            files: &ejected.files,
        },
        || ejected.files.join("\n"),
    )?;
    if !report.is_json() {
        report.step(then);
    }
    Ok(())
}
