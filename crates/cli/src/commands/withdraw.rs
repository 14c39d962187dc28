//! `packyard yank`, `unyank`, `remove` and `purge`: withdrawing what was published.

use super::promote::{lines, outcome};
use crate::{
    place::{ChannelArgs, PlaceArgs},
    report::{Report, Usage},
};
use anyhow::{Context, bail};
use packyard_types::{Digest, DistributionName};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal, Write};

/// Arguments of `packyard yank`, `unyank` and `remove`.
#[derive(Debug, clap::Args)]
pub struct WithdrawArgs {
    /// Which artifacts; NAME==* is all versions
    #[arg(required = true, value_name = "NAME==VERSION|FILE")]
    packages: Vec<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
    /// Only in this distribution
    #[arg(long, value_name = "D")]
    distribution: Option<DistributionName>,
    /// Why; people see it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Fail if the channel changed after this revision
    #[arg(long, value_name = "N")]
    if_revision: Option<u64>,
}

/// Arguments of `packyard purge`.
#[derive(Debug, clap::Args)]
pub struct PurgeArgs {
    /// SHA-256 of the file, as it was uploaded or as it is served
    #[arg(value_name = "DIGEST")]
    digest: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// Why; shown to whoever asks for the file
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Yanks.
pub fn yank(args: &WithdrawArgs, report: &Report) -> anyhow::Result<()> {
    withdraw(args, "yanks", false, "yanked", report)
}

/// Offers again.
pub fn unyank(args: &WithdrawArgs, report: &Report) -> anyhow::Result<()> {
    withdraw(args, "yanks", true, "unyanked", report)
}

/// Removes.
pub fn remove(args: &WithdrawArgs, report: &Report) -> anyhow::Result<()> {
    withdraw(args, "removals", false, "removed", report)
}

fn withdraw(args: &WithdrawArgs, noun: &str, undo: bool, word: &str, report: &Report) -> anyhow::Result<()> {
    let mut body = json!({ "packages": args.packages, "undo": undo });
    if let Some(distribution) = &args.distribution {
        body["distribution"] = json!(distribution);
    }
    if let Some(reason) = &args.reason {
        body["reason"] = json!(reason);
    }
    if let Some(n) = args.if_revision {
        body["if_revision"] = json!(n);
    }
    let channel = &args.channel.channel;
    let done: Value = args
        .place
        .api()?
        .post(&format!("channels/{channel}/{noun}"), &body)?;
    report.result(&done, || {
        let mut all = lines(&done, &[("changed", word), ("unchanged", "unchanged")]);
        all.push(outcome(&done, channel.as_str()));
        all.join("\n")
    })
}

/// Destroys bytes in every channel.
pub fn purge(args: &PurgeArgs, report: &Report) -> anyhow::Result<()> {
    let digest: Digest = args
        .digest
        .parse()
        .map_err(|e: packyard_types::Invalid| Usage(e.to_string()))?;
    if !args.yes && std::io::stdin().is_terminal() {
        confirm(&digest)?;
    }
    let body = json!({ "sha256": digest, "reason": args.reason });
    let done: Value = args.place.api()?.post("purges", &body)?;
    report.result(&done, || tell(&done))
}

fn confirm(digest: &Digest) -> anyhow::Result<()> {
    let mut err = std::io::stderr();
    write!(
        err,
        "{digest} will be destroyed in every channel and at every revision, for ever. Type `yes`: "
    )
    .context("asking")?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("reading the answer")?;
    if answer.trim() != "yes" {
        bail!("nothing was purged\nhint: `--yes` purges without asking");
    }
    Ok(())
}

fn tell(done: &Value) -> String {
    let texts = |key: &str| -> Vec<&str> {
        let all = done[key].as_array().into_iter().flatten();
        all.filter_map(Value::as_str).collect()
    };
    if done["release"].is_null() {
        return "nothing changed: it was purged before".to_owned();
    }
    let mut all: Vec<String> = Vec::new();
    all.extend(texts("destroyed").iter().map(|d| format!("destroyed {d}")));
    all.extend(texts("held_by").iter().map(|h| format!("it was in {h}")));
    all.push(format!("the yard is at revision {}", done["revision"]));
    all.join("\n")
}
