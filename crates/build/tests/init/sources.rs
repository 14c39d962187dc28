//! Projects that only know how they are built.

use crate::room::{Room, UNIT, holds};
use packyard_build::init;
use std::{fs, path::Path};

const PROGRAM: &str = "#!/bin/sh\nexit 0\n";

#[test]
fn a_python_project_that_says_everything_gets_a_file_without_a_key_and_builds_as_before() {
    let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/projects");
    for name in [
        "flat-flit",
        "hello-world-setup-py",
        "namespace-setuptools",
        "setup-cfg-only",
        "uv-build",
    ] {
        let found = init(&projects.join(name), None).unwrap();
        assert!(
            found.text.lines().all(|line| line.starts_with('#')),
            "{name}: {}",
            found.text
        );
        assert!(
            found.missing.is_empty() && found.left_out.is_empty() && found.has_changelog,
            "{found:?}"
        );
    }
}

#[test]
fn setup_py_setup_cfg_and_pyproject_are_named_and_what_they_lack_is_added() {
    let project = "[project]\nname = 'lamp'\nversion = '1.2.0'\n[build-system]\nrequires = ['flit_core']\n\
        build-backend = 'flit_core.buildapi'\n";
    let project = project.replace("version =", "description = 'Light'\nversion =");
    let room = Room::released(&[("pyproject.toml", &project), ("lamp.py", "")]);
    let found = room.init();
    assert_eq!(found.read, ["pyproject.toml"]);
    holds(&found.text, &["maintainer = \"Ada Sample", "license = \"MIT\""]);
    assert!(!found.text.contains("name ="), "{}", found.text);
    let (deb, rpm) = room.built();
    holds(&deb, &["Package: python3-lamp\n", "Maintainer: Ada Sample"]);
    holds(&rpm, &["python3-lamp MIT Light"]);
}

#[test]
fn cargo_go_and_npm_projects_install_their_programs() {
    let cargo = "[workspace.package]\nlicense = 'MIT'\n[package]\nname = 'lamp'\nversion = '1.2.0'\nlicense.workspace = true\n\
        authors = ['Ada <ada@example.net>']\ndescription = 'Light'\n[[bin]]\nname = 'torch'\npath = 'src/torch.rs'\n";
    let room = Room::released(&[
        ("Cargo.toml", cargo),
        ("src/main.rs", ""),
        ("target/release/lamp", PROGRAM),
        ("target/release/torch", PROGRAM),
    ]);
    let found = room.init();
    holds(
        &found.text,
        &["# Build it first: cargo build --release\n[[file]]\nsource = \"target/release/lamp\""],
    );
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "Maintainer: Ada <ada@example.net>",
            "-rwxr-xr-x",
            "./usr/bin/lamp",
            "./usr/bin/torch",
        ],
    );
    holds(&rpm, &["lamp MIT Light"]);

    let room = Room::released(&[
        ("go.mod", "module example.org/ada/lamp/v2\n\ngo 1.21\n"),
        ("main.go", "package main\n"),
        ("cmd/torch/main.go", "package main\n"),
        ("lamp", PROGRAM),
        ("torch", PROGRAM),
    ]);
    let found = room.init();
    assert_eq!(
        found.missing.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
        ["summary"]
    );
    holds(
        &found.text,
        &[
            "name = \"lamp\"",
            "homepage = \"https://example.org/ada/lamp\"",
            "go build -trimpath -o torch ./cmd/torch",
        ],
    );
    holds(
        &room.built().0,
        &["Package: lamp\n", "./usr/bin/lamp", "./usr/bin/torch"],
    );

    let node = r#"{"name": "@ada/lamp", "version": "1.2.0", "description": "Light.", "license": "ISC",
        "author": {"name": "Ada", "email": "ada@example.net"}, "bin": {"lamp": "./cli.js"},
        "dependencies": {"wick": "1"}}"#;
    let room = Room::released(&[
        ("package.json", node),
        ("cli.js", "#!/usr/bin/node\n"),
        ("lib/x.js", ""),
    ]);
    let found = room.init();
    assert!(
        found.left_out.iter().any(|left| left.what == "dependencies wick"),
        "{found:?}"
    );
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "Depends: nodejs",
            "./usr/bin/lamp -> ../lib/lamp/cli.js",
            "./usr/lib/lamp/lib/x.js",
            "Maintainer: Ada <",
        ],
    );
    holds(&rpm, &["lamp ISC Light", "/usr/lib/lamp/cli.js"]);
}

