//! `packyard changelog`.

use crate::report::Report;

/// The subcommands of `packyard changelog`.
#[derive(Debug, clap::Subcommand)]
pub enum ChangelogCommand {}

/// Runs one.
pub fn run(_command: &ChangelogCommand, _report: &Report) -> anyhow::Result<()> {
    anyhow::bail!("`changelog` is not there yet")
}
