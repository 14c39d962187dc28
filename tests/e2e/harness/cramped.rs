//! A yard that lacks something: on a disk of its own that is small, under limits of its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{Outcome, Reply, Request, Server, packyard_command, run, through};

/// A server in a mount namespace of its own, which ends with it: its data directory lies on a file system in memory.
pub struct Cramped {
    // Dropped in this order: the process first, then what it stands on.
    server: Server,
    directory: TempDir,
    url: String,
}

impl Cramped {
    /// On a disk of this size, as mount(8) writes it, started by these words (`prlimit --nofile=64`).
    pub fn new(size: &str, by: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let place = directory.path().to_str().unwrap();
        let mut command = Command::new("unshare");
        let script = r#"mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@""#;
        command
            .args(["--mount", "sh", "-c", script, "sh", size, place])
            .args(by);
        let data = format!("{place}/data");
        let serve = packyard_command(["serve", "--data", &data, "--listen", "127.0.0.1:0"]);
        through(&mut command, &serve);
        let mut server = Server::of(&mut command);
        let url = server.address("listening on ");
        Self {
            server,
            directory,
            url,
        }
    }

    /// The address of a path on the server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// `HOST:PORT` of the server.
    pub fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The disk, as it is seen from outside of the namespace.
    fn disk(&self) -> PathBuf {
        let root = format!("/proc/{}/root", self.server.id());
        PathBuf::from(format!("{root}{}", self.directory.path().display()))
    }

    /// The data directory, as it is seen from outside of the namespace.
    pub fn data(&self) -> PathBuf {
        self.disk().join("data")
    }

    /// The administrator's token.
    pub fn token(&self) -> String {
        let token = fs::read_to_string(self.data().join("admin.token")).unwrap();
        token.trim().to_owned()
    }

    /// PUTs bytes, with the administrator's token.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Reply {
        Request::new("PUT", &self.url(path))
            .token(&self.token())
            .send_bytes(bytes)
    }

    /// Fills the disk, but for so many bytes.
    pub fn fill(&self, but_bytes: u64) {
        let mut filler = File::create(self.disk().join("filler")).unwrap();
        let mut piece = vec![7; 1 << 16];
        while !piece.is_empty() {
            match filler.write(&piece) {
                Ok(written) if written > 0 => {}
                _ => piece.truncate(piece.len() / 2),
            }
        }
        let length = filler.metadata().unwrap().len();
        filler.set_len(length.saturating_sub(but_bytes)).unwrap();
    }

    /// Gives the space back.
    pub fn make_room(&self) {
        fs::remove_file(self.disk().join("filler")).unwrap();
    }

    /// Whether whatever is opened on the disk from now on may be written.
    pub fn may_write(&self, may: bool) {
        let place = self.directory.path().to_str().unwrap();
        let mut command = self.inside();
        if may {
            command.args(["umount", place]);
        } else {
            command.args(["mount", "--bind", "-o", "ro", place, place]);
        }
        run(&mut command).ok();
    }

    /// `packyard fsck`, beside the server.
    #[track_caller]
    pub fn fsck(&self) -> Outcome {
        let mut command = self.inside();
        let data = self.directory.path().join("data");
        through(
            &mut command,
            &packyard_command(["fsck", "--data", data.to_str().unwrap()]),
        );
        run(&mut command).ok()
    }

    /// The beginning of a command that sees what the server sees.
    fn inside(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.server.id().to_string(), "--mount"]);
        command
    }

    /// A line of /proc/PID/status, in KiB.
    pub fn memory_kib(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// How much memory the server may ask for from now on.
    pub fn let_have_mib(&self, most: Option<u64>) {
        let most = most.map_or("unlimited".to_owned(), |mib| (mib << 20).to_string());
        let id = self.server.id().to_string();
        // The hard limit stays, so that the soft one can go up again.
        run(Command::new("prlimit").args(["--pid", &id, &format!("--as={most}:unlimited")])).ok();
    }

    /// The server itself.
    pub fn server(&mut self) -> &mut Server {
        &mut self.server
    }
}
