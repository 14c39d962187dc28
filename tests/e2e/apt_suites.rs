//! apt of Debian 12, which verifies with gpgv, and of Debian 13, which verifies with sqv: what they are set up with, what
//! they take and what they refuse.

use std::fs;

use crate::harness::{AptRoot, DnfRoot, Outcome, Tamper, Yard, get, packyard};

const SUITES: [&str; 2] = ["bookworm", "trixie"];
const SOURCES: &str = "etc/apt/sources.list.d/packyard.sources";
const WRITTEN: &str = "etc/apt/sources.list.d/packyard-main.sources";

#[test]
fn apt_3_installs_upgrades_pins_removes_and_purges() {
    let (yard, project) = Yard::with_hello_world();
    let root = AptRoot::of_suite("trixie").knowing(&yard.url("/main"));
    root.run("sqv", &["--version"]).ok();
    root.update();
    root.apt_get(&["install", "hello-world"]).ok();
    root.run("hello-world", &["--version"]).ok().says(&["1.1.3"]);
    project.bump("1.1.4");
    yard.publish(&project.build());
    root.write(
        "etc/apt/preferences.d/pin",
        "Package: hello-world\nPin: version 1.1.3*\nPin-Priority: 1001\n",
    );
    root.update();
    root.apt_get(&["upgrade"]).ok();
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.3"));
    fs::remove_file(root.inside("etc/apt/preferences.d/pin")).unwrap();
    root.apt_get(&["upgrade"]).ok();
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.4"));
    root.run("apt-cache", &["policy", "hello-world"])
        .ok()
        .says(&["1.1.3", "1.1.4"]);
    root.apt_get(&["remove", "hello-world"]).ok();
    root.apt_get(&["purge", "hello-world"]).ok();
    assert!(!root.inside("/etc/hello-world").exists());
}

/// As a yard's `.sources` says, but through somebody in between.
fn through(root: &AptRoot, yard: &Yard, tamper: &Tamper) {
    let sources = get(&yard.url("/main/apt/any.sources")).is(200);
    root.write(SOURCES, &tamper.redirect(yard, sources.text()));
}

#[track_caller]
fn refused(outcome: &Outcome) {
    let text = format!("{}{}", outcome.stdout, outcome.stderr);
    let words = [
        "BADSIG",
        "bad signature",
        "Bad signature",
        "not signed",
        "invalid",
        "couldn't be verified",
        "Missing key",
    ];
    assert!(
        words.iter().any(|w| text.contains(w)),
        "nothing was said of the signature\n{outcome}"
    );
}

#[test]
fn an_inrelease_that_was_changed_is_refused_by_gpgv_and_by_sqv() {
    let (yard, _) = Yard::with_hello_world();
    for suite in SUITES {
        let tamper = Tamper::new(&yard, "/InRelease", |bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text.replacen("\nDate: ", "\nDate:  ", 1).into_bytes();
        });
        let root = AptRoot::of_suite(suite);
        through(&root, &yard, &tamper);
        refused(&root.apt_get(&["update"]));
        root.apt_get(&["install", "hello-world"]).fails();
        assert_eq!(root.installed("hello-world"), None);
    }
}

#[test]
fn a_package_that_was_changed_is_refused_by_both() {
    let (yard, _) = Yard::with_hello_world();
    for suite in SUITES {
        let tamper = Tamper::new(&yard, ".deb", |bytes| *bytes.last_mut().unwrap() ^= 1);
        let root = AptRoot::of_suite(suite);
        through(&root, &yard, &tamper);
        root.update();
        root.apt_get(&["install", "hello-world"])
            .fails()
            .says(&["Hash Sum mismatch"]);
        assert_eq!(root.installed("hello-world"), None);
    }
}

#[test]
fn a_key_that_does_not_match_is_refused_by_both() {
    let (yard, _) = Yard::with_hello_world();
    let other = Yard::new();
    let theirs = get(&other.url("/main/apt/key.asc")).is(200);
    for suite in SUITES {
        let root = AptRoot::of_suite(suite);
        root.write("etc/apt/keyrings/other.asc", theirs.text());
        let line = format!(
            "deb [signed-by=/etc/apt/keyrings/other.asc] {} any main\n",
            yard.url("/main/apt")
        );
        root.write("etc/apt/sources.list", &line);
        refused(&root.apt_get(&["update"]));
        root.apt_get(&["install", "hello-world"]).fails();
    }
}

