//! Tokens from the side of who holds one: what it allows, from where, for how long, and who else gets to see it.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::circle::admin;
use crate::harness::{Outcome, Project, Reply, Request, Yard, get, packyard, packyard_command, run};

/// A new token's text.
fn granted(yard: &Yard, args: &[&str]) -> String {
    let made = admin(yard, &[&["token", "create"], args].concat()).ok();
    made.stdout.trim().to_owned()
}

fn with(yard: &Yard, token: &str, args: &[&str]) -> Outcome {
    let url = yard.url("");
    packyard([args, &["--server", &url, "--token", token]].concat())
}

fn looks(yard: &Yard, token: &str) -> Reply {
    Request::new("GET", &yard.url("/api/v1/channels"))
        .token(token)
        .send()
}

/// What `token list --json` says of one.
fn listed(yard: &Yard, id: &str) -> Value {
    let list: Value = serde_json::from_str(&admin(yard, &["token", "list", "--json"]).ok().stdout).unwrap();
    let all = list["tokens"].as_array().unwrap();
    all.iter().find(|t| t["id"] == id).unwrap().clone()
}

#[test]
fn a_token_does_what_it_names_and_nothing_beside() {
    let (yard, project) = Yard::with_hello_world();
    admin(&yard, &["channel", "create", "stable", "--private"]).ok();
    let mover = granted(&yard, &["--can", "read,promote"]);
    let reader = granted(&yard, &["--can", "read"]);
    let dist = project.build();
    let dist = dist.directory().to_str().unwrap();
    with(&yard, &mover, &["publish", dist, "--channel", "stable"])
        .fails()
        .says(&["may not publish", "stable"]);
    with(&yard, &mover, &["token", "list"])
        .fails()
        .says(&["may not administer"]);
    let promote = ["promote", "hello-world", "--from", "main", "--to", "stable"];
    with(&yard, &reader, &promote).fails().says(&["may not promote"]);
    with(&yard, &mover, &promote).ok();
    with(&yard, &reader, &["list", "--channel", "stable"])
        .ok()
        .says(&["hello-world"]);
}

#[test]
fn a_token_of_a_network_is_refused_from_elsewhere() {
    let yard = Yard::new();
    let here = granted(
        &yard,
        &["--can", "read", "--id", "here", "--network", "127.0.0.1"],
    );
    let both = granted(
        &yard,
        &[
            "--can",
            "read",
            "--network",
            "10.0.0.0/8",
            "--network",
            "127.0.0.0/8",
        ],
    );
    let away = granted(
        &yard,
        &["--can", "read", "--id", "away", "--network", "10.0.0.0/8"],
    );
    looks(&yard, &here).is(200);
    looks(&yard, &both).is(200);
    looks(&yard, &away).problem(401, &[]);
    assert_eq!(listed(&yard, "away")["networks"][0], "10.0.0.0/8");
    // What it was refused for is no use of it.
    admin(&yard, &["token", "list"])
        .ok()
        .says(&["from 127.0.0.1/32", "from 10.0.0.0/8  never used"]);
    admin(
        &yard,
        &["token", "create", "--can", "read", "--network", "10.0.0.300"],
    )
    .exits(2)
    .says(&["10.0.0.0/8 or 2001:db8::/32"]);
}

#[test]
fn the_last_use_of_a_token_is_told_by_the_hour() {
    let mut yard = Yard::new();
    let token = granted(&yard, &["--can", "read", "--id", "ci"]);
    assert!(listed(&yard, "ci")["last_used"].is_null());
    looks(&yard, &token).is(200);
    let hour = listed(&yard, "ci")["last_used"].as_str().unwrap().to_owned();
    assert!(hour.ends_with(":00:00Z"), "{hour}");
    // It is known to who works beside the server, and after a restart.
    yard.stop();
    let data = yard.data();
    packyard(["token", "list", "--data", data.to_str().unwrap()])
        .ok()
        .says(&[&format!("last used {hour}")]);
}

