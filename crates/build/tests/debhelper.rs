//! The maintainer scripts beside those that debhelper writes for the same units: both are run as dpkg runs them, in a
//! mount namespace where every tool that they call only writes down how it was called.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

mod recorded;

use recorded::{Calls, Machine, Package, record, run};
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Every way in which dpkg runs a script (Debian Policy 6.5).
const RUNS: [(&str, &[&str]); 16] = [
    ("preinst", &["install"]),
    ("preinst", &["upgrade", "1.0-1", "1.1-1"]),
    ("postinst", &["configure", ""]),
    ("postinst", &["configure", "1.0-1"]),
    ("postinst", &["abort-upgrade", "1.1-1"]),
    ("postinst", &["abort-remove"]),
    ("postinst", &["abort-deconfigure", "in-favour", "y", "1"]),
    ("prerm", &["remove"]),
    ("prerm", &["upgrade", "1.1-1"]),
    ("prerm", &["failed-upgrade", "1.0-1", "1.1-1"]),
    ("postrm", &["remove"]),
    ("postrm", &["purge"]),
    ("postrm", &["upgrade", "1.1-1"]),
    ("postrm", &["failed-upgrade", "1.0-1", "1.1-1"]),
    ("postrm", &["abort-install"]),
    ("postrm", &["disappear", "y", "1"]),
];

/// Where the scripts run: with and without systemd, below another root, with units that were enabled and that were not.
const MACHINES: [Machine; 4] = [
    Machine {
        booted: true,
        helper: false,
        was_enabled: true,
        dpkg_root: "",
    },
    Machine {
        booted: true,
        helper: false,
        was_enabled: false,
        dpkg_root: "",
    },
    Machine {
        booted: false,
        helper: false,
        was_enabled: true,
        dpkg_root: "",
    },
    Machine {
        booted: true,
        helper: false,
        was_enabled: true,
        dpkg_root: "/target",
    },
];

/// What debhelper's scripts do for the units of a package; each call of `dh_installsystemd` has its arguments.
fn debhelper(package: &Package, calls: &[&[&str]], machine: &Machine) -> Vec<Calls> {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("debian/demo-app");
    let units = tree.join("lib/systemd/system");
    fs::create_dir_all(&units).unwrap();
    for unit in fs::read_dir(package.installed("/usr/lib/systemd/system")).unwrap() {
        let unit = unit.unwrap();
        fs::copy(unit.path(), units.join(unit.file_name())).unwrap();
    }
    let control = "Source: demo-app\nMaintainer: Ada <ada@example.org>\nBuild-Depends: debhelper-compat (= 13)\n\n\
        Package: demo-app\nArchitecture: all\nDescription: x\n";
    let changelog = "demo-app (1) unstable; urgency=low\n\n  * x\n\n -- Ada <ada@example.org>  Sat, 11 May 2013 02:12:00 +0000\n";
    fs::write(dir.path().join("debian/control"), control).unwrap();
    fs::write(dir.path().join("debian/changelog"), changelog).unwrap();
    for (from, to) in [("sysusers.d", "sysusers"), ("tmpfiles.d", "tmpfiles")] {
        let file = package.installed(&format!("/usr/lib/{from}/demo-app.conf"));
        if file.exists() {
            fs::copy(file, dir.path().join(format!("debian/demo-app.{to}"))).unwrap();
        }
    }
    let helper = |name: &str, args: &[&str]| run(Command::new(name).args(args).current_dir(dir.path()));
    helper("dh_installsysusers", &[]);
    helper("dh_installtmpfiles", &[]);
    for args in calls {
        helper("dh_installsystemd", args);
    }
    helper("dh_installdeb", &[]);
    record(&tree.join("DEBIAN"), &RUNS, machine)
}

/// Calls as a set, one for each unit that they name: debhelper makes one call for the units of each
/// `dh_installsystemd`, in the order of their names, and reloads systemd before each of these.
fn each(calls: &Calls) -> BTreeSet<String> {
    let one = |call: &String| -> Vec<String> {
        let words: Vec<&str> = call.split(' ').collect();
        match words[..] {
            ["deb-systemd-invoke", action, ref units @ ..]
            | ["deb-systemd-helper", action @ "purge", ref units @ ..] => units
                .iter()
                .map(|unit| format!("{} {action} {unit}", words[0]))
                .collect(),
            _ => vec![call.clone()],
        }
    };
    calls.calls.iter().flat_map(one).collect()
}

