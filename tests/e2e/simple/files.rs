//! Wheels and the metadata beside them, byte by byte.

use super::{Index, JSON};
use crate::harness::{run, sha256, system_command};

/// The path of the first file of a project, as its page links to it.
fn path_of(index: &Index, project: &str) -> (String, serde_json::Value) {
    let page = index.ask(&format!("/main/simple/{project}/"), &[("accept", JSON)]);
    let file = page.is(200).json()["files"][0].clone();
    let path = file["url"].as_str().unwrap().trim_start_matches("../");
    (format!("/main/{path}"), file)
}

#[test]
fn the_sidecar_of_a_wheel_is_its_metadata_however_the_directory_is_spelt() {
    let index = Index::new();
    let wheel = index.wheel("blue-whale", "1.0", Some("Blue.Whale-1.0.dist-info"));
    index.publish_file("main", &wheel);
    let (path, file) = path_of(&index, "blue-whale");
    let mut unzip = system_command("python3");
    unzip.args([
        "-c",
        "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode(), end='')",
    ]);
    let inside = run(unzip.arg(&wheel).arg("Blue.Whale-1.0.dist-info/METADATA"))
        .ok()
        .stdout;
    let sidecar = index
        .ask(&format!("{path}.metadata"), &[("accept-encoding", "gzip")])
        .is(200);
    assert_eq!(sidecar.text().trim_end(), inside.trim_end());
    assert_eq!(file["core-metadata"]["sha256"], sha256(&sidecar.body));
    let html = index.ask("/main/simple/blue-whale/", &[]).is(200);
    let advertised = format!("data-core-metadata=\"sha256={}\"", sha256(&sidecar.body));
    assert!(html.text().contains(&advertised), "{}", html.text());

    let head = index.request("HEAD", &format!("{path}.metadata"), &[]).is(200);
    assert_eq!(head.header("content-length"), sidecar.body.len().to_string());
    let tail = index
        .ask(&format!("{path}.metadata"), &[("range", "bytes=-9")])
        .is(206);
    assert_eq!(tail.body, sidecar.body[sidecar.body.len() - 9..]);
}

#[test]
fn a_wheel_is_read_in_pieces_as_lazy_clients_do() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let (path, file) = path_of(&index, "blue-whale");
    let full = index.ask(&path, &[("accept-encoding", "gzip, zstd")]).is(200);
    assert_eq!(
        full.header("content-encoding"),
        "",
        "the digest is that of the bytes as they are"
    );
    assert_eq!(file["hashes"]["sha256"], sha256(&full.body));
    assert!(full.header("cache-control").contains("immutable"));
    let size = full.body.len();
    let head = index.request("HEAD", &path, &[("range", "bytes=0-9")]).is(200);
    assert_eq!(head.header("accept-ranges"), "bytes");
    assert_eq!(head.header("content-length"), size.to_string());
    // poetry asks for the end without a HEAD.
    let tail = index.ask(&path, &[("range", "bytes=-10000")]).is(206);
    assert_eq!(tail.body, full.body[size.saturating_sub(10_000)..]);
    let etag = full.header("etag");
    for (condition, value, status) in [
        ("if-range", etag, 206),
        ("if-range", full.header("last-modified"), 206),
        ("if-range", "\"other\"", 200),
        ("if-match", etag, 206),
        ("if-match", "\"other\"", 412),
        ("if-none-match", etag, 304),
        ("if-unmodified-since", full.header("last-modified"), 206),
        ("if-unmodified-since", "Thu, 01 Jan 2004 00:00:00 GMT", 412),
    ] {
        let reply = index.ask(&path, &[("range", "bytes=0-0"), (condition, value)]);
        assert_eq!(reply.status, status, "{condition}: {value}");
    }
}

#[test]
fn several_ranges_come_in_one_answer() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let (path, _) = path_of(&index, "blue-whale");
    let full = index.ask(&path, &[]).is(200);
    let size = full.body.len();
    let reply = index.ask(&path, &[("range", "bytes=-5, 0-3, 1000-1009")]).is(206);
    let kind = reply.header("content-type");
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let text: Vec<u8> = [0..4, 1000..1010, size - 5..size]
        .into_iter()
        .flat_map(|r| {
            let (first, last) = (r.start, r.end - 1);
            let head = format!(
                "\r\n--{boundary}\r\nContent-Type: application/zip\r\nContent-Range: bytes {first}-{last}/{size}\r\n\r\n"
            );
            [head.as_bytes(), &full.body[r]].concat()
        })
        .chain(format!("\r\n--{boundary}--\r\n").into_bytes())
        .collect();
    assert_eq!(reply.body, text);
    assert_eq!(reply.header("content-length"), text.len().to_string());
}

#[test]
fn a_quarantined_project_has_a_page_that_says_so_and_offers_nothing() {
    let index = Index::new();
    index.publish("main", "blue-whale", "1.0");
    let (path, _) = path_of(&index, "blue-whale");
    index.put(
        "/api/v1/channels/main/projects/blue-whale",
        r#"{"status":"quarantined","reason":"it <bites>"}"#,
    );
    let page = index
        .ask("/main/simple/blue-whale/", &[("accept", JSON)])
        .is(200)
        .json();
    assert_eq!(page["project-status"]["status"], "quarantined");
    assert_eq!(page["project-status"]["reason"], "it <bites>");
    assert_eq!(
        (
            page["files"].as_array().unwrap().len(),
            page["versions"].as_array().unwrap().len()
        ),
        (0, 0)
    );
    let html = index.ask("/main/simple/blue-whale/", &[]).is(200);
    for meta in [
        "<meta name=\"pypi:project-status\" content=\"quarantined\">",
        "<meta name=\"pypi:project-status-reason\" content=\"it &lt;bites&gt;\">",
    ] {
        assert!(html.text().contains(meta), "{}", html.text());
    }
    assert!(!html.text().contains("<a "), "{}", html.text());
    index.ask(&path, &[]).problem(403, &["quarantined", "it <bites>"]);
    index.ask(&format!("{path}.metadata"), &[]).is(403);
}
