//! When the machine lacks something: uploads are refused with the reason, reads go on, and nobody has to restart anything.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Cramped, Reply, Request, SmallDeb, eventually, get, revision, sha256, system_command};

/// A package with this many bytes that do not compress.
fn deb(version: &str, noise_bytes: usize) -> (String, Vec<u8>) {
    let mut noise = String::new();
    let mut seed = sha256(version.as_bytes());
    while noise.len() < noise_bytes {
        seed = sha256(seed.as_bytes());
        noise.push_str(&seed);
    }
    let deb = SmallDeb::new("hello", version).file("usr/share/hello/noise", &noise);
    let file = deb.build();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    (
        format!("/main/apt/upload/any/main/{name}"),
        fs::read(file).unwrap(),
    )
}

/// What clients get, by path.
fn seen(yard: &Cramped) -> BTreeMap<String, Vec<u8>> {
    let release = get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
    let packages = "main/binary-amd64/Packages.gz";
    let listed = release
        .text()
        .lines()
        .find(|l| l.len() > 100 && l.ends_with(packages))
        .unwrap();
    let hash = listed.split_whitespace().next().unwrap();
    let paths = [
        "/main/apt/dists/any/InRelease".to_owned(),
        format!("/main/apt/dists/any/main/binary-amd64/by-hash/SHA256/{hash}"),
        "/main/yum/any/x86_64/repodata/repomd.xml".to_owned(),
        "/main/simple/".to_owned(),
        "/api/v1/channels/main/packages".to_owned(),
        "/main/".to_owned(),
    ];
    let fetch = |path: String| {
        let body = get(&yard.url(&path)).is(200).body;
        (path, body)
    };
    paths.into_iter().map(fetch).collect()
}

/// Refused for now, with a reason, and with when to try again.
#[track_caller]
fn refused(reply: Reply, status: u16, words: &[&str]) {
    let reply = reply.problem(status, words);
    assert!(reply.json()["hint"].is_string(), "no hint: {}", reply.text());
    let seconds: u32 = reply.header("retry-after").parse().unwrap();
    assert!(seconds > 0);
}

#[test]
fn a_full_disk_refuses_uploads_and_nothing_else_until_there_is_room() {
    let yard = Cramped::new("24m", &[]);
    let (path, bytes) = deb("1.0", 1000);
    yard.put(&path, &bytes).is(201);
    let (before, at) = (seen(&yard), revision(&yard.data()));

    // With nothing left, and then with so much that an upload comes a little further each time: the temporary file, the
    // blob, the pack, the entry, the index.
    let (path, bytes) = deb("1.1", 100_000);
    let mut refusals = 0;
    for but_bytes in (0..).step_by(4 << 10) {
        yard.fill(but_bytes);
        let reply = yard.put(&path, &bytes);
        if [200, 201].contains(&reply.status) {
            break;
        }
        refused(reply, 507, &["space"]);
        refusals += 1;
        if revision(&yard.data()) > at {
            // It is in the log, and there was no room for its rows: it is shown once there is, with no help.
            yard.make_room();
            let listed = yard.url("/api/v1/channels/main/packages");
            eventually("the release", || {
                get(&listed).text().contains("1.1").then_some(())
            });
            yard.fill(but_bytes);
        } else {
            assert_eq!(seen(&yard), before, "with {but_bytes} bytes left");
        }
        assert!(but_bytes < 8 << 20, "it does not recover");
    }
    assert!(refusals > 15, "the disk was full {refusals} times only");
    yard.make_room();
    assert_eq!(revision(&yard.data()), at + 1, "one upload is one revision");
    assert!(
        String::from_utf8(seen(&yard)["/api/v1/channels/main/packages"].clone())
            .unwrap()
            .contains("1.1")
    );
    let (path, bytes) = deb("1.2", 100_000);
    yard.put(&path, &bytes).is(201);
    yard.fsck();
}

