//! `packyard changelog` as a maintainer uses it, beside dch and dpkg-parsechangelog.

use crate::harness::{Outcome, Project, packyard, packyard_command, run, system_command};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const ADA: (&str, &str) = ("Ada Sample", "ada@example.org");
const GRACE: (&str, &str) = ("Grace Other", "grace@example.org");
const RELEASED: &str = "hello (1.0-1) bookworm; urgency=low

  * One
    more.

 -- Ada Sample <ada@example.org>  Fri, 22 Mar 2019 12:00:00 +0100
";

/// A project whose changelog is this file.
fn project(file: &str, text: &str) -> Project {
    let project = Project::setup_py();
    project.remove("debian/changelog");
    fs::create_dir_all(project.path().join("docs")).unwrap();
    project.write(file, text);
    project
}

/// `packyard changelog WHAT PROJECT ARGS`, by somebody, on the first of June 2024 at noon.
fn changelog(project: &Project, what: &str, args: &[&str], (name, mail): (&str, &str)) -> Outcome {
    let mut command = packyard_command(["changelog", what, &project.arg()]);
    command.args(args);
    command
        .env("DEBFULLNAME", name)
        .env("DEBEMAIL", mail)
        .env("SOURCE_DATE_EPOCH", "1717243200");
    run(&mut command)
}

/// dch in the same directory.
fn dch(project: &Project, args: &[&str], (name, mail): (&str, &str)) -> Outcome {
    let mut command = system_command("dch");
    command
        .args(["--no-conf", "--force-save-on-release", "--no-auto-nmu"])
        .args(args);
    command
        .env("DEBFULLNAME", name)
        .env("DEBEMAIL", mail)
        .current_dir(project.path());
    run(&mut command).ok()
}

/// A Debian changelog without the dates that differ from one minute to the next.
fn undated(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix(" -- ").and_then(|rest| rest.split_once(">  ")) {
        Some((who, date)) if !date.contains("2019") => format!(" -- {who}>  DATE"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What is done here, with which arguments, what dch is told, and by whom.
type Step<'a> = (&'a str, Vec<&'a str>, Vec<&'a str>, (&'a str, &'a str));

#[test]
fn entries_are_edited_as_dch_edits_them() {
    let long =
        "A change that takes more words than one line of a changelog has room for, so that it is wrapped.";
    let steps: Vec<Step<'_>> = vec![
        ("add", vec![long], vec![long], ADA),
        ("add", vec!["Second."], vec!["--append", "Second."], ADA),
        ("add", vec!["By another."], vec!["--append", "By another."], GRACE),
        (
            "add",
            vec!["Again by another."],
            vec!["--append", "Again by another."],
            GRACE,
        ),
        (
            "add",
            vec!["By the first."],
            vec!["--append", "By the first."],
            ADA,
        ),
        ("release", vec![], vec!["--release", ""], GRACE),
        ("add", vec!["Next."], vec!["Next."], ADA),
        ("add", vec!["More."], vec!["More."], ADA),
        (
            "release",
            vec!["--distribution", "trixie", "--urgency", "high"],
            vec![
                "--release",
                "--distribution",
                "trixie",
                "--force-distribution",
                "--urgency",
                "high",
                "",
            ],
            ADA,
        ),
        (
            "add",
            vec!["--version", "2.0", "--distribution", "unstable", "Major."],
            vec!["--newversion", "2.0-1", "--distribution", "unstable", "Major."],
            ADA,
        ),
        ("add", vec!["After it."], vec!["--increment", "After it."], ADA),
    ];
    let ours = project("debian/changelog", RELEASED);
    let theirs = project("debian/changelog", RELEASED);
    let control = "Source: hello\nMaintainer: Ada Sample <ada@example.org>\n\nPackage: hello\nArchitecture: all\nDescription: x\n";
    theirs.write("debian/control", control);
    for (what, args, dch_args, who) in steps {
        changelog(&ours, what, &args, who).ok();
        dch(&theirs, &dch_args, who);
        let (own, other) = (ours.read("debian/changelog"), theirs.read("debian/changelog"));
        assert_eq!(undated(&own), undated(&other), "after {what} {args:?}");
    }
}

#[test]
fn every_problem_is_listed_and_then_they_are_counted() {
    let heading = "hello (1.0) unstable; urgency=mid\n\n* x\n\n";
    let trailer = "--Name <name@example.org> Sat, 11 May 2013 2:12:00 -0800\n";
    let project = project("debian/changelog", &format!("{heading}{trailer}"));
    let said = packyard(["changelog", "check", &project.arg()]).exits(1).stderr;
    for line in [
        "1 | hello (1.0) unstable; urgency=medium",
        "3 |   * x",
        "5 |  -- Name <name@example.org>  Sat, 11 May 2013 02:12:00 -0800",
        "error: 3 problems in `debian/changelog`",
    ] {
        assert!(
            said.lines().any(|said| said == line),
            "`{line}` is missing\n{said}"
        );
    }
    let json = packyard(["changelog", "check", &project.arg(), "--json"])
        .exits(1)
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["errors"], 3);
    assert_eq!(json["problems"][2]["place"]["line"], 5);
    assert_eq!(
        json["problems"][2]["fix"]["text"],
        " -- Name <name@example.org>  Sat, 11 May 2013 02:12:00 -0800"
    );
}

