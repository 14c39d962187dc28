//! Projects that are packaged by other tools.

use crate::room::{Room, UNIT, holds};
use packyard_build::Initial;

const PROGRAM: &str = "#!/bin/sh\nexit 0\n";

/// Asserts that something is left out, at a line of its file.
fn left_out(found: &Initial, what: &str, line: usize) {
    let left = found.left_out.iter().find(|left| left.what.contains(what));
    let left = left.unwrap_or_else(|| panic!("`{what}` is not left out: {found:?}"));
    assert_eq!(
        left.place.as_ref().map_or(0, |place| place.line),
        line,
        "{left:?}"
    );
    // In the file it is a comment.
    assert!(
        found
            .text
            .lines()
            .any(|text| text.starts_with("# ") && text.contains(what)),
        "{what}: {}",
        found.text
    );
}

const NFPM: &str = r#"name: lamp
arch: amd64
version: v1.2.3
section: utils
maintainer: "Ada Sample <ada@example.org>"
description: |
  A lamp.
  It shines.
license: MIT
depends:
  - curl >= 4
  - ${EXTRA}
replaces: [lantern]
contents:
  - src: ./dist/lamp
    dst: /usr/bin/lamp
  - src: conf/*.conf
    dst: /etc/lamp/
    type: config|noreplace
    file_info: {mode: 0640, mtime: 2008-01-02T15:04:05Z}
  - {src: lamp.service, dst: /usr/lib/systemd/system/lamp.service}
  - {dst: /var/lib/lamp, type: dir}
  - {src: /usr/bin/lamp, dst: /usr/bin/light, type: symlink}
  - {src: share, dst: /usr/share/lamp, type: tree, packager: deb}
  - {dst: /var/log/lamp.log, type: ghost}
  - {src: x, dst: /opt/x, packager: apk}
scripts:
  postinstall: ./scripts/post.sh
overrides:
  rpm:
    depends: [libcurl >= 4]
deb:
  triggers: {interest: [old]}
  breaks: [old (<< 2)]
  compression: gzip
rpm:
  group: Tools
new-key: 1
"#;

#[test]
fn an_nfpm_file_is_translated_and_what_is_left_out_is_named_with_its_place() {
    let room = Room::released(&[
        ("nfpm.yaml", NFPM),
        ("dist/lamp", PROGRAM),
        ("conf/a.conf", "a\n"),
        ("conf/b.conf", "b\n"),
        ("lamp.service", UNIT),
        ("share/deep/x", "x\n"),
        ("scripts/post.sh", "#!/bin/sh\necho lit\n"),
    ]);
    let found = room.init();
    for (what, line) in [
        ("arch: amd64", 2),
        ("depends: ${EXTRA}", 12),
        ("contents.file_info.mtime", 20),
        ("contents /opt/x", 26),
        ("deb.triggers", 33),
        ("new-key", 38),
        ("version 1.2.3", 0),
    ] {
        left_out(&found, what, line);
    }
    holds(
        &found.text,
        &["source = \"conf/*.conf\"\ntarget = \"/etc/lamp/\"\n"],
    );
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "Package: lamp\n",
            "Section: utils",
            "Maintainer: Ada Sample <ada@example.org>",
            "curl (>= 4)",
            "Breaks: old (<< 2)\nReplaces: lantern",
            "Description: lamp\n It shines.",
            "-rwxr-xr-x root/root",
            "./usr/bin/light -> ",
            "./usr/share/lamp/deep/x",
            "./usr/lib/systemd/system/lamp.service",
            "./var/lib/lamp/",
        ],
    );
    assert!(
        deb.lines()
            .any(|line| line.starts_with("-rw-r----- ") && line.ends_with("./etc/lamp/a.conf")),
        "{deb}"
    );
    holds(
        &rpm,
        &[
            "lamp MIT Lamp\n",
            "requires libcurl >= 4\n",
            "-rw-r----- cn /etc/lamp/b.conf",
            " g /var/log/lamp.log",
            "/usr/bin/light",
        ],
    );
    assert!(
        !rpm.contains("/usr/share/lamp/deep") && !rpm.contains("requires curl"),
        "{rpm}"
    );
}

const CARGO: &str = r#"[package]
name = "lamp"
version = "1.2.0"
description = "A lamp"
license = "MIT"

[package.metadata.deb]
maintainer = "Ada <ada@example.net>"
extended-description = "It shines."
depends = "$auto, curl (>= 4)"
section = "net"
assets = [
  ["target/release/lamp", "usr/bin/", "755"],
  ["docs/*.txt", "usr/share/lamp/", "644"],
  { source = "lamp.conf", dest = "etc/lamp.conf", mode = "640" },
]
conf-files = ["/etc/lamp.conf"]
maintainer-scripts = "deb"
systemd-units = { unit-scripts = "systemd", enable = false, stop-on-upgrade = false }
features = ["wick"]
"#;

#[test]
fn a_cargo_deb_table_is_translated_and_what_is_left_out_is_named_with_its_place() {
    let room = Room::released(&[
        ("Cargo.toml", CARGO),
        ("src/main.rs", ""),
        ("target/release/lamp", PROGRAM),
        ("docs/a.txt", "a\n"),
        ("lamp.conf", "a\n"),
        ("systemd/lamp.service", UNIT),
        ("deb/postinst", "#!/bin/sh\necho lit\n#DEBHELPER#\n"),
    ]);
    let found = room.init();
    for (what, line) in [
        ("depends $auto", 10),
        ("systemd-units.stop-on-upgrade", 19),
        ("[package.metadata.deb] features", 20),
    ] {
        left_out(&found, what, line);
    }
    holds(
        &found.text,
        &[
            "postinstall = \"deb/postinst\"",
            "source = \"docs/*.txt\"\ntarget = \"/usr/share/lamp/\"\n",
            "unit = \"systemd/lamp.service\"\nenable = false",
        ],
    );
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "Section: net",
            "Maintainer: Ada <ada@example.net>",
            "curl (>= 4)",
            " It shines.",
            "./usr/share/lamp/a.txt",
            "./usr/lib/systemd/system/lamp.service",
        ],
    );
    holds(
        &rpm,
        &["-rw-r----- c /etc/lamp.conf", "-rwxr-xr-x  /usr/bin/lamp"],
    );
}

#[test]
fn debian_control_and_its_neighbours_are_read() {
    let control = "Source: lamp\nSection: net\nMaintainer: Ada <ada@example.net>\nHomepage: https://lamp.example.org\n\n\
        Package: lamp\nArchitecture: all\nDepends: ${misc:Depends}, curl (>= 4),\n ${lamp:Depends}\n\
        Description: light in the dark\n It shines.\n .\n And more.\n\nPackage: lamp-doc\nArchitecture: all\n";
    let log = "lamp (1.0-1) unstable; urgency=low\n\n  * A.\n\n -- Ada <ada@example.net>  Fri, 22 Mar 2019 00:00:00 +0000\n";
    let room = Room::of(&[
        ("debian/control", control),
        ("debian/changelog", log),
        ("debian/lamp.install", "lamp.sh usr/bin\nusr/lib\n"),
        ("debian/lamp.service", UNIT),
        ("debian/lamp.postinst", "#!/bin/sh\n#DEBHELPER#\n"),
        ("debian/rules", "#!/usr/bin/make -f\n%:\n\tdh $@\n"),
        ("lamp.sh", PROGRAM),
        ("lamp", PROGRAM),
        (
            "LICENSE",
            "MIT License\n\nCopyright (c) 2024 Ada\n\nPermission is granted.\n",
        ),
    ]);
    let found = room.init();
    for (what, line) in [
        ("depends ${lamp:Depends}", 8),
        ("the package lamp-doc", 15),
        ("debian/lamp.postinst", 0),
        ("usr/lib", 2),
    ] {
        left_out(&found, what, line);
    }
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "Section: net",
            "curl (>= 4)",
            "Homepage: https://lamp",
            "Description: light in the dark\n It shines.\n .\n And more.",
            "./usr/bin/lamp.sh",
            "lamp.service",
        ],
    );
    holds(&rpm, &["lamp MIT Light in the dark"]);
}

#[test]
fn a_spec_gives_its_tags_and_names_its_sections() {
    let spec = "Name: lamp\nVersion: 1.0\nRelease: 1%{?dist}\nSummary: Light in the dark.\nLicense: MIT\n\
        URL: https://lamp.example.org\nRequires: bash >= 4, curl\nRequires: %{name}-data\nPatch0: x.patch\n\
        %description\nIt shines.\n\n%prep\n%install\nmkdir -p x\n%post\ntrue\n%files\n/usr/bin/lamp\n\
        %changelog\n* Fri Mar 22 2019 Ada <ada@example.net> - 1.0-1\n- A.\n";
    let room = Room::of(&[("lamp.spec", spec), ("bin/lamp", PROGRAM)]);
    let found = room.init();
    for (what, line) in [
        ("Requires: %{name}-data", 8),
        ("Patch0", 9),
        ("%install", 14),
        ("%post", 16),
        ("%files", 18),
    ] {
        left_out(&found, what, line);
    }
    let (deb, rpm) = room.built();
    holds(&deb, &["Version: 1.0-1", "Maintainer: Ada", "./usr/bin/lamp"]);
    holds(
        &rpm,
        &[
            "lamp MIT Light in the dark\nIt shines.\n",
            "requires bash >= 4\n",
            "requires curl\n",
        ],
    );
}
