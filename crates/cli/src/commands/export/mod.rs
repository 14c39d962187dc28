//! `packyard export`: a channel as a static tree, which any web server or host of pages serves.

mod adopt;
mod manifest;
mod plan;
pub mod target;
mod write;

use crate::{
    place::{self, PlaceArgs},
    report::{Report, Usage},
    span,
};
use anyhow::bail;
use manifest::Manifest;
use packyard_client::{ExportFile, ExportList, LostArtifact, Turn};
use packyard_store::{Found, Site};
use packyard_types::{Blob, ChannelName, ChannelRef, ServedPath};
use plan::{Trust, leaving};
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use target::Target;
use tokio::runtime::Runtime;
use write::Writer;

/// Arguments of `packyard export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The channel; CHANNEL@N for what it held at revision N
    channel: String,
    /// Where to: a directory, or s3://BUCKET/PREFIX
    #[arg(value_name = "DIR|s3://BUCKET/PREFIX")]
    target: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// Where the copy will be served; the set-up files for clients name it [default: that of the export before]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Read and hash every file that is there, instead of trusting sizes and times
    #[arg(long)]
    verify: bool,
    /// How long packages and index files stay after the channel has dropped them
    #[arg(long, value_name = "TIME", default_value = "72h", value_parser = span::seconds)]
    grace: u64,
    /// Go on with a copy that another yard has made: publish here first what it holds
    #[arg(long)]
    adopt: bool,
    /// Say what would be done
    #[arg(long)]
    dry_run: bool,
}

/// What was done, or would be.
#[derive(Debug, Serialize)]
struct Outcome {
    channel: ChannelName,
    revision: packyard_types::Revision,
    place: String,
    dry_run: bool,
    /// Artifacts that were published here because the copy held them.
    adopted: Vec<String>,
    written: Vec<ServedPath>,
    written_bytes: u64,
    unchanged: usize,
    /// Those of the written ones that somebody else had changed or removed.
    repaired: Vec<ServedPath>,
    removed: BTreeSet<ServedPath>,
    /// The channel held it at the revision, and it is gone since: indexes name it, and it is not here.
    lost: Vec<LostArtifact>,
    /// No longer part of the channel, and kept for clients that are half-way.
    kept_for_now: usize,
}

/// Runs it.
pub fn run(args: &ExportArgs, report: &Report) -> anyhow::Result<()> {
    let target: Target = args.target.parse()?;
    let grace_seconds = i64::try_from(args.grace)?;
    let (name, _) = args.channel.split_once('@').unwrap_or((&args.channel, ""));
    let channel = ChannelName::parse(name).map_err(|e| Usage(e.to_string()))?;
    let url = args.public_url.as_deref().map(place::url).transpose()?;
    let api = args.place.api()?;
    // What is wrong with the channel is said before a directory is made.
    let _: Value = api.get(&format!("channels/{channel}"))?;
    let runtime = place::runtime()?;
    let site = target.open(&runtime)?;
    let there = runtime.block_on(site.list())?;
    let known = known(&runtime, &*site, &there, &channel)?;
    let url = url.or_else(|| known.as_ref().and_then(|m| m.public_url.clone()));
    let mut list = api.export_list(&args.channel, url.as_deref())?;
    let mut adopted = Vec::new();
    if let Some(known) = known.as_ref().filter(|k| k.yard != list.yard) {
        if !args.adopt {
            bail!(
                "`{}` is a copy of channel {channel} of another yard\nhint: choose another place, or go on with it: \
                 --adopt publishes here what it holds, and then exports both",
                site.place()
            );
        }
        adopted = adopt::adopt(&api, &runtime, &*site, known, &list, args.dry_run, report)?;
        if !adopted.is_empty() && !args.dry_run {
            list = api.export_list(&args.channel, url.as_deref())?;
        }
    }
    if !site.is_remote() {
        list.files.insert(0, no_jekyll());
    }
    let mut manifest = known.unwrap_or_else(|| Manifest::new(&channel, &list.yard));
    if manifest.yard != list.yard {
        manifest.yard.clone_from(&list.yard);
        manifest.complete = false;
    }
    manifest.public_url = url;
    let at = ChannelRef {
        channel,
        at: Some(list.revision),
    };
    let writer = Writer::new(&api, &runtime, Arc::clone(&site), at, manifest, there);
    let mut outcome = export(args, writer, &list, grace_seconds, report)?;
    outcome.adopted = adopted;
    report.result(&outcome, || tell(&outcome))
}

