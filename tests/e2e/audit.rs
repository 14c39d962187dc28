//! Who did what, from where and with what: in the log, on pages, and past changing.

use std::fs;

use serde_json::Value;

use crate::circle::admin;
use crate::harness::{Project, Request, Yard, get, packyard, packyard_command, run};

/// A yard in which a token `ci` has published, with a client that has a name, and the administrator made a channel.
fn yard_with_a_past() -> (Yard, String) {
    let yard = Yard::new();
    let made = admin(&yard, &["token", "create", "--can", "publish", "--id", "ci"]).ok();
    let token = made.stdout.trim().to_owned();
    let dist = Project::hello_world().build();
    let url = yard.url("");
    let mut publish = packyard_command(["publish", dist.directory().to_str().unwrap(), "--server", &url]);
    run(publish.env("PACKYARD_TOKEN", &token)).ok();
    let greeter = Project::greeter().build();
    let name = greeter.deb();
    let path = format!(
        "/main/apt/upload/any/main/{}",
        name.file_name().unwrap().to_str().unwrap()
    );
    Request::new("PUT", &yard.url(&path))
        .token(&token)
        .header("user-agent", "curl/8 \u{202e}<b>x</b>")
        .send_file(&name);
    (yard, token)
}

#[test]
fn the_log_says_from_where_and_with_what_to_who_administers() {
    let (yard, token) = yard_with_a_past();
    admin(&yard, &["log"])
        .ok()
        .says(&["  ci  publish main", "from 127.0.0.1 with packyard/"]);
    admin(&yard, &["log"])
        .ok()
        .says(&["from 127.0.0.1 with curl/8  <b>x</b>"]);
    let json = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let all = json(&admin(&yard, &["log", "--json"]).ok().stdout);
    let mine = all["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["actor"] == "ci")
        .unwrap();
    assert_eq!(mine["sender"]["address"], "127.0.0.1");
    // Others see what was done and by whom, but not where people sit.
    let url = yard.url("");
    let seen = packyard(["log", "--server", &url, "--token", &token, "--json"]).ok();
    assert!(
        !seen.stdout.contains("sender") && !seen.stdout.contains("127.0.0.1"),
        "{}",
        seen.stdout
    );
    packyard(["log", "--server", &url])
        .ok()
        .says(&["  ci  publish main"])
        .never_says(&["127.0.0.1", "packyard/"]);
}

#[test]
fn the_log_is_sifted_by_actor_and_by_time() {
    let (yard, _) = yard_with_a_past();
    admin(&yard, &["log", "--actor", "ci"])
        .ok()
        .says(&["publish main"])
        .never_says(&["  local  ", " admin "]);
    admin(&yard, &["log", "--actor", "c*"])
        .ok()
        .says(&["publish main"]);
    admin(&yard, &["log", "--actor", "nobody"])
        .ok()
        .says(&["nothing has happened"]);
    admin(&yard, &["log", "--since", "1h"])
        .ok()
        .says(&["publish main"]);
    admin(&yard, &["log", "--since", "2024-02-01"])
        .ok()
        .says(&["publish main"]);
    admin(&yard, &["log", "--since", "2999-01-01T00:00:00Z"])
        .ok()
        .never_says(&["publish main"]);
    admin(&yard, &["log", "--since", "yesterday"])
        .exits(2)
        .says(&["2026-03-01", "30d"]);
}

#[test]
fn a_channels_page_has_its_history_with_senders_only_for_administrators() {
    let (yard, token) = yard_with_a_past();
    for path in ["/main/", "/main/?history=true"] {
        let public = get(&yard.url(path)).is(200);
        assert!(public.text().contains("<td>ci</td>"), "{}", public.text());
        assert!(!public.text().contains("127.0.0.1/") && !public.text().contains("<td>127.0.0.1"));
        assert!(public.header("cache-control").contains("public"), "{public:?}");
        let mine = Request::new("GET", &yard.url(path)).token(&token).send().is(200);
        assert!(!mine.text().contains("<td>127.0.0.1"), "{}", mine.text());
        let all = Request::new("GET", &yard.url(path))
            .token(&yard.admin_token())
            .send()
            .is(200);
        assert!(
            all.text()
                .contains("<td>127.0.0.1 <span class=\"quiet\">packyard/"),
            "{}",
            all.text()
        );
        assert!(!all.header("cache-control").contains("public"), "{all:?}");
        assert_ne!(all.header("etag"), public.header("etag"));
    }
}

#[test]
fn a_long_history_is_shown_when_it_is_asked_for() {
    let yard = Yard::new();
    for n in 0..25 {
        admin(
            &yard,
            &["channel", "set", "main", "--keep", &format!("{}", n + 1)],
        )
        .ok();
    }
    let rows = |path: &str| get(&yard.url(path)).is(200).text().matches("configure").count();
    assert!(get(&yard.url("/main/")).text().contains("?history=true"));
    assert_eq!(rows("/main/"), 20);
    assert!(rows("/main/?history=true") >= 25);
}

/// Who changes an entry by hand changes its digest, and the next one names the digest that it had.
#[test]
fn an_entry_of_the_log_that_was_changed_by_hand_is_found() {
    let (mut yard, _) = yard_with_a_past();
    let newest = yard.revision();
    yard.stop();
    let data = yard.data();
    let text = |n: u64| {
        let entries = fs::read_dir(data.join("store/log")).unwrap();
        let is = |path: &std::path::PathBuf| {
            let name = path.file_stem().unwrap().to_str().unwrap();
            name.parse() == Ok(n)
        };
        let path = entries.map(|e| e.unwrap().path()).find(is).unwrap();
        (fs::read_to_string(&path).unwrap(), path)
    };
    let (number, (before, path)) = (1..newest)
        .map(|n| (n, text(n)))
        .find(|(_, (entry, _))| entry.contains("\"ci\"") && entry.contains("127.0.0.1"))
        .unwrap();
    fs::write(&path, before.replace("127.0.0.1", "127.9.9.9")).unwrap();
    packyard(["fsck", "--data", data.to_str().unwrap()])
        .exits(1)
        .says(&[&format!("{number}.json")]);
    fs::write(&path, before).unwrap();
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
}
