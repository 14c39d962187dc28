//! What a channel says of a project (PEP 792), as installers, uploaders, programs and people see it.

use std::process::Command;

use crate::circle::{admin, pip_version};
use crate::harness::{Dist, Outcome, Request, Venv, Yard, get, packyard, run};

/// A yard with hello-world 1.1.3, and 1.1.4 built and not published.
fn yard_and_next() -> (Yard, Dist) {
    let (yard, project) = Yard::with_hello_world();
    project.bump("1.1.4");
    (yard, project.build())
}

fn say(yard: &Yard, status: &str, reason: &str) -> Outcome {
    let mut args = vec!["project", "set", "hello-world", "--status", status];
    if !reason.is_empty() {
        args.extend(["--reason", reason]);
    }
    admin(yard, &args)
}

fn install(yard: &Yard, venv: &Venv) -> Outcome {
    let index = yard.url("/main/simple/");
    venv.pip(&[
        "install",
        "--force-reinstall",
        "--index-url",
        &index,
        "hello-world",
    ])
}

fn simple(yard: &Yard, channel: &str) -> serde_json::Value {
    let page = Request::new("GET", &yard.url(&format!("/{channel}/simple/hello-world/")));
    let page = page.header("accept", "application/vnd.pypi.simple.v1+json");
    page.send().is(200).json()
}

fn api(yard: &Yard, method: &str, path: &str) -> Request {
    Request::new(method, &yard.url(&format!("/api/v1/channels/{path}"))).token(&yard.admin_token())
}

fn page(yard: &Yard, path: &str) -> String {
    get(&yard.url(path)).is(200).text().to_owned()
}

#[track_caller]
fn shows(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "nothing says `{word}`:\n{page}");
    }
}

#[test]
fn an_archived_project_installs_and_takes_nothing_new_on_any_way() {
    let (yard, next) = yard_and_next();
    say(&yard, "archived", "use goodbye <world>")
        .ok()
        .says(&["hello-world", "archived: use goodbye <world>"]);
    let venv = Venv::new();
    install(&yard, &venv).ok();
    assert!(pip_version(&venv).contains("1.1.3"));
    let token = yard.admin_token();
    let why = ["archived", "takes no new files", "use goodbye <world>"];
    let before = yard.revision();
    Venv::twine_upload(&yard.url("/main/legacy/"), &token, &[&next.wheel()])
        .fails()
        .says(&["403", "is archived", "<world>"]);
    let mut uv = Venv::tool("uv");
    uv.args([
        "publish",
        "--publish-url",
        &yard.url("/main/legacy/"),
        "--token",
        &token,
    ]);
    run(uv.arg(next.wheel())).fails().says(&["403"]).says(&why);
    let wheel = next.wheel();
    for file in [next.deb(), next.rpm()] {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let path = if name.ends_with(".deb") {
            format!("/main/apt/upload/any/main/{name}")
        } else {
            format!("/main/yum/upload/any/{name}")
        };
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--fail-with-body", "-u", &format!("__token__:{token}")]);
        run(curl.arg("-T").arg(&file).arg(yard.url(&path)))
            .fails()
            .says(&why);
    }
    let all = next.directory().to_str().unwrap().to_owned();
    admin(&yard, &["publish", &all])
        .exits(1)
        .says(&why)
        .says(&["--status active"]);
    admin(&yard, &["publish", wheel.to_str().unwrap(), "--draft", "d1"])
        .exits(1)
        .says(&why);
    admin(&yard, &["import", &all]).says(&["archived"]);
    admin(&yard, &["channel", "create", "dev"]).ok();
    admin(&yard, &["publish", &all, "--channel", "dev"]).ok();
    admin(
        &yard,
        &["promote", "hello-world", "--from", "dev", "--to", "main"],
    )
    .exits(1)
    .says(&why);
    admin(
        &yard,
        &["promote", "--all", "--from", "dev", "--to", "main", "--dry-run"],
    )
    .exits(1)
    .says(&why);
    assert_eq!(
        yard.revision(),
        before + 2,
        "only channel dev and what was published to it"
    );
    say(&yard, "active", "").ok();
    Venv::twine_upload(&yard.url("/main/legacy/"), &token, &[&wheel]).ok();
}

