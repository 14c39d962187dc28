//! `packyard key`: the signing keys of a yard, made, judged, shown, replaced and carried to where they are needed.
//!
//! `PACKYARD_SIGNING_KEY` holds the private keys as one text, or names a file that does. A yard that is opened while it
//! is set signs with them, and does not write them to the disk. No private key goes through the JSON API: `import` works
//! on the data directory, and asks the API for what is to be done with what it has laid there.

mod check;
mod import;
mod rotate;

use crate::{
    place::{DataArgs, PlaceArgs},
    report::{Report, Usage},
};
use anyhow::{Context, bail};
use packyard_repo::keys::{self, KeyLine, KeySet};
use serde_json::{Value, json};
use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

const VARIABLE: &str = "PACKYARD_SIGNING_KEY";

/// `packyard key …`
#[derive(Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Print a yard's keys: which sign, which will, which did
    Show(ShowKeyArgs),
    /// Make the private keys of a yard, for PACKYARD_SIGNING_KEY
    Generate(GenerateArgs),
    /// Take over the private keys of another repository
    Import(import::ImportKeyArgs),
    /// Print a data directory's public keys, or, to be kept as a secret, the private ones
    Export(ExportKeyArgs),
    /// Replace the signing keys: old and new ones sign together until `--finish`
    Rotate(rotate::RotateArgs),
    /// Stop handing out a key that signs no more
    Revoke(rotate::RevokeArgs),
    /// Say what gpgv, sqv and rpm of today refuse about a key
    Check(check::CheckKeyArgs),
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
    place: PlaceArgs,
}

/// Runs a subcommand.
pub fn run(command: &KeyCommand, report: &Report) -> anyhow::Result<()> {
    match command {
        KeyCommand::Show(args) => show(args, report),
        KeyCommand::Generate(args) => {
            let user_id = args.user_id.trim();
            if user_id.is_empty() || user_id.chars().any(packyard_types::is_unseen) {
                return Err(Usage("a user id is one line of text".to_owned()).into());
            }
            let now = (packyard_server::system_clock())();
            let keys = KeySet::generate(&mut rand::thread_rng(), now, user_id)?;
            give(&keys.bundle()?, args.out.as_deref(), &keys, report)
        }
        KeyCommand::Import(args) => import::run(args, report),
        KeyCommand::Export(args) => {
            let keys = of_directory(&args.data)?;
            let text = if args.private {
                keys.bundle()?
            } else {
                public(&args.data, &keys)?
            };
            give(&text, args.out.as_deref(), &keys, report)
        }
        KeyCommand::Rotate(args) => rotate::run(args, report),
        KeyCommand::Revoke(args) => rotate::revoke(args, report),
        KeyCommand::Check(args) => check::run(args, report),
    }
}

/// The keys of `PACKYARD_SIGNING_KEY`, where it is set: the text itself, or the name of a file.
pub fn given() -> anyhow::Result<Option<KeySet>> {
    let Some(value) = std::env::var_os(VARIABLE).filter(|v| !v.is_empty()) else {
        return Ok(None);
    };
    let text = value.to_string_lossy();
    if text.contains("-----BEGIN") {
        return Ok(Some(KeySet::from_bundle(&text, VARIABLE)?));
    }
    let read = std::fs::read_to_string(Path::new(&value));
    let text = read.with_context(|| {
        format!("{VARIABLE} is neither the text of private keys nor a file that can be read")
    })?;
    Ok(Some(KeySet::from_bundle(
        &text,
        &format!("the file of {VARIABLE}"),
    )?))
}

/// What a yard publishes; before there is one, what would sign for it.
fn show(args: &ShowKeyArgs, report: &Report) -> anyhow::Result<()> {
    let place = &args.place;
    if let (None, None, Some(keys)) = (&place.data, &place.server, given()?) {
        return report.result(&described(&keys), || lines(&keys));
    }
    if let Some(api) = place.api_if_there()? {
        let keys: Value = api.get("keys")?;
        return report.result(&keys, || states(&keys));
    }
    let data = DataArgs {
        data: place.data.clone(),
    };
    let keys = of_directory(&data)?;
    report.result(&described(&keys), || lines(&keys))
}

fn of_directory(data: &DataArgs) -> anyhow::Result<KeySet> {
    let dir = data.dir()?.keys();
    match KeySet::load(&dir)? {
        Some(keys) => Ok(keys),
        None => bail!(
            "there are no signing keys in `{}`\nhint: `packyard serve` makes them; `packyard key generate` makes them for CI",
            dir.display()
        ),
    }
}

/// The public keys of a data directory: what the yard there publishes, else the halves of the private ones.
fn public(data: &DataArgs, keys: &KeySet) -> anyhow::Result<String> {
    let dir = data.dir()?;
    if crate::place::is_yard(&dir) {
        let runtime = crate::place::runtime()?;
        let yard = crate::place::open(&runtime, dir)?;
        return yard.public_keys_together().map_err(crate::place::explained);
    }
    Ok(keys::join_public(keys.public().map(|(_, _, key)| key))?)
}

/// Prints a text, or writes it to a file that was not there before.
fn give(text: &str, out: Option<&Path>, keys: &KeySet, report: &Report) -> anyhow::Result<()> {
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

fn described(keys: &KeySet) -> Value {
    let line = |k: &KeyLine| json!({ "signs": k.signs, "algorithm": k.algorithm, "fingerprint": k.fingerprint, "user_id": k.user_id });
    json!({ "keys": keys.lines().iter().map(line).collect::<Vec<_>>() })
}

fn lines(keys: &KeySet) -> String {
    let line = |k: &KeyLine| {
        format!(
            "{:<4} {:<8} {}  {}",
            k.signs.as_str(),
            k.algorithm,
            k.fingerprint,
            k.user_id
        )
    };
    keys.lines().iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The keys of an answer of the API, one a line.
fn states(answer: &Value) -> String {
    let text = |key: &Value, field: &str| key[field].as_str().unwrap_or_default().to_owned();
    let line = |key: &Value| {
        let absent = match (key["held"].as_bool(), key["state"].as_str()) {
            (Some(false), Some("current" | "next")) => "  (its private half is not here)",
            _ => "",
        };
        format!(
            "{:<4} {:<8} {:<8} {}  {}{absent}",
            text(key, "signs"),
            text(key, "state"),
            text(key, "algorithm"),
            text(key, "fingerprint"),
            text(key, "user_id")
        )
    };
    let all = answer["keys"].as_array().into_iter().flatten();
    all.map(line).collect::<Vec<_>>().join("\n")
}
