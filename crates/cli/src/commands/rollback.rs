//! `packyard rollback`: a revision that restores what a channel held.

use super::promote::{lines, outcome};
use crate::{place::PlaceArgs, report::Report};
use packyard_types::{At, ChannelName};
use serde_json::{Value, json};

/// Arguments of `packyard rollback`.
#[derive(Debug, clap::Args)]
pub struct RollbackArgs {
    /// The channel
    channel: ChannelName,
    #[command(flatten)]
    place: PlaceArgs,
    /// The revision, tag or date that it shall be as again
    #[arg(long, value_name = "N|TAG|DATE", value_parser = At::parse)]
    to: At,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Why; kept in the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Fail if the channel changed after this revision
    #[arg(long, value_name = "N")]
    if_revision: Option<u64>,
}

/// Runs it.
pub fn run(args: &RollbackArgs, report: &Report) -> anyhow::Result<()> {
    let mut body = json!({ "to": args.to.to_string(), "dry_run": args.dry_run });
    if let Some(note) = &args.note {
        body["note"] = json!(note);
    }
    if let Some(n) = args.if_revision {
        body["if_revision"] = json!(n);
    }
    let path = format!("channels/{}/rollbacks", args.channel);
    let done: Value = args.place.api()?.post(&path, &body)?;
    if done["missing"].as_array().is_some_and(|all| !all.is_empty()) {
        report.step("warning: not all of it can come back; the rest of the revision is restored without:");
    }
    for missing in lines(&done, &[("missing", "missing")]) {
        report.step(missing);
    }
    report.result(&done, || tell(&done, args.channel.as_str()))
}

fn tell(done: &Value, channel: &str) -> String {
    let mut all = lines(done, &[("added", "restored"), ("removed", "removed")]);
    let down: Vec<&Value> = done["downgrades"].as_array().into_iter().flatten().collect();
    if !down.is_empty() {
        all.push("machines that already upgraded go back with:".to_owned());
    }
    for d in down {
        let text = |key: &str| d[key].as_str().unwrap_or_default();
        let place = match (text("ecosystem"), text("distribution")) {
            ("pip", _) => String::new(),
            (_, "any") => "   # machines on any".to_owned(),
            (_, distribution) => format!("   # {distribution}"),
        };
        for command in d["commands"].as_array().into_iter().flatten() {
            all.push(format!("  {}{place}", command.as_str().unwrap_or_default()));
        }
    }
    all.push(outcome(done, channel));
    all.join("\n")
}
