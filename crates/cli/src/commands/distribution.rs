//! `packyard distribution`: the distributions of a channel and their settings.

use crate::{
    place::PlaceArgs,
    report::{Report, Usage, counted},
    span,
};
use packyard_types::{Alias, ChannelName, ComponentName, DistributionName, Family};
use serde_json::{Map, Value, json};
use std::str::FromStr;

/// The subcommands of `packyard distribution`.
#[derive(Debug, clap::Subcommand)]
pub enum DistributionCommand {
    /// List the distributions of a channel
    List(ListArgs),
    /// Show a distribution
    Show(OneArgs),
    /// Create a distribution; it is served at once, empty and signed
    Create(ChangeArgs),
    /// Change what is said of a distribution; an empty text takes it back
    Set(ChangeArgs),
    /// Delete a distribution that holds nothing
    Delete(OneArgs),
}

/// Arguments of `packyard distribution list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The channel
    channel: ChannelName,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard distribution show` and `delete`.
#[derive(Debug, clap::Args)]
pub struct OneArgs {
    /// The distribution, by its name or an alias
    #[arg(value_name = "CHANNEL/D")]
    which: Which,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Arguments of `packyard distribution create` and `set`.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
#[allow(clippy::struct_excessive_bools)] // each is a flag
pub struct ChangeArgs {
    /// The distribution
    #[arg(value_name = "CHANNEL/D")]
    which: Which,
    /// The only packages that it takes: deb or rpm [default: both]
    #[arg(long, value_name = "deb|rpm")]
    family: Option<String>,
    /// Its other names: stable, 9, 9Server
    #[arg(long, value_name = "A,..")]
    alias: Vec<String>,
    /// Suite in apt's Release file [default: the name that is asked for]
    #[arg(long, value_name = "TEXT")]
    suite: Option<String>,
    /// Codename in apt's Release file [default: its name]
    #[arg(long, value_name = "TEXT")]
    codename: Option<String>,
    /// Origin in apt's Release file
    #[arg(long, value_name = "TEXT")]
    origin: Option<String>,
    /// Label in apt's Release file
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Version in apt's Release file
    #[arg(long, value_name = "TEXT")]
    version: Option<String>,
    /// Description in apt's Release file
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Components that are listed from the first day; they only grow
    #[arg(long, value_name = "K,..")]
    components: Vec<String>,
    /// Architectures that are listed from the first day; they only grow
    #[arg(long, value_name = "ARCH,..")]
    architectures: Vec<String>,
    /// apt installs from it only what is asked for, and upgrades that
    #[arg(long, conflicts_with = "automatic")]
    not_automatic: bool,
    /// apt treats it as any other repository
    #[arg(long)]
    automatic: bool,
    /// It takes a package only where that is newer than what it has of that name and architecture
    #[arg(long, conflicts_with = "no_only_newer")]
    only_newer: bool,
    /// It takes older versions, too
    #[arg(long)]
    no_only_newer: bool,
    /// apt's indexes are offered compressed with zstd, too; dnf's with zstd instead of gzip (EL 8.4 and newer)
    #[arg(long, conflicts_with = "no_zstd")]
    zstd: bool,
    /// Indexes are not compressed with zstd
    #[arg(long)]
    no_zstd: bool,
    /// The Release files say which keys sign them, and apt believes no others from then on
    #[arg(long, conflicts_with = "no_signed_by")]
    signed_by: bool,
    /// The Release files do not say which keys sign them
    #[arg(long)]
    no_signed_by: bool,
    /// How long apt trusts a Release file: 7d, 12h, 30m, 90s; it is signed anew in time
    #[arg(long, value_name = "TIME")]
    valid_for: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// `CHANNEL/D`.
#[derive(Debug, Clone)]
struct Which {
    channel: ChannelName,
    distribution: Alias,
}

impl FromStr for Which {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let (channel, distribution) = s
            .split_once('/')
            .ok_or_else(|| format!("write CHANNEL/DISTRIBUTION, for example `main/{s}`"))?;
        Ok(Self {
            channel: ChannelName::parse(channel).map_err(|e| e.to_string())?,
            distribution: Alias::parse(distribution).map_err(|e| e.to_string())?,
        })
    }
}

impl Which {
    fn path(&self) -> String {
        format!("channels/{}/distributions/{}", self.channel, self.distribution)
    }
}

/// Runs a subcommand.
pub fn run(command: &DistributionCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        DistributionCommand::List(args) => {
            let path = format!("channels/{}/distributions", args.channel);
            let found: Value = args.place.api()?.get(&path)?;
            let rows = found["distributions"].as_array().cloned().unwrap_or_default();
            report.result(&found, || rows.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        DistributionCommand::Show(args) => {
            let found: Value = args.place.api()?.get(&args.which.path())?;
            report.result(&found, || whole(&found))
        }
        DistributionCommand::Create(args) => {
            DistributionName::parse(args.which.distribution.as_str()).map_err(|e| Usage(e.to_string()))?;
            change(args, "absent", report)
        }
        DistributionCommand::Set(args) => {
            if args.patch()?.is_empty() {
                let text = "nothing is to be changed\nhint: say what, for example `--alias stable`; `packyard distribution show` says what is so";
                return Err(Usage(text.to_owned()).into());
            }
            change(args, "present", report)
        }
        DistributionCommand::Delete(args) => {
            let done: Value = args.place.api()?.delete_for(&args.which.path())?;
            let Which {
                channel,
                distribution,
            } = &args.which;
            report.result(&done, || {
                let already = super::channel::already(&done);
                format!("{already}distribution {channel}/{distribution} is deleted")
            })
        }
    }
}

impl ChangeArgs {
    /// What is to change, as the API takes it.
    fn patch(&self) -> anyhow::Result<Map<String, Value>> {
        let usage = |e: packyard_types::Invalid| Usage(e.to_string());
        let mut patch = Map::new();
        let texts = [
            ("suite", &self.suite),
            ("codename", &self.codename),
            ("origin", &self.origin),
            ("label", &self.label),
            ("version", &self.version),
            ("description", &self.description),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                patch.insert(key.to_owned(), json!(text));
            }
        }
        match self.family.as_deref() {
            None => {}
            Some("") => drop(patch.insert("family".to_owned(), Value::Null)),
            Some(said) => {
                let family: Family = said.parse().map_err(usage)?;
                patch.insert("family".to_owned(), json!(family));
            }
        }
        if !self.alias.is_empty() {
            let aliases = listed(&self.alias, Alias::parse).map_err(usage)?;
            patch.insert("aliases".to_owned(), json!(aliases));
        }
        if !self.components.is_empty() {
            let components = listed(&self.components, ComponentName::parse).map_err(usage)?;
            patch.insert("components".to_owned(), json!(components));
        }
        if !self.architectures.is_empty() {
            let all = listed(&self.architectures, |a| Ok(a.to_owned())).map_err(usage)?;
            patch.insert("architectures".to_owned(), json!(all));
        }
        for (key, yes, no) in [
            ("not_automatic", self.not_automatic, self.automatic),
            ("only_newer", self.only_newer, self.no_only_newer),
            ("zstd", self.zstd, self.no_zstd),
            ("signed_by", self.signed_by, self.no_signed_by),
        ] {
            if yes || no {
                patch.insert(key.to_owned(), json!(yes));
            }
        }
        if let Some(time) = &self.valid_for {
            let seconds = match time.as_str() {
                "" => Value::Null,
                time => json!(span::seconds(time).map_err(Usage)?),
            };
            patch.insert("valid_for_seconds".to_owned(), seconds);
        }
        Ok(patch)
    }
}

/// `a,b` and `--flag a --flag b` alike.
fn listed<T>(
    given: &[String],
    parse: impl Fn(&str) -> Result<T, packyard_types::Invalid>,
) -> Result<Vec<T>, packyard_types::Invalid> {
    let words = given.iter().flat_map(|g| g.split(',')).map(str::trim);
    words.filter(|w| !w.is_empty()).map(parse).collect()
}

fn change(args: &ChangeArgs, expect: &str, report: &Report) -> anyhow::Result<()> {
    let path = format!("{}?expect={expect}", args.which.path());
    let wanted = args.patch()?;
    let done: Value = args.place.api_to(expect == "absent")?.put(&path, &wanted)?;
    for warning in strings(&done, "warnings") {
        report.step(format_args!("warning: {warning}"));
    }
    report.result(&done, || {
        let is = |key: &str| done[key].as_bool().unwrap_or_default();
        let what = match (is("created"), is("changed")) {
            (true, _) => "is created",
            (_, true) => "is changed",
            _ => "is so already",
        };
        let name = done["name"].as_str().unwrap_or_default();
        format!(
            "distribution {}/{name} {what}, at revision {}\n{}",
            args.which.channel,
            done["revision"],
            whole(&done)
        )
    })
}

fn strings<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    let all = value[key].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(Value::as_str).collect()
}

/// A distribution in one line.
pub fn line(d: &Value) -> String {
    let held = |key: &str, noun| counted(d[key].as_u64().unwrap_or_default(), noun);
    let sources = match d["sources"].as_u64() {
        None | Some(0) => String::new(),
        Some(n) => format!(", {}", counted(n, "source package")),
    };
    let name = d["name"].as_str().unwrap_or_default();
    let mut out = format!(
        "{name:<12} {}{sources}, {}",
        held("debs", "deb"),
        held("rpms", "rpm")
    );
    if let Some(family) = d["family"].as_str() {
        out.push_str(&format!("  family {family}"));
    }
    let aliases = strings(d, "aliases");
    if !aliases.is_empty() {
        out.push_str(&format!("  also called {}", aliases.join(", ")));
    }
    out
}

/// A distribution with its settings, one a line.
fn whole(d: &Value) -> String {
    let mut lines = vec![line(d)];
    let mut say = |key: &str, text: String| lines.push(format!("  {key}: {text}"));
    for field in ["suite", "codename", "origin", "label", "version"] {
        if let Some(text) = d["release"][field].as_str() {
            let said = d.get(field).is_some();
            let by_itself = if said { "" } else { " (by itself)" };
            say(field, format!("{text}{by_itself}"));
        }
    }
    if let Some(text) = d["description"].as_str() {
        say("description", text.to_owned());
    }
    for field in ["components", "architectures"] {
        let words = strings(d, field);
        if !words.is_empty() {
            say(field, words.join(", "));
        }
    }
    for (field, name, means) in [
        (
            "not_automatic",
            "not automatic",
            "apt installs from it only what is asked for",
        ),
        (
            "only_newer",
            "only newer",
            "a package must be newer than what is there of it",
        ),
        (
            "zstd",
            "zstd",
            "indexes are offered with zstd: apt's too, dnf's instead of gzip",
        ),
        ("signed_by", "signed by", "the Release files say by which keys"),
    ] {
        if d[field].as_bool() == Some(true) {
            say(name, means.to_owned());
        }
    }
    if let Some(n) = d["valid_for_seconds"].as_u64() {
        say(
            "valid for",
            format!("{}, signed anew when half of that is over", span::typed(n)),
        );
    }
    lines.join("\n")
}