/// Compares all runs on all machines. `ours` says what our scripts do besides in a run, and why is said where it is
/// called.
fn same(package: &Package, dh: &[&[&str]], ours: impl Fn(&Calls, &Machine) -> Vec<String>) {
    for machine in &MACHINES {
        let theirs = debhelper(package, dh, machine);
        for (mine, theirs) in package.record_deb(&RUNS, machine).iter().zip(&theirs) {
            assert_eq!(mine.run, theirs.run);
            let mut expected = each(theirs);
            // debhelper 13.11 forgets that there is nothing to start below another root; later ones do not.
            if !machine.dpkg_root.is_empty() {
                expected.retain(|call| {
                    !call.starts_with("deb-systemd-invoke") && !call.contains("daemon-reload")
                });
            }
            expected.extend(ours(mine, machine));
            let mut found = each(mine);
            if !machine.dpkg_root.is_empty() {
                found.retain(|call| !call.contains("daemon-reload"));
            }
            assert_eq!(found, expected, "{} on {machine:?}", mine.run);
        }
    }
}

fn nothing(_: &Calls, _: &Machine) -> Vec<String> {
    Vec::new()
}

/// A unit that the package does not start is stopped on removal nevertheless: its program goes.
fn stops(unit: &'static str) -> impl Fn(&Calls, &Machine) -> Vec<String> {
    move |calls, machine| {
        let goes = calls.run == "prerm remove" && machine.booted && machine.dpkg_root.is_empty();
        goes.then(|| format!("deb-systemd-invoke stop {unit}"))
            .into_iter()
            .collect()
    }
}

const SERVICE: &str = "[[service]]\nname = 'demo-app'\nexec = '/usr/bin/demo-app'\n";

fn service(keys: &str) -> Package {
    Package::build(&format!("{SERVICE}{keys}"))
}

#[test]
fn units_of_all_kinds_are_enabled_started_and_stopped_as_by_debhelper() {
    let package = Package::build(&format!(
        "{SERVICE}[[socket]]\nname = 'demo-app'\nlisten-stream = 8080\n\
         [[service]]\nname = 'job'\nexec = '/usr/bin/demo-app'\ntype = 'oneshot'\n[[timer]]\nname = 'job'\non-calendar = 'daily'\n\
         [[service]]\nname = 'each@'\nexec = '/usr/bin/demo-app'\n[[service]]\nname = 'always'\nexec = '/usr/bin/demo-app'\n\
         [[path]]\nname = 'look'\npath-exists = '/run/x'\nservice = 'job'\n\
         [[user]]\nname = 'demo'\n[[tmpfile]]\npath = '/run/demo'\n"
    ));
    same(&package, &[&[]], nothing);
}

#[test]
fn a_service_that_is_not_enabled_is_one_for_dh_no_enable() {
    let package = service("enable = false\nwanted-by = ['multi-user.target']\n");
    same(&package, &[&["--no-enable"]], nothing);
}

#[test]
fn a_service_that_an_upgrade_leaves_alone_is_one_for_dh_no_stop_on_upgrade() {
    let package = service("on-upgrade = 'none'\n");
    let started_again = |calls: &Calls, _: &Machine| {
        // What an administrator has stopped is started by debhelper's script, and by ours.
        assert!(
            !calls.calls.iter().any(|call| call.contains("restart")),
            "{calls:?}"
        );
        Vec::new()
    };
    same(&package, &[&["--no-stop-on-upgrade"]], started_again);
}

#[test]
fn a_service_that_is_not_started_is_restarted_by_an_upgrade_where_it_runs() {
    // With --no-start alone debhelper stops a running service at an upgrade for good.
    let package = service("start = false\n");
    same(
        &package,
        &[&["--no-start", "--restart-after-upgrade"]],
        stops("demo-app.service"),
    );
}

