//! `pip install packyard`, and what uv makes of it.

use std::process::Command;

use tempfile::TempDir;

use super::Packages;
use crate::harness::{Venv, Yard, run};

/// What every packyard says.
const SAYS: &str = concat!("packyard ", env!("CARGO_PKG_VERSION"));

#[test]
fn pip_installs_runs_and_upgrades_packyard_from_a_packyard_server() {
    let yard = Yard::new();
    let index = yard.url("/main/simple/");
    Packages::first().publish(&yard, "main");
    let venv = Venv::new();
    venv.pip(&["install", "--index-url", &index, "packyard"])
        .ok()
        .says(&["packyard-0.1.0"]);
    run(Command::new(venv.bin("packyard")).arg("--version"))
        .ok()
        .says(&[SAYS]);
    run(Command::new(venv.bin("python")).args(["-m", "packyard", "--version"]))
        .ok()
        .says(&[SAYS]);
    Packages::second().publish(&yard, "main");
    venv.pip(&["install", "--upgrade", "--index-url", &index, "packyard"])
        .ok()
        .says(&["packyard-0.1.1"]);
    run(Command::new(venv.bin("packyard")).arg("--version"))
        .ok()
        .says(&[SAYS]);
    venv.pip(&["uninstall", "--yes", "packyard"]).ok();
    assert!(!venv.bin("packyard").exists());
}

#[test]
fn uv_installs_packyard_as_a_tool_upgrades_it_and_runs_it_once() {
    let yard = Yard::new();
    let index = yard.url("/main/simple/");
    Packages::first().publish(&yard, "main");
    let home = TempDir::new().unwrap();
    let uv = |args: &[&str]| {
        let mut uv = Venv::tool("uv");
        uv.env("HOME", home.path())
            .env("UV_PYTHON", "/usr/bin/python3")
            .env("UV_INDEX_URL", &index);
        run(uv.args(["--no-config", "--no-cache"]).args(args))
    };
    uv(&["tool", "install", "packyard"])
        .ok()
        .says(&["packyard==0.1.0"]);
    let installed = home.path().join(".local/bin/packyard");
    run(Command::new(&installed).arg("--version")).ok().says(&[SAYS]);
    Packages::second().publish(&yard, "main");
    uv(&["tool", "upgrade", "packyard"]).ok().says(&["0.1.1"]);
    run(Command::new(&installed).arg("--version")).ok().says(&[SAYS]);
    uv(&["tool", "run", "packyard", "--version"]).ok().says(&[SAYS]);
}

#[test]
fn the_wheel_passes_the_checks_of_others_and_fits_this_machine_only() {
    let wheel = Packages::first().file(".whl");
    let name = wheel.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("packyard-0.1.0-py3-none-manylinux_2_") && name.ends_with("_x86_64.whl"),
        "{name}"
    );
    run(Venv::tool("twine").args(["check", "--strict"]).arg(&wheel)).ok();
    run(Venv::tool("check-wheel-contents").arg(&wheel)).ok();
}
