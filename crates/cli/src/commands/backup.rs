//! `packyard backup`: the yard as it is, into a directory or a bucket, while it is served.

use super::export::target::Target;
use crate::{
    place::{DataArgs, existing, explained, runtime},
    report::{Report, Usage, counted},
};
use anyhow::Context as _;
use packyard_repo::{BackedUp, Backup};
use packyard_server::system_clock;
use std::{fs, io, os::unix::fs::DirBuilderExt as _, path::Path};

/// Arguments of `packyard backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// Where to: a directory, or s3://BUCKET/PREFIX; a second run copies only what is new
    #[arg(value_name = "DIR|s3://BUCKET/PREFIX")]
    to: Target,
    #[command(flatten)]
    data: DataArgs,
    /// Copy the private keys too, mode 0600: a backup without them can be served, and not published to
    #[arg(long)]
    with_keys: bool,
    /// Delete from the backup what was purged or given up here
    #[arg(long)]
    prune: bool,
}

/// Runs it.
pub fn run(args: &BackupArgs, report: &Report) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let dir = existing(args.data.dir()?)?;
    if let Target::Directory(to) = &args.to {
        let (to, from) = (std::path::absolute(to)?, std::path::absolute(dir.root())?);
        if to.starts_with(&from) {
            let text =
                "a backup inside the data directory is lost with it\nhint: choose a place on another disk";
            return Err(Usage(text.to_owned()).into());
        }
        make_private(&to).with_context(|| format!("making `{}`", to.display()))?;
    }
    let backup = Backup {
        dir,
        site: args.to.open(&runtime)?,
        with_keys: args.with_keys,
        prune: args.prune,
        at: system_clock()(),
    };
    let done = runtime.block_on(backup.run()).map_err(explained)?;
    report.result(&done, || tell(&done))?;
    if done.damaged.is_empty() {
        return Ok(());
    }
    let count = counted(done.damaged.len(), "damaged file");
    anyhow::bail!("{count} not copied\nhint: `packyard fsck` says what depends on what is damaged")
}

/// Makes the directory where it is missing, for its owner only: it will hold what private channels hold.
fn make_private(dir: &Path) -> io::Result<()> {
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

fn tell(done: &BackedUp) -> String {
    let mut lines: Vec<String> = done
        .damaged
        .iter()
        .map(|what| format!("not copied: {what}"))
        .collect();
    lines.push(format!(
        "{} holds revision {} ({} before): {} of {} bytes copied, {} there already",
        done.place,
        done.revision,
        done.before,
        counted(done.copied, "file"),
        done.copied_bytes,
        done.there
    ));
    if done.pruned > 0 {
        lines.push(format!("{} pruned", counted(done.pruned, "file")));
    }
    lines.push(match done.keys {
        0 => "without private keys: what is served from it can be installed from, and not published to"
            .to_owned(),
        n => format!("with {}: keep it as you keep the keys", counted(n, "private key")),
    });
    lines.join("\n")
}
