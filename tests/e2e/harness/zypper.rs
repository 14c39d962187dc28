//! A system in a directory, for zypper.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Outcome, Yard, get, run, system_command, tool};

/// A root that knows the stand-in for a distribution and channel main of a yard, and checks every signature.
pub struct Zypper(TempDir);

impl Zypper {
    /// A root that was set up by the served file.
    pub fn of(yard: &Yard) -> Self {
        Self::with_repo(get(&yard.url("/main/yum/any.repo")).is(200).text())
    }

    /// A root that was set up by the text of a `.repo` file.
    pub fn with_repo(text: &str) -> Self {
        let root = Self(TempDir::new().unwrap());
        let repo = root.write("packyard.repo", text);
        let base = tool("base-rpm");
        root.run(&["addrepo", "--no-gpgcheck", base.to_str().unwrap(), "base"])
            .ok();
        root.run(&["addrepo", "--gpgcheck-strict", repo.to_str().unwrap()])
            .ok();
        root
    }

    /// Writes a file inside, with its directory, and gives its path as seen from outside.
    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs zypper on the root; what it asks about a key is answered with yes.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.wary(&[&["--gpg-auto-import-keys"], args].concat())
    }

    /// Runs zypper on the root; what it asks is answered as whoever is careful would.
    pub fn wary(&self, args: &[&str]) -> Outcome {
        let mut command = system_command("zypper");
        command.args(["--non-interactive", "--root"]).arg(self.0.path());
        run(command.args(args))
    }

    /// Asks the root's rpm database something.
    pub fn rpm(&self, args: &[&str]) -> Outcome {
        run(system_command("rpm").arg("--root").arg(self.0.path()).args(args))
    }

    /// The version of a package that is installed.
    pub fn installed(&self, package: &str) -> String {
        self.rpm(&["-q", "--queryformat", "%{VERSION}", package])
            .ok()
            .stdout
    }
}