#[test]
fn a_quarantined_project_offers_no_file_and_comes_back_whole() {
    let (yard, _) = Yard::with_hello_world();
    let before = simple(&yard, "main");
    let then = yard.revision();
    let file = before["files"][0]["url"]
        .as_str()
        .unwrap()
        .trim_start_matches("../../")
        .to_owned();
    admin(&yard, &["channel", "create", "web", "--inherits", "main"]).ok();
    say(&yard, "quarantined", "it phones home").ok();
    for channel in ["main", "web"] {
        let page = simple(&yard, channel);
        assert_eq!(page["files"].as_array().unwrap().len(), 0, "{page}");
        assert_eq!(page["project-status"]["status"], "quarantined", "{page}");
        assert_eq!(page["project-status"]["reason"], "it phones home", "{page}");
        for end in ["", ".metadata"] {
            get(&yard.url(&format!("/{channel}/{file}{end}")))
                .problem(403, &["quarantined", "offers no files", "it phones home"]);
        }
    }
    // What was then is shown, and what may be had is judged by today.
    let was = simple(&yard, &format!("main@{then}"));
    assert_eq!(
        (&was["files"], &was["project-status"]["status"]),
        (&before["files"], &"active".into())
    );
    get(&yard.url(&format!("/main@{then}/{file}"))).problem(403, &["quarantined"]);
    let venv = Venv::new();
    install(&yard, &venv).fails();
    venv.uv_pip(
        "install",
        &["--index-url", &yard.url("/web/simple/"), "hello-world"],
    )
    .fails();
    get(&yard.url("/main/apt/dists/any/main/binary-amd64/Packages")).is(200);
    // Nobody lifts it from below, and the command says so.
    let in_web = |status: &str| {
        let set = ["project", "set", "hello-world", "--channel", "web", "--status"];
        admin(&yard, &[&set[..], &[status]].concat()).ok()
    };
    in_web("deprecated").says(&["warning", "stays quarantined in `web`", "channel `main`"]);
    assert_eq!(simple(&yard, "web")["files"].as_array().unwrap().len(), 0);
    in_web("active");
    assert_eq!(simple(&yard, "web")["files"].as_array().unwrap().len(), 0);
    say(&yard, "active", "").ok();
    assert_eq!(simple(&yard, "main")["files"], before["files"]);
    install(&yard, &venv).ok();
    venv.uv_pip(
        "install",
        &["--index-url", &yard.url("/web/simple/"), "hello-world"],
    )
    .ok();
}

#[test]
fn a_deprecated_project_installs_takes_files_and_says_so_everywhere() {
    let (yard, next) = yard_and_next();
    say(&yard, "deprecated", "goodbye-world is better").ok();
    yard.publish(&next);
    let venv = Venv::new();
    install(&yard, &venv).ok();
    assert!(pip_version(&venv).contains("1.1.4"));
    let said = ["deprecated", "goodbye-world is better"];
    let simple = simple(&yard, "main");
    assert_eq!(simple["project-status"]["status"], "deprecated");
    assert_eq!(simple["project-status"]["reason"], "goodbye-world is better");
    for path in [
        "main/projects/hello-world",
        "main/packages/hello-world",
        "main/projects",
    ] {
        shows(api(&yard, "GET", path).send().is(200).text(), &said);
    }
    shows(&page(&yard, "/main/packages/hello-world"), &said);
    shows(&page(&yard, "/main/"), &["deprecated"]);
    admin(&yard, &["project", "show", "hello-world"]).ok().says(&said);
    admin(&yard, &["project", "list"]).ok().says(&said);
    admin(&yard, &["list"]).ok().says(&["deprecated"]);
    admin(&yard, &["show", "hello-world"]).ok().says(&said);
    admin(&yard, &["log"])
        .ok()
        .says(&["project main hello-world is deprecated (goodbye-world is better)"]);
}

