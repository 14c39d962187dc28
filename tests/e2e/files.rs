//! A project that is nothing but files: patterns, trees, links, a ghost, owners, what is for one format; judged, and
//! installed, upgraded and removed by dpkg and by rpm.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::harness::{AptRoot, Dist, Outcome, Project, repository, run, system_command};

/// The sample with owners and modes that only its administrator wants, and the same a version later: with a changed
/// configuration, and a colour less.
fn versions() -> [Dist; 2] {
    let project = Project::sample("lantern");
    let own = "owner = \"lantern\"\ngroup = \"lantern\"\n";
    for (key, more) in [
        ("source = \"conf\"\n", "mode = \"0640\"\ngroup = \"lantern\"\n"),
        ("source = \"conf/secret.key\"\n", "mode = \"0600\"\n"),
        (
            "target = \"/var/lib/lantern\"\n",
            &format!("mode = \"2750\"\n{own}"),
        ),
        (
            "target = \"/var/lib/lantern/state\"\n",
            &format!("mode = \"0640\"\n{own}"),
        ),
        ("[scripts]\n", "\n[[user]]\nname = \"lantern\"\n"),
    ] {
        let text = if key == "[scripts]\n" {
            format!("{more}\n{key}")
        } else {
            format!("{key}{more}")
        };
        project.replace("packyard.toml", key, &text);
    }
    let first = project.build();
    let log = project.read("CHANGELOG.md");
    let newer = log.replacen(
        "## 0.2.0",
        "## 0.3.0 (2024-07-01)\n\n- Shine longer.\n\n## 0.2.0",
        1,
    );
    project.write("CHANGELOG.md", &newer);
    project.write("conf/lantern.conf", "COLOUR=cold\n");
    project.remove("share/colours/more/violet.json");
    [first, project.build()]
}

#[test]
fn nothing_but_files_is_clean_under_lintian_and_rpmlint() {
    let dist = Project::sample("lantern").build();
    // Modes that the project file says are meant.
    for deb in [dist.deb(), versions()[0].deb()] {
        let mut lintian = system_command("lintian");
        lintian.args(["--allow-root", "--fail-on", "error,warning"]);
        run(lintian.arg(deb)).ok().never_says(&["E: ", "W: "]);
    }
    let mut rpmlint = system_command("rpmlint");
    rpmlint
        .arg("-c")
        .arg(repository().join("tests/tools/rpmlint.toml"));
    run(rpmlint.arg(dist.rpm())).ok().says(&[" 0 errors, 0 warnings"]);
}

/// Mode, owner and group of a path in a root, by their names there.
fn stat(root: &AptRoot, path: &str) -> String {
    let format = "%a %U:%G";
    root.run("stat", &["-c", format, path])
        .ok()
        .stdout
        .trim()
        .to_owned()
}

/// What both package managers make of the files, and what they may differ in.
fn is_installed(root: &AptRoot, own: &str, foreign: &str, colour: &str) {
    for (path, expected) in [
        ("/usr/bin/lantern", "755 root:root"),
        ("/etc/lantern", "750 root:lantern"),
        ("/etc/lantern/conf.d", "750 root:lantern"),
        ("/etc/lantern/lantern.conf", "640 root:lantern"),
        ("/etc/lantern/conf.d/10-day.conf", "640 root:lantern"),
        ("/etc/lantern/secret.key", "600 root:root"),
        ("/usr/share/lantern/colours/warm.json", "644 root:root"),
        ("/usr/share/lantern/empty", "755 root:root"),
        ("/var/lib/lantern", "2750 lantern:lantern"),
        (own, "644 root:root"),
    ] {
        assert_eq!(stat(root, path), expected, "{path}");
    }
    assert!(!root.inside(foreign).exists(), "{foreign}");
    let link = |path: &str| fs::read_link(root.inside(path)).unwrap();
    assert_eq!(link("/usr/bin/lampion"), Path::new("lantern"));
    assert_eq!(
        link("/usr/share/lantern/colours/default.json"),
        Path::new("warm.json")
    );
    root.run("lampion", &[]).ok().says(&[colour]);
}

