//! `packyard log`: what happened, newest first.

use crate::{
    place::PlaceArgs,
    report::{Report, Usage},
};
use packyard_types::{ChannelName, Timestamp};
use serde_json::{Value, json};

/// Arguments of `packyard log`.
#[derive(Debug, clap::Args)]
pub struct LogArgs {
    /// Only changes of this channel
    channel: Option<ChannelName>,
    /// Only changes by this actor: a token's name, or `local`; with a `*` at its end all that begin so
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only changes since then: 2026-03-01, 2026-03-01T12:00:00Z, or 12h, 30d, 8w ago
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs it.
pub fn run(args: &LogArgs, report: &Report) -> anyhow::Result<()> {
    let since = args.since.as_deref().map(beginning).transpose()?;
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
        all.extend(
            changes
                .into_iter()
                .filter(|c| wanted(c, args.actor.as_deref(), since)),
        );
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

/// Whether a change is by whom, and from when, is asked for.
fn wanted(change: &Value, actor: Option<&str>, since: Option<Timestamp>) -> bool {
    let text = |key: &str| change[key].as_str().unwrap_or_default();
    let by = actor.is_none_or(|wanted| match wanted.strip_suffix('*') {
        Some(begins) => text("actor").starts_with(begins),
        None => text("actor") == wanted,
    });
    let at = Timestamp::parse(text("at"));
    by && since.is_none_or(|since| at.is_ok_and(|at| at >= since))
}

/// The time that `--since` says: a day begins at midnight UTC.
fn beginning(text: &str) -> anyhow::Result<Timestamp> {
    if let Some(ago) = super::token::seconds(text) {
        let now = (packyard_server::system_clock())().unix_seconds();
        return Ok(Timestamp::from_unix_seconds(now.saturating_sub(ago)));
    }
    let whole = if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00:00Z")
    };
    Timestamp::parse(&whole).map_err(|_| {
        let hint = "write 2026-03-01, 2026-03-01T12:00:00Z, or 12h, 30d, 8w";
        Usage(format!("`{text}` is not a time\nhint: {hint}")).into()
    })
}

/// From where, with what, and for whom an issuer has vouched; nothing where the server does not say.
fn sender(change: &Value) -> Option<String> {
    let text = |key: &str| change["sender"][key].as_str();
    let words = [
        text("address").map(|address| format!("from {address}")),
        text("client").map(|client| format!("with {client}")),
        text("subject").map(|subject| format!("for {subject}")),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
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
    let head = match sender(change) {
        Some(sender) => format!("{head}\n    {sender}"),
        None => head,
    };
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
