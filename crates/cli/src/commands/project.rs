//! `packyard project`: what a channel says of its projects.

use super::{channel::already, list::percent};
use crate::{
    place::{ChannelArgs, PlaceArgs},
    report::{Report, Usage},
};
use packyard_types::{ChannelName, ChannelSpec, ProjectStatus};
use serde_json::{Value, json};

/// The subcommands of `packyard project`.
#[derive(Debug, clap::Subcommand)]
pub enum ProjectCommand {
    /// List the projects of which a channel says something
    List(ListArgs),
    /// Show the status of a project, and where its files come from
    Show(ShowArgs),
    /// Say that a project is archived, deprecated or quarantined, or open to the upstream
    Set(SetArgs),
}

/// The channel to look at, now or as of a revision.
#[derive(Debug, clap::Args)]
struct SeenArgs {
    /// The channel, CHANNEL@AT as of a revision, tag or date
    #[arg(
        long,
        env = "PACKYARD_CHANNEL",
        value_name = "CHANNEL",
        default_value = "main"
    )]
    channel: ChannelSpec,
}

/// Arguments of `packyard project list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    seen: SeenArgs,
    /// Only those of this status
    #[arg(long, value_name = "STATUS")]
    status: Option<ProjectStatus>,
    /// Also those of which nothing is said
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard project show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The project
    name: String,
    #[command(flatten)]
    seen: SeenArgs,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard project set`.
#[derive(Debug, clap::Args)]
pub struct SetArgs {
    /// The project
    name: String,
    #[command(flatten)]
    channel: ChannelArgs,
    /// active, archived (takes no new files), deprecated (is shown) or quarantined (takes none and offers none)
    #[arg(long, value_name = "STATUS")]
    status: Option<ProjectStatus>,
    /// Why; people see it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Offer the upstream's files of this name beside those that are here
    #[arg(long, conflicts_with = "no_open")]
    open: bool,
    /// Never ask the upstream for a name that was published here (as is so by itself)
    #[arg(long)]
    no_open: bool,
    /// A note for the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Fail if the channel changed after this revision
    #[arg(long, value_name = "N")]
    if_revision: Option<u64>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs a subcommand.
pub fn run(command: &ProjectCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        ProjectCommand::List(args) => {
            let status = args.status.map(|s| format!("&status={s}")).unwrap_or_default();
            let path = format!("channels/{}/projects?all={}{status}", args.seen.channel, args.all);
            let found: Value = args.place.api()?.get(&path)?;
            report.result(&found, || table(&found))
        }
        ProjectCommand::Show(args) => {
            let path = format!("channels/{}/projects/{}", args.seen.channel, percent(&args.name));
            let found: Value = args.place.api()?.get(&path)?;
            report.result(&found, || shown(&found))
        }
        ProjectCommand::Set(args) => set(args, report),
    }
}

fn set(args: &SetArgs, report: &Report) -> anyhow::Result<()> {
    let mut body = json!({});
    if let Some(status) = args.status {
        body["status"] = json!(status);
    }
    if let Some(reason) = &args.reason {
        body["reason"] = json!(reason);
    }
    if args.open || args.no_open {
        body["open"] = json!(args.open);
    }
    if body == json!({}) {
        let text = "nothing is to be said\nhint: say `--status archived`, `--reason TEXT` or `--open`; `packyard project show` says what is so";
        return Err(Usage(text.to_owned()).into());
    }
    if let Some(note) = &args.note {
        body["note"] = json!(note);
    }
    if let Some(n) = args.if_revision {
        body["if_revision"] = json!(n);
    }
    let channel: &ChannelName = &args.channel.channel;
    let path = format!("channels/{channel}/projects/{}", percent(&args.name));
    let done: Value = args.place.api()?.put(&path, &body)?;
    for warning in done["warnings"].as_array().into_iter().flatten() {
        report.step(format_args!("warning: {}", warning.as_str().unwrap_or_default()));
    }
    report.result(&done, || {
        format!(
            "{}{}, at revision {}",
            already(&done),
            standing(&done),
            done["revision"]
        )
    })
}

fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_default()
}

/// What is said of a project, in words.
fn said(of: &Value) -> String {
    let mut words = text(of, "status").to_owned();
    if of["open"] == true {
        words.push_str(", open to the upstream");
    }
    match text(of, "reason") {
        "" => words,
        reason => format!("{words}: {reason}"),
    }
}

fn standing(of: &Value) -> String {
    let (project, channel) = (text(of, "project"), text(of, "channel"));
    let by = match text(of, "said_by") {
        by if by.is_empty() || by == channel => String::new(),
        by => format!(" (as channel {by} says, which it inherits)"),
    };
    format!("project {project} in channel {channel} is {}{by}", said(of))
}

fn shown(found: &Value) -> String {
    let lookup = &found["lookup"];
    let mut lines = vec![standing(found)];
    let held = lookup["channels"].as_array().into_iter().flatten();
    lines.extend(held.map(|own| {
        format!(
            "channel {} holds {} wheels and sdists of it",
            text(own, "channel"),
            own["files"]
        )
    }));
    let because = text(lookup, "because");
    if let Some(url) = lookup["upstream"].as_str() {
        let asked = if lookup["upstream_is_asked"] == true {
            "is asked for it"
        } else {
            "is never asked for it"
        };
        lines.push(format!("the upstream {url} {asked}: {because}"));
    }
    lines.join("\n")
}

fn table(found: &Value) -> String {
    let rows = found["projects"].as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return format!(
            "channel {} says nothing like that of any project",
            text(found, "channel")
        );
    }
    let wide = rows
        .iter()
        .map(|r| text(r, "project").len())
        .max()
        .unwrap_or_default();
    let line = |r: &Value| format!("{:<wide$}  {}", text(r, "project"), said(r));
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
