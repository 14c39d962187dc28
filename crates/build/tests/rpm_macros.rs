//! The scriptlets beside what systemd's rpm macros expand to: both are run as rpm runs them, where every tool that they
//! call only writes down how it was called. The macros are those of systemd 252 (EL9, Fedora), which call
//! systemd-update-helper, and of 239 (EL8), which has none.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

mod recorded;

use recorded::{Calls, Machine, Package, record};
use std::{collections::BTreeSet, fs};

/// `$1` is how many versions of the package there are when the script has run.
const RUNS: [(&str, &[&str]); 8] = [
    ("PREIN", &["1"]),
    ("PREIN", &["2"]),
    ("POSTIN", &["1"]),
    ("POSTIN", &["2"]),
    ("PREUN", &["0"]),
    ("PREUN", &["1"]),
    ("POSTUN", &["0"]),
    ("POSTUN", &["1"]),
];
const FEDORA: Machine = Machine {
    booted: true,
    helper: true,
    was_enabled: true,
    dpkg_root: "",
};
const EL8: Machine = Machine {
    helper: false,
    ..FEDORA
};

/// What the macros of a spec file stand for.
fn macros(machine: &Machine, post: &str, preun: &str, restart: &str) -> [(&'static str, String); 3] {
    let guarded = |count: &str, helper: &str, call: &str, units: &str| {
        if units.is_empty() {
            String::new()
        } else if machine.helper {
            let path = "/usr/lib/systemd/systemd-update-helper";
            format!("if [ $1 {count} ] && [ -x {path} ]; then\n    {path} {helper} {units} || :\nfi\n")
        } else {
            format!("if [ $1 {count} ]; then\n    systemctl {call} {units} >/dev/null 2>&1 || :\nfi\n")
        }
    };
    [
        (
            "POSTIN",
            guarded("-eq 1", "install-system-units", "--no-reload preset", post),
        ),
        (
            "PREUN",
            guarded("-eq 0", "remove-system-units", "--no-reload disable --now", preun),
        ),
        (
            "POSTUN",
            guarded("-ge 1", "mark-restart-system-units", "try-restart", restart),
        ),
    ]
}

/// One call for each unit that a call names.
fn each(calls: &Calls) -> BTreeSet<String> {
    let is_unit = |word: &&str| {
        [".service", ".socket", ".timer", ".path"]
            .iter()
            .any(|ending| word.ends_with(ending))
    };
    let one = |call: &String| {
        let units: Vec<&str> = call.split(' ').filter(is_unit).collect();
        let verb: Vec<&str> = call.split(' ').filter(|word| !is_unit(word)).collect();
        match units[..] {
            [] => vec![call.clone()],
            _ => units
                .iter()
                .map(|unit| format!("{} {unit}", verb.join(" ")))
                .collect(),
        }
    };
    calls.calls.iter().flat_map(one).collect()
}

/// The package with these units does what a spec file does that names some of them in each macro.
fn same(package: &Package, post: &str, preun: &str, restart: &str) {
    for machine in [FEDORA, EL8] {
        let dir = tempfile::tempdir().unwrap();
        for (script, text) in macros(&machine, post, preun, restart) {
            fs::write(dir.path().join(script), text).unwrap();
        }
        let theirs = record(dir.path(), &RUNS, &machine);
        for (mine, theirs) in package.record_rpm(&RUNS, &machine).iter().zip(&theirs) {
            let mut found = each(mine);
            // Without the helper, systemd 239 would restart a service as its old unit file describes it.
            if !machine.helper && !restart.is_empty() && mine.run == "POSTUN 1" {
                assert!(found.remove("systemctl daemon-reload"), "{mine:?}");
            }
            assert_eq!(found, each(theirs), "{} on {machine:?}", mine.run);
        }
    }
}

const SERVICE: &str = "[[service]]\nname = 'demo-app'\nexec = '/usr/bin/demo-app'\n";

#[test]
fn a_service_does_what_the_macros_do() {
    let package = Package::build(SERVICE);
    same(
        &package,
        "demo-app.service",
        "demo-app.service",
        "demo-app.service",
    );
}

#[test]
fn units_of_all_kinds_do_what_the_macros_do() {
    let package = Package::build(&format!(
        "{SERVICE}[[socket]]\nname = 'demo-app'\nlisten-stream = 8080\non-upgrade = 'none'\n\
         [[service]]\nname = 'job'\nexec = '/usr/bin/demo-app'\ntype = 'oneshot'\non-upgrade = 'try-restart'\n\
         [[timer]]\nname = 'job'\non-calendar = 'daily'\n"
    ));
    same(
        &package,
        "demo-app.socket job.timer",
        "demo-app.socket job.timer demo-app.service job.service",
        "demo-app.service job.service job.timer",
    );
}

#[test]
fn a_unit_that_the_package_does_not_enable_is_not_for_presets_to_enable() {
    let package = Package::build(&format!(
        "{SERVICE}enable = false\nwanted-by = ['multi-user.target']\non-upgrade = 'none'\n"
    ));
    same(&package, "", "demo-app.service", "");
}

#[test]
fn users_are_made_before_the_files_and_their_places_after_them() {
    let package = Package::build(
        "[[user]]\nname = 'demo'\ngroups = ['adm']\n[[tmpfile]]\npath = '/run/demo'\nuser = 'demo'\n",
    );
    let calls = package.record_rpm(&RUNS, &EL8);
    let of = |run: &str| calls.iter().find(|calls| calls.run == run).unwrap().calls.clone();
    let users = [
        "systemd-sysusers --replace=/usr/lib/sysusers.d/demo-app.conf -",
        "u demo - \"demo\" /nonexistent /usr/sbin/nologin",
        "m demo adm",
    ];
    for run in ["PREIN 1", "PREIN 2"] {
        assert_eq!(of(run), users);
    }
    for run in ["POSTIN 1", "POSTIN 2"] {
        assert_eq!(of(run), ["systemd-tmpfiles --create demo-app.conf"]);
    }
    assert!(of("PREUN 0").is_empty() && of("POSTUN 0").is_empty(), "{calls:?}");
}

#[test]
fn without_systemd_the_scriptlets_do_nothing_and_do_not_fail() {
    let package = Package::build(&format!(
        "{SERVICE}[[user]]\nname = 'demo'\n[[tmpfile]]\npath = '/run/demo'\n"
    ));
    let calls = package.record_rpm_without_tools(&RUNS);
    assert!(calls.iter().all(|calls| calls.calls.is_empty()), "{calls:?}");
}
