//! pip, beyond what `tests/e2e/pip.rs` asks of it.

use std::fs;

use tempfile::TempDir;

use super::room::names;
use super::{Room, fetched_wheels, harbour, hash_of, listed, moment, next_ferries, publish, wheel};
use crate::harness::{StaticHost, Tamper, Yard};

fn index(yard: &Yard) -> String {
    format!("--index-url={}", yard.url("/main/simple/"))
}

#[test]
fn pip_installs_and_upgrades_to_the_newest_for_its_python_and_refuses_what_is_not_there() {
    let (yard, room) = (harbour(), Room::with_environment());
    room.pip(&["install", &index(&yard), "ferry"]).ok();
    room.says("ferry", "ferry 1.0.0");
    room.says("tide", "tide 1.0.0");
    next_ferries(&yard);
    room.pip(&["install", &index(&yard), "--upgrade", "ferry"]).ok();
    room.says("ferry", "ferry 1.1.0");
    room.pip(&["install", &index(&yard), "ferry==2.0.0"])
        .fails()
        .says(&["2.0.0 Requires-Python >=3.99", "No matching distribution found"]);
    room.pip(&["install", &index(&yard), "ferry==9"])
        .fails()
        .says(&["from versions: 1.0.0, 1.1.0", "No matching distribution found"]);
    room.says("ferry", "ferry 1.1.0");
}

#[test]
fn pip_installs_by_hash_and_refuses_another_hash_or_none() {
    let (yard, room) = (harbour(), Room::with_environment());
    let line = |project: &str| {
        let file = format!("{project}-1.0.0-py3-none-any.whl");
        format!(
            "{project}==1.0.0 --hash=sha256:{}\n",
            hash_of(&yard, project, &file)
        )
    };
    let install = || room.pip(&["install", &index(&yard), "--require-hashes", "-r", "wanted.txt"]);
    room.write("wanted.txt", &line("ferry"));
    install()
        .fails()
        .says(&["In --require-hashes mode, all requirements must have", "tide"]);
    let swapped = line("tide").replace("tide==", "ferry==") + &line("tide");
    room.write("wanted.txt", &swapped);
    install()
        .fails()
        .says(&["THESE PACKAGES DO NOT MATCH THE HASHES"]);
    assert!(!room.bin("ferry").exists());
    room.write("wanted.txt", &(line("ferry") + &line("tide")));
    install().ok();
    room.says("ferry", "ferry 1.0.0");
}

#[test]
fn pip_refuses_a_wheel_that_was_changed_on_its_way() {
    let (yard, room) = (harbour(), Room::with_environment());
    let tamper = Tamper::new(&yard, ".whl", |bytes| bytes[100] ^= 1);
    let through = tamper.redirect(&yard, &index(&yard));
    room.pip(&["install", through.trim(), "tide"])
        .fails()
        .says(&["THESE PACKAGES DO NOT MATCH THE HASHES"]);
    room.pip(&["install", &index(&yard), "tide"]).ok();
}

#[test]
fn pip_downloads_wheels_with_what_they_need_and_no_source_where_only_binaries_may_be() {
    let (yard, room) = (harbour(), Room::new());
    let download = |project: &str| {
        room.pip(&[
            "download",
            &index(&yard),
            "--only-binary=:all:",
            "--dest=got",
            project,
        ])
    };
    download("ferry").ok();
    let wheels = ["ferry-1.0.0-py3-none-any.whl", "tide-1.0.0-py3-none-any.whl"];
    assert_eq!(names(&room.project().join("got")), wheels);
    next_ferries(&yard);
    download("ferry").ok();
    assert_eq!(
        names(&room.project().join("got")),
        [wheels[0], "ferry-1.1.0-py3-none-any.whl", wheels[1]]
    );
    download("anchor")
        .fails()
        .says(&["from versions: none", "No matching distribution found for anchor"]);
    assert!(
        !yard.log().contains("anchor-1.0.0.tar.gz\""),
        "the source was fetched"
    );
}

