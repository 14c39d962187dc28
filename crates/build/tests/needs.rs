//! What a build says of a project that lacks what a .deb and an .rpm need, and how it understands licences.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{Options, Plan, plan};
use packyard_types::ArtifactKind;
use std::fs;
use tempfile::TempDir;

/// A project with these keys in `[project]`, and a changelog where that is wanted.
fn project(keys: &str, changelog: bool) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("demo")).unwrap();
    fs::write(dir.path().join("demo/__init__.py"), "").unwrap();
    let text = format!(
        "[project]\nname = 'demo'\nversion = '1.0'\n{keys}\n[tool.setuptools]\npackages = ['demo']\n"
    );
    fs::write(dir.path().join("pyproject.toml"), text).unwrap();
    if changelog {
        fs::write(dir.path().join("CHANGELOG.md"), "## 1.0 - 2019-03-22\n\n- x\n").unwrap();
    }
    dir
}

fn planned(dir: &TempDir) -> Plan {
    plan(dir.path(), &Options::default()).unwrap()
}

fn error(dir: &TempDir) -> String {
    plan(dir.path(), &Options::default()).unwrap_err().to_string()
}

const ADA: &str = "authors = [{name = 'Ada Sample', email = 'ada@example.org'}]\n";

#[test]
fn all_that_is_missing_is_told_at_once_and_python_needs_none_of_it() {
    let dir = project("", false);
    let said = error(&dir);
    for part in [
        "`demo` has no changelog",
        "nobody is named as the maintainer",
        "`demo` names no licence, which an .rpm needs",
        "\n`--format sdist,wheel` needs none of it",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
    let options = Options {
        formats: vec![ArtifactKind::Sdist, ArtifactKind::Wheel],
        ..Options::default()
    };
    assert_eq!(plan(dir.path(), &options).unwrap().artifacts.len(), 2);
}

#[test]
fn an_author_without_a_mail_address_is_shown_where_they_are_named() {
    let dir = project("license = 'MIT'\nauthors = [{name = 'Nia Newcomer'}]", true);
    let said = error(&dir);
    for part in [
        "the author `Nia Newcomer` has no mail address",
        "--> pyproject.toml:5:21",
        "add `email = \"…\"`",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
}

#[test]
fn a_well_known_spelling_of_a_licence_is_understood_and_told() {
    let dir = project(&format!("{ADA}license = {{text = 'GPL v2 or later'}}"), true);
    let plan = planned(&dir);
    assert_eq!(plan.artifacts.len(), 4);
    let note = "the licence `GPL v2 or later` is understood as GPL-2.0-or-later";
    assert!(plan.notes.iter().any(|said| said == note), "{:?}", plan.notes);
}

#[test]
fn a_licence_that_can_be_more_than_one_is_shown_with_the_candidates() {
    let said = error(&project(&format!("{ADA}license = {{text = 'BSD'}}"), true));
    for part in [
        "the licence `BSD` can be more than one",
        "--> pyproject.toml:5:20",
        "write BSD-3-Clause or BSD-2-Clause",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
    let said = error(&project(&format!("{ADA}license = 'GPLv3'"), true));
    assert!(said.contains("write GPL-3.0-only or GPL-3.0-or-later"), "{said}");
    let said = error(&project(&format!("{ADA}license = 'GPL-2+'"), true));
    assert!(said.contains("write `GPL-2.0-or-later`"), "{said}");
}
