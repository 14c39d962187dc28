//! Repositories that an older version of packyard wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::durability::remove_index;
use crate::harness::{DnfRoot, SmallRpm, Yard, get, packyard, sha256};

fn blob(data: &Path, digest: &str) -> PathBuf {
    let blobs = data.join("store/blobs/sha256");
    blobs.join(&digest[..2]).join(&digest[2..4]).join(digest)
}

/// The members of a pack of a store (docs/log.md, Packs).
fn members(data: &Path, pack: &Value) -> BTreeMap<String, Vec<u8>> {
    let bytes = fs::read(blob(data, pack["sha256"].as_str().unwrap())).unwrap();
    let mut lines = bytes.splitn(3, |b| *b == b'\n');
    let (_, table, mut members) = (lines.next(), lines.next().unwrap(), lines.next().unwrap());
    let table: Value = serde_json::from_slice(table).unwrap();
    let mut found = BTreeMap::new();
    for member in table.as_array().unwrap() {
        let size = usize::try_from(member["size"].as_u64().unwrap()).unwrap();
        let (member_bytes, rest) = members.split_at(size);
        found.insert(
            member["sha256"].as_str().unwrap().to_owned(),
            member_bytes.to_vec(),
        );
        members = rest;
    }
    found
}

/// Writes a pack of these into a store, and names it as an entry does.
fn pack(data: &Path, members: &BTreeMap<String, Vec<u8>>) -> Value {
    let table = members
        .iter()
        .map(|(digest, bytes)| json!({"sha256": digest, "size": bytes.len()}));
    let table = Value::Array(table.collect());
    let mut bytes = format!("packyard-pack 1\n{table}\n").into_bytes();
    members.values().for_each(|member| bytes.extend(member));
    let digest = sha256(&bytes);
    let path = blob(data, &digest);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, &bytes).unwrap();
    json!({"sha256": digest, "size": bytes.len()})
}

/// Makes the newest repository what the first version of packyard would have made of it: without advisories, without
/// source packages, and without the number of its layout.
fn age(data: &Path) {
    let mut names: Vec<_> = fs::read_dir(data.join("store/log"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    names.sort();
    let newest = names.last().unwrap();
    let mut entry: Value = serde_json::from_slice(&fs::read(newest).unwrap()).unwrap();
    let digest = entry["trees"]["main/yum/any"].as_str().unwrap().to_owned();
    let mut members = members(data, &entry["packs"][0]);
    let mut tree: Value = serde_json::from_slice(&members[&digest]).unwrap();
    assert_ne!(tree["layout"], 0);
    tree.as_object_mut().unwrap().remove("layout");
    for part in ["ropes", "files"] {
        let all = tree[part].as_object_mut().unwrap();
        all.retain(|name, _| !name.contains("updateinfo") && !name.contains("source/"));
    }
    let aged = tree.to_string();
    let digest = sha256(aged.as_bytes());
    members.insert(digest.clone(), aged.into_bytes());
    entry["packs"][0] = pack(data, &members);
    entry["trees"]["main/yum/any"] = digest.into();
    fs::write(newest, entry.to_string()).unwrap();
    remove_index(data);
}

fn old_yard() -> Yard {
    let mut yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    SmallRpm::new("lamp", "2")
        .changes("- [security] No longer burns")
        .put(&yard);
    yard.stop();
    age(&yard.data());
    yard
}

fn is_as_of_today(yard: &Yard, root: &DnfRoot) {
    root.dnf(&["install", "lamp-1-1"]).ok();
    root.dnf(&["updateinfo", "list"]).ok().says(&["lamp-2-1"]);
    root.dnf(&["upgrade", "--security"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "2-1");
    let sources = yard.url("/main/yum/any/source/repodata/repomd.xml");
    assert!(get(&sources).is(200).text().contains("primary"));
    packyard(["fsck", "--data", yard.data().to_str().unwrap()]).ok();
}

#[test]
fn a_server_makes_a_repository_of_an_older_version_anew_when_it_starts() {
    let mut yard = old_yard();
    let before = yard.revision();
    yard.start();
    let since = Instant::now();
    while yard.revision() == before {
        assert!(since.elapsed() < Duration::from_secs(30), "{}", yard.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    is_as_of_today(&yard, &DnfRoot::of(&yard));
    // Once is enough.
    let after = yard.revision();
    yard.stop();
    yard.start();
    SmallRpm::new("door", "1").put(&yard);
    assert_eq!(
        yard.revision(),
        after + 2,
        "a package and its source, and nothing else"
    );
}

#[test]
fn the_next_release_makes_a_repository_of_an_older_version_anew() {
    let mut yard = old_yard();
    let door = SmallRpm::new("door", "1");
    let rpm = door.build().remove(0);
    let data = yard.data();
    let data = data.to_str().unwrap();
    packyard(["fsck", "--data", data]).ok();
    let before = yard.revision();
    packyard(["publish", rpm.to_str().unwrap(), "--data", data]).ok();
    assert_eq!(yard.revision(), before + 1, "it is one revision");
    yard.start();
    let root = DnfRoot::of(&yard);
    is_as_of_today(&yard, &root);
    root.dnf(&["install", "door"]).ok();
    assert_eq!(yard.revision(), before + 1, "there is nothing left to do");
}