#[test]
fn what_is_said_again_changes_nothing_and_a_new_status_has_a_reason_of_its_own() {
    let (yard, _) = Yard::with_hello_world();
    let set = |more: &[&str]| admin(&yard, &[&["project", "set", "Hello_World"], more].concat());
    set(&["--status", "archived", "--reason", "done", "--note", "as agreed"]).ok();
    let n = yard.revision();
    set(&["--status", "archived"])
        .ok()
        .says(&["nothing changed", "done"]);
    set(&["--reason", "done"]).ok().says(&["nothing changed"]);
    set(&["--status", "archived", "--if-revision", "1"])
        .ok()
        .says(&["nothing changed"]);
    assert_eq!(yard.revision(), n);
    set(&["--status", "deprecated", "--if-revision", "1"])
        .exits(1)
        .says(&["packyard log main"]);
    set(&["--status", "deprecated"]).ok().never_says(&["done"]);
    set(&["--status", "active", "--reason", "because"])
        .exits(1)
        .says(&["this one is active"]);
    set(&["--status", "archvied"]).exits(2).says(&["archived"]);
    set(&[]).exits(2).says(&["--status"]);
    admin(&yard, &["project", "set", "helo-world", "--status", "archived"])
        .exits(1)
        .says(&["there is no project `helo-world`", "did you mean `hello-world`"]);
    admin(&yard, &["log"]).ok().says(&["as agreed", "admin"]);
    let put = |body: &str| api(&yard, "PUT", "main/projects/hello-world").send_bytes(body.as_bytes());
    put(r#"{"stauts": "archived"}"#).problem(400, &["stauts", "status"]);
    put(r#"{"status": "gone"}"#).problem(400, &["archived"]);
    put(r#"{"status": null}"#).is(200);
    assert_eq!(put("{}").is(200).json()["changed"], false);
}

#[test]
fn a_token_for_some_projects_says_it_of_those_and_opens_none() {
    let (yard, _) = Yard::with_hello_world();
    let token = |args: &[&str]| {
        let made = admin(&yard, &[&["token", "create", "--json"], args].concat()).ok();
        let made: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
        made["token"].as_str().unwrap().to_owned()
    };
    let (hers, others) = (
        token(&["--can", "promote", "--project", "hello-*"]),
        token(&["--can", "promote", "--project", "other-*"]),
    );
    let publisher = token(&["--can", "publish"]);
    let set = |token: &str, body: &str| {
        let url = yard.url("/api/v1/channels/main/projects/hello-world");
        Request::new("PUT", &url).token(token).send_bytes(body.as_bytes())
    };
    set(&others, r#"{"status": "archived"}"#).problem(403, &["hello-world"]);
    set(&publisher, r#"{"status": "archived"}"#).problem(403, &["promote"]);
    set(&hers, r#"{"status": "archived"}"#).is(200);
    set(&hers, r#"{"open": true}"#).problem(403, &["administer"]);
    set(&hers, r#"{"open": false}"#).is(200);
    set(&yard.admin_token(), r#"{"open": true}"#).is(200);
}

#[test]
fn a_rollback_leaves_the_status_and_a_new_index_knows_it() {
    let (mut yard, next) = yard_and_next();
    let then = yard.revision().to_string();
    yard.publish(&next);
    say(&yard, "archived", "done").ok();
    admin(&yard, &["rollback", "main", "--to", &then]).ok();
    admin(&yard, &["project", "show", "hello-world"])
        .ok()
        .says(&["archived: done"]);
    admin(
        &yard,
        &[
            "project",
            "show",
            "hello-world",
            "--channel",
            &format!("main@{then}"),
        ],
    )
    .ok()
    .says(&["is active"]);
    yard.stop();
    packyard(["reindex", "--data", yard.data().to_str().unwrap()]).ok();
    yard.start();
    admin(&yard, &["project", "show", "hello-world"])
        .ok()
        .says(&["archived: done"]);
    assert_eq!(simple(&yard, "main")["project-status"]["status"], "archived");
}

#[test]
fn a_name_says_where_it_would_come_from() {
    let (yard, _) = Yard::with_hello_world();
    let url = "http://127.0.0.1:1/simple/";
    admin(
        &yard,
        &[
            "channel",
            "create",
            "dev",
            "--inherits",
            "main",
            "--upstream",
            url,
            "--reserve",
            "corp-*",
        ],
    )
    .ok();
    let show = |name: &str| admin(&yard, &["project", "show", name, "--channel", "dev"]).ok();
    show("hello-world").says(&[
        "channel main holds 2",
        "is never asked",
        "published in channel main",
    ]);
    show("corp-billing").says(&["is never asked", "channel dev reserves corp-*"]);
    show("requests").says(&["is asked", "never published here"]);
    admin(&yard, &["project", "show", "requests"])
        .exits(1)
        .says(&["there is no project"]);
    admin(
        &yard,
        &[
            "project",
            "set",
            "requests",
            "--channel",
            "dev",
            "--status",
            "quarantined",
        ],
    )
    .ok();
    admin(
        &yard,
        &["project", "set", "hello-world", "--channel", "dev", "--open"],
    )
    .ok()
    .never_says(&["warning"]);
    show("hello-world").says(&["open to the upstream", "is asked"]);
    admin(&yard, &["project", "set", "hello-world", "--open"])
        .ok()
        .says(&["warning", "no channel"]);
}
