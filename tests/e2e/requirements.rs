//! What a project requires, apt and dnf insist on: a library is installed beside a version in its range, and refused
//! beside one that is out of it.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::harness::{AptRoot, Dist, DnfRoot, packyard};

/// A library of that name and version with these requirements, built for a distribution.
struct Library {
    directory: TempDir,
}

impl Library {
    fn new(name: &str, version: &str, requires: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let module = directory.path().join(name);
        fs::create_dir(&module).unwrap();
        fs::write(module.join("__init__.py"), "").unwrap();
        let pyproject = format!(
            "[project]\nname = '{name}'\nversion = '{version}'\ndescription = 'A library for a test'\n\
             license = 'MIT'\nauthors = [{{name = 'Ada Sample', email = 'ada@example.org'}}]\n\
             dependencies = [{requires}]\n[tool.setuptools]\npackages = ['{name}']\n"
        );
        fs::write(directory.path().join("pyproject.toml"), pyproject).unwrap();
        let changelog = format!(
            "{version}\n{}\n01-Jun-2024\n\n* Begin.\n",
            "^".repeat(version.len())
        );
        fs::write(directory.path().join("CHANGELOG.rst"), changelog).unwrap();
        Self { directory }
    }

    /// Gives it a program, which makes it an application.
    fn with_program(self) -> Self {
        let pyproject = self.directory.path().join("pyproject.toml");
        let text = fs::read_to_string(&pyproject).unwrap();
        let scripts = "[project.scripts]\ndemo = 'demo:main'\n[tool.setuptools]\n";
        fs::write(&pyproject, text.replace("[tool.setuptools]\n", scripts)).unwrap();
        self
    }

    fn build(&self, distribution: &str) -> Dist {
        let project = self.directory.path().to_str().unwrap();
        let out = self.directory.path().join("dist");
        let format = if distribution == "bookworm" { "deb" } else { "rpm" };
        let args = [
            "--for",
            distribution,
            "--format",
            format,
            "--out",
            out.to_str().unwrap(),
        ];
        packyard([&["build", project], &args[..]].concat()).ok();
        Dist::at(if distribution == "any" {
            out
        } else {
            out.join(distribution)
        })
    }
}

/// The requirements of the library under test: a range with a hole.
const RANGE: &str = "'six>=1.10,!=1.12,<2'";

/// A version that it takes, and versions that it refuses.
const TAKEN: [&str; 2] = ["1.10", "1.13.1"];
const REFUSED: [&str; 4] = ["1.9", "1.12", "2.0rc1", "2.0"];

#[test]
fn apt_installs_a_library_beside_a_version_in_its_range_only() {
    let root = AptRoot::new();
    let put = |library: &Library| {
        let deb: PathBuf = library.build("bookworm").deb();
        let name = deb.file_name().unwrap().to_str().unwrap().to_owned();
        fs::copy(&deb, root.inside(&name)).unwrap();
        format!("/{name}")
    };
    let library = put(&Library::new("demo", "1.0", RANGE));
    for version in REFUSED {
        let six = put(&Library::new("six", version, ""));
        root.apt_get(&["install", &library, &six])
            .fails()
            .says(&["python3-six"]);
        assert_eq!(root.installed("python3-demo"), None, "beside six {version}");
    }
    for version in TAKEN {
        let six = put(&Library::new("six", version, ""));
        root.apt_get(&["install", &library, &six]).ok();
        assert!(root.installed("python3-demo").is_some(), "beside six {version}");
        root.apt_get(&["purge", "python3-demo", "python3-six"]).ok();
    }
}

#[test]
fn dnf_installs_a_library_beside_a_version_in_its_range_only() {
    let root = DnfRoot::new();
    let library = Library::new("demo", "1.0", RANGE);
    let library = library.build("el9").rpm();
    let library = library.to_str().unwrap();
    for (versions, is_taken) in [(&REFUSED[..], false), (&TAKEN[..], true)] {
        for version in versions {
            let project = Library::new("six", version, "");
            let six = project.build("el9").rpm();
            let outcome = root.dnf(&["install", library, six.to_str().unwrap()]);
            if is_taken {
                outcome.ok();
                assert!(root.installed("python3-demo").is_some(), "beside six {version}");
                root.dnf(&["remove", "python3-demo", "python3-six"]).ok();
            } else {
                outcome.fails().says(&["nothing provides", "python3.9dist(six)"]);
                assert_eq!(root.installed("python3-demo"), None, "beside six {version}");
            }
        }
    }
}

#[test]
fn what_an_application_needs_of_some_pythons_only_dnf_wants_for_these() {
    let root = DnfRoot::new();
    let six = Library::new("six", "1.16", "");
    let six = six.build("el9").rpm();
    // The root claims to have Python 3.11.
    for (marker, is_wanted) in [("<'3.7'", false), (">='3.7'", true)] {
        let requires = format!("\"six>=1.10; python_version{marker}\"");
        let application = Library::new("demo", "1.0", &requires).with_program();
        let application = application.build("any").rpm();
        let application = application.to_str().unwrap();
        let alone = root.dnf(&["install", application]);
        if is_wanted {
            alone
                .fails()
                .says(&["python3dist(six) >= 1.10 if python3 >= 3.7"]);
            root.dnf(&["install", application, six.to_str().unwrap()]).ok();
        } else {
            alone.ok();
        }
        root.dnf(&["remove", "demo"]).ok();
    }
}