#[test]
fn pip_says_which_versions_there_are() {
    let (yard, room) = (harbour(), Room::new());
    let versions = |project: &str| room.pip(&["index", "versions", &index(&yard), project]);
    versions("ferry")
        .ok()
        .says(&["ferry (1.0.0)", "Available versions: 1.0.0\n"]);
    next_ferries(&yard);
    versions("ferry")
        .ok()
        .says(&["ferry (1.1.0)", "Available versions: 1.1.0, 1.0.0\n"]);
    versions("schooner")
        .fails()
        .says(&["No matching distribution found for schooner"]);
}

#[test]
fn pip_leaves_out_what_was_uploaded_after_a_moment() {
    let before = moment();
    let (yard, room) = (harbour(), Room::with_environment());
    let between = moment();
    next_ferries(&yard);
    let install = |moment: &str| {
        let prior = format!("--uploaded-prior-to={moment}");
        room.pip(&["install", "--upgrade", &index(&yard), &prior, "ferry"])
    };
    install(&before)
        .fails()
        .says(&["No matching distribution found for ferry"]);
    install(&between).ok();
    room.says("ferry", "ferry 1.0.0");
    install(&moment()).ok();
    room.says("ferry", "ferry 1.1.0");
}

/// A directory that a host can serve, with one page that lists the files of a project of the
/// yard as an index does that knows no metadata files.
pub fn plain_page(yard: &Yard, project: &str, filename: &str) -> TempDir {
    let file = listed(yard, project, filename);
    let hash = file["hashes"]["sha256"].as_str().unwrap();
    let url = yard.url(&format!("/main/files/{hash}/{filename}"));
    let directory = TempDir::new().unwrap();
    let page =
        format!("<!DOCTYPE html><html><body><a href=\"{url}#sha256={hash}\">{filename}</a></body></html>");
    fs::create_dir(directory.path().join(project)).unwrap();
    fs::write(directory.path().join(project).join("index.html"), page).unwrap();
    directory
}

/// A yard with a wheel so large that nobody fetches it for a few lines of metadata.
pub fn yard_with_a_liner() -> Yard {
    let yard = Yard::new();
    let cargo = "steel ".repeat(40_000);
    // Its text is stored as it is, so the wheel is as long.
    publish(&yard, "main", &[wheel("liner", "1.0.0").text(&cargo[..99_000])]);
    yard
}

#[test]
fn pip_reads_the_metadata_at_the_end_of_a_wheel_by_ranges() {
    let (yard, room) = (yard_with_a_liner(), Room::with_environment());
    let page = plain_page(&yard, "liner", "liner-1.0.0-py3-none-any.whl");
    let host = StaticHost::python(page.path());
    let index = format!("--index-url={}/", host.url());
    let dry = ["install", "--dry-run", "--use-feature=fast-deps", &index, "liner"];
    room.pip(&dry).ok().says(&["Would install liner-1.0.0"]);
    let asked = fetched_wheels(&yard);
    assert!(asked.iter().any(|line| line.contains("\"HEAD ")), "{asked:#?}");
    assert!(
        asked
            .iter()
            .any(|line| line.contains("\"GET ") && line.contains("\" 206 ")),
        "{asked:#?}"
    );
    assert!(
        !asked
            .iter()
            .any(|line| line.contains("\"GET ") && line.contains("\" 200 ")),
        "the whole wheel was fetched: {asked:#?}"
    );
    // The page of the yard itself saves even that.
    let before = asked.len();
    let own = format!("--index-url={}", yard.url("/main/simple/"));
    room.pip(&["install", "--dry-run", "--use-feature=fast-deps", &own, "liner"])
        .ok()
        .says(&["Would install liner-1.0.0"]);
    assert_eq!(fetched_wheels(&yard).len(), before);
}
