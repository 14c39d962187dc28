//! Wrong units, one each: what a build says of them, at which place, and that it says nothing else.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

mod around;
mod given;
mod said;

use packyard_build::{BuildError, Options, Plan, plan};
use packyard_types::ArtifactKind;
use std::fs;
use tempfile::TempDir;

/// A project without Python that holds a program, and whatever these files are.
fn project(packyard: &str, files: &[(&str, &str)]) -> TempDir {
    let packyard = format!(
        "[package]\nname = 'demo-app'\nsummary = 'demonstration'\nlicense = 'MIT'\n\
         maintainer = 'Ada Sample <ada@example.org>'\n[[file]]\nsource = 'demo-app'\ntarget = '/usr/bin/demo-app'\n\
         mode = '0755'\n{packyard}"
    );
    let dir = tempfile::tempdir().unwrap();
    let all = [
        ("packyard.toml", packyard.as_str()),
        ("demo-app", "#!/bin/sh\n"),
        ("CHANGELOG.rst", "1.1\n^^^\n22-Mar-2019\n\n* x\n"),
    ];
    for (name, text) in all.iter().chain(files) {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn try_plan(dir: &TempDir, distribution: Option<&str>) -> Result<Plan, BuildError> {
    let mut options = Options {
        formats: vec![ArtifactKind::Deb, ArtifactKind::Rpm],
        ..Options::default()
    };
    if let Some(name) = distribution {
        options.distributions = vec![name.parse().unwrap()];
        options.formats.clear();
    }
    plan(dir.path(), &options)
}

/// The project is refused with one diagnostic: the message, then `FILE:LINE:COLUMN` and what is underlined, then the
/// hint.
#[track_caller]
fn refused(dir: &TempDir, message: &str, place: &str, hint: &str) {
    let error = try_plan(dir, None).unwrap_err();
    let BuildError::Project(problems) = &error else {
        panic!("{error}");
    };
    assert_eq!(problems.len(), 1, "{error}");
    let problem = &problems[0];
    let at = problem
        .place
        .as_deref()
        .unwrap_or_else(|| panic!("{error} has no place"));
    let underlined: String = at.source.chars().skip(at.column - 1).take(at.width).collect();
    let shown = format!("{}:{}:{} {underlined}", at.file, at.line, at.column);
    assert_eq!((problem.message.as_str(), shown.as_str()), (message, place));
    let said = problem.hint.as_deref().unwrap_or_default();
    assert!(said.contains(hint), "{said}");
}

/// Lines 10 and up of a project file.
fn keys(packyard: &str, message: &str, place: &str, hint: &str) {
    refused(&project(packyard, &[]), message, place, hint);
}

const SERVICE: &str = "[[service]]\nname = 'demo-app'\nexec = '/usr/bin/demo-app'\n";

fn service(more: &str, message: &str, place: &str, hint: &str) {
    keys(&format!("{SERVICE}{more}"), message, place, hint);
}

/// A unit file that the project file takes as it is.
fn given(name: &str, text: &str, message: &str, place: &str, hint: &str) {
    let table = name.rsplit_once('.').unwrap().1;
    let packyard = format!("[[{table}]]\nunit = '{name}'\n");
    refused(&project(&packyard, &[(name, text)]), message, place, hint);
}
