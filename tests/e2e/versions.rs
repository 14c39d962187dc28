//! Versions between releases and from git, ordered by the tools of each world.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Dist, Outcome, Project, Venv, packyard, packyard_command, run, system_command, tool};

/// Git on a project, as somebody whom no configuration knows, at a fixed time.
fn git(dir: &Path, args: &[&str]) -> Outcome {
    let mut git = system_command("git");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "Ada Sample");
        git.env(format!("GIT_{role}_EMAIL"), "ada@example.org");
        git.env(format!("GIT_{role}_DATE"), "2024-06-02T12:00:00+05:30");
    }
    git.env("GIT_CONFIG_NOSYSTEM", "1");
    run(git.arg("-C").arg(dir).args(args)).ok()
}

/// Puts everything there is into a commit.
fn commit(project: &Project) {
    git(&project.path(), &["add", "--all"]);
    git(
        &project.path(),
        &["commit", "-q", "--allow-empty", "-m", "Change something"],
    );
}

/// A sample in a repository of its own, with one commit.
fn in_git(project: Project) -> Project {
    git(&project.path(), &["init", "-q"]);
    commit(&project);
    project
}

fn tag(project: &Project, name: &str) {
    git(&project.path(), &["tag", name]);
}

/// A version of each of the three worlds.
#[derive(Debug)]
struct Versions {
    pip: String,
    deb: String,
    rpm: String,
}

impl Versions {
    fn of(dist: &Dist) -> Self {
        let wheel = dist.wheel().file_name().unwrap().to_str().unwrap().to_owned();
        let deb = run(system_command("dpkg-deb")
            .args(["-f"])
            .arg(dist.deb())
            .arg("Version"))
        .ok();
        let query = ["-qp", "--queryformat", "%{VERSION}-%{RELEASE}"];
        let rpm = run(system_command("rpm").args(query).arg(dist.rpm())).ok();
        Self {
            pip: wheel.split('-').nth(1).unwrap().to_owned(),
            deb: deb.stdout.trim().to_owned(),
            rpm: rpm.stdout.trim().to_owned(),
        }
    }

    /// Insists that pip, dpkg and rpm all take `next` for newer.
    #[track_caller]
    fn is_before(&self, next: &Self) {
        let program = "import sys; from packaging.version import parse; sys.exit(not parse(sys.argv[1]) < parse(sys.argv[2]))";
        run(Venv::tool("python").args(["-c", program, &self.pip, &next.pip])).ok();
        run(system_command("dpkg").args(["--compare-versions", &self.deb, "lt", &next.deb])).ok();
        let lua = format!("%{{lua: print(rpm.vercmp('{}', '{}'))}}", self.rpm, next.rpm);
        let answer = run(system_command("rpm").args(["--eval", &lua])).ok();
        assert_eq!(answer.stdout.trim(), "-1", "{self:?} {next:?}");
    }
}

/// The builder's path, with the provisioned backends on it, so that nothing has to be fetched.
fn with_backends(build: &mut Command) -> Outcome {
    let bin = tool("venv/bin");
    build.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()));
    run(build.env("UV_NO_BUILD_ISOLATION", "1").env("UV_OFFLINE", "1"))
}

#[test]
fn every_push_gives_a_new_version_that_all_three_worlds_put_in_order() {
    let project = in_git(Project::hello_world());
    let release = Versions::of(&project.build());
    tag(&project, "v1.1.3");
    commit(&project);
    let first = Versions::of(&project.build_with(&["--snapshot"]));
    assert_eq!(
        [&*first.pip, &*first.deb, &*first.rpm],
        ["1.1.4.dev1", "1.1.4~~dev1-1", "1.1.4~~dev1-1"]
    );
    commit(&project);
    let second = Versions::of(&project.build_with(&["--snapshot"]));
    project.bump("1.1.4");
    commit(&project);
    let before_the_tag = Versions::of(&project.build_with(&["--snapshot"]));
    let next_release = Versions::of(&project.build());
    tag(&project, "v1.1.4");
    let after_the_tag = Versions::of(&project.build_with(&["--snapshot"]));
    let all = [
        release,
        first,
        second,
        before_the_tag,
        next_release,
        after_the_tag,
    ];
    for pair in all.windows(2) {
        pair[0].is_before(&pair[1]);
    }
}

