//! The full circle: a release goes from dev over staging to stable, clients upgrade, stable is rolled back, and machines
//! go back with the lines that the command prints.

use std::process::Command;

use crate::harness::{AptRoot, DnfRoot, Outcome, Project, Venv, Yard, get, packyard, run};

/// Runs a command against the yard's server, as its administrator.
#[track_caller]
pub fn admin(yard: &Yard, args: &[&str]) -> Outcome {
    let (url, token) = (yard.url(""), yard.admin_token());
    let mut all = args.to_vec();
    all.extend(["--server", &url, "--token", &token]);
    packyard(all)
}

/// A yard with channels dev, staging and stable beside main.
pub fn yard_of_three() -> Yard {
    let yard = Yard::new();
    for channel in ["dev", "staging", "stable"] {
        configure(&yard, channel, "{}");
    }
    yard
}

/// Makes a channel, or sets it, over the API: public, with auto-distributions, and what `more` says.
pub fn configure(yard: &Yard, channel: &str, more: &str) {
    let mut body: serde_json::Value = serde_json::from_str(more).unwrap();
    for said in ["public", "auto_distributions"] {
        if body[said].is_null() {
            body[said] = true.into();
        }
    }
    crate::harness::Request::new("PUT", &yard.url(&format!("/api/v1/channels/{channel}")))
        .token(&yard.admin_token())
        .header("content-type", "application/json")
        .send_bytes(body.to_string().as_bytes());
}

/// Builds a version of the project and publishes it to a channel.
#[track_caller]
pub fn publish_to(yard: &Yard, project: &Project, channel: &str) {
    let dist = project.build();
    let directory = dist.directory().to_str().unwrap().to_owned();
    admin(yard, &["publish", &directory, "--channel", channel]).ok();
}

/// A Debian that installs from a channel as of a revision, by its one-line source.
pub fn apt_of(yard: &Yard, channel: &str) -> AptRoot {
    let root = AptRoot::new();
    let key = "/etc/apt/keyrings/packyard.asc";
    root.write(key, get(&yard.url("/main/key.asc")).is(200).text());
    let line = format!(
        "deb [signed-by={key}] {} any main\n",
        yard.url(&format!("/{channel}/apt"))
    );
    root.write("/etc/apt/sources.list", &line);
    root
}

/// A system of dnf's that installs from a channel as of a revision.
pub fn dnf_of(yard: &Yard, channel: &str) -> DnfRoot {
    let root = DnfRoot::new();
    let (base, key) = (
        yard.url(&format!("/{channel}/yum/any/$basearch/")),
        yard.url("/main/yum/key.asc"),
    );
    let checks = "gpgcheck=1\nrepo_gpgcheck=1\n";
    root.add_repo(
        "packyard",
        &format!("[packyard]\nname=packyard\nbaseurl={base}\n{checks}gpgkey={key}\n"),
    );
    root
}

/// What pip has installed.
pub fn pip_version(venv: &Venv) -> String {
    run(Command::new(venv.bin("hello-world")).arg("--version"))
        .ok()
        .stdout
}

