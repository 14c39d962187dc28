//! The command line as it is typed. Each command's own arguments are beside its code, in `commands`.

use crate::commands::{build, changelog, check, inspect};
use clap::{Parser, Subcommand};

/// Build packages and host them for pip, apt and yum.
#[derive(Debug, Parser)]
#[command(name = "packyard", version, propagate_version = true)]
pub struct Args {
    /// Print one JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a project's packages
    Build(build::BuildArgs),
    /// Diagnose, print and edit a project's changelog
    #[command(subcommand)]
    Changelog(changelog::ChangelogCommand),
    /// Say whether artifacts are well-formed and policy-clean
    Check(check::CheckArgs),
    /// Print what an artifact holds
    Inspect(inspect::InspectArgs),
}