#[test]
fn the_changelogs_of_a_snapshot_begin_with_it() {
    let project = in_git(Project::hello_world());
    tag(&project, "hello-world-1.1.3");
    let text = project.read("CHANGELOG.rst");
    let (title, entries) = text.split_once("\n\n").unwrap();
    let open = "Unreleased\n^^^^^^^^^^\n\n* Greet in Turkish.\n";
    project.write("CHANGELOG.rst", &format!("{title}\n\n{open}\n{entries}"));
    commit(&project);
    let dist = project.build_with(&["--snapshot"]);
    let root = TempDir::new().unwrap();
    run(system_command("dpkg-deb")
        .arg("-x")
        .arg(dist.deb())
        .arg(root.path()))
    .ok();
    let log = root.path().join("usr/share/doc/hello-world/changelog.Debian.gz");
    run(system_command("gzip").arg("-d").arg(&log)).ok();
    let mut parse = system_command("dpkg-parsechangelog");
    parse.arg("-l").arg(log.with_extension(""));
    run(&mut parse)
        .ok()
        .says(&[
            "Version: 1.1.4~~dev1-1",
            "Date: Sun, 02 Jun 2024 06:30:00 +0000",
            "Snapshot of commit ",
            "Greet in Turkish.",
        ])
        .never_says(&["warning"]);
    let changes = run(system_command("rpm").args(["-qp", "--changelog"]).arg(dist.rpm())).ok();
    assert!(
        changes.stdout.starts_with(
            "* Sun Jun 02 2024 Ada Sample <ada@example.org> - 1.1.4~~dev1-1\n- Snapshot of commit "
        ),
        "{changes}"
    );
    let mut lintian = system_command("lintian");
    lintian
        .args(["--allow-root", "--fail-on", "error,warning"])
        .arg(dist.deb());
    run(&mut lintian).ok().never_says(&["E: ", "W: "]);
}

