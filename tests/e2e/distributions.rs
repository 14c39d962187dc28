//! Distributions are declared, and apt and dnf see them by each of their names.

use std::path::Path;
use std::time::Duration;

use crate::harness::{AptRoot, DnfRoot, Outcome, Project, Reply, Request, Yard, get, packyard};

/// `packyard distribution …` on a yard, as its admin.
fn distribution(yard: &Yard, args: &[&str]) -> Outcome {
    let (url, token) = (yard.url(""), yard.admin_token());
    let mut all = vec!["distribution"];
    all.extend(args);
    all.extend(["--server", &url, "--token", &token]);
    packyard(all)
}

/// `curl -T` to a path below channel main.
fn upload(yard: &Yard, to: &str, file: &Path) -> Reply {
    let name = file.file_name().unwrap().to_str().unwrap();
    let request = Request::new("PUT", &yard.url(&format!("/main/{to}/{name}")));
    request.token(&yard.admin_token()).send_file(file)
}

/// Sets a root up for a suite of channel main, by the served file.
fn sources(yard: &Yard, root: &AptRoot, channel: &str, suite: &str) {
    let text = get(&yard.url(&format!("/{channel}/apt/{suite}.sources"))).is(200);
    root.write("etc/apt/sources.list.d/packyard.sources", text.text());
}

#[test]
fn an_empty_distribution_is_served_signed_as_soon_as_it_is_created() {
    let yard = Yard::new();
    distribution(&yard, &["create", "main/bookworm", "--family", "deb"])
        .ok()
        .says(&["created"]);
    distribution(&yard, &["create", "main/el9", "--family", "rpm"]).ok();
    let root = AptRoot::new();
    sources(&yard, &root, "main", "bookworm");
    root.update();
    let root = DnfRoot::new();
    root.add_repo("packyard", get(&yard.url("/main/yum/el9.repo")).is(200).text());
    root.dnf(&["makecache"]).ok();
    get(&yard.url("/main/yum/bookworm/x86_64/repodata/repomd.xml")).is(404);
    get(&yard.url("/main/apt/dists/el9/InRelease")).is(404);
    get(&yard.url("/main/apt/el9.sources")).problem(404, &["el9", "family"]);
    get(&yard.url("/main/yum/bookworm.repo")).problem(404, &["bookworm", "family"]);
}

#[test]
fn apt_installs_by_the_name_and_by_every_alias_without_a_warning() {
    let yard = Yard::new();
    let aliases = ["create", "main/bookworm", "--alias", "stable,12,Bookworm"];
    distribution(&yard, &aliases).ok();
    let dist = Project::hello_world().build();
    let receipt = upload(&yard, "apt/upload/Bookworm/main", &dist.deb()).is(201);
    assert_eq!(receipt.json()["artifacts"][0]["distribution"], "bookworm");
    let root = AptRoot::new();
    for suite in ["bookworm", "stable", "12", "Bookworm"] {
        sources(&yard, &root, "main", suite);
        root.update();
        root.apt_get(&["install", "hello-world"]).ok();
        root.apt_get(&["purge", "hello-world"]).ok();
    }
    let deb = dist.deb();
    let file = deb.file_name().unwrap().to_str().unwrap();
    get(&yard.url(&format!("/main/apt/pool/stable/main/hello-world/{file}"))).is(200);
    let revision = yard.revision();
    let (url, token) = (yard.url(""), yard.admin_token());
    let by_alias = format!("Bookworm={}", deb.display());
    packyard(["publish", &by_alias, "--server", &url, "--token", &token])
        .ok()
        .says(&["unchanged"]);
    assert_eq!(yard.revision(), revision);
}

#[test]
fn el_releasever_finds_the_distribution_by_its_aliases() {
    let yard = Yard::new();
    distribution(
        &yard,
        &["create", "main/el9", "--family", "rpm", "--alias", "9,9Server"],
    )
    .ok();
    let dist = Project::hello_world().build();
    upload(&yard, "yum/upload/9Server", &dist.rpm()).is(201);
    let text = get(&yard.url("/main/yum/9.repo")).is(200).text().to_owned();
    let text = text.replace("/yum/9/", "/yum/el$releasever/");
    for releasever in ["9", "9Server"] {
        let root = DnfRoot::new();
        root.add_repo("packyard", &text);
        root.dnf(&[&format!("--releasever={releasever}"), "install", "hello-world"])
            .ok();
    }
}

