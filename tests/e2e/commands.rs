//! The commands around a server, as somebody types them: release, login, tokens, lists, the log.

use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Project, Yard, get, packyard, packyard_command, run};

/// A user of their own, who has logged in to a yard.
struct User {
    home: TempDir,
}

impl User {
    fn logged_in(yard: &Yard) -> Self {
        let user = Self {
            home: TempDir::new().unwrap(),
        };
        run(&mut user.packyard(&["login", &yard.url(""), "--token", &yard.admin_token()])).ok();
        user
    }

    fn packyard(&self, args: &[&str]) -> Command {
        let mut command = packyard_command(args);
        command.env("HOME", self.home.path());
        command
    }
}

#[test]
fn who_has_logged_in_releases_lists_shows_and_reads_the_log_without_saying_where() {
    let yard = Yard::new();
    let user = User::logged_in(&yard);
    let project = Project::hello_world();
    run(&mut user.packyard(&["release", &project.arg(), "--note", "the first one"]))
        .ok()
        .says(&["published", "hello_world-1.1.3-py3-none-any.whl", "revision"]);
    run(&mut user.packyard(&["list"]))
        .ok()
        .says(&["hello-world", "1.1.3"]);
    run(&mut user.packyard(&["search", "HELLO"]))
        .ok()
        .says(&["hello-world"]);
    run(&mut user.packyard(&["search", "main", "hello"]))
        .ok()
        .says(&["hello-world"]);
    run(&mut user.packyard(&["show", "hello-world"])).ok().says(&[
        "hello-world_1.1.3-1_all.deb",
        "hello-world-1.1.3-1.noarch.rpm",
        "python3",
    ]);
    run(&mut user.packyard(&["log", "main"]))
        .ok()
        .says(&["publish main", "the first one"]);
    run(&mut user.packyard(&["show", "hello-wrold"]))
        .exits(1)
        .says(&["did you mean `hello-world`"]);
    assert_eq!(get(&yard.url("/main/simple/hello-world/")).status, 200);
}

