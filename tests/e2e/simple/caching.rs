//! A page is another one when its project is, and not before.

use super::{Index, JSON};

#[test]
fn what_has_not_changed_is_not_sent_again_and_the_304_says_what_the_200_said() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    for (page, liked) in [
        ("/main/simple/blue-whale/", "gzip"),
        ("/main/simple/", "zstd"),
        ("/main/pypi/blue-whale/json", "identity"),
    ] {
        let asked = [("accept", JSON), ("accept-encoding", liked)];
        let full = index.ask(page, &asked).is(200);
        for condition in ["if-none-match", "if-modified-since"] {
            let known = if condition == "if-none-match" {
                "etag"
            } else {
                "last-modified"
            };
            let headers = [asked[0], asked[1], (condition, full.header(known))];
            let fresh = index.ask(page, &headers).is(304);
            assert!(fresh.body.is_empty());
            for name in [
                "etag",
                "cache-control",
                "vary",
                "x-pypi-last-serial",
                "last-modified",
            ] {
                assert!(!fresh.header(name).is_empty(), "a 304 for {page} without {name}");
                assert_eq!(fresh.header(name), full.header(name), "{name} of {page}");
            }
        }
        // The tag of one coding says nothing of another.
        let headers = [
            asked[0],
            ("accept-encoding", "br"),
            ("if-none-match", full.header("etag")),
        ];
        if liked != "identity" {
            index.ask(page, &headers).is(200);
        }
        let head = index.request("HEAD", page, &asked).is(200);
        assert!(head.body.is_empty());
        assert_eq!(head.header("content-length"), full.body.len().to_string());
        assert_eq!(head.header("etag"), full.header("etag"));
        index
            .ask(page, &[asked[0], ("if-match", "\"other\"")])
            .problem(412, &["If-Match"]);
    }
}

#[test]
fn a_publish_changes_the_page_of_its_project_at_once_and_no_other() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let page = || {
        let reply = index.ask("/main/simple/blue-whale/", &[("accept", JSON)]).is(200);
        let said = ["etag", "x-pypi-last-serial"].map(|name| reply.header(name).to_owned());
        (said, reply.json()["files"].as_array().unwrap().len())
    };
    let root = || index.ask("/main/simple/", &[]).is(200).header("etag").to_owned();
    let (before, root_before) = (page(), root());
    index.publish("main", "red-fox", "1.0");
    assert_eq!(page(), before, "another project was published");
    assert_ne!(root(), root_before, "the list has one more");
    index.publish("main", "blue-whale", "1.1");
    let after = page();
    assert_ne!(after.0[0], before.0[0]);
    assert_ne!(after.0[1], before.0[1]);
    assert_eq!((before.1, after.1), (1, 2));
    let body = r#"{"packages":["blue-whale==1.0"],"reason":"it sinks"}"#;
    let yank = crate::harness::Request::new("POST", &index.yard.url("/api/v1/channels/main/yanks"))
        .token(&index.yard.admin_token())
        .send_bytes(body.as_bytes());
    assert_eq!(yank.status, 201, "{yank:?}");
    let yanked = index.ask("/main/simple/blue-whale/", &[("accept", JSON)]).is(200);
    let yanked = yanked.json();
    let files = yanked["files"].as_array().unwrap();
    let sunk = files.iter().find(|f| f["yanked"] != false).unwrap();
    assert_eq!(sunk["yanked"], "it sinks");
    assert_eq!(sunk["filename"], "blue_whale-1.0-py3-none-any.whl");
}

#[test]
fn a_page_of_an_earlier_revision_stays_as_it_was() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let url = format!("/main@{}/simple/blue-whale/", index.yard.revision());
    let before = index.ask(&url, &[("accept", JSON)]).is(200);
    index.publish("main", "blue-whale", "1.1");
    let after = index.ask(&url, &[("accept", JSON)]).is(200);
    assert_eq!(after.text(), before.text());
    assert_eq!(after.header("etag"), before.header("etag"));
}

#[test]
fn what_another_process_publishes_is_on_the_next_page() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let count = || {
        let reply = index.ask("/main/simple/blue-whale/", &[("accept", JSON)]).is(200);
        reply.json()["versions"].as_array().unwrap().len()
    };
    assert_eq!(count(), 1);
    let data = index.yard.data();
    let wheel = index.wheel("blue-whale", "1.1", None);
    let (wheel, data) = (wheel.to_str().unwrap(), data.to_str().unwrap());
    crate::harness::packyard(["publish", wheel, "--data", data]).ok();
    assert_eq!(count(), 2);
}

#[test]
fn a_channel_shows_what_it_inherits_and_notices_its_changes() {
    let index = Index::new();
    index.put("/api/v1/channels/dev", r#"{"inherits":["main"]}"#);
    index.publish("main", "blue-whale", "1.0");
    let page = || index.ask("/dev/simple/blue-whale/", &[("accept", JSON)]);
    let before = page().is(200);
    assert_eq!(before.json()["versions"], serde_json::json!(["1.0"]));
    index.publish("dev", "blue-whale", "1.1.dev1");
    index.publish("main", "blue-whale", "1.1");
    let after = page().is(200);
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(
        after.json()["versions"],
        serde_json::json!(["1.1.dev1", "1.0", "1.1"])
    );
    for file in after.json()["files"].as_array().unwrap() {
        let path = file["url"].as_str().unwrap().trim_start_matches("../");
        index.ask(&format!("/dev/{path}"), &[]).is(200);
    }
    index.put("/api/v1/channels/dev", r#"{"inherits":[]}"#);
    assert_eq!(page().is(200).json()["versions"], serde_json::json!(["1.1.dev1"]));
}

#[test]
fn a_static_copy_of_a_channel_has_what_it_inherits() {
    let index = Index::new();
    index.put("/api/v1/channels/dev", r#"{"inherits":["main"]}"#);
    index.publish("main", "blue-whale", "1.0");
    index.publish("main", "red-fox", "1.0");
    index.publish("dev", "blue-whale", "1.1");
    let out = index.directory.path().join("public");
    let (server, token) = (index.yard.url(""), index.yard.admin_token());
    let out_text = out.to_str().unwrap();
    crate::harness::packyard(["export", "dev", out_text, "--server", &server, "--token", &token]).ok();
    for project in ["", "blue-whale/", "red-fox/"] {
        let copy = std::fs::read_to_string(out.join(format!("simple/{project}index.html"))).unwrap();
        let page = index.ask(&format!("/dev/simple/{project}"), &[]).is(200);
        assert_eq!(copy, page.text());
        for link in copy.split("../../").skip(1) {
            let file = link.split('#').next().unwrap();
            assert!(out.join(file).exists(), "{file} is linked to and was not written");
            assert!(
                out.join(format!("{file}.metadata")).exists(),
                "{file} has no metadata"
            );
        }
    }
}
