//! uv with a project of its own, and what `uv pip` and `uv publish` do beyond `tests/e2e/upload.rs`.

use std::process::Command;

use super::room::names;
use super::{
    Item, Room, Shelf, fetched_wheels, harbour, hash_of, listed, moment, next_ferries, sdist, wheel,
};
use crate::harness::{Outcome, StaticHost, Yard, run};

/// uv with nothing of its own choosing: neither a cache nor another Python.
pub fn uv(room: &Room) -> Command {
    let mut uv = room.command("venv/bin/uv");
    uv.env("UV_CACHE_DIR", room.home().join("cache"))
        .env("UV_PYTHON", "/usr/bin/python3")
        .env("UV_PYTHON_DOWNLOADS", "never");
    uv
}

/// A project whose only index is the yard's channel.
pub fn project(yard: &Yard) -> Room {
    let room = Room::new();
    room.write(
        "pyproject.toml",
        &format!(
            "[project]\nname = \"fleet\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\ndependencies = []\n\
             [[tool.uv.index]]\nname = \"yard\"\nurl = \"{}\"\ndefault = true\n",
            yard.url("/main/simple/")
        ),
    );
    room
}

fn uv_does(room: &Room, args: &[&str]) -> Outcome {
    run(uv(room).args(args))
}

#[test]
fn uv_adds_and_upgrades_a_dependency_and_refuses_what_is_not_there() {
    let yard = harbour();
    let room = project(&yard);
    uv_does(&room, &["add", "ferry"]).ok();
    room.says("ferry", "ferry 1.0.0");
    let file = "ferry-1.0.0-py3-none-any.whl";
    let (lock, entry) = (room.read("uv.lock"), listed(&yard, "ferry", file));
    let size = format!("size = {}", entry["size"]);
    let uploaded = entry["upload-time"].as_str().unwrap().trim_end_matches('Z');
    // uv writes milliseconds, without the zeros at their end.
    let uploaded = uploaded[..uploaded.len() - 3].trim_end_matches(['0', '.']);
    let uploaded = format!("upload-time = \"{uploaded}");
    for text in [&hash_of(&yard, "ferry", file), &size, &uploaded] {
        assert!(lock.contains(text.as_str()), "no `{text}` in {lock}");
    }
    next_ferries(&yard);
    // What is locked stays, until it is said otherwise.
    uv_does(&room, &["sync", "--refresh"]).ok();
    room.says("ferry", "ferry 1.0.0");
    uv_does(&room, &["lock", "--refresh", "--upgrade-package", "ferry"])
        .ok()
        .says(&["Updated ferry v1.0.0 -> v1.1.0"]);
    uv_does(&room, &["sync", "--locked"]).ok();
    room.says("ferry", "ferry 1.1.0");
    uv_does(&room, &["add", "schooner"])
        .fails()
        .says(&["schooner was not found in the package registry"]);
    uv_does(&room, &["add", "ferry>=2"])
        .fails()
        .says(&["ferry==2.0.0", "Python>=3.99"]);
}

#[test]
fn uv_syncs_no_file_that_is_not_the_locked_one() {
    let yard = harbour();
    let room = project(&yard);
    uv_does(&room, &["add", "--no-sync", "ferry"]).ok();
    let hash = hash_of(&yard, "tide", "tide-1.0.0-py3-none-any.whl");
    // As if the index had since put something else there.
    room.replace(
        "uv.lock",
        &format!("sha256:{hash}"),
        &format!("sha256:{}", "0".repeat(64)),
    );
    uv_does(&room, &["sync", "--frozen"])
        .fails()
        .says(&["Hash mismatch for `tide==1.0.0`"]);
    assert!(!room.bin("tide").exists());
}

#[test]
fn uv_leaves_out_what_is_newer_than_a_moment() {
    let before = moment();
    let yard = harbour();
    let room = project(&yard);
    let between = moment();
    next_ferries(&yard);
    let lock = |moment: &str| {
        uv_does(
            &room,
            &[
                "add",
                "--no-sync",
                "--refresh",
                "--upgrade",
                "--exclude-newer",
                moment,
                "ferry",
            ],
        )
    };
    lock(&before).fails().says(&["ferry"]);
    lock(&between).ok().never_says(&["missing an upload date"]);
    assert!(room.read("uv.lock").contains("ferry-1.0.0-py3-none-any.whl"));
    lock(&moment()).ok();
    assert!(room.read("uv.lock").contains("ferry-1.1.0-py3-none-any.whl"));
}