const RED: &str = "\"red\": 255";
const PALE: &str = "\"red\": 180";

#[test]
fn dpkg_installs_upgrades_and_purges_nothing_but_files() {
    let root = AptRoot::new();
    let dpkg = |deb: &Path| -> Outcome {
        fs::copy(deb, root.inside("/tmp/lantern.deb")).unwrap();
        root.run(
            "dpkg",
            &["--force-confdef", "--force-confold", "-i", "/tmp/lantern.deb"],
        )
        .ok()
    };
    let [first, second] = versions();
    dpkg(&first.deb());
    let places = ("/etc/default/lantern", "/etc/sysconfig/lantern");
    is_installed(&root, places.0, places.1, RED);
    let state = root.inside("/var/lib/lantern/state");
    assert_eq!(fs::read_to_string(&state).unwrap(), "dim\n");
    // What the administrator has not touched is new after an upgrade, what he has is his.
    fs::write(root.inside("/etc/lantern/secret.key"), "mine\n").unwrap();
    dpkg(&second.deb());
    is_installed(&root, places.0, places.1, PALE);
    assert_eq!(
        fs::read_to_string(root.inside("/etc/lantern/secret.key")).unwrap(),
        "mine\n"
    );
    assert!(!root.inside("/usr/share/lantern/colours/more").exists());
    root.run("dpkg", &["-r", "lantern"]).ok();
    assert!(root.inside("/etc/lantern/secret.key").exists() && state.exists());
    assert!(!root.inside("/usr/share/lantern").exists() && !root.inside("/usr/bin/lampion").is_symlink());
    root.run("dpkg", &["-P", "lantern"]).ok();
    for path in ["/etc/lantern", "/etc/default/lantern", "/var/lib/lantern"] {
        assert!(!root.inside(path).exists(), "{path} is left");
    }
}

#[test]
fn rpm_installs_upgrades_and_erases_nothing_but_files() {
    let root = AptRoot::new();
    let rpm = |args: &[&str], file: Option<&Path>| -> Outcome {
        let mut rpm = system_command("rpm");
        rpm.arg("--root")
            .arg(root.path())
            .args(["--nodeps", "--nosignature"])
            .args(args);
        run(rpm.args(file)).ok()
    };
    let [first, second] = versions();
    rpm(&["-i"], Some(&first.rpm()));
    let places = ("/etc/sysconfig/lantern", "/etc/default/lantern");
    is_installed(&root, places.0, places.1, RED);
    let state = root.inside("/var/lib/lantern/state");
    assert_eq!(fs::read_to_string(&state).unwrap(), "bright\n");
    // The ghost is the package's, with its owner and mode; what is in it is not.
    run(system_command("chroot").arg(root.path()).args([
        "chown",
        "lantern:lantern",
        "/var/lib/lantern/state",
    ]))
    .ok();
    run(system_command("chroot")
        .arg(root.path())
        .args(["chmod", "0640", "/var/lib/lantern/state"]))
    .ok();
    let verified = rpm(&["-V", "lantern"], None);
    assert!(!verified.stdout.contains("state"), "{verified}");
    fs::write(root.inside("/etc/lantern/secret.key"), "mine\n").unwrap();
    fs::write(root.inside("/etc/lantern/conf.d/10-day.conf"), "mine\n").unwrap();
    rpm(&["-U"], Some(&second.rpm()));
    is_installed(&root, places.0, places.1, PALE);
    let read = |path: &str| fs::read_to_string(root.inside(path)).unwrap();
    assert_eq!(read("/etc/lantern/conf.d/10-day.conf"), "mine\n");
    assert_eq!(
        fs::metadata(root.inside("/etc/lantern/conf.d")).unwrap().mode() & 0o7777,
        0o750
    );
    rpm(&["-e", "lantern"], None);
    for path in [
        "/usr/share/lantern",
        "/var/lib/lantern",
        "/usr/bin/lampion",
        "/etc/lantern/lantern.conf",
    ] {
        assert!(!root.inside(path).exists(), "{path} is left");
    }
    assert!(root.inside("/etc/lantern/conf.d/10-day.conf.rpmsave").exists());
}
