//! Bit rot in any file of a data directory is found, named, and put right from a backup.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::durability::{assert_same, everything};
use crate::harness::{Outcome, Project, StaticHost, Yard, packyard, run, sha256, system_command};

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn fsck(data: &Path, more: &[&str]) -> Outcome {
    let data = text(data);
    packyard([&["fsck", "--json", "--data", &data], more].concat())
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// Everything that is wrong or worth knowing, as one text.
fn named(report: &Value) -> String {
    let objects = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["object"].as_str().unwrap());
    let notes = report["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note.as_str().unwrap());
    objects.chain(notes).collect::<Vec<_>>().join("\n")
}

/// Every file below a directory, relative to it.
fn files(dir: &Path) -> BTreeSet<PathBuf> {
    let mut find = system_command("find");
    let found = run(find.arg(dir).args(["-type", "f"])).ok().stdout;
    found
        .lines()
        .map(|line| Path::new(line).strip_prefix(dir).unwrap().to_owned())
        .collect()
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
}

/// A stopped yard with a release, a draft and a waiting upload, and a backup of it with its keys.
struct Room {
    yard: Yard,
    backup: TempDir,
}

impl Room {
    fn new() -> Self {
        let (mut yard, project) = Yard::with_hello_world();
        project.bump("1.1.4");
        yard.publish(&project.build());
        let greeter = Project::greeter().build();
        let (url, token) = (yard.url(""), yard.admin_token());
        let deb = text(&greeter.deb());
        packyard([
            "publish", &deb, "--draft", "x", "--server", &url, "--token", &token,
        ])
        .ok();
        yard.stop();
        let backup = TempDir::new().unwrap();
        let to = text(backup.path());
        packyard(["backup", &to, "--with-keys", "--data", &text(&yard.data())]).ok();
        Self { yard, backup }
    }

    fn from(&self) -> String {
        text(self.backup.path())
    }
}

#[test]
fn a_bit_that_flips_in_any_file_is_found_named_and_put_right_from_a_backup() {
    let mut room = Room::new();
    let data = room.yard.data();
    room.yard.start();
    let served = everything(&room.yard);
    room.yard.stop();
    let clean = report(&fsck(&data, &[]).ok());
    assert_eq!(clean["findings"].as_array().unwrap().len(), 0, "{clean}");
    assert!(
        clean["rendered"].as_u64().unwrap() > 0 && clean["keys"] == 2,
        "{clean}"
    );

    let all: BTreeSet<PathBuf> = files(&data)
        .into_iter()
        .filter(|file| file.starts_with("store") || file.starts_with("keys"))
        .collect();
    let kinds = [
        "store/meta.json",
        "store/log/",
        "store/blobs/",
        "store/staging/drafts/",
        "keys/",
    ];
    for kind in kinds {
        assert!(
            all.iter().any(|file| text(file).starts_with(kind)),
            "there is no {kind}: {all:?}"
        );
    }
    for file in &all {
        let whole = fs::read(data.join(file)).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 2] {
            flip(&data.join(file), at);
            let found = report(&fsck(&data, &[]));
            let name = text(file);
            assert!(
                named(&found).contains(&name),
                "byte {at} of {name} was not named: {found}"
            );
            fs::write(data.join(file), &whole).unwrap();
        }
        flip(&data.join(file), whole.len() / 2);
        let outcome = fsck(&data, &["--repair", "--from", &room.from()]).ok();
        let repaired = report(&outcome);
        assert_eq!(repaired["repaired"].as_array().unwrap().len(), 1, "{repaired}");
        assert!(
            fs::read(data.join(file)).unwrap() == whole,
            "{} has other bytes now",
            file.display()
        );
    }
    room.yard.start();
    assert_same(&served, &everything(&room.yard));
}

