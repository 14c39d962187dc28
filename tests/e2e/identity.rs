//! The wheel, the .deb and the .rpm of one release are one version of one project, whoever built and sent them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::circle::admin;
use crate::harness::{Dist, Outcome, Project, Request, Venv, Yard, get, packyard, run, system_command};

/// `curl -T`, as the pages print it.
fn curl(yard: &Yard, path: &str, file: &Path) {
    let user = format!("__token__:{}", yard.admin_token());
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--fail-with-body", "-u", &user, "-T"]);
    run(curl.arg(file).arg(yard.url(path))).ok();
}

/// Sends a release as its parts, each by the client of its world.
fn send(yard: &Yard, dist: &Dist) {
    let (wheel, sdist) = (dist.wheel(), dist.sdist());
    Venv::twine_upload(&yard.url("/main/legacy/"), &yard.admin_token(), &[&wheel, &sdist]).ok();
    curl(yard, "/main/apt/upload/any/main/", &dist.deb());
    curl(yard, "/main/yum/upload/any/", &dist.rpm());
}

/// A .deb as somebody else's tools make it.
fn foreign_deb(dir: &Path, package: &str, version: &str, source: &str) -> PathBuf {
    let tree = dir.join(package);
    fs::create_dir_all(tree.join("DEBIAN")).unwrap();
    let source = if source.is_empty() {
        String::new()
    } else {
        format!("Source: {source}\n")
    };
    let control = format!(
        "Package: {package}\n{source}Version: {version}\nArchitecture: all\nMaintainer: A <a@example.org>\n\
         Description: made elsewhere\n"
    );
    fs::write(tree.join("DEBIAN/control"), control).unwrap();
    run(system_command("dpkg-deb")
        .args(["--root-owner-group", "--build"])
        .arg(&tree)
        .arg(dir))
    .ok();
    let file = version.split_once(':').map_or(version, |(_, rest)| rest);
    dir.join(format!("{package}_{file}_all.deb"))
}

fn ask(yard: &Yard, args: &[&str]) -> Outcome {
    let server = yard.url("");
    packyard(args.iter().copied().chain(["--server", &server]))
}

fn json(yard: &Yard, args: &[&str]) -> Value {
    let mut all = args.to_vec();
    all.push("--json");
    serde_json::from_str(&ask(yard, &all).ok().stdout).unwrap()
}