/// The printed line that begins with this word, without its comment.
fn printed(outcome: &Outcome, begin: &str) -> Vec<String> {
    let lines = outcome.stdout.lines().map(str::trim);
    let line = lines
        .clone()
        .find(|line| line.starts_with(begin))
        .unwrap_or_else(|| panic!("no line begins with `{begin}`\n{outcome}"));
    let line = line.split('#').next().unwrap();
    line.split_whitespace().skip(1).map(str::to_owned).collect()
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn a_release_goes_up_three_channels_and_every_client_follows_it_up_and_back() {
    let yard = yard_of_three();
    let project = Project::hello_world();
    publish_to(&yard, &project, "dev");
    for (from, to) in [("dev", "staging"), ("staging", "stable")] {
        admin(&yard, &["promote", "hello-world", "--from", from, "--to", to])
            .ok()
            .says(&["added"]);
    }
    admin(&yard, &["tag", "stable", "good"]).ok();
    let (apt, dnf, venv) = (apt_of(&yard, "stable"), dnf_of(&yard, "stable"), Venv::new());
    let index = yard.url("/stable/simple/");
    apt.update();
    apt.apt_get(&["install", "hello-world"]).ok();
    dnf.dnf(&["install", "hello-world"]).ok();
    venv.pip(&["install", "--index-url", &index, "hello-world"]).ok();

    project.bump("1.1.4");
    publish_to(&yard, &project, "dev");
    apt.update();
    apt.apt_get(&["upgrade"]).ok();
    assert!(
        apt.installed("hello-world").unwrap().starts_with("1.1.3"),
        "dev is not stable"
    );
    for (from, to) in [("dev", "staging"), ("staging", "stable")] {
        admin(
            &yard,
            &["promote", "hello-world==1.1.4", "--from", from, "--to", to],
        )
        .ok();
    }
    apt.update();
    apt.apt_get(&["upgrade"]).ok();
    assert!(apt.installed("hello-world").unwrap().starts_with("1.1.4"));
    dnf.dnf(&["upgrade"]).ok();
    assert!(dnf.installed("hello-world").unwrap().starts_with("1.1.4"));
    venv.pip(&["install", "--index-url", &index, "--upgrade", "hello-world"])
        .ok();
    assert!(pip_version(&venv).contains("1.1.4"));

    let back = admin(
        &yard,
        &["rollback", "stable", "--to", "good", "--note", "1.1.4 breaks"],
    )
    .ok();
    apt.update();
    apt.run("apt-cache", &["policy", "hello-world"])
        .ok()
        .says(&["1.1.3"]);
    apt.apt_get(&strs(&printed(&back, "apt-get"))).ok();
    assert!(apt.installed("hello-world").unwrap().starts_with("1.1.3"));
    dnf.dnf(&strs(&printed(&back, "dnf"))).ok();
    assert!(dnf.installed("hello-world").unwrap().starts_with("1.1.3"));
    let mut pip = printed(&back, "pip");
    pip.extend(["--index-url".to_owned(), index]);
    venv.pip(&strs(&pip)).ok();
    assert!(pip_version(&venv).contains("1.1.3"));
    packyard(["fsck", "--data", yard.data().to_str().unwrap()]).ok();
}

#[test]
fn clients_that_are_pinned_to_a_tag_stay_where_it_is() {
    let (yard, project) = Yard::with_hello_world();
    admin(&yard, &["tag", "main", "v1"]).ok().says(&["main@v1"]);
    project.bump("1.1.4");
    yard.publish(&project.build());
    for pinned in ["main@v1".to_owned(), format!("main@{}", yard.revision() - 2)] {
        let (apt, dnf, venv) = (apt_of(&yard, &pinned), dnf_of(&yard, &pinned), Venv::new());
        apt.update();
        apt.apt_get(&["install", "hello-world"]).ok();
        assert!(
            apt.installed("hello-world").unwrap().starts_with("1.1.3"),
            "{pinned}"
        );
        dnf.dnf(&["install", "hello-world"]).ok();
        assert!(
            dnf.installed("hello-world").unwrap().starts_with("1.1.3"),
            "{pinned}"
        );
        let index = yard.url(&format!("/{pinned}/simple/"));
        venv.pip(&["install", "--index-url", &index, "hello-world"]).ok();
        assert!(pip_version(&venv).contains("1.1.3"), "{pinned}");
    }
    // A day that is not over means what it holds now.
    let today = "main@2999-01-01";
    let venv = Venv::new();
    let index = yard.url(&format!("/{today}/simple/"));
    venv.pip(&["install", "--index-url", &index, "hello-world"]).ok();
    assert!(pip_version(&venv).contains("1.1.4"));
    let release = |at: &str| get(&yard.url(&format!("/main@{at}/apt/dists/any/InRelease"))).is(200);
    let cache = |at: &str| release(at).header("cache-control").to_owned();
    assert!(cache(&yard.revision().to_string()).contains("immutable"));
    assert!(!cache("v1").contains("immutable") && !cache("2999-01-01").contains("immutable"));
}
