//! Which .rpms may stand beside each other in a channel, and in which repositories they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::circle::{admin, configure};
use crate::harness::{Reply, Request, SmallRpm, Yard, get, put_in_yum, run, system_command};

/// A package without files for one architecture, whose summary is of one's own.
fn package(name: &str, version: &str, arch: &str, summary: &str) -> (TempDir, PathBuf) {
    let scratch = TempDir::new().unwrap();
    let spec = scratch.path().join("small.spec");
    let text = format!(
        "Name: {name}\nVersion: {version}\nRelease: 1\nSummary: {summary}\nLicense: MIT\n%description\n{summary}.\n%files\n"
    );
    fs::write(&spec, text).unwrap();
    let top = format!("_topdir {}", scratch.path().display());
    let mut build: Command = system_command("rpmbuild");
    build.args(["--quiet", "-bb", "--target", arch, "--define", &top]);
    run(build.arg(&spec)).ok();
    let rpm = scratch
        .path()
        .join(format!("RPMS/{arch}/{name}-{version}-1.{arch}.rpm"));
    (scratch, rpm)
}

fn put(yard: &Yard, distribution: &str, rpm: &Path) -> Reply {
    let name = rpm.file_name().unwrap().to_str().unwrap();
    put_in_yum(yard, &format!("{distribution}/{name}"), &fs::read(rpm).unwrap())
}

/// The names and architectures that a repository lists.
fn listed(yard: &Yard, repository: &str) -> Vec<String> {
    let at = |path: &str| yard.url(&format!("/main/yum/{repository}/{path}"));
    let repomd = get(&at("repodata/repomd.xml")).is(200);
    let (before, _) = repomd.text().split_once("-primary.xml.gz").unwrap();
    let digest = before.rsplit('/').next().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let primary = get(&at(&format!("repodata/{digest}-primary.xml.gz"))).is(200);
    fs::write(file.path(), primary.body).unwrap();
    let text = run(system_command("sh")
        .args(["-c", "zcat < \"$0\""])
        .arg(file.path()))
    .ok()
    .stdout;
    let between = |text: &str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    let each = text.split("<package ").skip(1);
    let mut lines: Vec<String> = each
        .map(|p| {
            format!(
                "{}.{}",
                between(p, "<name>", "</name>"),
                between(p, "<arch>", "</arch>")
            )
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn other_bytes_under_the_name_of_a_published_package_are_refused_wherever_they_would_meet() {
    let yard = Yard::new();
    let (_one, first) = package("tool", "1.0", "x86_64", "One");
    let (_two, second) = package("tool", "1.0", "x86_64", "Two");
    put(&yard, "el9", &first).is(201);
    put(&yard, "el9", &second).problem(409, &["tool-1.0-1.x86_64.rpm", "el9"]);
    put(&yard, "any", &second).problem(409, &["tool-1.0-1.x86_64.rpm"]);
    // What tells packages apart is in the header; the epoch of the file name, which nobody writes, is 0.
    put_in_yum(&yard, "el9/tool-0:1.0-1.x86_64.rpm", &fs::read(&second).unwrap()).problem(409, &["tool"]);
    put_in_yum(&yard, "el9/other-1.0-1.x86_64.rpm", &fs::read(&second).unwrap()).problem(422, &["other"]);
    put(&yard, "el8", &second).is(201);
    put(&yard, "el9", &first).is(200);
    assert_eq!(listed(&yard, "el9/x86_64"), ["tool.x86_64"]);
}

#[test]
fn a_volatile_channel_takes_other_bytes_and_lists_one_package() {
    let yard = Yard::new();
    configure(&yard, "main", r#"{"volatile":true}"#);
    let (_one, first) = package("tool", "1.0", "x86_64", "One");
    let (_two, second) = package("tool", "1.0", "x86_64", "Two");
    put(&yard, "any", &first).is(201);
    put(&yard, "any", &second).is(201);
    assert_eq!(listed(&yard, "any/x86_64"), ["tool.x86_64"]);
    // In one release both would be the same package.
    configure(&yard, "main", r#"{"volatile":false}"#);
    let (_three, third) = package("other", "1.0", "x86_64", "One");
    let (_four, fourth) = package("other", "1.0", "x86_64", "Two");
    admin(
        &yard,
        &["publish", third.to_str().unwrap(), fourth.to_str().unwrap()],
    )
    .exits(1)
    .says(&["other-1.0-1"]);
    assert_eq!(listed(&yard, "any/x86_64"), ["tool.x86_64"]);
}

#[test]
fn a_source_package_and_a_binary_one_of_the_same_name_do_not_meet() {
    let yard = Yard::new();
    let built = SmallRpm::new("tool", "1.0");
    let files = built.build();
    let files: Vec<&str> = files.iter().map(|f| f.to_str().unwrap()).collect();
    let before = yard.revision();
    admin(&yard, &[&["publish"][..], &files].concat()).ok();
    assert_eq!(yard.revision(), before + 1, "several packages are one release");
    assert_eq!(listed(&yard, "any/x86_64"), ["tool.noarch"]);
    assert_eq!(listed(&yard, "any/source"), ["tool.src"]);
}

#[test]
fn a_package_is_in_the_repository_of_every_machine_that_can_install_it() {
    let yard = Yard::new();
    for (name, arch) in [
        ("here", "x86_64"),
        ("multi", "i686"),
        ("arm", "aarch64"),
        ("all", "noarch"),
    ] {
        let (_scratch, rpm) = package(name, "1.0", arch, "A test");
        put(&yard, "el9", &rpm).is(201);
    }
    let (_scratch, everywhere) = package("everywhere", "1.0", "noarch", "A test");
    put(&yard, "any", &everywhere).is(201);
    let noarch = ["all.noarch", "everywhere.noarch"];
    for (basearch, own) in [
        ("x86_64", "here.x86_64"),
        ("i386", "multi.i686"),
        ("aarch64", "arm.aarch64"),
    ] {
        let mut expected = [&noarch[..], &[own]].concat();
        expected.sort_unstable();
        assert_eq!(listed(&yard, &format!("el9/{basearch}")), expected);
    }
    get(&yard.url("/main/yum/el9/sparc/repodata/repomd.xml")).is(404);
}

#[test]
fn an_architecture_that_no_machine_has_is_refused() {
    let yard = Yard::new();
    let (_scratch, rpm) = package("odd", "1.0", "x86_64", "A test");
    let name = "any/odd-1.0-1.pdp11.rpm";
    let reply = put_in_yum(&yard, name, &fs::read(&rpm).unwrap());
    assert!([400, 422].contains(&reply.status), "{}", reply.text());
    Request::new("GET", &yard.url("/main/yum/any/pdp11/repodata/repomd.xml"))
        .send()
        .is(404);
}
