//! A project that only its own backend can build, and what backends do wrong.

use std::fs;

use tempfile::TempDir;

use crate::harness::{Backends, Dist, Outcome, packyard_command};

const PYPROJECT: &str = "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['backend']\n\
    [project]\nname = 'odd'\ndynamic = ['version']\n";

/// Writes the clock into the wheel's zip entries, as careless backends do.
const BACKEND: &str = r##"
import io, os, sys, tarfile, time, zipfile, pathlib
META = "Metadata-Version: 2.1\nName: odd\nVersion: 1.4\nSummary: Odd things\nLicense-Expression: MIT\nAuthor-email: A B <a@example.org>\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: own\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

def wheel(directory, name="odd-1.4-py3-none-any.whl", meta=META):
    with zipfile.ZipFile(pathlib.Path(directory) / name, "w") as wheel:
        for path, text in {
            "odd/__init__.py": "ANSWER = 42\n",
            "odd-1.4.data/scripts/odd": "#!python\nprint(42)\n",
            "odd-1.4.dist-info/METADATA": meta,
            "odd-1.4.dist-info/WHEEL": WHEEL,
            "odd-1.4.dist-info/RECORD": "",
        }.items():
            wheel.writestr(zipfile.ZipInfo(path, time.localtime()[:6]), text)
    return name

def build_wheel(directory, config_settings=None, metadata_directory=None):
    return wheel(directory)

def build_sdist(directory, config_settings=None):
    name = "odd-1.4.tar.gz"
    with tarfile.open(pathlib.Path(directory) / name, "w:gz") as sdist:
        for path, text in {"PKG-INFO": META, "pyproject.toml": pathlib.Path("pyproject.toml").read_text()}.items():
            entry = tarfile.TarInfo("odd-1.4/" + path)
            entry.size = len(text)
            sdist.addfile(entry, io.BytesIO(text.encode()))
        for path in ["backend/own.py", "run.sh", "link.sh"]:
            sdist.add(path, "odd-1.4/" + path)
    return name
"##;

/// A project with the backend, and with code that comes after it.
fn project(more: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("backend")).unwrap();
    let files = [
        ("pyproject.toml", PYPROJECT.to_owned()),
        ("backend/own.py", format!("{BACKEND}\n{more}")),
        ("CHANGELOG.rst", "1.4\n===\n2020-01-02\n\n* Begin.\n".into()),
        ("LICENSE", "MIT License\n\nCopyright (c) 2020 A B\n".into()),
        ("run.sh", "#!/bin/sh\necho run\n".into()),
    ];
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let script = fs::File::open(dir.path().join("run.sh")).unwrap();
    script
        .set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    std::os::unix::fs::symlink("run.sh", dir.path().join("link.sh")).unwrap();
    dir
}

fn build(dir: &TempDir, environment: &[(&str, &str)]) -> Outcome {
    let mut packyard = packyard_command(["build", dir.path().to_str().unwrap()]);
    packyard.envs(environment.iter().copied());
    Backends::with_backend(&mut packyard)
}

/// Builds what must fail, leaving nothing behind.
#[track_caller]
fn fails(more: &str, environment: &[(&str, &str)]) -> Outcome {
    let dir = project(more);
    let outcome = build(&dir, environment).exits(1);
    let left = fs::read_dir(dir.path().join("dist")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "something is left in dist/\n{outcome}");
    outcome.never_says(&["/tmp/"])
}

#[test]
fn what_a_backend_makes_becomes_all_four_formats_and_is_always_the_same() {
    let dir = project("");
    build(&dir, &[])
        .ok()
        .says(&["the project has a build backend of its own"]);
    let dist = Dist::at(dir.path().join("dist"));
    assert_eq!(dist.names().len(), 5, "{:?}", dist.names());
    let first = fs::read(dist.directory().join("release.json")).unwrap();
    // Zip times have two seconds' resolution.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    fs::remove_dir_all(dist.directory()).unwrap();
    build(
        &dir,
        &[("PYTHONPATH", "/nonexistent"), ("VIRTUAL_ENV", "/nonexistent")],
    )
    .ok();
    assert_eq!(fs::read(dist.directory().join("release.json")).unwrap(), first);
    assert!(!dir.path().join("backend/__pycache__").exists());
    let mut list = std::process::Command::new("tar");
    let listed = crate::harness::run(list.arg("-tvzf").arg(dist.sdist())).ok();
    let executable = |name: &str| {
        listed
            .stdout
            .lines()
            .any(|l| l.starts_with("-rwxr-xr-x") && l.ends_with(name))
    };
    assert!(
        executable("odd-1.4/run.sh") && executable("odd-1.4/link.sh"),
        "{listed}"
    );
    let mut deb = std::process::Command::new("dpkg-deb");
    crate::harness::run(deb.arg("-c").arg(dist.deb()))
        .ok()
        .says(&["./usr/bin/odd"])
        .never_says(&[".data"]);
}

#[test]
fn a_backend_that_fails_is_shown_with_the_reason_first() {
    let outcome = fails(
        "def build_sdist(*a):\n    print('on the way')\n    raise KeyError('the moon')\nbuild_wheel = build_sdist\n",
        &[],
    );
    let first = outcome
        .stderr
        .lines()
        .find(|line| line.contains("build backend failed"))
        .unwrap();
    assert!(first.ends_with("KeyError: 'the moon'"), "{outcome}");
    outcome.says(&[
        "| on the way",
        "hint:",
        "the project has a build backend of its own",
    ]);
}

#[test]
fn a_backend_that_hangs_is_ended_with_all_that_it_started() {
    let sleep = "import subprocess\ndef build_sdist(*a):\n    subprocess.run(['sleep', '600'])\nbuild_wheel = build_sdist\n";
    fails(sleep, &[("PACKYARD_BACKEND_TIMEOUT", "3")])
        .says(&["it was ended after 3 s", "PACKYARD_BACKEND_TIMEOUT"]);
}

#[test]
fn a_backend_that_writes_into_the_project_is_found_out() {
    let dir = project("");
    let target = dir.path().join("left.txt");
    let code = format!(
        "{BACKEND}\npathlib.Path({:?}).write_text('x')\n",
        target.to_str().unwrap()
    );
    fs::write(dir.path().join("backend/own.py"), code).unwrap();
    build(&dir, &[])
        .exits(1)
        .says(&["it changed `left.txt` in the project itself"]);
    assert!(!dir.path().join("dist").exists());
}

#[test]
fn odd_output_is_one_diagnostic_each() {
    for (more, what) in [
        (
            "def build_wheel(d, *a):\n    wheel(d, 'odd-2-py3-none-any.whl')\n    return wheel(d)\n",
            "more than one wheel",
        ),
        (
            "def build_wheel(d, *a):\n    return wheel(d, 'even-1.4-py3-none-any.whl')\n",
            "even",
        ),
        (
            "def build_wheel(d, *a):\n    return wheel(d, 'odd-2-py3-none-any.whl')\n",
            "1.4",
        ),
        (
            "def build_wheel(d, *a):\n    n = 'odd-1.4-py3-none-any.whl'\n    open(d + '/' + n, 'w').write('no zip')\n    return n\n",
            "cannot be read",
        ),
        (
            "def build_wheel(d, *a):\n    n = 'odd-1.4-py3-none-any.whl'\n    os.mkdir(d + '/' + n)\n    return n\n",
            "build_wheel",
        ),
        (
            "def build_wheel(d, *a):\n    return 'odd-1.4-py3-none-any.whl'\n",
            "wheel",
        ),
    ] {
        fails(more, &[]).says(&["build backend failed", what]);
    }
}