#[test]
fn a_release_file_ends_and_the_server_signs_it_anew_in_time() {
    let yard = Yard::new();
    distribution(&yard, &["create", "main/bookworm", "--valid-for", "8s"]).ok();
    upload(
        &yard,
        "apt/upload/bookworm/main",
        &Project::hello_world().build().deb(),
    )
    .is(201);
    let (root, revision) = (AptRoot::new(), yard.revision());
    // Somebody's mirror that is never brought up to date again.
    for file in ["InRelease", "main/binary-amd64/Packages"] {
        let path = format!("dists/bookworm/{file}");
        let text = get(&yard.url(&format!("/main/apt/{path}"))).is(200);
        root.write(&format!("mirror/{path}"), text.text());
    }
    std::thread::sleep(Duration::from_secs(10));
    sources(&yard, &root, "main", "bookworm");
    let live = std::fs::read_to_string(root.inside("etc/apt/sources.list.d/packyard.sources")).unwrap();
    root.update();
    root.write(
        "etc/apt/sources.list.d/packyard.sources",
        &live.replace(&yard.url("/main/apt/"), "file:/mirror/"),
    );
    root.apt_get(&["update"]).says(&["expired"]);
    // As of a revision it does not end, and the set-up file keeps the revision.
    sources(&yard, &root, &format!("main@{revision}"), "bookworm");
    root.update().says(&[&format!("main@{revision}")]);
    root.apt_get(&["install", "hello-world"]).ok();
    let (url, token) = (yard.url(""), yard.admin_token());
    packyard(["log", "main", "--server", &url, "--token", &token])
        .ok()
        .says(&["packyard  refresh"]);
}

#[test]
fn what_apt_would_ask_about_is_said_when_it_is_set() {
    let yard = Yard::new();
    distribution(&yard, &["create", "main/bookworm"]).ok();
    let root = AptRoot::new();
    sources(&yard, &root, "main", "bookworm");
    root.update();
    for harmless in [
        ["--alias", "stable"],
        ["--description", "Tools"],
        ["--version", "12"],
    ] {
        let args = ["set", "main/bookworm", harmless[0], harmless[1]];
        distribution(&yard, &args).ok().never_says(&["warning"]);
        root.update();
    }
    for (flag, field) in [
        ("--label", "Label"),
        ("--origin", "Origin"),
        ("--codename", "Codename"),
    ] {
        distribution(&yard, &["set", "main/bookworm", flag, "tools"])
            .ok()
            .says(&["warning", field, "--allow-releaseinfo-change"]);
        root.apt_get(&["update"]).fails().says(&[field, "tools"]);
        root.apt_get(&["update", "--allow-releaseinfo-change"]).ok();
    }
    // Whoever says Suite as well must know how sources call it.
    distribution(&yard, &["set", "main/bookworm", "--suite", "elsewhere"])
        .ok()
        .says(&["Conflicting distribution", "`bookworm`", "`stable`"]);
    distribution(
        &yard,
        &["set", "main/bookworm", "--description", "something else"],
    )
    .ok()
    .never_says(&["Conflicting distribution"]);
    root.apt_get(&["update"]).ok().says(&["Conflicting distribution"]);
    distribution(&yard, &["set", "main/bookworm", "--suite", "", "--codename", ""]).ok();
    root.apt_get(&["update", "--allow-releaseinfo-change"]).ok();
    root.update();
}

#[test]
fn release_says_what_was_set_and_an_empty_text_takes_it_back() {
    let yard = Yard::new();
    let release = || get(&yard.url("/main/apt/dists/bookworm/Release")).is(200);
    let all = [
        "create",
        "main/bookworm",
        "--family=deb",
        "--origin=Example",
        "--label=Tools",
        "--version=12",
        "--description=Tools for all",
        "--components=extra",
        "--architectures=riscv64",
        "--not-automatic",
    ];
    distribution(&yard, &all).ok();
    let text = release().text().to_owned();
    for line in [
        "Origin: Example\n",
        "Label: Tools\n",
        "Version: 12\n",
        "Description: Tools for all\n",
        "Components: extra main\n",
        "Architectures: all amd64 arm64 riscv64\n",
        "NotAutomatic: yes\nButAutomaticUpgrades: yes\n",
    ] {
        assert!(text.contains(line), "no {line:?} in {text}");
    }
    let sources = get(&yard.url("/main/apt/bookworm.sources")).is(200);
    assert!(
        sources.text().contains("Components: extra main\n"),
        "{}",
        sources.text()
    );
    distribution(
        &yard,
        &["set", "main/bookworm", "--origin", "", "--architectures", "s390x"],
    )
    .ok();
    let text = release().text().to_owned();
    assert!(
        text.contains("Origin: packyard main\n") && text.contains("Label: Tools\n"),
        "{text}"
    );
    assert!(
        text.contains(" riscv64 s390x\n"),
        "architectures only grow: {text}"
    );
    distribution(&yard, &all)
        .exits(1)
        .says(&["409", "distribution set main/bookworm"]);
}

