//! `packyard init`.

use super::changelog;
use crate::report::Report;
use packyard_build::{Diagnostic, Initial, LeftOut};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Arguments of `packyard init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The project
    #[arg(default_value = ".")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct Written<'a> {
    file: &'a str,
    read: &'a [String],
    left_out: &'a [LeftOut],
    fill_in: Vec<FillIn>,
    changelog: bool,
    awaited: &'a [String],
    refused: &'a [Diagnostic],
}

#[derive(Serialize)]
struct FillIn {
    key: &'static str,
    needed_for: &'static str,
}

/// Runs it.
pub fn run(args: &InitArgs, report: &Report) -> anyhow::Result<()> {
    let author = changelog::who(&args.dir);
    let initial = packyard_build::init(&args.dir, author)?;
    packyard_build::write_initial(&args.dir, &initial)?;
    let path = args.dir.join("packyard.toml").display().to_string();
    for left in &initial.left_out {
        report.step(format_args!("left out: {}{}: {}", at(left), left.what, left.why));
    }
    let fill_in = initial.missing.iter();
    let written = Written {
        file: &path,
        read: &initial.read,
        left_out: &initial.left_out,
        fill_in: fill_in
            .map(|(key, needed_for)| FillIn { key, needed_for })
            .collect(),
        changelog: initial.has_changelog,
        awaited: &initial.awaited,
        refused: &initial.refused,
    };
    report.result(&written, || path.clone())?;
    if !report.is_json() {
        for (key, needed_for) in &initial.missing {
            report.step(format_args!("fill in: `{key}` in [package]: {needed_for}"));
        }
        if !initial.has_changelog {
            report.step(format_args!(
                "a .deb and an .rpm need a changelog: {}",
                begin(&args.dir, &initial)
            ));
        }
        for source in &initial.awaited {
            report.step(format_args!("to be made before a build: {source}"));
        }
        for problem in &initial.refused {
            report.step(format_args!("`packyard build` refuses it yet: {problem}"));
        }
        if initial.is_tried
            && initial.refused.is_empty()
            && initial.awaited.is_empty()
            && initial.missing.is_empty()
            && initial.has_changelog
        {
            report.step("`packyard build` builds it");
        }
    }
    Ok(())
}

fn at(left: &LeftOut) -> String {
    let place = left.place.as_ref();
    place
        .map(|place| format!("{}:{}:{}: ", place.file, place.line, place.column))
        .unwrap_or_default()
}

/// The command that begins a changelog.
fn begin(dir: &Path, initial: &Initial) -> String {
    let dir = if dir == Path::new(".") {
        String::new()
    } else {
        format!(" {}", dir.display())
    };
    let version = &initial.version;
    format!("packyard changelog add --create --version {version}{dir} 'First release.'")
}