#[test]
fn uv_compiles_requirements_with_hashes_and_installs_them() {
    let yard = harbour();
    let room = Room::with_environment();
    let index = yard.url("/main/simple/");
    let pip = |args: &[&str]| {
        let mut uv = uv(&room);
        uv.args(["--no-config", "pip"]).args(args);
        run(uv.args(["--refresh", "--default-index", &index]))
    };
    let compile = |args: &[&str]| {
        let mut all = vec![
            "compile",
            "--generate-hashes",
            "--output-file=locked.txt",
            "wanted.in",
        ];
        all.extend(args);
        pip(&all)
    };
    room.write("wanted.in", "ferry\n");
    compile(&[]).ok();
    let ferry = hash_of(&yard, "ferry", "ferry-1.0.0-py3-none-any.whl");
    let locked = room.read("locked.txt");
    assert!(
        locked.contains("ferry==1.0.0") && locked.contains(&format!("--hash=sha256:{ferry}")),
        "{locked}"
    );
    assert!(fetched_wheels(&yard).is_empty(), "{:#?}", fetched_wheels(&yard));
    let sync = || {
        pip(&[
            "sync",
            "--require-hashes",
            "--python=.venv/bin/python",
            "locked.txt",
        ])
    };
    sync().ok();
    room.says("ferry", "ferry 1.0.0");
    next_ferries(&yard);
    compile(&["--upgrade"]).ok();
    sync().ok();
    room.says("ferry", "ferry 1.1.0");
    room.write("wanted.in", "anchor\n");
    compile(&["--only-binary=:all:"])
        .fails()
        .says(&["anchor==1.0.0", "no usable wheels"]);
    let wrong = locked.replace(&ferry, &"0".repeat(64));
    room.write("locked.txt", &wrong);
    sync().fails().says(&["Hash mismatch for `ferry==1.0.0`"]);
}

#[test]
fn uv_reads_the_metadata_at_the_end_of_a_wheel_by_ranges() {
    let yard = super::pip::yard_with_a_liner();
    let room = Room::new();
    let page = super::pip::plain_page(&yard, "liner", "liner-1.0.0-py3-none-any.whl");
    let host = StaticHost::python(page.path());
    room.write("wanted.in", "liner\n");
    let mut uv = uv(&room);
    uv.args(["--no-config", "pip", "compile", "wanted.in", "--default-index"]);
    run(uv.arg(host.url())).ok().says(&["liner==1.0.0"]);
    let asked = fetched_wheels(&yard);
    let part = |line: &String| line.contains("\"GET ") && line.contains("\" 206 ");
    let whole = |line: &String| line.contains("\"GET ") && line.contains("\" 200 ");
    assert!(asked.iter().any(part), "{asked:#?}");
    assert!(
        !asked.iter().any(whole),
        "the whole wheel was fetched: {asked:#?}"
    );
}

#[test]
fn uv_asks_before_it_publishes_and_refuses_to_replace_what_is_there() {
    let yard = Yard::new();
    let room = Room::new();
    let checked = |shelf: &Shelf, check: bool| {
        let mut uv = uv(&room);
        uv.args(["publish", "--publish-url", &yard.url("/main/legacy/")]);
        uv.args(["--token", &yard.admin_token()]);
        if check {
            uv.args(["--check-url", &yard.url("/main/simple/")]);
        }
        run(uv.args(shelf.files()))
    };
    let files = |version: &str, text: &str| -> Vec<Item> {
        [wheel("ferry", version), sdist("ferry", version)]
            .map(|item| item.text(text))
            .into()
    };
    let (first, other) = (
        Shelf::new(&files("1.0.0", "")),
        Shelf::new(&files("1.0.0", "other")),
    );
    checked(&first, true).ok();
    let (revision, posts) = (yard.revision(), || {
        yard.log().matches("\"POST /main/legacy/\"").count()
    });
    let sent = posts();
    checked(&first, true).ok().says(&["already exists, skipping"]);
    assert_eq!(posts(), sent, "it was sent again");
    checked(&other, true)
        .fails()
        .says(&["Local file and index file do not match for `ferry-1.0.0"]);
    checked(&other, false)
        .fails()
        .says(&["409", "is already published with other contents"]);
    assert_eq!(yard.revision(), revision);
    checked(&Shelf::new(&files("1.1.0", "")), true).ok();
    run(uv(&room)
        .args(["pip", "install", "--target=got", "--default-index"])
        .args([&yard.url("/main/simple/"), "ferry"]))
    .ok();
    assert!(names(&room.project().join("got")).contains(&"ferry-1.1.0.dist-info".to_owned()));
}
