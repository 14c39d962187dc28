//! Drafts: several jobs add, one commits, and nothing is visible before.

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::Value;

use crate::harness::{Dist, Outcome, Project, Reply, Request, Yard, get, packyard, sha256};

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// `packyard publish … --server …`
fn publish(yard: &Yard, args: &[&str]) -> Outcome {
    packyard(args_of(yard, args))
}

fn args_of(yard: &Yard, args: &[&str]) -> Vec<String> {
    let place = [
        "--server".to_owned(),
        yard.url(""),
        "--token".to_owned(),
        yard.admin_token(),
    ];
    let command = std::iter::once("publish".to_owned());
    command
        .chain(args.iter().map(ToString::to_string))
        .chain(place)
        .collect()
}

fn add(yard: &Yard, draft: &str, what: &Path) -> Outcome {
    publish(yard, &[&text(what), "--draft", draft])
}

fn api(yard: &Yard, method: &str, path: &str) -> Reply {
    let url = yard.url(&format!("/api/v1/channels/main/{path}"));
    Request::new(method, &url).token(&yard.admin_token()).send()
}

/// Everything of a channel that anybody may ask for.
fn visible(yard: &Yard, dist: &Dist) -> String {
    let mut seen = String::new();
    for path in [
        "/main/",
        "/main/simple/",
        "/main/apt/dists/any/main/binary-amd64/Packages",
        "/api/v1/revisions",
        "/api/v1/channels/main",
        "/api/v1/channels/main/packages",
        "/main/yum/any/x86_64/repodata/repomd.xml",
    ] {
        seen += get(&yard.url(path)).is(200).text();
    }
    for file in [dist.wheel(), dist.sdist(), dist.deb(), dist.rpm()] {
        let (digest, name) = (
            sha256(&fs::read(&file).unwrap()),
            file.file_name().unwrap().to_str().unwrap().to_owned(),
        );
        for path in ["files", "apt/pool", "yum/any/x86_64/Packages"] {
            let url = yard.url(&format!("/main/{path}/{digest}/{name}"));
            seen += &format!("{path}: {}\n", get(&url).status);
        }
    }
    seen
}

#[test]
fn jobs_add_in_parallel_and_one_commit_makes_one_release() {
    let yard = Yard::new();
    let dist = Project::hello_world().build();
    let (before, empty) = (yard.revision(), visible(&yard, &dist));
    let files = [dist.wheel(), dist.sdist(), dist.deb(), dist.rpm()];
    let jobs: Vec<_> = files
        .iter()
        .map(|file| {
            let args = args_of(&yard, &[&text(file), "--draft", "v1.1.3"]);
            thread::spawn(move || packyard(args).ok().says(&["v1.1.3", "expires at"]))
        })
        .collect();
    jobs.into_iter().for_each(|job| drop(job.join().unwrap()));
    // A job that runs again adds nothing.
    add(&yard, "v1.1.3", &files[2]).ok().says(&["holds 4 artifacts"]);
    assert_eq!(visible(&yard, &dist), empty, "a draft shows");
    assert_eq!(yard.revision(), before);

    publish(&yard, &["--commit", "v1.1.3", "--note", "from four jobs"])
        .ok()
        .says(&["hello-world_1.1.3-1_all.deb", &format!("revision {}", before + 1)]);
    assert_eq!(yard.revision(), before + 1);
    let changes = get(&yard.url(&format!("/api/v1/revisions?after={before}")))
        .is(200)
        .json();
    assert_eq!(
        changes["changes"][0]["artifacts"].as_array().unwrap().len(),
        4,
        "{changes}"
    );
    assert_eq!(changes["changes"][0]["note"], "from four jobs");
    let page = get(&yard.url("/main/simple/hello-world/")).is(200);
    assert!(page.text().contains("hello_world-1.1.3.tar.gz"));
}

#[test]
fn a_committed_draft_gives_the_same_receipt_again_and_takes_no_more() {
    let yard = Yard::new();
    let dist = Project::greeter().build();
    add(&yard, "run-7", &dist.deb()).ok();
    let first = publish(&yard, &["--commit", "run-7", "--json"]).ok();
    let revision = yard.revision();
    let again = publish(&yard, &["--commit", "run-7", "--json", "--if-revision", "1"]).ok();
    assert_eq!(first.stdout, again.stdout);
    assert_eq!(yard.revision(), revision);
    add(&yard, "run-7", &dist.rpm()).exits(1).says(&[
        "run-7",
        &format!("committed in revision {revision}"),
        "another id",
    ]);
    let shown = api(&yard, "GET", "drafts/run-7").is(200).json();
    assert_eq!(shown["state"], "committed", "{shown}");
}

