//! `packyard reindex`: the index from the log, also beside a running server.

use crate::{
    place::{DataArgs, existing, explained, open, runtime},
    report::Report,
};
use serde_json::json;

/// Arguments of `packyard reindex`.
#[derive(Debug, clap::Args)]
pub struct ReindexArgs {
    #[command(flatten)]
    data: DataArgs,
}

/// Replays the log into a new index.
pub fn run(args: &ReindexArgs, report: &Report) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let yard = open(&runtime, existing(args.data.dir()?)?)?;
    let revision = runtime.block_on(yard.reindex()).map_err(explained)?;
    report.result(&json!({ "revision": revision }), || {
        format!("the index shows revision {revision}")
    })
}