#[test]
fn a_warning_is_said_and_nothing_fails() {
    let project = project("debian/changelog", &RELEASED.replace('\n', "\r\n"));
    packyard(["changelog", "check", &project.arg()])
        .ok()
        .says(&["warning: ", "CR LF", "1 warning"]);
    let json = packyard(["changelog", "check", &project.arg(), "--json"])
        .ok()
        .stdout;
    assert!(json.contains("\"severity\": \"warning\""), "{json}");
}

#[test]
fn bytes_that_are_no_text_are_shown_in_their_line() {
    let project = project("debian/changelog", RELEASED);
    let latin: Vec<u8> = RELEASED
        .replace("One", "J@rg")
        .bytes()
        .map(|b| if b == b'@' { 0xf6 } else { b })
        .collect();
    fs::write(project.path().join("debian/changelog"), latin).unwrap();
    let outcome = packyard(["changelog", "check", &project.arg()]).exits(1);
    outcome.says(&[
        "the byte 0xf6 is not UTF-8",
        "debian/changelog:3:6",
        "3 |   * Jörg",
    ]);
}

#[test]
fn a_file_that_can_be_read_is_taken_before_one_that_cannot() {
    let project = project("CHANGES.md", "See the web site.\n");
    packyard(["changelog", "check", &project.arg()])
        .exits(1)
        .says(&["CHANGES.md:1:1", "no entry"]);
    project.write("HISTORY.rst", "0.0.1 (2019-03-22)\n==================\n\n* x\n");
    let outcome = packyard(["changelog", "check", &project.arg()]).ok();
    outcome.says(&[
        "HISTORY.rst: 1 entry",
        "`CHANGES.md` is passed over for `HISTORY.rst`",
    ]);
}

#[test]
fn a_changelog_in_docs_and_the_one_of_a_spec_are_found() {
    let in_docs = project(
        "docs/Changes.TXT",
        "0.0.1 (2019-03-22)\n==================\n\n* x\n",
    );
    packyard(["changelog", "check", &in_docs.arg()])
        .ok()
        .says(&["docs/Changes.TXT: 1 entry"]);
    let entry = "* Fri Mar 22 2019 Ada Sample <ada@example.org> - 0.0.1-1\n- Say 100%% more\n";
    let spec = project(
        "hello.spec",
        &format!("Name: hello\n%changelog\n{entry}\n%files\n"),
    );
    packyard(["changelog", "check", &spec.arg()])
        .ok()
        .says(&["hello.spec: 1 entry"]);
    packyard(["changelog", "show", &spec.arg()])
        .ok()
        .says(&["(0.0.1-1) unstable", "  * Say 100% more"]);
    packyard(["changelog", "show", &spec.arg(), "--format", "rpm"])
        .ok()
        .says(&[entry.trim_end()]);
}

const KEEP: &str = "# Changelog

## [Unreleased]

### Added

- A greeting.

## [1.0.0] - 2019-03-22

### Fixed

- It.

[unreleased]: https://example.org/a/hello/compare/v1.0.0...HEAD
[1.0.0]: https://example.org/a/hello/releases/tag/v1.0.0
";

