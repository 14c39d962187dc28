//! What cargo and cargo-deb say.

use crate::room::{AUTHOR, Room, holds};
use packyard_build::init;

const PROGRAM: &str = "#!/bin/sh\nexit 0\n";
const UNIT: &str =
    "[Unit]\nDescription=Lamp\n[Service]\nExecStart=/usr/bin/lamp\n[Install]\nWantedBy=multi-user.target\n";

fn manifest(deb: &str) -> String {
    format!(
        "[package]\nname = 'lamp'\nversion = '1.2.0'\ndescription = 'Light'\nlicense = 'MIT'\n\
         [package.metadata.deb]\nmaintainer-scripts = 'debian/'\n{deb}"
    )
}

/// A project whose program is built, with this table and these files.
fn room(deb: &str, files: &[(&str, &str)]) -> Room {
    let cargo = manifest(deb);
    let mut all = vec![
        ("Cargo.toml", cargo.as_str()),
        ("src/main.rs", ""),
        ("target/release/lamp", PROGRAM),
    ];
    all.extend(files);
    Room::released(&all)
}

#[test]
fn a_unit_that_is_called_after_its_kind_is_the_packages_own() {
    let room = room(
        "systemd-units = { enable = false }\n",
        &[("debian/service", UNIT)],
    );
    let found = room.init();
    holds(
        &found.text,
        &["[[service]]\nname = \"lamp\"\nunit = \"debian/service\"\nenable = false\n"],
    );
    let (deb, _) = room.built();
    holds(&deb, &["./usr/lib/systemd/system/lamp.service", "./usr/bin/lamp"]);
}

#[test]
fn each_entry_of_systemd_units_is_for_the_units_of_its_name() {
    let units =
        "systemd-units = [{ unit-name = 'one', enable = false }, { unit-name = 'two', start = false }]\n";
    let files = [
        ("debian/one.service", UNIT),
        ("debian/lamp.two.service", UNIT),
        ("debian/three.service", UNIT),
        ("debian/lamp.postinst", "#!/bin/sh\ntrue\n"),
        ("debian/postinst", "#!/bin/sh\nfalse\n"),
    ];
    let room = room(units, &files);
    let found = room.init();
    holds(
        &found.text,
        &[
            "[[service]]\nunit = \"debian/one.service\"\nenable = false\n\n",
            "[[service]]\nname = \"two\"\nunit = \"debian/lamp.two.service\"\nstart = false\n\n",
            "postinstall = \"debian/lamp.postinst\"",
        ],
    );
    assert_eq!(found.text.matches("\n[[service]]").count(), 2, "{}", found.text);
    assert!(
        found.left_out.iter().any(|left| left.what == "debian/postinst"),
        "{found:?}"
    );
    let (deb, _) = room.built();
    holds(&deb, &["system/one.service", "system/two.service"]);
    assert!(!deb.contains("three"), "{deb}");
}

#[test]
fn a_unit_that_is_named_and_not_there_is_left_out_by_name() {
    let room = room("systemd-units = { unit-name = 'torch' }\n", &[]);
    let found = room.init();
    let left = found
        .left_out
        .iter()
        .find(|left| left.what.ends_with("systemd-units of torch"));
    let left = left.unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(left.place.as_ref().unwrap().line, 8);
}

#[test]
fn a_member_of_a_workspace_takes_what_that_shares_and_is_built_where_it_lies() {
    let room = Room::released(&[
        (
            "crates/lamp/Cargo.toml",
            "[package]\nname = 'lamp'\nversion.workspace = true\nlicense.workspace = true\nauthors.workspace = true\n\
             description = 'Light'\n",
        ),
        ("crates/lamp/src/main.rs", ""),
        ("crates/lamp/target/release/lamp", PROGRAM),
        (
            "Cargo.toml",
            "[workspace]\nmembers = ['crates/*']\n[workspace.package]\nversion = '0.3.0'\nlicense = 'MIT/Apache-2.0'\n\
             authors = ['Ann <ann@example.net>']\n",
        ),
    ]);
    let member = room.root().join("crates/lamp");
    let found = init(&member, Some(AUTHOR.to_owned())).unwrap();
    assert_eq!((found.version.as_str(), &found.missing[..]), ("0.3.0", &[][..]));
    holds(
        &found.text,
        &[
            "license = \"MIT OR Apache-2.0\"",
            "maintainer = \"Ann <ann@example.net>\"",
            "# Build it first: cargo build --release --target-dir target\n[[file]]\nsource = \"target/release/lamp\"",
        ],
    );
    // What is excluded shares nothing.
    room.write("Cargo.toml", "[workspace]\nexclude = ['crates/lamp']\n");
    let found = init(&member, Some(AUTHOR.to_owned())).unwrap();
    assert_eq!(found.version, "0.1.0");
    holds(&found.text, &["cargo build --release\n", "# license = "]);
}
