//! A project that a test writes, and the tools that read what is built of it.

use packyard_build::{Initial, Options, build, init, plan, write_initial};
use packyard_types::ArtifactKind;
use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};
use tempfile::TempDir;

pub const AUTHOR: &str = "Ada Sample <ada@example.org>";
pub const UNIT: &str = "[Unit]\nDescription=Lamp\n[Service]\nExecStart=/usr/bin/lamp\nUser=lamp\n[Install]\nWantedBy=multi-user.target\n";

pub struct Room(TempDir);

impl Room {
    /// A project called `lamp` with these files; what begins with `#!` may be run.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let room = Self(TempDir::new().unwrap());
        for (name, text) in files {
            room.write(name, text);
        }
        room
    }

    /// The same with a changelog and a licence.
    pub fn released(files: &[(&str, &str)]) -> Self {
        let room = Self::of(files);
        room.write(
            "CHANGELOG.md",
            "# Changelog\n\n## 1.2.0 (2024-05-01)\n\n- Shine.\n",
        );
        room.write(
            "LICENSE",
            "MIT License\n\nCopyright (c) 2024 Ada Sample\n\nPermission is granted.\n",
        );
        room
    }

    pub fn root(&self) -> PathBuf {
        self.0.path().join("lamp")
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        if text.starts_with("#!") {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// Runs `init`, and writes what it found out.
    pub fn init(&self) -> Initial {
        let found = init(&self.root(), Some(AUTHOR.to_owned())).unwrap_or_else(|e| panic!("{e}"));
        write_initial(&self.root(), &found).unwrap();
        println!("{}", found.text);
        found
    }

    /// Builds a .deb and an .rpm as the project file now says, and gives back what dpkg-deb and rpm say of their fields
    /// and files.
    pub fn built(&self) -> (String, String) {
        let options = Options {
            formats: vec![ArtifactKind::Deb, ArtifactKind::Rpm],
            ..Options::default()
        };
        let out = self.0.path().join("dist");
        let plan = plan(&self.root(), &options).unwrap_or_else(|e| panic!("{e}"));
        let release = build(&plan, &out, |_| ()).unwrap();
        let path = |end: &str| {
            let mut all = release.artifacts.iter().map(|artifact| artifact.path(&out));
            all.find(|path| path.to_str().unwrap().ends_with(end)).unwrap()
        };
        let ask = |program: &str, args: &[&str], end: &str| {
            let done = Command::new(program).args(args).arg(path(end)).output().unwrap();
            assert!(
                done.status.success(),
                "{program}: {}",
                String::from_utf8_lossy(&done.stderr)
            );
            String::from_utf8(done.stdout).unwrap()
        };
        let deb = ask("dpkg-deb", &["-f"], ".deb") + &ask("dpkg-deb", &["-c"], ".deb");
        let rpm = "%{NAME} %{LICENSE} %{SUMMARY}\n%{DESCRIPTION}\nevr %{EVR}\n[requires %{REQUIRENEVRS}\n]\
            [%{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILENAMES}\n]";
        (deb, ask("rpm", &["-qp", "--qf", rpm], ".rpm"))
    }
}

/// Asserts that a text holds all of some.
pub fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}
