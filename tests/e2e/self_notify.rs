//! What the service manager hears of `packyard serve`, over a socket as systemd gives it.

use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;
use std::{os::linux::net::SocketAddrExt, path::Path};

use tempfile::TempDir;

use crate::harness::{Server, free_port, get, packyard_command};

/// Stands where systemd does.
struct Manager(UnixDatagram);

impl Manager {
    fn at(path: &Path) -> Self {
        Self::of(UnixDatagram::bind(path).unwrap())
    }

    fn of(socket: UnixDatagram) -> Self {
        socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        Self(socket)
    }

    /// The next message.
    fn hears(&self) -> String {
        let mut buffer = [0; 4096];
        let length = self.0.recv(&mut buffer).expect("nothing is heard");
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    /// The first message that says it; no other that comes before may say what must not be said.
    fn hears_of(&self, line: &str) -> String {
        loop {
            let message = self.hears();
            if message.lines().any(|l| l == line) {
                return message;
            }
        }
    }
}

/// A server that was started by a manager at a socket; where it will listen.
fn started(data: &TempDir, socket: &str, watchdog: Option<&str>) -> (Server, String) {
    let listen = format!("127.0.0.1:{}", free_port());
    let data = data.path().join("data");
    let arguments = ["serve", "--data", data.to_str().unwrap(), "--listen", &listen];
    let mut command = packyard_command(arguments);
    command.env("NOTIFY_SOCKET", socket).env_remove("WATCHDOG_PID");
    match watchdog {
        Some(within) => command.env("WATCHDOG_USEC", within),
        None => command.env_remove("WATCHDOG_USEC"),
    };
    (Server::of(&mut command), format!("http://{listen}"))
}

#[test]
fn the_service_manager_hears_that_the_server_accepts_connections_lives_and_stops() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("notify");
    let manager = Manager::at(&path);
    let (mut server, url) = started(&dir, path.to_str().unwrap(), Some("300000"));
    assert_eq!(manager.hears(), format!("READY=1\nSTATUS=listening on {url}\n"));
    get(&format!("{url}/healthz")).is(200);
    for _ in 0..3 {
        let message = manager.hears();
        assert!(message.starts_with("WATCHDOG=1\n"), "{message}");
    }
    server.terminate();
    manager.hears_of("STOPPING=1");
}

#[test]
fn an_abstract_socket_will_do_and_without_a_watchdog_nothing_more_is_said() {
    let dir = TempDir::new().unwrap();
    let name = format!("packyard-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let manager = Manager::of(UnixDatagram::bind_addr(&address).unwrap());
    let (mut server, url) = started(&dir, &format!("@{name}"), None);
    manager.hears_of("READY=1");
    get(&format!("{url}/healthz")).is(200);
    server.terminate();
    assert!(manager.hears().starts_with("STOPPING=1\n"));
}

#[test]
fn a_manager_that_is_not_there_does_not_keep_the_server_from_serving() {
    let dir = TempDir::new().unwrap();
    let (mut server, url) = started(&dir, "/nonexistent/notify", Some("300000"));
    server.address("listening on ");
    get(&format!("{url}/healthz")).is(200);
    server.terminate();
    let log = server.log();
    assert!(log.contains("nobody listens at NOTIFY_SOCKET"), "{log}");
}
