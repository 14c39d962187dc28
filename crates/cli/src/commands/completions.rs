//! `packyard completions`.

use crate::{args::Args, report::Report};
use clap::CommandFactory;
use clap_complete::Shell;
use serde::Serialize;

/// Arguments of `packyard completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Serialize)]
struct Completions {
    shell: String,
    script: String,
}

/// Prints the script that teaches a shell our arguments.
pub fn run(args: &CompletionsArgs, report: &Report) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "packyard", &mut script);
    let completions = Completions {
        shell: args.shell.to_string(),
        script: String::from_utf8(script)?,
    };
    report.verbatim(&completions, || completions.script.clone())
}
