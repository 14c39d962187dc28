//! `packyard list`, `search` and `show`: the packages of a channel.

use crate::{place::PlaceArgs, report::Report};
use packyard_repo::{Selector, Wanted};
use packyard_types::ChannelSpec;
use serde_json::Value;

/// `--channel`, also as of a revision.
#[derive(Debug, clap::Args)]
struct SeenArgs {
    /// The channel; CHANNEL@REVISION, @TAG or @DATE for what it held then
    #[arg(
        long,
        env = "PACKYARD_CHANNEL",
        value_name = "CHANNEL",
        default_value = "main"
    )]
    channel: ChannelSpec,
}

/// Arguments of `packyard list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The channel, as with --channel
    #[arg(value_name = "CHANNEL")]
    named: Option<ChannelSpec>,
    /// Only what the machines of this distribution see
    #[arg(long)]
    distribution: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    seen: SeenArgs,
}

/// Arguments of `packyard search`.
#[derive(Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub struct SearchArgs {
    /// The channel, as `--channel` names it
    #[arg(value_name = "CHANNEL")]
    named: Option<ChannelSpec>,
    /// Text in a project's or package's name or summary
    text: String,
    /// Only what the machines of this distribution see
    #[arg(long)]
    distribution: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    seen: SeenArgs,
}

/// Arguments of `packyard show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// NAME, NAME==VERSION, NAME==* or a filename; NAME is a project or a package of apt, yum or pip
    #[arg(value_name = "PACKAGE")]
    package: String,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    seen: SeenArgs,
}

/// Lists packages.
pub fn list(args: &ListArgs, report: &Report) -> anyhow::Result<()> {
    let channel = args.named.as_ref().unwrap_or(&args.seen.channel);
    table_of(&args.place, channel, None, args.distribution.as_deref(), report)
}

/// Lists those that match.
pub fn search(args: &SearchArgs, report: &Report) -> anyhow::Result<()> {
    let channel = args.named.as_ref().unwrap_or(&args.seen.channel);
    let distribution = args.distribution.as_deref();
    table_of(&args.place, channel, Some(&args.text), distribution, report)
}

fn table_of(
    place: &PlaceArgs,
    channel: &ChannelSpec,
    search: Option<&str>,
    distribution: Option<&str>,
    report: &Report,
) -> anyhow::Result<()> {
    let asked = [("search", search), ("distribution", distribution)];
    let asked = asked
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}={}", percent(value?))));
    let asked = asked.collect::<Vec<_>>().join("&");
    let found: Value = place
        .api()?
        .get(&format!("channels/{channel}/packages?{asked}"))?;
    report.result(&found, || table(&found))
}

