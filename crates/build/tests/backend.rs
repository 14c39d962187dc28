//! A project that only its own PEP 517 backend can read: here one of a few lines, in the project itself, so that nothing
//! has to be fetched.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{Options, build, plan};
use std::{fs, path::Path, process::Command};

const PYPROJECT: &str = "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['backend']\n\
    [project]\nname = 'odd'\ndynamic = ['version']\n";

/// Writes the clock into the wheel's zip entries, as careless backends do.
const BACKEND: &str = r#"
import io, tarfile, zipfile, pathlib
META = "Metadata-Version: 2.1\nName: odd\nVersion: 1.4\nSummary: Odd things\nLicense-Expression: MIT\nAuthor-email: A B <a@example.org>\n"

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "odd-1.4-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(directory) / name, "w") as wheel:
        import time
        now = time.localtime()[:6]
        for path, text in {
            "odd/__init__.py": "ANSWER = 42\n",
            "odd-1.4.dist-info/METADATA": META,
            "odd-1.4.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: own\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "odd-1.4.dist-info/RECORD": "",
        }.items():
            wheel.writestr(zipfile.ZipInfo(path, now), text)
    return name

def build_sdist(directory, config_settings=None):
    name = "odd-1.4.tar.gz"
    with tarfile.open(pathlib.Path(directory) / name, "w:gz") as sdist:
        for path, text in {"PKG-INFO": META, "pyproject.toml": pathlib.Path("pyproject.toml").read_text()}.items():
            entry = tarfile.TarInfo("odd-1.4/" + path)
            entry.size = len(text)
            sdist.addfile(entry, io.BytesIO(text.encode()))
        for path in ["backend/own.py"]:
            sdist.add(path, "odd-1.4/" + path)
    return name
"#;

fn project(backend: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("backend")).unwrap();
    let files = [
        ("pyproject.toml", PYPROJECT),
        ("backend/own.py", backend),
        ("CHANGELOG.rst", "1.4\n===\n2020-01-02\n\n* Begin.\n"),
        ("LICENSE", "MIT License\n\nCopyright (c) 2020 A B\n"),
    ];
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn python_has_pip() -> bool {
    Command::new("python3")
        .args(["-m", "pip", "--version"])
        .output()
        .is_ok_and(|o| o.status.success())
}

fn digests(dir: &Path) -> Vec<(String, String)> {
    let out = tempfile::tempdir().unwrap();
    let release = build(
        &plan(dir, &Options::default()).unwrap(),
        &out.path().join("dist"),
        |_| (),
    )
    .unwrap();
    release
        .artifacts
        .iter()
        .map(|a| (a.file.clone(), a.blob.digest.to_string()))
        .collect()
}

#[test]
fn what_a_backend_makes_becomes_all_four_formats_and_is_always_the_same() {
    if !python_has_pip() {
        return;
    }
    let dir = project(BACKEND);
    let first = digests(dir.path());
    let names: Vec<&str> = first.iter().map(|(file, _)| file.as_str()).collect();
    let expected = [
        "odd-1.4.tar.gz",
        "odd-1.4-py3-none-any.whl",
        "python3-odd_1.4-1_all.deb",
        "python3-odd-1.4-1.noarch.rpm",
    ];
    assert_eq!(names, expected);
    // Zip times have two seconds' resolution.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(first, digests(dir.path()));
    assert!(!dir.path().join("build").exists() && !dir.path().join("backend/__pycache__").exists());
}

#[test]
fn a_backend_that_fails_is_shown_with_what_it_printed() {
    if !python_has_pip() {
        return;
    }
    let dir = project("raise SystemExit('the moon is wrong')\n");
    let error = plan(dir.path(), &Options::default()).unwrap_err().to_string();
    assert!(
        error.contains("the moon is wrong") && error.contains("hint:"),
        "{error}"
    );
    assert!(
        !error.contains("/tmp/"),
        "paths of the temporary copy are left out: {error}"
    );
}
