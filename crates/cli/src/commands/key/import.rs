//! `packyard key import`: the private keys of another repository become those of a yard. In an empty directory they are
//! its first keys; a yard that has keys begins a rotation to them.

use super::{
    described, lines,
    rotate::{BEGUN, ForArg, tell},
};
use crate::{
    place::{PlaceArgs, is_yard},
    report::{Report, Usage},
};
use anyhow::{Context, bail};
use packyard_repo::keys::{KeySet, lint};
use packyard_types::KeyUse;
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path, path::PathBuf};

/// Arguments of `packyard key import`.
#[derive(Debug, clap::Args)]
pub struct ImportKeyArgs {
    /// Private keys without a passphrase, as `gpg --armor --export-secret-keys` or `packyard key generate` writes them
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    place: PlaceArgs,
    /// What they are for [default: an RSA key for yum, another for apt]
    #[arg(long = "for", value_name = "apt|yum", value_delimiter = ',')]
    uses: Vec<ForArg>,
}

/// Runs it.
pub fn run(args: &ImportKeyArgs, report: &Report) -> anyhow::Result<()> {
    let uses: Vec<KeyUse> = args.uses.iter().map(|u| u.signs()).collect();
    into_yard(&args.file, &args.place, &uses, report)
}

/// Takes the keys of a file over: as the first ones of a new yard, else as the next ones of one that has some.
pub fn into_yard(file: &Path, place: &PlaceArgs, uses: &[KeyUse], report: &Report) -> anyhow::Result<()> {
    let dir = place.data_dir().ok_or_else(|| {
        Usage(
            "a private key is not sent to a server\nhint: run this on the server's machine, with --data DIR"
                .to_owned(),
        )
    })??;
    let keys = read(file, uses, report)?;
    if !is_yard(&dir) {
        let missing: Vec<&str> = KeyUse::ALL
            .iter()
            .filter(|signs| !keys.public().any(|(s, ..)| s == **signs))
            .map(|signs| signs.as_str())
            .collect();
        if !missing.is_empty() {
            bail!(
                "a new yard needs a key for apt and one for yum; `{}` holds none for {}\nhint: an RSA key can do both: \
                 --for apt,yum; else let the yard make its keys, and rotate to this one",
                file.display(),
                missing.join(" or ")
            );
        }
        dir.create().map_err(crate::place::explained)?;
        keys.save(&dir.keys())?;
        return report.result(&described(&keys), || {
            format!(
                "a yard in `{}` will begin with\n{}",
                dir.root().display(),
                lines(&keys)
            )
        });
    }
    let added = keys.add(&dir.keys())?;
    let fingerprints: BTreeSet<String> = keys.public().map(|(_, f, _)| f).collect();
    let signs: BTreeSet<KeyUse> = keys.public().map(|(s, ..)| s).collect();
    let body = json!({ "keys": fingerprints, "for": signs });
    let api = place.api()?;
    match api.post("keys/rotation", &body) {
        Ok(done) => tell(&done, BEGUN, report),
        Err(refusal) => {
            // An answer that was lost may have been a yes: only what the yard does not name is taken away.
            if let Ok(published) = api.get::<Value>("keys") {
                let published = published.to_string();
                for (signs, fingerprint, _) in added.public() {
                    if !published.contains(&fingerprint) {
                        KeySet::remove(&dir.keys(), signs, &fingerprint)?;
                    }
                }
            }
            Err(refusal.into())
        }
    }
}

/// The private keys of a file; what is wrong with them is said, and what a client refuses is refused.
fn read(file: &Path, uses: &[KeyUse], report: &Report) -> anyhow::Result<KeySet> {
    let text = std::fs::read_to_string(file).with_context(|| {
        format!(
            "reading `{}`, which should be armoured text (gpg --armor --export-secret-keys)",
            file.display()
        )
    })?;
    let now = (packyard_server::system_clock())();
    let mut refused = 0;
    for linted in lint::lint(text.as_bytes(), None, now) {
        for finding in &linted.findings {
            report.step(format_args!("{}: {finding}", file.display()));
        }
        refused += usize::from(linted.refused());
    }
    if refused > 0 {
        bail!(
            "`{}` is not imported: a client of today would refuse it",
            file.display()
        );
    }
    let keys = KeySet::from_text(&text, &format!("`{}`", file.display()))?;
    let keys = if uses.is_empty() {
        keys
    } else {
        keys.used_for(uses)
    };
    for signs in uses {
        if !keys.public().any(|(s, ..)| s == *signs) {
            bail!(
                "`{}` holds no key that can sign for {}\nhint: rpm needs RSA",
                file.display(),
                signs.as_str()
            );
        }
    }
    Ok(keys)
}