fn export(
    args: &ExportArgs,
    mut writer: Writer<'_>,
    list: &ExportList,
    grace_seconds: i64,
    report: &Report,
) -> anyhow::Result<Outcome> {
    let trust = match (args.verify, writer.site.is_remote()) {
        (true, _) => Trust::Digests,
        (false, true) => Trust::StampsAlone,
        (false, false) => Trust::Stamps,
    };
    let before = writer.manifest.clone();
    let missing = writer.missing(list, trust)?;
    let now = (packyard_server::system_clock())();
    let wanted: BTreeSet<&ServedPath> = list.files.iter().map(|f| &f.path).collect();
    let leaving = leaving(&before, &wanted, &writer.there, now, grace_seconds);
    let is_repaired = |f: &&ExportFile| {
        let entry = before.files.get(&f.path);
        entry.is_some_and(|e| e.blob == f.blob && e.gone.is_none())
    };
    let outcome = Outcome {
        channel: writer.at.channel.clone(),
        revision: list.revision,
        place: writer.site.place(),
        dry_run: args.dry_run,
        adopted: Vec::new(),
        written: missing.iter().map(|f| f.path.clone()).collect(),
        written_bytes: missing.iter().map(|f| f.blob.size_bytes).sum(),
        unchanged: list.files.len() - missing.len(),
        repaired: missing
            .iter()
            .filter(is_repaired)
            .map(|f| f.path.clone())
            .collect(),
        removed: leaving.remove.clone(),
        lost: list.lost.clone(),
        kept_for_now: leaving.stay.len(),
    };
    if args.dry_run {
        return Ok(outcome);
    }
    let (runtime, site) = (writer.runtime, Arc::clone(&writer.site));
    runtime.block_on(site.begin())?;
    let done = (|| {
        if !missing.is_empty() {
            // From here on the place is ours, and says that it is being worked on.
            writer.manifest.complete = false;
            writer.save()?;
        }
        writer.write(&missing, &report.bar(missing.len()))?;
        writer.manifest.complete = true;
        writer.manifest.revision = list.revision;
        writer.manifest.artifacts.clone_from(&list.artifacts);
        for (path, since) in leaving.stay {
            let entry = writer.manifest.files.get_mut(&path);
            entry.expect("what leaves is in the manifest").gone = Some(since);
        }
        writer
            .manifest
            .files
            .retain(|path, _| !leaving.lost.contains(path));
        if writer.manifest != before {
            writer.save()?;
        }
        if !leaving.remove.is_empty() {
            writer.remove(&leaving.remove)?;
            writer.save()?;
        }
        anyhow::Ok(())
    })();
    let ended = runtime.block_on(site.end());
    done?;
    ended?;
    Ok(outcome)
}

/// The manifest of a copy that is there; none where there is nothing. Anything else is not ours to write to.
fn known(
    runtime: &Runtime,
    site: &dyn Site,
    there: &BTreeMap<ServedPath, Found>,
    channel: &ChannelName,
) -> anyhow::Result<Option<Manifest>> {
    let place = site.place();
    let Some(bytes) = runtime.block_on(site.read(&Manifest::path()))? else {
        if let Some(first) = there.keys().next() {
            bail!(
                "`{place}` is not empty, and no export has written it: there is `{first}`\n\
                 hint: choose an empty or a new directory; an export removes what its channel no longer holds"
            );
        }
        return Ok(None);
    };
    let manifest = Manifest::parse(&bytes, &place)?;
    if manifest.channel != *channel {
        bail!(
            "`{place}` is a copy of channel {}, not of {channel}\nhint: each channel has a directory of its own",
            manifest.channel
        );
    }
    Ok(Some(manifest))
}

/// Hosts of pages that run Jekyll leave out what it does not know; this file tells them not to.
fn no_jekyll() -> ExportFile {
    ExportFile {
        path: ServedPath::parse(".nojekyll").expect("it is a path of one part"),
        blob: Blob::of(b""),
        turn: Turn::Package,
        immutable: false,
        content_type: "text/plain".to_owned(),
        text: Some(String::new()),
    }
}

fn tell(o: &Outcome) -> String {
    let mut lines = Vec::new();
    let would = if o.dry_run { "would be " } else { "" };
    for name in &o.adopted {
        lines.push(format!("{would}taken over  {name}"));
    }
    for path in &o.repaired {
        lines.push(format!(
            "{would}repaired  {path} (it had been changed or removed)"
        ));
    }
    for lost in &o.lost {
        let reason = match lost.reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        lines.push(format!(
            "missing  {} (it is gone since revision {}{reason})",
            lost.filename, lost.revision
        ));
    }
    let mut counts = format!(
        "{} files {would}written ({} bytes), {} unchanged, {} {would}removed",
        o.written.len(),
        o.written_bytes,
        o.unchanged,
        o.removed.len()
    );
    if o.kept_for_now > 0 {
        counts.push_str(&format!(", {} kept for now", o.kept_for_now));
    }
    lines.push(counts);
    let is = if o.dry_run { "would be" } else { "is" };
    lines.push(format!(
        "channel {} {is} at revision {} in {}",
        o.channel, o.revision, o.place
    ));
    lines.join("\n")
}
