//! Commands that are run to their end.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// How a command ended, with everything that it printed.
#[derive(Debug)]
pub struct Outcome {
    shown: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// How a command ended that was run otherwise than by [`run`].
    pub fn of(shown: &str, output: &std::process::Output) -> Self {
        Self {
            shown: shown.to_owned(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Insists on exit code 0.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    /// Insists on this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "unexpected exit code\n{self}");
        self
    }

    /// Insists on a failure, whatever its code; for clients that are not ours.
    #[track_caller]
    pub fn fails(self) -> Self {
        assert_ne!(self.code, Some(0), "was expected to fail\n{self}");
        self
    }

    /// Insists that each of these words is somewhere in what was printed.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(
                self.stdout.contains(word) || self.stderr.contains(word),
                "nothing says `{word}`\n{self}"
            );
        }
        self
    }

    /// Insists that none of these words was printed.
    #[track_caller]
    pub fn never_says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(
                !self.stdout.contains(word) && !self.stderr.contains(word),
                "something says `{word}`\n{self}"
            );
        }
        self
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "$ {}\nexit code {:?}", self.shown, self.code)?;
        writeln!(f, "--- stdout\n{}", self.stdout)?;
        write!(f, "--- stderr\n{}", self.stderr)
    }
}

/// Runs a command without input and collects what it prints.
#[track_caller]
pub fn run(command: &mut Command) -> Outcome {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("cannot run {shown}: {error}"));
    Outcome {
        shown,
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The binary under test, without anything of the user's surroundings that changes what it does.
pub fn packyard_command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_packyard"));
    for name in [
        "PACKYARD_SERVER",
        "PACKYARD_TOKEN",
        "PACKYARD_CHANNEL",
        "PACKYARD_SIGNING_KEY",
        "SOURCE_DATE_EPOCH",
    ] {
        command.env_remove(name);
    }
    command
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_DATA_HOME")
        .args(args);
    command
}

/// Lets another command, such as `timeout`, start this one with the same changes of environment.
pub fn through(outer: &mut Command, inner: &Command) {
    outer.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
}

/// Runs the binary under test to its end.
#[track_caller]
pub fn packyard<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Outcome {
    run(&mut packyard_command(args))
}
