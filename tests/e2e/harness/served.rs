//! A server with settings of its own.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Dist, Outcome, Project, Server, packyard};

/// A fresh yard behind a server that a test sets up. Its port is its own.
pub struct Served {
    // Dropped in this order: the process first, then what it stands on.
    server: Server,
    directory: TempDir,
    url: String,
}

impl Served {
    /// Starts it with these flags.
    pub fn with(flags: &[&str]) -> Self {
        Self::at("127.0.0.1:0", flags)
    }

    /// Starts it with a configuration file of this text.
    pub fn configured(text: &str) -> Self {
        let room = TempDir::new().unwrap();
        let path = room.path().join("server.toml");
        fs::write(&path, text).unwrap();
        // It is read once.
        Self::with(&["--config", path.to_str().unwrap()])
    }

    /// The same at an address.
    pub fn at(listen: &str, flags: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let data = directory.path().join("data");
        let mut args = vec!["serve", "--data", data.to_str().unwrap(), "--listen", listen];
        args.extend(flags);
        let mut server = Server::spawn(&args);
        let line = server.line("listening on ");
        assert_eq!(server.stdout().lines().next(), Some(line.as_str()));
        let url = line.trim_start_matches("listening on ").to_owned();
        Self {
            server,
            directory,
            url,
        }
    }

    /// The address of a path on the server; the path starts with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// `HOST:PORT`.
    pub fn authority(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The administrator's token.
    pub fn admin_token(&self) -> String {
        let token = fs::read_to_string(self.data().join("admin.token")).unwrap();
        token.trim().to_owned()
    }

    /// Publishes a build of hello-world beside the server.
    pub fn with_hello_world(self) -> Self {
        let project = Project::hello_world();
        self.publish(&project.build());
        self
    }

    /// Publishes what a build wrote, beside the server.
    #[track_caller]
    pub fn publish(&self, dist: &Dist) -> Outcome {
        let data = self.data();
        let (dist, data): (&Path, &Path) = (dist.directory(), &data);
        packyard([
            "publish",
            dist.to_str().unwrap(),
            "--data",
            data.to_str().unwrap(),
        ])
        .ok()
    }

    /// The log.
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// The process.
    pub fn process(&mut self) -> &mut Server {
        &mut self.server
    }

    /// One figure of `/metrics` that counts, by its whole name with labels.
    #[track_caller]
    pub fn figure(&self, name: &str) -> u64 {
        let text = super::get(&self.url("/metrics")).is(200);
        let line = text
            .text()
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no `{name}` in\n{}", text.text()))
            .parse()
            .unwrap()
    }
}
