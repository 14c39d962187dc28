//! The tarball.

use std::fs;

use tempfile::TempDir;

use super::{Packages, STATIC, checkout, packaging_build};
use crate::harness::{run, system_command};

#[test]
fn the_tarball_is_the_tree_of_the_deb_with_the_static_program_in_it() {
    let root = TempDir::new().unwrap();
    let mut tar = system_command("tar");
    tar.args(["--strip-components=1", "-xzf"]);
    tar.arg(Packages::first().file("packyard-0.1.0-x86_64-linux.tar.gz"));
    run(tar.arg("-C").arg(root.path())).ok();
    let program = fs::read(root.path().join("usr/bin/packyard")).unwrap();
    assert!(
        program == fs::read(STATIC).unwrap(),
        "it is not the static program"
    );
    for file in [
        "etc/packyard/server.toml",
        "usr/lib/systemd/system/packyard.service",
        "usr/lib/sysusers.d/packyard.conf",
        "usr/share/man/man1/packyard.1.gz",
        "usr/share/bash-completion/completions/packyard",
        "usr/share/doc/packyard/copyright",
    ] {
        assert!(root.path().join(file).is_file(), "{file} is missing");
    }
}

#[test]
fn a_program_that_needs_a_loader_is_not_called_static() {
    let checkout = checkout("dynamic");
    packaging_build(&checkout, &["--static", "/bin/ls"])
        .exits(1)
        .says(&["/bin/ls is not static"]);
    assert!(!checkout.join("dist").exists());
}
