//! `packyard build`.

use crate::{git, report::Report};
use anyhow::Context as _;
use packyard_build::{BuiltArtifact, Checkout, Listing, Options, Plan, Progress, Release};
use packyard_types::{ArtifactKind, DistributionName, ProjectName, ReleaseVersion, Timestamp};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Arguments of `packyard build`.
#[derive(Debug, Default, clap::Args)]
#[command(disable_version_flag = true)]
pub struct BuildArgs {
    /// The project
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// What to make: sdist, wheel, deb, rpm, srpm, dsc [default: the first four, as far as the project can be them]
    #[arg(long, value_name = "F,..", value_delimiter = ',', value_parser = format)]
    pub format: Vec<ArtifactKind>,
    /// Build for these distributions, each into a directory of its own
    #[arg(long = "for", value_name = "D,..", value_delimiter = ',')]
    pub distributions: Vec<DistributionName>,
    /// Where the artifacts go [default: dist in the project]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The version, where the project leaves it open
    #[arg(long, value_name = "V", conflicts_with = "snapshot")]
    pub version: Option<ReleaseVersion>,
    /// The next version with .devN: what lies between two releases, numbered by git's commits
    #[arg(long)]
    pub snapshot: bool,
    /// Say what would be made and what it would hold
    #[arg(long)]
    pub list: bool,
}

fn format(text: &str) -> Result<ArtifactKind, String> {
    let known = [
        ArtifactKind::Sdist,
        ArtifactKind::Wheel,
        ArtifactKind::Deb,
        ArtifactKind::Dsc,
        ArtifactKind::Rpm,
        ArtifactKind::Srpm,
    ];
    match known.into_iter().find(|kind| kind.as_str() == text) {
        Some(kind) => Ok(kind),
        None => Err("it can be sdist, wheel, deb, rpm, srpm or dsc".into()),
    }
}

/// Runs it.
pub fn run(args: &BuildArgs, report: &Report) -> anyhow::Result<()> {
    let plan = planned(args, report)?;
    if args.list {
        let listings = packyard_build::list(&plan)?;
        return report.result(&listings, || {
            listings.iter().map(listing).collect::<Vec<_>>().join("\n")
        });
    }
    let out = args.out();
    let release = make(&plan, &out, report)?;
    if report.is_json() {
        return report.result(&release, String::new);
    }
    report.step(format_args!("in {}: release.json lists them", out.display()));
    Ok(())
}

impl BuildArgs {
    /// Where the artifacts go.
    pub fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| self.dir.join("dist"))
    }
}

/// What a build depends on: the arguments, the environment and what git says.
pub fn options(args: &BuildArgs) -> anyhow::Result<Options> {
    let epoch = source_date_epoch()?;
    let mut options = Options {
        formats: args.format.clone(),
        distributions: args.distributions.clone(),
        version: args.version.clone(),
        snapshot: args.snapshot,
        checkout: None,
        source_date: epoch.or_else(|| git::commit_date(&args.dir)),
        latest_date: epoch,
        backend_limit: backend_limit()?,
        pip_settings: pip_settings(|name| std::env::var(name).ok()),
    };
    if packyard_build::needs_checkout(&args.dir, &options) {
        options.checkout = checkout(args)?;
    }
    Ok(options)
}

/// Plans what the arguments ask for, and passes on what the user should know.
pub fn planned(args: &BuildArgs, report: &Report) -> anyhow::Result<Plan> {
    let options = options(args)?;
    let plan = packyard_build::plan(&args.dir, &options)?;
    for note in &plan.notes {
        report.step(format_args!("note: {note}"));
    }
    Ok(plan)
}

/// Makes what was planned in `out`, with a line for each artifact.
pub fn make(plan: &Plan, out: &Path, report: &Report) -> anyhow::Result<Release> {
    let mut begun = Instant::now();
    let bar = report.bar(plan.artifacts.len());
    let release = packyard_build::build(plan, out, |progress| match progress {
        Progress::Begin(planned) => {
            begun = Instant::now();
            bar.set_message(planned.name.to_string());
        }
        Progress::Made(built) => {
            bar.suspend(|| report.step(made(built, begun)));
            bar.inc(1);
        }
    });
    bar.finish_and_clear();
    Ok(release?)
}

fn made(built: &BuiltArtifact, begun: Instant) -> String {
    let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
    let mut text = format!(
        "built {:<48} {:>9} {milliseconds:>7.1} ms",
        built.file,
        size(built.blob.size_bytes)
    );
    for beside in &built.beside {
        let size = size(beside.blob.size_bytes);
        text.push_str(&format!("\n   with {:<47} {size:>9}", beside.file));
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "a size for people has three digits")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn listing(listing: &Listing) -> String {
    let mut text = format!("{}\n", listing.artifact);
    for file in &listing.files {
        let size = file.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
        text.push_str(&format!("  {:04o} {size:>9} {}\n", file.mode, file.path));
    }
    text
}

/// What git says. An sdist has no git and needs none: its PKG-INFO says the version.
fn checkout(args: &BuildArgs) -> anyhow::Result<Option<Checkout>> {
    let name = packyard_build::project_name(&args.dir).ok();
    let project = name.and_then(|name| ProjectName::parse(&name).ok());
    match git::checkout(&args.dir, project.as_ref()) {
        Err(_) if !args.snapshot && args.dir.join("PKG-INFO").is_file() => Ok(None),
        found => found.map(Some),
    }
}

/// `SOURCE_DATE_EPOCH`, where it is set.
fn source_date_epoch() -> anyhow::Result<Option<Timestamp>> {
    let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let seconds = text
        .parse()
        .with_context(|| format!("SOURCE_DATE_EPOCH is `{text}`, which is no number of seconds"))?;
    Ok(Some(Timestamp::from_unix_seconds(seconds)))
}

/// `PACKYARD_BACKEND_TIMEOUT`, where it is set: how many seconds a build backend may take.
fn backend_limit() -> anyhow::Result<Option<Duration>> {
    let Ok(text) = std::env::var("PACKYARD_BACKEND_TIMEOUT") else {
        return Ok(None);
    };
    let seconds = text
        .parse()
        .with_context(|| format!("PACKYARD_BACKEND_TIMEOUT is `{text}`, which is no number of seconds"))?;
    Ok(Some(Duration::from_secs(seconds)))
}

/// What uv is told of indexes, in the words of pip, which fetches the wheels of a bundle. pip's own variables go before.
fn pip_settings(variable: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    // `NAME=URL` is how uv names an index.
    let url = |word: &str| match word.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => url.to_owned(),
        _ => word.to_owned(),
    };
    // Directories and URLs of `UV_FIND_LINKS` are separated by commas.
    let urls = |text: String| {
        text.split([' ', ',', '\n'])
            .filter(|word| !word.is_empty())
            .map(url)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let words = [
        ("PIP_INDEX_URL", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"]),
        ("PIP_EXTRA_INDEX_URL", ["UV_INDEX", "UV_EXTRA_INDEX_URL"]),
        ("PIP_FIND_LINKS", ["UV_FIND_LINKS", "UV_FIND_LINKS"]),
        ("PIP_NO_INDEX", ["UV_NO_INDEX", "UV_NO_INDEX"]),
    ];
    let told = words.into_iter().filter_map(|(own, others)| {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let other = others.into_iter().find_map(set)?;
        set(own).is_none().then(|| (own.to_owned(), urls(other)))
    });
    told.collect()
}
