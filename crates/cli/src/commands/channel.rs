//! `packyard channel`: the channels of a yard and their settings.

use crate::{
    place::PlaceArgs,
    report::{Report, Usage},
};
use packyard_types::{ChannelName, ForeignSignatures, Keep};
use serde_json::{Map, Value, json};

/// The subcommands of `packyard channel`.
#[derive(Debug, clap::Subcommand)]
pub enum ChannelCommand {
    /// List the channels
    List(ListArgs),
    /// Show a channel: its settings, distributions and tags
    Show(ShowArgs),
    /// Create a channel; what is not said is as in a new yard's main
    Create(ChangeArgs),
    /// Change what is said of a channel's settings
    Set(ChangeArgs),
    /// Delete a channel
    Delete(DeleteArgs),
}

/// Arguments of `packyard channel list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard channel show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The channel
    channel: ChannelName,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard channel create` and `set`.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag
pub struct ChangeArgs {
    /// The channel
    channel: ChannelName,
    /// Anybody may read it (as a new one is)
    #[arg(long, conflicts_with = "private")]
    public: bool,
    /// Only who holds a token may read it
    #[arg(long)]
    private: bool,
    /// Published files may be replaced, for nightly builds
    #[arg(long, conflicts_with = "no_volatile")]
    volatile: bool,
    /// Published files never change (as in a new one)
    #[arg(long)]
    no_volatile: bool,
    /// A distribution comes into being with its first artifact (as in a new one)
    #[arg(long, conflicts_with = "no_auto_distributions")]
    auto_distributions: bool,
    /// Distributions are created by command only
    #[arg(long)]
    no_auto_distributions: bool,
    /// What is kept: a number of releases (5), of days (90d), what is tagged, or all
    #[arg(long, value_name = "N|90d|tagged|all")]
    keep: Option<String>,
    /// What becomes of an .rpm that somebody else has signed: keep, replace or refuse
    #[arg(long, value_name = "WAY")]
    foreign_signatures: Option<ForeignSignatures>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard channel delete`.
#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// The channel
    channel: ChannelName,
    /// Also when it holds something
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs a subcommand.
pub fn run(command: &ChannelCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        ChannelCommand::List(args) => {
            let found: Value = args.place.api()?.get("channels")?;
            report.result(&found, || table(&found))
        }
        ChannelCommand::Show(args) => show(args, report),
        ChannelCommand::Create(args) => change(args, "absent", report),
        ChannelCommand::Set(args) => {
            if args.patch()?.is_empty() {
                let text = "nothing is to be changed\nhint: say what, for example `--private`; `packyard channel show` says what is so";
                return Err(Usage(text.to_owned()).into());
            }
            change(args, "present", report)
        }
        ChannelCommand::Delete(args) => {
            let query = if args.force { "?force=true" } else { "" };
            let path = format!("channels/{}{query}", args.channel);
            let done: Value = args.place.api()?.delete_for(&path)?;
            report.result(&done, || {
                format!("{}channel {} is deleted", already(&done), args.channel)
            })
        }
    }
}

/// What a line begins with where something was so before.
pub fn already(done: &Value) -> &'static str {
    match done["changed"].as_bool() {
        Some(false) => "nothing changed: ",
        _ => "",
    }
}

impl ChangeArgs {
    /// What is to change, as the API takes it.
    fn patch(&self) -> anyhow::Result<Map<String, Value>> {
        let mut patch = Map::new();
        for (key, yes, no) in [
            ("public", self.public, self.private),
            ("volatile", self.volatile, self.no_volatile),
            (
                "auto_distributions",
                self.auto_distributions,
                self.no_auto_distributions,
            ),
        ] {
            if yes || no {
                patch.insert(key.to_owned(), Value::Bool(yes));
            }
        }
        if let Some(keep) = &self.keep {
            let keep = match keep.as_str() {
                "all" | "" => Value::Null,
                said => {
                    let wrong = |e: packyard_types::Invalid| Usage(format!("{e}; `all` keeps everything"));
                    json!(Keep::parse(said).map_err(wrong)?)
                }
            };
            patch.insert("keep".to_owned(), keep);
        }
        if let Some(way) = self.foreign_signatures {
            patch.insert("foreign_signatures".to_owned(), json!(way));
        }
        Ok(patch)
    }
}

fn change(args: &ChangeArgs, expect: &str, report: &Report) -> anyhow::Result<()> {
    let path = format!("channels/{}?expect={expect}", args.channel);
    let wanted = args.patch()?;
    let done: Value = args.place.api_to(expect == "absent")?.put(&path, &wanted)?;
    report.result(&done, || {
        let what = match (flag(&done, "created"), flag(&done, "changed")) {
            (true, _) => "is created",
            (_, true) => "is changed",
            _ => "is so already",
        };
        format!(
            "channel {} {what}, at revision {}: {}",
            args.channel,
            done["revision"],
            settings(&done)
        )
    })
}

fn show(args: &ShowArgs, report: &Report) -> anyhow::Result<()> {
    let api = args.place.api()?;
    let path = format!("channels/{}", args.channel);
    let mut found: Value = api.get(&path)?;
    let distributions: Value = api.get(&format!("{path}/distributions"))?;
    found["distributions"] = distributions["distributions"].clone();
    report.result(&found, || {
        let mut lines = vec![
            format!(
                "channel {} at revision {}: {} packages, {} files",
                args.channel, found["revision"], found["projects"], found["artifacts"]
            ),
            format!("settings: {}", settings(&found)),
            "distributions:".to_owned(),
        ];
        let rows = found["distributions"].as_array().map_or(&[][..], Vec::as_slice);
        lines.extend(rows.iter().map(|d| format!("  {}", super::distribution::line(d))));
        if let Some(tags) = found["tags"].as_object().filter(|tags| !tags.is_empty()) {
            lines.push("tags:".to_owned());
            lines.extend(tags.iter().map(|(tag, n)| format!("  {tag} at revision {n}")));
        }
        lines.join("\n")
    })
}

/// The settings in words.
fn settings(channel: &Value) -> String {
    let mut words = vec![
        if flag(channel, "public") {
            "public"
        } else {
            "private"
        }
        .to_owned(),
        if flag(channel, "volatile") {
            "volatile"
        } else {
            "published files never change"
        }
        .to_owned(),
        if flag(channel, "auto_distributions") {
            "auto-distributions"
        } else {
            "distributions by command only"
        }
        .to_owned(),
    ];
    words.push(match channel["keep"].as_str() {
        Some(keep) => format!("keeps {keep}"),
        None => "keeps all".to_owned(),
    });
    if let Some(way @ ("keep" | "replace")) = channel["foreign_signatures"].as_str() {
        words.push(format!("foreign signatures: {way}"));
    }
    words.join(", ")
}

fn flag(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or_default()
}

fn table(found: &Value) -> String {
    let rows = found["channels"].as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return "there is no channel that you may read".to_owned();
    }
    let name = |row: &Value| row["name"].as_str().unwrap_or_default().to_owned();
    let wide = rows.iter().map(|r| name(r).len()).max().unwrap_or_default();
    let line = |r: &Value| {
        format!(
            "{:<wide$}  {:>5} packages  {:>6} files  revision {}  {}",
            name(r),
            r["projects"],
            r["artifacts"],
            r["revision"],
            settings(r)
        )
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
