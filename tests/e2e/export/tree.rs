//! What an export writes, when, and what it leaves alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{Server, StaticHost, get, packyard, revision, run, sha256};

use super::{Room, files, listed, pip_installs, the_tree_is_whole};

#[test]
fn an_export_has_the_bytes_of_the_server() {
    let room = Room::with_hello_world();
    let data = room.text("data");
    let create = |args: &[&str]| {
        let all = [&["distribution", "create"], args, &["--data", &data]].concat();
        packyard(all).ok();
    };
    create(&["main/bookworm", "--family", "deb", "--alias", "stable"]);
    create(&["main/el9", "--family", "rpm", "--alias", "9,9Server"]);
    room.export(&["--public-url", "http://repo.example.org/main"])
        .ok();
    for path in [
        "apt/dists/stable/InRelease",
        "yum/el9Server/x86_64/repodata/repomd.xml",
    ] {
        assert!(room.public().join(path).exists(), "no {path}");
    }
    let mut server = Server::spawn(&["serve", "--data", &room.text("data"), "--listen", "127.0.0.1:0"]);
    let url = server.address("listening on ");
    let mut compared = 0;
    for (path, (bytes, _)) in files(&room.public()) {
        let ours = [
            ".nojekyll",
            ".packyard-export.json",
            "index.html",
            "pip.conf",
            "setup.sh",
        ];
        if ours.contains(&&*path) || path.ends_with(".sources") || path.ends_with(".repo") {
            continue;
        }
        let page = path
            .strip_suffix("index.html")
            .unwrap_or(&path)
            .replace('+', "%2B");
        let reply = get(&format!("{url}/main/{page}")).is(200);
        assert!(reply.body == bytes, "{path} has other bytes");
        compared += 1;
    }
    assert!(compared > 25, "only {compared} files were compared");
}

#[test]
fn an_export_is_the_same_from_a_server_and_from_its_data_directory() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    let data = room.text("data");
    let mut server = Server::spawn(&["serve", "--data", &data, "--listen", "127.0.0.1:0"]);
    let url = server.address("listening on ");
    let other = room.text("other");
    packyard(["export", "main", &other, "--server", &url]).ok();
    let content = |dir: &Path| {
        let files = files(dir)
            .into_iter()
            .filter(|(p, _)| p != ".packyard-export.json");
        files
            .map(|(p, (bytes, _))| (p, sha256(&bytes)))
            .collect::<Vec<_>>()
    };
    assert_eq!(content(&room.public()), content(Path::new(&other)));
}

#[test]
fn the_next_export_touches_only_what_changed() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    let first = files(&room.public());
    assert_eq!(listed(&room.export_json(&[]), "written"), BTreeSet::new());
    let again = files(&room.public());
    assert!(first == again, "an export that changes nothing touched something");

    room.bump("1.1.4");
    let outcome = room.export_json(&[]);
    let after = files(&room.public());
    let touched: BTreeSet<String> = after
        .iter()
        .filter(|(path, file)| first.get(*path) != Some(file))
        .map(|(path, _)| path.clone())
        .filter(|path| path != ".packyard-export.json")
        .collect();
    assert_eq!(touched, listed(&outcome, "written"));
    assert!(
        touched
            .iter()
            .all(|p| p == "index.html" || !first.contains_key(p) || !p.contains("1.1.3"))
    );
    assert!(touched.iter().any(|p| p.ends_with("hello-world_1.1.4-1_all.deb")));
    // What the first InRelease named is still there, for clients that have read it.
    for (path, _) in first
        .iter()
        .filter(|(p, _)| p.contains("by-hash") || p.contains("-primary.xml"))
    {
        assert!(after.contains_key(path), "{path} is gone");
    }
    let outcome = room.export_json(&["--grace", "0"]);
    let left = files(&room.public());
    for path in listed(&outcome, "removed") {
        assert!(after.contains_key(&path) && !left.contains_key(&path), "{path}");
    }
    assert!(!listed(&outcome, "removed").is_empty());
    the_tree_is_whole(&room.public());
}

#[test]
fn what_somebody_else_changed_is_noticed_and_repaired() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    let intact = files(&room.public());
    let page = room.public().join("simple/hello-world/index.html");
    fs::write(&page, "nothing here").unwrap();
    fs::remove_file(room.public().join("apt/dists/any/InRelease")).unwrap();
    let outcome = room.export_json(&[]);
    let expected = ["apt/dists/any/InRelease", "simple/hello-world/index.html"].map(str::to_owned);
    assert_eq!(listed(&outcome, "repaired"), BTreeSet::from(expected.clone()));

    // The same size and the same time: only the digest tells.
    let time = fs::metadata(&page).unwrap().modified().unwrap();
    let mut bytes = fs::read(&page).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&page, bytes).unwrap();
    let file = fs::File::options().write(true).open(&page).unwrap();
    file.set_modified(time).unwrap();
    assert_eq!(listed(&room.export_json(&[]), "repaired"), BTreeSet::new());
    assert_eq!(
        listed(&room.export_json(&["--verify"]), "repaired"),
        BTreeSet::from([expected[1].clone()])
    );
    for (path, (bytes, _)) in files(&room.public()) {
        let same = intact[&path].0 == bytes;
        assert!(same || path == ".packyard-export.json", "{path} was not repaired");
    }
}

