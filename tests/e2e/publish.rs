//! A release is one atomic revision, however it comes in.

use std::fs;

use crate::harness::{Outcome, Project, Request, Yard, get, packyard, sha256};

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

/// `packyard publish … --server …` as the admin.
fn publish(yard: &Yard, args: &[&str]) -> Outcome {
    let (server, token) = (yard.url(""), yard.admin_token());
    let place = ["--server", &server, "--token", &token];
    packyard(["publish"].iter().chain(args).chain(&place))
}

/// A distribution's Packages, or why there is none.
fn packages(yard: &Yard, distribution: &str) -> String {
    let path = format!("/main/apt/dists/{distribution}/main/binary-amd64/Packages");
    get(&yard.url(&path)).text().to_owned()
}

#[test]
fn one_command_publishes_for_many_distributions_in_one_revision() {
    let yard = Yard::new();
    let before = yard.revision();
    let (project, greeter) = (Project::hello_world(), Project::greeter());
    let out = project.path().join("many");
    packyard([
        "build",
        &project.arg(),
        "--for",
        "bookworm,el9",
        "--out",
        out.to_str().unwrap(),
    ])
    .ok();
    let greeter = greeter.build();
    let deb = greeter.deb();
    let deb = deb.to_str().unwrap();
    let (bookworm, trixie) = (format!("bookworm={deb}"), format!("trixie={deb}"));
    let el9 = format!("el9={}", greeter.rpm().display());
    publish(&yard, &[out.to_str().unwrap(), &bookworm, &trixie, &el9])
        .ok()
        .says(&[
            "greeter_0.2.0-1_all.deb (bookworm)",
            "greeter_0.2.0-1_all.deb (trixie)",
        ])
        .never_says(&["warning"]);
    assert_eq!(yard.revision(), before + 1);
    for (distribution, packages_there) in [("bookworm", 2), ("trixie", 1)] {
        let there = packages(&yard, distribution).matches("\nFilename: ").count();
        assert_eq!(
            there,
            packages_there,
            "{distribution}: {}",
            packages(&yard, distribution)
        );
    }
    get(&yard.url("/main/yum/el9/x86_64/repodata/repomd.xml")).is(200);
    assert!(
        get(&yard.url("/main/simple/hello-world/"))
            .is(200)
            .text()
            .contains("hello_world-1.1.3")
    );
    // The same again, in any other order, is there already.
    publish(&yard, &[&trixie, &el9, &bookworm, out.to_str().unwrap()])
        .ok()
        .says(&["nothing changed"]);
    assert_eq!(yard.revision(), before + 1);
}

#[test]
fn a_slip_in_the_name_of_a_distribution_is_warned_of_or_refused() {
    let yard = Yard::new();
    let dist = Project::greeter().build();
    let deb = dist.deb();
    publish(&yard, &[&format!("bookworm={}", deb.display())]).ok();
    publish(&yard, &[&format!("bokworm={}", deb.display())])
        .ok()
        .says(&[
            "warning: distribution `bokworm` is new",
            "did you mean `bookworm`?",
        ]);

    // Where distributions are declared, it is refused before anything is sent, and an alias is as good as a name.
    let dist = Project::hello_world().build();
    let deb = dist.deb();
    let token = yard.admin_token();
    let place = ["--server", &yard.url(""), "--token", &token];
    packyard(
        ["channel", "create", "strict", "--no-auto-distributions"]
            .iter()
            .chain(&place),
    )
    .ok();
    let declare = [
        "distribution",
        "create",
        "strict/bookworm",
        "--family",
        "deb",
        "--alias",
        "stable,12Server",
    ];
    packyard(declare.iter().chain(&place)).ok();
    let log = || yard.log().matches("PUT /api/v1/channels/strict/blobs").count();
    publish(
        &yard,
        &[&format!("bokworm={}", deb.display()), "--channel", "strict"],
    )
    .exits(1)
    .says(&[
        "no distribution `bokworm` in channel `strict`",
        "did you mean `bookworm`?",
        "404",
    ]);
    publish(
        &yard,
        &[
            &format!("bookworm={}", dist.rpm().display()),
            "--channel",
            "strict",
        ],
    )
    .exits(1)
    .says(&["does not belong in distribution `bookworm`", "422"]);
    assert_eq!(log(), 0, "bytes were sent for nothing");
    for alias in ["stable", "12Server"] {
        publish(
            &yard,
            &[&format!("{alias}={}", deb.display()), "--channel", "strict"],
        )
        .ok()
        .says(&["hello-world_1.1.3-1_all.deb (bookworm)"]);
    }
    assert_eq!(log(), 1);
}

#[test]
fn a_release_is_stale_only_when_its_own_channel_has_changed() {
    let yard = Yard::new();
    let at = yard.revision().to_string();
    let token = yard.admin_token();
    let place = ["--server", &yard.url(""), "--token", &token];
    packyard(
        ["channel", "create", "other", "--auto-distributions"]
            .iter()
            .chain(&place),
    )
    .ok();
    let (one, two) = (Project::greeter().build(), Project::hello_world().build());
    publish(&yard, &[one.deb().to_str().unwrap(), "--channel", "other"]).ok();
    publish(&yard, &[one.deb().to_str().unwrap(), "--if-revision", &at]).ok();
    let changed = yard.revision();
    publish(&yard, &[two.deb().to_str().unwrap(), "--if-revision", &at])
        .exits(1)
        .says(&[
            "409",
            &format!("changed in revision {changed}"),
            "packyard log main",
        ])
        .never_says(&["uploaded"]);
    // What is so already is not refused for being asked again.
    publish(&yard, &[one.deb().to_str().unwrap(), "--if-revision", &at]).ok();
    publish(
        &yard,
        &[two.deb().to_str().unwrap(), "--if-revision", &changed.to_string()],
    )
    .ok();
    assert_eq!(yard.revision(), changed + 1);
}

#[test]
fn what_was_purged_is_named_by_its_file_before_anything_is_sent() {
    let yard = Yard::new();
    let (one, two) = (Project::greeter().build(), Project::hello_world().build());
    publish(&yard, &[one.deb().to_str().unwrap()]).ok();
    purge(&yard, &one.deb());
    let name = one.deb().file_name().unwrap().to_str().unwrap().to_owned();
    publish(&yard, &[two.deb().to_str().unwrap(), one.deb().to_str().unwrap()])
        .exits(1)
        .says(&["410", &name, "leaked"])
        .never_says(&["uploaded"]);
}

fn purge(yard: &Yard, file: &std::path::Path) {
    let digest = sha256(&std::fs::read(file).unwrap());
    let token = yard.admin_token();
    let place = ["--server", &yard.url(""), "--token", &token];
    packyard(
        ["purge", &digest, "--reason", "leaked", "--yes"]
            .iter()
            .chain(&place),
    )
    .ok();
}

#[test]
fn the_answer_to_a_release_has_its_keys_also_when_nothing_changed() {
    let yard = Yard::new();
    let dist = Project::hello_world().build();
    let body = serde_json::json!({ "artifacts": [put_blob(&yard, &dist.deb())] });
    post_release(&yard, &body).is(201);
    let again: serde_json::Value = post_release(&yard, &body).is(200).json();
    assert_eq!(again.get("release"), Some(&serde_json::Value::Null), "{again}");
}
