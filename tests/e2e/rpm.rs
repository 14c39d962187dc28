//! An .rpm of a project, judged by rpm, rpmlint and createrepo_c. What the writer does with files in general is judged
//! in `crates/formats/tests/real_tools`.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Dist, DnfRoot, Outcome, Project, packyard, repository, run, sha256, system_command};

/// A project that uses what an .rpm can hold.
fn project() -> Project {
    let project = Project::greeter();
    let text = project.read("packyard.toml");
    let more = r#"
[[file]]
source = "bin/greeter"
target = "/usr/libexec/greeter/listen"
mode = "0755"
capabilities = "cap_net_bind_service=ep"

[[file]]
source = "LICENSE"
target = "/etc/greeter/kept.conf"
config = "noreplace"

[[file]]
source = "LICENSE"
target = "/etc/greeter/optional.conf"
config = "missingok"

[[file]]
target = "/var/log/greeter/greeter.log"
ghost = true

[[file]]
target = "/srv/greeter"
dir = true
mode = "2775"

[[file]]
target = "/usr/share/greeter/program"
symlink = "/usr/bin/greeter"

[scripts]
postinstall = "echo installed"
rpm.pretrans = "echo before everything"
rpm.posttrans = "echo after everything"
"#;
    project.write("packyard.toml", &format!("{text}\n{more}"));
    project
}

fn query(rpm: &Path, args: &[&str]) -> Outcome {
    run(system_command("rpm").arg("-qp").args(args).arg(rpm)).ok()
}

/// Builds only the .rpm, with more in `[rpm]`.
fn rpm_with(project: &Project, keys: &str) -> Dist {
    let text = project.read("packyard.toml");
    let text = if text.contains("[rpm]\n") {
        text.replacen("[rpm]\n", &format!("[rpm]\n{keys}\n"), 1)
    } else {
        format!("{text}\n[rpm]\n{keys}\n")
    };
    project.write("packyard.toml", &text);
    project.build()
}

#[test]
fn every_kind_of_file_is_what_rpm_says_it_is() {
    let dist = project().build();
    let flags = query(
        &dist.rpm(),
        &[
            "--qf",
            "[%{FILENAMES} %{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILECAPS}\n]",
        ],
    );
    let lines: Vec<&str> = flags.stdout.lines().map(str::trim_end).collect();
    for line in [
        "/etc/greeter drwxr-xr-x",
        "/etc/greeter/kept.conf -rw-r--r-- cn",
        "/etc/greeter/optional.conf -rw-r--r-- cm",
        "/srv/greeter drwxrwsr-x",
        "/usr/libexec/greeter drwxr-xr-x",
        "/usr/libexec/greeter/listen -rwxr-xr-x  cap_net_bind_service=ep",
        "/usr/share/greeter/program lrwxrwxrwx",
        "/var/log/greeter drwxr-xr-x",
        "/var/log/greeter/greeter.log -rw-r--r-- g",
    ] {
        assert!(lines.contains(&line), "no `{line}`\n{flags}");
    }
    // No directory of the system is among them.
    for system in [
        "/etc ",
        "/usr/bin ",
        "/usr/lib/systemd/system ",
        "/var/log ",
        "/srv ",
    ] {
        assert!(
            !lines.iter().any(|line| line.starts_with(system)),
            "{system}\n{flags}"
        );
    }
}

#[test]
fn every_scriptlet_is_there_with_the_shell_that_it_needs() {
    let dist = project().build();
    let rpm = dist.rpm();
    let scripts = query(&rpm, &["--scripts"]);
    let at = |text: &str| {
        scripts
            .stdout
            .find(text)
            .unwrap_or_else(|| panic!("no `{text}`\n{scripts}"))
    };
    assert!(at("pretrans scriptlet (using /bin/sh)") < at("echo before everything"));
    assert!(at("postinstall scriptlet (using /bin/sh)") < at("echo installed"));
    assert!(at("posttrans scriptlet (using /bin/sh)") < at("echo after everything"));
    query(&rpm, &["--qf", "[%{REQUIRENAME} %{REQUIREFLAGS:deptype}\n]"]).says(&[
        "/bin/sh interp,pretrans",
        "/bin/sh post,interp",
        "/bin/sh interp,posttrans",
    ]);
}

