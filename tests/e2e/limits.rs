//! Where one client stops being served: with a status that says so, while the others go on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Request, Served, SmallDeb, eventually, get, system_command};

fn limited(lines: &str) -> Served {
    Served::configured(&format!("[limits]\n{lines}\n"))
}

/// Opens a connection and sends this on it.
fn open(yard: &Served, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(yard.authority()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    stream
}

/// All that comes until the server closes.
fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is cut may end in a reset.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ask(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: yard\r\n\r\n")
}

/// Opens a connection that has been answered once and stays.
fn kept(yard: &Served) -> TcpStream {
    let mut stream = open(yard, &ask("/healthz"));
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    stream
}

#[test]
fn a_source_with_too_many_connections_is_told_so_until_one_ends() {
    let yard = limited("connections-per-source = 3");
    let held: Vec<_> = (0..3).map(|_| kept(&yard)).collect();
    let told = rest(open(&yard, &ask("/main/simple/")));
    assert!(told.starts_with("HTTP/1.1 429 "), "{told}");
    assert!(
        told.contains("retry-after: ") && told.contains("from your network"),
        "{told}"
    );
    drop(held);
    eventually("a place", || {
        (Request::new("GET", &yard.url("/healthz")).send().status == 200).then_some(())
    });
    assert!(yard.figure("packyard_refused_total{limit=\"connections-per-source\"}") >= 1);
}

#[test]
fn one_connection_too_many_is_told_so() {
    let yard = limited("connections = 2");
    let _held = (kept(&yard), kept(&yard));
    let told = rest(open(&yard, &ask("/")));
    assert!(
        told.starts_with("HTTP/1.1 503 ") && told.contains("retry-after: "),
        "{told}"
    );
}

#[test]
fn a_header_that_is_too_large_is_431_and_one_that_does_not_come_408() {
    let yard = limited("header-bytes = 8192\nheader-seconds = 2");
    let large = format!(
        "GET / HTTP/1.1\r\nHost: yard\r\nX-Large: {}\r\n\r\n",
        "x".repeat(9000)
    );
    assert!(rest(open(&yard, &large)).starts_with("HTTP/1.1 431 "));
    let endless = format!("GET / HTTP/1.1\r\nHost: yard\r\nX-Large: {}", "x".repeat(300_000));
    // It may be cut off before all of it was sent.
    let mut stream = TcpStream::connect(yard.authority()).unwrap();
    let _ = stream.write_all(endless.as_bytes());
    let told = rest(stream);
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 431 "), "{told}");

    let began = Instant::now();
    let told = rest(open(&yard, "GET / HTTP/1.1\r\nHost: y"));
    assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    assert_eq!(rest(open(&yard, "")), "", "who never asked is told nothing");
    assert!(began.elapsed() > Duration::from_secs(4));
    assert!(yard.figure("packyard_refused_total{limit=\"header-size\"}") >= 1);
    assert!(yard.figure("packyard_refused_total{limit=\"header-time\"}") >= 1);
}

#[test]
fn a_connection_between_requests_is_closed_in_its_time_and_not_before() {
    let yard = limited("idle-seconds = 4\nheader-seconds = 1");
    let mut stream = kept(&yard);
    std::thread::sleep(Duration::from_secs(2));
    stream.write_all(ask("/readyz").as_bytes()).unwrap();
    let told = rest(stream);
    assert!(
        told.contains("HTTP/1.1 200 OK") && told.contains("revision"),
        "{told}"
    );
}

#[test]
fn a_body_that_stops_or_drips_is_408() {
    let yard = limited("body-idle-seconds = 2\nbody-bytes-per-second = 1000");
    let token = yard.admin_token();
    let digest = "00000000000000000000000000000000000000000000000000000000000000ff";
    let head = format!(
        "PUT /api/v1/channels/main/blobs/{digest} HTTP/1.1\r\nHost: yard\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: 100000\r\n\r\n"
    );
    let told = rest(open(&yard, &head));
    assert!(
        told.starts_with("HTTP/1.1 408 ") && told.contains("connection: close"),
        "{told}"
    );

    let mut drip = open(&yard, &head);
    let mut dripping = drip.try_clone().unwrap();
    std::thread::spawn(move || {
        while dripping.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    let mut answer = [0; 12];
    drip.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert_eq!(yard.figure("packyard_refused_total{limit=\"slow-body\"}"), 2);
}

#[test]
fn one_upload_too_many_waits_a_moment_and_is_503_while_readers_go_on() {
    let yard = limited("uploads = 1");
    let token = yard.admin_token();
    let url = "/api/v1/channels/main/blobs/00000000000000000000000000000000000000000000000000000000000000ff";
    let head = format!(
        "PUT {url} HTTP/1.1\r\nHost: yard\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\nx"
    );
    let waiting = open(&yard, &head);
    eventually("the upload", || {
        (yard.figure("packyard_uploads") == 1).then_some(())
    });
    let second = Request::new("PUT", &yard.url(url))
        .token(&token)
        .send_bytes(&vec![0; 100_000]);
    assert_ne!(second.header("retry-after"), "");
    second.problem(503, &["1 uploads are being taken", "nothing of it was kept"]);
    get(&yard.url("/main/simple/")).is(200);
    drop(waiting);
    eventually("the place", || {
        (yard.figure("packyard_uploads") == 0).then_some(())
    });
    let third = Request::new("PUT", &yard.url(url))
        .token(&token)
        .send_bytes(&vec![0; 100_000]);
    third.is(400);
    assert_eq!(yard.figure("packyard_refused_total{limit=\"uploads\"}"), 1);
}

/// Whoever has SQLite's lock holds up every commit.
struct Holdup(Child);

impl Holdup {
    fn of(yard: &Served) -> Self {
        let hold = "import sqlite3, sys\n\
                    db = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
                    db.execute('BEGIN IMMEDIATE')\n\
                    print('held', flush=True)\n\
                    sys.stdin.read()\n";
        let mut python = system_command("python3");
        python.args(["-c", hold]).arg(yard.data().join("index.sqlite"));
        let mut child = python
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 4];
        child.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
        assert_eq!(&said, b"held");
        Self(child)
    }
}

impl Drop for Holdup {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

#[test]
fn a_change_that_finds_too_many_waiting_is_503_at_once_and_those_that_wait_are_made() {
    let yard = limited("queue = 2");
    let debs = ["1.0", "1.1", "1.2"].map(|version| SmallDeb::new("hello", version));
    let files = debs.each_ref().map(SmallDeb::build);
    let publish = &|file: &Path| {
        let name = file.file_name().unwrap().to_str().unwrap();
        Request::new("PUT", &yard.url(&format!("/main/apt/upload/any/main/{name}")))
            .token(&yard.admin_token())
            .send_file(file)
    };
    let holdup = Holdup::of(&yard);
    std::thread::scope(|scope| {
        let waiting = [&files[0], &files[1]].map(|file| scope.spawn(move || publish(file)));
        eventually("the queue", || {
            (yard.figure("packyard_commit_queue") == 2).then_some(())
        });
        let third = publish(&files[2]);
        assert_eq!(yard.figure("packyard_commit_queue"), 2, "they wait still");
        assert!(third.header("retry-after").parse::<u32>().unwrap() > 0);
        third.problem(503, &["wait"]);
        get(&yard.url("/main/simple/")).is(200);
        drop(holdup);
        for each in waiting {
            each.join().unwrap().is(201);
        }
    });
    publish(&files[2]).is(201);
    assert_eq!(yard.figure("packyard_refused_total{limit=\"queue\"}"), 1);
}

#[test]
fn an_upload_that_is_too_large_is_413_and_counted() {
    let yard = Served::with(&["--max-upload", "1000"]);
    let url = yard
        .url("/api/v1/channels/main/blobs/00000000000000000000000000000000000000000000000000000000000000ff");
    let request = Request::new("PUT", &url).token(&yard.admin_token());
    request.send_bytes(&[0; 2000]).is(413);
    assert_eq!(yard.figure("packyard_refused_total{limit=\"upload-size\"}"), 1);
}

#[test]
fn a_client_that_reads_nothing_of_its_answer_is_cut_off() {
    let yard = limited("send-idle-seconds = 2").with_hello_world();
    // Many answers that nobody reads fill every buffer on the way.
    let mut stream = TcpStream::connect(yard.authority()).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let many = ask("/main/").repeat(4000);
    let _ = stream.write_all(many.as_bytes());
    eventually("the cut", || {
        (yard.figure("packyard_refused_total{limit=\"slow-reader\"}") == 1).then_some(())
    });
}