#[test]
fn an_unknown_draft_is_an_error_that_names_the_nearest() {
    let yard = Yard::new();
    add(&yard, "run-1234", &Project::greeter().build().deb()).ok();
    publish(&yard, &["--commit", "run-1243"])
        .exits(1)
        .says(&["draft `run-1243`", "did you mean `run-1234`?"]);
    publish(&yard, &["--commit", "a/b"]).exits(2).says(&["draft id"]);
    publish(&yard, &[]).exits(2);
    api(&yard, "GET", "drafts/none").problem(404, &["none"]);
}

#[test]
fn files_named_with_commit_are_added_first() {
    let yard = Yard::new();
    let before = yard.revision();
    let dist = Project::greeter().build();
    add(&yard, "x", &dist.deb()).ok();
    publish(&yard, &[&text(&dist.rpm()), "--commit", "x"])
        .ok()
        .says(&[".deb (any)", ".rpm (any)"]);
    assert_eq!(yard.revision(), before + 1);
}

#[test]
fn what_cannot_be_published_is_refused_when_it_is_added() {
    let (yard, project) = Yard::with_hello_world();
    let revision = yard.revision();
    project.replace("man/hello-world.1", "Answers every", "Answers each");
    let other = project.build();
    add(&yard, "x", &other.deb())
        .exits(1)
        .says(&["already published with other contents", "409"]);
    let broken = other.directory().join("broken_1.0_all.deb");
    fs::write(&broken, "no package").unwrap();
    add(&yard, "x", &broken)
        .exits(1)
        .says(&["broken_1.0_all.deb", "422"]);
    api(&yard, "GET", "drafts/x").problem(404, &["draft `x`"]);
    assert_eq!(yard.revision(), revision);
}

#[test]
fn a_draft_holds_one_file_under_one_name() {
    let yard = Yard::new();
    let project = Project::hello_world();
    let one = project.build();
    project.replace("man/hello-world.1", "Answers every", "Answers each");
    let other = project.build();
    add(&yard, "x", &one.deb()).ok();
    add(&yard, "x", &other.deb()).exits(1).says(&[
        "draft `x` holds",
        "other contents",
        "packyard draft discard x",
    ]);
    let token = yard.admin_token();
    let place = ["--server", &yard.url(""), "--token", &token];
    packyard(["draft", "list"].iter().chain(&place))
        .ok()
        .says(&["x (opened at", "expires at"]);
    packyard(["draft", "show", "x"].iter().chain(&place))
        .ok()
        .says(&[".deb (any)"]);
    packyard(["draft", "discard", "x"].iter().chain(&place)).ok();
    packyard(["draft", "list"].iter().chain(&place))
        .ok()
        .says(&["no drafts"]);
    add(&yard, "x", &other.deb()).ok().says(&["holds 1 artifact and"]);
}

#[test]
fn a_refused_commit_leaves_the_draft_open() {
    let yard = Yard::new();
    let before = yard.revision();
    let dist = Project::greeter().build();
    add(&yard, "x", &dist.deb()).ok();
    publish(&yard, &[&text(&Project::hello_world().build().wheel())]).ok();
    publish(&yard, &["--commit", "x", "--if-revision", &before.to_string()])
        .exits(1)
        .says(&["changed in revision", "packyard log main"]);
    assert_eq!(api(&yard, "GET", "drafts/x").is(200).json()["state"], "open");
    add(&yard, "x", &dist.rpm()).ok().says(&["holds 2 artifacts"]);
    publish(&yard, &["--commit", "x"]).ok();
}

#[test]
fn a_draft_survives_its_server_and_needs_none() {
    let mut yard = Yard::new();
    let before = yard.revision();
    let dist = Project::greeter().build();
    add(&yard, "x", &dist.deb()).ok();
    // A server that died while it was committing leaves this.
    yard.kill();
    let closed = yard.data().join("store/staging/drafts/main/x/closed.json");
    fs::write(
        &closed,
        r#"{"attempt":"lost","at":"2999-01-01T00:00:00Z","by":"admin"}"#,
    )
    .unwrap();
    yard.start();
    assert_eq!(api(&yard, "GET", "drafts/x").is(200).json()["state"], "open");
    yard.stop();
    let data = text(&yard.data());
    packyard(["publish", &text(&dist.rpm()), "--draft", "x", "--data", &data])
        .ok()
        .says(&["holds 2 artifacts"]);
    packyard(["publish", "--commit", "x", "--data", &data]).ok();
    yard.start();
    assert_eq!(yard.revision(), before + 1);
}

