//! devpi and pypiserver beside us: the same wheels, asked for by the same clients.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::room::names;
use super::{Room, Shelf, harbour_items, publish, uv};
use crate::harness::{Reply, Request, Venv, Yard, free_port, run, sha256, system_command, tool};

/// Another index on this machine; it is killed by its id with the value.
struct Peer {
    child: Child,
    index: String,
    _room: Room,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(command: &mut Command) -> Child {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.stdin(Stdio::null()).spawn().unwrap()
}

/// Waits for a port, longer than for anything of ours: devpi takes its time.
fn answers(port: u16) {
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_mins(2), "no peer on port {port}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn pypiserver(shelf: &Shelf) -> Peer {
    let (port, room) = (free_port(), Room::new());
    let mut server = system_command(tool("venv/bin/pypi-server"));
    server.args(["run", "--disable-fallback", "-i", "127.0.0.1", "-p"]);
    let child = spawn(server.arg(port.to_string()).arg(shelf.path()));
    answers(port);
    Peer {
        child,
        index: format!("http://127.0.0.1:{port}/simple/"),
        _room: room,
    }
}

/// devpi with the files uploaded by twine.
fn devpi(shelf: &Shelf) -> Peer {
    let (port, room) = (free_port(), Room::new());
    let bin = |name: &str| room.command(&format!("venv-managers/bin/{name}"));
    run(bin("devpi-init").args(["--serverdir", "devpi", "--no-root-pypi"])).ok();
    run(bin("devpi-gen-secret").args(["--secretfile", "secret"])).ok();
    let mut server = bin("devpi-server");
    server.args([
        "--serverdir",
        "devpi",
        "--secretfile",
        "secret",
        "--host",
        "127.0.0.1",
        "--port",
    ]);
    let child = spawn(server.arg(port.to_string()));
    answers(port);
    let base = format!("http://127.0.0.1:{port}");
    let login = json_request(
        "POST",
        &format!("{base}/+login"),
        None,
        r#"{"user":"root","password":""}"#,
    );
    let token = login.is(200).json()["result"]["password"]
        .as_str()
        .unwrap()
        .to_owned();
    let wish = r#"{"bases":[],"volatile":false}"#;
    json_request("PUT", &format!("{base}/root/test"), Some(&token), wish).is(200);
    let mut twine = Venv::tool("twine");
    twine.args([
        "upload",
        "--non-interactive",
        "--disable-progress-bar",
        "--username=root",
    ]);
    twine.args(["--repository-url", &format!("{base}/root/test/")]);
    run(twine.env("TWINE_PASSWORD", token).args(shelf.files())).ok();
    Peer {
        child,
        index: format!("{base}/root/test/+simple/"),
        _room: room,
    }
}

fn json_request(method: &str, url: &str, token: Option<&str>, body: &str) -> Reply {
    let mut request = Request::new(method, url).header("content-type", "application/json");
    if let Some(token) = token {
        let pair = format!("root:{token}");
        request = request.header("x-devpi-auth", &base64(pair.as_bytes()));
    }
    request.send_bytes(body.as_bytes())
}

/// Base64 (RFC 4648, section 4), for devpi's own header.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for piece in bytes.chunks(3) {
        let bits = piece
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - piece.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > piece.len() { '=' } else { letter.into() });
        }
    }
    text
}

/// What `pip download` gets, by name and hash, and what `uv pip compile` pins, of an index.
fn got(index: &str) -> (Vec<(String, String)>, String) {
    let room = Room::new();
    room.pip(&[
        "download",
        "--only-binary=:all:",
        "--dest=got",
        "--index-url",
        index,
        "ferry",
    ])
    .ok();
    let directory = room.project().join("got");
    let files = names(&directory).into_iter().map(|name| {
        let hash = sha256(&std::fs::read(directory.join(&name)).unwrap());
        (name, hash)
    });
    room.write("wanted.in", "ferry\nanchor\n");
    let mut uv = uv::uv(&room);
    uv.args([
        "--no-config",
        "pip",
        "compile",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
    ]);
    let compiled = run(uv.args(["wanted.in", "--default-index", index])).ok();
    (files.collect(), compiled.stdout)
}

#[test]
fn pip_and_uv_get_of_us_what_devpi_and_pypiserver_give_them() {
    let items = harbour_items();
    let (shelf, yard) = (Shelf::new(&items), Yard::new());
    publish(&yard, "main", &items);
    let ours = got(&yard.url("/main/simple/"));
    assert_eq!(ours.0.len(), 2, "{ours:?}");
    assert!(
        ours.1.contains("ferry==1.0.0") && ours.1.contains("anchor==1.0.0"),
        "{ours:?}"
    );
    for peer in [pypiserver(&shelf), devpi(&shelf)] {
        assert_eq!(got(&peer.index), ours, "{}", peer.index);
    }
}