fn files(shown: &Value) -> Vec<(&str, Vec<&str>)> {
    let versions = shown["versions"].as_array().unwrap().iter();
    let of = |v: &'_ Value| -> Vec<String> {
        let artifacts = v["artifacts"].as_array().unwrap();
        artifacts
            .iter()
            .map(|a| a["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    let kinds = |v: &Value| -> Vec<&'static str> {
        let all = ["wheel", "sdist", "deb", "rpm"];
        let here = of(v);
        all.into_iter()
            .filter(|k| here.contains(&(*k).to_owned()))
            .collect()
    };
    versions
        .map(|v| (v["version"].as_str().unwrap(), kinds(v)))
        .collect()
}

#[test]
fn what_twine_and_curl_send_falls_together_also_for_pre_releases() {
    let yard = Yard::new();
    let project = Project::hello_world();
    let all = vec!["wheel", "sdist", "deb", "rpm"];
    send(&yard, &project.build());
    project.bump("1.1.4rc1");
    send(&yard, &project.build());
    project.bump("1.1.4");
    send(&yard, &project.build());
    let shown = json(&yard, &["show", "hello-world"]);
    assert_eq!(
        files(&shown),
        [
            ("1.1.4", all.clone()),
            ("1.1.3", all.clone()),
            ("1.1.4rc1", all.clone())
        ]
    );
    for typed in [
        "hello-world==1.1.4rc1",
        "Hello_World==1.1.4-RC1",
        "hello-world==1.1.4~rc1-1",
    ] {
        assert_eq!(
            files(&json(&yard, &["show", typed])),
            [("1.1.4rc1", all.clone())],
            "{typed}"
        );
    }
    let list = json(&yard, &["list", "main"]);
    assert_eq!(list["packages"].as_array().unwrap().len(), 1);
    let newest = &list["packages"][0]["newest"];
    assert_eq!([&newest["pip"], &newest["apt"], &newest["yum"]], ["1.1.4"; 3]);
}

#[test]
fn a_library_is_one_project_under_both_of_its_names() {
    let yard = Yard::new();
    let dir = TempDir::new().unwrap();
    let deb = foreign_deb(dir.path(), "python3-tool", "2:1.0.0+post1-1~bookworm1", "tool");
    curl(&yard, "/main/apt/upload/bookworm/main/", &deb);
    let shown = json(&yard, &["show", "python3-tool"]);
    assert_eq!(shown["name"], "tool");
    assert_eq!(shown["versions"][0]["version"], "2!1.0.0.post1");
    let page = get(&yard.url("/main/packages/tool/2!1.0.0.post1")).is(200);
    assert!(
        page.text()
            .contains("python3-tool_1.0.0+post1-1~bookworm1_all.deb")
    );
}

/// Where a page leads, without going there.
fn moved(yard: &Yard, path: &str) -> String {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-o", "-", "-w", "%{http_code} %{redirect_url}"]);
    run(curl.arg(yard.url(path)))
        .ok()
        .stdout
        .replace(&yard.url(""), "")
}

#[test]
fn packages_of_one_source_are_one_project_and_their_pages_lead_to_it() {
    let yard = Yard::new();
    let dir = TempDir::new().unwrap();
    for (package, version) in [("libfoo1", "1.2-3+b1"), ("foo-tools", "4:7.0-1")] {
        let deb = foreign_deb(dir.path(), package, version, "foo (1.2-3)");
        curl(&yard, "/main/apt/upload/any/main/", &deb);
    }
    let shown = json(&yard, &["show", "libfoo1==1.2"]);
    assert_eq!(
        (
            &shown["name"],
            shown["versions"][0]["artifacts"].as_array().unwrap().len()
        ),
        (&"foo".into(), 2)
    );
    assert_eq!(moved(&yard, "/main/packages/libfoo1"), "301 /main/packages/foo");
    assert_eq!(
        moved(&yard, "/main/packages/foo-tools/7.0-1"),
        "301 /main/packages/foo/1.2"
    );
    assert_eq!(moved(&yard, "/main/packages/Foo"), "301 /main/packages/foo");
    get(&yard.url("/main/packages/foo/1.2")).is(200);
    ask(&yard, &["search", "foo-tools"]).ok().says(&["foo  1.2"]);
}

#[test]
fn a_name_that_two_projects_have_is_refused_with_both_and_an_unknown_one_with_the_nearest() {
    let yard = Yard::new();
    let dir = TempDir::new().unwrap();
    for (version, source) in [("1.0-1", "one"), ("2.0-1", "two")] {
        let deb = foreign_deb(dir.path(), "tool", version, source);
        curl(&yard, "/main/apt/upload/any/main/", &deb);
    }
    ask(&yard, &["show", "tool"]).exits(1).says(&[
        "one==1.0 (tool_1.0-1_all.deb)",
        "two==2.0 (tool_2.0-1_all.deb)",
        "hint: say which",
    ]);
    ask(&yard, &["show", "toll"])
        .exits(1)
        .says(&["did you mean `tool`?"]);
    ask(&yard, &["show", "one==1.1"])
        .exits(1)
        .says(&["did you mean `one==1.0`?"]);
    ask(&yard, &["show", "tool_2.0-1_all.deb"])
        .ok()
        .says(&["two: made elsewhere"]);
}

#[test]
fn a_list_is_of_a_distribution_and_of_a_revision() {
    let yard = Yard::new();
    let dir = TempDir::new().unwrap();
    curl(
        &yard,
        "/main/apt/upload/bookworm/main/",
        &foreign_deb(dir.path(), "one", "1.0-1", ""),
    );
    let at = yard.revision();
    curl(
        &yard,
        "/main/apt/upload/trixie/main/",
        &foreign_deb(dir.path(), "two", "1.0-1", ""),
    );
    curl(
        &yard,
        "/main/apt/upload/any/main/",
        &foreign_deb(dir.path(), "all", "1.0-1", ""),
    );
    ask(&yard, &["list", "--distribution", "trixie"])
        .ok()
        .says(&["two", "all"])
        .never_says(&["one"]);
    ask(&yard, &["list", "--distribution", "trixi"])
        .exits(1)
        .says(&["did you mean `trixie`?"]);
    let then = format!("main@{at}");
    ask(&yard, &["list", &then])
        .ok()
        .says(&["one"])
        .never_says(&["two"]);
    ask(&yard, &["show", "two", "--channel", &then])
        .exits(1)
        .says(&["no package `two`"]);
    let page = get(&yard.url(&format!("/{then}/"))).is(200);
    assert!(page.text().contains("1 package, 1 file."), "{}", page.text());
    assert!(
        page.text().contains(&format!("/{then}/apt trixie main")) && !page.text().contains("packages/two")
    );
}

#[test]
fn a_token_for_a_project_publishes_what_is_of_it_and_by_its_name_only() {
    let yard = Yard::new();
    let dir = TempDir::new().unwrap();
    let (server, admin) = (yard.url(""), yard.admin_token());
    let grant = [
        "token",
        "create",
        "--can",
        "publish",
        "--project",
        "foo",
        "--server",
        &server,
        "--token",
        &admin,
        "--json",
    ];
    let granted: Value = serde_json::from_str(&packyard(grant).ok().stdout).unwrap();
    let token = granted["token"].as_str().unwrap();
    let put = |deb: &Path| {
        let name = deb.file_name().unwrap().to_str().unwrap();
        let path = format!("/main/apt/upload/any/main/{name}");
        Request::new("PUT", &yard.url(&path))
            .token(token)
            .send_file(deb)
            .status
    };
    assert_eq!(put(&foreign_deb(dir.path(), "python3-foo", "1.0-1", "foo")), 201);
    assert_eq!(
        put(&foreign_deb(dir.path(), "bar", "1.0-1", "foo")),
        403,
        "another name of the same source"
    );
    assert_eq!(
        put(&foreign_deb(dir.path(), "foo", "1.0-1", "bar")),
        403,
        "another source"
    );
}

#[test]
fn a_yanked_release_is_marked_with_its_reason_and_speaks_for_nothing() {
    let (yard, project) = Yard::with_hello_world();
    project.bump("1.1.4");
    yard.publish(&project.build());
    admin(
        &yard,
        &["yank", "hello-world==1.1.4", "--reason", "it eats <files>"],
    )
    .ok();
    let shown = ask(&yard, &["show", "hello-world"]).ok();
    shown.says(&[
        "1.1.3  published",
        "other versions: 1.1.4  (yanked: it eats <files>)",
    ]);
    let page = get(&yard.url("/main/packages/hello-world")).is(200);
    assert!(page.text().contains("<h1>hello-world 1.1.3</h1>"));
    assert!(page.text().contains("it eats &#60;files&#62;"), "{}", page.text());
    get(&yard.url("/main/packages/hello-world/1.1.4")).is(200);
    assert_eq!(json(&yard, &["list"])["packages"][0]["latest"], "1.1.3");
    admin(&yard, &["yank", "hello-world==1.1.3", "--reason", "too"]).ok();
    ask(&yard, &["list"])
        .ok()
        .says(&["1.1.4", "(yanked: it eats <files>)"]);
}
