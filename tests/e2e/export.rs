//! A channel as a static tree: web servers that know nothing of packages serve it to the real clients.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{
    AptRoot, DnfRoot, Outcome, Project, Request, StaticHost, Venv, get, packyard, packyard_command, run,
    sha256, system_command, tool,
};

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

#[test]
fn nginx_serves_an_export_to_every_client_and_then_the_next() {
    let room = Room::with_hello_world();
    fs::create_dir(room.public()).unwrap();
    let host = StaticHost::nginx(&room.public());
    room.export(&["--public-url", host.url()]).ok();
    let (apt, dnf) = every_client_installs(host.url(), "1.1.3");

    room.bump("1.1.4");
    room.export(&[]).ok();
    apt.update();
    apt.apt_get(&["upgrade"]).ok();
    assert!(apt.installed("hello-world").unwrap().starts_with("1.1.4"));
    dnf.dnf(&["upgrade"]).ok();
    assert!(dnf.installed("hello-world").unwrap().starts_with("1.1.4"));
    pip_installs(&["--index-url", &format!("{}/simple/", host.url())], "1.1.4");
}

#[test]
fn the_web_server_of_python_serves_an_export_to_every_client() {
    let room = Room::with_hello_world();
    fs::create_dir(room.public()).unwrap();
    let host = StaticHost::python(&room.public());
    room.export(&["--public-url", host.url()]).ok();
    every_client_installs(host.url(), "1.1.3");
    let front = get(&format!("{}/", host.url())).is(200);
    assert!(
        front.text().contains("pip install --index-url"),
        "{}",
        front.text()
    );
}

#[test]
fn zypper_installs_from_an_export() {
    let room = Room::with_hello_world();
    fs::create_dir(room.public()).unwrap();
    let host = StaticHost::nginx(&room.public());
    room.export(&["--public-url", host.url()]).ok();
    let root = TempDir::new().unwrap();
    let repo = get(&format!("{}/yum/any.repo", host.url())).is(200);
    let file = root.path().join("packyard.repo");
    fs::write(&file, repo.text()).unwrap();
    let zypper = |args: &[&str]| {
        let mut command = system_command("zypper");
        command.arg("--root").arg(root.path());
        run(command
            .args(["--non-interactive", "--gpg-auto-import-keys"])
            .args(args))
    };
    let base = tool("base-rpm");
    zypper(&["addrepo", "--no-gpgcheck", base.to_str().unwrap(), "base"]).ok();
    zypper(&["addrepo", "--gpgcheck-strict", file.to_str().unwrap()]).ok();
    zypper(&["refresh"]).ok();
    zypper(&["install", "--no-recommends", "hello-world"]).ok();
    let mut rpm = system_command("rpm");
    rpm.arg("--root").arg(root.path());
    run(rpm.args(["-q", "hello-world"])).ok().says(&["1.1.3"]);
}

#[test]
fn an_export_has_the_bytes_of_the_server() {
    let room = Room::with_hello_world();
    room.export(&["--public-url", "http://repo.example.org/main"])
        .ok();
    let mut server =
        crate::harness::Server::spawn(&["serve", "--data", &room.text("data"), "--listen", "127.0.0.1:0"]);
    let url = server.address("listening on ");
    let mut compared = 0;
    for (path, (bytes, _)) in files(&room.public()) {
        let ours = [
            ".nojekyll",
            ".packyard-export.json",
            "index.html",
            "pip.conf",
            "setup.sh",
        ];
        if ours.contains(&&*path) || path.ends_with(".sources") || path.ends_with(".repo") {
            continue;
        }
        let page = path
            .strip_suffix("index.html")
            .unwrap_or(&path)
            .replace('+', "%2B");
        let served = get(&format!("{url}/main/{page}")).is(200);
        assert!(served.body == bytes, "{path} has other bytes");
        compared += 1;
    }
    assert!(compared > 25, "only {compared} files were compared");
}

