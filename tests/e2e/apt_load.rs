//! Many publish, many update, and no client ever sees a state that is not whole: the short form of the load test.

use crate::harness::{repository, run, system_command};

#[test]
fn no_update_fails_and_nothing_is_lost_while_many_publish() {
    let mut load = system_command("python3");
    load.arg(repository().join("tests/bench/apt_load.py"))
        .arg(env!("CARGO_BIN_EXE_packyard"));
    load.args([
        "--seconds",
        "20",
        "--publishers",
        "8",
        "--rate",
        "20",
        "--clients",
        "6",
    ]);
    // The script itself fails where an update, a state or a package is missing; here only that it has done something.
    let said: serde_json::Value = serde_json::from_str(&run(&mut load).ok().stdout).unwrap();
    for (what, least) in [("published", 20), ("updates", 20), ("states", 5)] {
        assert!(said[what].as_u64().unwrap() >= least, "{said}");
    }
}
