//! `packyard promote`: what a channel holds comes into another one, or into another place of it, in one revision.

use crate::{
    place::PlaceArgs,
    report::{Report, Usage},
};
use packyard_types::{ChannelSpec, ComponentName, DistributionName};
use serde_json::{Value, json};

/// Arguments of `packyard promote`.
#[derive(Debug, clap::Args)]
pub struct PromoteArgs {
    /// What: NAME is its newest release in the source, of .debs and .rpms in the newest revision; NAME==* all of them; or a filename
    #[arg(value_name = "NAME[==VERSION]", required_unless_present_any = ["revision", "all"])]
    packages: Vec<String>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Where from: a channel, as of a revision, tag or date where one is named, and of that only one distribution
    #[arg(long, value_name = "C[@AT][/D]")]
    from: String,
    /// Where to: a channel, and the distribution that takes all of it; else each artifact keeps its own
    #[arg(long, value_name = "C[/D]")]
    to: String,
    /// What came with a revision, or with one change of it
    #[arg(long, value_name = "N|N.K", conflicts_with_all = ["packages", "all"])]
    revision: Option<String>,
    /// Everything that the source holds
    #[arg(long, conflicts_with = "packages")]
    all: bool,
    /// Into this component of apt
    #[arg(long, value_name = "K")]
    component: Option<ComponentName>,
    /// Within a channel: it leaves the old place
    #[arg(long = "move")]
    move_from: bool,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Why; kept in the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Fail if the target changed after this revision
    #[arg(long, value_name = "N")]
    if_revision: Option<u64>,
}

/// A channel, as of when, and a distribution of it: `C[@AT][/D]`.
fn place(text: &str) -> anyhow::Result<(ChannelSpec, Option<DistributionName>)> {
    let wrong = |e: packyard_types::Invalid| Usage(e.to_string());
    let (channel, distribution) = match text.split_once('/') {
        None => (text, None),
        Some((channel, d)) => (channel, Some(DistributionName::parse(d).map_err(wrong)?)),
    };
    Ok((ChannelSpec::parse(channel).map_err(wrong)?, distribution))
}

/// Runs it.
pub fn run(args: &PromoteArgs, report: &Report) -> anyhow::Result<()> {
    let (_, from_distribution) = place(&args.from)?;
    let from = args.from.split('/').next().unwrap_or_default();
    let (to, distribution) = place(&args.to)?;
    if to.at.is_some() {
        let text = format!(
            "`{}` is in the past\nhint: promote to `{}` itself",
            args.to, to.channel
        );
        return Err(Usage(text).into());
    }
    let mut body = json!({ "from": from, "move": args.move_from, "dry_run": args.dry_run });
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body[key] = value;
        }
    };
    set("from_distribution", from_distribution.map(|d| json!(d)));
    set("distribution", distribution.map(|d| json!(d)));
    set("component", args.component.as_ref().map(|k| json!(k)));
    set("note", args.note.as_ref().map(|n| json!(n)));
    set("if_revision", args.if_revision.map(|n| json!(n)));
    set("revision", args.revision.as_ref().map(|n| json!(n)));
    set("all", args.all.then_some(json!(true)));
    set(
        "packages",
        (!args.packages.is_empty()).then(|| json!(args.packages)),
    );
    let path = format!("channels/{}/promotions", to.channel);
    let done: Value = args.place.api()?.post(&path, &body)?;
    report.result(&done, || tell(&done, to.channel.as_str()))?;
    for warning in done["warnings"].as_array().into_iter().flatten() {
        let warning = warning.as_str().unwrap_or_default();
        report.step(format_args!("warning: {warning}"));
    }
    for hint in hints(&done, to.channel.as_str()) {
        report.step(hint);
    }
    Ok(())
}

/// One line for each artifact: what becomes of it, its filename, and where it is.
pub fn lines(done: &Value, kinds: &[(&str, &str)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, word) in kinds {
        for a in done[*key].as_array().into_iter().flatten() {
            let text = |key: &str| a[key].as_str().unwrap_or_default();
            let component = match text("component") {
                "main" => String::new(),
                other => format!("/{other}"),
            };
            let reason = a["reason"].as_str().map(|r| format!(": {r}")).unwrap_or_default();
            let reason = a["yanked"].as_str().map_or(reason, yanked);
            lines.push(format!(
                "{word:<10} {} ({}{component}){reason}",
                text("filename"),
                text("distribution")
            ));
        }
    }
    lines
}

fn yanked(why: &str) -> String {
    match why {
        "" => ": it is there but yanked".to_owned(),
        why => format!(": it is there but yanked: {why}"),
    }
}

/// How what is yanked in the target is offered again.
fn hints(done: &Value, channel: &str) -> Vec<String> {
    let rows = done["unchanged"].as_array().into_iter().flatten();
    let yanked = rows.filter(|a| a["yanked"].is_string());
    let hint = |a: &Value| {
        let text = |key: &str| a[key].as_str().unwrap_or_default();
        let (project, version) = (text("project"), text("version"));
        format!("hint: `packyard unyank {project}=={version} --channel {channel}` offers it again")
    };
    let mut all: Vec<String> = yanked.map(hint).collect();
    all.sort();
    all.dedup();
    all
}

/// The last line: what the channel is at.
pub fn outcome(done: &Value, channel: &str) -> String {
    let revision = &done["revision"];
    match (done["release"].as_str(), done["dry_run"].as_bool()) {
        (Some(id), _) => format!("channel {channel} is at revision {revision}, release {id}"),
        (None, Some(true)) => format!("nothing was done: this is a plan, as of revision {revision}"),
        (None, _) => format!("nothing changed: channel {channel} is so at revision {revision}"),
    }
}

fn tell(done: &Value, channel: &str) -> String {
    let mut all = Vec::new();
    for c in done["chosen"].as_array().into_iter().flatten() {
        let versions = c["versions"].as_array().into_iter().flatten();
        let versions: Vec<&str> = versions.filter_map(Value::as_str).collect();
        let text = |key: &str| c[key].as_str().unwrap_or_default();
        all.push(format!(
            "{} is {} {} in {}",
            text("selector"),
            text("project"),
            versions.join(", "),
            done["from"].as_str().unwrap_or_default()
        ));
    }
    let kinds = [
        ("added", "added"),
        ("removed", "removed"),
        ("unchanged", "unchanged"),
        ("skipped", "skipped"),
    ];
    all.extend(lines(done, &kinds));
    all.push(outcome(done, channel));
    all.join("\n")
}
