//! `packyard up`: the whole way in one command, from a project to clients that install it.

use crate::{
    commands::{
        build::{self, BuildArgs},
        publish,
        serve::{ListenArgs, Server},
    },
    config::Config,
    place::{DataArgs, explained},
    report::Report,
};
use anyhow::Context;
use packyard_build::Release as Built;
use packyard_client::Receipt;
use packyard_repo::{Access, Incoming, Limits, Release, Source, Yard};
use packyard_server::InstallLines;
use packyard_types::{ArtifactName, ChannelName, ComponentName, DistributionName, Ecosystem};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Arguments of `packyard up`.
#[derive(Debug, clap::Args)]
pub struct UpArgs {
    /// The project
    #[arg(default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    listen: ListenArgs,
}

/// Runs it until the process is asked to end.
pub fn run(args: UpArgs, report: &Report) -> anyhow::Result<()> {
    let project = BuildArgs {
        dir: args.project,
        ..BuildArgs::default()
    };
    // What is wrong with the project is said before anything is written anywhere.
    let plan = build::planned(&project, report)?;
    let bound = Server::open(&args.data)?.bind(&args.listen.over(Config::default()))?;
    let dist = tempfile::tempdir().context("making a temporary directory")?;
    let built = build::make(&plan, dist.path(), report)?;
    let channel = ChannelName::main();
    let receipt =
        bound
            .server
            .runtime
            .block_on(publish_to(&bound.server.yard, &channel, &built, dist.path()))?;
    drop(dist);
    report.step(publish::tell(&receipt, &channel));
    if report.is_json() {
        report.result(&receipt, String::new)?;
    }
    bound.serve(report, |base| {
        report.result(&(), || {
            how_to_install(&InstallLines::new(base, &channel), &receipt)
        })
    })
}

async fn publish_to(
    yard: &Yard,
    channel: &ChannelName,
    built: &Built,
    dist: &Path,
) -> anyhow::Result<Receipt> {
    let mut artifacts = Vec::new();
    for artifact in &built.artifacts {
        let path = artifact.path(dist);
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        artifacts.push(Incoming {
            name: ArtifactName::parse(name)?,
            distribution: Some(artifact.distribution.clone()),
            component: Some(artifact.component.clone()),
            source: Source::File(path),
            uploaded_at: None,
        });
    }
    let release = Release {
        channel: channel.clone(),
        artifacts,
        note: None,
        if_revision: None,
        skip_refused: false,
    };
    let receipt = yard
        .publish(&Access::Local, release, &Limits::default())
        .await
        .map_err(explained)?;
    // The shape of the API's answer is the one shape of a receipt.
    serde_json::from_value(serde_json::to_value(&receipt)?).context("reading the receipt")
}

/// The install lines of INTERFACE.md for what was published, with the real address.
fn how_to_install(install: &InstallLines, receipt: &Receipt) -> String {
    let any = DistributionName::any();
    let first = |ecosystem: Ecosystem| {
        receipt
            .artifacts
            .iter()
            .find(|a| a.filename.kind().ecosystem() == ecosystem)
            .map(|a| {
                (
                    a.filename.package(),
                    a.component.parse().unwrap_or(ComponentName::main()),
                )
            })
    };
    let mut lines = Vec::new();
    if let Some((package, _)) = first(Ecosystem::Pip) {
        lines.push(format!("pip    {}", install.pip(package)));
    }
    if let Some((package, component)) = first(Ecosystem::Apt) {
        let components = BTreeSet::from([component]);
        lines.push(format!("apt    {}", install.apt_line(&any, &components)));
        let commands = install.apt(&any, &components, package);
        lines.extend(commands.iter().map(|l| format!("       {l}")));
    }
    if let Some((package, _)) = first(Ecosystem::Yum) {
        lines.push(format!("yum    {}", install.yum_line(&any)));
        lines.extend(install.dnf(&any, package).iter().map(|l| format!("       {l}")));
    }
    lines.push("Ctrl-C stops the server.".to_owned());
    lines.join("\n")
}
