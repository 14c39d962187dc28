//! pypi-simple, a reader that holds every page against the standards and every file against its
//! page.

use std::fs;

use serde_json::{Value, json};

use super::{Room, admin, harbour, moment, next_ferries};
use crate::harness::{Outcome, Yard, repository, run};

/// What the reader makes of a project, in JSON and in HTML.
fn read(yard: &Yard, project: &str) -> Outcome {
    let room = Room::new();
    let mut python = room.command("venv-managers/bin/python");
    python.arg(repository().join("tests/e2e/clients/read_pages.py"));
    run(python
        .arg(yard.url("/main/simple/"))
        .arg(project)
        .arg(room.project()))
}

pub fn pages(yard: &Yard, project: &str) -> Value {
    serde_json::from_str(&read(yard, project).ok().stdout).unwrap()
}

/// One file of a page, without what is asserted apart from it.
fn file<'a>(page: &'a Value, filename: &str) -> &'a Value {
    let mut found = page["packages"].as_array().unwrap().iter();
    found
        .find(|file| file["filename"] == filename)
        .unwrap_or_else(|| panic!("no {filename} in {page:#}"))
}

#[test]
fn a_strict_reader_finds_what_was_uploaded_in_both_formats() {
    let before = moment();
    let yard = harbour();
    let after = moment();
    let both = pages(&yard, "Ferry");
    for (format, page) in both.as_object().unwrap() {
        assert_eq!(page["projects"], json!(["anchor", "ferry", "tide"]), "{format}");
        assert_eq!(
            page["packages"].as_array().unwrap().len(),
            1,
            "{format}: {page:#}"
        );
        let wheel = file(page, "ferry-1.0.0-py3-none-any.whl");
        for (key, value) in [
            ("project", json!("ferry")),
            ("version", json!("1.0.0")),
            ("package_type", json!("wheel")),
            ("requires_python", json!(">=3.8")),
            ("is_yanked", json!(false)),
            ("yanked_reason", Value::Null),
            ("has_metadata", json!(true)),
            ("provenance_url", Value::Null),
        ] {
            assert_eq!(wheel[key], value, "{key} in {format}: {wheel:#}");
        }
        assert!(wheel["has_sig"] != true, "{format}: {wheel:#}");
        assert_eq!(
            wheel["digests"],
            json!({"sha256": wheel["fetched_sha256"]}),
            "{format}"
        );
        let metadata = wheel["fetched_metadata"].as_str().unwrap();
        assert!(metadata.contains("\nName: ferry\nVersion: 1.0.0\n"), "{metadata}");
        assert!(metadata.ends_with("\nRequires-Dist: tide>=1\n"), "{metadata}");
        assert_eq!(page["index_version"], "1.4", "{format}");
        assert_eq!(page["version"], "1.4", "{format}");
        assert_eq!(page["status"], "active", "{format}");
        assert_eq!(page["reason"], Value::Null, "{format}");
        assert_eq!(page["serial"], yard.revision().to_string(), "{format}");
    }
    // These are in JSON alone (PEP 691, PEP 700).
    assert_eq!(both["json"]["project"], "ferry");
    assert_eq!(both["json"]["versions"], json!(["1.0.0"]));
    let wheel = file(&both["json"], "ferry-1.0.0-py3-none-any.whl");
    assert_eq!(wheel["size"], wheel["fetched_size"]);
    let uploaded = wheel["upload_time"].as_str().unwrap().replace("+00:00", "Z");
    assert!(
        before <= uploaded && uploaded <= after,
        "{before} {uploaded} {after}"
    );
}

#[test]
fn a_strict_reader_sees_a_source_distribution_and_no_metadata_that_is_not_there() {
    let yard = harbour();
    for (format, page) in pages(&yard, "anchor").as_object().unwrap() {
        let sdist = file(page, "anchor-1.0.0.tar.gz");
        assert_eq!(sdist["package_type"], "sdist", "{format}");
        assert_eq!(sdist["requires_python"], Value::Null, "{format}");
        assert_eq!(
            sdist["digests"],
            json!({"sha256": sdist["fetched_sha256"]}),
            "{format}"
        );
    }
}

#[test]
fn a_strict_reader_sees_the_next_version_and_that_one_was_yanked() {
    let yard = harbour();
    next_ferries(&yard);
    let reason = "it leaks <at> \"both\" ends & sinks";
    admin(&yard, &["yank", "ferry==1.1.0", "--reason", reason]).ok();
    let both = pages(&yard, "ferry");
    for (format, page) in both.as_object().unwrap() {
        let yanked = |version: &str| {
            let file = file(page, &format!("ferry-{version}-py3-none-any.whl"));
            (file["is_yanked"].clone(), file["yanked_reason"].clone())
        };
        assert_eq!(yanked("1.0.0"), (json!(false), Value::Null), "{format}");
        assert_eq!(yanked("1.1.0"), (json!(true), json!(reason)), "{format}");
        assert_eq!(yanked("2.0.0"), (json!(false), Value::Null), "{format}");
        let newest = file(page, "ferry-2.0.0-py3-none-any.whl");
        assert_eq!(newest["requires_python"], ">=3.99", "{format}");
    }
    let mut versions: Vec<_> = both["json"]["versions"].as_array().unwrap().clone();
    versions.sort_by_key(ToString::to_string);
    assert_eq!(versions, ["1.0.0", "1.1.0", "2.0.0"]);
}

#[test]
fn a_strict_reader_is_told_that_a_project_is_not_there() {
    read(&harbour(), "schooner").fails().says(&["NoSuchProjectError"]);
}

#[test]
fn a_strict_reader_refuses_a_file_that_its_page_does_not_describe() {
    // What it is good for is seen by changing a stored file below the server.
    let yard = harbour();
    let hash = super::hash_of(&yard, "ferry", "ferry-1.0.0-py3-none-any.whl");
    let mut found = vec![yard.data().join("store")];
    while let Some(path) = found.pop() {
        if path.is_dir() {
            found.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.ends_with(&hash) {
            let mut bytes = fs::read(&path).unwrap();
            bytes[100] ^= 1;
            fs::remove_file(&path).unwrap();
            fs::write(&path, bytes).unwrap();
        }
    }
    read(&yard, "ferry").fails().says(&["DigestMismatchError"]);
}
