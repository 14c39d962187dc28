//! `apt changelog`, from the changelog inside of the packages.

use std::fs;

use tempfile::TempDir;

use crate::harness::{
    AptRoot, Project, Request, Server, StaticHost, Yard, free_port, get, packyard, run, system_command,
};

/// A yard that knows its own URL, which signed files may name only then.
struct Public {
    _server: Server,
    room: TempDir,
    url: String,
}

impl Public {
    fn new() -> Self {
        let room = TempDir::new().unwrap();
        let listen = format!("127.0.0.1:{}", free_port());
        let url = format!("http://{listen}");
        let data = room.path().join("data");
        let mut server = Server::spawn(&[
            "serve",
            "--data",
            data.to_str().unwrap(),
            "--listen",
            &listen,
            "--public-url",
            &url,
        ]);
        server.address("listening on ");
        Self {
            _server: server,
            room,
            url,
        }
    }

    fn data(&self) -> String {
        self.room.path().join("data").to_str().unwrap().to_owned()
    }

    fn token(&self) -> String {
        fs::read_to_string(self.room.path().join("data/admin.token"))
            .unwrap()
            .trim()
            .to_owned()
    }

    fn publish(&self, project: &Project) {
        let dist = project.build();
        let directory = dist.directory().to_str().unwrap();
        packyard([
            "publish",
            directory,
            "--server",
            &self.url,
            "--token",
            &self.token(),
        ])
        .ok();
    }
}

/// The version of hello-world that apt would install.
fn candidate(root: &AptRoot) -> String {
    let policy = root.run("apt-cache", &["policy", "hello-world"]).ok().stdout;
    let line = policy
        .lines()
        .find_map(|l| l.trim().strip_prefix("Candidate: "))
        .unwrap();
    line.to_owned()
}

#[test]
fn apt_changelog_shows_what_is_inside_of_the_package() {
    let yard = Public::new();
    let project = Project::hello_world();
    yard.publish(&project);
    project.bump("1.1.4");
    yard.publish(&project);
    for suite in ["bookworm", "trixie"] {
        let root = AptRoot::of_suite(suite).knowing(&format!("{}/main", yard.url));
        root.update();
        let version = candidate(&root);
        assert!(version.starts_with("1.1.4"));
        let mut command = root.command("apt-get");
        command.env("PAGER", "cat").args(["changelog", "hello-world"]);
        let heading = format!("hello-world ({version})");
        crate::harness::run(&mut command).ok().says(&[&heading]);
        root.apt_get(&["changelog", "--print-uris", "hello-world"])
            .ok()
            .says(&[&format!(
                "{}/main/apt/changelogs/main/h/hello-world/hello-world_{version}",
                yard.url
            )]);
        // Of an older version too.
        let old = format!("hello-world=1.1.3{}", version.strip_prefix("1.1.4").unwrap());
        let mut command = root.command("apt-get");
        command.env("PAGER", "cat").args(["changelog", &old]);
        crate::harness::run(&mut command).ok().never_says(&["1.1.4"]);
    }
}

#[test]
fn a_private_channels_changelogs_are_read_with_auth_conf() {
    let yard = Public::new();
    yard.publish(&Project::hello_world());
    packyard(["channel", "set", "main", "--private", "--data", &yard.data()]).ok();
    let url = format!("{}/main/apt/any.sources", yard.url);
    let sources = Request::new("GET", &url).token(&yard.token()).send().is(200);
    let root = AptRoot::of_suite("trixie");
    root.write("etc/apt/sources.list.d/packyard.sources", sources.text());
    let line = format!(
        "machine {}/main login __token__ password {}\n",
        yard.url,
        yard.token()
    );
    root.write("etc/apt/auth.conf.d/packyard.conf", &line);
    root.update();
    let mut command = root.command("apt-get");
    command.env("PAGER", "cat").args(["changelog", "hello-world"]);
    crate::harness::run(&mut command)
        .ok()
        .says(&["hello-world (1.1.3"]);
    let version = candidate(&root);
    let path = format!(
        "{}/main/apt/changelogs/main/h/hello-world/hello-world_{version}",
        yard.url
    );
    get(&path).is(401);
}

