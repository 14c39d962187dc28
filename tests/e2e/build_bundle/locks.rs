//! Whichever tool has locked, and wherever the wheels are: the bundle is the same.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Outcome, Tides, Wheel, Yard, run, wheels};
use crate::harness::{Venv, tool};

/// The digest of the .deb that is built of requirements, without a tool.
fn expected(tides: &Tides) -> Vec<(String, String)> {
    let digests = tides.build(&["--format", "deb"]).digests();
    fs::remove_dir_all(tides.path("dist")).unwrap();
    digests
}

/// Each wheel with its digest, and its filename.
fn locked(tides: &Tides) -> Vec<(Wheel, String, String)> {
    let all = wheels().into_iter().map(|wheel| {
        let sha256 = wheel.write(&tides.path("wheels"));
        let file = format!("{}-{}-{}.whl", wheel.name, wheel.version, wheel.tag);
        (wheel, sha256, file)
    });
    all.collect()
}

#[test]
fn every_lock_file_gives_the_same_bundle() {
    let tides = Tides::new();
    let expected = expected(&tides);
    let all = locked(&tides);
    fs::remove_file(tides.path("requirements.txt")).unwrap();
    let package = |head: &str, wheels: &dyn Fn(&str, &str) -> String, more: &str| -> String {
        let tables = all.iter().map(|(wheel, sha256, file)| {
            let name = wheel.name.replace('_', "-");
            format!(
                "[[{head}]]\nname = \"{name}\"\nversion = \"{}\"\n{more}{}\n",
                wheel.version,
                wheels(file, sha256)
            )
        });
        tables.collect()
    };
    let files =
        |file: &str, sha256: &str| format!("files = [{{file = \"{file}\", hash = \"sha256:{sha256}\"}}]\n");
    let pylock = package(
        "packages",
        &|file, sha256| format!("wheels = [{{name = \"{file}\", hashes = {{sha256 = \"{sha256}\"}}}}]\n"),
        "marker = \"sys_platform == 'linux'\"\n",
    );
    let foreign = "[[packages]]\nname = \"other\"\nversion = \"1\"\nmarker = \"sys_platform == 'win32'\"\n";
    let test_only = "[[package]]\nname = \"pytest\"\nversion = \"1\"\noptional = false\ngroups = [\"test\"]\nfiles = []\n";
    for (name, text) in [
        (
            "pylock.toml",
            format!("lock-version = \"1.0\"\n{pylock}{foreign}"),
        ),
        (
            "poetry.lock",
            package("package", &files, "optional = false\ngroups = [\"main\"]\n") + test_only,
        ),
        (
            "pdm.lock",
            package("package", &files, "groups = [\"default\"]\n") + test_only,
        ),
    ] {
        tides.write(name, &text);
        assert_eq!(tides.build(&["--format", "deb"]).digests(), expected, "{name}");
        fs::remove_dir_all(tides.path("dist")).unwrap();
        fs::remove_file(tides.path(name)).unwrap();
    }
}

/// An index on this machine that has the wheels.
fn index(tides: &Tides) -> Yard {
    let yard = Yard::new();
    let files: Vec<_> = locked(tides)
        .into_iter()
        .map(|(_, _, file)| tides.path("wheels").join(file))
        .collect();
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    Venv::twine_upload(&yard.url("/main/legacy/"), &yard.admin_token(), &files).ok();
    yard
}

/// A build with the provisioned pip and uv.
fn with_tools(tides: &Tides, environment: &[(&str, &str)]) -> Outcome {
    let mut build = tides.command(&["--format", "deb"]);
    let path = format!("{}:/usr/bin:/bin", tool("venv/bin").display());
    run(build
        .env("PATH", path)
        .env("PIP_CONFIG_FILE", "/nonexistent")
        .envs(environment.iter().copied()))
}

fn uv(tides: &Tides, index: &str, args: &[&str]) {
    let mut uv: Command = Venv::tool("uv");
    uv.args(["--no-config", "--no-cache"]).args(args);
    uv.args(["--default-index", index]).current_dir(tides.path(""));
    run(uv.env("UV_PYTHON", tool("venv/bin/python"))).ok();
}

#[test]
fn what_uv_locks_is_fetched_from_the_index_that_pip_knows() {
    let tides = Tides::new();
    let expected = expected(&tides);
    let yard = index(&tides);
    let simple = yard.url("/main/simple/");
    tides.replace("packyard.toml", "wheels = \"wheels\"\n", "");
    fs::rename(tides.path("wheels"), tides.path("../away")).unwrap();
    fs::remove_file(tides.path("requirements.txt")).unwrap();
    let compile = [
        "pip",
        "compile",
        "pyproject.toml",
        "--generate-hashes",
        "--output-file",
    ];
    for (lock, args) in [
        ("uv.lock", &["lock"][..]),
        (
            "pylock.toml",
            &[
                &compile[..],
                &["pylock.toml", "--universal", "--python-version", "3.8"],
            ]
            .concat(),
        ),
        (
            "requirements.txt",
            &[&compile[..], &["requirements.txt"]].concat(),
        ),
    ] {
        uv(&tides, &simple, args);
        with_tools(&tides, &[("PIP_INDEX_URL", &simple)]).ok();
        let dist = super::Dist::at(tides.path("dist"));
        assert_eq!(dist.digests(), expected, "{lock}");
        fs::remove_dir_all(tides.path("dist")).unwrap();
        fs::rename(tides.path(lock), tides.path("old")).unwrap();
    }
    // Without a lock the index decides, and it is said; what uv knows of indexes is enough.
    with_tools(&tides, &[("UV_DEFAULT_INDEX", &simple)])
        .ok()
        .says(&["there is no lock file: what the index has today is bundled"]);
    assert_eq!(super::Dist::at(tides.path("dist")).digests(), expected);
}

#[test]
fn what_the_index_does_not_have_is_named_with_its_place() {
    let tides = Tides::new();
    let yard = index(&tides);
    let simple = yard.url("/main/simple/");
    tides.replace(
        "packyard.toml",
        "wheels = \"wheels\"",
        &format!("index = \"{simple}\""),
    );
    tides.replace("requirements.txt", "moon-phase==0.4", "moon-phase==0.5");
    with_tools(&tides, &[]).exits(1).says(&[
        "pip found no wheel of `moon-phase==0.5` for any Python",
        "--> requirements.txt:4:1",
        "hint: give pip an index that has one",
    ]);
    assert!(!tides.path("dist").exists());
    tides.replace("requirements.txt", "moon-phase==0.5", "moon-phase==0.4");
    let text = tides.read("requirements.txt");
    let at = text.find("moon-phase").unwrap() + "moon-phase==0.4 \\\n    --hash=sha256:".len();
    tides.write(
        "requirements.txt",
        &(text[..at].to_owned() + &"0".repeat(64) + &text[at + 64..]),
    );
    with_tools(&tides, &[]).exits(1).says(&[
        "`moon-phase 0.4` is not what was locked: its SHA-256 is ",
        "and the lock has 0000000000000000",
        "--> requirements.txt:4:1",
    ]);
    assert!(!tides.path("dist").exists());
}
