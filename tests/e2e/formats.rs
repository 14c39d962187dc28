//! A data directory of an older format: it is opened, replayed and served as it is, and nothing of it is written anew.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::durability::{assert_same, everything, remove_index};
use crate::harness::{Project, SmallDeb, Yard, packyard, sha256};

/// What entries of a format do not have yet (docs/log.md, An entry), by the first format that has it.
const BROUGHT: [(u64, &[&str]); 4] = [
    (6, &["sender"]),
    (5, &["documents", "document"]),
    (4, &["parts"]),
    (3, &["inherits", "upstream", "reserved"]),
];

/// Writes the log as an older version of packyard would have: what it did not know is left out, and the chain is that of
/// the new bytes.
fn age(data: &Path, format: u64) {
    let log = data.join("store/log");
    let mut prev = Value::Null;
    for n in 1.. {
        let path = log.join(format!("{n:020}.json"));
        let Ok(bytes) = fs::read(&path) else { break };
        let mut entry: Value = serde_json::from_slice(&bytes).unwrap();
        entry["v"] = format.into();
        entry["prev"] = prev;
        let unknown: Vec<&str> = BROUGHT
            .iter()
            .filter(|(since, _)| format < *since)
            .flat_map(|(_, keys)| keys.iter().copied())
            .collect();
        strip(&mut entry["changes"], &unknown);
        fs::write(&path, entry.to_string()).unwrap();
        prev = sha256(&fs::read(&path).unwrap()).into();
    }
}

fn strip(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(all) => {
            keys.iter().for_each(|key| drop(all.remove(*key)));
            all.values_mut().for_each(|inner| strip(inner, keys));
        }
        Value::Array(all) => all.iter_mut().for_each(|inner| strip(inner, keys)),
        _ => {}
    }
}

fn entries(data: &Path) -> Vec<Vec<u8>> {
    let mut names: Vec<_> = fs::read_dir(data.join("store/log"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    names.sort();
    names.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn a_log_of_every_older_format_is_replayed_served_and_gone_on_with() {
    let (mut yard, project) = Yard::with_hello_world();
    project.bump("1.1.4");
    yard.publish(&project.build());
    yard.publish(&Project::greeter().build());
    let served = everything(&yard);
    for format in [5, 4, 3, 2, 1] {
        yard.stop();
        let data = yard.data();
        age(&data, format);
        remove_index(&data);
        let old = entries(&data);
        yard.start();
        if format == 5 {
            assert_same(&served, &everything(&yard));
        }
        packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
        // What is published to it now is of today's format, and what was there stays as it is.
        let name = format!("of-format-{format}");
        SmallDeb::new(&name, "1.0-1").put(&yard, "any/main").is(201);
        let now = entries(&data);
        assert!(
            now[..old.len()] == old[..],
            "an entry of format {format} was written anew"
        );
        let newest: Value = serde_json::from_slice(now.last().unwrap()).unwrap();
        assert_eq!(newest["v"], 6);
        packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
    }
}

#[test]
fn an_entry_of_a_newer_format_is_refused_and_nothing_is_touched() {
    let (mut yard, _) = Yard::with_hello_world();
    yard.stop();
    let data = yard.data();
    age(&data, 99);
    remove_index(&data);
    let before = entries(&data);
    let said = crate::harness::Server::refuses(&[
        "serve",
        "--data",
        data.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
    ]);
    said.exits(1).says(&["format 99", "upgrade packyard"]);
    packyard(["fsck", "--data", data.to_str().unwrap()])
        .exits(1)
        .says(&["format 99", "upgrade packyard"]);
    assert!(entries(&data) == before);
}
