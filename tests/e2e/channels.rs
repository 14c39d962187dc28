//! Channels are created, changed and deleted, and the clients see it.

use std::path::Path;

use crate::harness::{AptRoot, Outcome, Project, Request, Venv, Yard, get, packyard};

/// A command on a yard, as its admin.
fn on(yard: &Yard, args: &[&str]) -> Outcome {
    with(yard, &yard.admin_token(), args)
}

fn with(yard: &Yard, token: &str, args: &[&str]) -> Outcome {
    let (url, mut all) = (yard.url(""), args.to_vec());
    all.extend(["--server", &url, "--token", token]);
    packyard(all)
}

/// Publishes a directory of artifacts to a channel.
fn publish(yard: &Yard, channel: &str, directory: &Path) -> Outcome {
    on(
        yard,
        &["publish", directory.to_str().unwrap(), "--channel", channel],
    )
}

#[test]
fn a_new_channel_can_be_used_at_once() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "staging"]).ok().says(&[
        "created",
        "public",
        "auto-distributions",
        "keeps all",
    ]);
    publish(&yard, "staging", Project::hello_world().build().directory()).ok();
    let index = yard.url("/staging/simple/");
    Venv::new()
        .pip(&["install", "--index-url", &index, "hello-world"])
        .ok();
    let root = AptRoot::new();
    let sources = get(&yard.url("/staging/apt/any.sources")).is(200);
    root.write("etc/apt/sources.list.d/staging.sources", sources.text());
    root.update();
    root.apt_get(&["install", "hello-world"]).ok();
    on(&yard, &["channel", "create", "staging"])
        .ok()
        .says(&["is so already"]);
    on(&yard, &["channel", "create", "staging", "--volatile"])
        .exits(1)
        .says(&["staging", "channel set"]);
}

#[test]
fn set_changes_what_is_said_and_nothing_else() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "dev", "--volatile", "--keep", "5"]).ok();
    on(&yard, &["channel", "set", "dev", "--private"])
        .ok()
        .says(&["private", "volatile", "keeps 5"]);
    get(&yard.url("/dev/simple/")).is(401);
    on(
        &yard,
        &["channel", "set", "dev", "--keep", "all", "--no-volatile"],
    )
    .ok();
    on(&yard, &["channel", "set", "dev", "--keep", "all"])
        .ok()
        .says(&["is so already"]);
    let shown = on(&yard, &["channel", "show", "dev", "--json"]).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(
        (&shown["public"], &shown["volatile"]),
        (&false.into(), &false.into())
    );
    assert!(shown["keep"].is_null(), "{shown}");
    assert_eq!(shown["distributions"][0]["name"], "any", "{shown}");
    on(&yard, &["channel", "list"])
        .ok()
        .says(&["main", "dev", "private"]);
    on(&yard, &["channel", "set", "dev"]).exits(2).says(&["nothing"]);
    on(&yard, &["channel", "set", "dve", "--public"])
        .exits(1)
        .says(&["dve", "did you mean `dev`"]);
    on(&yard, &["channel", "set", "dev", "--keep", "some"])
        .exits(2)
        .says(&["some", "all"]);
}

