//! `packyard check`.

use crate::report::Report;

/// Arguments of `packyard check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {}

/// Runs it.
pub fn run(_args: &CheckArgs, _report: &Report) -> anyhow::Result<()> {
    anyhow::bail!("`check` is not there yet")
}
