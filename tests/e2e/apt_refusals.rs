//! What apt refuses, it refuses of us too, and says why.

use crate::harness::{AptRoot, SmallDeb, Tamper, Yard, get};

const KEY: &str = "/etc/apt/keyrings/packyard-main.asc";

/// A root with one source, by whatever address.
fn root(key: &str, base: &str) -> AptRoot {
    let root = AptRoot::new();
    root.write(KEY, key);
    root.write(
        "etc/apt/sources.list",
        &format!("deb [signed-by={KEY}] {base}/main/apt bookworm main\n"),
    );
    root
}

fn key(yard: &Yard) -> String {
    get(&yard.url("/main/apt/key.asc")).is(200).text().to_owned()
}

#[test]
fn a_package_whose_needs_nobody_meets_is_refused_by_name() {
    let yard = Yard::new();
    SmallDeb::new("tool", "1.0")
        .field("Depends", "tool-data (>= 2.0)")
        .put(&yard, "bookworm/main")
        .is(201);
    SmallDeb::new("tool-data", "1.0")
        .put(&yard, "bookworm/main")
        .is(201);
    let root = root(&key(&yard), &yard.url(""));
    root.update();
    root.apt_get(&["install", "tool"])
        .fails()
        .says(&["tool : Depends: tool-data (>= 2.0)", "unmet dependencies"]);
    SmallDeb::new("tool-data", "2.0")
        .put(&yard, "bookworm/main")
        .is(201);
    root.update();
    root.apt_get(&["install", "tool"]).ok();
}

#[test]
fn another_yards_key_opens_nothing() {
    let (yard, other) = (Yard::new(), Yard::new());
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    let root = root(&key(&other), &yard.url(""));
    root.apt_get(&["update"]).fails().says(&["NO_PUBKEY"]);
    root.apt_get(&["install", "tool"])
        .fails()
        .says(&["Unable to locate package tool"]);
    root.write(KEY, &key(&yard));
    root.update();
    root.apt_get(&["install", "tool"]).ok();
}

#[test]
fn an_index_that_was_changed_on_the_way_is_not_taken() {
    let yard = Yard::new();
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    // By its hash or by its name, whichever apt asks for.
    let evil = Tamper::containing(&yard, "/binary-amd64/", |bytes| {
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
    });
    let root = root(&key(&yard), evil.url());
    root.apt_get(&["update"]).fails().says(&["Hash Sum mismatch"]);
    root.apt_get(&["install", "tool"]).fails();
    root.write(
        "etc/apt/sources.list",
        &format!("deb [signed-by={KEY}] {} bookworm main\n", yard.url("/main/apt")),
    );
    root.update();
    root.apt_get(&["install", "tool"]).ok();
}
