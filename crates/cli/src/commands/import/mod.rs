//! `packyard import`: what another repository or a directory holds comes into a channel, in one release.
//!
//! 1. **Look**: each source is recognised by what lies there, and what it holds is listed ([`look`], [`layouts`]).
//! 2. **Plan**: what is wanted, what is there twice, what cannot be hosted ([`plan`]; pure).
//! 3. **Send**: what the yard does not have; then one release that leaves out what is refused ([`send`]).
//!    A dry run asks and reads instead, and comes to the same verdicts ([`rehearse`]).
//! 4. **Report**: everything that did not go in is named with its reason ([`outcome`]).

mod documents;
mod fetched;
mod layouts;
mod look;
mod outcome;
mod plan;
mod rehearse;
mod root;
mod send;
mod signatures;
mod sources;

use crate::{
    place::{ChannelArgs, PlaceArgs},
    report::Report,
};
use anyhow::bail;
use packyard_types::{ComponentName, DistributionName, ForeignSignatures};
use std::path::PathBuf;

/// Bring in what another repository or a directory holds
///
/// A source is a directory or a URL. What it is, is found out by looking: an apt repository (reprepro, aptly, any
/// `dists/*/Release`), a yum repository (`repodata/repomd.xml`), a simple index of Python packages, a devpi export
/// (`dataindex.json`), a packyard export, or any directory of .deb, .rpm, .whl and .tar.gz files. An apt repository that
/// is a URL is given as its distribution's directory (`http://HOST/debian/dists/bookworm/`), with `--distribution`, or
/// as an apt source in one argument ("http://HOST/debian bookworm main").
///
/// Running it twice changes nothing, and an import that was cut off goes on where it was. Packages that are listed
/// twice with the same bytes go in once. Exit code 0 says that everything that can be hosted is in the channel; 1 that
/// something damaged or contradictory was left out (it is listed, and the rest went in). Debian source packages come from a
/// directory, .dsc with the files that it names; those of a URL are passed over.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ImportArgs {
    /// Directories and URLs
    #[arg(required = true, value_name = "DIR|URL")]
    sources: Vec<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
    /// Of an apt repository: only this distribution. Else: where what names none goes [default: any]
    #[arg(long, value_name = "D")]
    distribution: Option<DistributionName>,
    /// Of an apt repository: only this component. Else: where what names none goes [default: main]
    #[arg(long, value_name = "K")]
    component: Option<ComponentName>,
    /// First set what becomes of .rpms that somebody else has signed: keep, replace or refuse
    #[arg(long, value_name = "WAY")]
    foreign_signatures: Option<ForeignSignatures>,
    /// First add an armoured public key to those whose signatures of .rpms are kept; may be given several times
    #[arg(long = "package-key", value_name = "FILE")]
    package_keys: Vec<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Why, or what for; kept in the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Runs it.
pub fn run(args: &ImportArgs, report: &Report) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    for source in &args.sources {
        let found = look::look(source, args.distribution.as_ref(), args.component.as_ref())?;
        for layout in &found.layouts {
            report.step(format_args!(
                "{}: {}, {} files",
                layout.at, layout.kind, layout.count
            ));
        }
        seen.push(found);
    }
    let defaults = (args.distribution.clone(), args.component.clone());
    let plan = plan::plan(seen, &defaults, &send::hashed)?;
    let outcome = if args.dry_run {
        rehearse::rehearse(args, plan, report)?
    } else {
        send::send(args, plan, report)?
    };
    report.result(&outcome, || outcome.tell())?;
    match outcome.left_out.len() {
        0 => Ok(()),
        1 => bail!(
            "1 file was left out\nhint: mend it, or leave it; the same import again takes what is mended"
        ),
        n => bail!(
            "{n} files were left out\nhint: mend them, or leave them; the same import again takes what is mended"
        ),
    }
}
