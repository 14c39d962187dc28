//! The Python index, below the level of a client: representations, validators, ranges, the older JSON.

mod caching;
mod files;
mod legacy;
mod negotiation;

use std::path::PathBuf;

use tempfile::TempDir;

use crate::harness::{Reply, Request, Yard, run, system_command};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "application/vnd.pypi.simple.v1+html";

/// A yard to which small wheels are published, one release each.
struct Index {
    yard: Yard,
    directory: TempDir,
}

impl Index {
    fn new() -> Self {
        Self {
            yard: Yard::new(),
            directory: TempDir::new().unwrap(),
        }
    }

    fn wheel(&self, name: &str, version: &str, spelt: Option<&str>) -> PathBuf {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/e2e/simple/wheels.py");
        let mut python = system_command("python3");
        python
            .arg(script)
            .arg(self.directory.path())
            .args([name, version]);
        run(python.args(spelt)).ok();
        let stem = name.replace('-', "_");
        self.directory
            .path()
            .join(format!("{stem}-{version}-py3-none-any.whl"))
    }

    fn publish(&self, channel: &str, name: &str, version: &str) {
        self.publish_file(channel, &self.wheel(name, version, None));
    }

    fn publish_file(&self, channel: &str, file: &std::path::Path) {
        let (token, server) = (self.yard.admin_token(), self.yard.url(""));
        let file = file.to_str().unwrap();
        crate::harness::packyard([
            "publish",
            file,
            "--channel",
            channel,
            "--server",
            &server,
            "--token",
            &token,
        ])
        .ok();
    }

    fn put(&self, path: &str, json: &str) {
        let request = Request::new("PUT", &self.yard.url(path)).token(&self.yard.admin_token());
        let reply = request
            .header("content-type", "application/json")
            .send_bytes(json.as_bytes());
        assert!([200, 201].contains(&reply.status), "{reply:?}");
    }

    fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.request("GET", path, headers)
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = Request::bare(method, &self.yard.url(path));
        let request = headers
            .iter()
            .fold(request, |r, (name, value)| r.header(name, value));
        request.send()
    }
}
