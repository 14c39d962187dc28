//! `packyard publish`: artifacts become visible together, in one revision.

use crate::{
    place::{ChannelArgs, PlaceArgs},
    report::{Report, Usage},
};
use anyhow::{Context, bail};
use packyard_client::{Api, Receipt, ReleaseArtifact, ReleaseRequest};
use packyard_types::{Alias, ArtifactName, ChannelName, ComponentName, Digest, Hasher, Revision};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Arguments of `packyard publish`.
#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    /// Artifacts; a directory that `packyard build` wrote; or DISTRIBUTION=FILE
    #[arg(required = true, value_name = "FILE|DIR|D=FILE")]
    what: Vec<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    channel: ChannelArgs,
    /// The distribution of those that name none [default: any]
    #[arg(long, value_name = "D")]
    distribution: Option<Alias>,
    /// apt's component of those that name none [default: main]
    #[arg(long, value_name = "K")]
    component: Option<ComponentName>,
    /// Why, or what for; kept in the log
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Fail if the channel changed after this revision
    #[arg(long, value_name = "N")]
    if_revision: Option<u64>,
    /// Add to a draft
    #[arg(long, value_name = "ID", conflicts_with = "commit", hide = true)]
    draft: Option<String>,
    /// Commit a draft
    #[arg(long, value_name = "ID", hide = true)]
    commit: Option<String>,
}

/// A file to be published, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// On disk.
    pub path: PathBuf,
    /// Its name.
    pub name: ArtifactName,
    /// The OS release, where one is named.
    pub distribution: Option<Alias>,
    /// apt's component, where one is named.
    pub component: Option<ComponentName>,
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
    distribution: Option<Alias>,
    component: Option<ComponentName>,
}

/// Runs it.
pub fn run(args: &PublishArgs, report: &Report) -> anyhow::Result<()> {
    if args.draft.is_some() || args.commit.is_some() {
        let text = "drafts are not there yet\nhint: publish all artifacts with one command";
        return Err(Usage(text.to_owned()).into());
    }
    let mut wanted = Vec::new();
    for what in &args.what {
        wanted.extend(find(what)?);
    }
    for w in &mut wanted {
        w.distribution = w.distribution.take().or_else(|| args.distribution.clone());
        w.component = w.component.take().or_else(|| args.component.clone());
    }
    let api = args.place.api_to_publish()?;
    let if_revision = args.if_revision.map(Revision);
    let receipt = publish(
        &api,
        &args.channel.channel,
        &wanted,
        args.note.clone(),
        if_revision,
        report,
    )?;
    report.result(&receipt, || tell(&receipt, &args.channel.channel))
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
    let mut artifacts = Vec::with_capacity(wanted.len());
    for w in wanted {
        let sha256 = hash(&w.path)?;
        report.step(format_args!("uploading {} to {}", w.name, api.place()));
        api.put_blob(channel, &sha256, &w.path)?;
        artifacts.push(ReleaseArtifact {
            filename: w.name.clone(),
            sha256,
            distribution: w.distribution.as_ref().map(ToString::to_string),
            component: w.component.as_ref().map(ToString::to_string),
        });
    }
    Ok(api.release(
        channel,
        &ReleaseRequest {
            artifacts,
            note,
            if_revision,
        },
    )?)
}

/// What a person reads of a receipt.
pub fn tell(receipt: &Receipt, channel: &ChannelName) -> String {
    let mut lines = Vec::new();
    for a in &receipt.artifacts {
        let state = if a.new { "published" } else { "unchanged" };
        lines.push(format!("{state:<10} {} ({})", a.filename, a.distribution));
    }
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
        let distribution = Alias::parse(distribution).map_err(|e| Usage(e.to_string()))?;
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
    let name = ArtifactName::parse(filename)?;
    Ok(Wanted {
        path: path.to_owned(),
        name,
        distribution: None,
        component: None,
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
            bail!(
                "`{}` has changed since it was built\nhint: run `packyard build` again",
                path.display()
            );
        }
        (w.distribution, w.component) = (entry.distribution, entry.component);
        wanted.push(w);
    }
    Ok(wanted)
}

fn hash(path: &Path) -> anyhow::Result<Digest> {
    let reading = || format!("reading `{}`", path.display());
    let mut file = std::fs::File::open(path).with_context(reading)?;
    let mut hasher = Hasher::new();
    std::io::copy(&mut file, &mut hasher).with_context(reading)?;
    Ok(hasher.finish().digest)
}