#[test]
fn keep_a_changelog_keeps_its_groups_its_links_and_its_empty_unreleased() {
    let project = project("CHANGELOG.md", KEEP);
    changelog(&project, "add", &["Added: Another.", "fixed: A slip."], ADA).ok();
    changelog(&project, "release", &["--bump", "minor"], ADA)
        .ok()
        .says(&["1.1.0 is released"]);
    let expected = KEEP
        .replace(
            "- A greeting.\n",
            "- A greeting.\n- Another.\n\n### Fixed\n\n- A slip.\n",
        )
        .replace(
            "## [Unreleased]\n",
            "## [Unreleased]\n\n## [1.1.0] - 2024-06-01\n",
        )
        .replace(
            "v1.0.0...HEAD\n",
            "v1.1.0...HEAD\n[1.1.0]: https://example.org/a/hello/compare/v1.0.0...v1.1.0\n",
        );
    assert_eq!(project.read("CHANGELOG.md"), expected);
}

#[test]
fn headings_dates_bullets_line_ends_and_the_mode_stay_as_they_are() {
    let text = "Changes\r\n*******\r\n\r\nVersion 1.0\r\n~~~~~~~~~~~\r\n\r\nReleased March 22, 2019\r\n\r\n-   One.\r\n";
    let project = project("CHANGES.rst", text);
    let path = project.path().join("CHANGES.rst");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    changelog(&project, "add", &["Two."], ADA).ok();
    let open = "Unreleased\r\n~~~~~~~~~~\r\n\r\n-   Two.\r\n\r\nVersion 1.0\r\n";
    assert_eq!(project.read("CHANGES.rst"), text.replace("Version 1.0\r\n", open));
    changelog(
        &project,
        "release",
        &["--version", "1.10", "--date", "2024-06-02"],
        ADA,
    )
    .ok();
    let closed =
        "Version 1.10\r\n~~~~~~~~~~~~\r\n\r\nReleased June 2, 2024\r\n\r\n-   Two.\r\n\r\nVersion 1.0\r\n";
    assert_eq!(
        project.read("CHANGES.rst"),
        text.replace("Version 1.0\r\n", closed)
    );
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_rpm_changelog_is_closed_with_its_version_its_date_and_its_author() {
    let old = "* Fri Mar 22 2019 Ada Sample <ada@example.org> - 1:1.0-3.fc39\n- One\n";
    let project = project("CHANGES", old);
    changelog(&project, "add", &["Keep 100% of it"], GRACE).ok();
    changelog(&project, "release", &["--bump", "minor"], ADA).ok();
    let new = "* Sat Jun 01 2024 Ada Sample <ada@example.org> - 1:1.1-1.fc39\n- Keep 100%% of it\n";
    assert_eq!(project.read("CHANGES"), format!("{new}\n{old}"));
}

#[test]
fn a_new_changelog_is_written_in_the_dialect_of_its_name() {
    for (file, expected) in [
        (
            "CHANGELOG.md",
            "# Changelog\n\n## [0.0.1] - 2024-06-01\n\n- First.\n",
        ),
        (
            "NEWS.rst",
            "Changelog\n=========\n\n0.0.1\n^^^^^\n01-Jun-2024\n\n* First.\n",
        ),
    ] {
        let project = project(file, "");
        project.remove(file);
        project.write("packyard.toml", &format!("[package]\nchangelog = \"{file}\"\n"));
        changelog(&project, "add", &["First."], ADA)
            .exits(1)
            .says(&["has no changelog", "--create"]);
        changelog(
            &project,
            "add",
            &["--create", "--version", "0.0.1", "First."],
            ADA,
        )
        .ok();
        assert_eq!(project.read(file), expected);
    }
}

#[test]
fn whose_entry_it_is_comes_from_the_environment_or_from_git_or_is_asked_for() {
    let project = project("debian/changelog", RELEASED);
    let add = |env: &[(&str, &str)]| {
        let mut command = packyard_command(["changelog", "add", &project.arg(), "More."]);
        for name in ["DEBFULLNAME", "DEBEMAIL", "NAME", "EMAIL"] {
            command.env_remove(name);
        }
        let home = TempDir::new().unwrap();
        command
            .env("HOME", home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(env.iter().copied());
        run(&mut command)
    };
    let outcome = add(&[]).exits(1);
    outcome.says(&[
        "needs an author",
        "DEBFULLNAME",
        "DEBEMAIL",
        "NAME",
        "EMAIL",
        "git config user.name",
    ]);
    assert_eq!(project.read("debian/changelog"), RELEASED);
    for (env, expected) in [
        (
            vec![("NAME", "N"), ("EMAIL", "n@example.org")],
            " -- N <n@example.org>  ",
        ),
        (
            vec![("DEBEMAIL", "D <d@example.org>"), ("NAME", "N")],
            " -- D <d@example.org>  ",
        ),
    ] {
        project.write("debian/changelog", RELEASED);
        add(&env).ok();
        assert!(
            project.read("debian/changelog").contains(expected),
            "{}",
            project.read("debian/changelog")
        );
    }
    let git = |args: &[&str]| run(system_command("git").arg("-C").arg(project.path()).args(args)).ok();
    git(&["init", "--quiet"]);
    git(&["config", "user.name", "Git Person"]);
    git(&["config", "user.email", "git@example.org"]);
    project.write("debian/changelog", RELEASED);
    add(&[]).ok();
    assert!(
        project
            .read("debian/changelog")
            .contains(" -- Git Person <git@example.org>  ")
    );
}

#[test]
fn a_release_that_makes_no_sense_changes_nothing() {
    let open = RELEASED.replace("bookworm", "UNRELEASED");
    for (text, args, code, words) in [
        (
            RELEASED,
            &["--version", "2.0"][..],
            1,
            &["there is no open entry", "packyard changelog add"][..],
        ),
        (
            &open,
            &["--bump", "minor"],
            2,
            &["no release to count up from", "--version"],
        ),
        (
            &format!("{open}\n{}", RELEASED.replace("1.0-1", "0.9-1")),
            &["--version", "0.8"],
            1,
            &["not newer than 0.9"],
        ),
        (
            &format!("{open}\n{}", RELEASED.replace("1.0-1", "0.9-1")),
            &["--bump", "patch"],
            2,
            &["no third number"],
        ),
    ] {
        let project = project("debian/changelog", text);
        changelog(&project, "release", args, ADA).exits(code).says(words);
        assert_eq!(project.read("debian/changelog"), text);
    }
}

#[test]
fn every_sample_is_shown_as_a_debian_changelog_that_dpkg_reads_in_silence() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/changelogs");
    for entry in fs::read_dir(samples).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let file = if name == "debian" {
            "debian/changelog"
        } else {
            &name
        };
        let project = project(file, &fs::read_to_string(entry.path()).unwrap());
        project.write(
            "packyard.toml",
            &format!("[package]\nchangelog = \"{file}\"\nmaintainer = \"Ada <ada@example.org>\"\n"),
        );
        // Some samples leave the dates out, which is the one thing to be told.
        let checked = packyard(["changelog", "check", &project.arg()]).ok();
        let undated = checked.stderr.contains("has no date");
        checked.says(&[if undated { "1 warning" } else { "nothing wrong" }]);
        let shown = packyard(["changelog", "show", &project.arg()]).ok().stdout;
        project.write("shown", &shown);
        let mut dpkg = system_command("dpkg-parsechangelog");
        let read = run(dpkg.args(["--all", "-l"]).arg(project.path().join("shown"))).ok();
        assert_eq!(read.stderr, "", "{name}\n{shown}");
    }
}

#[test]
fn a_build_takes_its_version_and_its_date_from_markdown() {
    let project = Project::hello_world();
    project.remove("CHANGELOG.rst");
    let text = "# Changes\n\n## [Unreleased]\n\n## [1.1.3] - 2019-03-22\n\n### Added\n\n- Čeština.\n\n## [1.1.2]\n\n- Old.\n";
    project.write("CHANGELOG.md", text);
    let deb = project.build().deb();
    let tree = TempDir::new().unwrap();
    run(system_command("dpkg-deb").arg("-x").arg(&deb).arg(tree.path())).ok();
    let log = tree.path().join("usr/share/doc/hello-world/changelog.Debian.gz");
    let log = run(system_command("zcat").arg(log)).ok().stdout;
    assert!(
        log.starts_with("hello-world (1.1.3-1) unstable; urgency=medium\n\n  * Added:\n    - Čeština.\n"),
        "{log}"
    );
    assert!(log.contains("Fri, 22 Mar 2019 00:00:00 +0000"), "{log}");
    assert_eq!(log.matches(" unstable; ").count(), 2, "{log}");
}
