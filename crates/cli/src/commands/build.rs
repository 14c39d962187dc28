//! `packyard build`.

use crate::report::Report;

/// Arguments of `packyard build`.
#[derive(Debug, clap::Args)]
pub struct BuildArgs {}

/// Runs it.
pub fn run(_args: &BuildArgs, _report: &Report) -> anyhow::Result<()> {
    anyhow::bail!("`build` is not there yet")
}