#[test]
fn an_index_whose_rows_have_changed_is_named_and_made_anew_without_a_backup() {
    let room = Room::new();
    let data = room.yard.data();
    let index = data.join("index.sqlite");
    // What SQLite reads; a bit of a free page is nobody's.
    let dump = || {
        let code = "import sqlite3,sys\ntry:\n  print('\\n'.join(sqlite3.connect(sys.argv[1]).iterdump()))\n\
                    except Exception as e:\n  print(e)";
        run(system_command("python3").args(["-c", code]).arg(&index)).stdout
    };
    // Who closes it last brings all of it into one file.
    let sound = dump();
    let whole = fs::read(&index).unwrap();
    let mut found = 0;
    for part in 0..24 {
        flip(&index, whole.len() * part / 24 + 9);
        if dump() != sound {
            found += 1;
            let outcome = fsck(&data, &[]).exits(1);
            assert!(
                named(&report(&outcome)).contains("index.sqlite"),
                "part {part}: {}",
                outcome.stdout
            );
            packyard(["fsck", "--repair", "--data", &text(&data)])
                .ok()
                .says(&["repaired index.sqlite"]);
            fsck(&data, &[]).ok();
        }
        fs::write(&index, &whole).unwrap();
    }
    assert!(found > 2, "hardly any flip changed an answer: {found}");
}

#[test]
fn a_flipped_bit_of_an_entry_is_flipped_back_without_a_backup() {
    let room = Room::new();
    let data = room.yard.data();
    let entry = data.join("store/log/00000000000000000002.json");
    let whole = fs::read(&entry).unwrap();
    flip(&entry, whole.len() / 3);
    fsck(&data, &["--repair"]).ok().says(&["flipped back"]);
    assert_eq!(fs::read(&entry).unwrap(), whole);
    assert_eq!(
        files(&data.join("damaged")).len(),
        1,
        "what was damaged was thrown away"
    );
}

#[test]
fn what_cannot_be_put_right_is_said_with_what_depends_on_it_and_an_export_mends_it() {
    let mut yard = Yard::new();
    let dist = Project::hello_world().build();
    yard.publish(&dist);
    let export = TempDir::new().unwrap();
    let to = text(export.path());
    packyard(["export", "main", &to, "--data", &text(&yard.data())]).ok();
    yard.stop();
    let data = yard.data();
    for file in [dist.wheel(), dist.deb()] {
        let digest = sha256(&fs::read(&file).unwrap());
        let blob = data.join(format!(
            "store/blobs/sha256/{}/{}/{digest}",
            &digest[..2],
            &digest[2..4]
        ));
        let whole = fs::read(&blob).unwrap();
        // Two bits, so that none can be tried.
        flip(&blob, 10);
        flip(&blob, 20);
        let name = file.file_name().unwrap().to_str().unwrap();
        let purge = format!("packyard purge {digest}");
        packyard(["fsck", "--repair", "--data", &text(&data)])
            .exits(1)
            .says(&[&digest, name, "channel main", &purge, "--from"]);
        let host = StaticHost::python(export.path());
        packyard(["fsck", "--repair", "--from", host.url(), "--data", &text(&data)])
            .ok()
            .says(&["taken back from http"]);
        assert!(fs::read(&blob).unwrap() == whole);
        fs::remove_file(&blob).unwrap();
        fsck(&data, &[]).exits(1).says(&["it is missing", name]);
        fsck(&data, &["--repair", "--from", &to]).ok();
        assert!(fs::read(&blob).unwrap() == whole);
    }
}

#[test]
fn a_log_whose_newest_entries_are_damaged_comes_back_from_a_running_yard_of_the_same_log() {
    let mut room = Room::new();
    let data = room.yard.data();
    let newest = data.join(format!("store/log/{:020}.json", room.yard.revision()));
    let whole = fs::read(&newest).unwrap();
    fs::write(&newest, b"").unwrap();
    packyard(["fsck", "--data", &text(&data)])
        .exits(1)
        .says(&[&text(newest.file_name().unwrap().as_ref())]);
    let host = StaticHost::python(room.backup.path());
    fsck(&data, &["--repair", "--from", host.url()]).ok();
    assert_eq!(fs::read(&newest).unwrap(), whole);
    room.yard.start();
}
