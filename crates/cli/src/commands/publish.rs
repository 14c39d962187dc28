//! `packyard publish`: artifacts become visible together, in one revision.

mod parts;

use crate::{
    place::{ChannelArgs, PlaceArgs},
    report::{Report, Usage, counted},
};
use anyhow::{Context, bail};
use packyard_client::{Api, Draft, Receipt, ReleaseArtifact, ReleaseRequest};
use packyard_types::{
    Alias, ArtifactKind, ArtifactName, ChannelName, ComponentName, Digest, DistributionName, DraftId, Hasher,
    Invalid, Revision,
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Arguments of `packyard publish`.
#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    /// Artifacts; a directory that `packyard build` wrote; or DISTRIBUTION=FILE
    #[arg(required_unless_present = "commit", value_name = "FILE|DIR|D=FILE")]
    what: Vec<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
    /// The distribution of those that name none [default: any]
    #[arg(long, value_name = "D", value_parser = distribution)]
    distribution: Option<String>,
    /// apt's component of those that name none [default: main]
    #[arg(long, value_name = "K")]
    component: Option<ComponentName>,
    /// Why, or what for; kept in the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Fail if the channel changed after this revision
    #[arg(long, value_name = "N")]
    if_revision: Option<u64>,
    /// Add to a draft instead; nothing is visible until it is committed
    #[arg(long, value_name = "ID", conflicts_with_all = ["commit", "note", "if_revision"])]
    draft: Option<DraftId>,
    /// Publish what a draft holds, and the files that are named here, as one release
    #[arg(long, value_name = "ID")]
    commit: Option<DraftId>,
}

/// A file to be published, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// On disk.
    pub path: PathBuf,
    /// Its name.
    pub name: ArtifactName,
    /// The OS release, where one is named, by its name or an alias.
    pub distribution: Option<String>,
    /// apt's component, where one is named.
    pub component: Option<ComponentName>,
    /// The digest of its bytes, where they have been read already.
    pub digest: Option<Digest>,
}

/// `release.json`, as much of it as counts here: what `packyard build` writes, or the bare list that a script makes.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReleaseFile {
    Document { artifacts: Vec<ReleaseFileEntry> },
    List(Vec<ReleaseFileEntry>),
}

#[derive(Deserialize)]
struct ReleaseFileEntry {
    file: PathBuf,
    sha256: Digest,
    distribution: Option<DistributionName>,
    component: Option<ComponentName>,
}

/// Runs it.
pub fn run(args: &PublishArgs, report: &Report) -> anyhow::Result<()> {
    let mut wanted = Vec::new();
    for what in &args.what {
        wanted.extend(find(what)?);
    }
    for w in &mut wanted {
        w.distribution = w.distribution.take().or_else(|| args.distribution.clone());
        w.component = w.component.take().or_else(|| args.component.clone());
    }
    let api = args.place.api_to_publish()?;
    let channel = &args.channel.channel;
    let if_revision = args.if_revision.map(Revision);
    if let Some(draft) = &args.draft {
        let artifacts = send(&api, channel, &wanted, if_revision, report)?;
        let held = api.add_to_draft(channel, draft, &artifacts)?;
        return report.result(&held, || tell_draft(&held, &artifacts));
    }
    let receipt = match &args.commit {
        Some(draft) => {
            if !wanted.is_empty() {
                let artifacts = send(&api, channel, &wanted, if_revision, report)?;
                api.add_to_draft(channel, draft, &artifacts)?;
            }
            api.commit_draft(channel, draft, args.note.as_deref(), if_revision)?
        }
        None => publish(&api, channel, &wanted, args.note.clone(), if_revision, report)?,
    };
    report.result(&receipt, || tell(&receipt, channel))
}

/// Uploads the files, then asks for the release.
pub fn publish(
    api: &Api,
    channel: &ChannelName,
    wanted: &[Wanted],
    note: Option<String>,
    if_revision: Option<Revision>,
    report: &Report,
) -> anyhow::Result<Receipt> {
    let artifacts = send(api, channel, wanted, if_revision, report)?;
    let request = ReleaseRequest {
        artifacts,
        note,
        if_revision,
        skip_refused: false,
    };
    Ok(api.release(channel, &request)?)
}

