//! poetry, pdm, hatch and flit publish what they or others have built.

use std::fs;
use std::process::Command;

use super::{Room, pdm, poetry, sdist, shelf, wheel};
use crate::harness::{Outcome, Yard};

/// A project of the name `raft` whose files of this version and contents are in `dist/`; one that
/// builds for itself finds the same in its module.
fn put(room: &Room, version: &str, text: &str) {
    let pyproject = format!(
        "[build-system]\nrequires = [\"flit_core\"]\nbuild-backend = \"flit_core.buildapi\"\n\
         [project]\nname = \"raft\"\nversion = \"{version}\"\ndescription = \"Carries.\"\n\
         requires-python = \">=3.8\"\n[project.scripts]\nraft = \"raft:main\"\n"
    );
    room.write("pyproject.toml", &pyproject);
    let said = format!("raft {version} {text}");
    room.write("raft.py", &format!("def main():\n    print(\"{said}\")\n"));
    let dist = room.project().join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).unwrap();
    }
    fs::create_dir(&dist).unwrap();
    let items = [wheel("raft", version), sdist("raft", version)];
    shelf::fill(&dist, &items.map(|item| item.text(text)));
}

/// The story of every publisher: a first version, the same again, the next version, and then
/// refusals, each with what the client says of it: other contents, and a token that is none.
fn publishes(publish: impl Fn(&Room, &str, &str) -> Outcome, other: &[&str], nobody: &[&str]) {
    let yard = Yard::new();
    let (room, token, url) = (
        Room::with_environment(),
        yard.admin_token(),
        yard.url("/main/legacy/"),
    );
    let install = |version: &str| {
        let index = yard.url("/main/simple/");
        room.pip(&["install", "--upgrade", "--index-url", &index, "raft"])
            .ok();
        room.says("raft", &format!("raft {version}"));
    };
    put(&room, "1.0.0", "");
    publish(&room, &url, &token).ok();
    install("1.0.0");
    let revision = yard.revision();
    publish(&room, &url, &token).ok();
    assert_eq!(yard.revision(), revision, "the same bytes made a new revision");
    put(&room, "1.1.0", "");
    publish(&room, &url, &token).ok();
    install("1.1.0");
    let revision = yard.revision();
    put(&room, "1.1.0", "other");
    publish(&room, &url, &token).fails().says(other);
    put(&room, "1.2.0", "");
    publish(&room, &url, "wrong").fails().says(nobody);
    assert_eq!(yard.revision(), revision, "something was taken");
}

#[test]
fn poetry_publishes() {
    let publish = |room: &Room, url: &str, token: &str| {
        let mut poetry = poetry::poetry(room);
        poetry
            .env("POETRY_REPOSITORIES_YARD_URL", url)
            .env("POETRY_HTTP_BASIC_YARD_USERNAME", "__token__")
            .env("POETRY_HTTP_BASIC_YARD_PASSWORD", token);
        crate::harness::run(poetry.args(["publish", "--repository", "yard"]))
    };
    publishes(
        publish,
        &["409", "is already published with other contents"],
        &["401", "a valid token is needed"],
    );
}

#[test]
fn pdm_publishes() {
    let publish = |room: &Room, url: &str, token: &str| {
        let mut pdm = pdm::pdm(room);
        pdm.args(["publish", "--no-build", "--repository", url]);
        crate::harness::run(pdm.args(["--username", "__token__", "--password", token]))
    };
    publishes(publish, &["409 Conflict"], &["401 Unauthorized"]);
}

#[test]
fn hatch_publishes() {
    let publish = |room: &Room, url: &str, token: &str| {
        let mut hatch = room.command("venv-managers/bin/hatch");
        hatch.args(["publish", "--no-prompt", "--repo", url]);
        crate::harness::run(hatch.args(["--user", "__token__", "--auth", token]))
    };
    publishes(publish, &["409"], &["401"]);
}

#[test]
fn flit_publishes() {
    let publish = |room: &Room, url: &str, token: &str| {
        let mut flit: Command = room.command("venv-managers/bin/flit");
        flit.env("FLIT_INDEX_URL", url)
            .env("FLIT_USERNAME", "__token__")
            .env("FLIT_PASSWORD", token)
            .env("SOURCE_DATE_EPOCH", "1700000000");
        // Without `--no-use-vcs` it asks git which files there are.
        crate::harness::run(flit.args(["publish", "--no-use-vcs"]))
    };
    publishes(publish, &["409 Client Error"], &["401 Client Error"]);
}

#[test]
fn poetry_and_pdm_skip_what_is_there_when_told_so() {
    let yard = Yard::new();
    let room = Room::with_environment();
    let (token, url) = (yard.admin_token(), yard.url("/main/legacy/"));
    super::publish(&yard, "main", &[wheel("raft", "1.0.0"), sdist("raft", "1.0.0")]);
    put(&room, "1.0.0", "other");
    let revision = yard.revision();
    let mut poetry = poetry::poetry(&room);
    poetry
        .env("POETRY_REPOSITORIES_YARD_URL", &url)
        .env("POETRY_HTTP_BASIC_YARD_USERNAME", "__token__")
        .env("POETRY_HTTP_BASIC_YARD_PASSWORD", &token)
        .args(["publish", "--repository", "yard", "--skip-existing"]);
    crate::harness::run(&mut poetry)
        .ok()
        .says(&["raft-1.0.0-py3-none-any.whl File exists. Skipping"]);
    let mut pdm = pdm::pdm(&room);
    pdm.args(["publish", "--no-build", "--skip-existing", "--repository", &url]);
    crate::harness::run(pdm.args(["--username", "__token__", "--password", &token]))
        .ok()
        .says(&["Skipping raft-1.0.0-py3-none-any.whl because it appears to already exist"]);
    assert_eq!(yard.revision(), revision);
}
