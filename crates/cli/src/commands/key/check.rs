//! `packyard key check`: what clients of today refuse about a key.

use super::rotate::ForArg;
use crate::{
    place::{DataArgs, is_yard, open, runtime},
    report::{Report, counted},
};
use anyhow::{Context, ensure};
use packyard_formats::check::Severity;
use packyard_repo::keys::lint::{Linted, lint};
use packyard_types::{KeyUse, Timestamp};
use serde_json::{Value, json};
use std::{io::Read as _, path::PathBuf};

/// Arguments of `packyard key check`.
#[derive(Debug, clap::Args)]
pub struct CheckKeyArgs {
    /// A public or private key, armoured or not; `-` is standard input [default: the published keys of the data directory]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
    /// What the key is for
    #[arg(long = "for", value_name = "apt|yum")]
    signs: Option<ForArg>,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
}

/// Runs it.
pub fn run(args: &CheckKeyArgs, report: &Report) -> anyhow::Result<()> {
    let now = (packyard_server::system_clock())();
    let all = if args.files.is_empty() {
        of_yard(&args.data, now)?
    } else {
        of_files(args, now)?
    };
    let shown: Vec<Value> = all.iter().map(|(file, l)| described(file, l)).collect();
    report.result(&json!({ "keys": shown }), || {
        let lines = all.iter().map(|(file, linted)| plain(file, linted));
        lines.collect::<Vec<_>>().join("\n")
    })?;
    let count = |severity| {
        let findings = all.iter().flat_map(|(_, l)| &l.findings);
        findings.filter(|f| f.severity() == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    ensure!(
        errors == 0 && !(args.strict && warnings > 0),
        "{}, {} in {}",
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(all.len(), "key")
    );
    Ok(())
}

fn of_files(args: &CheckKeyArgs, now: Timestamp) -> anyhow::Result<Vec<(String, Linted)>> {
    let mut all = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let reading = || format!("reading `{name}`");
        let bytes = if file.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).with_context(reading)?;
            bytes
        } else {
            std::fs::read(file).with_context(reading)?
        };
        let signs = args.signs.map(ForArg::signs);
        all.extend(lint(&bytes, signs, now).into_iter().map(|l| (name.clone(), l)));
    }
    Ok(all)
}

/// The published keys of a yard, each for what it is used for.
fn of_yard(data: &DataArgs, now: Timestamp) -> anyhow::Result<Vec<(String, Linted)>> {
    let dir = data.dir()?;
    let root = dir.root().display().to_string();
    ensure!(
        is_yard(&dir),
        "there is no yard in `{root}`\nhint: name a FILE, or a yard with --data DIR"
    );
    let runtime = runtime()?;
    let yard = open(&runtime, dir)?;
    let mut all = Vec::new();
    for signs in KeyUse::ALL {
        let text = yard.public_keys(signs).map_err(crate::place::explained)?;
        let linted = lint(text.as_bytes(), Some(signs), now);
        all.extend(
            linted
                .into_iter()
                .map(|l| (format!("{root} ({})", signs.as_str()), l)),
        );
    }
    Ok(all)
}

fn described(file: &str, linted: &Linted) -> Value {
    json!({
        "file": file,
        "fingerprint": linted.fingerprint,
        "algorithm": linted.algorithm,
        "user_id": linted.user_id,
        "findings": linted.findings,
    })
}

fn plain(file: &str, linted: &Linted) -> String {
    let what = format!("{} {} {}", linted.fingerprint, linted.algorithm, linted.user_id);
    if linted.findings.is_empty() {
        return format!("{file}: {}: ok", what.replace(char::is_control, " "));
    }
    let line = |f: &packyard_formats::check::Finding| {
        let line = f.to_string().replace(char::is_control, " ");
        format!("{file}: {line}")
    };
    linted.findings.iter().map(line).collect::<Vec<_>>().join("\n")
}
