//! `packyard fsck` and `reindex`: looking after a data directory, also beside a running server.

use crate::{
    place::{DataArgs, existing, explained, open, runtime},
    report::Report,
};
use serde_json::json;

/// Arguments of `packyard fsck`.
#[derive(Debug, clap::Args)]
pub struct FsckArgs {
    #[command(flatten)]
    data: DataArgs,
}

/// Arguments of `packyard reindex`.
#[derive(Debug, clap::Args)]
pub struct ReindexArgs {
    #[command(flatten)]
    data: DataArgs,
}

/// Checks that everything is there and is what it says it is.
pub fn fsck(args: &FsckArgs, report: &Report) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let yard = open(&runtime, existing(args.data.dir()?)?)?;
    let found = runtime.block_on(yard.fsck()).map_err(explained)?;
    report.result(&found, || {
        let mut lines: Vec<String> = found
            .findings
            .iter()
            .map(|f| format!("{}: {}{}", f.object, f.problem, needed(&f.needed_by)))
            .collect();
        lines.push(format!(
            "{} log entries, {} artifacts, {} index files: {}",
            found.entries,
            found.blobs,
            found.index_files,
            if found.findings.is_empty() {
                "all well".to_owned()
            } else {
                format!("{} problems", found.findings.len())
            }
        ));
        lines.join("\n")
    })?;
    if found.findings.is_empty() {
        Ok(())
    } else {
        anyhow::bail!("{} problems were found", found.findings.len())
    }
}

fn needed(by: &[String]) -> String {
    if by.is_empty() {
        String::new()
    } else {
        format!(" (needed by {})", by.join(", "))
    }
}

/// Replays the log into a new index.
pub fn reindex(args: &ReindexArgs, report: &Report) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let yard = open(&runtime, existing(args.data.dir()?)?)?;
    let revision = runtime.block_on(yard.reindex()).map_err(explained)?;
    report.result(&json!({ "revision": revision }), || {
        format!("the index shows revision {revision}")
    })
}
