//! `packyard draft`: what CI jobs are collecting, and have not published yet.

use crate::{
    place::{ChannelArgs, PlaceArgs},
    report::Report,
};
use packyard_client::Draft;
use packyard_types::DraftId;

/// `packyard draft …`
#[derive(Debug, clap::Subcommand)]
pub enum DraftCommand {
    /// List the drafts of a channel
    List(ListArgs),
    /// Show what a draft holds
    Show(OneArgs),
    /// Forget a draft that has not been committed
    Discard(OneArgs),
}

/// Arguments of `packyard draft list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
}

/// Arguments of commands about one draft.
#[derive(Debug, clap::Args)]
pub struct OneArgs {
    /// The draft
    #[arg(value_name = "ID")]
    draft: DraftId,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
}

/// Runs it.
pub fn run(command: &DraftCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        DraftCommand::List(args) => {
            let found = args.place.api()?.drafts(&args.channel.channel)?;
            report.result(&found, || {
                let lines: Vec<String> = found.drafts.iter().map(line).collect();
                if lines.is_empty() {
                    format!("channel {} has no drafts", args.channel.channel)
                } else {
                    lines.join("\n")
                }
            })
        }
        DraftCommand::Show(args) => {
            let draft = args.place.api()?.draft(&args.channel.channel, &args.draft)?;
            report.result(&draft, || {
                let held = draft.artifacts.iter();
                let held =
                    held.map(|a| format!("  {} ({}), added by {}", a.filename, a.distribution, a.added_by));
                std::iter::once(line(&draft))
                    .chain(held)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
        }
        DraftCommand::Discard(args) => {
            args.place
                .api()?
                .discard_draft(&args.channel.channel, &args.draft)?;
            let done = serde_json::json!({ "draft": args.draft, "discarded": true });
            report.result(&done, || format!("draft {} is discarded", args.draft))
        }
    }
}

fn line(d: &Draft) -> String {
    let fate = match (d.state.as_str(), &d.release) {
        ("committed", Some(release)) => format!("committed as release {release}"),
        ("committed", None) => "committed; all of it was published already".to_owned(),
        ("closed", _) => "being committed".to_owned(),
        (state, _) => format!("{state}; expires at {}", d.expires_at),
    };
    format!(
        "{} (opened at {} by {}): {fate}",
        d.draft, d.opened_at, d.opened_by
    )
}
