//! What caches and download managers rely on.

use crate::harness::{Reply, Request, Yard, get};

/// One mutable index file, a compressed one, an immutable one and a package of each kind.
fn paths(yard: &Yard) -> Vec<(String, bool)> {
    let release = get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
    let binary = "main/binary-amd64";
    let sums = release
        .text()
        .split("\nSHA256:")
        .nth(1)
        .expect("Release lists SHA-256 sums");
    let gz = sums
        .lines()
        .find(|line| line.ends_with(&format!("{binary}/Packages.gz")))
        .unwrap();
    let hash = gz.split_whitespace().next().unwrap();
    let packages = get(&yard.url(&format!("/main/apt/dists/any/{binary}/Packages"))).is(200);
    let filename = packages
        .text()
        .lines()
        .find_map(|line| line.strip_prefix("Filename: "))
        .unwrap();
    let repomd = get(&yard.url("/main/yum/any/x86_64/repodata/repomd.xml")).is(200);
    let primary = repomd
        .text()
        .split("href=\"")
        .find(|part| part.contains("-primary.xml.gz"))
        .unwrap();
    let primary = primary.split('"').next().unwrap();
    vec![
        ("/main/apt/dists/any/InRelease".into(), false),
        (format!("/main/apt/dists/any/{binary}/Packages.gz"), false),
        (
            format!("/main/apt/dists/any/{binary}/by-hash/SHA256/{hash}"),
            true,
        ),
        (format!("/main/apt/{filename}"), true),
        ("/main/yum/any/x86_64/repodata/repomd.xml".into(), false),
        (format!("/main/yum/any/x86_64/{primary}"), true),
    ]
}

fn ask(yard: &Yard, path: &str, header: &str, value: &str) -> Reply {
    Request::new("GET", &yard.url(path)).header(header, value).send()
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let (yard, _) = Yard::with_hello_world();
    for (path, _) in paths(&yard) {
        let full = get(&yard.url(&path)).is(200);
        let (etag, modified) = (full.header("etag"), full.header("last-modified"));
        assert!(etag.starts_with('"'), "{path} has no strong ETag: {etag}");
        let same = ask(&yard, &path, "if-none-match", etag).is(304);
        assert_eq!(same.header("etag"), etag, "{path}: a 304 repeats the ETag");
        assert!(same.body.is_empty());
        ask(&yard, &path, "if-modified-since", modified).is(304);
        ask(&yard, &path, "if-none-match", "\"other\"").is(200);
        ask(&yard, &path, "if-modified-since", "Thu, 01 Jan 2004 00:00:00 GMT").is(200);
    }
}

#[test]
fn head_says_what_get_would() {
    let (yard, _) = Yard::with_hello_world();
    for (path, _) in paths(&yard) {
        let full = get(&yard.url(&path)).is(200);
        let head = Request::new("HEAD", &yard.url(&path)).send().is(200);
        assert!(head.body.is_empty());
        for name in [
            "etag",
            "last-modified",
            "content-type",
            "cache-control",
            "accept-ranges",
        ] {
            assert_eq!(head.header(name), full.header(name), "{name} of {path}");
        }
        assert_eq!(
            head.header("content-length"),
            full.body.len().to_string(),
            "{path}"
        );
    }
}

#[test]
fn a_download_can_be_resumed() {
    let (yard, _) = Yard::with_hello_world();
    for (path, _) in paths(&yard) {
        let full = get(&yard.url(&path)).is(200);
        let (size, etag) = (full.body.len(), full.header("etag"));
        let first = ask(&yard, &path, "range", "bytes=0-9").is(206);
        assert_eq!(first.body, full.body[..10], "{path}");
        assert_eq!(first.header("content-range"), format!("bytes 0-9/{size}"));
        let rest = ask(&yard, &path, "range", "bytes=10-").is(206);
        assert_eq!(rest.body, full.body[10..], "{path}");
        let tail = ask(&yard, &path, "range", "bytes=-7").is(206);
        assert_eq!(tail.body, full.body[size - 7..], "{path}");
        let beyond = ask(&yard, &path, "range", &format!("bytes={size}-")).is(416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));

        // A range of something that has changed meanwhile would be glued to the wrong half.
        let url = yard.url(&path);
        let ranged = || Request::new("GET", &url).header("range", "bytes=0-9");
        assert_eq!(ranged().header("if-range", etag).send().is(206).body.len(), 10);
        assert_eq!(
            ranged().header("if-range", "\"other\"").send().is(200).body.len(),
            size
        );
    }
}