/// Where InRelease cannot be had, apt asks for the pair.
#[test]
fn release_and_release_gpg_are_as_good_as_inrelease_for_both() {
    let (yard, _) = Yard::with_hello_world();
    for suite in SUITES {
        let tamper = Tamper::new(&yard, "/InRelease", Vec::clear);
        let root = AptRoot::of_suite(suite);
        through(&root, &yard, &tamper);
        let update = root.apt_get(&["update"]);
        if suite == "trixie" || update.code == Some(0) {
            // An empty InRelease may be refused, but never as if the key were wrong.
            update.never_says(&["NO_PUBKEY", "Missing key"]);
        }
        for name in ["Release", "Release.gpg"] {
            let file = get(&yard.url(&format!("/main/apt/dists/any/{name}"))).is(200);
            root.write(name, file.text());
        }
        root.write("key.asc", get(&yard.url("/main/apt/key.asc")).is(200).text());
        if suite == "trixie" {
            root.run("sqv", &["--keyring", "/key.asc", "/Release.gpg", "/Release"])
                .ok();
            root.write("Release", "Origin: somebody else\n");
            root.run("sqv", &["--keyring", "/key.asc", "/Release.gpg", "/Release"])
                .fails();
        }
    }
}

#[test]
fn setup_sh_shows_what_it_writes_and_writes_it_once() {
    let (yard, _) = Yard::with_hello_world();
    let script = get(&yard.url("/main/setup.sh")).is(200);
    for word in ["curl", "wget", "| sh", "eval"] {
        assert!(
            !script.text().contains(word),
            "it fetches or runs something: {word}"
        );
    }
    for suite in SUITES {
        let root = AptRoot::of_suite(suite);
        root.write("setup.sh", script.text());
        let sources = get(&yard.url("/main/apt/any.sources")).is(200);
        root.run("sh", &["/setup.sh", "--dry-run"])
            .ok()
            .says(&[sources.text().trim_end(), WRITTEN]);
        assert!(!root.inside(WRITTEN).exists(), "a dry run wrote something");
        root.run("sh", &["/setup.sh"])
            .ok()
            .says(&[sources.text().trim_end(), "wrote"]);
        assert_eq!(fs::read_to_string(root.inside(WRITTEN)).unwrap(), sources.text());
        root.run("sh", &["/setup.sh"])
            .ok()
            .says(&["as it should be"])
            .never_says(&["wrote"]);
        root.update();
        root.apt_get(&["install", "hello-world"]).ok();
        root.run("sh", &["/setup.sh", "--now"]).exits(2).says(&["usage"]);
    }
}

#[test]
fn setup_sh_takes_the_distribution_that_the_machine_is() {
    let yard = Yard::new();
    let data = yard.data();
    let data = data.to_str().unwrap();
    for [name, family, alias] in [["main/bookworm", "deb", "stable"], ["main/el9", "rpm", "9"]] {
        let create = [
            "distribution",
            "create",
            name,
            "--family",
            family,
            "--alias",
            alias,
        ];
        packyard(create.into_iter().chain(["--data", data])).ok();
    }
    let script = get(&yard.url("/main/setup.sh")).is(200);
    let [old, new] = SUITES.map(AptRoot::of_suite);
    for root in [&old, &new] {
        root.write("setup.sh", script.text());
    }
    let setup = |root: &AptRoot, args: &[&str]| root.run("sh", &[&["/setup.sh"], args].concat());
    setup(&old, &[]).ok().says(&[
        "distribution bookworm, which /etc/os-release",
        "Suites: bookworm\n",
    ]);
    let sources = get(&yard.url("/main/apt/bookworm.sources")).is(200);
    assert_eq!(fs::read_to_string(old.inside(WRITTEN)).unwrap(), sources.text());
    old.update();
    setup(&new, &["--dry-run"])
        .ok()
        .says(&["distribution any", "none called trixie", "Suites: any\n"]);
    setup(&new, &["--dry-run", "--distribution", "stable"])
        .ok()
        .says(&["as asked for", "Suites: stable\n"]);
    new.run("env", &["DISTRIBUTION=bookworm", "sh", "/setup.sh", "--dry-run"])
        .ok()
        .says(&["Suites: bookworm\n"]);
    setup(&new, &["--distribution", "$(id)"])
        .exits(1)
        .says(&["no distribution $(id)", "it has any bookworm"]);
    // A machine of yum.
    new.write(
        "etc/os-release",
        "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\n",
    );
    new.write("only/dnf", "#!/bin/sh\n");
    new.run("chmod", &["+x", "/only/dnf"]).ok();
    std::os::unix::fs::symlink("/usr/bin/cat", new.inside("/only/cat")).unwrap();
    new.run("env", &["PATH=/only", "/bin/sh", "/setup.sh", "--dry-run"])
        .ok()
        .says(&["distribution el9", "packyard-main-el9.repo", "/main/yum/el9/"]);
}

