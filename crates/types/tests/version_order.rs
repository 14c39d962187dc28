//! PEP 440, dpkg and rpm order the images of a version alike: asked of the real dpkg and the real rpm, for versions of
//! equal release width.

#![allow(clippy::unwrap_used)]

use packyard_types::ReleaseVersion;
use std::{cmp::Ordering, process::Command};

/// Every kind of version around a release, and around its neighbours.
fn versions() -> Vec<ReleaseVersion> {
    let releases = ["1.0.9", "1.2.0", "1.2.3", "1.2.10", "1.10.0", "2.0.0", "1!0.1.0"];
    let suffixes = [
        "",
        ".dev0",
        ".dev2",
        ".dev10",
        "a1",
        "a1.dev3",
        "a10",
        "b1",
        "b2.dev1",
        "rc1",
        "rc1.dev1",
        "rc2",
        ".post1",
        ".post1.dev4",
        ".post2",
        ".post10",
    ];
    let all = releases
        .iter()
        .flat_map(|release| suffixes.iter().map(move |suffix| format!("{release}{suffix}")));
    all.map(|text| ReleaseVersion::parse(&text).unwrap()).collect()
}

/// Neighbours in PEP 440's order: if each is strictly before the next on the other side too, so are all.
fn sorted() -> Vec<ReleaseVersion> {
    let mut versions = versions();
    versions.sort();
    versions
}

fn is_there(tool: &str) -> bool {
    Command::new(tool)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn dpkg_orders_the_debian_images_as_pep_440_does() {
    if !is_there("dpkg") {
        return;
    }
    for pair in sorted().windows(2) {
        let images = [0, 1].map(|i| format!("{}-1", pair[i].deb_upstream()));
        let status = Command::new("dpkg")
            .args(["--compare-versions", &images[0], "lt", &images[1]])
            .status()
            .unwrap();
        assert!(
            status.success(),
            "{} is before {}, but dpkg says otherwise of {images:?}",
            pair[0],
            pair[1]
        );
        assert_eq!(pair[0].cmp(&pair[1]), Ordering::Less);
    }
}

#[test]
fn rpm_orders_the_rpm_images_as_pep_440_does() {
    if !is_there("rpm") {
        return;
    }
    for pair in sorted()
        .windows(2)
        .filter(|pair| pair[0].epoch() == pair[1].epoch())
    {
        let images = [0, 1].map(|i| pair[i].rpm_version());
        let script = format!("%{{lua: print(rpm.vercmp('{}', '{}'))}}", images[0], images[1]);
        let output = Command::new("rpm").args(["--eval", &script]).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            answer.trim(),
            "-1",
            "{} is before {}, but rpm says otherwise of {images:?}",
            pair[0],
            pair[1]
        );
    }
}
