//! What other tools' files say arrives in the packages, or is named.

use crate::room::{Room, holds};
use packyard_build::Initial;

const PROGRAM: &str = "#!/bin/sh\nexit 0\n";
const NFPM: &str = "name: lamp\nversion: 1.2.0\nmaintainer: Ada Sample <ada@example.org>\ndescription: Light\n\
    license: MIT\n";

fn left_out<'a>(found: &'a Initial, what: &str) -> &'a str {
    let left = found.left_out.iter().find(|left| left.what.contains(what));
    &left
        .unwrap_or_else(|| panic!("`{what}` is not left out: {found:?}"))
        .why
}

#[test]
fn an_epoch_reaches_the_rpm_and_the_deb_is_told_where_it_belongs() {
    let spec = "Name: lamp\nVersion: 1.2.0\nRelease: 1\nEpoch: 2\nSummary: Light\nLicense: MIT\n%description\nIt shines.\n";
    let nfpm = format!("{NFPM}epoch: \"2\"\n");
    for (name, text) in [("nfpm.yaml", nfpm.as_str()), ("lamp.spec", spec)] {
        let room = Room::released(&[(name, text), ("bin/lamp", PROGRAM)]);
        let found = room.init();
        holds(&found.text, &["[rpm]\nepoch = 2\n"]);
        holds(left_out(&found, "epoch 2 of the .deb"), &["2!1.2.0"]);

        // Without a changelog, the one that is begun has it.
        let room = Room::of(&[(name, text), ("bin/lamp", PROGRAM)]);
        let found = room.init();
        assert_eq!(found.version, "2!1.2.0");
        assert!(found.left_out.is_empty(), "{found:?}");
        room.write(
            "CHANGELOG.md",
            "# Changelog\n\n## 2!1.2.0 (2024-05-01)\n\n- Shine.\n",
        );
        let (deb, rpm) = room.built();
        holds(&deb, &["Version: 2:1.2.0-1\n"]);
        holds(&rpm, &["evr 2:1.2.0-1\n"]);

        // A changelog that has it says it for both.
        let room = Room::released(&[(name, text), ("bin/lamp", PROGRAM)]);
        room.write(
            "CHANGELOG.md",
            "# Changelog\n\n## 2!1.2.0 (2024-05-01)\n\n- Shine.\n",
        );
        let found = room.init();
        assert!(
            found.left_out.is_empty() && !found.text.contains("epoch"),
            "{found:?}"
        );
    }
}

#[test]
fn a_mode_of_nfpm_is_a_number_as_yaml_reads_it_and_its_targets_begin_at_the_root() {
    let contents = "contents:\n- {src: bin/a, dst: /usr/bin/a, file_info: {mode: 493}}\n\
        - {src: bin/a, dst: /usr/bin/b, file_info: {mode: 420}}\n- {src: bin/a, dst: usr/bin/c, file_info: {mode: 0o750}}\n\
        - {src: bin/a, dst: usr/bin/d, file_info: {mode: 100000}}\n";
    let room = Room::released(&[("nfpm.yaml", &format!("{NFPM}{contents}")), ("bin/a", PROGRAM)]);
    let found = room.init();
    assert!(left_out(&found, "mode: 100000").contains("no file"), "{found:?}");
    let (deb, _) = room.built();
    for (mode, path) in [
        ("-rwxr-xr-x ", "./usr/bin/a"),
        ("-rw-r--r-- ", "./usr/bin/b"),
        ("-rwxr-x--- ", "./usr/bin/c"),
        ("-rwxr-xr-x ", "./usr/bin/d"),
    ] {
        assert!(
            deb.lines()
                .any(|line| line.starts_with(mode) && line.ends_with(path)),
            "{path}: {deb}"
        );
    }
}

#[test]
fn what_a_pattern_means_to_nfpm_is_what_the_package_has() {
    let nfpm = format!(
        "{NFPM}contents:\n- {{src: share/*, dst: /usr/share/lamp}}\n- {{src: \"deep/**/*.txt\", dst: /usr/share/deep}}\n\
         - {{src: conf/*, dst: /etc/lamp/}}\n\
         - {{src: \"units/*\", dst: /usr/lib/systemd/system/}}\n"
    );
    let unit =
        "[Unit]\nDescription=Lamp\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n";
    let room = Room::released(&[
        ("nfpm.yaml", &nfpm),
        ("share/a/x.txt", "x\n"),
        ("share/y.txt", "y\n"),
        ("deep/one/two/z.txt", "z\n"),
        ("conf/.lamprc", "c\n"),
        ("units/lamp.service", unit),
    ]);
    let found = room.init();
    holds(
        &found.text,
        &[
            "source = \"share/*\"\ntarget = \"/usr/share/lamp/\"",
            "source = \"conf/.lamprc\"\ntarget = \"/etc/lamp/.lamprc\"",
            "[[service]]\nunit = \"units/lamp.service\"",
        ],
    );
    holds(left_out(&found, "contents deep/"), &["written out"]);
    let (deb, _) = room.built();
    holds(
        &deb,
        &[
            "./usr/share/lamp/a/x.txt",
            "./usr/share/lamp/y.txt",
            "./usr/share/deep/z.txt",
            "./etc/lamp/.lamprc",
            "./usr/lib/systemd/system/lamp.service",
        ],
    );
}

#[test]
fn of_a_list_only_the_relation_that_cannot_be_taken_is_left_out() {
    let control = "Source: lamp\nMaintainer: Ada <ada@example.net>\n\nPackage: lamp\nArchitecture: any\n\
        Depends: ${shlibs:Depends}, adduser, libx1 (>= 2) [amd64],\n python3-yaml <!nocheck>, perl:any\n\
        Conflicts: Lantern!\nDescription: light\n";
    let room = Room::released(&[("debian/control", control), ("bin/lamp", PROGRAM)]);
    let found = room.init();
    holds(
        left_out(&found, "[deb] depends: libx1 (>= 2) [amd64]"),
        &["architectures"],
    );
    holds(
        left_out(&found, "[deb] depends: python3-yaml <!nocheck>"),
        &["relation"],
    );
    left_out(&found, "[deb] conflicts = [\"Lantern!\"]");
    holds(&found.text, &["depends = [\"adduser\", \"perl:any\"]"]);
    holds(&room.built().0, &["adduser", "perl:any"]);
}
