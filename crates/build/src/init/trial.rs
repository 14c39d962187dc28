//! Whether a build takes what was found out. The project file is put through everything that a build reads and judges before
//! it makes anything; what it refuses of the file is left out, and what it refuses of the project's own files is told.

use super::{
    PROJECT_FILE,
    draft::{Draft, Table},
};
use crate::{
    BuildError, Diagnostic, Options, SourceText,
    changelog::{Changelog, Dialect},
    manifest::{HOOKS, Manifest},
    metadata::{Found, Kind},
    pattern::Pattern,
    plan, project, python,
};
use std::{collections::BTreeSet, path::Path};

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// Sources of the file that have to be made first.
    pub awaited: Vec<String>,
    /// What a build refuses, though it is nothing that the file could leave out.
    pub refused: Vec<Diagnostic>,
    /// Whether it is known: what only the project's build backend knows is not asked for.
    pub is_known: bool,
}

/// Takes out of a draft what a build would refuse. What is missing is taken for filled in.
pub(super) fn run(root: &Path, found: &Found, draft: &mut Draft) -> Result<Outcome, BuildError> {
    let mut outcome = Outcome {
        is_known: true,
        ..Outcome::default()
    };
    // The project's own files that are refused: without them the rest is judged.
    let mut aside = BTreeSet::new();
    let stand_in = draft.read.iter().find(|name| root.join(name).is_file()).cloned();
    loop {
        let mut trial = draft.clone();
        outcome.awaited = stand_ins(root, stand_in.as_deref(), &mut trial)?;
        fill_in(&mut trial);
        set_aside(&mut trial, &aside);
        let (text, owners) = trial.render();
        let mut problems = match attempt(root, found, &text, draft.version.as_deref()) {
            Attempt::Taken => return Ok(outcome),
            Attempt::Unknown => {
                outcome.is_known = false;
                return Ok(outcome);
            }
            Attempt::Refused(problems) => problems,
        };
        let is_own = |problem: &&Diagnostic| {
            let place = problem.place.as_deref();
            place.is_some_and(|place| place.file == PROJECT_FILE)
        };
        let first = problems.iter().find(is_own);
        if first.is_some_and(|problem| draft.refused(problem, &owners)) {
            continue;
        }
        let files = problems.iter().filter_map(|problem| problem.place.as_deref());
        let before = aside.len();
        aside.extend(files.map(|place| place.file.clone()));
        problems.retain(|problem| !outcome.refused.contains(problem));
        outcome.refused.extend(problems);
        if aside.len() == before {
            return Ok(outcome);
        }
    }
}

/// Takes units and scripts out.
fn set_aside(trial: &mut Draft, files: &BTreeSet<String>) {
    let is_aside = |path: Option<String>| path.is_some_and(|path| files.contains(&path));
    for table in trial
        .things
        .iter_mut()
        .filter(|table| is_aside(table.plain("unit")))
    {
        *table = Table::new(&table.head);
    }
    for hooks in &mut trial.scripts {
        for hook in HOOKS {
            if is_aside(hooks.plain(hook)) {
                hooks.remove(hook);
            }
        }
    }
}

enum Attempt {
    Taken,
    Refused(Vec<Diagnostic>),
    Unknown,
}

fn attempt(root: &Path, found: &Found, text: &str, version: Option<&str>) -> Attempt {
    let done = || {
        let manifest = Manifest::parse(&SourceText::new(PROJECT_FILE, text)).map_err(BuildError::Project)?;
        if matches!(found.kind, Kind::Backend(_))
            || python::native(root, &found.metadata, &found.kind)?.1.is_some()
        {
            return Ok(false);
        }
        let named = manifest.package.changelog.as_ref();
        let changelog = match project::read_changelog(root, named)? {
            Err(project::ChangelogTrouble::Missing) => Ok(begun(found, version)),
            other => other,
        };
        let options = Options::default();
        let project = project::gather_with(root, manifest, changelog, &options)?;
        plan::plan_of(project, &options)?;
        Ok(true)
    };
    match done() {
        Ok(true) => Attempt::Taken,
        Ok(false) => Attempt::Unknown,
        Err(BuildError::Project(problems)) => Attempt::Refused(problems),
        Err(other) => Attempt::Refused(vec![Diagnostic::new(other.to_string())]),
    }
}

/// A changelog as one that is begun now.
fn begun(found: &Found, version: Option<&str>) -> Changelog {
    let own = Some(found.metadata.core.version.as_str()).filter(|own| !own.is_empty());
    let log = |version: &str| {
        let text = format!("## {version} (2000-01-01)\n\n- First release.\n");
        Dialect::Markdown
            .parse(&SourceText::new("CHANGELOG.md", text))
            .ok()
    };
    own.or(version)
        .and_then(log)
        .or_else(|| log("0.1.0"))
        .expect("a heading and an item are a changelog")
}

/// Puts what is there in the place of sources that are not, so that all the rest is judged; says which they are.
fn stand_ins(root: &Path, stand_in: Option<&str>, trial: &mut Draft) -> Result<Vec<String>, BuildError> {
    let mut awaited = Vec::new();
    let targets: Vec<String> = trial
        .things
        .iter()
        .filter_map(|table| table.plain("target"))
        .collect();
    for table in trial.things.iter_mut().filter(|table| table.head == "[[file]]") {
        let Some(source) = table.plain("source") else {
            continue;
        };
        if root.join(&source).exists() {
            continue;
        }
        let pattern = Pattern::parse(&source);
        if let Some(pattern) = &pattern
            && !pattern.find(root)?.is_empty()
        {
            continue;
        }
        awaited.push(source.clone());
        let Some(stand_in) = stand_in else { continue };
        let target = table.plain("target").unwrap_or_default();
        // Where others are installed below it, it will be a directory.
        let below = format!("{}/", target.trim_end_matches('/'));
        let is_directory = !target.ends_with('/') && targets.iter().any(|other| other.starts_with(&below));
        let base = match &pattern {
            Some(_) if target.ends_with('/') => format!("awaited-{}", awaited.len()),
            _ if pattern.is_some() || is_directory => format!("/awaited-{}", awaited.len()),
            _ if target.ends_with('/') => source.rsplit('/').next().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        stand(table, stand_in, &format!("{target}{base}"));
    }
    Ok(awaited)
}

fn stand(table: &mut Table, source: &str, target: &str) {
    for (key, value) in [("source", source), ("target", target)] {
        table.remove(key);
        table.text(key, value);
    }
    table.text("mode", "0755");
}

/// What has to be filled in, as if it were.
fn fill_in(trial: &mut Draft) {
    for (key, _) in std::mem::take(&mut trial.missing) {
        let value = match key {
            "license" => "MIT",
            "maintainer" => "Nobody <nobody@example.org>",
            "name" => "project",
            _ => "What it is",
        };
        trial.package.text(key, value);
    }
}
