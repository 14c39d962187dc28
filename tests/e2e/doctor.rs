//! How a data directory is doing, and what to do about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use tempfile::TempDir;

use crate::durability::remove_index;
use crate::harness::{Yard, packyard};

/// The urgency of what is said about a thing, the worst where several are said.
fn urgency(report: &Value, about: &str) -> String {
    let all = report["symptoms"].as_array().unwrap().iter();
    let of = all
        .filter(|s| s["about"] == about)
        .map(|s| s["urgency"].as_str().unwrap());
    let worst = of.max_by_key(|u| ["fine", "look", "bad"].iter().position(|known| known == u));
    worst.unwrap_or("nothing").to_owned()
}

#[test]
fn the_doctor_says_what_needs_a_hand_and_what_to_do() {
    let (mut yard, _) = Yard::with_hello_world();
    let data = yard.data();
    let dir = data.to_str().unwrap().to_owned();
    let doctor = || packyard(["doctor", "--json", "--data", &dir]);
    let report = |outcome: &str| serde_json::from_str::<Value>(outcome).unwrap();

    let beside = report(&doctor().ok().stdout);
    for (about, expected) in [
        ("log", "fine"),
        ("index", "fine"),
        ("keys", "fine"),
        ("backup", "look"),
        ("clock", "nothing"),
    ] {
        assert_eq!(urgency(&beside, about), expected, "{about}: {beside}");
    }
    packyard(["doctor", "--data", &dir])
        .ok()
        .says(&["process", "serves it", "packyard backup"]);
    yard.stop();

    let backup = TempDir::new().unwrap();
    packyard(["backup", backup.path().to_str().unwrap(), "--data", &dir]).ok();
    assert_eq!(urgency(&report(&doctor().ok().stdout), "backup"), "fine");
    remove_index(&data);
    assert_eq!(urgency(&report(&doctor().ok().stdout), "index"), "look");

    fs::set_permissions(data.join("admin.token"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(data.join("keys/rpm.key"), fs::Permissions::from_mode(0o640)).unwrap();
    packyard(["doctor", "--data", &dir])
        .exits(1)
        .says(&["admin.token", "chmod 600", "keys/rpm.key", "0640"]);
    packyard(["fsck", "--repair", "--data", &dir])
        .ok()
        .says(&["repaired keys/rpm.key"]);
    let bad = report(&doctor().exits(1).stdout);
    assert_eq!(
        (urgency(&bad, "keys").as_str(), urgency(&bad, "access").as_str()),
        ("fine", "bad")
    );
}