#[test]
fn a_changelog_that_is_not_there_is_said_in_words() {
    let (yard, project) = Yard::with_hello_world();
    let index = get(&yard.url("/main/apt/dists/any/main/binary-amd64/Packages")).is(200);
    let version = index
        .text()
        .lines()
        .find_map(|l| l.strip_prefix("Version: "))
        .unwrap()
        .to_owned();
    let url = |path: &str| yard.url(&format!("/main/apt/changelogs/{path}"));
    let there = format!("main/h/hello-world/hello-world_{version}");
    let shown = get(&url(&there)).is(200);
    assert!(shown.header("content-type").starts_with("text/plain"));
    assert!(
        shown.text().starts_with(&format!("hello-world ({version})")),
        "{}",
        shown.text()
    );
    for wrong in [
        "main/h/hello-world/hello-world_9.9",
        &format!("other/h/hello-world/hello-world_{version}"),
        "main/n/nothing/nothing_1.0",
    ] {
        get(&url(wrong)).problem(404, &["changelog of source"]);
    }
    for no_path in [
        "main/x/hello-world/hello-world_1",
        "main/h/hello-world",
        "main/h/hello-world/other_1.0",
    ] {
        get(&url(no_path)).problem(404, &[]);
    }
    // As of a revision before it was there, and as of one in which it was.
    let revision = yard.revision();
    project.bump("1.1.4");
    yard.publish(&project.build());
    let newer = version.replace("1.1.3", "1.1.4");
    let at = |n: u64, v: &str| {
        yard.url(&format!(
            "/main@{n}/apt/changelogs/main/h/hello-world/hello-world_{v}"
        ))
    };
    get(&at(revision, &version)).is(200);
    get(&at(revision, &newer)).problem(404, &["changelog of source"]);
    get(&at(revision + 1, &newer)).is(200);
}

#[test]
fn a_static_copy_names_no_server_and_stays_the_same_when_it_is_made_again() {
    let yard = Public::new();
    yard.publish(&Project::hello_world());
    let served = get(&format!("{}/main/apt/dists/any/Release", yard.url)).is(200);
    assert!(served.text().contains("\nChangelogs: ") && served.text().contains("\nSnapshots: "));
    let away = TempDir::new().unwrap();
    let copy = away.path().join("copy");
    let export = |public: &str| {
        let export = [
            "--json",
            "export",
            "main",
            copy.to_str().unwrap(),
            "--public-url",
            public,
        ];
        packyard([&export[..], &["--server", &yard.url, "--token", &yard.token()]].concat())
            .ok()
            .stdout
    };
    export("http://localhost/copy");
    for name in ["Release", "InRelease"] {
        let text = fs::read_to_string(copy.join("apt/dists/any").join(name)).unwrap();
        assert!(
            !text.contains(&yard.url) && !text.contains("Changelogs:"),
            "{text}"
        );
        assert!(text.contains("Origin: packyard main\n"), "{text}");
    }
    let host = StaticHost::python(&copy);
    export(host.url());
    let again: serde_json::Value = serde_json::from_str(&export(host.url())).unwrap();
    assert_eq!(again["written"], serde_json::json!([]), "{again}");
    // What it says is signed, and apt says of a changelog that there is none.
    let root = AptRoot::at(host.url());
    root.update();
    root.apt_get(&["changelog", "hello-world"])
        .fails()
        .says(&["Changelog unavailable"]);
    root.apt_get(&["install", "hello-world"]).ok();
    let ring = away.path().join("ring.gpg");
    let mut gpg = system_command("gpg");
    gpg.args(["--batch", "--homedir"]).arg(away.path());
    gpg.args(["--dearmor", "-o"])
        .arg(&ring)
        .arg(copy.join("apt/key.asc"));
    run(&mut gpg).ok();
    let mut gpgv = system_command("gpgv");
    let release = copy.join("apt/dists/any");
    gpgv.arg("--keyring").arg(&ring);
    run(gpgv.args([release.join("Release.gpg"), release.join("Release")])).ok();
}