#[test]
fn a_setting_that_there_is_not_is_refused_with_the_nearest() {
    let yard = Yard::new();
    let put = |body: &str| {
        let request = Request::new("PUT", &yard.url("/api/v1/channels/dev"));
        request.token(&yard.admin_token()).send_bytes(body.as_bytes())
    };
    put(r#"{"pubic": true}"#).problem(400, &["pubic", "public"]);
    put(r#"{"public": "yes"}"#).problem(400, &["boolean"]);
    put(r#"{"public": false}"#).is(201);
    put(r#"{"public": false}"#).is(200);
    put("").is(200);
}

#[test]
fn reserved_words_are_no_channels() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "api"])
        .exits(2)
        .says(&["api", "reserved"]);
    let put = Request::new("PUT", &yard.url("/api/v1/channels/healthz"));
    put.token(&yard.admin_token())
        .send()
        .problem(400, &["healthz", "reserved"]);
}

#[test]
fn a_channel_that_holds_something_is_deleted_by_force_only_and_the_last_not_at_all() {
    let (yard, _) = Yard::with_hello_world();
    on(&yard, &["channel", "delete", "main"])
        .exits(1)
        .says(&["not empty", "--force"]);
    on(&yard, &["channel", "delete", "main", "--force"])
        .exits(1)
        .says(&["last channel"]);
    on(&yard, &["channel", "create", "other"]).ok();
    on(&yard, &["channel", "delete", "main", "--force"]).ok();
    get(&yard.url("/main/simple/")).problem(404, &["main"]);
    get(&yard.url("/other/simple/")).is(200);
    on(&yard, &["channel", "delete", "main"])
        .ok()
        .says(&["nothing changed"]);
    on(&yard, &["channel", "delete", "mian"])
        .exits(1)
        .says(&["there is no channel `mian`"]);
}

#[test]
fn a_token_for_some_channels_administers_those_and_no_other() {
    let yard = Yard::new();
    let token = on(
        &yard,
        &["token", "create", "--can", "admin", "--channel", "team-*"],
    )
    .ok();
    let token = token.stdout.trim();
    with(&yard, token, &["channel", "create", "team-a"]).ok();
    with(&yard, token, &["distribution", "create", "team-a/bookworm"]).ok();
    with(&yard, token, &["channel", "set", "team-a", "--private"]).ok();
    with(&yard, token, &["channel", "delete", "team-a"]).ok();
    with(&yard, token, &["channel", "set", "main", "--private"])
        .exits(1)
        .says(&["403", "administer"]);
    let stranger = Request::new("PUT", &yard.url("/api/v1/channels/main")).send();
    stranger.problem(401, &["token"]);
}

#[test]
fn in_a_volatile_channel_a_file_is_replaced_and_clients_follow() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "nightly", "--volatile"]).ok();
    let project = Project::hello_world();
    publish(&yard, "nightly", project.build().directory()).ok();
    let root = AptRoot::new();
    let sources = get(&yard.url("/nightly/apt/any.sources")).is(200);
    root.write("etc/apt/sources.list.d/nightly.sources", sources.text());
    root.update();
    root.apt_get(&["install", "hello-world"]).ok();
    let (venv, index) = (Venv::new(), yard.url("/nightly/simple/"));
    venv.pip(&["install", "--index-url", &index, "hello-world"]).ok();

    project.write("hello_world/nightly.py", "NIGHT = 2\n");
    let second = project.build();
    publish(&yard, "main", second.directory()).ok();
    publish(&yard, "nightly", second.directory()).ok();
    root.update();
    root.apt_get(&["install", "--reinstall", "hello-world"]).ok();
    root.run("find", &["/usr/lib/python3", "-name", "nightly.py"])
        .ok()
        .says(&["nightly.py"]);
    venv.pip(&[
        "install",
        "--force-reinstall",
        "--index-url",
        &index,
        "hello-world",
    ])
    .ok();
    let python = venv.bin("python");
    crate::harness::run(std::process::Command::new(python).args(["-c", "import hello_world.nightly"])).ok();
    project.write("hello_world/nightly.py", "NIGHT = 3\n");
    publish(&yard, "main", project.build().directory())
        .exits(1)
        .says(&["already published with other contents"]);
}

#[test]
fn what_a_channel_inherits_asks_and_reserves_is_set_shown_and_cleared() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "corp"]).ok();
    let url = "https://index.example/root/simple/";
    let wanted = [
        "--inherits",
        "corp,main",
        "--upstream",
        url,
        "--reserve",
        "Corp_*,acme",
    ];
    let mut set = vec!["channel", "create", "dev"];
    set.extend(wanted);
    on(&yard, &set)
        .ok()
        .says(&["inherits corp main", url, "reserves acme corp-*"])
        .never_says(&["warning"]);
    on(&yard, &["channel", "show", "dev"]).ok().says(&[
        "pip finds a name in: dev, then corp, then main, then https://index.example/root/simple/",
        "never there for a name that was ever published here, nor for acme, corp-*",
    ]);
    on(&yard, &["channel", "list"])
        .ok()
        .says(&["inherits corp main", url]);
    let shown = on(&yard, &["channel", "show", "dev", "--json"]).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown["inherits"], serde_json::json!(["corp", "main"]));
    assert_eq!(shown["lookup"]["upstream"]["of"], "dev");
    on(&yard, &["channel", "create", "web", "--inherits", "dev"]).ok();
    on(&yard, &["channel", "show", "web"])
        .ok()
        .says(&["web, then dev, then corp, then main", "(the upstream of dev)"]);
    on(&yard, &["channel", "delete", "dev"])
        .exits(1)
        .says(&["web", "--inherits \"\""]);
    on(
        &yard,
        &[
            "channel",
            "set",
            "dev",
            "--inherits",
            "",
            "--upstream",
            "",
            "--reserve",
            "",
        ],
    )
    .ok()
    .never_says(&["inherits", "upstream", "reserves"]);
    on(&yard, &["channel", "show", "dev"])
        .ok()
        .never_says(&["pip finds"]);
}