/// Uploads those of the files that the yard does not have yet. What is certain to be refused is refused before.
fn send(
    api: &Api,
    channel: &ChannelName,
    wanted: &[Wanted],
    if_revision: Option<Revision>,
    report: &Report,
) -> anyhow::Result<Vec<ReleaseArtifact>> {
    let mut artifacts = Vec::with_capacity(wanted.len());
    let mut files = BTreeMap::new();
    for (w, sha256) in wanted.iter().zip(digests(wanted)?) {
        let beside = parts::of(w)?;
        files.extend(
            beside
                .iter()
                .map(|p| (p.sha256, w.path.with_file_name(p.filename.as_str()))),
        );
        files.insert(sha256, w.path.clone());
        artifacts.push(ReleaseArtifact {
            parts: beside,
            filename: w.name.clone(),
            sha256: Some(sha256),
            distribution: w.distribution.clone(),
            component: w.component.as_ref().map(ToString::to_string),
            uploaded_at: None,
            path: None,
        });
    }
    let needed = api.needed(channel, &artifacts, if_revision)?;
    for warning in &needed.warnings {
        report.step(format_args!("warning: {warning}"));
    }
    parts::must_be_there(&artifacts, &files, &needed.missing)?;
    let there = files.len();
    files.retain(|digest, _| needed.missing.contains(digest));
    if files.len() < there {
        let known = there - files.len();
        report.step(format_args!(
            "{known} of {} {} at {} already",
            counted(there, "file"),
            if there == 1 { "is" } else { "are" },
            api.place()
        ));
    }
    let files: Vec<(Digest, &Path)> = files.iter().map(|(d, path)| (*d, path.as_path())).collect();
    let bar = report.bar(files.len());
    api.upload(channel, &files, &|path| {
        bar.inc(1);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        bar.suspend(|| report.step(format_args!("uploaded {name} to {}", api.place())));
    })?;
    bar.finish_and_clear();
    Ok(artifacts)
}

/// The digests of the files; those that are not known yet are read by all cores.
fn digests(wanted: &[Wanted]) -> anyhow::Result<Vec<Digest>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = wanted.len().div_ceil(cores).max(1);
    let read = |part: &[Wanted]| -> anyhow::Result<Vec<Digest>> {
        let digest = |w: &Wanted| w.digest.map_or_else(|| hash(&w.path), Ok);
        part.iter().map(digest).collect()
    };
    let parts: Vec<anyhow::Result<Vec<Digest>>> = std::thread::scope(|scope| {
        let parts: Vec<_> = wanted
            .chunks(share)
            .map(|part| scope.spawn(move || read(part)))
            .collect();
        let ended = parts
            .into_iter()
            .map(|p| p.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        ended.collect()
    });
    let parts: Vec<Vec<Digest>> = parts.into_iter().collect::<anyhow::Result<_>>()?;
    Ok(parts.concat())
}

/// What a person reads of a draft after adding to it.
fn tell_draft(held: &Draft, added: &[ReleaseArtifact]) -> String {
    let mut lines = Vec::new();
    for a in &held.artifacts {
        let ours = added
            .iter()
            .any(|b| b.filename == a.filename && b.sha256 == Some(a.received));
        if ours {
            lines.push(format!("added      {} ({})", a.filename, a.distribution));
        }
    }
    let (draft, channel) = (&held.draft, &held.channel);
    lines.push(format!(
        "draft {draft} of channel {channel} holds {} and expires at {}",
        counted(held.artifacts.len(), "artifact"),
        held.expires_at
    ));
    lines.push(format!(
        "none of it is visible until `packyard publish --commit {draft} --channel {channel}`"
    ));
    lines.join("\n")
}

