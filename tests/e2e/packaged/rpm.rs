//! The .rpm, in an installroot.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use tempfile::TempDir;

use super::Packages;
use crate::harness::{DnfRoot, Server, Yard, free_port, get, packyard, run, system_command};

const CONFIG: &str = "etc/packyard/server.toml";

/// What a unit says behind a key.
fn setting<'a>(unit: &'a str, key: &str) -> &'a str {
    let prefix = format!("{key}=");
    let line = unit.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("no {key} in {unit}"))
}

/// Publishes a package that provides the libraries which the .rpm requires: the installroot is a distribution by name only.
fn publish_libraries(yard: &Yard) {
    let rpm = Packages::first().file(".rpm");
    let requires = run(system_command("rpm").args(["-qp", "--requires"]).arg(rpm))
        .ok()
        .stdout;
    let is_library = |line: &&str| line.contains(".so.") || line.starts_with("rtld(");
    let libraries: Vec<&str> = requires.lines().filter(is_library).collect();
    assert!(libraries.contains(&"libc.so.6(GLIBC_2.34)(64bit)"), "{requires}");
    let directory = TempDir::new().unwrap();
    let write = |name: &str, text: String| fs::write(directory.path().join(name), text).unwrap();
    write(
        "CHANGELOG.md",
        "# Changelog\n\n## 1.0 - 2024-05-06\n\n- It provides.\n".to_owned(),
    );
    write(
        "packyard.toml",
        format!(
            "[package]\nname = \"libraries\"\nsummary = \"Names of libraries\"\nlicense = \"MIT\"\n\
             maintainer = \"Ada Sample <ada@example.org>\"\n[rpm]\nprovides = {libraries:?}\n\
             [[file]]\ndir = true\ntarget = \"/usr/share/libraries\"\n"
        ),
    );
    let (project, out) = (directory.path().to_str().unwrap(), directory.path().join("dist"));
    let out = out.to_str().unwrap();
    packyard(["build", project, "--format", "rpm", "--out", out]).ok();
    let token = yard.admin_token();
    packyard(["publish", out, "--server", &yard.url(""), "--token", &token]).ok();
}

#[test]
fn the_rpm_is_installed_runs_what_its_unit_says_and_keeps_an_edited_configuration() {
    let yard = Yard::new();
    Packages::first().publish(&yard, "main");
    publish_libraries(&yard);
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "packyard"]).ok();
    assert_eq!(root.installed("packyard").as_deref(), Some("0.1.0-1"));
    root.rpm(&["-V", "--nodeps", "--nouser", "--nogroup", "packyard"])
        .ok();
    root.rpm(&["-qc", "packyard"])
        .ok()
        .says(&["/etc/packyard/server.toml"]);
    for file in [
        "usr/lib/sysusers.d/packyard.conf",
        "usr/share/man/man1/packyard-serve.1.gz",
        "usr/share/zsh/site-functions/_packyard",
    ] {
        assert!(root.inside(file).is_file(), "{file} is missing");
    }

    // The installroot has no systemd: what the unit would start is started as it says, on the paths of the root.
    let unit = fs::read_to_string(root.inside("usr/lib/systemd/system/packyard.service")).unwrap();
    assert_eq!(setting(&unit, "Type"), "notify");
    assert_eq!(setting(&unit, "User"), "packyard");
    let listen = format!("127.0.0.1:{}", free_port());
    let edited = fs::read_to_string(root.inside(CONFIG))
        .unwrap()
        .replace("listen = \"127.0.0.1:8000\"", &format!("listen = \"{listen}\""));
    fs::write(root.inside(CONFIG), &edited).unwrap();
    let manager = UnixDatagram::bind(root.inside("notify")).unwrap();
    manager.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let start = setting(&unit, "ExecStart").split_whitespace();
    let start: Vec<String> = start
        .map(|word| match word.strip_prefix('/') {
            Some(path) => root.inside(path).to_str().unwrap().to_owned(),
            None => word.to_owned(),
        })
        .collect();
    let mut command = system_command(&start[0]);
    command
        .args(&start[1..])
        .env("XDG_DATA_HOME", root.inside("var/lib"))
        .arg("--data")
        .arg(root.inside("var/lib/packyard"))
        .env("NOTIFY_SOCKET", root.inside("notify"));
    let mut server = Server::of(&mut command);
    let mut told = [0; 200];
    let length = manager.recv(&mut told).unwrap();
    assert!(told[..length].starts_with(b"READY=1\n"));
    get(&format!("http://{listen}/readyz")).is(200);
    server.terminate();

    Packages::second().publish(&yard, "main");
    root.dnf(&["upgrade", "packyard"]).ok();
    assert_eq!(root.installed("packyard").as_deref(), Some("0.1.1-1"));
    assert_eq!(fs::read_to_string(root.inside(CONFIG)).unwrap(), edited);
    root.dnf(&["remove", "packyard"]).ok();
    assert!(!root.inside("usr/bin/packyard").exists());
    let saved = root.inside("etc/packyard/server.toml.rpmsave");
    assert_eq!(fs::read_to_string(saved).unwrap(), edited);
    assert!(root.inside("var/lib/packyard/store/meta.json").is_file());
}

#[test]
fn rpmlint_finds_nothing_wrong_with_the_rpm() {
    let config = crate::harness::repository().join("tests/tools/rpmlint.toml");
    let mut lint = system_command("rpmlint");
    lint.arg("--config")
        .arg(config)
        .arg(Packages::first().file(".rpm"));
    run(&mut lint).never_says(&[": E: "]);
}
