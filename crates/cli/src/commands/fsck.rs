//! `packyard fsck`: is everything there, and what it says it is? And what to do where it is not.

mod url;

use super::export::target::{Bucket, Target};
use crate::{
    place::{DataArgs, explained, runtime},
    report::{Report, counted},
};
use packyard_repo::{DataDir, DirectorySpare, Fsck, FsckReport, Spare};
use packyard_server::system_clock;
use std::{str::FromStr, sync::Arc};
use tokio::runtime::Runtime;
use url::UrlSpare;

/// Arguments of `packyard fsck`.
#[derive(Debug, clap::Args)]
pub struct FsckArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Put right what can be put right; what is replaced goes to DIR/damaged/
    #[arg(long)]
    repair: bool,
    /// Where sound copies are: a backup, another data directory, an export or a server; may be given several times
    #[arg(long, value_name = "DIR|URL|s3://BUCKET/PREFIX", requires = "repair")]
    from: Vec<From>,
}

/// Where sound copies are, as it is typed.
#[derive(Debug, Clone)]
pub enum From {
    /// A server, or a web server that shows a backup or an export.
    Url(String),
    /// A directory or a bucket.
    Place(Target),
}

impl FromStr for From {
    type Err = crate::report::Usage;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.starts_with("http://") || s.starts_with("https://") {
            return Ok(Self::Url(s.trim_end_matches('/').to_owned()));
        }
        Ok(Self::Place(s.parse()?))
    }
}

impl From {
    fn open(&self, runtime: &Runtime) -> anyhow::Result<Arc<dyn Spare>> {
        Ok(match self {
            Self::Url(url) => Arc::new(UrlSpare::new(url)),
            Self::Place(Target::Directory(dir)) => {
                anyhow::ensure!(dir.is_dir(), "there is no directory `{}`", dir.display());
                Arc::new(DirectorySpare::new(dir))
            }
            Self::Place(target @ Target::Bucket { .. }) => {
                Arc::new(Bucket::new(target.open(runtime)?, runtime.handle().clone()))
            }
        })
    }
}

/// Runs it.
pub fn run(args: &FsckArgs, report: &Report) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let dir = args.data.dir()?;
    let spares: Vec<_> = args
        .from
        .iter()
        .map(|from| from.open(&runtime))
        .collect::<Result<_, _>>()?;
    if spares.is_empty() {
        there(&dir)?;
    }
    let check = Fsck {
        dir,
        at: system_clock()(),
        repair: args.repair,
        spares,
    };
    let found = runtime.block_on(check.run()).map_err(explained)?;
    report.result(&found, || tell(&found))?;
    match found.findings.len() {
        0 => Ok(()),
        n => anyhow::bail!("{} found", counted(n, "problem")),
    }
}

/// To check a yard does not make one; a yard without `meta.json` is one that is damaged.
fn there(dir: &DataDir) -> anyhow::Result<()> {
    if dir.store().join("log").is_dir() {
        return Ok(());
    }
    crate::place::existing(dir.clone()).map(drop)
}

fn tell(found: &FsckReport) -> String {
    let mut lines: Vec<String> = found
        .repaired
        .iter()
        .map(|r| format!("repaired {}: {}\n  {}", r.object, r.problem, r.how))
        .collect();
    for f in &found.findings {
        lines.push(format!("{}: {}", f.object, f.problem));
        lines.extend(f.needed_by.iter().map(|what| format!("  needed by {what}")));
        if !f.mend.is_empty() {
            lines.push(format!("  hint: {}", f.mend));
        }
    }
    lines.extend(found.notes.iter().map(|note| format!("note: {note}")));
    let problems = match found.findings.len() {
        0 => "all well".to_owned(),
        n => counted(n, "problem"),
    };
    lines.push(format!(
        "{} log entries, {} blobs, {} index files, {} trees rendered anew, {} records, {} keys: {problems}",
        found.entries, found.blobs, found.index_files, found.rendered, found.records, found.keys
    ));
    lines.join("\n")
}
