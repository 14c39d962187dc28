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

    fn build(&self, distribution: &str) -> Dist {
        let project = self.directory.path().to_str().unwrap();
        let out = self.directory.path().join("dist");
        let format = if distribution == "el9" { "rpm" } else { "deb" };
        let args = [
            "--for",
            distribution,
            "--format",
            format,
            "--out",
            out.to_str().unwrap(),
        ];
        packyard([&["build", project], &args[..]].concat()).ok();
        Dist::at(out.join(distribution))
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
