//! A release is one atomic revision, however it comes in.

use std::fs;

use crate::harness::{Project, Request, Yard, get, packyard, sha256};

/// Whether each package manager's index names this version.
fn seen_by(yard: &Yard, version: &str) -> [bool; 3] {
    let pip = get(&yard.url("/main/simple/hello-world/"));
    let apt = get(&yard.url("/main/apt/dists/any/main/binary-amd64/Packages")).is(200);
    // What dnf reads is compressed; the alias of the package says as much.
    let rpm = format!("/main/yum/any/x86_64/Packages/h/hello-world-{version}-1.noarch.rpm");
    let in_pip = pip.status == 200 && pip.text().contains(&format!("hello_world-{version}.tar.gz"));
    [
        in_pip,
        apt.text().contains(&format!("\nVersion: {version}")),
        get(&yard.url(&rpm)).status == 200,
    ]
}

#[test]
fn a_release_is_one_revision_that_all_three_see() {
    let yard = Yard::new();
    let before = yard.revision();
    assert_eq!(seen_by(&yard, "1.1.3"), [false; 3]);
    yard.publish(&Project::hello_world().build());
    assert_eq!(yard.revision(), before + 1);
    assert_eq!(seen_by(&yard, "1.1.3"), [true; 3]);
}

#[test]
fn publishing_the_same_again_changes_nothing() {
    let (yard, project) = Yard::with_hello_world();
    let at = yard.revision();
    yard.publish(&project.build());
    assert_eq!(yard.revision(), at);
}

#[test]
fn one_bad_artifact_keeps_the_whole_release_out() {
    let (yard, project) = Yard::with_hello_world();
    let at = yard.revision();
    // A wheel that is new beside a .deb that says other things under a published name.
    project.replace("man/hello-world.1", "Answers every", "Answers each");
    let other = project.build();
    project.bump("1.1.4");
    let new = project.build();
    let (server, token) = (yard.url(""), yard.admin_token());
    let (wheel, deb) = (new.wheel(), other.deb());
    let files = [wheel.to_str().unwrap(), deb.to_str().unwrap()];
    packyard([
        "publish", files[0], files[1], "--server", &server, "--token", &token,
    ])
    .exits(1)
    .says(&[deb.file_name().unwrap().to_str().unwrap()]);
    assert_eq!(yard.revision(), at);
    assert_eq!(seen_by(&yard, "1.1.4"), [false; 3]);
}

#[test]
fn a_directory_is_published_by_its_list_and_strangers_in_it_are_left_alone() {
    let yard = Yard::new();
    let dist = Project::hello_world().build();
    let stranger = dist.directory().join("stranger_1_all.deb");
    fs::copy(dist.deb(), &stranger).unwrap();
    yard.publish(&dist).never_says(&["stranger"]);
    assert_eq!(seen_by(&yard, "1.1.3"), [true; 3]);
}

#[test]
fn a_yard_that_is_not_served_can_be_published_to_directly() {
    let mut yard = Yard::new();
    let before = yard.revision();
    yard.stop();
    let data = yard.data();
    let dist = Project::hello_world().build();
    packyard([
        "publish",
        dist.directory().to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
    ])
    .ok();
    yard.start();
    assert_eq!(yard.revision(), before + 1);
    assert_eq!(seen_by(&yard, "1.1.3"), [true; 3]);
}

#[test]
fn a_token_that_is_none_is_refused_with_a_hint() {
    let yard = Yard::new();
    let before = yard.revision();
    let dist = Project::greeter().build();
    let directory = dist.directory().to_str().unwrap();
    packyard([
        "publish",
        directory,
        "--server",
        &yard.url(""),
        "--token",
        "wrong",
    ])
    .exits(1)
    .says(&["401", "token"]);
    assert_eq!(yard.revision(), before);
}

#[test]
fn the_api_takes_blobs_and_makes_them_a_release() {
    let yard = Yard::new();
    let before = yard.revision();
    let dist = Project::greeter().build();
    let artifacts: Vec<_> = [dist.deb(), dist.rpm()]
        .iter()
        .map(|path| put_blob(&yard, path))
        .collect();
    assert_eq!(yard.revision(), before, "a blob alone is no change");

    let body = serde_json::json!({ "artifacts": artifacts, "note": "by hand" });
    let reply = post_release(&yard, &body).is(201).json();
    assert_eq!(reply["revision"], before + 1, "{reply}");
    assert_eq!(reply["artifacts"].as_array().unwrap().len(), 2, "{reply}");
    for (sent, taken) in artifacts.iter().zip(reply["artifacts"].as_array().unwrap()) {
        assert_eq!(sent["filename"], taken["filename"]);
        assert_eq!(sent["sha256"], taken["received"]);
    }
    post_release(&yard, &body).is(200);
    assert_eq!(yard.revision(), before + 1, "the same again made a revision");
}

#[test]
fn a_blob_is_checked_against_its_name() {
    let yard = Yard::new();
    let wrong = format!("/api/v1/channels/main/blobs/{}", sha256(b"other"));
    let put = || Request::new("PUT", &yard.url(&wrong)).token(&yard.admin_token());
    put().send_bytes(b"these").problem(400, &[&sha256(b"these")]);
    let body = serde_json::json!({
        "artifacts": [{ "filename": "greeter_0.2.0_all.deb", "sha256": sha256(b"other") }]
    });
    let reply = post_release(&yard, &body);
    assert!(
        [400, 404, 422].contains(&reply.status),
        "a blob that is not there: {reply:?}"
    );
}

fn put_blob(yard: &Yard, path: &std::path::Path) -> serde_json::Value {
    let digest = sha256(&fs::read(path).unwrap());
    let url = yard.url(&format!("/api/v1/channels/main/blobs/{digest}"));
    for _ in ["first", "again"] {
        let reply = Request::new("PUT", &url)
            .token(&yard.admin_token())
            .send_file(path);
        assert!([200, 201].contains(&reply.status), "{reply:?}");
    }
    serde_json::json!({ "filename": path.file_name().unwrap().to_str().unwrap(), "sha256": digest })
}

fn post_release(yard: &Yard, body: &serde_json::Value) -> crate::harness::Reply {
    let request = Request::new("POST", &yard.url("/api/v1/channels/main/releases"));
    let request = request
        .token(&yard.admin_token())
        .header("content-type", "application/json");
    request.send_bytes(body.to_string().as_bytes())
}
