//! `packyard build --format dsc` and `packyard eject debian`, as a user of them sees them.

use std::fs;
use std::process::Command;

use crate::harness::{Dist, Project, Yard, packyard, packyard_command, run, system_command};

/// What dpkg-source finds in a source package, unpacked beside it.
fn unpacked(dist: &Dist, dsc: &str) -> std::path::PathBuf {
    let to = dist.directory().join("unpacked");
    let mut dpkg = system_command("dpkg-source");
    dpkg.arg("-x").arg(dist.directory().join(dsc)).arg(&to);
    run(&mut dpkg).ok();
    to
}

#[test]
fn a_source_package_for_each_distribution_is_one_artifact_and_the_report_names_its_files() {
    let project = Project::hello_world();
    let args = ["--format", "dsc", "--for", "bookworm,trixie"];
    let dist = project.build_with(&args);
    for distribution in ["bookworm", "trixie"] {
        let names = dist.of(distribution).names();
        assert_eq!(
            names,
            [
                "hello-world_1.1.3-1.debian.tar.xz",
                "hello-world_1.1.3-1.dsc",
                "hello-world_1.1.3-1_source.buildinfo",
                "hello-world_1.1.3-1_source.changes",
                "hello-world_1.1.3.orig.tar.gz",
            ]
        );
        let mut check = system_command("dscverify");
        check.arg("--nosigcheck");
        check.arg(
            dist.of(distribution)
                .directory()
                .join("hello-world_1.1.3-1_source.changes"),
        );
        run(&mut check).ok();
    }
    let listed: serde_json::Value =
        serde_json::from_slice(&fs::read(dist.directory().join("release.json")).unwrap()).unwrap();
    let artifacts = listed["artifacts"].as_array().unwrap();
    assert_eq!(artifacts.len(), 2, "{listed}");
    assert_eq!(artifacts[0]["file"], "bookworm/hello-world_1.1.3-1.dsc");
    assert_eq!(artifacts[0]["beside"].as_array().unwrap().len(), 4, "{listed}");
    let out = dist.directory().join("again");
    packyard([
        "build",
        &project.arg(),
        "--format",
        "dsc",
        "--out",
        out.to_str().unwrap(),
    ])
    .ok()
    .says(&[
        "built hello-world_1.1.3-1.dsc",
        "with hello-world_1.1.3.orig.tar.gz",
        "with hello-world_1.1.3-1_source.changes",
    ]);
}

#[test]
fn a_snapshot_and_a_given_version_are_source_packages_too() {
    let project = Project::greeter();
    let mut init = Command::new("sh");
    init.arg("-c").arg(concat!(
        "cd \"$1\" && git init -q && git add -A && ",
        "git -c user.name=A -c user.email=a@example.org commit -q -m 'Greet louder'",
    ));
    run(init.arg("sh").arg(project.path())).ok();
    let dist = project.build_with(&["--format", "dsc", "--snapshot"]);
    let dsc = dist
        .names()
        .into_iter()
        .find(|name| name.ends_with(".dsc"))
        .unwrap();
    assert!(dsc.contains("~~dev"), "{dsc}");
    let log = fs::read_to_string(unpacked(&dist, &dsc).join("debian/changelog")).unwrap();
    let version = dsc.trim_start_matches("greeter_").trim_end_matches(".dsc");
    assert!(log.starts_with(&format!("greeter ({version}) ")), "{log}");

    let text = project.read("CHANGELOG.rst");
    project.write(
        "CHANGELOG.rst",
        &format!("Unreleased\n^^^^^^^^^^\n\n* Whisper.\n\n{text}"),
    );
    let dist = project.build_with(&["--format", "dsc", "--version", "9.1"]);
    let tree = unpacked(&dist, "greeter_9.1-1.dsc");
    assert!(
        fs::read_to_string(tree.join("debian/changelog"))
            .unwrap()
            .contains("* Whisper.")
    );
}

#[test]
fn what_has_no_changelog_has_no_source_package_and_nothing_is_left() {
    let project = Project::greeter();
    project.remove("CHANGELOG.rst");
    project
        .build_fails(&["--format", "dsc", "--version", "1.0"])
        .says(&["has no changelog", "hint: ", "packyard changelog add --create"]);
    packyard(["build", &project.arg(), "--format", "dcs"])
        .exits(2)
        .says(&["sdist, wheel, deb, rpm, srpm or dsc"]);
}

#[test]
fn an_ejected_debian_is_kept_and_the_build_says_what_it_uses_of_it() {
    let project = Project::postbox();
    let mut eject = packyard_command(["eject", "debian", "--json"]);
    let written = run(eject.current_dir(project.path())).ok();
    let written: serde_json::Value = serde_json::from_str(&written.stdout).unwrap();
    let files = written["files"].as_array().unwrap();
    assert!(files.iter().any(|file| file == "debian/rules"), "{written}");
    for file in files {
        assert!(project.path().join(file.as_str().unwrap()).is_file(), "{file}");
    }
    packyard(["eject", "debian", &project.arg()])
        .exits(1)
        .says(&["is there already", "hint: "]);
    project.write("debian/copyright", "mine\n");
    packyard(["build", &project.arg(), "--format", "deb,dsc"])
        .ok()
        .says(&["of debian/ only the changelog is used"]);
    assert_eq!(project.read("debian/copyright"), "mine\n");
}

#[test]
fn what_was_signed_since_is_published_by_name_and_a_changes_by_what_it_names() {
    let yard = Yard::new();
    let dist = Project::hello_world().build_with(&["--format", "dsc,deb"]);
    let path = |name: &str| dist.directory().join(name).to_str().unwrap().to_owned();
    let dsc = path("hello-world_1.1.3-1.dsc");
    // As a signature does it: the same source package in other bytes.
    let text = fs::read_to_string(&dsc).unwrap();
    fs::write(&dsc, format!("{}\n", text.trim_end_matches('\n')) + "\n").unwrap();
    let (server, token) = (yard.url(""), yard.admin_token());
    let publish = |what: &[&str]| {
        let to = ["--server", server.as_str(), "--token", token.as_str()];
        packyard([&["publish"], what, &to].concat())
    };
    let directory = dist.directory().to_str().unwrap().to_owned();
    publish(&[&directory]).fails().says(&[
        "has changed since it was built",
        &format!("packyard publish {dsc} {directory}/*.deb"),
    ]);
    publish(&[&dsc, &path("hello-world_1.1.3-1_all.deb")]).ok();
    let changes = path("hello-world_1.1.3-1_source.changes");
    let hint = ["send it with dput, or publish the .dsc and .debs that it names"];
    publish(&[&changes]).fails().says(&hint);
    packyard(["check", &changes]).fails().says(&hint);
}
