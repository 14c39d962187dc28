//! A server that is killed again and again under load: the short form of the kill test.

use crate::harness::{repository, run, system_command};

#[test]
fn a_server_that_is_killed_at_any_moment_loses_nothing_and_shows_nothing_by_half() {
    let mut kills = system_command("python3");
    kills
        .arg(repository().join("tests/bench/kills.py"))
        .arg(env!("CARGO_BIN_EXE_packyard"));
    kills.args(["--kills", "15", "--each", "8", "--longest", "0.5"]);
    // The script itself fails where anything is lost, doubled or half there; its seed is on stderr.
    let done = run(&mut kills).ok();
    let said: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(said["kills"], 15, "{said}");
    for what in ["acknowledged", "downloads", "states seen"] {
        assert!(said[what].as_u64().unwrap() > 0, "{said}");
    }
}