#[test]
fn only_what_can_never_change_may_be_kept() {
    let (yard, _) = Yard::with_hello_world();
    for (path, immutable) in paths(&yard) {
        let reply = get(&yard.url(&path)).is(200);
        let policy = reply.header("cache-control");
        assert_eq!(policy.contains("immutable"), immutable, "{path}: {policy}");
        let revalidated = ["no-cache", "max-age=0", "must-revalidate"];
        let checked = revalidated.iter().any(|word| policy.contains(word));
        assert!(immutable || checked, "{path} may be served stale: {policy}");
    }
}

#[test]
fn what_does_not_exist_is_a_problem_document() {
    let (yard, _) = Yard::with_hello_world();
    for path in [
        "/main/apt/dists/any/main/binary-amd64/Nothing",
        "/main/apt/pool/any/main/h/hello/hello_9_all.deb",
        "/main/yum/any/x86_64/repodata/nothing.xml",
        "/main/files/0000000000000000000000000000000000000000000000000000000000000000/a.whl",
        "/api/v1/nothing",
    ] {
        get(&yard.url(path)).problem(404, &[]);
    }
}

#[test]
fn no_path_leaves_the_yard() {
    let (yard, _) = Yard::with_hello_world();
    for path in [
        "/main/apt/pool/../../../../etc/passwd",
        "/main/apt/dists/any/%2e%2e/%2e%2e/%2e%2e/admin.token",
        "/main/apt/pool/%2e%2e%2f%2e%2e%2fadmin.token",
        "/main/yum/any/x86_64/..%2f..%2f..%2f..%2fkeys",
    ] {
        // curl --path-as-is sends what a library would tidy up.
        let mut curl = crate::harness::system_command("curl");
        curl.args(["-sS", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}"]);
        let status = crate::harness::run(curl.arg(yard.url(path))).ok().stdout;
        assert!(["400", "404"].contains(&status.as_str()), "{path}: {status}");
    }
}

#[test]
fn a_healthy_server_says_so_and_names_its_revision() {
    let (yard, _) = Yard::with_hello_world();
    get(&yard.url("/healthz")).is(200);
    get(&yard.url("/readyz")).is(200);
    let reply = get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
    assert_eq!(reply.header("x-packyard-revision"), yard.revision().to_string());
}

#[test]
fn pages_for_people_show_how_to_install() {
    let (yard, _) = Yard::with_hello_world();
    let home = get(&yard.url("/")).is(200);
    assert!(home.header("content-type").starts_with("text/html") && home.text().contains("/main/"));
    get(&yard.url("/main/"))
        .is(200)
        .text()
        .find("hello-world")
        .expect("the channel lists its package");
    let page = get(&yard.url("/main/packages/hello-world")).is(200);
    let index = yard.url("/main/simple/");
    assert!(
        page.text().contains(&index),
        "no install line with {index}: {}",
        page.text()
    );
    assert!(page.text().contains("1.1.3"));
}

#[test]
fn what_cannot_be_read_in_a_url_is_a_problem_document_too() {
    let yard = Yard::new();
    let ask = |method: &str, path: &str| {
        Request::new(method, &yard.url(path))
            .token(&yard.admin_token())
            .send()
    };
    ask("GET", "/api/v1/revisions?after=yesterday").problem(400, &["after", "invalid digit"]);
    ask("DELETE", "/api/v1/tokens/%ff").problem(400, &["UTF-8"]);
    ask("DELETE", "/api/v1/channels").problem(405, &["DELETE"]);
}