#[test]
fn an_installed_package_verifies_and_its_removal_leaves_nothing() {
    for compression in ["gzip", "xz", "zstd"] {
        let dist = rpm_with(&project(), &format!("compression = \"{compression}\""));
        let rpm = dist.rpm();
        query(&rpm, &["--qf", "%{PAYLOADCOMPRESSOR}"]).says(&[compression]);
        run(system_command("rpm").arg("-K").arg(&rpm))
            .ok()
            .says(&["digests OK"]);
        let root = DnfRoot::new();
        let before = listing(&root);
        root.dnf(&["install", "--nogpgcheck", rpm.to_str().unwrap()]).ok();
        assert_eq!(root.rpm(&["-V", "greeter"]).ok().stdout, "");
        run(system_command("getcap").arg(root.inside("/usr/libexec/greeter/listen")))
            .ok()
            .says(&["cap_net_bind_service=ep"]);
        root.rpm(&["-e", "greeter"]).ok();
        assert_eq!(listing(&root), before);
    }
}

/// The paths of a root, but for caches, logs and databases of dnf and rpm.
fn listing(root: &DnfRoot) -> Vec<String> {
    let found = run(system_command("find").arg(root.path()).args(["-mindepth", "1"])).ok();
    let noisy = [
        "var/cache",
        "var/lib/dnf",
        "var/lib/rpm",
        "var/log/",
        "/tmp",
        "var/lib/systemd",
    ];
    let mut paths: Vec<String> = found.stdout.lines().map(str::to_owned).collect();
    paths.retain(|path| !noisy.iter().any(|noise| path.contains(noise)));
    paths.sort();
    // The directories that the system owns came with the package here, since the stand-in has none of them.
    paths.retain(|path| Path::new(path).is_file() || path.contains("greeter"));
    paths
}

#[test]
fn an_upgrade_keeps_what_the_administrator_changed() {
    let project = project();
    let old = project.build();
    let root = DnfRoot::new();
    root.dnf(&["install", "--nogpgcheck", old.rpm().to_str().unwrap()])
        .ok();
    fs::write(root.inside("/etc/greeter/kept.conf"), "mine\n").unwrap();
    fs::remove_file(root.inside("/etc/greeter/optional.conf")).unwrap();
    root.rpm(&["-V", "greeter"])
        .says(&["c /etc/greeter/kept.conf"])
        .never_says(&["missing"]);
    project.bump("99.0");
    project.write("LICENSE", "Another text.\n");
    let new = project.build();
    root.dnf(&["install", "--nogpgcheck", new.rpm().to_str().unwrap()])
        .ok();
    let read = |name: &str| fs::read_to_string(root.inside(&format!("/etc/greeter/{name}"))).unwrap();
    assert_eq!(read("kept.conf"), "mine\n");
    assert_eq!(read("kept.conf.rpmnew"), "Another text.\n");
}

#[test]
fn rpmlint_has_nothing_to_say_of_any_fixture() {
    let settings = repository().join("tests/tools/rpmlint.toml");
    let lint = |rpm: &Path| {
        let mut rpmlint = system_command("rpmlint");
        run(rpmlint.arg("-c").arg(&settings).arg(rpm))
            .ok()
            .says(&[" 0 errors, 0 warnings"]);
    };
    for project in Project::samples() {
        lint(&project.build_with(&["--format", "rpm"]).rpm());
        let dist = project.build_with(&["--format", "rpm", "--for", "el9,fc42"]);
        lint(&dist.of("el9").rpm());
        lint(&dist.of("fc42").rpm());
    }
}

