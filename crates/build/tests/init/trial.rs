//! A build takes what was written, or it is said what it does not take.

use crate::room::{Room, UNIT, holds};

const PROGRAM: &str = "#!/bin/sh\nexit 0\n";
const NFPM: &str = "name: lamp\nversion: 1.2.0\nmaintainer: Ada Sample <ada@example.org>\ndescription: Light\n\
    license: MIT\n";

#[test]
fn a_licence_is_written_in_spdx_or_left_out_and_asked_for() {
    let spec = |license: &str| {
        format!(
            "Name: lamp\nVersion: 1.2.0\nRelease: 1\nSummary: Light\nLicense: {license}\n%description\nIt shines.\n"
        )
    };
    let room = Room::released(&[("lamp.spec", &spec("GPLv2+ and MIT")), ("bin/lamp", PROGRAM)]);
    let found = room.init();
    assert!(found.left_out.is_empty() && found.missing.is_empty(), "{found:?}");
    holds(&room.built().1, &["lamp GPL-2.0-or-later AND MIT Light"]);

    let room = Room::of(&[("lamp.spec", &spec("Nobody knows")), ("bin/lamp", PROGRAM)]);
    let found = room.init();
    assert_eq!(found.left_out[0].what, "license Nobody knows");
    assert_eq!(found.missing[0].0, "license");
}

#[test]
fn what_a_build_refuses_of_the_file_is_left_out_in_its_words() {
    let nfpm = format!(
        "{NFPM}contents:\n- {{src: bin/lamp, dst: /usr/bin/lamp}}\n- {{src: bin/lamp, dst: /usr/bin/lamp/deeper}}\n\
         scripts: {{postinstall: post.sh, preremove: gone.sh}}\n"
    );
    let room = Room::released(&[
        ("nfpm.yaml", &nfpm),
        ("bin/lamp", PROGRAM),
        ("post.sh", "#!/bin/bash\n[[ -f x ]] && echo\n"),
    ]);
    let found = room.init();
    for (what, why) in [
        (
            "[scripts] postinstall = \"post.sh\"",
            "another interpreter: `#!/bin/bash`",
        ),
        (
            "[scripts] preremove = \"gone.sh\"",
            "is not a file of the project",
        ),
    ] {
        let left = found.left_out.iter().find(|left| left.what == what);
        holds(&left.unwrap_or_else(|| panic!("{what}: {found:?}")).why, &[why]);
    }
    assert_eq!(found.text.matches("\n[[file]]").count(), 1, "{}", found.text);
    assert!(
        found.is_tried && found.refused.is_empty() && found.awaited.is_empty(),
        "{found:?}"
    );
    room.built();
}

#[test]
fn what_a_build_refuses_of_other_files_is_told_with_its_place() {
    let nfpm = format!(
        "{NFPM}contents:\n- {{src: bin/lamp, dst: /usr/bin/lamp}}\n- {{src: lamp.service, dst: /usr/lib/systemd/system/}}\n"
    );
    let unit = UNIT
        .replace("/usr/bin/lamp", "/usr/bin/torch")
        .replace("User=lamp\n", "");
    let room = Room::released(&[
        ("nfpm.yaml", &nfpm),
        ("bin/lamp", PROGRAM),
        ("lamp.service", &unit),
    ]);
    let found = room.init();
    holds(&found.text, &["[[service]]\nunit = \"lamp.service\""]);
    let [problem] = &found.refused[..] else {
        panic!("{found:?}");
    };
    holds(&problem.to_string(), &["/usr/bin/torch", "--> lamp.service:4:"]);
}

#[test]
fn what_is_not_made_yet_is_named_and_everything_else_is_judged() {
    let nfpm = format!(
        "{NFPM}section: nowhere\ncontents:\n- {{src: dist/lamp, dst: /usr/bin/lamp}}\n\
         - {{src: \"dist/*.json\", dst: /usr/share/lamp/}}\n- {{src: lamp.service, dst: /usr/lib/systemd/system/}}\n\
         scripts: {{postinstall: post.sh}}\n"
    );
    let room = Room::of(&[
        ("nfpm.yaml", &nfpm),
        ("lamp.service", UNIT),
        ("post.sh", "#!/usr/bin/perl\n"),
    ]);
    let found = room.init();
    assert_eq!(found.awaited, ["dist/lamp", "dist/*.json"]);
    assert!(found.refused.is_empty(), "{found:?}");
    for what in ["section", "postinstall"] {
        assert!(
            found.left_out.iter().any(|left| left.what.contains(what)),
            "{what}: {found:?}"
        );
    }
    holds(
        &found.text,
        &["source = \"dist/lamp\"\ntarget = \"/usr/bin/lamp\"\n\n"],
    );
    room.write(
        "CHANGELOG.md",
        "# Changelog\n\n## 1.2.0 (2024-05-01)\n\n- Shine.\n",
    );
    room.write("dist/lamp", PROGRAM);
    room.write("dist/a.json", "{}\n");
    holds(&room.built().0, &["./usr/bin/lamp", "./usr/share/lamp/a.json"]);
}
