//! What survives: a lost index, a killed process, a wrong data directory.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{
    Project, Request, Server, Yard, get, packyard, packyard_command, revision, run, system_command, through,
};

/// Every index file and page that a client of the three package managers may ask for.
pub fn everything(yard: &Yard) -> BTreeMap<String, Vec<u8>> {
    let mut seen = BTreeMap::new();
    let mut fetch = |path: &str| {
        let reply = get(&yard.url(path)).is(200);
        seen.insert(path.to_owned(), reply.body.clone());
        reply
    };
    let release = fetch("/main/apt/dists/any/Release");
    fetch("/main/apt/dists/any/InRelease");
    fetch("/main/apt/dists/any/Release.gpg");
    for line in release
        .text()
        .lines()
        .skip_while(|line| *line != "SHA256:")
        .skip(1)
    {
        let Some(entry) = line.strip_prefix(' ') else {
            break;
        };
        let (hash, path) = (
            entry.split(' ').next().unwrap(),
            entry.rsplit(' ').next().unwrap(),
        );
        let listed = format!("/main/apt/dists/any/{path}");
        // The uncompressed index has to be listed, but need not be served.
        if get(&yard.url(&listed)).status == 200 {
            fetch(&listed);
            let (directory, _) = listed.rsplit_once('/').unwrap();
            fetch(&format!("{directory}/by-hash/SHA256/{hash}"));
        }
    }
    for arch in ["x86_64", "aarch64"] {
        let base = format!("/main/yum/any/{arch}");
        let repomd = fetch(&format!("{base}/repodata/repomd.xml"));
        fetch(&format!("{base}/repodata/repomd.xml.asc"));
        for part in repomd.text().split("<location href=\"").skip(1) {
            fetch(&format!("{base}/{}", part.split('"').next().unwrap()));
        }
    }
    for path in [
        "/main/key.asc",
        "/main/apt/any.sources",
        "/main/yum/any.repo",
        "/main/",
    ] {
        fetch(path);
    }
    for path in ["/main/simple/", "/main/simple/hello-world/"] {
        for kind in ["json", "html"] {
            let accept = format!("application/vnd.pypi.simple.v1+{kind}");
            let page = Request::new("GET", &yard.url(path))
                .header("accept", &accept)
                .send()
                .is(200);
            seen.insert(format!("{path} as {kind}"), page.body);
        }
    }
    seen
}

#[track_caller]
pub fn assert_same(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) {
    let names = |tree: &BTreeMap<String, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(before), names(after));
    for (path, bytes) in before {
        assert!(bytes == &after[path], "{path} has changed");
    }
}

pub fn remove_index(data: &Path) {
    fs::remove_file(data.join("index.sqlite")).unwrap();
    for rest in ["index.sqlite-wal", "index.sqlite-shm"] {
        let _ = fs::remove_file(data.join(rest));
    }
}

#[test]
fn a_deleted_index_is_rebuilt_to_the_same_bytes() {
    let (mut yard, project) = Yard::with_hello_world();
    project.bump("1.1.4");
    yard.publish(&project.build());
    yard.publish(&Project::greeter().build());
    let before = everything(&yard);
    assert!(before.len() > 15, "the walk is too short: {:?}", before.keys());
    let at = yard.revision();

    yard.stop();
    remove_index(&yard.data());
    yard.start();
    assert_same(&before, &everything(&yard));
    assert_eq!(yard.revision(), at, "the replay made a revision");

    // A crash does not wait for anything to be closed.
    yard.kill();
    remove_index(&yard.data());
    yard.start();
    assert_same(&before, &everything(&yard));
}