#[test]
fn setup_sh_replaces_its_own_older_file_and_leaves_that_of_another_alone() {
    let (yard, _) = Yard::with_hello_world();
    let root = AptRoot::of_suite("trixie");
    root.write("setup.sh", get(&yard.url("/main/setup.sh")).is(200).text());
    root.write(
        WRITTEN,
        "Types: deb\nURIs: http://mine.example/\nSuites: x\nComponents: y\n",
    );
    root.run("sh", &["/setup.sh"])
        .exits(1)
        .says(&["packyard did not write it", "hint:"]);
    assert!(
        fs::read_to_string(root.inside(WRITTEN))
            .unwrap()
            .contains("mine.example")
    );
    root.write(WRITTEN, "# packyard, channel main: as it was last year\n");
    root.run("sh", &["/setup.sh"]).ok().says(&["wrote"]);
    root.update();
    // Half of a script does nothing.
    let half = get(&yard.url("/main/setup.sh")).is(200).text().to_owned();
    let half = &half[..half.rfind("main \"$@\"").unwrap()];
    fs::remove_file(root.inside(WRITTEN)).unwrap();
    root.write("setup.sh", half);
    root.run("sh", &["/setup.sh"]);
    assert!(!root.inside(WRITTEN).exists());
}

#[test]
fn setup_sh_sets_up_a_machine_of_yum() {
    let (yard, _) = Yard::with_hello_world();
    let root = AptRoot::of_suite("trixie");
    root.write("setup.sh", get(&yard.url("/main/setup.sh")).is(200).text());
    // A machine that has dnf and no apt: only what the script needs is in its path.
    fs::create_dir(root.inside("/only")).unwrap();
    for tool in ["cat", "head", "id", "mkdir", "dirname", "chmod", "mv"] {
        std::os::unix::fs::symlink(format!("/usr/bin/{tool}"), root.inside(&format!("/only/{tool}")))
            .unwrap();
    }
    root.write("only/dnf", "#!/bin/sh\n");
    root.run("chmod", &["+x", "/only/dnf"]).ok();
    let setup = |args: &[&str]| root.run("env", &[&["PATH=/only", "/bin/sh", "/setup.sh"], args].concat());
    setup(&[]).ok().says(&["dnf install"]);
    let written = fs::read_to_string(root.inside("etc/yum.repos.d/packyard-main-any.repo")).unwrap();
    assert_eq!(written, get(&yard.url("/main/yum/any.repo")).is(200).text());
    setup(&[]).ok().says(&["as it should be"]);
    // An older one is replaced, as it begins with packyard's line.
    let older = written.replace("gpgcheck=1", "gpgcheck=0");
    root.write("etc/yum.repos.d/packyard-main-any.repo", &older);
    setup(&[]).ok().says(&["wrote"]);
    let machine = DnfRoot::new();
    machine.add_repo("packyard", &written);
    machine.dnf(&["install", "hello-world"]).ok();
    fs::remove_file(root.inside("/only/dnf")).unwrap();
    setup(&[]).exits(1).says(&["none of apt, dnf"]);
}

