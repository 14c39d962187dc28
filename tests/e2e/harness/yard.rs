//! A data directory and the server on it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Dist, Outcome, Project, Server, packyard};

/// A fresh yard that is being served on a port of its own. A restarted yard keeps its port, so
/// that clients that were set up before find it again.
pub struct Yard {
    // Dropped in this order: the process first, then what it stands on.
    server: Server,
    directory: TempDir,
    url: String,
}

impl Yard {
    /// Starts `packyard serve` on an empty data directory.
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let (server, url) = serve(&directory.path().join("data"), "127.0.0.1:0");
        Self {
            server,
            directory,
            url,
        }
    }

    /// A yard that already holds a release of hello-world.
    pub fn with_hello_world() -> (Self, Project) {
        let yard = Self::new();
        let project = Project::hello_world();
        yard.publish(&project.build());
        (yard, project)
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The address of a path on the server; the path starts with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// `HOST:PORT` of the server.
    pub fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The token that the first start put beside the store.
    pub fn admin_token(&self) -> String {
        let token = fs::read_to_string(self.data().join("admin.token")).unwrap();
        token.trim().to_owned()
    }

    /// Publishes what a build wrote, over HTTP, as one release.
    #[track_caller]
    pub fn publish(&self, dist: &Dist) -> Outcome {
        let directory = dist.directory().to_str().unwrap();
        let token = self.admin_token();
        packyard(["publish", directory, "--server", &self.url, "--token", &token]).ok()
    }

    /// The number of the newest commit, read from the log itself.
    pub fn revision(&self) -> u64 {
        revision(&self.data())
    }

    /// Everything that the server has logged since it was started.
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// Ends the server the polite way.
    pub fn stop(&mut self) {
        self.server.terminate();
    }

    /// Kills the server where it stands.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts the server again after `stop` or `kill`, on the same port.
    pub fn start(&mut self) {
        let (server, url) = serve(&self.data(), self.authority());
        self.server = server;
        self.url = url;
    }
}

/// The number of the newest commit in a data directory; 0 where there is none.
pub fn revision(data: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(data.join("store/log")) else {
        return 0;
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| name.strip_suffix(".json")?.parse().ok())
        .max()
        .unwrap_or(0)
}

fn serve(data: &Path, listen: &str) -> (Server, String) {
    let data = data.to_str().unwrap();
    let mut server = Server::spawn(&["serve", "--data", data, "--listen", listen]);
    let url = server.address("listening on ");
    let first = server.stdout().lines().next().unwrap().to_owned();
    assert_eq!(
        first,
        format!("listening on {url}"),
        "the first line is not the promised one"
    );
    (server, url)
}
