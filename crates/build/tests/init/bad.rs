//! What is wrong is said with its place, and nothing is written.

use crate::room::{Room, holds};
use packyard_build::{init, write_initial};
use std::fs;

fn refused(files: &[(&str, &str)]) -> String {
    let room = Room::of(files);
    let error = init(&room.root(), None).unwrap_err().to_string();
    let left: usize = walk(&room.root());
    assert_eq!(left, files.len(), "{error}");
    error
}

fn walk(dir: &std::path::Path) -> usize {
    let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    entries
        .map(|path| if path.is_dir() { walk(&path) } else { 1 })
        .sum()
}

#[test]
fn a_project_file_is_never_overwritten() {
    holds(
        &refused(&[("packyard.toml", "")]),
        &["`packyard.toml` is there already", "hint: "],
    );
    let pyproject = "[project]\nname = 'x'\n[tool.packyard.package]\nlicense = 'MIT'\n";
    holds(
        &refused(&[("pyproject.toml", pyproject)]),
        &["[tool.packyard]", "pyproject.toml:3:7", "hint: "],
    );
    // Nor one that came while it was found out.
    let room = Room::of(&[("x", "")]);
    let found = init(&room.root(), None).unwrap();
    room.write("packyard.toml", "mine");
    let error = write_initial(&room.root(), &found).unwrap_err().to_string();
    holds(&error, &["is there already"]);
    assert_eq!(
        fs::read_to_string(room.root().join("packyard.toml")).unwrap(),
        "mine"
    );
}

#[test]
fn files_that_cannot_be_read_are_shown_where_they_are_wrong() {
    for (name, text, said) in [
        ("nfpm.yaml", "name: lamp\ncontents: [\n", "not valid YAML"),
        ("nfpm.yaml", "name: lamp\nname: light\n", "nfpm.yaml:2:1"),
        (
            "nfpm.yaml",
            "name: [lamp]\n",
            "`name` must be a text\n --> nfpm.yaml:1:7",
        ),
        (
            "nfpm.yaml",
            "name: lamp\ncontents: all\n",
            "`contents` must be a list\n --> nfpm.yaml:2:11",
        ),
        (
            "nfpm.yaml",
            "name: lamp\ncontents:\n  - src: x\n",
            "has no `dst`\n --> nfpm.yaml:3:5",
        ),
        ("package.json", "{\n  \"name\": lamp\n}\n", "package.json:2:11"),
        ("Cargo.toml", "[package]\nname = lamp\n", "Cargo.toml:2:8"),
        ("go.mod", "go 1.21\n", "go.mod:1:1"),
        ("pyproject.toml", "[project\n", "pyproject.toml:1:"),
    ] {
        let error = refused(&[(name, text)]);
        holds(&error, &[said]);
        assert_eq!(
            error.matches(" --> ").count(),
            1 + error.matches("note: ").count(),
            "{error}"
        );
    }
}

#[test]
fn what_the_project_file_has_no_room_for_is_left_out_and_not_written() {
    let room = Room::of(&[(
        "nfpm.yaml",
        "name: lamp\nsection: default\nhomepage: nowhere\ncontents:\n  - {src: a, dst: /b/../c}\n",
    )]);
    let found = init(&room.root(), None).unwrap();
    for what in [
        "section = \"default\"",
        "homepage = \"nowhere\"",
        "source = \"a\" target = \"/b/../c\"",
    ] {
        assert!(
            found.left_out.iter().any(|left| left.what.contains(what)),
            "{what}: {found:?}"
        );
    }
    let keys: Vec<&str> = found
        .text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    assert_eq!(keys, ["[package]", "name = \"lamp\""]);
}
