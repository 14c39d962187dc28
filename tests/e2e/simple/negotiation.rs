//! What is sent to whom.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{HTML, Index, JSON};

const PAGES: [&str; 2] = ["/main/simple/", "/main/simple/blue-whale/"];

#[test]
fn a_client_gets_the_representation_that_it_likes_best() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let pip = format!("{JSON}, {HTML}; q=0.1, text/html; q=0.01");
    for page in PAGES {
        for (accept, kind) in [
            (pip.as_str(), JSON),
            ("application/vnd.pypi.simple.latest+json", JSON),
            (
                "application/vnd.pypi.simple.v1+json;charset=utf-8, */*;q=0.1",
                JSON,
            ),
            (HTML, HTML),
            (
                "text/html;q=0.9, application/vnd.pypi.simple.v1+json;q=0.2",
                "text/html",
            ),
            ("*/*", "text/html"),
        ] {
            let reply = index.ask(page, &[("accept", accept)]).is(200);
            assert!(
                reply.header("content-type").starts_with(kind),
                "{accept}: {reply:?}"
            );
            assert_eq!(reply.header("vary"), "Accept, Accept-Encoding");
        }
        let plain = index.ask(page, &[]).is(200);
        assert!(plain.header("content-type").starts_with("text/html"), "{plain:?}");
        let forced = index.ask(&format!("{page}?format={JSON}"), &[("accept", "text/html")]);
        assert_eq!(forced.is(200).header("content-type"), JSON);
        index
            .ask(page, &[("accept", "application/json")])
            .problem(406, &["Accept", JSON, HTML, "text/html"]);
        index
            .ask(&format!("{page}?format=text/plain"), &[])
            .problem(406, &["text/plain", JSON]);
    }
}

#[test]
fn every_coding_holds_the_same_page_and_has_a_tag_of_its_own() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    for page in PAGES {
        let mut tags = Vec::new();
        for accept in [JSON, HTML, "text/html"] {
            let plain = index.ask(page, &[("accept", accept)]).is(200);
            for (liked, coding, tool) in [
                ("identity", "", ["cat", "-"]),
                ("gzip, deflate", "gzip", ["gzip", "-dc"]),
                ("gzip, deflate, zstd", "zstd", ["zstd", "-dc"]),
                ("zstd;q=0.1, gzip", "gzip", ["gzip", "-dc"]),
            ] {
                let headers = [("accept", accept), ("accept-encoding", liked)];
                let reply = index.ask(page, &headers).is(200);
                assert_eq!(reply.header("content-encoding"), coding, "{liked}");
                assert_eq!(
                    opened(tool, &reply.body),
                    plain.body,
                    "{page} as {accept} in {liked}"
                );
                assert_eq!(reply.header("content-length"), reply.body.len().to_string());
                tags.push((accept, coding, reply.header("etag").to_owned()));
            }
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 9, "three representations in three codings: {tags:?}");
        let mut only: Vec<&str> = tags.iter().map(|(.., tag)| tag.as_str()).collect();
        only.sort_unstable();
        only.dedup();
        assert_eq!(only.len(), 9, "{tags:?}");
        assert!(
            only.iter().all(|tag| tag.starts_with('"')),
            "they are not strong: {tags:?}"
        );
    }
}

/// What a tool makes of bytes.
fn opened([tool, flag]: [&str; 2], bytes: &[u8]) -> Vec<u8> {
    let mut command = Command::new(tool);
    let mut child = command
        .arg(flag)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(bytes).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{tool} does not read it");
    output.stdout
}

#[test]
fn a_name_that_is_not_normalised_is_moved_for_ever_in_the_same_revision_with_its_query() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let at = format!("main@{}", index.yard.revision());
    for (from, to) in [
        ("main/simple/Blue_Whale/", "main/simple/blue-whale/"),
        ("main/simple/blue--whale", "main/simple/blue-whale/"),
        ("main/simple/blue-whale", "main/simple/blue-whale/"),
        (
            "main/simple/Blue.Whale/?format=x&a=1",
            "main/simple/blue-whale/?format=x&a=1",
        ),
        ("main/pypi/Blue_Whale/json", "main/pypi/blue-whale/json"),
        (
            "main/pypi/blue-whale/1.0-RC1/json",
            "main/pypi/blue-whale/1.0rc1/json",
        ),
    ] {
        let [from, to] = [from, to].map(|path| path.replace("main/", &format!("{at}/")));
        // What is moved is moved whatever representation was asked for.
        let from = from.replace("format=x", "format=text/html");
        let to = to.replace("format=x", "format=text/html");
        let reply = index.ask(&format!("/{from}"), &[]).is(301);
        assert_eq!(reply.header("location"), format!("/{to}"), "{from}");
    }
    index
        .ask("/main/simple/blue-shark/", &[])
        .problem(404, &["blue-shark"]);
    index
        .ask("/main/simple/Blue%20Shark/", &[])
        .problem(404, &["Blue Shark"]);
}

#[test]
fn json_says_the_version_the_serial_the_status_and_of_each_file_what_installers_need() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    index.publish("main", "red-fox", "2.0");
    let page = index.ask(PAGES[1], &[("accept", JSON)]).is(200);
    let json = page.json();
    assert_eq!(json["meta"]["api-version"], "1.4");
    assert_eq!(json["name"], "blue-whale");
    assert_eq!(json["project-status"]["status"], "active");
    assert_eq!(json["versions"], serde_json::json!(["1.0"]));
    assert_eq!(
        page.header("x-pypi-last-serial"),
        json["meta"]["_last-serial"].to_string()
    );
    let file = &json["files"][0];
    assert_eq!(file["requires-python"], ">=3.8");
    assert_eq!(file["yanked"], false);
    assert!(
        file["provenance"].is_null() && file["size"].as_u64().unwrap() > 0,
        "{file}"
    );
    assert!(file["core-metadata"]["sha256"].is_string(), "{file}");
    let time = file["upload-time"].as_str().unwrap();
    assert_eq!((time.len(), &time[10..11], &time[26..]), (27, "T", "Z"), "{time}");

    let root = index.ask(PAGES[0], &[("accept", JSON)]).is(200).json();
    let serial = |name: &str| {
        let projects = root["projects"].as_array().unwrap();
        projects.iter().find(|p| p["name"] == name).unwrap()["_last-serial"].as_u64()
    };
    assert_eq!(serial("blue-whale"), json["meta"]["_last-serial"].as_u64());
    assert!(serial("red-fox") > serial("blue-whale"));
    assert_eq!(root["meta"]["_last-serial"].as_u64(), serial("red-fox"));
}