#[test]
fn a_service_that_nobody_touches_is_only_made_known() {
    let package = service("start = false\non-upgrade = 'none'\n");
    let reloads = |calls: &Calls, machine: &Machine| {
        // debhelper leaves systemd with the old unit file here.
        let is_configured =
            calls.run.starts_with("postinst") && machine.booted && machine.dpkg_root.is_empty();
        let reload = is_configured.then(|| "systemctl --system daemon-reload".to_owned());
        stops("demo-app.service")(calls, machine)
            .into_iter()
            .chain(reload)
            .collect()
    };
    same(&package, &[&["--no-start", "--no-stop-on-upgrade"]], reloads);
}

#[test]
fn try_restart_starts_at_installation_and_later_only_what_runs() {
    let package = service("on-upgrade = 'try-restart'\n");
    let machine = &MACHINES[0];
    let starts = debhelper(&package, &[&[]], machine);
    let tries = debhelper(&package, &[&["--no-start", "--restart-after-upgrade"]], machine);
    for ((mine, starts), tries) in package.record_deb(&RUNS, machine).iter().zip(&starts).zip(&tries) {
        // A script with a second argument has been configured before.
        let is_upgrade = mine.run.starts_with("postinst") && mine.run.split(' ').count() > 2;
        assert_eq!(
            each(mine),
            each(if is_upgrade { tries } else { starts }),
            "{}",
            mine.run
        );
    }
}

#[test]
fn each_step_of_an_installation_finds_what_it_needs() {
    let package = Package::build(&format!(
        "{SERVICE}user = 'demo'\n[[socket]]\nname = 'demo-app'\nlisten-stream = 8080\n[[user]]\nname = 'demo'\n\
         [[tmpfile]]\npath = '/run/demo'\nuser = 'demo'\n[scripts]\npostinstall = 'logger installed'\n"
    ));
    let calls = package
        .record_deb(&[("postinst", &["configure", "1.0-1"])], &MACHINES[0])
        .remove(0)
        .calls;
    let expected = [
        "systemd-sysusers demo-app.conf",
        "systemd-tmpfiles --create demo-app.conf",
        "logger installed",
        "deb-systemd-helper unmask demo-app.socket",
        "deb-systemd-helper --quiet was-enabled demo-app.socket",
        "deb-systemd-helper enable demo-app.socket",
        "systemctl --system daemon-reload",
        "deb-systemd-invoke restart demo-app.socket demo-app.service",
    ];
    let wanted: Vec<&String> = calls
        .iter()
        .filter(|call| expected.contains(&call.as_str()))
        .collect();
    assert_eq!(wanted, expected, "{calls:#?}");
}

#[test]
fn modules_are_compiled_and_cleaned_as_by_dh_python3() {
    let package = Package::build_python("");
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("debian/python3-demo-app");
    let modules = package.installed("/usr/lib/python3");
    fs::create_dir_all(tree.join("usr/lib")).unwrap();
    run(Command::new("cp")
        .arg("-r")
        .arg(modules)
        .arg(tree.join("usr/lib")));
    let control = "Source: demo-app\nMaintainer: Ada <ada@example.org>\n\
        Build-Depends: debhelper-compat (= 13), dh-python, python3\n\nPackage: python3-demo-app\nArchitecture: all\n\
        Description: x\n";
    fs::write(dir.path().join("debian/control"), control).unwrap();
    let changelog = "demo-app (1) unstable; urgency=low\n\n  * x\n\n -- Ada <ada@example.org>  Sat, 11 May 2013 02:12:00 +0000\n";
    fs::write(dir.path().join("debian/changelog"), changelog).unwrap();
    for helper in ["dh_python3", "dh_installdeb"] {
        run(Command::new(helper).current_dir(dir.path()));
    }
    let theirs = record(&tree.join("DEBIAN"), &RUNS, &MACHINES[0]);
    for (mine, theirs) in package.record_deb(&RUNS, &MACHINES[0]).iter().zip(&theirs) {
        assert_eq!(mine, theirs);
    }
    assert!(Path::new(&tree.join("DEBIAN/postinst")).exists());
}
