//! The configuration file, and what browsers are told of what is served.

use std::fs;

use tempfile::TempDir;

use crate::harness::{Outcome, Request, Served, Server, SmallDeb, get};

/// What a server says that is started with this file.
fn refused(text: &str) -> Outcome {
    let room = TempDir::new().unwrap();
    let (file, data) = (room.path().join("server.toml"), room.path().join("data"));
    fs::write(&file, text).unwrap();
    let (file, data) = (file.to_str().unwrap(), data.to_str().unwrap());
    Server::refuses(&["serve", "--data", data, "--config", file])
}

#[test]
fn a_key_that_is_not_known_is_shown_where_it_is_with_the_nearest() {
    let said = refused("listen = \"127.0.0.1:0\"\n\n[limits]\nconections = 3\n");
    said.exits(2).says(&[
        "unknown key `conections`",
        "server.toml:4:1",
        "did you mean `connections`?",
    ]);
    refused("max-upload = \"big\"\n")
        .exits(2)
        .says(&["server.toml:1:14"]);
    refused("[limits]\nuploads = 0\n")
        .exits(2)
        .says(&["server.toml:2:11"]);
    refused("listen =\n").exits(2).says(&["server.toml:1:"]);
}

#[test]
fn a_flag_wins_over_the_file() {
    let room = TempDir::new().unwrap();
    let file = room.path().join("server.toml");
    fs::write(
        &file,
        "listen = \"192.0.2.1:1\"\npublic-url = \"https://a.example\"\nmax-upload = 1\n",
    )
    .unwrap();
    let yard = Served::with(&[
        "--config",
        file.to_str().unwrap(),
        "--public-url",
        "https://b.example",
    ]);
    let conf = get(&yard.url("/main/pip.conf")).is(200);
    assert!(
        conf.text().contains("https://b.example/main/simple/"),
        "{}",
        conf.text()
    );
    let url = yard
        .url("/api/v1/channels/main/blobs/00000000000000000000000000000000000000000000000000000000000000ff");
    Request::new("PUT", &url)
        .token(&yard.admin_token())
        .send_bytes(b"xx")
        .is(413);
}

#[test]
fn browsers_run_nothing_of_what_is_served() {
    let yard = Served::with(&[]).with_hello_world();
    let page = get(&yard.url("/main/"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), value);
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(page.header("strict-transport-security"), "", "it is not TLS");

    // The one kind of file that is served as it was uploaded and that browsers show: XML.
    let hostile = "<comps xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:script>alert(1)</h:script></comps>";
    let url = yard.url("/api/v1/channels/main/distributions/any/documents/page?name=page.html");
    let put = Request::new("PUT", &url).token(&yard.admin_token());
    assert!(put.send_bytes(hostile.as_bytes()).status < 300);
    let repomd = get(&yard.url("/main/yum/any/x86_64/repodata/repomd.xml")).is(200);
    let href = repomd.text().split("href=\"").find(|h| h.contains("page.html"));
    let href = href
        .unwrap_or_else(|| panic!("{}", repomd.text()))
        .split('"')
        .next()
        .unwrap();
    for path in [
        format!("/main/yum/any/x86_64/{href}"),
        "/main/yum/any/x86_64/repodata/repomd.xml".to_owned(),
    ] {
        let file = get(&yard.url(&path)).is(200);
        assert!(
            file.header("content-security-policy").contains("sandbox"),
            "{path}"
        );
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(
            !file.header("content-type").contains("html"),
            "{}",
            file.header("content-type")
        );
    }
}

#[test]
fn what_a_package_says_of_itself_is_text_on_its_pages() {
    let yard = Served::with(&[]);
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt; javascript:alert(3)";
    let deb = SmallDeb::new("lamp", "1").field("Description", hostile);
    let deb = deb.field("Homepage", "javascript:alert(5)");
    let url = yard.url("/main/apt/upload/any/main/lamp_1_all.deb");
    let put = Request::new("PUT", &url).token(&yard.admin_token());
    let reply = put.send_file(&deb.build());
    assert!(reply.status < 300, "{}", reply.text());
    for path in [
        "/main/",
        "/main/packages/lamp",
        "/main/packages/lamp/1",
        "/main/?q=<script>alert(4)</script>",
    ] {
        let page = Request::new("GET", &yard.url(&path.replace('<', "%3C").replace('>', "%3E")))
            .send()
            .is(200);
        let text = page.text();
        assert!(
            !text.contains("<script") && !text.contains("<img"),
            "{path}: {text}"
        );
        assert!(!text.contains("href=\"javascript:"), "{path}: {text}");
    }
}
