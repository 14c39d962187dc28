//! pdm with a project of its own.

use std::process::Command;

use super::{Room, fetched_wheels, harbour, hash_of, next_ferries};
use crate::harness::{Outcome, Yard, eventually, run};

/// pdm with its settings, caches and logs in the room.
pub fn pdm(room: &Room) -> Command {
    let mut pdm = room.command("venv-managers/bin/pdm");
    let home = room.home();
    pdm.env("PDM_CHECK_UPDATE", "0")
        .env("PDM_NON_INTERACTIVE", "1")
        .env("PDM_CACHE_DIR", home.join("cache"))
        .env("PDM_LOG_DIR", home.join("log"))
        .env("PDM_CONFIG_FILE", home.join("pdm.toml"));
    pdm
}

/// A project whose only source is the yard: the one called `pypi` takes the place of the default.
pub fn project(index: &str) -> Room {
    let room = Room::with_environment();
    room.write(
        "pyproject.toml",
        &format!(
            "[project]\nname = \"fleet\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9,<4\"\n\
             dependencies = []\n[tool.pdm]\ndistribution = false\n\
             [[tool.pdm.source]]\nname = \"pypi\"\nurl = \"{index}\"\n"
        ),
    );
    room
}

fn pdm_does(room: &Room, args: &[&str]) -> Outcome {
    run(pdm(room).args(args))
}

fn on(yard: &Yard) -> Room {
    project(&yard.url("/main/simple/"))
}

#[test]
fn pdm_adds_and_updates_a_dependency_and_refuses_what_is_not_there() {
    let yard = harbour();
    let room = on(&yard);
    pdm_does(&room, &["add", "ferry"]).ok();
    room.says("ferry", "ferry 1.0.0");
    next_ferries(&yard);
    // pdm keeps pages as a shared cache does, so the next version may be some seconds away.
    eventually("the next ferry", || {
        pdm_does(&room, &["update"]).ok();
        let said = run(&mut Command::new(room.bin("ferry"))).ok().stdout;
        (said == "ferry 1.1.0\n").then_some(())
    });
    pdm_does(&room, &["add", "schooner"])
        .fails()
        .says(&["Unable to find candidates for schooner"]);
    pdm_does(&room, &["add", "ferry==9"])
        .fails()
        .says(&["Unable to find a resolution for ferry"]);
    room.says("ferry", "ferry 1.1.0");
}

#[test]
fn pdm_locks_by_metadata_alone_and_syncs_no_other_file() {
    let yard = harbour();
    let room = on(&yard);
    pdm_does(&room, &["add", "--no-sync", "ferry"]).ok();
    assert!(fetched_wheels(&yard).is_empty(), "{:#?}", fetched_wheels(&yard));
    let hash = hash_of(&yard, "tide", "tide-1.0.0-py3-none-any.whl");
    let locked = room.read("pdm.lock");
    room.replace("pdm.lock", &hash, &"0".repeat(64));
    pdm_does(&room, &["sync"]).fails().says(&["tide"]);
    assert!(!room.bin("tide").exists());
    room.write("pdm.lock", &locked);
    next_ferries(&yard);
    pdm_does(&room, &["sync"]).ok();
    room.says("ferry", "ferry 1.0.0");
}