#[test]
fn a_large_upload_that_does_not_fit_is_refused_while_it_is_sent_and_leaves_nothing() {
    let yard = Cramped::new("24m", &[]);
    let (path, bytes) = deb("1.0", 1000);
    let large = vec![1; 64 << 20];
    let blob = format!("/api/v1/channels/main/blobs/{}", sha256(&large));
    refused(yard.put(&blob, &large), 507, &["space"]);
    // What had been written of it is gone.
    yard.put(&path, &bytes).is(201);
    assert_eq!(fs::read_dir(yard.data().join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_disk_that_may_only_be_read_refuses_uploads_and_nothing_else() {
    let yard = Cramped::new("24m", &[]);
    let (path, bytes) = deb("1.0", 1000);
    yard.put(&path, &bytes).is(201);
    let before = seen(&yard);
    let (path, bytes) = deb("1.1", 1000);
    yard.may_write(false);
    refused(
        yard.put(&path, &bytes),
        503,
        &["ead-only file system", "mounted for writing"],
    );
    assert_eq!(seen(&yard), before);
    yard.may_write(true);
    yard.put(&path, &bytes).is(201);
    yard.fsck();
}

#[test]
fn connections_beyond_the_limit_of_open_files_wait_and_the_server_lives_on() {
    let mut yard = Cramped::new("24m", &["prlimit", "--nofile=80:80"]);
    let (path, bytes) = deb("1.0", 1000);
    yard.put(&path, &bytes).is(201);
    let before = seen(&yard);
    // Each holds a descriptor of the server, and says nothing.
    let silent: Vec<TcpStream> = (0..120)
        .map(|_| {
            let mut stream = TcpStream::connect(yard.authority()).unwrap();
            stream.write_all(b"GET /main/ HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_secs(1));
    assert!(yard.server().is_alive());
    drop(silent);
    let began = Instant::now();
    eventually("an answer", || {
        let mut stream = TcpStream::connect(yard.authority()).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.starts_with("HTTP/1.1 200").then_some(())
    });
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(seen(&yard), before);
    let (path, bytes) = deb("1.1", 1000);
    yard.put(&path, &bytes).is(201);
    yard.fsck();
}

#[test]
fn as_many_files_are_open_as_the_hard_limit_allows() {
    let mut yard = Cramped::new("24m", &["prlimit", "--nofile=60:400"]);
    let _silent: Vec<TcpStream> = (0..150)
        .map(|_| TcpStream::connect(yard.authority()).unwrap())
        .collect();
    get(&yard.url("/healthz")).is(200);
    let said = yard.server().log();
    assert!(said.contains("400 files may be open, which is too few"), "{said}");
}

#[test]
fn no_files_left_to_open_is_said_so_and_is_over_when_they_are_given_back() {
    let yard = Cramped::new("24m", &["prlimit", "--nofile=80:80"]);
    let (path, bytes) = deb("1.0", 1000);
    yard.put(&path, &bytes).is(201);
    let (path, bytes) = deb("1.1", 1000);
    // One connection that is served all along, and others until the server can open next to nothing.
    let mut served = TcpStream::connect(yard.authority()).unwrap();
    served.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut ask = |path: &str, body: &[u8], method: &str| {
        write!(
            served,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            yard.token(),
            body.len()
        )
        .unwrap();
        served.write_all(body).unwrap();
        answer(&mut served)
    };
    assert_eq!(ask("/healthz", b"", "GET"), 200);
    let silent: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(yard.authority()).unwrap())
        .collect();
    thread::sleep(Duration::from_millis(500));
    for _ in 0..5 {
        assert_eq!(ask(&path, &bytes, "PUT"), 503);
    }
    drop(silent);
    let published = eventually("room for the upload", || match ask(&path, &bytes, "PUT") {
        503 => None,
        other => Some(other),
    });
    assert_eq!(published, 201);
    yard.fsck();
}

/// The status of an answer that has a Content-Length, which is read to its end.
fn answer(stream: &mut TcpStream) -> u16 {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// What a .deb has in data.tar.xz that takes 96 MiB to unpack, though it is small.
fn hungry_data() -> Vec<u8> {
    let room = tempfile::TempDir::new().unwrap();
    let script = "mkdir -p usr/share/hello && head -c 56M /dev/zero > usr/share/hello/zeros && \
                  tar -c --owner=0 --group=0 ./usr | xz --lzma2=preset=0,dict=96MiB";
    let made = system_command("sh")
        .args(["-c", script])
        .current_dir(room.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    made.stdout
}

/// A package with other data.
fn deb_with(version: &str, data: &[u8]) -> (String, Vec<u8>) {
    let (path, mut bytes) = deb(version, 1000);
    let at = bytes.windows(8).position(|w| w == b"data.tar").unwrap();
    bytes.truncate(at);
    let (name, length) = ("data.tar.xz", data.len());
    writeln!(bytes, "{name:<16}{0:<12}{0:<6}{0:<6}100644  {length:<10}`", 0).unwrap();
    bytes.extend(data);
    bytes.extend(vec![b'\n'; length % 2]);
    (path, bytes)
}

#[test]
fn no_memory_to_unpack_what_is_sent_is_said_so_and_is_over_when_there_is_some() {
    let mut yard = Cramped::new("100m", &[]);
    let (path, bytes) = deb("1.0", 1000);
    yard.put(&path, &bytes).is(201);
    let data = hungry_data();
    let debs: Vec<_> = (1..=8).map(|n| deb_with(&format!("1.{n}"), &data)).collect();
    // Enough for two or three of them at a time, and what else a server does.
    yard.let_have_mib(Some(yard.memory_kib("VmSize") / 1024 + 300));
    let mut refusals = 0;
    let left: Vec<_> = thread::scope(|scope| {
        let sent: Vec<_> = debs
            .iter()
            .map(|(path, bytes)| (path, bytes, scope.spawn(|| yard.put(path, bytes))))
            .collect();
        let mut left = Vec::new();
        for (path, bytes, reply) in sent {
            let reply = reply.join().unwrap();
            if reply.status != 201 {
                refused(reply, 503, &["memory", "nothing is wrong with it"]);
                refusals += 1;
                left.push((path, bytes));
            }
        }
        left
    });
    assert!(refusals > 0, "all of them at once had memory");
    assert!(yard.server().is_alive());
    get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
    yard.let_have_mib(None);
    for (path, bytes) in left {
        yard.put(path, bytes).is(201);
    }
    let listed = get(&yard.url("/api/v1/channels/main/packages/hello")).is(200);
    for n in 0..=8 {
        let version = format!("\"1.{n}\"");
        assert!(listed.text().contains(&version), "{}", listed.text());
    }
    yard.fsck();
}

#[test]
fn a_burst_of_large_uploads_is_not_kept_in_memory() {
    const UPLOADS: u8 = 12;
    const EACH: usize = 24 << 20;
    let yard = Cramped::new("400m", &[]);
    let (path, bytes) = deb("1.0", 1000);
    yard.put(&path, &bytes).is(201);
    let before = yard.memory_kib("VmHWM");
    thread::scope(|scope| {
        let uploads: Vec<_> = (0..UPLOADS)
            .map(|n| {
                let yard = &yard;
                scope.spawn(move || {
                    let bytes = vec![n; EACH];
                    yard.put(&format!("/api/v1/channels/main/blobs/{}", sha256(&bytes)), &bytes)
                        .is(201)
                })
            })
            .collect();
        // Who only reads is served meanwhile.
        Request::new("GET", &yard.url("/main/apt/dists/any/InRelease"))
            .send()
            .is(200);
        uploads
            .into_iter()
            .for_each(|upload| drop(upload.join().unwrap()));
    });
    let grown_mib = (yard.memory_kib("VmHWM") - before) / 1024;
    assert!(
        grown_mib < 64,
        "{} MiB at once took {grown_mib} MiB",
        (usize::from(UPLOADS) * EACH) >> 20
    );
}