#[test]
fn a_login_with_a_wrong_token_is_refused_and_not_stored() {
    let yard = Yard::new();
    let home = TempDir::new().unwrap();
    let mut login = packyard_command(["login", &yard.url(""), "--token", "wrong"]);
    run(login.env("HOME", home.path()))
        .exits(1)
        .says(&["token", "401"]);
    assert_eq!(home.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_token_may_what_it_was_granted_and_nothing_after_it_was_revoked() {
    let yard = Yard::new();
    let user = User::logged_in(&yard);
    let grant = |can: &str, id: &str| -> String {
        let outcome = run(&mut user.packyard(&["--json", "token", "create", "--can", can, "--id", id])).ok();
        let token: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        token["token"].as_str().unwrap().to_owned()
    };
    let dist = Project::greeter().build();
    let publish = |token: &str| {
        let directory = dist.directory().to_str().unwrap();
        packyard(["publish", directory, "--server", &yard.url(""), "--token", token])
    };
    publish(&grant("read", "reader")).exits(1).says(&["403"]);
    let publisher = grant("publish", "ci");
    publish(&publisher).ok();
    run(&mut user.packyard(&["token", "list"]))
        .ok()
        .says(&["reader", "ci"])
        .never_says(&[&publisher]);
    run(&mut user.packyard(&["token", "revoke", "ci"])).ok();
    publish(&publisher).exits(1).says(&["401"]);
    // Who published is in the log.
    run(&mut user.packyard(&["log", "main"]))
        .ok()
        .says(&["ci  publish main"]);
}

#[test]
fn reindex_beside_a_running_server_changes_no_answer() {
    let (yard, _) = Yard::with_hello_world();
    let before = get(&yard.url("/main/simple/hello-world/")).body;
    let data = yard.data();
    packyard(["reindex", "--data", data.to_str().unwrap()]).ok();
    assert_eq!(get(&yard.url("/main/simple/hello-world/")).body, before);
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
}

#[test]
fn to_look_at_a_yard_that_is_not_there_does_not_make_one() {
    let room = TempDir::new().unwrap();
    let data = room.path().join("notthere");
    for command in ["list", "log", "fsck", "reindex"] {
        packyard([command, "--data", data.to_str().unwrap()])
            .exits(1)
            .says(&["no yard", "notthere"]);
    }
    assert!(!data.exists());
}

#[test]
fn the_flag_data_wins_over_the_environment_and_an_empty_variable_says_nothing() {
    let room = TempDir::new().unwrap();
    let data = room.path().join("yard");
    let data = data.to_str().unwrap();
    packyard(["channel", "create", "dev", "--data", data]).ok();
    for set in ["http://127.0.0.1:1", ""] {
        let mut list = packyard_command(["channel", "list", "--data", data]);
        run(list.env("PACKYARD_SERVER", set)).ok().says(&["dev"]);
    }
    let mut list = packyard_command(["channel", "list"]);
    run(list.env("PACKYARD_SERVER", "http://127.0.0.1:1"))
        .exits(1)
        .says(&["127.0.0.1:1"]);
    let server = ["--server", "http://127.0.0.1:1"];
    packyard(["channel", "list", "--data", data].iter().chain(&server)).exits(2);
}

#[test]
fn who_creates_a_channel_or_a_distribution_in_a_new_directory_founds_a_yard() {
    let room = TempDir::new().unwrap();
    for (n, what) in [
        ["channel", "create", "dev"],
        ["distribution", "create", "main/bookworm"],
    ]
    .iter()
    .enumerate()
    {
        let data = room.path().join(n.to_string());
        let data = ["--data", data.to_str().unwrap()];
        packyard(what.iter().chain(&data)).ok();
        packyard(["channel", "show", "main"].iter().chain(&data)).ok();
    }
    // What changes does not.
    let data = room.path().join("none");
    packyard([
        "channel",
        "set",
        "main",
        "--private",
        "--data",
        data.to_str().unwrap(),
    ])
    .exits(1)
    .says(&["no yard"]);
    assert!(!data.exists());
}

#[test]
fn spans_of_time_are_written_alike_everywhere_and_flags_do_not_contradict() {
    let room = TempDir::new().unwrap();
    let (data, out) = (room.path().join("yard"), room.path().join("out"));
    let (data, out) = (data.to_str().unwrap(), out.to_str().unwrap());
    packyard(["channel", "create", "dev", "--data", data]).ok();
    for grace in ["0", "0s", "30m", "3d"] {
        packyard(["gc", "--grace", grace, "--data", data]).ok();
        packyard(["export", "dev", out, "--grace", grace, "--data", data]).ok();
    }
    packyard([
        "distribution",
        "create",
        "dev/sid",
        "--valid-for",
        "7d",
        "--data",
        data,
    ])
    .ok()
    .says(&["valid for: 7d,"]);
    for [one, other] in [
        ["--public", "--private"],
        ["--volatile", "--no-volatile"],
        ["--no-auto-distributions", "--auto-distributions"],
    ] {
        packyard(["channel", "set", "dev", one, other, "--data", data]).exits(2);
    }
    packyard([
        "distribution",
        "set",
        "dev/sid",
        "--automatic",
        "--not-automatic",
        "--data",
        data,
    ])
    .exits(2);
}

#[test]
fn the_newest_version_is_the_highest_one_and_not_the_last_one_published() {
    let yard = Yard::new();
    let project = Project::hello_world();
    project.bump("1.1.4");
    yard.publish(&project.build());
    yard.publish(&Project::hello_world().build());
    let page = get(&yard.url("/main/")).is(200);
    assert!(
        page.text().contains("<td class=\"n\">1.1.4</td>"),
        "{}",
        page.text()
    );
    let page = get(&yard.url("/main/packages/hello-world")).is(200);
    assert!(
        page.text().contains("<h1>hello-world 1.1.4</h1>"),
        "{}",
        page.text()
    );
}

#[test]
fn a_revision_is_answered_for_ever_and_one_that_is_not_made_yet_is_not_there() {
    let (yard, project) = Yard::with_hello_world();
    let now = yard.revision();
    let in_release = |at: u64| get(&yard.url(&format!("/main@{at}/apt/dists/any/InRelease")));
    let before = in_release(now).is(200).body;
    in_release(now + 1).problem(404, &["revision"]);
    project.bump("1.1.4");
    yard.publish(&project.build());
    assert_eq!(in_release(now).is(200).body, before);
    assert_ne!(in_release(now + 1).is(200).body, before);
}

#[test]
fn a_changelog_that_was_begun_here_is_one_that_dpkg_reads_and_rpm_takes() {
    let project = Project::setup_py();
    project.remove("debian/changelog");
    let add = |args: &[&str]| {
        let mut command = packyard_command(["changelog", "add", &project.arg()]);
        command
            .args(args)
            .env("DEBFULLNAME", "Ada Sample")
            .env("DEBEMAIL", "ada@example.org");
        run(&mut command)
    };
    add(&["--create", "--version", "0.0.1", "First release."]).ok();
    add(&["Greet more people."]).ok();
    packyard(["changelog", "check", &project.arg()]).ok();
    // The second item opens the next version, as dch does; what is shown and packaged is what is released.
    let file = project.path().join("debian/changelog");
    let mut dpkg = crate::harness::system_command("dpkg-parsechangelog");
    let read = run(dpkg.arg("-l").arg(&file)).ok();
    let read = read.says(&["Version: 0.0.2", "Distribution: UNRELEASED", "Greet more people."]);
    assert_eq!(read.stderr, "", "dpkg has something to say against it");
    for (format, head) in [
        ("deb", "hello-world (0.0.1-1) unstable; urgency=medium"),
        ("rpm", "Ada Sample <ada@example.org> - 0.0.1-1"),
        ("json", "\"version\": \"0.0.1\""),
    ] {
        packyard(["changelog", "show", &project.arg(), "--format", format])
            .ok()
            .says(&[head, "First release."])
            .never_says(&["Greet"]);
    }
}
