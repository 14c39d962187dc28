//! Many publish, many refresh, and no client ever sees a state that is not whole: the short form of the load test.

use crate::harness::{repository, run, system_command};

#[test]
fn no_refresh_fails_and_nothing_is_lost_while_many_publish() {
    let mut load = system_command("python3");
    load.arg(repository().join("tests/bench/yum_load.py"))
        .arg(env!("CARGO_BIN_EXE_packyard"));
    load.args([
        "--seconds",
        "15",
        "--publishers",
        "8",
        "--rate",
        "20",
        "--clients",
        "4",
    ]);
    // The script itself fails where a refresh, a state or a package is missing; here only that it has done something.
    let said: serde_json::Value = serde_json::from_str(&run(&mut load).ok().stdout).unwrap();
    assert!(said["published"].as_u64().unwrap() >= 20, "{said}");
    for what in ["updates", "states"] {
        assert!(said[what].as_u64().unwrap() >= 4, "{said}");
    }
}
