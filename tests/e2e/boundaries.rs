//! What must not cross a line: from a channel's former life into its new one, from a project's token into a channel, from
//! a private channel into the log, from destroyed bytes into a page, through a link out of an export.

use crate::harness::{Outcome, Project, Reply, Request, Yard, get, packyard};

fn on(yard: &Yard, args: &[&str]) -> Outcome {
    with(yard, &yard.admin_token(), args)
}

fn with(yard: &Yard, token: &str, args: &[&str]) -> Outcome {
    let (url, mut all) = (yard.url(""), args.to_vec());
    all.extend(["--server", &url, "--token", token]);
    packyard(all)
}

fn token(yard: &Yard, args: &[&str]) -> String {
    let mut all = vec!["token", "create"];
    all.extend(args);
    on(yard, &all).ok().stdout.trim().to_owned()
}

/// A yard whose private channel `vault` holds hello-world, the revision of that, and a wheel's path below the channel.
fn with_vault() -> (Yard, u64, String) {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "vault", "--private"]).ok();
    let dist = Project::hello_world().build();
    let at = dist.directory().to_str().unwrap();
    on(
        &yard,
        &["publish", at, "--channel", "vault", "--note", "a secret"],
    )
    .ok();
    let page = Request::new("GET", &yard.url("/vault/simple/hello-world/"))
        .header("authorization", &format!("Bearer {}", yard.admin_token()))
        .send()
        .is(200);
    let text = page.text();
    let from = text.find("files/").unwrap();
    let wheel = text[from..].split(['#', '"']).next().unwrap().to_owned();
    let revision = yard.revision();
    (yard, revision, wheel)
}

#[test]
fn a_channel_that_is_made_anew_shows_nothing_of_the_one_before() {
    let (yard, revision, file) = with_vault();
    on(&yard, &["channel", "delete", "vault", "--force"]).ok();
    on(&yard, &["channel", "create", "vault", "--public"]).ok();
    get(&yard.url(&format!("/vault@{revision}/simple/hello-world/"))).is(404);
    get(&yard.url(&format!("/vault/{file}"))).is(404);
    let log = get(&yard.url("/api/v1/revisions?channel=vault")).is(200);
    assert!(!log.text().contains("a secret"), "{}", log.text());
    get(&yard.url("/vault/apt/dists/any/InRelease")).is(200);
    // Who administers the yard still sees what happened.
    on(&yard, &["log", "vault"])
        .ok()
        .says(&["a secret", "delete-channel"]);
}

#[test]
fn a_draft_ends_with_its_channel() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "dev"]).ok();
    let dist = Project::hello_world().build();
    let at = dist.directory().to_str().unwrap();
    on(&yard, &["publish", at, "--channel", "dev", "--draft", "ci-1"]).ok();
    on(&yard, &["channel", "delete", "dev", "--force"]).ok();
    on(&yard, &["channel", "create", "dev"]).ok();
    on(&yard, &["publish", "--channel", "dev", "--commit", "ci-1"])
        .fails()
        .says(&["ci-1"]);
}

#[test]
fn a_token_for_some_projects_changes_no_channel_as_a_whole() {
    let (yard, _) = Yard::with_hello_world();
    let some = token(&yard, &["--can", "admin", "--project", "other*"]);
    for args in [
        &["channel", "set", "main", "--private"][..],
        &["channel", "delete", "main", "--force"],
        &["distribution", "create", "main/bookworm"],
        &["tag", "main", "v1"],
    ] {
        with(&yard, &some, args).fails().says(&["as a whole"]);
    }
}

#[test]
fn the_public_log_does_not_name_a_private_channel() {
    let (yard, ..) = with_vault();
    on(
        &yard,
        &["promote", "hello-world", "--from", "vault", "--to", "main"],
    )
    .ok();
    let log = get(&yard.url("/api/v1/revisions")).is(200);
    assert!(log.text().contains("promote"), "{}", log.text());
    assert!(!log.text().contains("vault"), "{}", log.text());
}

#[test]
fn pages_say_nothing_more_of_what_was_purged() {
    let (yard, _) = Yard::with_hello_world();
    on(&yard, &["tag", "main", "before"]).ok();
    let listed: Reply = get(&yard.url("/api/v1/channels/main/packages/hello-world")).is(200);
    let listed = listed.json();
    for version in listed["versions"].as_array().unwrap() {
        for artifact in version["artifacts"].as_array().unwrap() {
            let digest = artifact["served"].as_str().unwrap();
            on(&yard, &["purge", digest, "--reason", "leaked", "--yes"]).ok();
        }
    }
    for path in [
        "/main@before/packages/hello-world",
        "/api/v1/channels/main@before/packages/hello-world",
    ] {
        get(&yard.url(path)).is(404);
    }
    get(&yard.url("/main@before/simple/hello-world/")).is(404);
}

#[test]
fn an_export_does_not_follow_a_link_out_of_its_tree() {
    let (yard, _) = Yard::with_hello_world();
    let work = tempfile::TempDir::new().unwrap();
    let (tree, outside) = (work.path().join("tree"), work.path().join("outside"));
    let to = tree.to_str().unwrap();
    on(&yard, &["export", "main", to]).ok();
    std::fs::rename(tree.join("simple"), &outside).unwrap();
    std::fs::remove_file(outside.join("index.html")).unwrap();
    std::os::unix::fs::symlink(&outside, tree.join("simple")).unwrap();
    on(&yard, &["export", "main", to])
        .fails()
        .says(&["symbolic link"]);
    assert!(!outside.join("index.html").exists());
}

#[test]
fn a_query_that_is_not_understood_is_refused() {
    let (yard, _) = Yard::with_hello_world();
    get(&yard.url("/api/v1/channels/main/diff?form=1&to=2")).is(400);
}
