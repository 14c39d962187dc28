//! `packyard channel`: the channels of a yard and their settings.

pub mod keys;

use crate::{
    place::PlaceArgs,
    report::{Report, Usage, counted},
};
use packyard_types::{ChannelName, ForeignSignatures, Invalid, Keep, NamePattern, UpstreamUrl};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

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
    /// The channels whose wheels and sdists it offers too, in this order; an empty text for none
    #[arg(long, value_name = "C,..")]
    inherits: Option<String>,
    /// The index that is asked for wheels and sdists of names never held here; an empty text for none
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Names that are never asked of an upstream: acme,corp-*; an empty text for none
    #[arg(long, value_name = "P,..")]
    reserve: Option<String>,
    /// An armoured public key of somebody whose .changes are taken from dput; may be given several times
    #[arg(long = "uploader-key", value_name = "FILE")]
    uploader_keys: Vec<PathBuf>,
    /// Take uploads from dput by whoever may publish, signed or not; with --uploader-key: by these keys alone
    #[arg(long)]
    no_uploader_keys: bool,
    /// An armoured public key of somebody whose signatures of .rpms are kept; may be given several times
    #[arg(long = "package-key", value_name = "FILE")]
    package_keys: Vec<PathBuf>,
    /// Keep no signature of others; with --package-key: those by these keys alone
    #[arg(long)]
    no_package_keys: bool,
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
                    let wrong = |e: Invalid| Usage(format!("{e}; `all` keeps everything"));
                    json!(Keep::parse(said).map_err(wrong)?)
                }
            };
            patch.insert("keep".to_owned(), keep);
        }
        if let Some(way) = self.foreign_signatures {
            patch.insert("foreign_signatures".to_owned(), json!(way));
        }
        let mut say = |key: &str, value: Value| patch.insert(key.to_owned(), value);
        if let Some(names) = &self.inherits {
            say("inherits", list(names, ChannelName::parse)?);
        }
        match self.upstream.as_deref().map(str::trim) {
            Some("") => _ = say("upstream", Value::Null),
            Some(url) => _ = say("upstream", json!(parsed(UpstreamUrl::parse(url))?)),
            None => {}
        }
        for (key, files, none) in [
            ("uploader_keys", &self.uploader_keys, self.no_uploader_keys),
            ("package_keys", &self.package_keys, self.no_package_keys),
        ] {
            if none || !files.is_empty() {
                say(key, json!(keys::read(files)?));
            }
        }
        if let Some(patterns) = &self.reserve {
            say("reserved", list(patterns, NamePattern::parse)?);
        }
        Ok(patch)
    }
}

/// A list as typed, with commas; an empty text is an empty list.
fn list<T: Serialize>(text: &str, parse: impl Fn(&str) -> Result<T, Invalid>) -> Result<Value, Usage> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let values: Vec<T> = parts.map(|part| parsed(parse(part))).collect::<Result<_, _>>()?;
    Ok(json!(values))
}

fn parsed<T>(value: Result<T, Invalid>) -> Result<T, Usage> {
    value.map_err(|e| Usage(e.to_string()))
}

fn change(args: &ChangeArgs, expect: &str, report: &Report) -> anyhow::Result<()> {
    let path = format!("channels/{}?expect={expect}", args.channel);
    let mut wanted = args.patch()?;
    let api = args.place.api_to(expect == "absent")?;
    for (key, alone) in [
        ("uploader_keys", args.no_uploader_keys),
        ("package_keys", args.no_package_keys),
    ] {
        if expect == "present" && !alone && wanted.contains_key(key) {
            keys::add_to_known(&mut wanted, key, &api.get(&format!("channels/{}", args.channel))?);
        }
    }
    let done: Value = api.put(&path, &wanted)?;
    for warning in strings(&done["warnings"]) {
        report.step(format_args!("warning: {warning}"));
    }
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
                "channel {} at revision {}: {}, {}",
                args.channel,
                found["revision"],
                counted(found["projects"].as_u64().unwrap_or_default(), "package"),
                counted(found["artifacts"].as_u64().unwrap_or_default(), "file")
            ),
            format!("settings: {}", settings(&found)),
        ];
        lines.extend(keys::lines(
            "uploads by dput, signed with one of:",
            &found["uploaders"],
        ));
        lines.extend(keys::lines(
            "signatures of .rpms that are kept:",
            &found["package_signers"],
        ));
        lines.extend(lookup(&found["lookup"]));
        lines.push("distributions:".to_owned());
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
    for (key, word) in [
        ("uploaders", "uploads by dput with"),
        ("package_signers", "keeps signatures by"),
    ] {
        match channel[key].as_array().map_or(0, Vec::len) {
            0 => {}
            n => words.push(format!("{word} {}", counted(n, "key"))),
        }
    }
    for (key, word) in [("inherits", "inherits"), ("reserved", "reserves")] {
        let names = strings(&channel[key]);
        if !names.is_empty() {
            words.push(format!("{word} {}", names.join(" ")));
        }
    }
    if let Some(url) = channel["upstream"].as_str() {
        words.push(format!("upstream {url}"));
    }
    words.join(", ")
}

/// Where a name of pip's comes from, where that is not the channel alone.
fn lookup(lookup: &Value) -> Option<String> {
    let channels = strings(&lookup["channels"]);
    let upstream = &lookup["upstream"];
    if channels.len() < 2 && upstream.is_null() {
        return None;
    }
    let mut text = format!("pip finds a name in: {}", channels.join(", then "));
    if let Some(url) = upstream["url"].as_str() {
        let whose = match upstream["of"].as_str() {
            Some(of) if Some(&of) != channels.first() => format!(" (the upstream of {of})"),
            _ => String::new(),
        };
        let rows = lookup["reserved"].as_array().map_or(&[][..], Vec::as_slice);
        let patterns: Vec<&str> = rows.iter().filter_map(|r| r["pattern"].as_str()).collect();
        let reserved = match patterns.as_slice() {
            [] => String::new(),
            some => format!(", nor for {}, which is kept for here", some.join(", ")),
        };
        text.push_str(&format!(
            ", then {url}{whose}; never there for a name that was ever published here{reserved}"
        ));
    }
    Some(text)
}

fn strings(value: &Value) -> Vec<&str> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).collect()
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
