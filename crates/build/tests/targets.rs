//! One project for many distributions: what differs, and what is said of those that are not known.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{Family, KNOWN_DISTRIBUTIONS, Options, Plan, plan};
use std::{fs, path::Path, process::Command};
use tempfile::TempDir;

const LIBRARY: &str = "[project]\nname = 'lib'\nversion = '1.0'\nrequires-python = '>=3.9'\nlicense = 'MIT'\n\
    authors = [{name = 'Ada Sample', email = 'ada@example.org'}]\n[tool.setuptools]\npackages = ['lib']\n";

fn project(pyproject: &str, packyard: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("pyproject.toml", pyproject);
    write("packyard.toml", packyard);
    write("lib/__init__.py", "");
    write("CHANGELOG.rst", "1.0\n^^^\n22-Mar-2023\n\n* Begin.\n");
    dir
}

fn planned(dir: &Path, distributions: &[&str]) -> Result<Plan, String> {
    let options = Options {
        distributions: distributions.iter().map(|d| d.parse().unwrap()).collect(),
        ..Options::default()
    };
    plan(dir, &options).map_err(|e| e.to_string())
}

/// `DISTRIBUTION/FILE` of everything that is planned for a distribution.
fn packages(plan: &Plan) -> Vec<String> {
    let packages = plan.artifacts.iter().filter(|a| !a.distribution.is_any());
    packages
        .map(|a| format!("{}/{}", a.distribution, a.name))
        .collect()
}

#[test]
fn each_distribution_gets_the_package_that_it_wants() {
    let dir = project(LIBRARY, "");
    let plan = planned(
        dir.path(),
        &["bookworm", "ubuntu24.04", "el9", "fc42", "leap16.0"],
    )
    .unwrap();
    assert_eq!(
        packages(&plan),
        [
            "bookworm/python3-lib_1.0-1_all.deb",
            "ubuntu24.04/python3-lib_1.0-1_all.deb",
            "el9/python3-lib-1.0-1.el9.noarch.rpm",
            "fc42/python3-lib-1.0-1.fc42.noarch.rpm",
            "leap16.0/python3-lib-1.0-1.noarch.rpm",
        ]
    );
    let listings = packyard_build::list(&plan).unwrap();
    let sites: Vec<bool> = [(4, "3.9"), (5, "3.13"), (6, "3.13")]
        .iter()
        .map(|(i, python)| {
            let init = format!("/usr/lib/python{python}/site-packages/lib/__init__.py");
            listings[*i].files.iter().any(|file| file.path == init)
        })
        .collect();
    assert_eq!(sites, [true; 3]);
}

#[test]
fn a_distribution_that_is_asked_for_twice_is_made_once() {
    let dir = project(LIBRARY, "");
    let plan = planned(dir.path(), &["el9", "bookworm", "el9"]).unwrap();
    assert_eq!(packages(&plan).len(), 2);
}

#[test]
fn every_known_distribution_can_be_built_for() {
    let dir = project(&LIBRARY.replace("3.9", "3.6"), "");
    for known in KNOWN_DISTRIBUTIONS {
        for name in known.names {
            let plan = planned(dir.path(), &[name]).unwrap();
            let end = if known.family == Family::Deb {
                ".deb"
            } else {
                ".rpm"
            };
            assert!(
                matches!(&packages(&plan)[..], [one] if one.ends_with(end)),
                "{name}"
            );
        }
    }
}

#[test]
fn a_slip_in_a_name_is_told_from_a_distribution_of_ones_own() {
    let dir = project(LIBRARY, "");
    let error = planned(dir.path(), &["bookwrm"]).unwrap_err();
    assert!(error.contains("did you mean `bookworm`?"), "{error}");
    let error = planned(dir.path(), &["plan9"]).unwrap_err();
    assert!(
        error.contains("known are") && error.contains("distributions = [\"plan9\"]"),
        "{error}"
    );
    let dir = project(LIBRARY, "[deb]\ndistributions = ['plan9']\n");
    assert_eq!(
        packages(&planned(dir.path(), &["plan9"]).unwrap()),
        ["plan9/python3-lib_1.0-1_all.deb"]
    );
}

