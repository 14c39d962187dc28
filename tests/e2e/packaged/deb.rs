//! The .deb, from a packyard server into a Debian whose systemd has really booted.

use std::fs;
use std::time::Duration;

use super::Packages;
use crate::harness::{
    AptRoot, Booted, Project, Yard, eventually, free_port, get, packyard, run, system_command,
};

const UNIT: &str = "packyard.service";
const CONFIG: &str = "/etc/packyard/server.toml";
const DATA: &str = "/var/lib/packyard";

/// A machine with packyard on it, listening at a port of its own by a line of the administrator's.
fn machine(yard: &Yard) -> (Booted, String) {
    let root = AptRoot::of(yard);
    let listen = format!("127.0.0.1:{}", free_port());
    root.write(CONFIG, &format!("# Ours.\nlisten = \"{listen}\"\n"));
    let machine = Booted::new(root);
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["install", "packyard"]).ok();
    (machine, format!("http://{listen}"))
}

#[test]
fn the_service_starts_with_its_package_and_an_upgrade_keeps_configuration_and_data() {
    let yard = Yard::new();
    Packages::first().publish(&yard, "main");
    let (machine, url) = machine(&yard);

    // Installed: enabled, running as a user of its own, and systemd was told so.
    machine.run("systemctl", &["is-enabled", UNIT]).ok();
    assert_eq!(
        machine.property(UNIT, "ActiveState"),
        "active",
        "{}",
        machine.journal(UNIT)
    );
    assert_eq!(
        machine.property(UNIT, "StatusText"),
        format!("listening on {url}")
    );
    assert_eq!(machine.property(UNIT, "WatchdogUSec"), "2min");
    let owner = machine.run("stat", &["-c", "%U:%G %a", DATA]).ok();
    assert_eq!(owner.stdout.trim(), "packyard:packyard 750");
    machine
        .run("systemd-analyze", &["verify", "--man=no", UNIT])
        .ok()
        .never_says(&["packyard"]);
    machine
        .run("systemd-analyze", &["security", "--threshold=20", UNIT])
        .ok();
    let unit = machine.run("systemctl", &["cat", UNIT]).ok().stdout;
    assert!(unit.contains("Documentation=man:packyard(1)\n"), "{unit}");
    for page in ["packyard.1.gz", "packyard-serve.1.gz"] {
        let page = machine.root().inside("/usr/share/man/man1").join(page);
        assert!(page.is_file(), "{} is missing", page.display());
    }

    // It is a server: a release goes in, and pip's page shows it.
    let token = fs::read_to_string(machine.root().inside(&format!("{DATA}/admin.token"))).unwrap();
    let dist = Project::hello_world().build();
    let release = ["publish", dist.directory().to_str().unwrap()];
    packyard([&release[..], &["--server", &url, "--token", token.trim()]].concat()).ok();
    let page = format!("{url}/main/simple/hello-world/");
    let before = get(&page).is(200).text().to_owned();

    // An upgrade restarts it; what the administrator wrote and what was published stays.
    let first = machine.property(UNIT, "MainPID");
    Packages::second().publish(&yard, "main");
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["upgrade"]).ok();
    assert_eq!(machine.root().installed("packyard").as_deref(), Some("0.1.1-1"));
    assert_eq!(machine.property(UNIT, "ActiveState"), "active");
    assert_ne!(machine.property(UNIT, "MainPID"), first);
    let config = fs::read_to_string(machine.root().inside(CONFIG)).unwrap();
    assert!(config.starts_with("# Ours.\n"), "{config}");
    assert_eq!(get(&page).is(200).text(), before);

    // Removal stops it. Purge takes the configuration, and never a yard with its keys.
    machine.apt_get(&["remove", "packyard"]).ok();
    machine.run("systemctl", &["is-active", UNIT]).fails();
    assert!(machine.root().inside(CONFIG).exists());
    machine.apt_get(&["purge", "packyard"]).ok();
    assert!(!machine.root().inside(CONFIG).exists());
    for kept in ["store/meta.json", "keys/apt.key"] {
        let kept = machine.root().inside(DATA).join(kept);
        assert!(kept.is_file(), "purge took {}", kept.display());
    }
}

#[test]
fn systemd_ends_a_server_that_hangs_and_starts_it_again() {
    let yard = Yard::new();
    Packages::first().publish(&yard, "main");
    let (machine, url) = machine(&yard);
    let drop_in = "/etc/systemd/system/packyard.service.d/watchdog.conf";
    machine
        .root()
        .write(drop_in, "[Service]\nWatchdogSec=9\nTimeoutAbortSec=5\n");
    machine.run("systemctl", &["daemon-reload"]).ok();
    machine.run("systemctl", &["restart", UNIT]).ok();
    let first = machine.property(UNIT, "MainPID");
    // It lives for longer than the watchdog waits.
    std::thread::sleep(Duration::from_secs(12));
    assert_eq!(
        machine.property(UNIT, "MainPID"),
        first,
        "{}",
        machine.journal(UNIT)
    );
    machine.run("kill", &["-STOP", &first]).ok();
    eventually("another process", || {
        let now = machine.property(UNIT, "MainPID");
        let is_new = now != first && now != "0" && machine.property(UNIT, "ActiveState") == "active";
        is_new.then_some(())
    });
    get(&format!("{url}/healthz")).is(200);
    assert!(machine.journal(UNIT).contains("Watchdog timeout"));
}

#[test]
fn lintian_finds_no_error_in_the_deb() {
    // lintian of bookworm reads no zstd, so its archives are packed anew.
    let directory = tempfile::TempDir::new().unwrap();
    let deb = Packages::first().file(".deb");
    let tree = directory.path().join("tree");
    run(system_command("dpkg-deb").arg("-R").arg(&deb).arg(&tree)).ok();
    let again = directory.path().join(deb.file_name().unwrap());
    let mut pack = system_command("dpkg-deb");
    pack.args(["-Zgzip", "-z1", "--root-owner-group", "-b"]);
    run(pack.arg(&tree).arg(&again)).ok();
    let mut lintian = system_command("lintian");
    lintian.args(["--allow-root", "--fail-on", "error", "--tag-display-limit", "0"]);
    run(lintian.arg(&again)).ok();
}
