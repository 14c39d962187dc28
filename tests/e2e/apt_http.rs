//! HTTP as apt speaks it: pipelined, conditional by whole seconds, resumed by date, with the credentials of auth.conf.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{AptRoot, Reply, Request, Yard, get, packyard};

const SUITES: [&str; 2] = ["bookworm", "trixie"];

/// An answer as it came over the line.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// Reads the next answer of a connection; one to HEAD has no body.
    fn read(from: &mut impl BufRead, head: bool) -> Self {
        let line = |from: &mut dyn BufRead| {
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let first = line(from);
        let status = first
            .split(' ')
            .nth(1)
            .unwrap_or_else(|| panic!("`{first}`"))
            .parse()
            .unwrap();
        let mut headers = Vec::new();
        loop {
            let header = line(from);
            let Some((name, value)) = header.split_once(':') else {
                break;
            };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut answer = Self {
            status,
            headers,
            body: Vec::new(),
        };
        let length: usize = answer.header("content-length").parse().unwrap_or(0);
        if !head && status != 304 {
            answer.body = vec![0; length];
            from.read_exact(&mut answer.body).unwrap();
        }
        answer
    }
}

/// Sends all requests at once over one connection, as apt does, and reads the answers.
fn pipelined(yard: &Yard, requests: &[(&str, &str)]) -> Vec<Answer> {
    let mut stream = TcpStream::connect(yard.authority()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut text = String::new();
    for (method, path) in requests {
        text.push_str(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Debian APT-HTTP/1.3\r\n\r\n",
            yard.authority()
        ));
    }
    stream.write_all(text.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let answers = requests
        .iter()
        .map(|(method, _)| Answer::read(&mut reader, *method == "HEAD"));
    answers.collect()
}

fn pool_path(yard: &Yard) -> String {
    let index = get(&yard.url("/main/apt/dists/any/main/binary-amd64/Packages")).is(200);
    let filename = index
        .text()
        .lines()
        .filter_map(|l| l.strip_prefix("Filename: "))
        .next_back();
    format!("/main/apt/{}", filename.unwrap())
}

#[test]
fn ten_pipelined_requests_are_answered_in_their_order_on_one_connection() {
    let (yard, _) = Yard::with_hello_world();
    let (release, deb) = ("/main/apt/dists/any/InRelease", pool_path(&yard));
    let requests = [
        ("GET", release),
        ("GET", "/main/apt/dists/any/main/binary-amd64/Packages"),
        ("GET", "/main/apt/dists/any/main/binary-amd64/Nothing"),
        ("HEAD", &deb),
        ("GET", &deb),
        ("GET", "/main/apt/key.asc"),
        ("HEAD", "/main/apt/nothing/here"),
        ("GET", "/nobody/apt/dists/any/InRelease"),
        ("GET", "/main/apt/dists/any/main/binary-arm64/Packages.gz"),
        ("GET", release),
    ];
    let answers = pipelined(&yard, &requests);
    let statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
    assert_eq!(statuses, [200, 200, 404, 200, 200, 200, 404, 404, 200, 200]);
    for (answer, (method, path)) in answers.iter().zip(requests) {
        assert_ne!(
            answer.header("connection").to_lowercase(),
            "close",
            "{method} {path} ended the connection"
        );
        if *method == *"GET" && answer.status == 200 {
            assert_eq!(answer.body, get(&yard.url(path)).is(200).body, "{path}");
        }
    }
    assert_eq!(
        answers[3].header("content-length"),
        answers[4].body.len().to_string()
    );
}

#[test]
fn a_publish_in_the_same_second_is_not_missed_by_if_modified_since() {
    let (yard, project) = Yard::with_hello_world();
    let url = yard.url("/main/apt/dists/any/InRelease");
    let dists: Vec<_> = (4..10)
        .map(|n| {
            project.bump(&format!("1.1.{n}"));
            let dist = project.build();
            let deb = dist.deb();
            (
                fs::read(&deb).unwrap(),
                deb.file_name().unwrap().to_str().unwrap().to_owned(),
            )
        })
        .collect();
    let token = yard.admin_token();
    let mut seen = get(&url).is(200);
    for (bytes, name) in &dists {
        let upload = yard.url(&format!("/main/apt/upload/any/main/{name}"));
        let done = Request::new("PUT", &upload).token(&token).send_bytes(bytes);
        assert!(done.status < 300, "{done:?}");
        let since = seen.header("last-modified").to_owned();
        let again = Request::new("GET", &url)
            .header("if-modified-since", &since)
            .send();
        assert_eq!(again.status, 200, "what was published after {since} was missed");
        assert_ne!(again.body, seen.body);
        let date = again.header("last-modified").to_owned();
        assert_ne!(date, since);
        Request::new("GET", &url)
            .header("if-modified-since", &date)
            .send()
            .is(304);
        seen = again;
    }
}

#[test]
fn a_range_holds_only_for_the_file_of_that_date() {
    let (yard, _) = Yard::with_hello_world();
    for path in [
        pool_path(&yard),
        "/main/apt/dists/any/main/binary-amd64/Packages.gz".to_owned(),
    ] {
        let url = yard.url(&path);
        let whole = get(&url).is(200);
        let size = whole.body.len();
        let ask = |range: &str, date: &str| -> Reply {
            Request::new("GET", &url)
                .header("range", range)
                .header("if-range", date)
                .send()
        };
        let modified = whole.header("last-modified");
        let part = ask("bytes=10-", modified).is(206);
        assert_eq!(part.body, whole.body[10..]);
        assert_eq!(
            part.header("content-range"),
            format!("bytes 10-{}/{size}", size - 1)
        );
        ask("bytes=10-", "Thu, 01 Jan 2004 00:00:00 GMT").is(200);
        // apt asks so when it has all of the file and does not know it.
        let beyond = ask(&format!("bytes={size}-"), modified).is(416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
    }
}

/// apt writes `+` as `%2b` and `~` as `%7e`, other tools an epoch's colon as `%3a`: all mean the same file.
#[test]
fn every_spelling_of_a_name_finds_the_package() {
    let (yard, project) = Yard::with_hello_world();
    project.bump("1.2.0rc1");
    yard.publish(&project.build());
    let path = pool_path(&yard);
    assert!(path.contains('~'), "{path}");
    let whole = get(&yard.url(&path)).is(200);
    for spelling in [
        path.replace('~', "%7e"),
        path.replace('~', "%7E"),
        path.replace('_', "%5f"),
        path.replace('-', "%2d"),
    ] {
        assert_eq!(get(&yard.url(&spelling)).is(200).body, whole.body, "{spelling}");
    }
    for suite in SUITES {
        let root = AptRoot::of_suite(suite).knowing(&yard.url("/main"));
        root.update();
        root.apt_get(&["install", "hello-world"]).ok();
        assert!(root.installed("hello-world").unwrap().contains('~'));
    }
}

#[test]
fn apt_updates_and_installs_at_any_depth_of_its_pipeline() {
    let (yard, _) = Yard::with_hello_world();
    for suite in SUITES {
        let root = AptRoot::of_suite(suite).knowing(&yard.url("/main"));
        for depth in ["0", "1", "10", "20"] {
            let depth = format!("Acquire::http::Pipeline-Depth={depth}");
            let update = root.apt_get(&["update", "-o", &depth]).ok();
            update.never_says(&["W:", "E:", "Err:"]);
            fs::remove_dir_all(root.inside("var/lib/apt/lists")).unwrap();
            root.apt_get(&["update", "-o", &depth])
                .ok()
                .never_says(&["W:", "E:", "Err:"]);
            root.apt_get(&["install", "--download-only", "-o", &depth, "hello-world"])
                .ok();
            root.apt_get(&["clean"]).ok();
        }
    }
}

/// What apt has of a package when a download was cut off is not fetched again.
#[test]
fn apt_resumes_a_download_that_was_cut_off() {
    let (yard, _) = Yard::with_hello_world();
    let path = pool_path(&yard);
    let whole = get(&yard.url(&path)).is(200);
    let name = path.rsplit('/').next().unwrap();
    for suite in SUITES {
        let root = AptRoot::of_suite(suite).knowing(&yard.url("/main"));
        root.update();
        let partial = format!("/var/cache/apt/archives/partial/{name}");
        fs::create_dir_all(root.inside("/var/cache/apt/archives/partial")).unwrap();
        fs::write(root.inside(&partial), &whole.body[..whole.body.len() / 2]).unwrap();
        root.run("touch", &["-d", whole.header("last-modified"), &partial])
            .ok();
        root.run("chown", &["-R", "_apt", "/var/cache/apt/archives/partial"])
            .ok();
        let before = asked_for_part(&yard, &path);
        root.apt_get(&["install", "hello-world"]).ok();
        assert_eq!(
            asked_for_part(&yard, &path),
            before + 1,
            "{suite} did not resume\n{}",
            yard.log()
        );
    }
}

/// How often a part of a file was sent.
fn asked_for_part(yard: &Yard, path: &str) -> usize {
    let log = yard.log();
    let lines = log.lines().filter(|l| l.contains(&format!("GET {path}\" 206")));
    lines.count()
}

#[test]
fn a_private_channel_is_read_with_the_credentials_of_auth_conf() {
    let (yard, _) = Yard::with_hello_world();
    let data = yard.data();
    let data = data.to_str().unwrap();
    packyard(["channel", "set", "main", "--private", "--data", data]).ok();
    let args = [
        "token",
        "create",
        "--can",
        "read",
        "--channel",
        "main",
        "--data",
        data,
        "--json",
    ];
    let made: serde_json::Value = serde_json::from_str(&packyard(args).ok().stdout).unwrap();
    let token = made["token"].as_str().unwrap();
    let sources = Request::new("GET", &yard.url("/main/apt/any.sources"))
        .token(token)
        .send()
        .is(200);
    for suite in SUITES {
        let root = AptRoot::of_suite(suite);
        root.write("etc/apt/sources.list.d/packyard.sources", sources.text());
        root.apt_get(&["update"]).says(&["401"]);
        let auth = |password: &str| {
            let line = format!(
                "machine http://{}/main login __token__ password {password}\n",
                yard.authority()
            );
            root.write("etc/apt/auth.conf.d/packyard.conf", &line);
        };
        auth("wrong");
        root.apt_get(&["update"]).says(&["401  Unauthorized"]);
        root.apt_get(&["install", "hello-world"]).fails();
        auth(token);
        root.update();
        root.apt_get(&["install", "hello-world"]).ok();
    }
}

#[test]
fn what_cannot_be_done_now_says_when_to_come_back() {
    let (mut yard, project) = Yard::with_hello_world();
    let token = yard.admin_token();
    project.bump("1.1.4");
    let dist = project.build();
    yard.stop();
    let keys = yard.data().join("keys");
    fs::rename(&keys, yard.data().join("keys.away")).unwrap();
    yard.start();
    let name = dist.deb();
    let name = name.file_name().unwrap().to_str().unwrap();
    let upload = yard.url(&format!("/main/apt/upload/any/main/{name}"));
    let refused = Request::new("PUT", &upload).token(&token).send_file(&dist.deb());
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(
        refused.header("retry-after").parse::<u32>().is_ok(),
        "{refused:?}"
    );
    get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
}