#[test]
fn a_token_ends_when_it_was_to_end() {
    let yard = Yard::new();
    let end = |seconds: i64| {
        let mut date = Command::new("date");
        date.args(["-u", "-d", &format!("{seconds} seconds"), "+%FT%TZ"]);
        run(&mut date).ok().stdout.trim().to_owned()
    };
    let made = |expires: &str| {
        let wish = format!(r#"{{"can":"read","expires":"{expires}"}}"#);
        let request = Request::new("POST", &yard.url("/api/v1/tokens")).token(&yard.admin_token());
        let made = request.send_bytes(wish.as_bytes()).is(201).json();
        made["token"].as_str().unwrap().to_owned()
    };
    let soon = made(&end(2));
    looks(&yard, &soon).is(200);
    looks(&yard, &made(&end(-2))).is(401);
    std::thread::sleep(Duration::from_millis(2500));
    looks(&yard, &soon).problem(401, &["token"]);
    for wrong in ["30", "0d", "-1d", "soon", "9223372036854775807w"] {
        let asked = format!("--expires={wrong}");
        admin(&yard, &["token", "create", "--can", "read", &asked])
            .exits(2)
            .says(&["write 12h, 30d or 8w"]);
    }
}

#[test]
fn a_revoked_token_is_refused_at_once_whoever_revoked_it() {
    let yard = Yard::new();
    let data = yard.data();
    let (first, second) = (
        granted(&yard, &["--can", "read", "--id", "first"]),
        granted(&yard, &["--can", "read", "--id", "second"]),
    );
    looks(&yard, &first).is(200);
    looks(&yard, &second).is(200);
    admin(&yard, &["token", "revoke", "first"]).ok();
    looks(&yard, &first).is(401);
    // By another process, on the data directory beside the server.
    packyard(["token", "revoke", "second", "--data", data.to_str().unwrap()]).ok();
    looks(&yard, &second).is(401);
    admin(&yard, &["token", "list"]).ok().says(&["revoked"]);
    admin(&yard, &["token", "revoke", "nobody"])
        .fails()
        .says(&["nobody"]);
}

/// The first five are answered at once; then each waits longer, and nobody else does.
#[test]
fn wrong_tokens_are_slowed_and_a_good_one_from_the_same_place_is_not() {
    let yard = Yard::new();
    let good = yard.admin_token();
    let wrong = |count: usize| {
        let began = Instant::now();
        for n in 0..count {
            looks(&yard, &format!("pyd_{n:064}")).is(401);
        }
        began.elapsed()
    };
    let five = wrong(5);
    let four_more = wrong(4);
    assert!(
        four_more > five + Duration::from_secs(1),
        "five took {five:?}, four more {four_more:?}"
    );
    std::thread::scope(|scope| {
        let attack = scope.spawn(|| wrong(2));
        std::thread::sleep(Duration::from_millis(100));
        let began = Instant::now();
        looks(&yard, &good).is(200);
        let took = began.elapsed();
        let attacked = attack.join().unwrap();
        assert!(took < Duration::from_millis(900), "the good one took {took:?}");
        assert!(attacked > Duration::from_secs(2), "{attacked:?}");
    });
}

#[test]
fn a_token_is_seen_once_and_never_again() {
    let mut yard = Yard::new();
    let token = granted(&yard, &["--can", "publish", "--id", "ci"]);
    let wrong = format!("{}ff", &token[..token.len() - 2]);
    looks(&yard, &token).is(200);
    let refused = looks(&yard, &wrong).is(401);
    assert!(!refused.text().contains(&wrong), "{}", refused.text());
    let dist = Project::hello_world().build();
    let dist = dist.directory().to_str().unwrap();
    // By the environment, so that no list of processes shows it.
    let url = yard.url("");
    let mut publish = packyard_command(["publish", dist, "--server", &url]);
    run(publish.env("PACKYARD_TOKEN", &token))
        .ok()
        .never_says(&[&token]);
    for args in [
        &["publish", dist][..],
        &["token", "list"],
        &["publish", dist, "--channel", "none"],
    ] {
        with(&yard, &wrong, args).fails().never_says(&[&wrong, &token]);
    }
    run(packyard_command(["publish", "--help"]).env("PACKYARD_TOKEN", &token))
        .ok()
        .never_says(&[&token]);
    for args in [
        &["log"][..],
        &["log", "--json"],
        &["token", "list"],
        &["token", "list", "--json"],
    ] {
        admin(&yard, args).ok().never_says(&[&token]);
    }
    let asked = format!("{}?token={token}", yard.url("/main/"));
    get(&asked);
    yard.stop();
    let log = yard.log();
    assert!(!log.contains(&token) && !log.contains(&wrong), "{log}");
    let mut grep = Command::new("grep");
    grep.args(["-rl", "--", &token]).arg(yard.data());
    run(&mut grep).exits(1);
}

/// No `--can` is a wrong usage; a scope that can match nothing is refused and not a token that does nothing.
#[test]
fn a_token_that_could_do_nothing_is_not_made() {
    let yard = Yard::new();
    admin(&yard, &["token", "create"]).exits(2).says(&["--can"]);
    admin(&yard, &["token", "create", "--can", "write"])
        .exits(2)
        .says(&["read, publish, promote or admin"]);
    for (flag, noun) in [
        ("--channel", "glob of channels"),
        ("--project", "glob of projects"),
    ] {
        admin(&yard, &["token", "create", "--can", "read", flag, "Team-*"])
            .fails()
            .says(&["Team-*", noun, "lower-case"]);
    }
    for (id, why) in [
        ("local", "somebody else"),
        ("a b", "1 to 64 letters"),
        ("..", "begin with"),
    ] {
        admin(&yard, &["token", "create", "--can", "read", "--id", id])
            .fails()
            .says(&[id, why]);
    }
}

/// Paths of a channel by every client, as they are or as of a revision.
const PATHS: &[&str] = &[
    "/[]/",
    "/[]/packages/hello-world",
    "/[]/simple/",
    "/[]/simple/hello-world/",
    "/[]/files/00000000000000000000000000000000000000000000000000000000000000ff/hello_world-1.0-py3-none-any.whl",
    "/[]/pypi/hello-world/json",
    "/[]/apt/dists/any/InRelease",
    "/[]/apt/pool/00000000000000000000000000000000000000000000000000000000000000ff/a_1_all.deb",
    "/[]/apt/any.sources",
    "/[]/apt/key.asc",
    "/[]/yum/any/x86_64/repodata/repomd.xml",
    "/[]/yum/any.repo",
    "/[]/yum/key.asc",
    "/[]/key.asc",
    "/[]/pip.conf",
    "/[]/setup.sh",
    "/api/v1/channels/[]",
    "/api/v1/channels/[]/packages",
    "/api/v1/channels/[]/packages/hello-world",
    "/api/v1/channels/[]/distributions",
    "/api/v1/channels/[]/tags",
    "/api/v1/channels/[]/export",
    "/api/v1/revisions?channel=[]",
];

#[test]
fn strangers_cannot_tell_a_hidden_channel_from_none() {
    let (yard, _) = Yard::with_hello_world();
    admin(&yard, &["channel", "create", "vault", "--private"]).ok();
    admin(&yard, &["promote", "--all", "--from", "main", "--to", "vault"]).ok();
    let elsewhere = granted(&yard, &["--can", "read,publish", "--channel", "main"]);
    let revision = yard.revision();
    for path in PATHS {
        for method in ["GET", "HEAD"] {
            for at in [
                String::new(),
                format!("@{revision}"),
                "@2026-01-01".to_owned(),
                "@none".to_owned(),
            ] {
                let answers = ["vault", "vanish"].map(|channel| {
                    let url = yard.url(&path.replace("[]", &format!("{channel}{at}")));
                    let hide = |text: &[u8]| String::from_utf8_lossy(text).replace(channel, "[]");
                    let nobody = Request::new(method, &url).send();
                    let other = Request::new(method, &url).token(&elsewhere).send();
                    [nobody, other].map(|reply| (reply.status, hide(&reply.body)))
                });
                assert_eq!(answers[0], answers[1], "{method} {path} {at}");
                let api = path.starts_with("/api");
                let expected = if api && !at.is_empty() {
                    answers[0][0].0
                } else {
                    401
                };
                assert_eq!(answers[0][0].0, expected, "{method} {path} {at}: {answers:?}");
                assert!(
                    matches!(answers[0][1].0, 404 | 400 | 422),
                    "{method} {path} {at}: {answers:?}"
                );
            }
        }
    }
}

/// A browser that once sent a token as a password sends it with whatever any page asks for.
#[test]
fn a_page_of_another_site_changes_nothing_with_a_visitors_token() {
    let yard = Yard::new();
    let make = |id: &str, header: &[(&str, &str)]| {
        let url = yard.url("/api/v1/tokens");
        let mut request = Request::new("POST", &url).token(&yard.admin_token());
        for (name, value) in header {
            request = request.header(name, value);
        }
        request.send_bytes(format!(r#"{{"id":"{id}","can":["admin"]}}"#).as_bytes())
    };
    for of_another in [
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        // Over plain HTTP browsers say no more than this.
        [("Origin", "http://elsewhere.example")],
        [("Origin", "null")],
    ] {
        make("stolen", &of_another).problem(403, &["a page of another site"]);
    }
    let own = yard.url("");
    make("a", &[("Origin", own.trim_end_matches('/'))]).is(201);
    make(
        "b",
        &[
            ("Sec-Fetch-Site", "same-origin"),
            ("Origin", "https://outer.example"),
        ],
    )
    .is(201);
    make("c", &[]).is(201);
    let look = Request::new("GET", &yard.url("/")).header("Sec-Fetch-Site", "cross-site");
    look.send().is(200);
}
