//! One run for many distributions, judged by the tools of each.

use std::path::Path;

use crate::harness::{Project, Yard, get, packyard, run, system_command};

/// The names of a .deb's members.
fn members(deb: &Path) -> String {
    run(system_command("ar").arg("t").arg(deb)).ok().stdout
}

/// A field of an .rpm.
fn field(rpm: &Path, format: &str) -> String {
    run(system_command("rpm")
        .args(["-qp", "--queryformat", format])
        .arg(rpm))
    .ok()
    .stdout
}

#[test]
fn one_run_makes_what_each_distribution_wants_and_one_release_of_it() {
    let dist = Project::hello_world().build_with(&["--for", "bookworm,noble,el9,fc42"]);
    assert_eq!(
        dist.names(),
        [
            "bookworm",
            "el9",
            "fc42",
            "hello_world-1.1.3-py3-none-any.whl",
            "hello_world-1.1.3.tar.gz",
            "noble",
            "release.json"
        ]
    );
    assert!(members(&dist.of("bookworm").deb()).contains("data.tar.xz"));
    assert!(members(&dist.of("noble").deb()).contains("data.tar.zst"));
    let (el9, fc42) = (dist.of("el9").rpm(), dist.of("fc42").rpm());
    assert_eq!(field(&el9, "%{RELEASE} %{PAYLOADCOMPRESSOR}"), "1.el9 zstd");
    assert_eq!(field(&fc42, "%{RELEASE}"), "1.fc42");
    for (rpm, python) in [(&el9, "3.9"), (&fc42, "3.13")] {
        let abi = format!("python(abi) = {python}");
        run(system_command("rpm").args(["-qp", "--requires"]).arg(rpm))
            .ok()
            .says(&[&abi]);
        let site = format!("/usr/lib/python{python}/site-packages/hello_world/main.py");
        run(system_command("rpm").args(["-qlp"]).arg(rpm))
            .ok()
            .says(&[&site]);
    }
    let release: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dist.directory().join("release.json")).unwrap()).unwrap();
    let listed: Vec<&str> = release["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|artifact| artifact["distribution"].as_str().unwrap())
        .collect();
    assert_eq!(listed, ["any", "any", "bookworm", "noble", "el9", "fc42"]);
    packyard(["check", dist.directory().to_str().unwrap()]).ok();
}

#[test]
fn what_was_made_for_a_distribution_is_published_into_it() {
    let yard = Yard::new();
    let dist = Project::hello_world().build_with(&["--for", "bookworm,noble,el9"]);
    yard.publish(&dist);
    for distribution in ["bookworm", "noble"] {
        let index = format!("/main/apt/dists/{distribution}/main/binary-amd64/Packages");
        let text = get(&yard.url(&index)).is(200).text().to_owned();
        assert_eq!(text.matches("Package: hello-world\n").count(), 1, "{text}");
    }
    get(&yard.url("/main/yum/el9/x86_64/repodata/repomd.xml")).is(200);
    let page = get(&yard.url("/main/yum/el9/x86_64/Packages/h/hello-world-1.1.3-1.el9.noarch.rpm"));
    page.is(200);
}

#[test]
fn the_tools_of_each_world_have_nothing_to_say_of_what_is_for_one_distribution() {
    let dist = Project::hello_world().build_with(&["--for", "bookworm,bullseye,el9"]);
    let mut lintian = system_command("lintian");
    lintian.args(["--allow-root", "--fail-on", "error,warning"]);
    run(lintian.arg(dist.of("bookworm").deb()))
        .ok()
        .never_says(&["E: ", "W: "]);
    run(system_command("rpmlint").arg(dist.of("el9").rpm()))
        .says(&["checks:"])
        .never_says(&["incoherent-version-in-changelog"]);
    let changes = run(system_command("rpm")
        .args(["-qp", "--changelog"])
        .arg(dist.of("el9").rpm()))
    .ok();
    changes.says(&["- 1.1.3-1.el9\n"]);
    // Before usr-merge was everywhere.
    let files = run(system_command("dpkg-deb")
        .arg("-c")
        .arg(dist.of("bullseye").deb()))
    .ok();
    files
        .says(&["./lib/systemd/system/hello-world.service"])
        .never_says(&["./usr/lib/systemd"]);
}

#[test]
fn the_list_shows_every_distribution_and_a_slip_is_answered_with_the_name_that_was_meant() {
    let project = Project::hello_world();
    packyard([
        "build",
        &project.arg(),
        "--for",
        "bookworm,el9,fedora42",
        "--list",
    ])
    .ok()
    .says(&[
        "hello-world_1.1.3-1_all.deb",
        "hello-world-1.1.3-1.el9.noarch.rpm",
        "hello-world-1.1.3-1.fc42.noarch.rpm",
    ]);
    project
        .build_fails(&["--for", "bookworm,fedroa42"])
        .says(&["`fedroa42` is no distribution", "did you mean `fedora42`?"]);
    project.build_fails(&["--for", "bookworm,el8"]).says(&[
        "el8 has Python 3.6",
        "pyproject.toml:",
        "leave el8 out",
    ]);
}
