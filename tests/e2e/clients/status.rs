//! Archived, deprecated and quarantined projects (PEP 792), as pip, uv, twine and a strict reader
//! meet them.

use super::{Room, Shelf, admin, harbour, publish, pypi_simple, twine, uv, wheel};
use crate::harness::{Outcome, Venv, Yard, run};

const REASON: &str = "it leaks, see \"ferries\" & <boats>";

fn set(yard: &Yard, status: &str) {
    let reason = if status == "active" { "" } else { REASON };
    let wish = ["project", "set", "ferry", "--status", status, "--reason", reason];
    admin(yard, &wish).ok();
}

/// Asks for ferry as somebody new would, by pip and by uv.
fn asked(yard: &Yard) -> [Outcome; 2] {
    let index = yard.url("/main/simple/");
    let with = ["--index-url", &index, "ferry"];
    let (by_pip, by_uv) = (Venv::new(), Venv::new());
    let pip = ["install"].iter().chain(&with).copied().collect::<Vec<_>>();
    [by_pip.pip(&pip), by_uv.uv_pip("install", &with)]
}

/// Publishes the next ferry by twine and by uv.
fn published(yard: &Yard, version: &str) -> [Outcome; 2] {
    let shelf = Shelf::new(&[wheel("ferry", version)]);
    let room = twine::signed_in(yard, &yard.admin_token());
    let by_twine = twine::upload(&room, &["--verbose", "--repository", "yard"], &shelf.files());
    let mut uv = uv::uv(&room);
    uv.args(["publish", "--publish-url", &yard.url("/main/legacy/")]);
    let by_uv = run(uv.args(["--token", &yard.admin_token()]).args(shelf.files()));
    [by_twine, by_uv]
}

#[test]
fn an_archived_project_is_installed_and_takes_nothing_new() {
    let yard = harbour();
    set(&yard, "archived");
    for outcome in asked(&yard) {
        outcome.ok().says(&["ferry"]);
    }
    let revision = yard.revision();
    for outcome in published(&yard, "1.1.0") {
        // twine breaks its lines where they end.
        let flat = outcome
            .fails()
            .to_string()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(flat.contains("403 Forbidden"), "{flat}");
        assert!(flat.contains("is archived and takes no new files"), "{flat}");
    }
    assert_eq!(yard.revision(), revision);
    set(&yard, "active");
    for outcome in published(&yard, "1.1.0") {
        outcome.ok();
    }
}

#[test]
fn a_deprecated_project_is_installed_and_goes_on() {
    let yard = harbour();
    set(&yard, "deprecated");
    for outcome in published(&yard, "1.1.0") {
        outcome.ok();
    }
    for outcome in asked(&yard) {
        outcome.ok().says(&["1.1.0"]);
    }
}

#[test]
fn a_quarantined_project_is_installed_by_nobody_until_it_is_let_out() {
    let yard = harbour();
    // Somebody has locked it before.
    let room = uv::project(&yard);
    run(uv::uv(&room).args(["add", "--no-sync", "ferry"])).ok();
    set(&yard, "quarantined");
    let [by_pip, by_uv] = asked(&yard);
    by_pip
        .fails()
        .says(&["from versions: none", "No matching distribution found for ferry"]);
    by_uv.fails().says(&["there are no versions of ferry"]);
    run(uv::uv(&room).args(["sync", "--frozen"]))
        .fails()
        .says(&["403 Forbidden"]);
    for outcome in published(&yard, "1.1.0") {
        outcome.fails().says(&["403 Forbidden"]);
    }
    set(&yard, "active");
    run(uv::uv(&room).args(["sync", "--frozen"])).ok();
    room.says("ferry", "ferry 1.0.0");
}

#[test]
fn a_quarantined_name_is_not_taken_from_the_next_index() {
    let yard = harbour();
    admin(&yard, &["channel", "create", "elsewhere"]).ok();
    publish(&yard, "elsewhere", &[wheel("ferry", "9.0.0")]);
    set(&yard, "quarantined");
    let room = Room::with_environment();
    let mut uv = uv::uv(&room);
    uv.args(["--no-config", "pip", "install", "--python", ".venv/bin/python"]);
    uv.args(["--index", &yard.url("/main/simple/")]);
    run(uv.args(["--default-index", &yard.url("/elsewhere/simple/"), "ferry"]))
        .fails()
        .says(&["there are no versions of ferry"]);
    assert!(!room.bin("ferry").exists());
}

#[test]
fn a_strict_reader_sees_the_status_and_the_reason_in_both_formats() {
    let yard = harbour();
    for (status, files) in [("archived", 1), ("deprecated", 1), ("quarantined", 0)] {
        set(&yard, status);
        for (format, page) in pypi_simple::pages(&yard, "ferry").as_object().unwrap() {
            assert_eq!(page["status"], status, "{format}");
            assert_eq!(page["reason"], REASON, "{format}");
            let listed = page["packages"].as_array().unwrap().len();
            assert_eq!(listed, files, "{status} in {format}");
        }
    }
}
