//! Broken metadata of Python projects: each problem with its place, all problems of one file at once, and no panic
//! whatever the file holds.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{Options, plan};
use packyard_types::ArtifactKind;
use proptest::prelude::*;
use std::fs;

fn planned(files: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let options = Options {
        formats: vec![ArtifactKind::Sdist, ArtifactKind::Wheel],
        ..Options::default()
    };
    let plan = plan(dir.path(), &options).map_err(|e| e.to_string())?;
    Ok(plan.artifacts.iter().map(|a| a.name.to_string()).collect())
}

const SYSTEM: &str = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n";

/// The error of a pyproject.toml whose [project] begins with a name and a version, in lines 5 and 6.
fn error(rest: &str) -> String {
    let text = format!("{SYSTEM}[project]\nname = 'x'\nversion = '1'\n{rest}");
    planned(&[("pyproject.toml", &text), ("x.py", ""), ("LICENSE", "")]).unwrap_err()
}

#[track_caller]
fn says(error: &str, words: &[&str]) {
    for word in words {
        assert!(error.contains(word), "`{word}` is not in\n{error}");
    }
}

#[test]
fn each_field_that_is_wrong_is_shown_where_it_is() {
    for (rest, words) in [
        (
            "keyword = ['a']",
            &[
                "pyproject.toml:7:1",
                "unknown key `keyword`",
                "did you mean `keywords`?",
            ][..],
        ),
        ("description = 1", &["pyproject.toml:7:15", "must be a string"]),
        (
            "keywords = {a = 1}",
            &["pyproject.toml:7:12", "must be a list of strings"],
        ),
        (
            "requires-python = 'three'",
            &["pyproject.toml:7:19", "says no versions of Python"],
        ),
        (
            "dependencies = ['a', 'b >> 1']",
            &["pyproject.toml:7:22", "`b >> 1` is not a requirement"],
        ),
        (
            "optional-dependencies = {a = ['c ==']}",
            &["pyproject.toml:7:31", "not a requirement"],
        ),
        (
            "scripts = {a = 'b'}",
            &[
                "pyproject.toml:7:16",
                "`b` does not name an object",
                "package.module:function",
            ],
        ),
        (
            "scripts = {a = 'x:m'}\ngui-scripts = {a = 'x:m'}",
            &["pyproject.toml:8:16", "the script `a` is there twice"],
        ),
        (
            "entry-points = {console_scripts = {a = 'x:m'}}",
            &["[project.scripts]"],
        ),
        (
            "readme = 'NONE.md'",
            &["pyproject.toml:7:10", "`NONE.md` is not there"],
        ),
        ("readme = {text = 'x'}", &["content-type"]),
        (
            "license-files = ['LICENSE', 'COPY*']",
            &["pyproject.toml:7:29", "no file matches `COPY*`"],
        ),
        (
            "license-files = ['../LICENSE']",
            &["pyproject.toml:7:18", "is not in the project"],
        ),
        (
            "license = 'Free'",
            &["pyproject.toml:7:11", "not an SPDX licence expression"],
        ),
        (
            "license = {text = 'x'}\nlicense-files = ['LICENSE']",
            &["pyproject.toml:8:17", "does not go together"],
        ),
        (
            "license = 'MIT'\nclassifiers = ['License :: OSI Approved :: MIT License']",
            &["pyproject.toml:8:16", "says again"],
        ),
        (
            "description = 'x'\ndynamic = ['description']",
            &["pyproject.toml:8:12", "[project] says it as well"],
        ),
        (
            "dynamic = ['reame']",
            &[
                "pyproject.toml:7:12",
                "cannot be dynamic",
                "did you mean `readme`?",
            ],
        ),
        ("dynamic = ['name']", &["the name is always written out"]),
        (
            "authors = [{name = 'A', mail = 'a@b.c'}]",
            &["unknown key `mail`", "did you mean `email`?"],
        ),
        (
            "authors = [{email = 'nobody'}]",
            &["pyproject.toml:7:21", "is no mail address"],
        ),
    ] {
        says(&error(rest), words);
    }
}

#[test]
fn all_problems_of_a_file_are_shown_at_once() {
    let text = error("licence = 'MIT'\nreadme = 'NONE.md'\nrequires-python = '>>3'\nscripts = {a = 'b'}\n");
    says(
        &text,
        &[
            "pyproject.toml:7:",
            "pyproject.toml:8:",
            "pyproject.toml:9:",
            "pyproject.toml:10:",
        ],
    );
}

