//! The same tree gives the same bytes, whoever builds it, where, when and in which language.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Dist, Project, packyard_command, run, system_command, through};

const TARGETS: &str = "bullseye,bookworm,noble,el9,fc42";

/// A place and a binary that another user can get at.
struct Elsewhere {
    directory: TempDir,
}

impl Elsewhere {
    fn new(parent: &Path) -> Self {
        let directory = TempDir::new_in(parent).unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_packyard"), directory.path().join("packyard")).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A copy of a tree under another name, its files and links written in another order, with other modes, owners and times.
    fn copy(&self, project: &Project, umask: &str, owner: &str, order: &str, time: &str) -> PathBuf {
        let copy = self.path("another-name");
        let mut shuffle = Command::new("sh");
        shuffle.arg("-c").arg(concat!(
            "umask $3; mkdir \"$2\"; cd \"$1\"; find . ! -type d | sort $5 | while read -r f; do ",
            "mkdir -p \"$2/$(dirname \"$f\")\"; cp -P \"$f\" \"$2/$f\"; touch -h -d \"$6\" \"$2/$f\"; done; ",
            "chown -R $4 \"$2\"",
        ));
        shuffle.arg("sh").arg(project.path()).arg(&copy);
        run(shuffle.args([umask, owner, order, time])).ok();
        copy
    }

    /// Builds a tree through `wrapper`, a command line that runs what follows it.
    fn build(&self, tree: &Path, wrapper: &[&str], variables: &[(&str, &str)]) -> Dist {
        let out = self.path("out");
        let mut inner = packyard_command(["build", tree.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        inner.args(all_formats(tree));
        let mut outer = Command::new(wrapper[0]);
        outer.args(&wrapper[1..]);
        through(&mut outer, &inner);
        // The binary that everybody can read, in place of the one of the test.
        let arguments: Vec<_> = outer.get_args().map(ToOwned::to_owned).collect();
        let mut moved = system_command(wrapper[0]);
        moved.args(arguments.iter().map(|argument| {
            if argument == env!("CARGO_BIN_EXE_packyard") {
                self.path("packyard").into_os_string()
            } else {
                argument.clone()
            }
        }));
        moved
            .env("HOME", self.directory.path())
            .envs(variables.iter().copied());
        run(moved.current_dir("/")).ok();
        Dist::at(out)
    }
}

/// Every format that a project can be, for every target.
fn all_formats(project: &Path) -> [&'static str; 4] {
    let python = ["pyproject.toml", "setup.py", "setup.cfg"];
    let is_python = python.iter().any(|name| project.join(name).exists());
    let formats = if is_python {
        "sdist,wheel,deb,dsc,rpm"
    } else {
        "deb,dsc,rpm"
    };
    ["--for", TARGETS, "--format", formats]
}

#[test]
fn every_format_of_every_sample_is_the_same_for_two_users_on_two_machines() {
    for project in Project::samples() {
        let expected = project.build_with(&all_formats(&project.path())).digests();
        assert!(expected.len() > 5, "{expected:?}");
        let one = Elsewhere::new(&std::env::temp_dir());
        let tree = one.copy(&project, "077", "65534:65534", "-r", "2001-02-03");
        let nobody = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "faketime",
            "2031-05-06 07:08:09",
            "sh",
            "-c",
            "umask 002; exec \"$@\"",
            "sh",
        ];
        let india = [
            ("TZ", "Asia/Kolkata"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("LANG", "tr_TR.UTF-8"),
            ("USER", "nobody"),
        ];
        assert_eq!(
            one.build(&tree, &nobody, &india).digests(),
            expected,
            "of {}",
            project.arg()
        );

        // Another file system, which lists its directories in another order.
        let two = Elsewhere::new(Path::new("/dev/shm"));
        let tree = two.copy(&project, "002", "0:0", "-R", "2040-01-01");
        let machine = [
            "unshare",
            "--uts",
            "sh",
            "-c",
            "hostname elsewhere; umask 077; exec \"$@\"",
            "sh",
        ];
        let peru = [
            ("TZ", "America/Lima"),
            ("LC_ALL", "C"),
            ("COLUMNS", "20"),
            ("NO_COLOR", "1"),
        ];
        assert_eq!(
            two.build(&tree, &machine, &peru).digests(),
            expected,
            "of {}",
            project.arg()
        );
    }
}

#[test]
fn git_around_a_dated_project_changes_nothing() {
    let project = Project::hello_world();
    let expected = project.build().digests();
    let mut init = Command::new("sh");
    init.arg("-c").arg(concat!(
        "cd \"$1\" && git init -q && git add -A && ",
        "git -c user.name=A -c user.email=a@example.org commit -q -m x && echo '*.pyc' > .gitignore",
    ));
    run(init.arg("sh").arg(project.path())).ok();
    assert_eq!(project.build().digests(), expected);
}

/// Every time that is in the artifacts, as seconds since 1970.
fn times(dist: &Dist) -> Vec<i64> {
    let program = r#"
import calendar, subprocess, sys, tarfile, zipfile
wheel, sdist, deb, rpm = sys.argv[1:]
for info in zipfile.ZipFile(wheel).infolist():
    print(calendar.timegm(info.date_time + (0, 0, 0)))
for member in tarfile.open(sdist):
    print(int(member.mtime))
for line in subprocess.run(["ar", "tv", deb], env={"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin"}, stdout=-1, text=True, check=True).stdout.splitlines():
    import time
    print(calendar.timegm(time.strptime(" ".join(line.split()[3:7]), "%b %d %H:%M %Y")) // 60 * 60 + OFFSET)
for part in ["--ctrl-tarfile", "--fsys-tarfile"]:
    tar = subprocess.run(["dpkg-deb", part, deb], stdout=-1, check=True).stdout
    import io
    for member in tarfile.open(fileobj=io.BytesIO(tar)):
        print(int(member.mtime))
query = "[%{FILEMTIMES}\n]%{BUILDTIME}\n"
print(subprocess.run(["rpm", "-qp", "--queryformat", query, rpm], stdout=-1, text=True, check=True).stdout)
"#;
    // ar shows minutes only.
    let program = program.replace("OFFSET", &(1_000_000_000 % 60).to_string());
    let mut python = system_command("/usr/bin/python3");
    python
        .arg("-c")
        .arg(program)
        .arg(dist.wheel())
        .arg(dist.sdist())
        .arg(dist.deb())
        .arg(dist.rpm());
    run(&mut python)
        .ok()
        .stdout
        .split_whitespace()
        .map(|t| t.parse().unwrap())
        .collect()
}

#[test]
fn nothing_is_dated_later_than_source_date_epoch() {
    let project = Project::hello_world();
    let with = |epoch: &str| project.build_by(|build| run(build.env("SOURCE_DATE_EPOCH", epoch)).ok());
    // Before the release: everything gets that time.
    let times = times(&with("1000000000"));
    assert!(times.len() > 60, "{}", times.len());
    assert!(times.iter().all(|time| *time == 1_000_000_000), "{times:?}");
    // After it: the changelog says when the release was.
    assert_eq!(with("1900000000").digests(), project.build().digests());
}

#[test]
fn a_project_without_a_date_has_that_of_source_date_epoch() {
    let project = Project::hello_world();
    project.remove("CHANGELOG.rst");
    let with = |epoch: &str| {
        let args = ["--format", "wheel,sdist"];
        project
            .build_by(|build| run(build.args(args).env("SOURCE_DATE_EPOCH", epoch)).ok())
            .digests()
    };
    assert_eq!(with("1600000000"), with("1600000000"));
    assert_ne!(with("1600000000"), with("1700000000"));
}