#[test]
fn a_process_killed_during_an_upload_starts_again_as_if_nothing_had_been_sent() {
    let (mut yard, _) = Yard::with_hello_world();
    let before = everything(&yard);
    let at = yard.revision();
    let dist = Project::greeter().build();
    let deb = dist.deb();
    let name = deb.file_name().unwrap().to_str().unwrap().to_owned();
    let path = format!("/main/apt/upload/any/main/{name}");
    let bytes = fs::read(&deb).unwrap();

    let mut half = TcpStream::connect(yard.authority()).unwrap();
    write!(half, "PUT {path} HTTP/1.1\r\nHost: {}\r\n", yard.authority()).unwrap();
    write!(half, "Authorization: Bearer {}\r\n", yard.admin_token()).unwrap();
    write!(half, "Content-Length: {}\r\n\r\n", bytes.len()).unwrap();
    half.write_all(&bytes[..bytes.len() / 2]).unwrap();
    // Long enough for the half to have arrived; the outcome must be the same if it has not.
    std::thread::sleep(std::time::Duration::from_millis(300));
    yard.kill();
    drop(half);

    packyard(["fsck", "--data", yard.data().to_str().unwrap()]).ok();
    yard.start();
    assert_eq!(yard.revision(), at);
    assert_same(&before, &everything(&yard));
    let again = Request::new("PUT", &yard.url(&path))
        .token(&yard.admin_token())
        .send_bytes(&bytes);
    assert!([200, 201].contains(&again.status), "{again:?}");
    packyard(["fsck", "--data", yard.data().to_str().unwrap()]).ok();
}

#[test]
fn fsck_finds_a_damaged_blob() {
    let (mut yard, _) = Yard::with_hello_world();
    yard.stop();
    let blobs = yard.data().join("store/blobs");
    let mut find = Command::new("find");
    let files = run(find.arg(&blobs).args(["-type", "f", "-size", "+1k"]))
        .ok()
        .stdout;
    let victim = files.lines().next().expect("the store holds blobs");
    let mut bytes = fs::read(victim).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(victim, bytes).unwrap();
    let digest = Path::new(victim).file_name().unwrap().to_str().unwrap();
    packyard(["fsck", "--data", yard.data().to_str().unwrap()])
        .exits(1)
        .says(&[&digest[..12]]);
}

#[test]
fn a_directory_that_is_being_served_is_not_served_twice() {
    let (yard, _) = Yard::with_hello_world();
    let data = yard.data();
    let data = data.to_str().unwrap();
    Server::refuses(&["serve", "--data", data, "--listen", "127.0.0.1:0"])
        .exits(1)
        .says(&[data]);
    assert_eq!(
        get(&yard.url("/healthz")).status,
        200,
        "the first server was disturbed"
    );
}

#[test]
fn a_directory_of_a_newer_format_is_left_alone() {
    let (mut yard, _) = Yard::with_hello_world();
    yard.stop();
    let path = yard.data().join("store/meta.json");
    let mut meta: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for value in meta
        .as_object_mut()
        .unwrap()
        .values_mut()
        .filter(|value| value.is_u64())
    {
        *value = 999.into();
    }
    fs::write(&path, meta.to_string()).unwrap();
    let data = yard.data();
    Server::refuses(&[
        "serve",
        "--data",
        data.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
    ])
    .exits(1)
    .says(&["999", "meta.json"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), meta.to_string());
}

#[test]
fn a_directory_that_cannot_be_written_is_refused() {
    let data = TempDir::new().unwrap();
    let path = data.path().to_str().unwrap();
    // Root may write wherever modes forbid it, so the file system itself has to say no. The
    // mount lives in a namespace that ends with the process.
    let read_only = r#"mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@""#;
    let serve = packyard_command(["serve", "--data", path, "--listen", "127.0.0.1:0"]);
    let mut command = system_command("timeout");
    command.args(["30", "unshare", "--mount", "sh", "-c", read_only, "sh", path]);
    through(&mut command, &serve);
    run(&mut command).exits(1).says(&[path]);
    assert_eq!(revision(data.path()), 0);
}

#[test]
fn sigterm_ends_the_server_with_exit_code_0() {
    let mut yard = Yard::new();
    yard.stop();
}