#[test]
fn a_build_system_that_cannot_work_is_shown() {
    for (system, words) in [
        (
            "build-backend = 'hatchling.build'",
            &["pyproject.toml:1:1", "needs the key `requires`", "hatchling"][..],
        ),
        (
            "requires = ['hatchling']\nbuild-backend = 'hatchling.buld'",
            &["pyproject.toml:3:17", "did you mean `hatchling.build`?"],
        ),
        (
            "requires = ['setuptools']\nbuild-backend = 'hatchling.build'",
            &["does not name `hatchling`"],
        ),
        (
            "requires = ['hatch ling']",
            &["pyproject.toml:2:13", "not a requirement"],
        ),
        ("requires = []\nbackend = 'x'", &["unknown key `backend`"]),
    ] {
        let text = format!("[build-system]\n{system}\n[project]\nname = 'x'\nversion = '1'\n");
        says(
            &planned(&[("pyproject.toml", &text), ("x.py", "")]).unwrap_err(),
            words,
        );
    }
}

#[test]
fn a_name_or_version_that_is_none_is_shown() {
    let broken = |project: &str| {
        planned(&[
            ("pyproject.toml", &format!("{SYSTEM}[project]\n{project}")),
            ("x.py", ""),
        ])
    };
    says(
        &broken("version = '1'\n").unwrap_err(),
        &["[project] needs the key `name`"],
    );
    says(
        &broken("name = '-x'\nversion = '1'\n").unwrap_err(),
        &["pyproject.toml:5:8"],
    );
    says(
        &broken("name = 'x'\nversion = '1..2'\n").unwrap_err(),
        &["pyproject.toml:6:11"],
    );
}

#[test]
fn setup_cfg_is_read_with_places() {
    says(
        &planned(&[("setup.cfg", "[metadata]\nname x\n")]).unwrap_err(),
        &["setup.cfg:2:1", "no `key = value` line"],
    );
    let text = "[metadata]\nname = x\nversion = one\n";
    says(
        &planned(&[("setup.cfg", text), ("x.py", "")]).unwrap_err(),
        &["setup.cfg:3:11"],
    );
    let text = "[metadata]\nname = x\nversion = 1\n";
    let names = planned(&[("setup.cfg", text), ("x.py", "")]).unwrap();
    assert_eq!(names, ["x-1.tar.gz", "x-1-py3-none-any.whl"]);
}

#[test]
fn a_manifest_in_that_cannot_be_read_is_shown() {
    let text = format!("{SYSTEM}[project]\nname = 'x'\nversion = '1'\n");
    let files = [
        ("pyproject.toml", text.as_str()),
        ("x/__init__.py", ""),
        ("MANIFEST.in", "include a\ngraft\n"),
    ];
    says(&planned(&files).unwrap_err(), &["MANIFEST.in:2:1"]);
}

/// Reads a project without running anything, which is all that these inputs must survive.
fn survives(name: &str, text: &str) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(name), text).unwrap();
    fs::write(dir.path().join("x.py"), "__version__ = '1'\n").unwrap();
    let _ = packyard_build::project_name(dir.path());
    let _ = packyard_build::metadata_version(dir.path());
}

/// Pieces that such files are made of, in any order.
fn pieces(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word = proptest::sample::select(words).prop_map(str::to_owned);
    proptest::collection::vec(prop_oneof![8 => word, 1 => "\\PC{0,6}"], 0..24)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_pyproject_makes_it_panic(text in pieces(&[
        "[project]\n", "[build-system]\n", "[tool.hatch.version]\n", "[tool.setuptools.dynamic]\n", "[tool.flit.module]\n",
        "name = 'x'\n", "version = '1'\n", "dynamic = ['version']\n", "requires = ['hatchling']\n", "requires = ['flit_core']\n",
        "build-backend = 'hatchling.build'\n", "build-backend = 'flit_core.buildapi'\n", "build-backend = 'uv_build'\n",
        "license = ", "readme = ", "{file = 'x'}\n", "{text = 'é;'}\n", "'MIT +'\n", "[1, 2]\n", "dependencies = ['a;', 'é@x;']\n",
        "path = 'x.py'\n", "version = {attr = 'x.__version__'}\n", "scripts = {'' = ':'}\n", "authors = [{}]\n", "\n",
    ])) {
        survives("pyproject.toml", &text);
    }

    #[test]
    fn no_setup_cfg_makes_it_panic(text in pieces(&[
        "[metadata]\n", "[options]\n", "[options.packages.find]\n", "[options.package_data]\n", "name = x\n", "version = 1\n",
        "version: attr: x.__version__\n", "version = attr:\n", "packages = find:\n", "where = \n", "long_description = file: x.py, y\n",
        "  continued\n", "install_requires =\n", "    a>=1; é\n", "=\n", ":", "[", "]\n", "# c\n", "\t", "é = é\n", "\r\n",
    ])) {
        survives("setup.cfg", &text);
    }

    #[test]
    fn no_setup_py_makes_it_panic(text in pieces(&[
        "from setuptools import setup\n", "setup(", "name='x', ", "version='1', ", "packages=find_packages('é'), ", ")\n",
        "extras_require={'a': ['b;'], 'c:d': 'e'}, ", "data_files=[('a', ['b'])], ", "**x", "lambda: 0", "'''", "\"", "\n", "(", "{", "é",
    ])) {
        survives("setup.py", &text);
    }
}
