//! A system in a directory, for zypper.

use std::fs;

use tempfile::TempDir;

use super::{Outcome, Yard, get, run, system_command, tool};

/// A root that knows the stand-in for a distribution and channel main of a yard, and checks every signature.
pub struct Zypper(TempDir);

impl Zypper {
    /// A root that was set up by the served file.
    pub fn of(yard: &Yard) -> Self {
        let root = Self(TempDir::new().unwrap());
        let repo = root.0.path().join("packyard.repo");
        fs::write(&repo, get(&yard.url("/main/yum/any.repo")).is(200).text()).unwrap();
        let base = tool("base-rpm");
        root.run(&["addrepo", "--no-gpgcheck", base.to_str().unwrap(), "base"])
            .ok();
        root.run(&["addrepo", "--gpgcheck-strict", repo.to_str().unwrap()])
            .ok();
        root
    }

    /// Runs zypper on the root.
    pub fn run(&self, args: &[&str]) -> Outcome {
        let mut command = system_command("zypper");
        command
            .args(["--non-interactive", "--gpg-auto-import-keys", "--root"])
            .arg(self.0.path());
        run(command.args(args))
    }

    /// The version of a package that is installed.
    pub fn installed(&self, package: &str) -> String {
        let mut rpm = system_command("rpm");
        run(rpm
            .arg("--root")
            .arg(self.0.path())
            .args(["-q", "--queryformat", "%{VERSION}", package]))
        .ok()
        .stdout
    }
}
