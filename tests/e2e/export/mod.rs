//! A channel as a static tree: web servers that know nothing of packages serve it to the real clients.

mod clients;
mod jobs;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{AptRoot, DnfRoot, Outcome, Project, Venv, packyard, packyard_command, run, sha256};

/// A data directory, a place to export it to, and a project, with no server anywhere.
struct Room {
    directory: TempDir,
    project: Project,
}

impl Room {
    fn with_hello_world() -> Self {
        let room = Self {
            directory: TempDir::new().unwrap(),
            project: Project::hello_world(),
        };
        // Web servers of the distribution drop their privileges.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(room.directory.path(), mode).unwrap();
        room.release();
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn public(&self) -> PathBuf {
        self.path("public")
    }

    /// Builds the project and publishes it into the data directory.
    fn release(&self) -> Outcome {
        let (data, dist) = (self.text("data"), self.text("dist"));
        packyard(["release", &self.project.arg(), "--out", &dist, "--data", &data]).ok()
    }

    fn bump(&self, version: &str) {
        self.project.bump(version);
        fs::remove_dir_all(self.path("dist")).unwrap();
        self.release();
    }

    fn export_command(&self, args: &[&str]) -> Command {
        let (data, public) = (self.text("data"), self.text("public"));
        let mut all = vec!["export", "main", &public, "--data", &data];
        all.extend(args);
        packyard_command(all)
    }

    fn export(&self, args: &[&str]) -> Outcome {
        run(&mut self.export_command(args))
    }

    fn export_json(&self, args: &[&str]) -> Value {
        let outcome = self.export(&[&["--json"], args].concat()).ok();
        serde_json::from_str(&outcome.stdout).unwrap()
    }
}

/// Every file below a directory, by its path there.
fn files(directory: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let found = run(Command::new("find")
        .arg(directory)
        .args(["-type", "f", "-printf", "%P\\n"]))
    .ok();
    let read = |path: &str| {
        let full = directory.join(path);
        let time = fs::metadata(&full).unwrap().modified().unwrap();
        (path.to_owned(), (fs::read(full).unwrap(), time))
    };
    found.stdout.lines().map(read).collect()
}

/// The parts of an outcome's list.
fn listed(outcome: &Value, key: &str) -> BTreeSet<String> {
    let items = outcome[key].as_array().unwrap();
    items.iter().map(|p| p.as_str().unwrap().to_owned()).collect()
}

/// pip, apt and dnf install hello-world in a version from what is served at an address.
fn every_client_installs(url: &str, version: &str) -> (AptRoot, DnfRoot) {
    pip_installs(&["--index-url", &format!("{url}/simple/")], version);
    let apt = AptRoot::at(url);
    apt.update();
    apt.apt_get(&["install", "hello-world"]).ok();
    assert!(apt.installed("hello-world").unwrap().starts_with(version));
    let dnf = DnfRoot::at(url);
    dnf.dnf(&["install", "hello-world"]).ok();
    assert!(dnf.installed("hello-world").unwrap().starts_with(version));
    (apt, dnf)
}

fn pip_installs(from: &[&str], version: &str) {
    let venv = Venv::new();
    venv.pip(&[&["install", "hello-world"], from].concat()).ok();
    run(Command::new(venv.bin("hello-world")).arg("--version"))
        .ok()
        .says(&[version]);
}

/// Checks that whatever a client can come to is there and is what it was promised to be: each name
/// in a signed file, an index or a page. Gives the number of files.
fn the_tree_is_whole(tree: &Path) -> usize {
    let read = |path: &str| fs::read(tree.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let text = |path: &str| String::from_utf8(read(path)).unwrap();
    let holds = |path: &str, digest: &str| {
        assert_eq!(sha256(&read(path)), digest, "{path} is not what it should be");
    };
    for line in text("apt/dists/any/InRelease").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [digest, size, path] = words[..]
            && digest.len() == 64
            && size != "0"
        {
            let (dir, _) = path.rsplit_once('/').unwrap();
            let by_hash = format!("apt/dists/any/{dir}/by-hash/SHA256/{digest}");
            holds(&by_hash, digest);
            if path.ends_with("/Packages") {
                packages_are_there(&text(&by_hash), &holds);
            }
        }
    }
    for basearch in ["x86_64", "aarch64"] {
        let repo = format!("yum/any/{basearch}");
        let repomd = text(&format!("{repo}/repodata/repomd.xml"));
        for href in repomd
            .split("href=\"")
            .skip(1)
            .filter_map(|r| r.split('"').next())
        {
            let digest = href.strip_prefix("repodata/").unwrap().split('-').next().unwrap();
            holds(&format!("{repo}/{href}"), digest);
            if href.contains("primary") {
                let mut gunzip = Command::new("zcat");
                let primary = run(gunzip.arg(tree.join(format!("{repo}/{href}")))).ok().stdout;
                for rpm in primary.split("location href=\"").skip(1) {
                    let rpm = rpm.split('"').next().unwrap();
                    holds(&format!("{repo}/{rpm}"), rpm.split('/').nth(1).unwrap());
                }
            }
        }
    }
    let root = text("simple/index.html");
    for project in root
        .split("<a href=\"")
        .skip(1)
        .filter_map(|r| r.split('/').next())
    {
        let page = text(&format!("simple/{project}/index.html"));
        for link in page.split("href=\"../../").skip(1) {
            let link = link.split('"').next().unwrap();
            let (path, digest) = link.split_once("#sha256=").unwrap();
            holds(path, digest);
        }
    }
    files(tree).len()
}

fn packages_are_there(packages: &str, holds: &dyn Fn(&str, &str)) {
    let field = |stanza: &str, name: &str| {
        let line = stanza.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        line.trim().to_owned()
    };
    for stanza in packages.split("\n\n").filter(|s| !s.trim().is_empty()) {
        holds(
            &format!("apt/{}", field(stanza, "Filename:")),
            &field(stanza, "SHA256:"),
        );
    }
}