#[test]
fn a_python_that_the_project_does_not_run_on_is_an_error_with_its_place() {
    let dir = project(LIBRARY, "");
    let error = planned(dir.path(), &["el8"]).unwrap_err();
    assert!(
        error.contains("el8 has Python 3.6, but the project wants >=3.9\n --> pyproject.toml:4:19")
            && error.contains("leave el8 out"),
        "{error}"
    );
    let error = planned(dir.path(), &["focal"]).unwrap_err();
    assert!(error.contains("focal has Python 3.8"), "{error}");
    // EL8 has others, which a project can name.
    let dir = project(LIBRARY, "[rpm]\npython = '3.11'\n");
    assert!(planned(dir.path(), &["el8"]).is_ok());
    let dir = project(LIBRARY, "[rpm]\npython = '3.8'\n");
    let error = planned(dir.path(), &["el9"]).unwrap_err();
    assert!(
        error.contains("packyard.toml:2:10") && error.contains("pyproject.toml:4:19"),
        "{error}"
    );
}

#[test]
fn a_program_runs_on_the_python_that_its_modules_are_for() {
    let program = LIBRARY.replace(
        "[tool.setuptools]",
        "[project.scripts]\nlib = 'lib:main'\n[tool.setuptools]",
    );
    for (python, interpreter) in [("3.11", "/usr/bin/python3.11"), ("3.9", "/usr/bin/python3")] {
        let dir = project(&program, &format!("[rpm]\npython = '{python}'\n"));
        let options = Options {
            distributions: vec!["el9".parse().unwrap()],
            formats: vec![packyard_types::ArtifactKind::Rpm],
            ..Options::default()
        };
        let out = dir.path().join("out");
        let plan = plan(dir.path(), &options).unwrap();
        let release = packyard_build::build(&plan, &out, |_| ()).unwrap();
        let rpm = release.artifacts[0].path(&out);
        let asked = Command::new("rpm")
            .args(["-qp", "--requires"])
            .arg(rpm)
            .output()
            .unwrap();
        let requires = String::from_utf8(asked.stdout).unwrap();
        let programs: Vec<_> = requires
            .lines()
            .filter(|line| line.starts_with("/usr/bin/python"))
            .collect();
        assert_eq!(programs, [interpreter], "{requires}");
    }
}

#[test]
fn a_library_for_any_is_built_for_the_first_python_from_3_9_on_that_it_wants() {
    for (wanted, built_for) in [(">=3.6", "3.9"), (">=3.10.2", "3.10"), (">=3.12,<4", "3.12")] {
        let dir = project(&LIBRARY.replace(">=3.9", wanted), "");
        let notes = planned(dir.path(), &[]).unwrap().notes.join("\n");
        assert!(
            notes.contains(&format!("built for Python {built_for};")),
            "{notes}"
        );
    }
}

#[test]
fn a_release_that_says_its_distribution_is_not_told_twice() {
    let dir = project(LIBRARY, "[rpm]\nrelease = '4.el9'\n");
    assert_eq!(
        packages(&planned(dir.path(), &["el9"]).unwrap()),
        ["el9/python3-lib-1.0-4.el9.noarch.rpm"]
    );
}

#[test]
fn a_distribution_past_its_support_is_noted() {
    let dir = project(&LIBRARY.replace("3.9", "3.6"), "");
    fs::write(
        dir.path().join("CHANGELOG.rst"),
        "1.0\n^^^\n22-Mar-2025\n\n* Begin.\n",
    )
    .unwrap();
    let notes = planned(dir.path(), &["buster"]).unwrap().notes.join("\n");
    assert!(
        notes.contains("buster has been without its makers' support since 2024-06"),
        "{notes}"
    );
    let notes = planned(dir.path(), &["bookworm"]).unwrap().notes.join("\n");
    assert!(!notes.contains("support"), "{notes}");
}

/// A row of the table in docs/targets.md.
fn row(known: &packyard_build::KnownDistribution) -> String {
    let names: Vec<String> = known.names.iter().map(|name| format!("`{name}`")).collect();
    let or_dash = |text: &str| {
        if text.is_empty() {
            "–".to_owned()
        } else {
            text.to_owned()
        }
    };
    let systemd = if known.systemd == 0 {
        String::new()
    } else {
        known.systemd.to_string()
    };
    let until = known
        .supported_until
        .map_or(String::new(), |(year, month)| format!("{year}-{month:02}"));
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |\n",
        names.join(", "),
        or_dash(known.python.unwrap_or("")),
        format!("{:?}", known.compression).to_lowercase(),
        or_dash(known.dist_tag),
        or_dash(known.debian_names),
        or_dash(&systemd),
        or_dash(&until),
    )
}

#[test]
fn the_table_in_the_docs_is_the_table_in_the_code() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/targets.md");
    let text = fs::read_to_string(docs).unwrap();
    let table: String = KNOWN_DISTRIBUTIONS.iter().map(row).collect();
    assert!(text.contains(&table), "docs/targets.md should hold\n{table}");
}
