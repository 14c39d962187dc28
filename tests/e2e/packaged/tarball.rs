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

#[test]
fn a_program_is_looked_for_where_the_caller_is_and_before_anything_is_removed() {
    let checkout = checkout("elsewhere");
    let kept = checkout.join("packaging/stage/packyard");
    fs::create_dir_all(kept.parent().unwrap()).unwrap();
    fs::write(&kept, "").unwrap();
    fs::write(checkout.join("docs/here"), "").unwrap();
    let refused = |args: [&str; 4], why: &str| {
        let mut build = system_command(checkout.join("packaging/build"));
        run(build.args(args).current_dir(checkout.join("docs")))
            .exits(2)
            .says(&[why]);
        assert!(kept.is_file(), "{args:?}");
    };
    refused(
        ["--binary", "here", "--static", "nowhere"],
        "`nowhere` is no file",
    );
    refused(
        ["--out", "dist", "--binary", "ci.md/here"],
        "`ci.md/here` is no file",
    );
    let own = "../packaging/stage/packyard";
    refused(
        ["--static", "here", "--binary", own],
        "is made here, and removed first",
    );
}
