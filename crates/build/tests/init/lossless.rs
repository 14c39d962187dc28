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
