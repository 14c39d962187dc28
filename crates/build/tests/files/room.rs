//! A project of nothing but a project file, a changelog and files.

use packyard_build::{Options, build, plan};
use packyard_types::ArtifactKind;
use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::PathBuf,
    process::Command,
};
use tempfile::TempDir;

pub const PACKAGE: &str = "[package]\nname = 'lamp'\nsummary = 'A lamp'\ndescription = 'It shines at night.'\n\
    license = 'MIT'\nmaintainer = 'Ada Sample <ada@example.org>'\n";

pub struct Room(TempDir);

impl Room {
    /// A project with these tables behind `[package]` and these files. What begins with `#!` may be run, what begins
    /// with `-> ` is a link, what ends with `/` is a directory.
    pub fn of(tables: &str, files: &[(&str, &str)]) -> Self {
        let room = Self(TempDir::new().unwrap());
        room.write("packyard.toml", &format!("{PACKAGE}{tables}"));
        room.write(
            "CHANGELOG.md",
            "# Changelog\n\n## 1.2.0 (2024-05-01)\n\n- Shine.\n",
        );
        for (name, text) in files {
            room.write(name, text);
        }
        room
    }

    pub fn root(&self) -> PathBuf {
        self.0.path().join("lamp")
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if name.ends_with('/') {
            return fs::create_dir_all(path).unwrap();
        }
        if let Some(to) = text.strip_prefix("-> ") {
            return symlink(to, path).unwrap();
        }
        fs::write(&path, text).unwrap();
        if text.starts_with("#!") {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// What is wrong with it; nothing may be left behind.
    pub fn error(&self) -> String {
        let options = Options {
            formats: vec![ArtifactKind::Deb, ArtifactKind::Rpm],
            ..Options::default()
        };
        let error = plan(&self.root(), &options).err();
        error.unwrap_or_else(|| panic!("it is planned")).to_string()
    }

    /// What dpkg-deb lists of the .deb: mode, owner and path of each, with what a link points to.
    pub fn deb(&self) -> Vec<String> {
        let list = self.ask(ArtifactKind::Deb, "dpkg-deb", &["-c"]);
        let line = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            format!("{} {}", words[0], words[5..].join(" "))
        };
        list.lines().map(line).collect()
    }

    /// What rpm says of the files of the .rpm: mode, owner, flags and path of each, with what a link points to.
    pub fn rpm(&self) -> Vec<String> {
        let format = "[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags} %{FILENAMES} %{FILELINKTOS}\n]";
        let list = self.ask(ArtifactKind::Rpm, "rpm", &["-qp", "--qf", format]);
        list.lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// What a tool says of an artifact.
    pub fn ask(&self, kind: ArtifactKind, program: &str, args: &[&str]) -> String {
        let done = Command::new(program)
            .args(args)
            .arg(self.built(kind))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{program}: {errors}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// The path of an artifact, built now.
    pub fn built(&self, kind: ArtifactKind) -> PathBuf {
        let options = Options {
            formats: vec![kind],
            ..Options::default()
        };
        let out = self.0.path().join("out");
        let plan = plan(&self.root(), &options).unwrap_or_else(|e| panic!("{e}"));
        let release = build(&plan, &out, |_| ()).unwrap();
        release.artifacts[0].path(&out)
    }
}

/// Asserts that a list has each of some lines.
pub fn has(list: &[String], lines: &[&str]) {
    for line in lines {
        assert!(
            list.iter().any(|own| own == line),
            "`{line}` is not in:\n{}",
            list.join("\n")
        );
    }
}

/// The paths of a list that lie below a directory, without it.
pub fn below<'a>(list: &'a [String], directory: &str) -> Vec<&'a str> {
    let paths = list.iter().filter_map(|line| line.split(directory).nth(1));
    paths.filter(|path| !path.is_empty()).collect()
}
