//! What a package says of itself: its maintainer, its summary and its description, as dpkg and rpm read them.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{Options, build, plan};
use packyard_types::ArtifactKind;
use std::{fs, path::PathBuf, process::Command};
use tempfile::TempDir;

/// A project with this in its [project] and this in its packyard.toml, built as a .deb and an .rpm.
fn built(project: &str, packyard: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("demo")).unwrap();
    let pyproject = format!(
        "[project]\nname = 'demo'\nversion = '1.0'\nlicense = 'MIT'\nrequires-python = '>=3.9'\n{project}\n\
         [tool.setuptools]\npackages = ['demo']\n"
    );
    for (name, text) in [
        ("pyproject.toml", pyproject.as_str()),
        ("packyard.toml", packyard),
        ("CHANGELOG.rst", "1.0\n^^^\n22-Mar-2019\n\n* x\n"),
        ("demo/__init__.py", ""),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let options = Options {
        formats: vec![ArtifactKind::Deb, ArtifactKind::Rpm],
        ..Options::default()
    };
    let plan = plan(dir.path(), &options).unwrap();
    build(&plan, &dir.path().join("dist"), |_| ()).unwrap();
    dir
}

fn artifact(dir: &TempDir, extension: &str) -> PathBuf {
    let mut files = fs::read_dir(dir.path().join("dist"))
        .unwrap()
        .map(|e| e.unwrap().path());
    files
        .find(|path| path.extension().is_some_and(|e| e == extension))
        .unwrap()
}

fn said(program: &str, arguments: &[&str], dir: &TempDir, extension: &str) -> String {
    let mut command = Command::new(program);
    let output = command
        .args(arguments)
        .arg(artifact(dir, extension))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn deb_field(dir: &TempDir, field: &str) -> String {
    let mut command = Command::new("dpkg-deb");
    let output = command
        .arg("-f")
        .arg(artifact(dir, "deb"))
        .arg(field)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn rpm_tag(dir: &TempDir, tag: &str) -> String {
    said("rpm", &["-qp", "--nosignature", "--qf", tag], dir, "rpm")
}

fn lintian(dir: &TempDir) -> String {
    let output = Command::new("lintian")
        .arg(artifact(dir, "deb"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_comma_in_the_maintainers_name_begins_no_other_person() {
    let dir = built(
        "description = 'Shows things'\nauthors = [{name = 'Jürgen Müller, Jr.', email = 'j@example.org'}]",
        "",
    );
    assert_eq!(
        deb_field(&dir, "Maintainer"),
        "\"Jürgen Müller, Jr.\" <j@example.org>"
    );
    assert_eq!(rpm_tag(&dir, "%{PACKAGER}"), "Jürgen Müller, Jr. <j@example.org>");
    let tags = lintian(&dir);
    assert!(!tags.contains("malformed-contact"), "{tags}");
    let unpacked = dir.path().join("unpacked");
    let mut dpkg = Command::new("dpkg-deb");
    let status = dpkg
        .arg("-x")
        .arg(artifact(&dir, "deb"))
        .arg(&unpacked)
        .status()
        .unwrap();
    assert!(status.success());
    let copyright = fs::read_to_string(unpacked.join("usr/share/doc/python3-demo/copyright")).unwrap();
    let notice = copyright
        .lines()
        .find_map(|line| line.strip_prefix("Copyright: "));
    assert_eq!(notice, Some("2019 Jürgen Müller, Jr. <j@example.org>"));
}

#[test]
fn the_project_file_may_name_a_maintainer_with_a_comma() {
    for text in ["A, B <a@b.org>", "\"A, B\" <a@b.org>"] {
        let dir = built(
            "description = 'Shows things'",
            &format!("[package]\nmaintainer = '{text}'\n"),
        );
        assert_eq!(deb_field(&dir, "Maintainer"), "\"A, B\" <a@b.org>");
        assert_eq!(rpm_tag(&dir, "%{PACKAGER}"), "A, B <a@b.org>");
    }
}

#[test]
fn a_summary_that_says_nothing_is_replaced() {
    let authors = "authors = [{name = 'A', email = 'a@b.org'}]";
    for summary in ["", "  ", "."] {
        let dir = built(&format!("description = '{summary}'\n{authors}"), "");
        let description = deb_field(&dir, "Description");
        assert!(
            description.starts_with("package of the project demo\n"),
            "{description}"
        );
        assert_eq!(rpm_tag(&dir, "%{SUMMARY}"), "Package of the project demo");
    }
}

#[test]
fn a_description_that_is_the_summary_again_is_replaced() {
    let dir = built(
        "description = 'Shows things'\nauthors = [{name = 'A', email = 'a@b.org'}]",
        "[package]\ndescription = 'Shows things.'\n",
    );
    assert_eq!(
        deb_field(&dir, "Description"),
        "Shows things\n This package holds demo: Shows things."
    );
    let tags = lintian(&dir);
    assert!(!tags.contains("description-synopsis-is-duplicated"), "{tags}");
}

#[test]
fn a_blank_line_within_a_listing_stays_one_field() {
    let dir = built(
        "description = 'Shows things'\nauthors = [{name = 'A', email = 'a@b.org'}]",
        "[package]\ndescription = \"It shows:\\n\\n  one\\n \\n  two\"\n",
    );
    assert_eq!(
        deb_field(&dir, "Description"),
        "Shows things\n It shows:\n .\n  one\n .\n  two"
    );
}
