//! The service of an installed package, under a systemd that has really booted.

use std::process::Command;

use crate::harness::{AptRoot, Booted, Project, Yard, eventually, free_port, run};

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
    yard.publish(&Project::greeter().build());
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

/// A machine with the package of postbox, whose units are of every kind.
fn postbox() -> (Yard, Project, Booted) {
    let yard = Yard::new();
    let project = Project::postbox();
    yard.publish(&project.build());
    let machine = Booted::new(AptRoot::of(&yard));
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["install", "postbox"]).ok();
    (yard, project, machine)
}

/// Publishes another version and upgrades to it.
fn upgrade(yard: &Yard, project: &Project, machine: &Booted, version: &str) {
    project.bump(version);
    yard.publish(&project.build());
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["upgrade"]).ok();
}

impl Booted {
    /// Sends a letter to the socket and gives the answer.
    fn post(&self, letter: &str) -> String {
        let client = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.settimeout(20)\n\
            s.connect('/run/postbox.sock')\ns.sendall(sys.argv[1].encode())\ns.shutdown(socket.SHUT_WR)\n\
            print(s.recv(100).decode())";
        self.run("/usr/bin/python3", &["-c", client, letter]).ok().stdout
    }

    fn is_active(&self, unit: &str) -> bool {
        self.run("systemctl", &["is-active", unit]).code == Some(0)
    }

    /// `enabled`, `disabled`, `static` or `masked`.
    fn enablement(&self, unit: &str) -> String {
        self.run("systemctl", &["is-enabled", unit])
            .stdout
            .trim()
            .to_owned()
    }
}

#[test]
fn a_socket_starts_its_service_and_both_outlive_an_upgrade() {
    let (yard, project, machine) = postbox();
    assert_eq!(machine.property("postbox.socket", "ActiveState"), "active");
    assert_eq!(machine.enablement("postbox.socket"), "enabled");
    assert_eq!(machine.enablement("postbox.service"), "static");
    assert!(!machine.is_active("postbox.service"), "nobody has connected yet");

    // Somebody connects: the service starts as the user that the package has made, and takes the letter.
    assert_eq!(machine.post("Dear all").trim(), "thank you");
    assert!(machine.is_active("postbox.service"));
    let spool = machine.run("stat", &["-c", "%U %a", "/var/spool/postbox"]).ok();
    spool.says(&["postbox 750"]);
    // The path has seen the letter, and another service has sorted it.
    eventually("the letter to be sorted", || {
        let names = machine.run("ls", &["/var/spool/postbox"]).ok().stdout;
        names.contains(".sorted").then_some(())
    });
    machine
        .run("systemctl", &["list-timers"])
        .ok()
        .says(&["postbox-clean.service"]);

    // An upgrade restarts the socket together with the service, which has the new program then.
    let first = machine.property("postbox.service", "MainPID");
    upgrade(&yard, &project, &machine, "1.2.0");
    assert!(
        machine.is_active("postbox.socket"),
        "{}",
        machine.journal("postbox.socket")
    );
    assert!(
        machine.is_active("postbox.service"),
        "{}",
        machine.journal("postbox.service")
    );
    assert_ne!(machine.property("postbox.service", "MainPID"), first);
    assert_eq!(machine.post("Dear all, again").trim(), "thank you");

    // Removal stops all of them; the spool is the administrator's.
    machine.apt_get(&["remove", "postbox"]).ok();
    for unit in [
        "postbox.socket",
        "postbox.service",
        "postbox-sort.path",
        "postbox-clean.timer",
    ] {
        assert!(!machine.is_active(unit), "{unit}");
    }
    assert!(machine.root().inside("/var/spool/postbox").exists());
    let state = "/var/lib/systemd/deb-systemd-helper-enabled/postbox.socket.dsh-also";
    assert!(
        machine.root().inside(state).exists(),
        "removal forgot what was enabled"
    );
    machine.apt_get(&["purge", "postbox"]).ok();
    assert!(
        !machine.root().inside(state).exists(),
        "purge left the state of deb-systemd-helper"
    );
    let link = "/etc/systemd/system/sockets.target.wants/postbox.socket";
    assert!(
        !machine.root().inside(link).is_symlink(),
        "purge left the socket enabled"
    );

    // As if it had never been there.
    machine.apt_get(&["install", "postbox"]).ok();
    assert_eq!(machine.post("Hello again").trim(), "thank you");
}

#[test]
fn what_the_administrator_masks_disables_or_stops_stays_so_over_an_upgrade() {
    let (yard, project, machine) = postbox();
    machine
        .run("systemctl", &["mask", "--now", "postbox.socket"])
        .ok();
    machine
        .run("systemctl", &["disable", "--now", "postbox-sort.path"])
        .ok();
    upgrade(&yard, &project, &machine, "1.2.0");
    assert_eq!(machine.enablement("postbox.socket"), "masked");
    assert_eq!(machine.enablement("postbox-sort.path"), "disabled");
    assert_eq!(machine.enablement("postbox-clean.timer"), "enabled");
    for unit in ["postbox.socket", "postbox.service", "postbox-sort.path"] {
        assert!(!machine.is_active(unit), "{unit}");
    }
    assert!(machine.is_active("postbox-clean.timer"));
}

#[test]
fn without_a_running_systemd_everything_is_enabled_and_nothing_started() {
    let yard = Yard::new();
    yard.publish(&Project::postbox().build());
    let root = AptRoot::of(&yard);
    root.apt_get(&["update"]).ok();
    root.apt_get(&["install", "-y", "postbox"]).ok();
    let link = "/etc/systemd/system/sockets.target.wants/postbox.socket";
    assert!(root.inside(link).is_symlink(), "the socket is not enabled");

    // It comes up with the next boot.
    let machine = Booted::new(root);
    assert_eq!(machine.post("Dear all").trim(), "thank you");
    drop(machine);
}

#[test]
fn a_policy_against_starting_is_respected() {
    let yard = Yard::new();
    yard.publish(&Project::postbox().build());
    let root = AptRoot::of(&yard);
    root.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
    let machine = Booted::new(root);
    machine.run("chmod", &["755", "/usr/sbin/policy-rc.d"]).ok();
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["install", "postbox"]).ok();
    assert_eq!(machine.enablement("postbox.socket"), "enabled");
    assert!(!machine.is_active("postbox.socket"));
}
