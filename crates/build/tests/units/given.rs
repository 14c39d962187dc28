//! Units that are taken as they are, and units as a whole.

use super::{SERVICE, given, keys, project, refused, service, try_plan};
use std::process::Command;

#[test]
fn units_must_not_contradict_each_other_or_themselves() {
    service(
        SERVICE,
        "two units are called `demo-app.service`",
        "packyard.toml:13:1 [[service]]",
        "another `name`",
    );
    let unit = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n";
    let packyard = "[[service]]\nunit = 'demo-app.service'\nenable = true\n";
    let dir = project(packyard, &[("demo-app.service", unit)]);
    let says = "`demo-app.service` has nothing in [Install], so it cannot be enabled";
    refused(&dir, says, "packyard.toml:12:10 true", "add `WantedBy=`");
    let dir = project(
        "[[timer]]\nunit = 'demo-app.service'\n",
        &[("demo-app.service", unit)],
    );
    refused(
        &dir,
        "`demo-app.service` is not the name of a .timer unit",
        "packyard.toml:11:8 'demo-app.service'",
        "[[service]]",
    );
    let dir = project("[[service]]\nunit = 'no.service'\n", &[]);
    refused(
        &dir,
        "`no.service` is not a file of the project",
        "packyard.toml:11:8 'no.service'",
        "relative to",
    );
    let dir = project(&format!("{SERVICE}unit = 'x.service'\n"), &[("x.service", unit)]);
    let says = "a service with `unit` takes that file as it is, and nothing but `name`, `enable`, `start` and `on-upgrade` beside it";
    refused(&dir, says, "packyard.toml:10:1 [[service]]", "into the unit file");
    let says = "a service of `Type=oneshot` cannot restart when it succeeds";
    service(
        "type = 'oneshot'\nrestart = 'always'\n",
        says,
        "packyard.toml:14:12 always",
        "on-failure",
    );
    let says = "`x@y` is an instance, which only the administrator makes";
    keys(
        "[[service]]\nname = 'x@y'\nexec = '/bin/true'\n",
        says,
        "packyard.toml:11:8 'x@y'",
        "`x@`",
    );
}

#[test]
fn a_given_unit_is_refused_where_it_is_wrong() {
    let begin = "[Unit]\nDescription=x\n";
    let service = |text: &str, message: &str, place: &str, hint: &str| {
        given("x.service", &format!("{begin}{text}"), message, place, hint);
    };
    let says = "`[service]` is no section of a .service unit";
    service(
        "[service]\nExecStart=/bin/true\n",
        says,
        "x.service:3:1 [service]",
        "did you mean `[Service]`?",
    );
    let says = "`Timer=` is not known in `[Service]`";
    service(
        "[Service]\nExecStart=/bin/true\nTimer=x\n",
        says,
        "x.service:5:1 Timer",
        "",
    );
    let says = "`nonsense` is neither a section nor Key=value";
    service(
        "[Service]\nExecStart=/bin/true\nnonsense\n",
        says,
        "x.service:5:1 nonsense",
        "systemd.syntax(7)",
    );
    let says = "`x.service`: the .service says nothing that it does";
    service(
        "[Service]\nType=exec\n",
        says,
        "x.service:1:1 [Unit]",
        "add `ExecStart=` to [Service]",
    );
    let says = "a quote in `ExecStart=` is not closed";
    service(
        "[Service]\nExecStart=/bin/sh -c 'true\n",
        says,
        "x.service:4:22 'true",
        "close it",
    );
    let says = "only a service of `Type=oneshot` can have more than one `ExecStart=`";
    service(
        "[Service]\nExecStart=/bin/true\nExecStart=/bin/false\n",
        says,
        "x.service:5:11 /bin/false",
        "ExecStartPre",
    );
    let says = "nobody creates the user `me`";
    service(
        "[Service]\nExecStart=/bin/true\nUser=me\n",
        says,
        "x.service:5:6 me",
        "[[user]]",
    );
    let says = "`/usr/bin/demo-ap` is not in the package";
    service(
        "[Service]\nExecStart=-/usr/bin/demo-ap x\n",
        says,
        "x.service:4:12 /usr/bin/demo-ap",
        "did you mean",
    );
    let says = "`t.timer` starts `gone.service`, which is not in the package";
    given(
        "t.timer",
        &format!("{begin}[Timer]\nOnBootSec=5\nUnit=gone.service\n"),
        says,
        "t.timer:5:6 gone.service",
        "",
    );
    let says = "`s.socket`: the .socket says nothing that it does";
    given(
        "s.socket",
        &format!("{begin}[Socket]\nAccept=no\n"),
        says,
        "s.socket:1:1 [Unit]",
        "add `ListenStream=`",
    );
}

#[test]
fn a_key_that_the_target_does_not_know_yet_is_noted() {
    let dir = project(&format!("{SERVICE}[service.service]\nRestartSteps = 3\n"), &[]);
    let notes = |distribution| try_plan(&dir, Some(distribution)).unwrap().notes.join("\n");
    assert!(
        notes("bookworm").contains(
            "packyard.toml:14:1: `RestartSteps=` in `demo-app.service` is of systemd 254; bookworm has 252, which ignores it"
        ),
        "{}",
        notes("bookworm")
    );
    assert!(!notes("trixie").contains("RestartSteps"));
}

#[test]
fn a_hardened_service_is_ok_in_the_eyes_of_systemd() {
    let dir = project(&format!("{SERVICE}dynamic-user = true\nhardening = true\n"), &[]);
    let out = dir.path().join("dist");
    let release = packyard_build::build(&try_plan(&dir, None).unwrap(), &out, |_| ()).unwrap();
    let tree = dir.path().join("tree");
    let deb = out.join(&release.artifacts[0].file);
    assert!(
        Command::new("dpkg-deb")
            .arg("-x")
            .args([&deb, &tree])
            .status()
            .unwrap()
            .success()
    );
    let unit = tree.join("usr/lib/systemd/system/demo-app.service");
    let mut analyze = Command::new("systemd-analyze");
    let run = analyze
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(&unit)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}

#[test]
fn a_given_socket_that_cannot_be_restarted_with_its_service_is_noted() {
    let service = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n";
    let socket = "[Unit]\nDescription=x\n[Socket]\nListenStream=80\n[Install]\nWantedBy=sockets.target\n";
    let packyard = "[[service]]\nunit = 'x.service'\n[[socket]]\nunit = 'x.socket'\n";
    let notes = |packyard: &str, service: &str| {
        let dir = project(packyard, &[("x.service", service), ("x.socket", socket)]);
        try_plan(&dir, None).unwrap().notes.join("\n")
    };
    let note = "x.service:1:1: an upgrade cannot restart `x.socket` while `x.service` runs; write `Requires=x.socket`";
    assert!(
        notes(packyard, service).contains(note),
        "{}",
        notes(packyard, service)
    );
    let tied = service.replace("[Service]", "Requires=x.socket\n[Service]");
    assert!(!notes(packyard, &tied).contains("cannot restart"));
    let open = format!("{packyard}on-upgrade = 'none'\n");
    assert!(!notes(&open, service).contains("cannot restart"));
}