#[test]
fn what_cannot_be_inherited_asked_or_reserved_is_refused() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "corp"]).ok();
    on(&yard, &["channel", "create", "dev", "--inherits", "crop"])
        .exits(1)
        .says(&["there is no channel `crop`", "did you mean `corp`"]);
    on(&yard, &["channel", "create", "dev", "--inherits", "corp"]).ok();
    on(&yard, &["channel", "set", "corp", "--inherits", "dev"])
        .exits(1)
        .says(&["dev", "inherits", "corp", "itself"]);
    on(&yard, &["channel", "set", "corp", "--inherits", "corp"]).exits(1);
    for (flag, value, says) in [
        (
            "--upstream",
            "https://me:secret@index.example/simple/",
            "credentials",
        ),
        ("--upstream", "index.example/simple", "https://"),
        ("--reserve", "a*b", "pattern of names"),
        ("--inherits", "Dev", "lower-case"),
    ] {
        on(&yard, &["channel", "set", "corp", flag, value])
            .exits(2)
            .says(&[value, says]);
    }
}

#[test]
fn what_is_easily_not_meant_is_warned_of() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "secret", "--private"]).ok();
    on(&yard, &["channel", "create", "web", "--inherits", "secret"])
        .ok()
        .says(&["warning", "`web` is public and inherits `secret`", "anybody"]);
    on(&yard, &["channel", "set", "secret", "--volatile"])
        .ok()
        .says(&["warning", "the public channel `web` inherits it"]);
    on(
        &yard,
        &[
            "channel",
            "set",
            "web",
            "--upstream",
            "http://index.example/simple/",
        ],
    )
    .ok()
    .says(&["warning", "plain HTTP"]);
    on(
        &yard,
        &[
            "channel",
            "set",
            "web",
            "--inherits",
            "",
            "--upstream",
            "http://127.0.0.1:1/simple/",
        ],
    )
    .ok()
    .never_says(&["warning"]);
    on(
        &yard,
        &["channel", "set", "web", "--upstream", &yard.url("/main/simple/")],
    )
    .ok()
    .says(&["warning", "this very server", "--inherits main"]);
}

#[test]
fn only_who_may_read_a_channel_may_open_it_to_others() {
    let yard = Yard::new();
    on(&yard, &["channel", "create", "secret", "--private"]).ok();
    on(&yard, &["channel", "create", "team-a", "--private"]).ok();
    let token = on(
        &yard,
        &[
            "token",
            "create",
            "--can",
            "admin",
            "--channel",
            "team-*",
            "--json",
        ],
    )
    .ok();
    let token: serde_json::Value = serde_json::from_str(&token.stdout).unwrap();
    let token = token["token"].as_str().unwrap();
    with(
        &yard,
        token,
        &["channel", "set", "team-a", "--inherits", "secret"],
    )
    .exits(1)
    .says(&["there is no channel `secret`"]);
    // Whether it is there or not is not told.
    with(
        &yard,
        token,
        &["channel", "set", "team-a", "--inherits", "secrets"],
    )
    .exits(1)
    .says(&["there is no channel `secrets`"]);
    on(&yard, &["channel", "set", "team-a", "--inherits", "secret"]).ok();
    with(&yard, token, &["channel", "set", "team-a", "--volatile"]).ok();
    with(&yard, token, &["channel", "set", "team-a", "--public"]).exits(1);
}
