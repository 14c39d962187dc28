//! `packyard init`, as a user of it sees it.

use std::fs;

use crate::harness::{Outcome, packyard_command, run};

/// `init` in a directory, by somebody whom the environment names.
fn init(dir: &std::path::Path, args: &[&str]) -> Outcome {
    let mut command = packyard_command([&["init"], args].concat());
    command
        .env("DEBFULLNAME", "Ada Sample")
        .env("DEBEMAIL", "ada@example.org");
    run(command.current_dir(dir))
}

#[test]
fn a_directory_becomes_a_project_that_builds_by_what_the_messages_say() {
    let room = tempfile::TempDir::new().unwrap();
    let project = room.path().join("lamp");
    fs::create_dir_all(project.join("dist")).unwrap();
    let nfpm = "name: lamp\nversion: v1.2.3\narch: all\nmaintainer: Ada Sample <ada@example.org>\ndescription: Light\n\
        license: MIT\nplatform: plan9\ncontents:\n  - src: dist/lamp\n    dst: /usr/bin/lamp\n";
    fs::write(project.join("nfpm.yaml"), nfpm).unwrap();
    fs::write(project.join("dist/lamp"), "#!/bin/sh\n").unwrap();
    init(&project, &[]).ok().says(&[
        "./packyard.toml",
        "left out: nfpm.yaml:7:11: platform: plan9: packages are for Linux",
        "a .deb and an .rpm need a changelog: packyard changelog add --create --version 1.2.3 'First release.'",
    ]);
    let text = fs::read_to_string(project.join("packyard.toml")).unwrap();
    assert!(text.contains("# nfpm.yaml:7 platform: plan9: "), "{text}");
    let mut add = packyard_command([
        "changelog",
        "add",
        "--create",
        "--version",
        "1.2.3",
        "First release.",
    ]);
    add.env("DEBFULLNAME", "Ada Sample")
        .env("DEBEMAIL", "ada@example.org");
    run(add.current_dir(&project)).ok();
    run(packyard_command(["build", "--format", "deb,rpm"]).current_dir(&project))
        .ok()
        .says(&["built lamp_1.2.3-1_all.deb", "built lamp-1.2.3-1.noarch.rpm"]);
    // What is there stays.
    init(&project, &[])
        .exits(1)
        .says(&["`packyard.toml` is there already", "hint: "]);
    assert_eq!(fs::read_to_string(project.join("packyard.toml")).unwrap(), text);
}

#[test]
fn json_says_what_was_read_left_out_and_is_to_be_filled_in() {
    let room = tempfile::TempDir::new().unwrap();
    fs::write(room.path().join("go.mod"), "module example.org/lamp\n").unwrap();
    fs::write(room.path().join("nfpm.yaml"), "name: lamp\nnew: 1\n").unwrap();
    let said = init(room.path(), &["--json"]).ok();
    let said: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(said["read"], serde_json::json!(["nfpm.yaml", "go.mod"]));
    assert_eq!(said["left_out"][0]["what"], "new");
    assert_eq!(said["left_out"][0]["place"]["line"], 2);
    assert_eq!(said["fill_in"][0]["key"], "license");
    assert_eq!(
        (&said["changelog"], &said["file"]),
        (&false.into(), &"./packyard.toml".into())
    );
}

#[test]
fn what_cannot_be_read_is_shown_once_and_nothing_is_left() {
    let room = tempfile::TempDir::new().unwrap();
    fs::write(room.path().join("nfpm.yaml"), "name: lamp\n  arch: [\n").unwrap();
    init(room.path(), &[])
        .exits(1)
        .says(&["error: not valid YAML", " --> nfpm.yaml:2:"]);
    assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1);
    init(room.path(), &["nowhere"])
        .exits(1)
        .says(&["`nowhere` is not a directory", "hint: "]);
}

#[test]
fn that_it_builds_is_said_only_where_a_build_takes_it() {
    const SAID: &str = "`packyard build` builds it";
    let room = tempfile::TempDir::new().unwrap();
    let project = room.path().join("lamp");
    fs::create_dir_all(project.join("bin")).unwrap();
    let nfpm = "name: lamp\nversion: 1.0\nmaintainer: Ada Sample <ada@example.org>\ndescription: Light\nlicense: MIT\n\
        contents:\n- {src: bin/lamp, dst: /usr/bin/lamp, file_info: {mode: 493}}\n- {src: lamp.service, dst: /usr/lib/systemd/system/}\n\
        scripts: {postinstall: post.sh}\n";
    let unit = "[Unit]\nDescription=Lamp\n[Service]\nExecStart=/usr/bin/lamp\n[Install]\nWantedBy=multi-user.target\n";
    fs::write(project.join("nfpm.yaml"), nfpm).unwrap();
    fs::write(project.join("CHANGELOG.md"), "# 1.0 (2024-01-01)\n- x\n").unwrap();
    fs::write(project.join("post.sh"), "#!/bin/bash\n").unwrap();
    fs::write(project.join("lamp.service"), unit.replace("Service", "Servce")).unwrap();
    let again = || {
        let _ = fs::remove_file(project.join("packyard.toml"));
        init(&project, &[]).ok()
    };
    let told = again().says(&[
        "left out: [scripts] postinstall = \"post.sh\": the script `postinstall` is for another interpreter",
        "to be made before a build: bin/lamp",
        "`packyard build` refuses it yet: ",
        " --> lamp.service:3:",
    ]);
    assert!(!told.stderr.contains(SAID), "{}", told.stderr);
    fs::write(project.join("bin/lamp"), "#!/bin/sh\n").unwrap();
    fs::write(project.join("lamp.service"), unit).unwrap();
    again().says(&[SAID]);
    run(packyard_command(["build", "--format", "deb,rpm"]).current_dir(&project)).ok();
}
