//! Exports of jobs that have no server, and one key.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::{AptRoot, DnfRoot, Project, StaticHost, packyard, packyard_command, run};

use super::{Room, files, pip_installs, the_tree_is_whole};

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
