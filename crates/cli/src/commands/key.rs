//! `packyard key`: the signing keys of a yard, made, shown and carried to where they are needed.
//!
//! `PACKYARD_SIGNING_KEY` holds both private keys as one text, or names a file that does. A yard that is opened while it
//! is set signs with them, and does not write them to the disk.

use crate::{
    place::DataArgs,
    report::{Report, Usage},
};
use anyhow::{Context, bail};
use packyard_repo::keys::Keys;
use serde_json::json;
use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

const VARIABLE: &str = "PACKYARD_SIGNING_KEY";

/// `packyard key …`
#[derive(Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Make the private keys of a yard, for PACKYARD_SIGNING_KEY
    Generate(GenerateArgs),
    /// Print a data directory's public keys, or, to be kept as a secret, the private ones
    Export(ExportKeyArgs),
    /// Print the fingerprints of PACKYARD_SIGNING_KEY, or of a data directory's keys
    Show(ShowKeyArgs),
}

/// Arguments of `packyard key generate`.
#[derive(Debug, clap::Args)]
pub struct GenerateArgs {
    /// Write them to a new file, which only this user can read [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Whose keys they are, as gpg and rpm show it
    #[arg(long, value_name = "TEXT", default_value = "packyard")]
    user_id: String,
}

/// Arguments of `packyard key export`.
#[derive(Debug, clap::Args)]
pub struct ExportKeyArgs {
    #[command(flatten)]
    data: DataArgs,
    /// The private keys, as PACKYARD_SIGNING_KEY takes them
    #[arg(long)]
    private: bool,
    /// Write to a new file, which only this user can read [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Arguments of `packyard key show`.
#[derive(Debug, clap::Args)]
pub struct ShowKeyArgs {
    #[command(flatten)]
    data: DataArgs,
}

/// Runs a subcommand.
pub fn run(command: &KeyCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        KeyCommand::Generate(args) => {
            let user_id = args.user_id.trim();
            if user_id.is_empty() || user_id.chars().any(char::is_control) {
                return Err(Usage("a user id is one line of text".to_owned()).into());
            }
            let now = (packyard_server::system_clock())();
            let keys = Keys::generate(&mut rand::thread_rng(), now, user_id)?;
            give(&keys.bundle()?, args.out.as_deref(), &keys, report)
        }
        KeyCommand::Export(args) => {
            let keys = of_directory(&args.data)?;
            let text = if args.private {
                keys.bundle()?
            } else {
                keys.public_both()
            };
            give(&text, args.out.as_deref(), &keys, report)
        }
        KeyCommand::Show(args) => {
            let keys = match (given()?, &args.data.data) {
                (Some(keys), None) => keys,
                _ => of_directory(&args.data)?,
            };
            report.result(&described(&keys), || lines(&keys))
        }
    }
}

/// The keys of `PACKYARD_SIGNING_KEY`, where it is set: the text itself, or the name of a file.
pub fn given() -> anyhow::Result<Option<Keys>> {
    let Some(value) = std::env::var_os(VARIABLE).filter(|v| !v.is_empty()) else {
        return Ok(None);
    };
    let text = value.to_string_lossy();
    if text.contains("-----BEGIN") {
        return Ok(Some(Keys::from_bundle(&text, VARIABLE)?));
    }
    let read = std::fs::read_to_string(Path::new(&value));
    let text = read.with_context(|| {
        format!("{VARIABLE} is neither the text of private keys nor a file that can be read")
    })?;
    Ok(Some(Keys::from_bundle(
        &text,
        &format!("the file of {VARIABLE}"),
    )?))
}

fn of_directory(data: &DataArgs) -> anyhow::Result<Keys> {
    let dir = data.dir()?.keys();
    match Keys::load(&dir)? {
        Some(keys) => Ok(keys),
        None => bail!(
            "there are no signing keys in `{}`\nhint: `packyard serve` makes them; `packyard key generate` makes them for CI",
            dir.display()
        ),
    }
}

/// Prints a text, or writes it to a file that was not there before.
fn give(text: &str, out: Option<&Path>, keys: &Keys, report: &Report) -> anyhow::Result<()> {
    let Some(path) = out else {
        return report.result(&json!({ "keys": text }), || text.to_owned());
    };
    let mut options = std::fs::OpenOptions::new();
    let writing = || format!("writing `{}`", path.display());
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(writing)?;
    file.write_all(text.as_bytes()).with_context(writing)?;
    file.sync_all().with_context(writing)?;
    report.result(&described(keys), || {
        format!("wrote {}\n{}", path.display(), lines(keys))
    })
}

fn described(keys: &Keys) -> serde_json::Value {
    let line = |k: &packyard_repo::keys::KeyLine| json!({ "signs": k.signs, "algorithm": k.algorithm, "fingerprint": k.fingerprint, "user_id": k.user_id });
    json!({ "keys": keys.lines().iter().map(line).collect::<Vec<_>>() })
}

fn lines(keys: &Keys) -> String {
    let line = |k: &packyard_repo::keys::KeyLine| {
        format!(
            "{:<4} {:<8} {}  {}",
            k.signs, k.algorithm, k.fingerprint, k.user_id
        )
    };
    keys.lines().iter().map(line).collect::<Vec<_>>().join("\n")
}
