//! `packyard tag`: names of revisions.

use crate::{
    place::PlaceArgs,
    report::{Report, Usage},
};
use packyard_types::{At, ChannelName, TagName};
use serde_json::{Value, json};

/// Arguments of `packyard tag`.
#[derive(Debug, clap::Args)]
pub struct TagArgs {
    /// The channel
    channel: ChannelName,
    /// The tag; without one the channel's tags are listed
    name: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    /// What it names [default: the newest revision]
    #[arg(long, value_name = "N|DATE", value_parser = At::parse, requires = "name")]
    at: Option<At>,
    /// End it
    #[arg(long, requires = "name", conflicts_with = "at")]
    delete: bool,
}

/// Runs it.
pub fn run(args: &TagArgs, report: &Report) -> anyhow::Result<()> {
    let (api, channel) = (args.place.api()?, &args.channel);
    let Some(name) = &args.name else {
        let found: Value = api.get(&format!("channels/{channel}/tags"))?;
        return report.result(&found, || list(&found));
    };
    let tag = TagName::parse(name).map_err(|e| Usage(e.to_string()))?;
    let path = format!("channels/{channel}/tags/{tag}");
    if args.delete {
        let done: Value = api.delete_for(&path)?;
        return report.result(&done, || match done["new"].as_bool() {
            Some(false) => format!("nothing changed: channel {channel} has no tag {tag}"),
            _ => format!("tag {tag} of channel {channel} ended"),
        });
    }
    let mut body = json!({});
    if let Some(at) = &args.at {
        body["at"] = json!(at.to_string());
    }
    let done: Value = api.put(&path, &body)?;
    report.result(&done, || format!("{channel}@{tag} is {channel}@{}", done["at"]))
}

fn list(found: &Value) -> String {
    let rows = found["tags"].as_array().cloned().unwrap_or_default();
    if rows.is_empty() {
        return format!(
            "channel {} has no tags",
            found["channel"].as_str().unwrap_or_default()
        );
    }
    let line = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        format!("{}  revision {}  {}", text("tag"), row["at"], text("made_at"))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