/// Shows one package: its newest release, or that which is named.
pub fn show(args: &ShowArgs, report: &Report) -> anyhow::Result<()> {
    let (name, version) = match Selector::parse(&args.package)? {
        Selector::File(file) => (file.to_string(), Wanted::Version(String::new())),
        Selector::Named { name, version } => (name, version),
    };
    let mut path = format!("channels/{}/packages/{}", args.seen.channel, percent(&name));
    if let Wanted::Version(version) = version.clone()
        && !version.is_empty()
    {
        path.push_str(&format!("?version={}", percent(&version)));
    }
    let found: Value = args.place.api()?.get(&path)?;
    let in_full = if version == Wanted::Newest { 1 } else { usize::MAX };
    report.result(&found, || package(&found, in_full))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn table(found: &Value) -> String {
    let packages = items(found, "packages");
    if packages.is_empty() {
        return format!("channel {} holds nothing like that", text(found, "channel"));
    }
    let wide = |key: &str| {
        packages
            .iter()
            .map(|p| text(p, key).chars().count())
            .max()
            .unwrap_or(0)
    };
    let (name, latest) = (wide("name"), wide("latest"));
    let cell = |p: &Value| ecosystems(p);
    let ecosystem = packages
        .iter()
        .map(|p| cell(p).chars().count())
        .max()
        .unwrap_or(0);
    let line = |p: &Value| {
        let (n, v, s) = (text(p, "name"), text(p, "latest"), text(p, "summary"));
        format!(
            "{n:<name$}  {v:<latest$}  {:<ecosystem$}  {s}{}",
            cell(p),
            status(p) + &yanked(p)
        )
    };
    packages.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `apt,pip,yum`; with a version where it is not the project's newest.
fn ecosystems(p: &Value) -> String {
    let newest = p["newest"].as_object().into_iter().flatten();
    let each = newest.map(|(ecosystem, version)| match version.as_str() {
        Some(version) if version != text(p, "latest") => format!("{ecosystem} {version}"),
        _ => ecosystem.clone(),
    });
    each.collect::<Vec<_>>().join(",")
}

/// What is said of the project, where it is not as any other.
fn status(p: &Value) -> String {
    match (text(p, "status"), text(p, "reason")) {
        ("" | "active", _) => String::new(),
        (status, "") => format!("  ({status})"),
        (status, reason) => format!("  ({status}: {reason})"),
    }
}

/// Whether a package or file is yanked, and why.
fn yanked(of: &Value) -> String {
    match &of["yanked"] {
        Value::String(reason) if !reason.is_empty() => format!("  (yanked: {reason})"),
        Value::String(_) => "  (yanked)".to_owned(),
        _ => String::new(),
    }
}

fn package(found: &Value, in_full: usize) -> String {
    let (name, summary) = (text(found, "name"), text(found, "summary"));
    let mut lines = vec![format!("{name}: {summary}{}", status(found))];
    if let Some(license) = found["license"].as_str() {
        lines.push(format!("licence: {license}"));
    }
    let versions = items(found, "versions");
    for version in versions.iter().take(in_full) {
        let (v, at) = (text(version, "version"), text(version, "published_at"));
        lines.push(format!("\n{v}  published {at}{}", yanked(version)));
        lines.extend(items(version, "advisories").iter().map(advisory));
        for a in items(version, "artifacts") {
            let (file, size, d) = (text(a, "filename"), &a["size"], text(a, "distribution"));
            let digest = text(a, "served");
            lines.push(format!(
                "  {file}  {size} bytes  {d}  sha256 {digest}{}",
                yanked(a)
            ));
            for part in items(a, "parts") {
                let (file, size, digest) = (text(part, "filename"), &part["size"], text(part, "sha256"));
                lines.push(format!("    {file}  {size} bytes  sha256 {digest}"));
            }
        }
    }
    let others = versions.iter().skip(in_full);
    let others: Vec<String> = others
        .map(|v| format!("{}{}{}", text(v, "version"), yanked(v), advised(v)))
        .collect();
    if !others.is_empty() {
        lines.push(format!("\nother versions: {}", others.join(", ")));
    }
    for (i, d) in items(found, "dependencies").iter().enumerate() {
        if i == 0 {
            lines.push("\nneeds:".to_owned());
        }
        lines.push(format!("  {:<4} {}", text(d, "ecosystem"), text(d, "dependency")));
    }
    lines.join("\n")
}

/// Why to update, in two lines: `security (Important)  vault-2-1  CVE-2026-1234  issued TIME  any`, and the title.
fn advisory(a: &Value) -> String {
    let mut line = format!("  {}", text(a, "type"));
    if let Some(severity) = a["severity"].as_str() {
        line.push_str(&format!(" ({severity})"));
    }
    line.push_str(&format!("  {}", text(a, "id")));
    let cves: Vec<&str> = items(a, "cves").iter().filter_map(Value::as_str).collect();
    if !cves.is_empty() {
        line.push_str(&format!("  {}", cves.join(", ")));
    }
    if let Some(issued) = a["issued"].as_str() {
        line.push_str(&format!("  issued {issued}"));
    }
    let of: Vec<&str> = items(a, "distributions")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    format!("{line}  {}\n    {}", of.join(", "), text(a, "title"))
}

/// Whether an advisory of security speaks for a version that is not shown in full.
fn advised(version: &Value) -> String {
    let all = items(version, "advisories").iter();
    let security: Vec<&str> = all
        .filter(|a| text(a, "type") == "security")
        .map(|a| text(a, "id"))
        .collect();
    if security.is_empty() {
        return String::new();
    }
    format!("  (security: {})", security.join(", "))
}

/// A text inside a URL.
pub fn percent(s: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    s.bytes()
        .map(|b| {
            if keep(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
