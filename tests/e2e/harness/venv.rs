//! Python's clients: pip, uv, twine.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Outcome, run, system_command, tool};

/// An empty virtual environment that the provisioned pip and uv install into.
pub struct Venv {
    directory: TempDir,
}

impl Venv {
    /// Makes an environment with nothing in it, not even pip.
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let mut make = system_command("/usr/bin/python3");
        run(make.args(["-m", "venv", "--without-pip"]).arg(directory.path())).ok();
        Self { directory }
    }

    /// A program of the environment.
    pub fn bin(&self, name: &str) -> PathBuf {
        self.directory.path().join("bin").join(name)
    }

    /// Runs the provisioned pip on this environment, with no index but the one in `args`.
    pub fn pip(&self, args: &[&str]) -> Outcome {
        let mut pip = Self::tool("pip");
        pip.arg("--isolated").arg("--python").arg(self.bin("python"));
        run(pip
            .args(["--no-cache-dir", "--disable-pip-version-check"])
            .args(args))
    }

    /// Runs the provisioned `uv pip` on this environment.
    pub fn uv_pip(&self, subcommand: &str, args: &[&str]) -> Outcome {
        let mut uv = Self::tool("uv");
        uv.args(["--no-config", "--no-cache", "pip", subcommand, "--python"]);
        run(uv.arg(self.bin("python")).args(args))
    }

    /// Uploads files with twine, as the admin of an index would.
    pub fn twine_upload(repository: &str, token: &str, files: &[&Path]) -> Outcome {
        let mut twine = Self::tool("twine");
        twine.args(["upload", "--non-interactive", "--disable-progress-bar"]);
        twine.args(["--repository-url", repository, "--username", "__token__"]);
        run(twine.env("TWINE_PASSWORD", token).args(files))
    }

    /// A program of the provisioned environment.
    pub fn tool(name: &str) -> Command {
        system_command(tool("venv/bin").join(name))
    }
}
