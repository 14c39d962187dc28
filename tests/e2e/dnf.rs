//! dnf 4 installs from a channel, with `gpgcheck=1` and `repo_gpgcheck=1`.

use std::process::Command;

use crate::harness::{AptRoot, Dist, DnfRoot, Project, SmallRpm, Tamper, Yard, get, packyard, run};

#[test]
fn dnf_installs_upgrades_and_removes() {
    let (yard, project) = Yard::with_hello_world();
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "hello-world"]).ok();
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.3-"));
    root.rpm(&["-V", "hello-world"]).ok();
    let config = root.inside("/etc/hello-world/hello-world.conf");
    std::fs::write(&config, "[server]\nport = 1\n").unwrap();

    project.bump("1.1.4");
    yard.publish(&project.build());
    root.dnf(&["upgrade"]).ok().says(&["hello-world"]);
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.4-"));
    let kept = std::fs::read_to_string(&config).unwrap();
    assert!(
        kept.contains("port = 1"),
        "the upgrade replaced a changed configuration"
    );

    root.dnf(&["remove", "hello-world"]).ok();
    assert_eq!(root.installed("hello-world"), None);
    assert!(!root.inside("/usr/bin/hello-world").exists());
    assert!(
        !root
            .inside("/usr/lib/systemd/system/hello-world.service")
            .exists()
    );
}

#[test]
fn dnf_goes_back_and_answers_what_a_package_has() {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    let root = DnfRoot::of(&yard);
    root.dnf(&["makecache"]).ok();
    root.dnf(&["install", "lamp"]).ok();
    SmallRpm::new("lamp", "2").changes("- Shines brighter").put(&yard);
    root.dnf(&["upgrade"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "2-1");
    root.dnf(&["downgrade", "lamp"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "1-1");
    assert_eq!(root.rpm(&["-V", "lamp"]).ok().stdout, "");

    let query = |args: &[&str]| root.dnf(&[&["repoquery"], args].concat()).ok();
    query(&["--list", "lamp-2"]).says(&["/usr/share/lamp/version"]);
    query(&["--whatprovides", "/usr/share/lamp/version"]).says(&["lamp-0:2-1.noarch"]);
    query(&["--provides", "lamp-2"]).says(&["lamp = 2-1"]);
    query(&["--changelogs", "lamp-2"]).says(&["Jo Doe <jo@example.org> - 2-1", "Shines brighter"]);
    yard.publish(&Project::hello_world().build());
    query(&["--requires", "hello-world"]).says(&["/bin/sh"]);
}

#[test]
fn the_served_repo_file_has_every_check_on() {
    let (yard, _) = Yard::with_hello_world();
    let text = get(&yard.url("/main/yum/any.repo")).is(200).text().to_owned();
    assert!(
        text.starts_with("[packyard-main-any]\n") || text.contains("\n[packyard-main-any]\n"),
        "{text}"
    );
    let squeezed = text.replace(' ', "");
    for line in ["gpgcheck=1", "repo_gpgcheck=1"] {
        assert!(squeezed.lines().any(|found| found == line), "no {line}: {text}");
    }
    let gpgkey = format!("gpgkey={}", yard.url("/main/yum/key.asc"));
    assert!(
        squeezed.lines().any(|found| found == gpgkey),
        "no {gpgkey}: {text}"
    );
}

#[test]
fn an_installed_rpm_is_signed_by_the_key_of_the_channel() {
    let (yard, _) = Yard::with_hello_world();
    let root = DnfRoot::of(&yard);
    let downloads = root.inside("/downloads");
    let directory = format!("--downloaddir={}", downloads.display());
    root.dnf(&["install", "--downloadonly", &directory, "hello-world"])
        .ok();
    let rpm = Dist::at(downloads).rpm();
    let rpm = rpm.to_str().unwrap();
    let key = root.inside("/key.asc");
    std::fs::write(&key, get(&yard.url("/main/yum/key.asc")).is(200).body).unwrap();
    root.rpm(&["--import", key.to_str().unwrap()]).ok();
    root.rpm(&["-Kv", rpm])
        .ok()
        .says(&["Signature, key ID", "OK"])
        .never_says(&["NOKEY", "BAD", "NOTFOUND"]);
}

#[test]
fn the_rpm_runs_under_whatever_python_there_is() {
    let project = Project::hello_world();
    // A Debian is a foreign place for an .rpm; only the private layout can work there.
    let root = AptRoot::new();
    let rpm = root.inside("/hello-world.rpm");
    std::fs::copy(project.build().rpm(), &rpm).unwrap();
    let mut unpack = Command::new("sh");
    unpack
        .args(["-c", "rpm2archive - <hello-world.rpm | tar -xz"])
        .current_dir(root.path());
    run(&mut unpack).ok();
    root.run("hello-world", &["--version"]).ok().says(&["1.1.3"]);
}

#[test]
fn the_scripts_of_a_package_without_python_run() {
    let yard = Yard::new();
    yard.publish(&Project::greeter().build());
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "greeter"])
        .ok()
        .never_says(&["scriptlet failed", "Error in"]);
    assert!(root.inside("/usr/bin/greeter").exists());
    assert!(root.inside("/usr/lib/systemd/system/greeter.timer").exists());
    root.dnf(&["remove", "greeter"])
        .ok()
        .never_says(&["scriptlet failed", "Error in"]);
}

