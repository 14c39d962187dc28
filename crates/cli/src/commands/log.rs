//! `packyard log`: what happened, newest first.

use crate::{place::PlaceArgs, report::Report};
use packyard_types::ChannelName;
use serde_json::{Value, json};

/// Arguments of `packyard log`.
#[derive(Debug, clap::Args)]
pub struct LogArgs {
    /// Only changes of this channel
    channel: Option<ChannelName>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs it.
pub fn run(args: &LogArgs, report: &Report) -> anyhow::Result<()> {
    let api = args.place.api()?;
    let only = args
        .channel
        .as_ref()
        .map(|c| format!("&channel={c}"))
        .unwrap_or_default();
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page: Value = api.get(&format!("revisions?after={after}{only}"))?;
        let changes = page["changes"].as_array().cloned().unwrap_or_default();
        let Some(last) = changes.last().and_then(|c| c["revision"].as_u64()) else {
            break;
        };
        after = last;
        all.extend(changes);
    }
    all.reverse();
    report.result(&json!({ "changes": all }), || {
        if all.is_empty() {
            "nothing has happened yet".to_owned()
        } else {
            all.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    })
}

fn line(change: &Value) -> String {
    let text = |key: &str| change[key].as_str().unwrap_or_default();
    let files = |key: &str, sign: &str| -> Vec<String> {
        let all = change[key].as_array().cloned().unwrap_or_default();
        all.iter().map(|a| file(a, sign)).collect()
    };
    let channel = change["channel"]
        .as_str()
        .map(|c| format!(" {c}"))
        .unwrap_or_default();
    let subject = change["subject"]
        .as_str()
        .map(|s| format!(" {s}"))
        .unwrap_or_default();
    let note = change["note"]
        .as_str()
        .map(|n| format!(": {n}"))
        .unwrap_or_default();
    let head = format!(
        "{}  {}  {}  {}{channel}{subject}{note}",
        text("id"),
        text("at"),
        text("actor"),
        text("verb")
    );
    let (came, went) = (files("artifacts", " "), files("removed", "-"));
    let files = came.into_iter().chain(went);
    files.fold(head, |all, f| format!("{all}\n    {f}"))
}

/// A file, and the place that it came into, or went from.
fn file(artifact: &Value, sign: &str) -> String {
    let text = |key: &str| artifact[key].as_str().unwrap_or_default();
    let component = match text("component") {
        "" | "main" => String::new(),
        other => format!("/{other}"),
    };
    format!(
        "{sign} {} ({}{component})",
        text("filename"),
        text("distribution")
    )
}
