//! Projects to make source packages of, and the tools that judge them.

use packyard_build::{Options, Release, build, plan};
use packyard_types::ArtifactKind;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

pub fn samples() -> Vec<PathBuf> {
    let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/projects");
    let mut found: Vec<PathBuf> = fs::read_dir(projects)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    found.sort();
    assert!(found.len() >= 9, "{found:?}");
    found
}

pub fn options(formats: &[ArtifactKind]) -> Options {
    Options {
        formats: formats.to_vec(),
        ..Options::default()
    }
}

pub fn built(root: &Path, out: &Path, options: &Options) -> Release {
    build(&plan(root, options).unwrap(), out, |_| ()).unwrap()
}

/// The one file in a directory whose name ends so.
pub fn file(dir: &Path, end: &str) -> PathBuf {
    let mut names = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    names
        .find(|path| path.to_str().unwrap().ends_with(end))
        .unwrap_or_else(|| panic!("no {end} in {}", dir.display()))
}

/// Runs a tool of Debian's, and gives back what it said.
pub fn run(program: &str, args: &[&str], dir: &Path) -> String {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env("LC_ALL", "C.UTF-8");
    for variable in ["SOURCE_DATE_EPOCH", "MAKEFLAGS", "MAKELEVEL", "CARGO_MAKEFLAGS"] {
        command.env_remove(variable);
    }
    let done = command.output().unwrap_or_else(|e| panic!("{program}: {e}"));
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(done.status.success(), "{program} {args:?}: {said}");
    said
}

pub fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A copy of a sample.
pub fn copied(name: &str) -> TempDir {
    let sample = samples().into_iter().find(|path| path.ends_with(name)).unwrap();
    let dir = TempDir::new().unwrap();
    run(
        "cp",
        &["-r", &format!("{}/.", text(&sample)), "project"],
        dir.path(),
    );
    dir
}

/// A project of everything that is hard to install.
pub fn hard() -> TempDir {
    let dir = TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8], mode: u32| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let manifest = "[package]\nname = 'hard'\nsummary = 'Costs ${misc:Depends} and $5'\nlicense = 'MIT'\n\
        maintainer = 'Ada Sample <ada@example.org>'\n\
        [deb]\ndepends = ['adduser (>= 3)', 'libc6']\nrecommends = ['curl | wget']\nconflicts = ['soft (<< 2)']\n\
        provides = ['harder (= 1)']\nreplaces = ['soft']\nsection = 'net'\npriority = 'extra'\n\
        [[file]]\nsource = 'data'\ntarget = '/usr/share/hard'\n\
        [[file]]\nsource = 'secret'\ntarget = '/etc/hard/key'\nmode = '0640'\ngroup = 'hard'\nconfig = true\n\
        [[file]]\nsource = 'secret'\ntarget = '/usr/share/hard/own.conf'\nconfig = true\n\
        [[file]]\nsource = 'run'\ntarget = '/usr/bin/it-runs'\nmode = '4755'\n\
        [[file]]\nsource = '.hidden/x'\ntarget = '/usr/share/hard/hidden'\n\
        [[file]]\nsource = '.hidden/bytes'\ntarget = '/usr/share/hard/bytes'\n\
        [[file]]\ntarget = '/usr/share/hard/link'\nsymlink = '../hard/hidden'\n\
        [[file]]\ntarget = '/var/lib/hard/empty'\ndir = true\nmode = '0555'\n\
        [[user]]\nname = 'hard'\n[[tmpfile]]\npath = '/run/hard'\n\
        [[service]]\nname = 'each@'\nexec = '/usr/bin/it-runs %i'\nuser = 'hard'\n\
        [scripts]\npostinstall = '''echo \"$1 #PACKAGES# ${x:-}\"\n\ntrue'''\n";
    write("packyard.toml", manifest.as_bytes(), 0o644);
    write(
        "CHANGELOG.md",
        b"# 2.0 (2024-05-01)\n\n- It is 100 % `$(harder)`.\n\n# 1.0 (2023-05-01)\n\n- Begin.\n",
        0o644,
    );
    write(
        "LICENSE",
        b"MIT License\n\nCopyright (c) 2024 Ada Sample\n\nPermission is granted.\n",
        0o644,
    );
    write("data/it's $HOME #1 ~.txt", b"odd\n", 0o644);
    write("data/-f", b"", 0o644);
    write("data/=x@y:z", b"", 0o600);
    write("data/deep/er/x.orig", b"kept\n", 0o644);
    write("secret", b"k\n", 0o600);
    write("run", b"#!/bin/sh\nexit 0\n", 0o755);
    write(".hidden/x", b"x\n", 0o644);
    write(".hidden/bytes", b"\0\x01\x02", 0o644);
    dir
}