/// Unpacks an sdist beside its project.
fn unpacked(dist: &Dist) -> (TempDir, std::path::PathBuf) {
    let parent = TempDir::new().unwrap();
    run(system_command("tar")
        .arg("-xzf")
        .arg(dist.sdist())
        .arg("-C")
        .arg(parent.path()))
    .ok();
    let top = std::fs::read_dir(parent.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    (parent, top)
}

#[test]
fn what_is_built_of_a_snapshots_sdist_has_its_version() {
    let cases = [
        (Project::hello_world(), "pyproject.toml", "v1.1.3", "1.1.4.dev1"),
        (Project::setup_py(), "setup.py", "v0.0.1", "0.0.2.dev1"),
    ];
    for (project, file, tagged, version) in cases {
        let project = in_git(project);
        tag(&project, tagged);
        commit(&project);
        let dist = project.build_with(&["--snapshot"]);
        let (_parent, top) = unpacked(&dist);
        // Only the version differs.
        let restated = std::fs::read_to_string(top.join(file)).unwrap();
        let said = tagged.trim_start_matches('v');
        assert_eq!(
            restated,
            project
                .read(file)
                .replacen(&format!("\"{said}\""), &format!("\"{version}\""), 1)
        );
        let out = top.join("wheel");
        let mut build = Venv::tool("python");
        build
            .args(["-m", "build", "--wheel", "--no-isolation", "--outdir"])
            .arg(&out);
        run(build.arg(&top)).ok();
        assert_eq!(Dist::at(out).wheel().file_name(), dist.wheel().file_name());
    }
}

/// The sample with its version in the hands of a plugin that asks git.
fn scm_project(build_system: &str) -> Project {
    let project = Project::hello_world();
    let text = project.read("pyproject.toml");
    let begin = text.find("[project]").unwrap();
    let text = text[begin..].replace("version = \"1.1.3\"", "dynamic = [\"version\"]");
    project.write("pyproject.toml", &format!("{build_system}\n{text}"));
    project
}

#[test]
fn plugins_that_ask_git_are_told_the_version_of_a_snapshot() {
    let setuptools = "[build-system]\nrequires = [\"setuptools\", \"setuptools-scm\"]\n\
        build-backend = \"setuptools.build_meta\"\n[tool.setuptools_scm]\n";
    let hatch = "[build-system]\nrequires = [\"hatchling\", \"hatch-vcs\"]\nbuild-backend = \"hatchling.build\"\n\
        [tool.hatch.version]\nsource = \"vcs\"\n";
    for build_system in [setuptools, hatch] {
        let project = in_git(scm_project(build_system));
        tag(&project, "v1.1.3");
        commit(&project);
        let dist = project.build_by(|build| with_backends(build.arg("--snapshot")).ok());
        let versions = Versions::of(&dist);
        assert_eq!([&*versions.pip, &*versions.deb], ["1.1.4.dev1", "1.1.4~~dev1-1"]);
        // Without --snapshot the plugin makes a local version, which is no release.
        project.build_by(|build| {
            let outcome = with_backends(build).exits(1);
            outcome.says(&["local version", "hint: between releases, build with --snapshot"])
        });
    }
}

#[test]
fn a_backend_that_does_not_listen_is_an_error_and_not_a_wrong_version() {
    let project = in_git(Project::setup_py());
    project.replace(
        "setup.py",
        "version=\"0.0.1\"",
        "version=\".\".join(map(str, (0, 0, 1)))",
    );
    commit(&project);
    project.build_by(|build| {
        let outcome = with_backends(build.arg("--snapshot")).exits(1);
        outcome.says(&["makes version 0.0.1, not 0.0.2.dev2", "setuptools_scm"])
    });
}

#[test]
fn a_version_from_git_is_the_tags_and_after_it_a_snapshots() {
    let project = Project::greeter();
    let text = project.read("packyard.toml");
    let text = text.replacen("[package]\n", "[package]\nversion = {from = \"git\"}\n", 1);
    project.write("packyard.toml", &text);
    let version = |text: &str| -> Vec<String> {
        let mut numbers: Vec<String> = text
            .lines()
            .filter(|l| l.starts_with(|c: char| c.is_ascii_digit()))
            .map(str::to_owned)
            .collect();
        numbers.truncate(1);
        numbers
    };
    let newest = version(&project.read("CHANGELOG.rst")).pop().unwrap();
    let project = in_git(project);
    tag(&project, &format!("release-{newest}"));
    let file = |dist: &Dist| dist.deb().file_name().unwrap().to_str().unwrap().to_owned();
    assert!(file(&project.build()).contains(&format!("_{newest}-1_")));
    commit(&project);
    assert!(file(&project.build()).contains("~~dev1-1_"));
    tag(&project, "v77.0");
    project
        .build_fails(&[])
        .says(&["the tag `v77.0` disagrees with the project", "CHANGELOG.rst:"]);
    // A tag with the project's own name goes before others.
    tag(&project, &format!("greeter-{newest}"));
    assert!(file(&project.build()).contains(&format!("_{newest}-1_")));
}

#[test]
fn where_git_cannot_count_the_error_says_what_to_do() {
    let project = Project::hello_world();
    project
        .build_fails(&["--snapshot"])
        .says(&["is in no git repository", "--version V"]);
    let project = in_git(project);
    commit(&project);
    let parent = TempDir::new().unwrap();
    let clone = parent.path().join("clone");
    let url = format!("file://{}", project.path().display());
    git(
        parent.path(),
        &["clone", "-q", "--depth", "1", &url, clone.to_str().unwrap()],
    );
    let outcome = packyard(["build", clone.to_str().unwrap(), "--snapshot"]).exits(1);
    outcome.says(&["git fetch --unshallow", "fetch-depth: 0"]);
    let mut without = packyard_command(["build", &project.arg(), "--snapshot"]);
    run(without.env("PATH", "/nonexistent"))
        .exits(1)
        .says(&["install git"]);
}

#[test]
fn uncommitted_changes_are_in_a_snapshot_and_noted() {
    let project = in_git(Project::hello_world());
    project.replace("README.md", "\n", "\nChanged.\n");
    let outcome = packyard(["build", &project.arg(), "--snapshot", "--list"]).ok();
    outcome.says(&["note: there are changes that are not committed"]);
}

#[test]
fn a_given_version_that_the_project_contradicts_is_shown_in_every_place() {
    let project = Project::hello_world();
    let outcome = project.build_fails(&["--version", "1.2"]);
    outcome.says(&["--version 1.2 disagrees", "CHANGELOG.rst:", "pyproject.toml:"]);
    let local = packyard(["build", &project.arg(), "--version", "1.2+local"]).exits(2);
    local.says(&["local version"]);
}

#[test]
fn a_release_that_pip_and_dpkg_order_differently_is_noted() {
    let project = Project::hello_world();
    project.bump("1.1.3.0.post1");
    let outcome = packyard(["build", &project.arg(), "--list"]).ok();
    outcome.says(&["note: CHANGELOG.rst:", "keep to as many as before"]);
    let project = Project::hello_world();
    project.bump("1.2.0.0");
    packyard(["build", &project.arg(), "--list"])
        .ok()
        .never_says(&["as many as before"]);
}