/// What a person reads of a receipt.
pub fn tell(receipt: &Receipt, channel: &ChannelName) -> String {
    let mut lines = Vec::new();
    for a in &receipt.artifacts {
        let state = if a.new { "published" } else { "unchanged" };
        lines.push(format!("{state:<10} {} ({})", a.filename, a.distribution));
    }
    lines.extend(
        receipt
            .warnings
            .iter()
            .map(|warning| format!("warning: {warning}")),
    );
    lines.push(match receipt.release {
        Some(id) => format!(
            "channel {channel} is at revision {}, release {id}",
            receipt.revision
        ),
        None => format!(
            "nothing changed: channel {channel} has all of it at revision {}",
            receipt.revision
        ),
    });
    lines.join("\n")
}

/// The files that one argument means.
pub fn find(what: &str) -> anyhow::Result<Vec<Wanted>> {
    let path = Path::new(what);
    if path.is_dir() {
        return in_directory(path);
    }
    if !path.exists()
        && let Some((distribution, file)) = what.split_once('=')
    {
        let distribution = self::distribution(distribution).map_err(|e| Usage(e.to_string()))?;
        if Path::new(file).is_dir() {
            let text = format!(
                "`{what}`: D=FILE takes one file\nhint: `--distribution {distribution} {file}` takes a directory"
            );
            return Err(Usage(text).into());
        }
        let mut wanted = one(Path::new(file))?;
        wanted.distribution = Some(distribution);
        return Ok(vec![wanted]);
    }
    Ok(vec![one(path)?])
}

fn one(path: &Path) -> anyhow::Result<Wanted> {
    if !path.is_file() {
        bail!(
            "`{}` is not there\nhint: give an artifact, or the directory that `packyard build` wrote",
            path.display()
        );
    }
    let filename = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    if filename.ends_with(".changes") {
        bail!(
            "`{}` is a list of what was built, and no package\nhint: send it with dput, or publish the .dsc and .debs that it names",
            path.display()
        );
    }
    let name = ArtifactName::parse(filename)?;
    Ok(Wanted {
        path: path.to_owned(),
        name,
        distribution: None,
        component: None,
        digest: None,
    })
}

/// What `release.json` lists; whatever else lies there is left alone.
fn in_directory(dir: &Path) -> anyhow::Result<Vec<Wanted>> {
    let list = dir.join("release.json");
    let text = std::fs::read_to_string(&list).with_context(|| {
        format!(
            "`{}` cannot be read\nhint: run `packyard build` first, or name the files",
            list.display()
        )
    })?;
    let release: ReleaseFile =
        serde_json::from_str(&text).with_context(|| format!("`{}` is not a release list", list.display()))?;
    let (ReleaseFile::Document { artifacts } | ReleaseFile::List(artifacts)) = release;
    let mut wanted = Vec::with_capacity(artifacts.len());
    for entry in artifacts {
        let path = dir.join(&entry.file);
        let mut w = one(&path)?;
        if hash(&path)? != entry.sha256 {
            let signed = if w.name.kind() == ArtifactKind::Dsc {
                let (dsc, dir) = (path.display(), dir.display());
                format!(
                    "; or, if it was signed since, publish it by name: packyard publish {dsc} {dir}/*.deb"
                )
            } else {
                String::new()
            };
            bail!(
                "`{}` has changed since it was built\nhint: run `packyard build` again{signed}",
                path.display()
            );
        }
        // What was built for no distribution goes where the command line says, if it does.
        let built_for = entry.distribution.filter(|d| !d.is_any());
        (w.distribution, w.component, w.digest) =
            (built_for.map(String::from), entry.component, Some(entry.sha256));
        wanted.push(w);
    }
    Ok(wanted)
}

/// What may name a distribution: its own name, or an alias, which may have upper case. Which it means, the yard says.
fn distribution(s: &str) -> Result<String, Invalid> {
    let plain = DistributionName::parse(s).map(drop);
    plain
        .or_else(|e| Alias::parse(s).map(drop).map_err(|_| e))
        .map(|()| s.to_owned())
}

fn hash(path: &Path) -> anyhow::Result<Digest> {
    let reading = || format!("reading `{}`", path.display());
    let mut file = std::fs::File::open(path).with_context(reading)?;
    let mut hasher = Hasher::new();
    std::io::copy(&mut file, &mut hasher).with_context(reading)?;
    Ok(hasher.finish().digest)
}