#[test]
fn a_directory_that_is_not_ours_is_refused_and_left_alone() {
    let room = Room::with_hello_world();
    fs::create_dir(room.public()).unwrap();
    fs::write(room.public().join("thesis.txt"), "years of work").unwrap();
    room.export(&[])
        .exits(1)
        .says(&["not empty", "thesis.txt", "hint:"]);
    assert_eq!(files(&room.public()).keys().collect::<Vec<_>>(), ["thesis.txt"]);

    fs::remove_file(room.public().join("thesis.txt")).unwrap();
    room.export(&[]).ok();
    let before = files(&room.public());
    let other = Room::with_hello_world();
    let (data, public) = (other.text("data"), room.text("public"));
    packyard(["export", "main", &public, "--data", &data])
        .exits(1)
        .says(&["another yard", "--adopt", "hint:"]);
    let manifest = room.public().join(".packyard-export.json");
    let text = fs::read_to_string(&manifest).unwrap();
    assert!(
        files(&room.public()) == before,
        "a refused export touched something"
    );
    fs::write(
        &manifest,
        text.replace("\"channel\":\"main\"", "\"channel\":\"stable\""),
    )
    .unwrap();
    room.export(&[])
        .exits(1)
        .says(&["a copy of channel stable", "hint:"]);
}

#[test]
fn a_channel_that_does_not_exist_leaves_nothing_behind() {
    let room = Room::with_hello_world();
    let (data, public) = (room.text("data"), room.text("public"));
    packyard(["export", "mian", &public, "--data", &data])
        .exits(1)
        .says(&["mian"]);
    assert!(!room.public().exists());
    packyard(["export", "main", "gs://bucket/x", "--data", &data])
        .exits(2)
        .says(&["s3://BUCKET/PREFIX"]);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let room = Room::with_hello_world();
    let outcome = room.export_json(&["--dry-run"]);
    assert!(listed(&outcome, "written").contains("apt/dists/any/InRelease"));
    assert!(files(&room.public()).is_empty());
}

#[test]
fn an_export_that_was_killed_leaves_a_tree_that_works_and_goes_on() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    room.bump("1.1.4");
    // The old tree, over and over, and the export killed a little later each time.
    let old = room.path("old");
    let copy = |from: &Path, to: &Path| {
        let _ = fs::remove_dir_all(to);
        run(Command::new("cp").arg("-a").arg(from).arg(to)).ok();
    };
    copy(&room.public(), &old);
    let mut states = BTreeSet::new();
    for delay in 0.. {
        copy(&old, &room.public());
        let mut child = room
            .export_command(&[])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay * 4));
        let ended = child.try_wait().unwrap().is_some();
        let _ = child.kill();
        child.wait().unwrap();
        states.insert(the_tree_is_whole(&room.public()));
        if ended {
            break;
        }
    }
    assert!(states.len() > 2, "no export was killed half-way: {states:?}");

    // What a killed export has left is finished by the next one.
    copy(&old, &room.public());
    let mut child = room.export_command(&[]).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(60));
    let _ = child.kill();
    child.wait().unwrap();
    room.export(&[]).ok();
    the_tree_is_whole(&room.public());
    assert!(!room.public().join(".packyard-tmp").exists());
    let host = StaticHost::python(&room.public());
    pip_installs(&["--index-url", &format!("{}/simple/", host.url())], "1.1.4");
}

#[test]
fn of_an_old_revision_what_was_purged_is_named_and_the_rest_is_exported() {
    let room = Room::with_hello_world();
    let (data, out) = (room.text("data"), room.text("old"));
    let at = revision(&room.path("data"));
    let wheel = "hello_world-1.1.3-py3-none-any.whl";
    let digest = sha256(&fs::read(room.path("dist").join(wheel)).unwrap());
    packyard(["purge", &digest, "--reason", "leaked", "--yes", "--data", &data]).ok();
    packyard(["export", &format!("main@{at}"), &out, "--data", &data])
        .ok()
        .says(&["missing", wheel, "leaked"]);
    let there = files(Path::new(&out));
    assert!(there.keys().any(|p| p.ends_with(".deb")), "{:?}", there.keys());
    assert!(!there.keys().any(|p| p.ends_with(wheel)), "{:?}", there.keys());
}

#[test]
fn what_another_yard_takes_over_keeps_its_time_and_stays_yanked() {
    let room = Room::with_hello_world();
    let data = room.text("data");
    // What one yard has signed another does not take over as it is.
    let rpm = ["remove", "hello-world-1.1.3-1.noarch.rpm", "--data"];
    packyard(rpm.iter().copied().chain([data.as_str()])).ok();
    let yank = ["yank", "hello-world==1.1.3", "--reason", "broken", "--data"];
    packyard(yank.iter().copied().chain([data.as_str()])).ok();
    room.export(&[]).ok();
    let manifest = || -> serde_json::Value {
        serde_json::from_slice(&fs::read(room.public().join(".packyard-export.json")).unwrap()).unwrap()
    };
    let before = manifest()["artifacts"].clone();
    assert_eq!(before[0]["yanked"], "broken", "{before}");
    let other = room.text("other");
    packyard(["channel", "create", "dev", "--data", &other]).ok();
    // Times have whole seconds.
    std::thread::sleep(Duration::from_millis(1100));
    packyard([
        "export",
        "main",
        &room.text("public"),
        "--adopt",
        "--data",
        &other,
    ])
    .ok();
    assert_eq!(manifest()["artifacts"], before);
}