#[test]
fn an_export_is_the_same_from_a_server_and_from_its_data_directory() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    let data = room.text("data");
    let mut server = crate::harness::Server::spawn(&["serve", "--data", &data, "--listen", "127.0.0.1:0"]);
    let url = server.address("listening on ");
    let other = room.text("other");
    packyard(["export", "main", &other, "--server", &url]).ok();
    let content = |dir: &Path| {
        let files = files(dir)
            .into_iter()
            .filter(|(p, _)| p != ".packyard-export.json");
        files
            .map(|(p, (bytes, _))| (p, sha256(&bytes)))
            .collect::<Vec<_>>()
    };
    assert_eq!(content(&room.public()), content(Path::new(&other)));
}

#[test]
fn the_next_export_touches_only_what_changed() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    let first = files(&room.public());
    assert_eq!(listed(&room.export_json(&[]), "written"), BTreeSet::new());
    let again = files(&room.public());
    assert!(first == again, "an export that changes nothing touched something");

    room.bump("1.1.4");
    let outcome = room.export_json(&[]);
    let after = files(&room.public());
    let touched: BTreeSet<String> = after
        .iter()
        .filter(|(path, file)| first.get(*path) != Some(file))
        .map(|(path, _)| path.clone())
        .filter(|path| path != ".packyard-export.json")
        .collect();
    assert_eq!(touched, listed(&outcome, "written"));
    assert!(
        touched
            .iter()
            .all(|p| p == "index.html" || !first.contains_key(p) || !p.contains("1.1.3"))
    );
    assert!(touched.iter().any(|p| p.ends_with("hello-world_1.1.4-1_all.deb")));
    // What the first InRelease named is still there, for clients that have read it.
    for (path, _) in first
        .iter()
        .filter(|(p, _)| p.contains("by-hash") || p.contains("-primary.xml"))
    {
        assert!(after.contains_key(path), "{path} is gone");
    }
    let outcome = room.export_json(&["--grace", "0"]);
    let left = files(&room.public());
    for path in listed(&outcome, "removed") {
        assert!(after.contains_key(&path) && !left.contains_key(&path), "{path}");
    }
    assert!(!listed(&outcome, "removed").is_empty());
    the_tree_is_whole(&room.public());
}

#[test]
fn what_somebody_else_changed_is_noticed_and_repaired() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    let intact = files(&room.public());
    let page = room.public().join("simple/hello-world/index.html");
    fs::write(&page, "nothing here").unwrap();
    fs::remove_file(room.public().join("apt/dists/any/InRelease")).unwrap();
    let outcome = room.export_json(&[]);
    let expected = ["apt/dists/any/InRelease", "simple/hello-world/index.html"].map(str::to_owned);
    assert_eq!(listed(&outcome, "repaired"), BTreeSet::from(expected.clone()));

    // The same size and the same time: only the digest tells.
    let time = fs::metadata(&page).unwrap().modified().unwrap();
    let mut bytes = fs::read(&page).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&page, bytes).unwrap();
    let file = fs::File::options().write(true).open(&page).unwrap();
    file.set_modified(time).unwrap();
    assert_eq!(listed(&room.export_json(&[]), "repaired"), BTreeSet::new());
    assert_eq!(
        listed(&room.export_json(&["--verify"]), "repaired"),
        BTreeSet::from([expected[1].clone()])
    );
    for (path, (bytes, _)) in files(&room.public()) {
        let same = intact[&path].0 == bytes;
        assert!(same || path == ".packyard-export.json", "{path} was not repaired");
    }
}

#[test]
fn a_directory_that_is_not_ours_is_refused_and_left_alone() {
    let room = Room::with_hello_world();
    fs::create_dir(room.public()).unwrap();
    fs::write(room.public().join("thesis.txt"), "years of work").unwrap();
    room.export(&[])
        .exits(1)
        .says(&["not empty", "thesis.txt", "hint:"]);
    assert_eq!(files(&room.public()).keys().collect::<Vec<_>>(), ["thesis.txt"]);

    fs::remove_file(room.public().join("thesis.txt")).unwrap();
    room.export(&[]).ok();
    let before = files(&room.public());
    let other = Room::with_hello_world();
    let (data, public) = (other.text("data"), room.text("public"));
    packyard(["export", "main", &public, "--data", &data])
        .exits(1)
        .says(&["another yard", "--adopt", "hint:"]);
    let manifest = room.public().join(".packyard-export.json");
    let text = fs::read_to_string(&manifest).unwrap();
    assert!(
        files(&room.public()) == before,
        "a refused export touched something"
    );
    fs::write(
        &manifest,
        text.replace("\"channel\":\"main\"", "\"channel\":\"stable\""),
    )
    .unwrap();
    room.export(&[])
        .exits(1)
        .says(&["a copy of channel stable", "hint:"]);
}

