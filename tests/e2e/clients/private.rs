//! A private channel: every client signs in its own way, and stays out without.

use std::process::Command;

use super::{Room, Shelf, admin, pdm, poetry, publish, twine, uv, wheel};
use crate::harness::{Outcome, Yard, run};

/// A yard with a private channel that holds ferry, and a token that reads it.
fn closed_harbour() -> (Yard, String) {
    let yard = Yard::new();
    admin(&yard, &["channel", "create", "quiet", "--private"]).ok();
    publish(
        &yard,
        "quiet",
        &[wheel("ferry", "1.0.0").needs("tide"), wheel("tide", "1.0.0")],
    );
    let token = reader_of(&yard, "quiet");
    (yard, token)
}

/// A token that reads one channel.
fn reader_of(yard: &Yard, channel: &str) -> String {
    let mut wish = vec!["token", "create", "--can", "read", "--json"];
    wish.extend(["--channel", channel]);
    let made: serde_json::Value = serde_json::from_str(&admin(yard, &wish).ok().stdout).unwrap();
    made["token"].as_str().unwrap().to_owned()
}

/// The channel's index, with credentials in the address.
fn signed(yard: &Yard, token: &str) -> String {
    format!("http://__token__:{token}@{}/quiet/simple/", yard.authority())
}

#[test]
fn pip_signs_in_by_the_address_or_by_netrc() {
    let (yard, token) = closed_harbour();
    let install = |room: &Room, index: &str| {
        let mut pip = room.pip_command();
        run(pip.args(["install", "--index-url", index, "ferry"]))
    };
    let room = Room::with_environment();
    for index in [yard.url("/quiet/simple/"), signed(&yard, "wrong")] {
        install(&room, &index)
            .fails()
            .says(&["No matching distribution found for ferry"]);
    }
    install(&room, &signed(&yard, &token)).ok();
    room.says("ferry", "ferry 1.0.0");
    let room = Room::with_environment();
    let netrc = format!("machine 127.0.0.1\nlogin __token__\npassword {token}\n");
    room.write("../home/.netrc", &netrc);
    install(&room, &yard.url("/quiet/simple/")).ok();
    room.says("ferry", "ferry 1.0.0");
}

#[test]
fn uv_signs_in_by_the_environment_and_looks_nowhere_else_when_it_is_not_let_in() {
    let (yard, token) = closed_harbour();
    // The same name for everybody, in the next index.
    publish(&yard, "main", &[wheel("ferry", "9.0.0")]);
    let room = Room::new();
    room.write(
        "pyproject.toml",
        &format!(
            "[project]\nname = \"fleet\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\ndependencies = []\n\
             [[tool.uv.index]]\nname = \"quiet\"\nurl = \"{}\"\n\
             [[tool.uv.index]]\nname = \"open\"\nurl = \"{}\"\ndefault = true\n",
            yard.url("/quiet/simple/"),
            yard.url("/main/simple/")
        ),
    );
    let add = |token: Option<&str>| -> Outcome {
        let mut uv: Command = uv::uv(&room);
        if let Some(token) = token {
            uv.env("UV_INDEX_QUIET_USERNAME", "__token__")
                .env("UV_INDEX_QUIET_PASSWORD", token);
        }
        run(uv.args(["add", "ferry"]))
    };
    add(None).fails().says(&["401 Unauthorized"]);
    add(Some("wrong")).fails().says(&["401 Unauthorized"]);
    add(Some(&token)).ok();
    room.says("ferry", "ferry 1.0.0");
}

/// A channel is not there for a token that may not read it, and at a 404 uv goes on to its next
/// index: a name that is pinned to the channel stays at home.
#[test]
fn uv_takes_a_pinned_name_from_nowhere_else_when_its_token_is_for_another_channel() {
    let (yard, token) = closed_harbour();
    publish(&yard, "main", &[wheel("ferry", "9.0.0")]);
    let room = Room::new();
    room.write(
        "pyproject.toml",
        &format!(
            "[project]\nname = \"fleet\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\n\
             dependencies = [\"ferry\"]\n\
             [tool.uv.sources]\nferry = {{ index = \"quiet\" }}\n\
             [[tool.uv.index]]\nname = \"quiet\"\nurl = \"{}\"\n\
             [[tool.uv.index]]\nname = \"open\"\nurl = \"{}\"\ndefault = true\n",
            yard.url("/quiet/simple/"),
            yard.url("/main/simple/")
        ),
    );
    let sync = |token: &str| {
        let mut uv = uv::uv(&room);
        uv.env("UV_INDEX_QUIET_USERNAME", "__token__")
            .env("UV_INDEX_QUIET_PASSWORD", token);
        run(uv.arg("sync"))
    };
    sync(&reader_of(&yard, "main"))
        .fails()
        .says(&["ferry was not found in the package registry"]);
    sync(&token).ok();
    room.says("ferry", "ferry 1.0.0");
}

#[test]
fn twine_uploads_with_a_token_that_may_publish_and_shows_it_to_nobody() {
    let (yard, reader) = closed_harbour();
    let wish = ["token", "create", "--can", "publish", "--channel", "quiet"];
    let publisher = admin(&yard, &wish).ok().stdout.trim().to_owned();
    let (room, shelf) = (Room::new(), Shelf::new(&[wheel("ferry", "2.0.0")]));
    let url = yard.url("/quiet/legacy/");
    let send = |token: &str| {
        let pypirc = format!(
            "[distutils]\nindex-servers = yard\n[yard]\nrepository = {url}\nusername = __token__\npassword = {token}\n"
        );
        room.write("../home/.pypirc", &pypirc);
        twine::upload(&room, &["--verbose", "--repository", "yard"], &shelf.files()).never_says(&[token])
    };
    send("pyd_wrong").fails().says(&["401"]);
    send(&reader).fails().says(&["403", "may not publish"]);
    send(&publisher).ok();
    admin(&yard, &["show", "ferry", "--channel", "quiet"])
        .ok()
        .says(&["2.0.0"]);
}

#[test]
fn poetry_signs_in_by_its_settings() {
    let (yard, token) = closed_harbour();
    let room = poetry::project(&yard.url("/quiet/simple/"));
    let add = |token: &str| {
        let mut poetry = poetry::poetry(&room);
        poetry
            .env("POETRY_HTTP_BASIC_YARD_USERNAME", "__token__")
            .env("POETRY_HTTP_BASIC_YARD_PASSWORD", token);
        run(poetry.args(["add", "ferry"]))
    };
    run(poetry::poetry(&room).args(["add", "ferry"]))
        .fails()
        .says(&["Authorization error"]);
    add("wrong").fails().says(&["Authorization error"]);
    add(&token).ok();
    room.says("ferry", "ferry 1.0.0");
}

#[test]
fn pdm_signs_in_by_variables_in_the_address() {
    let (yard, token) = closed_harbour();
    let room = pdm::project(&signed(&yard, "${PASSWORD}"));
    let add = |token: &str| {
        let mut pdm = pdm::pdm(&room);
        run(pdm.env("PASSWORD", token).args(["add", "ferry"]))
    };
    add("wrong")
        .fails()
        .says(&["Unable to find candidates for ferry"]);
    add(&token).ok();
    room.says("ferry", "ferry 1.0.0");
    let written = room.read("pyproject.toml") + &room.read("pdm.lock");
    assert!(!written.contains(&token), "the token was written down: {written}");
}