#[test]
fn what_would_break_a_release_file_or_mean_two_things_is_refused() {
    let yard = Yard::new();
    distribution(&yard, &["create", "main/bookworm", "--alias", "stable"]).ok();
    let refused: [(&[&str], &[&str]); 7] = [
        (
            &["set", "main/bookworm", "--label", "x\nTrusted: yes"],
            &["Label", "control characters"],
        ),
        (
            &["set", "main/bookworm", "--suite", "a b"],
            &["Suite", "one word"],
        ),
        (
            &["create", "main/jammy", "--family=deb", "--architectures=x86_64"],
            &["`amd64`"],
        ),
        (
            &["create", "main/el9", "--family=rpm", "--architectures=arm64"],
            &["`aarch64`"],
        ),
        (
            &["create", "main/trixie", "--alias=stable"],
            &["`stable`", "`bookworm`"],
        ),
        (&["create", "main/stable"], &["`stable`", "`bookworm`"]),
        (
            &["set", "main/bokworm", "--label", "x"],
            &["404", "did you mean `bookworm`"],
        ),
    ];
    let revision = yard.revision();
    for (args, words) in refused {
        distribution(&yard, args).exits(1).says(words);
    }
    for (args, words) in [
        (["create", "bookworm", "--family=deb"], "CHANNEL/DISTRIBUTION"),
        (["create", "main/9Server", "--family=rpm"], "lower-case"),
        (["set", "main/bookworm", "--valid-for=soon"], "7d"),
    ] {
        distribution(&yard, &args).exits(2).says(&[words]);
    }
    assert_eq!(yard.revision(), revision, "something was changed");
}

#[test]
fn an_unknown_distribution_is_a_404_that_names_the_nearest() {
    let yard = Yard::new();
    let (url, token) = (yard.url(""), yard.admin_token());
    let at = ["--server", &url, "--token", &token];
    packyard(
        ["channel", "set", "main", "--no-auto-distributions"]
            .into_iter()
            .chain(at),
    )
    .ok();
    distribution(&yard, &["create", "main/bookworm", "--family", "deb"]).ok();
    let dist = Project::hello_world().build();
    for near in [
        upload(&yard, "apt/upload/bookwrm/main", &dist.deb()),
        get(&yard.url("/main/apt/dists/bookwrm/InRelease")),
        get(&yard.url("/main/apt/bookwrm.sources")),
        get(&yard.url("/api/v1/channels/main/distributions/bookwrm")),
    ] {
        near.problem(404, &["bookwrm", "did you mean `bookworm`"]);
    }
    let root = AptRoot::new();
    sources(&yard, &root, "main", "bookworm");
    let path = "etc/apt/sources.list.d/packyard.sources";
    let text = std::fs::read_to_string(root.inside(path)).unwrap();
    root.write(path, &text.replace("Suites: bookworm", "Suites: bookwrm"));
    root.apt_get(&["update"]).fails().says(&["404", "bookwrm"]);
    upload(&yard, "yum/upload/bookworm", &dist.rpm()).problem(422, &["bookworm", "family is deb"]);
    distribution(&yard, &["delete", "main/bookworm"]).ok();
    get(&yard.url("/main/apt/dists/bookworm/InRelease")).is(404);
    distribution(&yard, &["delete", "main/any"])
        .exits(1)
        .says(&["part of every distribution"]);
}

#[test]
fn other_bytes_of_a_version_may_be_in_another_distribution_and_then_not_in_any() {
    let yard = Yard::new();
    let project = Project::hello_world();
    let first = project.build();
    project.replace("pyproject.toml", "greets whoever asks", "greets everybody");
    let second = project.build();
    upload(&yard, "apt/upload/bookworm/main", &first.deb()).is(201);
    upload(&yard, "apt/upload/trixie/main", &second.deb()).is(201);
    upload(&yard, "apt/upload/sid/main", &second.deb()).is(201);
    upload(&yard, "apt/upload/bookworm/extra", &first.deb()).is(201);
    upload(&yard, "apt/upload/any/main", &second.deb()).problem(409, &["bookworm", "other contents"]);
    upload(&yard, "apt/upload/any/main", &first.deb()).problem(409, &["other contents"]);
    upload(&yard, "apt/upload/bookworm/extra", &second.deb()).problem(409, &["bookworm"]);
    upload(&yard, "apt/upload/trixie/main", &first.deb()).problem(409, &["trixie"]);
    let shown = distribution(&yard, &["list", "main"]).ok();
    shown.says(&["bookworm     2 debs", "trixie       1 deb,"]);
    distribution(&yard, &["delete", "main/trixie"])
        .exits(1)
        .says(&["not empty", "1 artifact"]);
}
