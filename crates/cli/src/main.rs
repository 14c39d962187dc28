//! The `packyard` command: arguments as typed become a command, a command does its work, and its outcome becomes an
//! exit code.
// `cli` is where the clock and the environment are read (docs/architecture.md).
#![allow(clippy::disallowed_methods)]

mod args;
mod commands;
mod config;
mod git;
mod interrupt;
mod log;
mod login;
mod notify;
mod place;
mod report;
mod span;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(wrong) => return report::usage(&wrong),
    };
    let report = report::Report::new(args.json);
    let log = log::start(args.command.log_filter());
    let outcome = commands::run(args.command, &report);
    drop(log);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report.failure(&error),
    }
}
