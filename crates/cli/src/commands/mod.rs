//! One file a command: its arguments, and what it does.

pub mod build;
pub mod changelog;
pub mod check;
pub mod inspect;

use crate::{args::Command, report::Report};

/// Runs a command.
pub fn run(command: Command, report: &Report) -> anyhow::Result<()> {
    match command {
        Command::Build(args) => build::run(&args, report),
        Command::Changelog(command) => changelog::run(&command, report),
        Command::Check(args) => check::run(&args, report),
        Command::Inspect(args) => inspect::run(&args, report),
    }
}
