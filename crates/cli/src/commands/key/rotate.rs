//! `packyard key rotate` and `packyard key revoke`.

use super::states;
use crate::{place::PlaceArgs, report::Report};
use packyard_types::KeyUse;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What keys are for, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ForArg {
    /// Release files
    Apt,
    /// repomd.xml and packages
    Yum,
}

impl ForArg {
    /// As the yard calls it.
    pub fn signs(self) -> KeyUse {
        match self {
            Self::Apt => KeyUse::Apt,
            Self::Yum => KeyUse::Yum,
        }
    }
}

/// Arguments of `packyard key rotate`.
#[derive(Debug, clap::Args)]
pub struct RotateArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Only the keys for this [default: both]
    #[arg(long = "for", value_name = "apt|yum", value_delimiter = ',')]
    uses: Vec<ForArg>,
    /// Take the new keys from a file of private keys, instead of making them; only with a data directory
    #[arg(long, value_name = "FILE", conflicts_with_all = ["finish", "cancel"])]
    import: Option<PathBuf>,
    /// End the overlap: the new keys sign alone, the old ones stay published
    #[arg(long, conflicts_with_all = ["cancel", "uses"])]
    finish: bool,
    /// Give the new keys up again
    #[arg(long, conflicts_with = "uses")]
    cancel: bool,
}

/// Arguments of `packyard key revoke`.
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// The fingerprint of a former key, or the end of it
    #[arg(value_name = "FINGERPRINT")]
    fingerprint: String,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs `packyard key rotate`.
pub fn run(args: &RotateArgs, report: &Report) -> anyhow::Result<()> {
    let uses: Vec<KeyUse> = args.uses.iter().map(|u| u.signs()).collect();
    let (done, said): (Value, &str) = if args.finish {
        let done = args.place.api()?.post("keys/rotation/finish", &json!({}))?;
        (
            done,
            "the new keys sign alone; the former ones stay in key.asc until `packyard key revoke`",
        )
    } else if args.cancel {
        let done = args.place.api()?.delete_for("keys/rotation")?;
        (done, "the new keys are given up")
    } else if let Some(file) = &args.import {
        return super::import::into_yard(file, &args.place, &uses, report);
    } else {
        report.step("making keys");
        (begin(args, &uses)?, BEGUN)
    };
    tell(&done, said, report)
}

/// What is to be known when a rotation has begun.
pub const BEGUN: &str = "old and new keys sign together, and key.asc holds both; when every client has the new ones: packyard key rotate --finish";

fn begin(args: &RotateArgs, uses: &[KeyUse]) -> anyhow::Result<Value> {
    let body = json!({ "for": uses });
    Ok(args.place.api()?.post("keys/rotation", &body)?)
}

/// Runs `packyard key revoke`.
pub fn revoke(args: &RevokeArgs, report: &Report) -> anyhow::Result<()> {
    let name = args.fingerprint.replace(' ', "");
    let done: Value = args.place.api()?.delete_for(&format!("keys/{name}"))?;
    tell(
        &done,
        "it is in no key.asc any longer; clients that have it keep it until it is taken from them",
        report,
    )
}

/// What became of a change of the keys.
pub fn tell(done: &Value, said: &str, report: &Report) -> anyhow::Result<()> {
    report.result(done, || {
        let revision = &done["revision"];
        format!("{}\n{said}\nthe yard is at revision {revision}", states(done))
    })
}
