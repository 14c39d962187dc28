//! `packyard inspect`.

use crate::report::Report;

/// Arguments of `packyard inspect`.
#[derive(Debug, clap::Args)]
pub struct InspectArgs {}

/// Runs it.
pub fn run(_args: &InspectArgs, _report: &Report) -> anyhow::Result<()> {
    anyhow::bail!("`inspect` is not there yet")
}
