//! `packyard release`: build, check and publish.

use crate::{
    commands::{
        build::{self, BuildArgs},
        check, publish,
    },
    place::{ChannelArgs, PlaceArgs},
    report::{Report, Usage},
};
use anyhow::Context;
use packyard_types::Revision;

/// Arguments of `packyard release`.
#[derive(Debug, clap::Args)]
pub struct ReleaseArgs {
    #[command(flatten)]
    build: BuildArgs,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
    /// Why, or what for; kept in the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Fail if the channel changed after this revision
    #[arg(long, value_name = "N")]
    if_revision: Option<u64>,
    /// Looked for here, and found in `packyard changelog release`
    #[arg(long, hide = true, value_name = "PART")]
    bump: Option<String>,
}

/// Runs it. Nothing is published unless everything was built and nothing is wrong with it.
pub fn run(args: &ReleaseArgs, report: &Report) -> anyhow::Result<()> {
    if let Some(part) = &args.bump {
        let hint = format!("packyard changelog release --bump {part}");
        return Err(Usage(format!(
            "`packyard release` does not count the version up\nhint: close the entry first: {hint}"
        ))
        .into());
    }
    if args.build.list {
        return build::run(&args.build, report);
    }
    let plan = build::planned(&args.build, report)?;
    let out = args.build.out();
    let built = build::make(&plan, &out, report)?;
    for artifact in &built.artifacts {
        check::must_pass(&artifact.path(&out), report)?;
    }
    let wanted = publish::find(out.to_str().context("the output directory's name is not UTF-8")?)?;
    let api = args.place.api_to_publish()?;
    let if_revision = args.if_revision.map(Revision);
    let receipt = publish::publish(
        &api,
        &args.channel.channel,
        &wanted,
        args.note.clone(),
        if_revision,
        report,
    )?;
    report.result(&receipt, || publish::tell(&receipt, &args.channel.channel))
}
