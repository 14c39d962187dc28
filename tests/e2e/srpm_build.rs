//! `packyard build --format srpm` and `packyard eject spec`, as a user of them sees them.

use std::fs;

use crate::harness::{DnfRoot, Project, Yard, packyard, packyard_command, run, system_command};

#[test]
fn a_source_rpm_is_published_with_its_package_and_dnf_downloads_what_rpmbuild_rebuilds() {
    let yard = Yard::new();
    let dist = Project::greeter().build_with(&["--format", "rpm,srpm", "--for", "el9"]);
    assert_eq!(
        dist.of("el9").names(),
        ["greeter-0.2.0-1.el9.noarch.rpm", "greeter-0.2.0-1.el9.src.rpm"]
    );
    let directory = dist.directory().to_str().unwrap().to_owned();
    packyard(["check", &directory]).ok();
    let (server, token) = (yard.url(""), yard.admin_token());
    packyard(["publish", &directory, "--server", &server, "--token", &token]).ok();
    let listed = crate::harness::get(&yard.url("/main/yum/el9/source/repodata/repomd.xml")).is(200);
    assert!(listed.text().contains("primary"));
    let out = tempfile::TempDir::new().unwrap();
    let source = dist.of("el9").directory().join("greeter-0.2.0-1.el9.src.rpm");
    let mut rebuild = system_command("rpmbuild");
    rebuild
        .arg("--rebuild")
        .arg("--define")
        .arg(format!("_topdir {}", out.path().display()));
    run(rebuild.arg(&source))
        .ok()
        .says(&["greeter-0.2.0-1.el9.noarch.rpm"]);
    // dnf asks the repository of sources of `any`.
    let any = Project::greeter().build_with(&["--format", "rpm,srpm"]);
    let yard = Yard::new();
    let (server, token) = (yard.url(""), yard.admin_token());
    let directory = any.directory().to_str().unwrap().to_owned();
    packyard(["publish", &directory, "--server", &server, "--token", &token]).ok();
    let root = DnfRoot::of(&yard);
    let to = root.inside("/sources");
    let destination = format!("--destdir={}", to.display());
    root.dnf_with_plugins(&["download", "--source", &destination, "greeter"])
        .ok();
    assert!(to.join("greeter-0.2.0-1.src.rpm").exists());
}

#[test]
fn an_ejected_spec_is_kept_and_every_build_says_once_what_it_uses_of_it() {
    let project = Project::postbox();
    let mut eject = packyard_command(["eject", "spec", "--json"]);
    let written = run(eject.current_dir(project.path())).ok();
    let written: serde_json::Value = serde_json::from_str(&written.stdout).unwrap();
    let files = written["files"].as_array().unwrap();
    assert!(files.iter().any(|file| file == "postbox.spec"), "{written}");
    for file in files {
        assert!(project.path().join(file.as_str().unwrap()).is_file(), "{file}");
    }
    packyard(["eject", "spec", &project.arg()])
        .exits(1)
        .says(&["is there already", "hint: "]);
    project.write("postbox.spec", "Name: mine\n");
    for _ in 0..2 {
        let said = packyard(["build", &project.arg(), "--format", "rpm,srpm"]).ok();
        let note = "note: of the .spec file only the changelog is used";
        assert_eq!(said.stderr.matches(note).count(), 1, "{}", said.stderr);
    }
    assert_eq!(project.read("postbox.spec"), "Name: mine\n");
    assert!(
        fs::read_dir(project.path()).unwrap().all(|e| !e
            .unwrap()
            .file_name()
            .to_str()
            .unwrap()
            .contains("eject"))
    );
}
