//! `packyard changelog check`.

use super::existing;
use crate::report::Report;
use packyard_build::{Diagnostic, changelog::Dialect};
use serde::Serialize;
use std::path::PathBuf;

/// Arguments of `packyard changelog check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The project
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// What `check --json` prints.
#[derive(Serialize)]
struct Findings {
    file: String,
    dialect: Dialect,
    entries: usize,
    errors: usize,
    warnings: usize,
    problems: Vec<Diagnostic>,
}

impl Findings {
    /// `2 entries, 1 warning`
    fn summary(&self) -> String {
        let entries = counted(self.entries, "entry", "entries");
        match self.warnings {
            0 => format!("{}: {entries}, nothing wrong", self.file),
            n => format!("{}: {entries}, {}", self.file, counted(n, "warning", "warnings")),
        }
    }
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Tells every problem, the errors among them by the exit code.
pub fn check(args: &CheckArgs, report: &Report) -> anyhow::Result<()> {
    let file = existing(&args.dir)?;
    let diagnosis = file.diagnose();
    let errors = diagnosis.problems.iter().filter(|p| p.is_error()).count();
    let findings = Findings {
        file: file.source.file().to_owned(),
        dialect: file.dialect,
        entries: diagnosis.entries,
        errors,
        warnings: diagnosis.problems.len() - errors,
        problems: diagnosis.problems,
    };
    if report.is_json() {
        report.result(&findings, String::new)?;
    } else {
        for problem in &findings.problems {
            report.step(format_args!("{}: {problem}\n", problem.severity));
        }
    }
    if errors > 0 {
        let count = counted(findings.problems.len(), "problem", "problems");
        anyhow::bail!("{count} in `{}`", findings.file);
    }
    if !report.is_json() {
        report.result(&findings, || findings.summary())?;
    }
    Ok(())
}