#[test]
fn dnf_refuses_metadata_that_was_changed_on_the_way() {
    let (yard, _) = Yard::with_hello_world();
    let tamper = Tamper::new(&yard, "/repomd.xml", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        *bytes = text.replacen("<revision>", "<revision>9", 1).into_bytes();
    });
    let root = DnfRoot::new();
    let repo = get(&yard.url("/main/yum/any.repo")).is(200);
    root.add_repo("packyard", &tamper.redirect(&yard, repo.text()));
    root.dnf(&["install", "hello-world"]).fails().says(&["GPG"]);
    assert_eq!(root.installed("hello-world"), None);
}

#[test]
fn dnf_refuses_a_package_that_was_changed_on_the_way() {
    let (yard, _) = Yard::with_hello_world();
    let tamper = Tamper::new(&yard, ".rpm", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let root = DnfRoot::new();
    let repo = get(&yard.url("/main/yum/any.repo")).is(200);
    root.add_repo("packyard", &tamper.redirect(&yard, repo.text()));
    root.dnf(&["install", "hello-world"])
        .fails()
        .says(&["hello-world"]);
    assert_eq!(root.installed("hello-world"), None);
}

/// createrepo_c leaves such a package out without an error.
#[test]
fn a_package_with_control_characters_is_installed_and_who_publishes_it_is_told() {
    let scratch = tempfile::TempDir::new().unwrap();
    let spec = scratch.path().join("odd.spec");
    let text = "Name: odd\nVersion: 1\nRelease: 1\nSummary: odd\nLicense: MIT\nBuildArch: noarch\n%description\n\
                A bell: %{lua:print(string.char(7))}.\n%files\n";
    std::fs::write(&spec, text).unwrap();
    let top = format!("_topdir {}", scratch.path().display());
    run(Command::new("rpmbuild")
        .args(["--quiet", "-bb", "--define", &top])
        .arg(&spec))
    .ok();
    let package = scratch.path().join("RPMS/noarch/odd-1-1.noarch.rpm");

    let yard = Yard::new();
    let (server, token) = (yard.url(""), yard.admin_token());
    let place = ["--server", &server, "--token", &token];
    packyard(["publish", package.to_str().unwrap()].iter().chain(&place))
        .ok()
        .says(&[
            "warning: `odd-1-1.noarch.rpm`: DESCRIPTION: control characters",
            "U+FFFD",
        ]);
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "odd"]).ok();
    root.rpm(&["-V", "odd"]).ok();
    root.dnf(&["repoquery", "--info", "odd"])
        .ok()
        .says(&["A bell: \u{fffd}."]);
}

/// createrepo_c lists such a package, and rpm makes the node.
#[test]
fn a_package_with_a_device_node_comes_in_and_who_publishes_it_is_told() {
    let scratch = tempfile::TempDir::new().unwrap();
    let spec = scratch.path().join("nodes.spec");
    let text = "Name: nodes\nVersion: 1\nRelease: 1\nSummary: nodes\nLicense: MIT\n%description\nNodes.\n%files\n\
                %dev(c,1,3) %attr(0666,root,root) /dev/nothing\n";
    std::fs::write(&spec, text).unwrap();
    let top = format!("_topdir {}", scratch.path().display());
    run(Command::new("rpmbuild")
        .args(["--quiet", "-bb", "--target", "x86_64", "--define", &top])
        .arg(&spec))
    .ok();
    let package = scratch.path().join("RPMS/x86_64/nodes-1-1.x86_64.rpm");

    let yard = Yard::new();
    crate::circle::admin(&yard, &["publish", package.to_str().unwrap()])
        .ok()
        .says(&[
            "warning: `nodes-1-1.x86_64.rpm`: 1 device nodes, pipes or sockets",
            "/dev/nothing",
        ]);
    let root = DnfRoot::of(&yard);
    root.dnf(&["repoquery", "--list", "nodes"])
        .ok()
        .says(&["/dev/nothing"]);
    root.dnf(&["install", "--downloadonly", "nodes"]).ok();
}
