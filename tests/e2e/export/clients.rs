//! What serves an export, and who installs from it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{
    AptRoot, DnfRoot, Request, StaticHost, get, packyard, packyard_command, run, system_command, tool,
};

use super::{Room, every_client_installs, listed, pip_installs};

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
fn apt_installs_by_the_alias_of_a_distribution() {
    let room = Room::with_hello_world();
    let data = room.text("data");
    packyard([
        "distribution",
        "create",
        "main/bookworm",
        "--alias",
        "stable",
        "--data",
        &data,
    ])
    .ok();
    fs::create_dir(room.public()).unwrap();
    let host = StaticHost::python(&room.public());
    room.export(&["--public-url", host.url()]).ok();
    let apt = AptRoot::at(host.url());
    let sources = get(&format!("{}/apt/bookworm.sources", host.url())).is(200);
    let text = sources.text().replace("Suites: bookworm", "Suites: stable");
    apt.write("etc/apt/sources.list.d/packyard.sources", &text);
    apt.update();
    apt.apt_get(&["install", "hello-world"]).ok();
}

#[test]
fn zypper_installs_from_an_export() {
    let room = Room::with_hello_world();
    fs::create_dir(room.public()).unwrap();
    let host = StaticHost::nginx(&room.public());
    room.export(&["--public-url", host.url()]).ok();
    let machine = TempDir::new().unwrap();
    let repo = get(&format!("{}/yum/any.repo", host.url())).is(200);
    let file = machine.path().join("packyard.repo");
    fs::write(&file, repo.text()).unwrap();
    let zypper = |args: &[&str]| {
        let mut command = system_command("zypper");
        command.arg("--root").arg(machine.path());
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
    rpm.arg("--root").arg(machine.path());
    run(rpm.args(["-q", "hello-world"])).ok().says(&["1.1.3"]);
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
