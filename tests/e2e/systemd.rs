//! The service of an installed package, under a systemd that has really booted.

use std::process::Command;

use crate::harness::{AptRoot, Booted, Yard, eventually, free_port, run};

const UNIT: &str = "hello-world.service";
const CONFIG: &str = "/etc/hello-world/hello-world.conf";

/// A booted machine set up for the yard, on which hello-world will find a configuration with a
/// port of its own: the container shares the host's ports, and the service starts at once when
/// it is installed, so there is no moment to change the port in between.
fn machine(yard: &Yard) -> (Booted, String) {
    let root = AptRoot::of(yard);
    let port = free_port();
    root.write(CONFIG, &format!("[server]\nhost = 127.0.0.1\nport = {port}\n"));
    let machine = Booted::new(root);
    machine.apt_get(&["update"]).ok();
    (machine, format!("http://127.0.0.1:{port}/"))
}

/// Asks the service until it answers; gives the answer with its headers.
fn ask(url: &str) -> String {
    eventually("hello-world to answer", || {
        let answer = run(Command::new("curl").args(["-sS", "-i", "--max-time", "5", url]));
        (answer.code == Some(0)).then_some(answer.stdout)
    })
}

#[test]
fn the_service_lives_and_dies_with_its_package() {
    let (yard, project) = Yard::with_hello_world();
    let (machine, url) = machine(&yard);

    // Installation starts it, enabled, as a user of its own.
    machine.apt_get(&["install", "hello-world"]).ok();
    machine
        .run("systemctl", &["is-active", UNIT])
        .ok()
        .says(&["active"]);
    machine
        .run("systemctl", &["is-enabled", UNIT])
        .ok()
        .says(&["enabled"]);
    let answer = ask(&url);
    assert!(
        answer.contains("Hello, World!") && answer.contains("hello-world/1.1.3"),
        "{answer}"
    );
    assert!(machine.journal(UNIT).contains("hello-world 1.1.3 listens on"));
    assert_eq!(machine.property(UNIT, "DynamicUser"), "yes");
    assert_eq!(machine.property(UNIT, "NoNewPrivileges"), "yes");

    // An upgrade restarts it, with the configuration as it was.
    let first = machine.property(UNIT, "MainPID");
    project.bump("1.1.4");
    yard.publish(&project.build());
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["upgrade"]).ok();
    let answer = ask(&url);
    assert!(answer.contains("hello-world/1.1.4"), "{answer}");
    let second = machine.property(UNIT, "MainPID");
    assert_ne!(first, second, "the upgrade did not restart the service");

    // A death that it did not choose is repaired.
    machine.run("systemctl", &["kill", "--signal=KILL", UNIT]).ok();
    let third = eventually("a new process after the kill", || {
        let pid = machine.property(UNIT, "MainPID");
        (pid != second && pid != "0").then_some(pid)
    });
    ask(&url);
    assert_eq!(machine.property(UNIT, "MainPID"), third);

    // Removal stops it and keeps the configuration; purge leaves nothing.
    machine.apt_get(&["remove", "hello-world"]).ok();
    machine.run("systemctl", &["is-active", UNIT]).fails();
    run(Command::new("curl").args(["-sS", "--max-time", "5", &url])).fails();
    assert!(
        machine.root().inside(CONFIG).exists(),
        "removal took the configuration away"
    );
    machine.apt_get(&["purge", "hello-world"]).ok();
    assert!(
        !machine.root().inside(CONFIG).exists(),
        "purge left the configuration"
    );
    let state = "/etc/systemd/system/multi-user.target.wants/hello-world.service";
    assert!(
        !machine.root().inside(state).is_symlink(),
        "purge left the service enabled"
    );
}

#[test]
fn a_disabled_service_stays_disabled_over_an_upgrade() {
    let (yard, project) = Yard::with_hello_world();
    let (machine, _) = machine(&yard);
    machine.apt_get(&["install", "hello-world"]).ok();
    machine.run("systemctl", &["disable", "--now", UNIT]).ok();
    project.bump("1.1.4");
    yard.publish(&project.build());
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["upgrade"]).ok();
    machine
        .run("systemctl", &["is-enabled", UNIT])
        .fails()
        .says(&["disabled"]);
}

#[test]
fn a_timer_is_started_and_its_service_runs_on_demand() {
    let yard = Yard::new();
    yard.publish(&crate::harness::Project::greeter().build());
    let (machine, _) = machine(&yard);
    machine.apt_get(&["install", "greeter"]).ok();
    machine.run("systemctl", &["is-active", "greeter.timer"]).ok();
    machine
        .run("systemctl", &["list-timers"])
        .ok()
        .says(&["greeter.service"]);
    machine.run("systemctl", &["start", "greeter.service"]).ok();
    assert!(machine.journal("greeter.service").contains("Hello, everybody!"));
    machine.apt_get(&["purge", "greeter"]).ok();
    machine.run("systemctl", &["is-active", "greeter.timer"]).fails();
}