#[test]
fn a_channel_that_does_not_exist_leaves_nothing_behind() {
    let room = Room::with_hello_world();
    let (data, public) = (room.text("data"), room.text("public"));
    packyard(["export", "mian", &public, "--data", &data])
        .exits(1)
        .says(&["mian"]);
    assert!(!room.public().exists());
    packyard(["export", "main", "gs://bucket/x", "--data", &data])
        .exits(2)
        .says(&["s3://BUCKET/PREFIX"]);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let room = Room::with_hello_world();
    let outcome = room.export_json(&["--dry-run"]);
    assert!(listed(&outcome, "written").contains("apt/dists/any/InRelease"));
    assert!(files(&room.public()).is_empty());
}

#[test]
fn an_export_that_was_killed_leaves_a_tree_that_works_and_goes_on() {
    let room = Room::with_hello_world();
    room.export(&[]).ok();
    room.bump("1.1.4");
    // The old tree, over and over, and the export killed a little later each time.
    let old = room.path("old");
    let copy = |from: &Path, to: &Path| {
        let _ = fs::remove_dir_all(to);
        run(Command::new("cp").arg("-a").arg(from).arg(to)).ok();
    };
    copy(&room.public(), &old);
    let mut states = BTreeSet::new();
    for delay in 0.. {
        copy(&old, &room.public());
        let mut child = room
            .export_command(&[])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay * 4));
        let ended = child.try_wait().unwrap().is_some();
        let _ = child.kill();
        child.wait().unwrap();
        states.insert(the_tree_is_whole(&room.public()));
        if ended {
            break;
        }
    }
    assert!(states.len() > 2, "no export was killed half-way: {states:?}");

    // What a killed export has left is finished by the next one.
    copy(&old, &room.public());
    let mut child = room.export_command(&[]).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(60));
    let _ = child.kill();
    child.wait().unwrap();
    room.export(&[]).ok();
    the_tree_is_whole(&room.public());
    assert!(!room.public().join(".packyard-tmp").exists());
    let host = StaticHost::python(&room.public());
    pip_installs(&["--index-url", &format!("{}/simple/", host.url())], "1.1.4");
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
            if !path.ends_with(".gz") {
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

#[test]
fn a_job_without_memory_builds_signs_and_exports_with_one_key() {
    let keys = TempDir::new().unwrap();
    let key = keys.path().join("signing.key");
    packyard(["key", "generate", "--out", key.to_str().unwrap()])
        .ok()
        .says(&["Ed25519", "RSA"]);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let secret = fs::read_to_string(&key).unwrap();

    let room = Room {
        directory: TempDir::new().unwrap(),
        project: Project::hello_world(),
    };
    fs::create_dir(room.public()).unwrap();
    let host = StaticHost::python(&room.public());
    // Each job begins with the site and nothing else.
    let job = |value: &str| {
        let (data, dist) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let (data, dist) = (data.path().join("yard"), dist.path().join("dist"));
        let (data, dist) = (data.to_str().unwrap(), dist.to_str().unwrap());
        let signed = |args: &[&str]| {
            let mut command = packyard_command(args.to_vec());
            run(command.env("PACKYARD_SIGNING_KEY", value))
        };
        signed(&["release", &room.project.arg(), "--out", dist, "--data", data]).ok();
        let keys = Path::new(data).join("keys");
        assert_eq!(
            fs::read_dir(keys).unwrap().count(),
            0,
            "the secret was written to the disk"
        );
        signed(&[
            "export",
            "main",
            &room.text("public"),
            "--adopt",
            "--public-url",
            host.url(),
            "--data",
            data,
        ])
        .ok()
    };
    job(&secret);
    let first = files(&room.public());
    let key_asc = &first["key.asc"].0;
    let apt = AptRoot::at(host.url());
    apt.update();
    let dnf = DnfRoot::at(host.url());
    dnf.dnf(&["install", "hello-world"]).ok();

    // The next version in another job: the key is the same, and the version before is still there.
    room.project.bump("1.1.4");
    job(key.to_str().unwrap());
    let second = files(&room.public());
    assert!(second["key.asc"].0 == *key_asc, "the key has changed");
    for (path, (bytes, _)) in first.iter().filter(|(p, _)| p.contains("1.1.3")) {
        assert!(second[path].0 == *bytes, "{path} has changed");
    }
    apt.update();
    apt.apt_get(&["install", "hello-world"]).ok();
    assert!(apt.installed("hello-world").unwrap().starts_with("1.1.4"));
    pip_installs(
        &[
            "--index-url",
            &format!("{}/simple/", host.url()),
            "hello-world==1.1.3",
        ],
        "1.1.3",
    );

    // The same job again changes no package.
    job(&secret);
    let third = files(&room.public());
    for (path, (bytes, _)) in second.iter().filter(|(p, _)| p.contains("1.1.4")) {
        assert!(third[path].0 == *bytes, "{path} has changed");
    }
    the_tree_is_whole(&room.public());
}

#[test]
fn other_signing_keys_than_those_of_the_yard_are_refused() {
    let room = Room::with_hello_world();
    let other = packyard(["key", "generate"]).ok().stdout;
    let with = |value: &str| run(room.export_command(&[]).env("PACKYARD_SIGNING_KEY", value));
    with(&other).exits(1).says(&["are not those of this yard"]);
    with("/no/such/file").exits(1).says(&["PACKYARD_SIGNING_KEY"]);
    with("-----BEGIN nonsense")
        .exits(1)
        .says(&["PACKYARD_SIGNING_KEY", "hint:"]);
    let own = packyard(["key", "export", "--private", "--data", &room.text("data")]).ok();
    with(&own.stdout).ok();
    let public = packyard(["key", "export", "--data", &room.text("data")]).ok();
    assert_eq!(
        public.stdout.trim(),
        fs::read_to_string(room.public().join("key.asc")).unwrap().trim()
    );
}

#[test]
fn a_bucket_is_written_to_and_serves_the_clients() {
    let room = Room::with_hello_world();
    let s3 = StaticHost::s3();
    Request::new("PUT", &format!("{}/a-bucket", s3.url()))
        .send()
        .is(200);
    let url = format!("{}/a-bucket/some/prefix", s3.url());
    let export = |args: &[&str]| {
        let data = room.text("data");
        let all = [
            &[
                "export",
                "main",
                "s3://a-bucket/some/prefix",
                "--data",
                &data,
                "--json",
            ],
            args,
        ]
        .concat();
        let mut command = packyard_command(all);
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", s3.url())
            .env("AWS_ALLOW_HTTP", "true");
        let outcome = run(&mut command).ok();
        serde_json::from_str::<Value>(&outcome.stdout).unwrap()
    };
    export(&["--public-url", &url]);
    let pointer = get(&format!("{url}/apt/dists/any/InRelease")).is(200);
    assert!(pointer.header("cache-control").contains("max-age=0"));
    let page = format!("{url}/simple/hello-world/index.html");
    let shown = get(&page).is(200);
    assert!(shown.header("content-type").starts_with("text/html"));
    let apt = AptRoot::at(&url);
    apt.update();
    apt.apt_get(&["install", "hello-world"]).ok();
    let dnf = DnfRoot::at(&url);
    dnf.dnf(&["install", "hello-world"]).ok();
    // A bucket has no index documents; what stands before it has (CloudFront, the website endpoint).
    pip_installs(&["--no-index", "--find-links", &page], "1.1.3");

    assert_eq!(listed(&export(&[]), "written"), BTreeSet::new());
    room.bump("1.1.4");
    let written = listed(&export(&[]), "written");
    assert!(written.iter().any(|p| p.ends_with("1.1.4-1_all.deb")));
    assert!(!written.iter().any(|p| p.contains("1.1.3")), "{written:?}");
    apt.update();
    apt.apt_get(&["upgrade"]).ok();
    assert!(apt.installed("hello-world").unwrap().starts_with("1.1.4"));
}