#[test]
fn a_draft_is_for_those_who_may_publish() {
    let yard = Yard::new();
    let grant = |wish: Value| {
        let reply = Request::new("POST", &yard.url("/api/v1/tokens")).token(&yard.admin_token());
        let reply = reply.send_bytes(wish.to_string().as_bytes()).is(201).json();
        reply["token"].as_str().unwrap().to_owned()
    };
    let other = grant(serde_json::json!({ "can": "publish", "id": "other", "projects": "other-*" }));
    let reader = grant(serde_json::json!({ "can": "read", "id": "reader" }));
    let dist = Project::greeter().build();
    let deb = text(&dist.deb());
    packyard([
        "publish",
        &deb,
        "--draft",
        "x",
        "--server",
        &yard.url(""),
        "--token",
        &other,
    ])
    .exits(1)
    .says(&["403", "publish project `greeter`"]);
    publish(&yard, &[&deb, "--draft", "x"]).ok();
    packyard([
        "publish",
        "--commit",
        "x",
        "--server",
        &yard.url(""),
        "--token",
        &other,
    ])
    .exits(1)
    .says(&["403", "publish project `greeter`"]);
    let url = yard.url("/api/v1/channels/main/drafts");
    Request::new("GET", &url)
        .token(&reader)
        .send()
        .problem(403, &["publish"]);
    get(&url).problem(401, &["token"]);
    Request::new("DELETE", &format!("{url}/x"))
        .token(&other)
        .send()
        .problem(403, &["project `greeter`"]);
    let list = Request::new("GET", &url).token(&other).send().is(200).json();
    assert_eq!(list["drafts"][0]["draft"], "x", "{list}");
}

#[test]
fn the_api_answers_202_with_what_the_draft_holds() {
    let yard = Yard::new();
    let dist = Project::greeter().build();
    let bytes = fs::read(dist.deb()).unwrap();
    let digest = sha256(&bytes);
    let url = yard.url(&format!("/api/v1/channels/main/blobs/{digest}"));
    Request::new("PUT", &url)
        .token(&yard.admin_token())
        .send_bytes(&bytes)
        .is(201);
    let post = |path: &str, body: Value| {
        let request = Request::new("POST", &yard.url(&format!("/api/v1/channels/main/{path}")));
        request
            .token(&yard.admin_token())
            .send_bytes(body.to_string().as_bytes())
    };
    let name = dist.deb().file_name().unwrap().to_str().unwrap().to_owned();
    let artifacts = serde_json::json!([{ "filename": name, "sha256": digest, "distribution": "bookworm" }]);
    let needed = post("uploads", serde_json::json!({ "artifacts": artifacts }))
        .is(200)
        .json();
    assert_eq!(needed, serde_json::json!({ "missing": [], "warnings": [] }));
    let body = |draft: &str| serde_json::json!({ "artifacts": artifacts, "draft": draft });
    let held = post("releases", body("x")).is(202).json();
    assert_eq!(
        (&held["draft"], &held["state"]),
        (&"x".into(), &"open".into()),
        "{held}"
    );
    assert_eq!(held["artifacts"][0]["received"], digest.as_str());
    assert_eq!(held["artifacts"][0]["distribution"], "bookworm");
    assert!(held["expires_at"].is_string(), "{held}");
    let mut noted = body("x");
    noted["note"] = "too early".into();
    post("releases", noted).problem(400, &["when the draft is committed"]);
    post("releases", body("no/id")).problem(400, &["draft id"]);
    let first = post("drafts/x", serde_json::json!({})).is(201).json();
    assert_eq!(api(&yard, "POST", "drafts/x").is(200).json(), first);
    api(&yard, "DELETE", "drafts/x").problem(409, &["committed in revision"]);
    post("releases", body("x")).problem(409, &["committed in revision"]);
    post("releases", body("y")).is(202);
    api(&yard, "DELETE", "drafts/y").is(204);
    api(&yard, "POST", "drafts/y").problem(404, &["draft `y`"]);
}
