//! A small Debian in a directory, for apt and dpkg.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Outcome, Yard, get, run, system_command, tool};

/// Where the printed set-up lines expect the key of channel main.
const KEYRING: &str = "etc/apt/keyrings/packyard-main.asc";

/// A Debian chroot that knows no package source but those that a test configures. Nothing is
/// mounted into it, so there is nothing to clean up but files; it shares the host's network.
pub struct AptRoot {
    directory: TempDir,
}

impl AptRoot {
    /// Unpacks a fresh root of Debian 12, whose apt verifies with gpgv.
    pub fn new() -> Self {
        Self::of_suite("bookworm")
    }

    /// Unpacks a fresh root of `bookworm`, or of `trixie`, whose apt verifies with sqv.
    pub fn of_suite(suite: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let mut tar = system_command("tar");
        tar.args([
            "--extract",
            "--numeric-owner",
            "--xattrs",
            "--xattrs-include=*",
            "--file",
        ]);
        run(tar
            .arg(tool(&format!("{suite}.tar")))
            .arg("--directory")
            .arg(directory.path()))
        .ok();
        // tempfile makes the directory private, but apt fetches as a user of its own.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(directory.path(), mode).unwrap();
        Self { directory }
    }

    /// A fresh root that trusts channel main of a yard and installs from it, set up by the served
    /// files.
    pub fn of(yard: &Yard) -> Self {
        Self::at(&yard.url("/main"))
    }

    /// The same for a channel that is served at an address.
    pub fn at(channel: &str) -> Self {
        Self::new().knowing(channel)
    }

    /// This root, as it is set up by the served files of a channel.
    pub fn knowing(self, channel: &str) -> Self {
        let root = self;
        root.write(KEYRING, get(&format!("{channel}/apt/key.asc")).is(200).text());
        let sources = get(&format!("{channel}/apt/any.sources")).is(200);
        root.write("etc/apt/sources.list.d/packyard.sources", sources.text());
        root
    }

    /// The directory of the root.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A path inside, seen from outside.
    pub fn inside(&self, path: &str) -> PathBuf {
        self.path().join(path.trim_start_matches('/'))
    }

    /// Writes a file inside, with its directory.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.inside(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A command that runs inside.
    pub fn command(&self, program: &str) -> Command {
        let mut command = system_command("chroot");
        command.env("HOME", "/").env("DEBIAN_FRONTEND", "noninteractive");
        command.arg(self.path()).arg(program);
        command
    }

    /// Runs something inside.
    pub fn run(&self, program: &str, args: &[&str]) -> Outcome {
        run(self.command(program).args(args))
    }

    /// Runs apt-get inside, with every question answered by its default.
    pub fn apt_get(&self, args: &[&str]) -> Outcome {
        run(self.command("apt-get").arg("-y").args(args))
    }

    /// Fetches the indexes, and insists that apt has nothing to complain about.
    #[track_caller]
    pub fn update(&self) -> Outcome {
        self.apt_get(&["update"])
            .ok()
            .never_says(&["W:", "E:", "N:", "Ign:", "Err:"])
    }

    /// The version of a package that dpkg calls installed.
    pub fn installed(&self, package: &str) -> Option<String> {
        let format = "${db:Status-Status} ${Version}";
        let answer = self.run("dpkg-query", &["-W", "-f", format, package]);
        Some(answer.stdout.strip_prefix("installed ")?.to_owned())
    }
}