#[test]
fn keys_of_the_project_file_reach_the_header() {
    let keys = "epoch = 3\nrelease = \"2\"\nvendor = \"Greeters\"\ngroup = \"Applications/Text\"\n\
                recommends = [\"rec >= 2\"]\nsuggests = \"sug\"\nsupplements = \"sup\"\nenhances = \"enh\"\n\
                conflicts = \"con < 1\"\nobsoletes = \"obs < 1\"\nprovides = \"pro = 1\"\nrequires = \"(a if b)\"";
    let dist = rpm_with(&Project::greeter(), keys);
    query(&dist.rpm(), &["--qf", "%{EPOCH} %{RELEASE} %{VENDOR} %{GROUP}"])
        .says(&["3 2 Greeters Applications/Text"]);
    for (list, word) in [
        ("--recommends", "rec >= 2"),
        ("--suggests", "sug"),
        ("--supplements", "sup"),
        ("--enhances", "enh"),
        ("--conflicts", "con < 1"),
        ("--obsoletes", "obs < 1"),
        ("--provides", "pro = 1"),
        ("--requires", "(a if b)"),
        ("--requires", "rpmlib(RichDependencies)"),
    ] {
        query(&dist.rpm(), &[list]).says(&[word]);
    }
}

#[test]
fn what_the_project_file_cannot_mean_is_shown_where_it_stands() {
    let cases = [
        (
            "[[file]]\nsource = \"LICENSE\"\ntarget = \"/usr/bin/x\"\ncapabilities = \"cap_net_bind=ep\"\n",
            "no capability `cap_net_bind`",
        ),
        (
            "[[file]]\ntarget = \"/srv/x\"\ndir = true\ncapabilities = \"cap_net_raw=ep\"\n",
            "only a file with a `source`",
        ),
        (
            "[[file]]\nsource = \"LICENSE\"\ntarget = \"/etc/x\"\nconfig = \"no-replace\"\n",
            "`config` must be",
        ),
    ];
    for (text, message) in cases {
        let project = Project::greeter();
        let line = project.read("packyard.toml").lines().count();
        project.write(
            "packyard.toml",
            &format!("{}{text}", project.read("packyard.toml")),
        );
        let place = format!("packyard.toml:{}:", line + text.lines().count());
        project.build_fails(&[]).says(&[message, &place, "hint: "]);
    }
}

#[test]
fn a_deb_of_a_program_with_capabilities_says_that_it_has_none() {
    let project = project();
    let out = TempDir::new().unwrap();
    packyard([
        "build",
        &project.arg(),
        "--format",
        "deb",
        "--out",
        out.path().to_str().unwrap(),
    ])
    .ok()
    .says(&[
        "packyard.toml:",
        "setcap cap_net_bind_service=ep /usr/libexec/greeter/listen",
    ]);
}

#[test]
fn createrepo_c_reads_it_and_two_builds_are_the_same_bytes() {
    let project = project();
    let (one, two) = (project.build(), project.build());
    let bytes = fs::read(one.rpm()).unwrap();
    assert_eq!(sha256(&bytes), sha256(&fs::read(two.rpm()).unwrap()));
    let repo = TempDir::new().unwrap();
    fs::copy(one.rpm(), repo.path().join(one.rpm().file_name().unwrap())).unwrap();
    run(system_command("createrepo_c")
        .args(["--quiet", "--general-compress-type=gz"])
        .arg(repo.path()))
    .ok();
    let mut zcat = Command::new("sh");
    zcat.args(["-c", "zcat repodata/*-primary.xml.gz"])
        .current_dir(repo.path());
    run(&mut zcat).ok().says(&[
        "<name>greeter</name>",
        &format!(">{}</checksum>", sha256(&bytes)),
        "<file>/usr/bin/greeter</file>",
    ]);
}
