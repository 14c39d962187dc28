//! `packyard changelog show`.

use super::parsed;
use crate::report::Report;
use packyard_build::{Options, changelog};
use std::path::PathBuf;

/// Arguments of `packyard changelog show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The project
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value = "deb")]
    format: ShowFormat,
}

/// How a changelog is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ShowFormat {
    /// As debian/changelog
    Deb,
    /// As the %changelog of a spec file
    Rpm,
    /// As JSON
    Json,
}

/// Prints the changelog as it goes into packages.
pub fn show(args: &ShowArgs, report: &Report) -> anyhow::Result<()> {
    let (_, changelog) = parsed(&args.dir)?;
    let defaults = packyard_build::changelog_defaults(&args.dir, &Options::default(), &changelog)?;
    let value = changelog::json(&changelog, &defaults);
    if args.format == ShowFormat::Json {
        let text = serde_json::to_string_pretty(&value)?;
        return report.verbatim(&value, || text);
    }
    report.verbatim(&value, || match args.format {
        ShowFormat::Rpm => changelog::rpm_text(&changelog, &defaults),
        _ => changelog::deb_text(&changelog, &defaults),
    })
}
