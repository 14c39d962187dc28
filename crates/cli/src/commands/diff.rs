//! `packyard diff`: what differs between two revisions of a channel, or between two channels; as release notes, too.

use crate::{place::PlaceArgs, report::Report};
use packyard_types::ChannelSpec;
use serde_json::Value;

/// Arguments of `packyard diff`.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The channel
    channel: ChannelSpec,
    /// A revision, a tag or a date of it; or another channel, also as CHANNEL@REVISION
    #[arg(value_name = "N")]
    from: String,
    /// Likewise; now where it is left out
    #[arg(value_name = "M")]
    to: Option<String>,
    /// Print release notes, in Markdown
    #[arg(long)]
    notes: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs it.
pub fn run(args: &DiffArgs, report: &Report) -> anyhow::Result<()> {
    let to = args
        .to
        .as_ref()
        .map(|to| format!("&to={}", super::list::percent(to)));
    let path = format!(
        "channels/{}/diff?from={}{}",
        args.channel,
        super::list::percent(&args.from),
        to.unwrap_or_default()
    );
    let found: Value = args.place.api()?.get(&path)?;
    report.result(&found, || if args.notes { notes(&found) } else { plain(&found) })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn side(value: &Value) -> String {
    format!("{}@{}", text(value, "channel"), value["revision"])
}

/// `2 added, 1 changed`; nothing where all are zero.
fn counted(counts: &Value, words: &[&str]) -> Vec<String> {
    let some = words.iter().filter(|w| counts[**w].as_u64().unwrap_or(0) > 0);
    some.map(|w| format!("{} {w}", counts[*w])).collect()
}

fn plain(found: &Value) -> String {
    let sides = format!("{} -> {}", side(&found["from"]), side(&found["to"]));
    let counts = &found["counts"];
    let projects = counted(&counts["projects"], &["added", "removed", "changed"]);
    let files = counted(&counts["files"], &["added", "removed", "yanked", "unyanked"]);
    if files.is_empty() {
        return format!("{sides}: nothing differs");
    }
    let head = format!(
        "{sides}: projects {}; files {}",
        projects.join(", "),
        files.join(", ")
    );
    let all = items(found, "projects").iter().map(project);
    std::iter::once(head).chain(all).collect::<Vec<_>>().join("\n\n")
}

fn sign(change: &str) -> char {
    match change {
        "added" => '+',
        "removed" => '-',
        "yanked" => 'y',
        "unyanked" => 'u',
        _ => '~',
    }
}

fn project(p: &Value) -> String {
    let mut lines = vec![format!(
        "{} {} {}",
        sign(text(p, "change")),
        text(p, "project"),
        versions(p)
    )];
    for f in items(p, "files") {
        let reason = match f["yanked"].as_str() {
            Some(reason) if !reason.is_empty() => format!("  yanked: {reason}"),
            Some(_) => "  yanked".to_owned(),
            None => String::new(),
        };
        let (change, distribution) = (sign(text(f, "change")), text(f, "distribution"));
        lines.push(format!(
            "    {change} {distribution:<10} {}{reason}",
            text(f, "filename")
        ));
    }
    let changelog = &p["changelog"];
    let reverted = changelog["reverted"].as_bool().unwrap_or(false);
    for e in items(changelog, "entries") {
        let back = if reverted { "no longer: " } else { "" };
        lines.push(format!("    {back}{}", heading(e)));
        lines.extend(
            items(e, "items")
                .iter()
                .filter_map(Value::as_str)
                .map(|i| format!("      * {i}")),
        );
    }
    lines.join("\n")
}

/// `1.0 -> 1.1`, and what else came and went.
fn versions(p: &Value) -> String {
    let (from, to) = (p["from"].as_str(), p["to"].as_str());
    let mut said = match (from, to) {
        (Some(from), Some(to)) if from == to => from.to_owned(),
        (Some(from), Some(to)) => format!("{from} -> {to}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => String::new(),
    };
    for (key, word, main) in [
        ("versions_added", "also new", to),
        ("versions_removed", "also gone", from),
    ] {
        let others = items(p, key).iter().filter_map(Value::as_str);
        let others: Vec<&str> = others.filter(|v| Some(*v) != main).collect();
        if !others.is_empty() {
            said.push_str(&format!(" ({word}: {})", others.join(", ")));
        }
    }
    said
}

/// `1.1 (2026-01-02)`; another revision of a release is told by its native version.
fn heading(entry: &Value) -> String {
    let version = [text(entry, "native"), text(entry, "version")];
    let version = version.into_iter().find(|v| !v.is_empty()).unwrap_or("?");
    match entry["date"].as_str() {
        Some(date) => format!("{version} ({date})"),
        None => version.to_owned(),
    }
}

/// Release notes: a section a project, a list of what its changelog says of the versions in between.
fn notes(found: &Value) -> String {
    let projects = items(found, "projects");
    if projects.is_empty() {
        return "Nothing differs.".to_owned();
    }
    let mut out = Vec::new();
    for p in projects {
        out.push(format!("## {} {}\n", text(p, "project"), note_title(p)));
        let lines = note_lines(p);
        if lines.is_empty() {
            out.push(format!("{}\n", without_changelog(p)));
        } else {
            out.push(format!("{}\n", lines.join("\n")));
        }
    }
    out.join("\n")
}

fn note_title(p: &Value) -> String {
    let version = versions(p).replace(" -> ", " → ");
    match text(p, "change") {
        "added" => format!("{version} (new)"),
        "removed" => format!("{version} (removed)"),
        _ => version,
    }
}

fn note_lines(p: &Value) -> Vec<String> {
    let changelog = &p["changelog"];
    let entries = items(changelog, "entries");
    let mut lines = Vec::new();
    if changelog["reverted"].as_bool().unwrap_or(false) && !entries.is_empty() {
        lines.push("Taken back, so that this is no longer in it:\n".to_owned());
    }
    for e in entries {
        // One version needs no heading of its own.
        if entries.len() > 1 {
            lines.push(format!(
                "{}### {}\n",
                if lines.is_empty() { "" } else { "\n" },
                heading(e)
            ));
        }
        lines.extend(
            items(e, "items")
                .iter()
                .filter_map(Value::as_str)
                .map(|i| format!("- {}", escaped(i))),
        );
    }
    lines
}

/// Why a project's section has no entries.
fn without_changelog(p: &Value) -> String {
    let changelog = &p["changelog"];
    if text(p, "change") == "removed" {
        return "No longer in the channel.".to_owned();
    }
    let files = items(p, "files").iter().map(|f| text(f, "filename"));
    match (changelog["source"].as_str(), changelog["url"].as_str()) {
        (Some(_), _) => format!(
            "Files only: {}.",
            files.map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ")
        ),
        (None, Some(url)) => format!("Its wheel and sdist carry no changelog; it is at <{url}>."),
        (None, None) => "Its wheel and sdist carry no changelog.".to_owned(),
    }
}

/// A foreign text as text: no HTML, no emphasis, no links by accident. Backticks stay, for code is what they mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    let closed = text.matches('`').count().is_multiple_of(2);
    for c in text.chars() {
        if c == '`' && closed {
            code = !code;
        }
        if !code && matches!(c, '<' | '>' | '*' | '_' | '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