#[test]
fn setup_sh_of_a_hostile_host_runs_nothing_of_it() {
    let (yard, _) = Yard::with_hello_world();
    let root = AptRoot::of_suite("trixie");
    for host in [
        "h';touch${IFS}/owned;'",
        "$(touch${IFS}/owned)",
        "`touch${IFS}/owned`",
        "a\"b",
    ] {
        let reply = crate::harness::Request::new("GET", &yard.url("/main/setup.sh"))
            .header("host", host)
            .send();
        if reply.status == 200 {
            root.write("setup.sh", reply.text());
            root.run("sh", &["/setup.sh", "--dry-run"]);
            assert!(!root.inside("/owned").exists(), "`{host}` was run");
        }
    }
}

/// A client that has read an old InRelease, and is five publishes, a removal and a collection behind, finishes its update
/// and installs what it saw.
#[test]
fn a_client_that_stopped_half_way_goes_on_where_it_was() {
    static OLD: std::sync::Mutex<Vec<u8>> = std::sync::Mutex::new(Vec::new());
    let (yard, project) = Yard::with_hello_world();
    let data = yard.data();
    let data = data.to_str().unwrap();
    packyard(["channel", "set", "main", "--keep", "1", "--data", data]).ok();
    *OLD.lock().unwrap() = get(&yard.url("/main/apt/dists/any/InRelease")).is(200).body;
    for n in 4..9 {
        project.bump(&format!("1.1.{n}"));
        yard.publish(&project.build());
    }
    packyard(["gc", "--data", data]).ok();
    let index = get(&yard.url("/main/apt/dists/any/main/binary-amd64/Packages")).is(200);
    assert!(!index.text().contains("1.1.3"), "the channel keeps one version");
    for suite in SUITES {
        let tamper = Tamper::new(&yard, "/InRelease", |bytes| {
            bytes.clone_from(&OLD.lock().unwrap());
        });
        let root = AptRoot::of_suite(suite);
        through(&root, &yard, &tamper);
        root.update();
        root.apt_get(&["install", "hello-world"]).ok();
        assert!(root.installed("hello-world").unwrap().starts_with("1.1.3"));
    }
}

/// The seconds of a Valid-Until after the Date.
fn valid_for(release: &str) -> Option<i64> {
    let field = |name: &str| {
        release
            .lines()
            .find_map(|l| l.strip_prefix(name))
            .map(str::to_owned)
    };
    let seconds = |date: String| {
        let mut command = crate::harness::system_command("date");
        let out = crate::harness::run(command.args(["-d", &date, "+%s"])).ok();
        out.stdout.trim().parse::<i64>().unwrap()
    };
    let (from, to) = (field("Date: ")?, field("Valid-Until: ")?);
    Some(seconds(to) - seconds(from))
}

#[test]
fn valid_until_is_renewed_at_half_time_and_is_not_in_the_past_of_a_revision() {
    let (yard, _) = Yard::with_hello_world();
    let data = yard.data();
    let data = data.to_str().unwrap();
    packyard([
        "distribution",
        "set",
        "main/any",
        "--valid-for",
        "6s",
        "--data",
        data,
    ])
    .ok();
    let url = yard.url("/main/apt/dists/any/InRelease");
    let first = get(&url).is(200).text().to_owned();
    assert_eq!(valid_for(&first), Some(6), "{first}");
    let set = yard.revision();
    let root = AptRoot::of_suite("trixie").knowing(&yard.url("/main"));
    let (began, before) = (std::time::Instant::now(), yard.revision());
    // Longer than any one signature is valid: the server has to sign anew, and every update in between succeeds.
    while began.elapsed() < std::time::Duration::from_secs(14) {
        root.apt_get(&["update"]).ok().never_says(&["expired", "E:"]);
        std::thread::sleep(std::time::Duration::from_millis(400));
    }
    let (renewals, seconds) = (yard.revision() - before, began.elapsed().as_secs());
    let expected = seconds / 6..=seconds / 3 + 2;
    assert!(
        expected.contains(&renewals),
        "it was renewed {renewals} times in {seconds} seconds"
    );
    let now = get(&url).is(200).text().to_owned();
    assert_ne!(now, first);
    let then = get(&yard.url(&format!("/main@{set}/apt/dists/any/InRelease"))).is(200);
    assert!(!then.text().contains("Valid-Until"), "a past revision expires");
    let old = AptRoot::of_suite("trixie").knowing(&yard.url(&format!("/main@{set}")));
    old.update();
    old.apt_get(&["install", "hello-world"]).ok();
}
