//! `packyard up`: one command from a project to three package managers.

use std::path::Path;

use tempfile::TempDir;

use crate::harness::{AptRoot, Project, Server, Venv, get, revision};

/// Runs `up` until it has printed how to install, and gives the address that it serves on.
fn up(project: &Project, data: &Path) -> (Server, String) {
    let data = data.to_str().unwrap();
    let mut server = Server::spawn(&["up", &project.arg(), "--data", data, "--listen", "127.0.0.1:0"]);
    let url = server.address("listening on ");
    server.line(&format!("gpgkey={url}/main/yum/key.asc"));
    (server, url)
}

#[test]
fn up_builds_publishes_serves_and_says_how_to_install() {
    let data = TempDir::new().unwrap();
    let project = Project::hello_world();
    let (mut server, url) = up(&project, data.path());
    let said = server.stdout() + &server.log();
    for artifact in [
        "hello_world-1.1.3-py3-none-any.whl",
        "hello_world-1.1.3.tar.gz",
        "hello-world_1.1.3",
        "hello-world-1.1.3-1.noarch.rpm",
    ] {
        assert!(said.contains(artifact), "{artifact} is not mentioned:\n{said}");
    }
    for line in [
        format!("pip install --index-url {url}/main/simple/ hello-world"),
        format!("deb [signed-by=/etc/apt/keyrings/packyard-main.asc] {url}/main/apt any main"),
        format!("baseurl={url}/main/yum/any/$basearch/"),
    ] {
        assert!(
            server.stdout().contains(&line),
            "`{line}` is not printed:\n{said}"
        );
    }
    assert_eq!(get(&format!("{url}/healthz")).status, 200);
    let venv = Venv::new();
    venv.pip(&[
        "install",
        "--index-url",
        &format!("{url}/main/simple/"),
        "hello-world",
    ])
    .ok();
    server.terminate();
}

#[test]
fn up_again_with_nothing_changed_changes_nothing_and_says_so() {
    let data = TempDir::new().unwrap();
    let project = Project::hello_world();
    let (mut server, _) = up(&project, data.path());
    server.terminate();
    let before = revision(data.path());
    let (mut server, _) = up(&project, data.path());
    assert_eq!(revision(data.path()), before, "a second up made a revision");
    let said = (server.stdout() + &server.log()).to_lowercase();
    assert!(
        said.contains("unchanged") || said.contains("nothing"),
        "it does not say so:\n{said}"
    );
    server.terminate();
}

#[test]
fn a_new_changelog_entry_is_published_beside_the_old_version() {
    let data = TempDir::new().unwrap();
    let project = Project::greeter();
    let (mut server, _) = up(&project, data.path());
    server.terminate();
    let before = revision(data.path());
    project.bump("0.3.0");
    let (mut server, url) = up(&project, data.path());
    assert_eq!(revision(data.path()), before + 1, "a release is one revision");

    let root = AptRoot::new();
    let key = "/etc/apt/keyrings/packyard-main.asc";
    root.write(key, get(&format!("{url}/main/key.asc")).is(200).text());
    root.write(
        "/etc/apt/sources.list",
        &format!("deb [signed-by={key}] {url}/main/apt any main\n"),
    );
    root.update();
    root.run("apt-cache", &["madison", "greeter"])
        .ok()
        .says(&["0.2.0", "0.3.0"]);
    server.terminate();
}

#[test]
fn up_of_a_project_that_cannot_be_built_serves_nothing() {
    let data = TempDir::new().unwrap();
    let project = Project::hello_world();
    project.replace("packyard.toml", "[package]", "[pakcage]");
    let path = data.path().join("data");
    Server::refuses(&[
        "up",
        &project.arg(),
        "--data",
        path.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
    ])
    .exits(1)
    .says(&["packyard.toml", "pakcage"]);
    assert_eq!(revision(&path), 0);
}

#[test]
fn up_on_an_address_that_is_taken_publishes_nothing() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = TempDir::new().unwrap();
    let path = data.path().to_str().unwrap();
    let project = Project::hello_world();
    Server::refuses(&["up", &project.arg(), "--data", path, "--listen", &address])
        .exits(1)
        .says(&[&address, "--listen"]);
    crate::harness::packyard(["list", "--data", path])
        .ok()
        .never_says(&["hello-world"]);
}
