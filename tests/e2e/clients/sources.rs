//! Where a name comes from, as uv and poetry see it; what pip sees of it is in `tests/e2e/upstream`
//! and `tests/e2e/inherits.rs`.

use super::{Room, admin, harbour, hash_of, listed, next_ferries, pip, poetry, publish, uv, wheel};
use crate::harness::{Outcome, StaticHost, Yard, get, run};

/// A yard whose channel main has this index as its upstream.
fn downstream(upstream: &str) -> Yard {
    let yard = Yard::new();
    admin(&yard, &["channel", "set", "main", "--upstream", upstream]).ok();
    yard
}

fn uv_does(room: &Room, args: &[&str]) -> Outcome {
    run(uv::uv(room).args(args))
}

#[test]
fn uv_locks_and_upgrades_through_an_upstream_with_its_hashes_and_times() {
    let upstream = harbour();
    let yard = downstream(&upstream.url("/main/simple/"));
    let room = uv::project(&yard);
    uv_does(&room, &["add", "ferry"]).ok();
    room.says("ferry", "ferry 1.0.0");
    let lock = room.read("uv.lock");
    let there = listed(&upstream, "ferry", "ferry-1.0.0-py3-none-any.whl");
    for text in [
        there["hashes"]["sha256"].as_str().unwrap().to_owned(),
        format!("size = {}", there["size"]),
        // uv writes milliseconds, without the zeros at their end.
        format!(
            "upload-time = \"{}",
            there["upload-time"].as_str().unwrap()[..23].trim_end_matches(['0', '.'])
        ),
    ] {
        assert!(lock.contains(&text), "no `{text}` in {lock}");
    }
    assert!(
        !lock.contains(upstream.authority()),
        "the lock goes around us: {lock}"
    );
    next_ferries(&upstream);
    // Who insists gets an answer of the upstream itself, once a second at most.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    uv_does(&room, &["sync", "--refresh", "--upgrade"]).ok();
    room.says("ferry", "ferry 1.1.0");
    uv_does(&room, &["add", "schooner"])
        .fails()
        .says(&["schooner was not found in the package registry"]);
}

#[test]
fn poetry_locks_through_an_inherited_channel_and_its_upstream() {
    let upstream = harbour();
    let yard = downstream(&upstream.url("/main/simple/"));
    admin(&yard, &["channel", "create", "team", "--inherits", "main"]).ok();
    publish(&yard, "team", &[wheel("barge", "1.0.0").needs("ferry")]);
    let room = poetry::project(&yard.url("/team/simple/"));
    run(poetry::poetry(&room).args(["add", "barge"])).ok();
    room.says("barge", "barge 1.0.0");
    room.says("tide", "tide 1.0.0");
    let lock = room.read("poetry.lock");
    assert!(lock.contains(&hash_of(&upstream, "ferry", "ferry-1.0.0-py3-none-any.whl")));
    assert!(
        !lock.contains(upstream.authority()),
        "the lock goes around us: {lock}"
    );
}

#[test]
fn uv_takes_a_name_of_ones_own_or_a_reserved_one_from_no_upstream() {
    let upstream = harbour();
    publish(
        &upstream,
        "main",
        &[wheel("ferry", "99.0.0"), wheel("corp-dock", "99.0.0")],
    );
    let yard = downstream(&upstream.url("/main/simple/"));
    publish(&yard, "main", &[wheel("ferry", "1.0.0")]);
    admin(&yard, &["channel", "set", "main", "--reserve", "corp-*"]).ok();
    let room = uv::project(&yard);
    uv_does(&room, &["add", "ferry"]).ok();
    room.says("ferry", "ferry 1.0.0");
    uv_does(&room, &["add", "ferry==99.0.0"])
        .fails()
        .says(&["there is no version of ferry==99.0.0"]);
    uv_does(&room, &["add", "corp-dock"])
        .fails()
        .says(&["corp-dock was not found in the package registry"]);
    let log = upstream.log();
    assert!(
        !log.contains("GET /main/simple/"),
        "the upstream was asked:\n{log}"
    );
    // What is opened is offered from both.
    admin(&yard, &["project", "set", "ferry", "--open"]).ok();
    uv_does(&room, &["sync", "--refresh", "--upgrade"]).ok();
    room.says("ferry", "ferry 99.0.0");
}

#[test]
fn uv_installs_nothing_of_an_upstream_that_lies_about_a_hash() {
    let honest = harbour();
    let filename = "tide-1.0.0-py3-none-any.whl";
    let page = pip::plain_page(&honest, "tide", filename);
    let index = page.path().join("tide/index.html");
    let (hash, lie) = (hash_of(&honest, "tide", filename), "0".repeat(64));
    let text = std::fs::read_to_string(&index).unwrap();
    let text = text.replace(&format!("#sha256={hash}"), &format!("#sha256={lie}"));
    std::fs::write(&index, text).unwrap();
    let host = StaticHost::python(page.path());
    let yard = downstream(&format!("{}/", host.url()));
    let room = uv::project(&yard);
    let mut uv = uv::uv(&room);
    run(uv.env("UV_HTTP_RETRIES", "0").args(["add", "tide"])).fails();
    // It is refused by the yard, not first by the client.
    let url = yard.url(&format!("/main/files/{lie}/{filename}"));
    assert!(get(&url).status >= 500, "{:?}", get(&url));
}
