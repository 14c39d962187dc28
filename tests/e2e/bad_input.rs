//! Whatever is wrong with a project is said once, clearly, and nothing is written.

use crate::harness::{Project, packyard};

#[test]
fn a_project_without_a_version() {
    let project = Project::hello_world();
    project.replace("pyproject.toml", "version = \"1.1.3\"\n", "");
    project.remove("CHANGELOG.rst");
    project.build_fails(&[]).says(&["pyproject.toml", "version"]);
}

#[test]
fn a_project_without_a_changelog_is_told_how_to_make_one() {
    let project = Project::greeter();
    project.remove("CHANGELOG.rst");
    project
        .build_fails(&[])
        .says(&["changelog", "packyard changelog add", "hint"]);
}

#[test]
fn a_missing_changelog_does_not_stop_a_wheel() {
    let project = Project::hello_world();
    project.remove("CHANGELOG.rst");
    packyard([
        "build",
        &project.arg(),
        "--format",
        "sdist,wheel",
        "--out",
        &(project.arg() + "/dist"),
    ])
    .ok();
}

#[test]
fn a_changelog_that_is_not_one() {
    let project = Project::hello_world();
    project.write("CHANGELOG.rst", "Changelog\n=========\n\nSee the web site.\n");
    project
        .build_fails(&["--format", "deb,rpm"])
        .says(&["CHANGELOG.rst", "hint"]);
}

#[test]
fn a_date_in_the_changelog_that_does_not_exist_is_shown_with_its_line() {
    let project = Project::hello_world();
    project.replace("CHANGELOG.rst", "22-Mar-2019", "22-Mrz-2019");
    project
        .build_fails(&["--format", "deb,rpm"])
        .says(&["CHANGELOG.rst:6", "22-Mrz-2019"]);
}

#[test]
fn a_trailer_of_debian_changelog_that_dpkg_would_not_read_is_shown_with_its_line() {
    let project = Project::setup_py();
    project.replace(
        "debian/changelog",
        " -- Ada Sample <ada@example.org>  Fri",
        " -- Ada Sample <ada@example.org> Fri",
    );
    project
        .build_fails(&["--format", "deb,rpm"])
        .says(&["debian/changelog:5"]);
    let arg = project.arg();
    packyard(["changelog", "check", &arg])
        .exits(1)
        .says(&["debian/changelog:5"]);
}

#[test]
fn versions_that_disagree_are_both_shown() {
    let project = Project::hello_world();
    project.replace("pyproject.toml", "1.1.3", "1.1.4");
    project
        .build_fails(&[])
        .says(&["pyproject.toml", "1.1.4", "CHANGELOG.rst", "1.1.3"]);
}

#[test]
fn a_file_that_the_manifest_names_but_that_is_missing() {
    let project = Project::hello_world();
    project.remove("man/hello-world.1");
    project
        .build_fails(&[])
        .says(&["packyard.toml", "man/hello-world.1"]);
}

#[test]
fn an_unknown_key_is_shown_with_its_line_and_the_nearest_known_one() {
    let project = Project::greeter();
    project.replace("packyard.toml", "summary =", "sumary =");
    project
        .build_fails(&[])
        .says(&["packyard.toml:3", "sumary", "summary"]);
}

#[test]
fn an_unknown_table_is_an_unknown_key() {
    let project = Project::hello_world();
    project.replace("packyard.toml", "[deb]", "[debian]");
    project.build_fails(&[]).says(&["packyard.toml", "debian", "deb"]);
}

#[test]
fn a_value_of_the_wrong_type_is_shown_with_its_line() {
    let project = Project::greeter();
    project.replace("packyard.toml", "name = \"greeter\"", "name = 7");
    project.build_fails(&[]).says(&["packyard.toml:2"]);
}

#[test]
fn a_manifest_that_is_not_toml() {
    let project = Project::greeter();
    project.replace("packyard.toml", "[package]", "[package");
    project.build_fails(&[]).says(&["packyard.toml:1"]);
}

#[test]
fn a_target_outside_of_the_system_is_refused() {
    let project = Project::greeter();
    project.replace("packyard.toml", "/usr/bin/greeter\"", "/usr/../../bin/greeter\"");
    project
        .build_fails(&[])
        .says(&["packyard.toml", "/usr/../../bin/greeter"]);
}

#[test]
fn a_python_format_of_a_project_without_python_is_refused() {
    let project = Project::greeter();
    project.build_fails(&["--format", "wheel"]).says(&["wheel"]);
}

#[test]
fn a_version_that_is_none_is_refused() {
    let project = Project::hello_world();
    project.replace("pyproject.toml", "1.1.3", "one");
    project.replace("CHANGELOG.rst", "1.1.3\n^^^^^", "one\n^^^");
    project.build_fails(&[]).says(&["one"]);
}

#[test]
fn a_directory_that_is_no_project() {
    let empty = tempfile::TempDir::new().unwrap();
    let path = empty.path().to_str().unwrap();
    packyard(["build", path]).exits(1).says(&[path]);
    packyard(["build", "/nonexistent"])
        .exits(1)
        .says(&["/nonexistent"]);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    packyard(["biuld"]).exits(2).says(&["biuld", "build"]);
    packyard(["build", "--formt", "deb"]).exits(2).says(&["--format"]);
    packyard(["build", "--format", "zip"]).exits(2).says(&["zip"]);
    packyard(["serve", "--listen", "nonsense"])
        .exits(2)
        .says(&["nonsense"]);
}

#[test]
fn a_broken_file_is_not_published() {
    let yard = crate::harness::Yard::new();
    let at = yard.revision();
    let dist = Project::greeter().build();
    let deb = dist.deb();
    let bytes = std::fs::read(&deb).unwrap();
    std::fs::write(&deb, &bytes[..bytes.len() / 2]).unwrap();
    let name = deb.file_name().unwrap().to_str().unwrap();
    let (server, token) = (yard.url(""), yard.admin_token());
    let path = deb.to_str().unwrap();
    packyard(["publish", path, "--server", &server, "--token", &token])
        .exits(1)
        .says(&[name]);
    assert_eq!(yard.revision(), at);
}
