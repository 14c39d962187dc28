use super::*;
use crate::python::{PackageFinder, Selection, Setuptools};
use packyard_types::CoreMetadata;

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn found(files: &[(&str, &str)]) -> Found {
    find(project(files).path()).unwrap()
}

fn error(files: &[(&str, &str)]) -> String {
    find(project(files).path()).unwrap_err().to_string()
}

#[test]
fn static_metadata_is_read_from_pyproject() {
    let text = "[project]\nname='Demo.Pkg'\nversion='1.0'\ndescription='x'\nlicense='MIT'\nrequires-python='>=3.9'\n\
        dependencies=['requests >=2']\nauthors=[{name='A B', email='a@b.c'}, {name='C'}]\n\
        [project.optional-dependencies]\nDev_Tools=['pytest; python_version > \"3\"']\n\
        [project.urls]\nHomepage='https://x.example/'\n[project.scripts]\nd='demo:main'\n";
    let found = found(&[("pyproject.toml", text), ("LICENSE", "x")]);
    let core = &found.metadata.core;
    assert!(matches!(found.kind, Kind::Static(_)));
    assert_eq!(
        (core.author.as_deref(), core.author_email.as_deref()),
        (Some("C"), Some("A B <a@b.c>"))
    );
    assert_eq!(
        core.requires_dist,
        [
            "requests>=2",
            "pytest ; (python_version > \"3\") and extra == 'dev-tools'"
        ]
    );
    assert_eq!(core.license_files, ["LICENSE"]);
    assert_eq!(found.metadata.entry_points["console_scripts"]["d"], "demo:main");
    assert_eq!(found.metadata.version_place.unwrap().line, 3);
}

#[test]
fn whatever_only_a_backend_can_know_is_left_to_it() {
    let reason = |files: &[(&str, &str)]| match found(files).kind {
        Kind::Backend(reason) => reason,
        other => panic!("{other:?}"),
    };
    let dynamic = "[project]\nname='x'\ndynamic=['version']\n";
    assert!(reason(&[("pyproject.toml", dynamic)]).contains("dynamic"));
    let plugins = "[metadata]\nname = x\nversion = 1\n[options]\nsetup_requires = pbr\n";
    assert!(reason(&[("setup.cfg", plugins)]).contains("setup_requires"));
    assert!(
        reason(&[(
            "setup.py",
            "from setuptools import setup\nsetup(name='x', version=open('V').read())\n"
        )])
        .contains("more than one setup")
    );
    assert!(
        reason(&[(
            "setup.py",
            "from setuptools import setup\nsetup(name='x', version='1', ext_modules=[])\n"
        )])
        .contains("ext_modules")
    );
    let poetry = "[build-system]\nrequires=['poetry-core']\nbuild-backend='poetry.core.masonry.api'\n[tool.poetry]\nname='x'\n";
    assert!(reason(&[("pyproject.toml", poetry)]).contains("poetry"));
}

#[test]
fn setup_py_of_literals_is_read_and_not_run() {
    let text = "import os\nfrom setuptools import setup, find_packages\n\nVERSION = '0.0.1'\nos\n";
    assert!(
        matches!(found(&[("setup.py", text)]).kind, Kind::Backend(_)),
        "a bare name is not a literal module"
    );
    let text = "from setuptools import setup, find_packages\nVERSION = '0.0.1'\nsetup(\n  name='hello-world',\n  version=VERSION,\n  \
        packages=find_packages(exclude=['tests']),\n  install_requires=['requests'],\n  license='MIT',\n  classifiers=['A :: B'],\n)\n";
    let found = found(&[("setup.py", text), ("README", "Hello\n")]);
    let core = &found.metadata.core;
    assert_eq!(
        (core.name.as_str(), core.version.as_str()),
        ("hello-world", "0.0.1")
    );
    assert_eq!(
        (core.license.as_deref(), core.description.as_deref()),
        (Some("MIT"), Some("Hello\n"))
    );
    let Kind::Static(native) = found.kind else {
        panic!()
    };
    let Selection::Setuptools(Setuptools {
        finder: PackageFinder::Find { exclude, .. },
        ..
    }) = native.selection
    else {
        panic!()
    };
    assert_eq!(exclude, ["tests"]);
}

#[test]
fn mistakes_are_shown_where_they_are() {
    assert!(error(&[("setup.py", "setup(\n")]).contains("--> setup.py:"));
    assert!(
        error(&[("pyproject.toml", "[project]\nname='x'\nversion='a b'\n")]).contains("pyproject.toml:3:9")
    );
    assert!(
        error(&[("pyproject.toml", "[project]\nname='x'\nlicence='MIT'\n")])
            .contains("unknown key `licence`")
    );
    assert!(error(&[("pyproject.toml", "[project]\nname='x'\nlicense='Foo'\n")]).contains("SPDX"));
    assert!(error(&[("Cargo.toml", "[package]\nname='x'\nversion='1.0.0+b'\n")]).contains("Cargo.toml:3:9"));
}

#[test]
fn a_semantic_version_of_cargo_is_read() {
    let found = found(&[(
        "Cargo.toml",
        "[package]\nname='x'\nversion='1.2.0-beta.2'\nlicense='MIT/Apache-2.0'\n",
    )]);
    assert_eq!(found.metadata.core.version, "1.2.0b2");
    assert_eq!(
        found.metadata.core.license_expression.as_deref(),
        Some("MIT OR Apache-2.0")
    );
    assert!(matches!(found.kind, Kind::NotPython));
}

#[test]
fn core_metadata_that_is_written_is_read_back() {
    let core = CoreMetadata {
        metadata_version: "2.4".into(),
        name: "x".into(),
        version: "1".into(),
        summary: Some("s".into()),
        project_urls: vec![("Homepage".into(), "https://x/".into())],
        requires_dist: vec!["a ; extra == 'b'".into()],
        provides_extra: vec!["b".into()],
        description: Some("# Title\n\nText: more\n".into()),
        description_content_type: Some("text/markdown".into()),
        ..CoreMetadata::default()
    };
    let metadata = Metadata {
        core: core.clone(),
        ..Metadata::default()
    };
    assert_eq!(parse_core(&render(&metadata)), core);
}
