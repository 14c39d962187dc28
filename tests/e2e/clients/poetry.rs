//! poetry with a project of its own.

use std::process::Command;

use super::{Room, fetched_wheels, harbour, hash_of, next_ferries};
use crate::harness::{Outcome, StaticHost, Yard, run};

/// poetry with its settings, caches and environments in the room.
pub fn poetry(room: &Room) -> Command {
    let mut poetry = room.command("venv-managers/bin/poetry");
    for (name, place) in [("CONFIG", "config"), ("CACHE", "cache"), ("DATA", "data")] {
        poetry.env(format!("POETRY_{name}_DIR"), room.home().join(place));
    }
    poetry.env("POETRY_VIRTUALENVS_IN_PROJECT", "true");
    poetry.arg("--no-interaction");
    poetry
}

/// A project whose only source is this index.
pub fn project(index: &str) -> Room {
    let room = Room::with_environment();
    room.write(
        "pyproject.toml",
        &format!(
            "[project]\nname = \"fleet\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9,<4\"\n\
             dependencies = []\n[tool.poetry]\npackage-mode = false\n\
             [[tool.poetry.source]]\nname = \"yard\"\nurl = \"{index}\"\npriority = \"primary\"\n"
        ),
    );
    room
}

fn poetry_does(room: &Room, args: &[&str]) -> Outcome {
    run(poetry(room).args(args))
}

fn on(yard: &Yard) -> Room {
    project(&yard.url("/main/simple/"))
}

#[test]
fn poetry_adds_and_updates_a_dependency_and_refuses_what_is_not_there() {
    let yard = harbour();
    let room = on(&yard);
    poetry_does(&room, &["add", "ferry"]).ok();
    room.says("ferry", "ferry 1.0.0");
    let hash = hash_of(&yard, "ferry", "ferry-1.0.0-py3-none-any.whl");
    assert!(room.read("poetry.lock").contains(&hash));
    next_ferries(&yard);
    poetry_does(&room, &["update"])
        .ok()
        .says(&["Updating ferry (1.0.0 -> 1.1.0)"]);
    room.says("ferry", "ferry 1.1.0");
    poetry_does(&room, &["add", "schooner"])
        .fails()
        .says(&["Could not find a matching version of package schooner"]);
    poetry_does(&room, &["add", "ferry@^2"])
        .fails()
        .says(&["2.0.0", ">=3.99"]);
}

#[test]
fn poetry_installs_what_is_locked_and_no_other_file() {
    let yard = harbour();
    let room = on(&yard);
    poetry_does(&room, &["add", "--lock", "ferry"]).ok();
    assert!(fetched_wheels(&yard).is_empty(), "{:#?}", fetched_wheels(&yard));
    next_ferries(&yard);
    let hash = hash_of(&yard, "tide", "tide-1.0.0-py3-none-any.whl");
    let locked = room.read("poetry.lock");
    room.replace("poetry.lock", &hash, &"0".repeat(64));
    poetry_does(&room, &["install"])
        .fails()
        .says(&["tide (1.0.0) did not match any known checksums"]);
    room.write("poetry.lock", &locked);
    poetry_does(&room, &["install"]).ok();
    room.says("ferry", "ferry 1.0.0");
}

#[test]
fn poetry_reads_the_metadata_at_the_end_of_a_wheel_by_a_suffix_range() {
    let yard = super::pip::yard_with_a_liner();
    let page = super::pip::plain_page(&yard, "liner", "liner-1.0.0-py3-none-any.whl");
    let host = StaticHost::python(page.path());
    let room = project(&format!("{}/", host.url()));
    poetry_does(&room, &["add", "--lock", "liner"]).ok();
    let asked = fetched_wheels(&yard);
    assert!(asked.iter().any(|line| line.contains("\" 206 ")), "{asked:#?}");
    assert!(
        !asked.iter().any(|line| line.contains("\" 200 ")),
        "the whole wheel was fetched: {asked:#?}"
    );
}