#[test]
fn a_unit_file_brings_its_program_and_its_user() {
    let room = Room::released(&[("lamp.service", UNIT), ("bin/lamp", PROGRAM)]);
    let found = room.init();
    holds(
        &found.text,
        &[
            "[[service]]\nunit = \"lamp.service\"",
            "[[user]]\nname = \"lamp\"",
            "source = \"bin/lamp\"",
        ],
    );
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "./usr/lib/systemd/system/lamp.service",
            "./usr/bin/lamp",
            "./usr/lib/sysusers.d/lamp.conf",
        ],
    );
    holds(&rpm, &["/usr/lib/systemd/system/lamp.service"]);
}

#[test]
fn a_directory_that_says_nothing_is_named_after_itself_and_told_what_to_fill_in() {
    let room = Room::of(&[("bin/lamp", PROGRAM)]);
    let found = init(&room.root(), None).unwrap();
    let keys: Vec<&str> = found.missing.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, ["license", "maintainer", "summary"]);
    assert!(!found.has_changelog && found.version == "0.1.0", "{found:?}");
    holds(
        &found.text,
        &["name = \"lamp\"", "# maintainer = \"\"    # fill in: "],
    );
    // Nothing was written yet.
    assert_eq!(fs::read_dir(room.root()).unwrap().count(), 1);
}

#[test]
fn the_programs_of_a_package_json_can_run() {
    let node = r#"{"name": "lamp", "version": "1.2.0", "description": "Light", "files": ["lib", "dist", "!x", "gone"],
        "author": "Ada <ada@example.net>", "bin": {"lamp": "bin/lamp.js", "torch": "./dist/torch.js", "up": "../up.js"}}"#;
    let room = Room::released(&[
        ("package.json", node),
        ("bin/lamp.js", "// no line for the kernel\n"),
        ("lib/x.js", ""),
    ]);
    let found = room.init();
    assert_eq!(found.awaited, ["dist", "dist/torch.js"]);
    let left: Vec<&str> = found.left_out.iter().map(|left| left.what.as_str()).collect();
    assert_eq!(left, ["bin up", "files !x", "files gone"]);
    room.write("dist/torch.js", "// made\n");
    room.write("dist/other.js", "// made\n");
    let (deb, _) = room.built();
    for (mode, path) in [
        ("-rwxr-xr-x", "./usr/lib/lamp/bin/lamp.js"),
        ("-rwxr-xr-x", "./usr/lib/lamp/dist/torch.js"),
        ("-rw-r--r--", "./usr/lib/lamp/dist/other.js"),
        ("-rw-r--r--", "./usr/lib/lamp/lib/x.js"),
        ("lrwxrwxrwx", "./usr/bin/torch -> ../lib/lamp/dist/torch.js"),
    ] {
        assert!(
            deb.lines()
                .any(|line| line.starts_with(mode) && line.ends_with(path)),
            "{path}: {deb}"
        );
    }
}

#[test]
fn a_package_json_without_a_name_is_installed_below_the_directorys() {
    let room = Room::released(&[("package.json", r#"{"bin": {"light": "a.js"}}"#), ("a.js", "")]);
    let found = room.init();
    holds(
        &found.text,
        &["name = \"lamp\"", "target = \"/usr/lib/lamp/a.js\""],
    );
}
