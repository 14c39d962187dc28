//! A home of its own for a client: settings, caches, a project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Outcome, run, system_command, tool};

/// A directory with a home and a project in it.
pub struct Room {
    directory: TempDir,
}

impl Room {
    /// An empty home, an empty project.
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        for name in ["home", "project"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        Self { directory }
    }

    /// The same with a virtual environment `.venv` in the project.
    pub fn with_environment() -> Self {
        let room = Self::new();
        let mut make = system_command("/usr/bin/python3");
        run(make
            .args(["-m", "venv", "--without-pip"])
            .arg(room.project().join(".venv")))
        .ok();
        room
    }

    /// The home of whoever runs the client.
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// Where the client is run.
    pub fn project(&self) -> PathBuf {
        self.directory.path().join("project")
    }

    /// Writes a file of the project, or by `../home/` one of the home.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.project().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file of the project.
    #[track_caller]
    pub fn read(&self, file: &str) -> String {
        let path = self.project().join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Replaces a text that must be in a file of the project.
    #[track_caller]
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "`{from}` is not in {file}:\n{text}");
        self.write(file, &text.replace(from, to));
    }

    /// A provisioned program, `venv/bin/…` or `venv-managers/bin/…`, that is run in the project
    /// by somebody without a keyring, and that reaches nothing over HTTPS.
    pub fn command(&self, program: &str) -> Command {
        let mut command = system_command(tool(program));
        command
            .current_dir(self.project())
            .env("HOME", self.home())
            .env("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("PIP_CONFIG_FILE", "/dev/null");
        command
    }

    /// What a console script of the project's environment says.
    #[track_caller]
    pub fn says(&self, script: &str, words: &str) {
        run(&mut Command::new(self.bin(script))).ok().says(&[words]);
    }

    /// A program of the project's environment.
    pub fn bin(&self, name: &str) -> PathBuf {
        self.project().join(".venv/bin").join(name)
    }

    /// Runs the newest pip on the project's environment, with nothing from a cache.
    pub fn pip(&self, args: &[&str]) -> Outcome {
        run(self.pip_command().args(args))
    }

    /// The same, to be changed before it is run.
    pub fn pip_command(&self) -> Command {
        let mut pip = self.command("venv/bin/pip");
        pip.arg("--python").arg(self.python());
        pip.args(["--no-cache-dir", "--disable-pip-version-check", "--no-input"]);
        pip
    }

    /// The environment's interpreter; the provisioned one where there is no environment.
    fn python(&self) -> PathBuf {
        let own = self.bin("python");
        if own.exists() {
            own
        } else {
            tool("venv/bin/python")
        }
    }
}

/// The names of the files in a directory, sorted.
pub fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
