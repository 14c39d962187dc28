//! `packyard list`, `search` and `show`: the packages of a channel.

use crate::{
    place::{ChannelArgs, PlaceArgs},
    report::Report,
};
use serde_json::Value;

/// Arguments of `packyard list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
}

/// Arguments of `packyard search`.
#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Text in a package's name or summary
    text: String,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
}

/// Arguments of `packyard show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The package
    name: String,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
}

/// Lists packages.
pub fn list(args: &ListArgs, report: &Report) -> anyhow::Result<()> {
    let path = format!("channels/{}/packages", args.channel.channel);
    let found: Value = args.place.api()?.get(&path)?;
    report.result(&found, || table(&found))
}

/// Lists those that match.
pub fn search(args: &SearchArgs, report: &Report) -> anyhow::Result<()> {
    let path = format!(
        "channels/{}/packages?search={}",
        args.channel.channel,
        percent(&args.text)
    );
    let found: Value = args.place.api()?.get(&path)?;
    report.result(&found, || table(&found))
}

/// Shows one package.
pub fn show(args: &ShowArgs, report: &Report) -> anyhow::Result<()> {
    let path = format!(
        "channels/{}/packages/{}",
        args.channel.channel,
        percent(&args.name)
    );
    let found: Value = args.place.api()?.get(&path)?;
    report.result(&found, || package(&found))
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
    let line = |p: &Value| {
        let ecosystems: Vec<&str> = items(p, "ecosystems").iter().filter_map(Value::as_str).collect();
        let (n, v, s) = (text(p, "name"), text(p, "latest"), text(p, "summary"));
        format!("{n:<name$}  {v:<latest$}  {:<13}  {s}", ecosystems.join(","))
    };
    packages.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn package(found: &Value) -> String {
    let mut lines = vec![format!("{}: {}", text(found, "name"), text(found, "summary"))];
    if let Some(license) = found["license"].as_str() {
        lines.push(format!("licence: {license}"));
    }
    for version in items(found, "versions") {
        lines.push(format!(
            "\n{}  published {}",
            text(version, "version"),
            text(version, "published_at")
        ));
        for a in items(version, "artifacts") {
            let (size, d) = (&a["size"], text(a, "distribution"));
            lines.push(format!(
                "  {}  {size} bytes  {d}  sha256 {}",
                text(a, "filename"),
                text(a, "served")
            ));
        }
    }
    for (i, d) in items(found, "dependencies").iter().enumerate() {
        if i == 0 {
            lines.push("\nneeds:".to_owned());
        }
        lines.push(format!("  {:<4} {}", text(d, "ecosystem"), text(d, "dependency")));
    }
    lines.join("\n")
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
