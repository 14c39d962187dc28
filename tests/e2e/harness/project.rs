//! Copies of the sample projects, and what is built from them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use tempfile::TempDir;

use super::tools::repository;
use super::{Outcome, packyard, packyard_command, run, sha256};

/// A copy of a sample project that a test may change.
pub struct Project {
    parent: Rc<TempDir>,
    name: String,
}

impl Project {
    /// The Python service with a static pyproject.toml.
    pub fn hello_world() -> Self {
        Self::copy("hello-world")
    }

    /// The classic with a setup.py.
    pub fn setup_py() -> Self {
        Self::copy("hello-world-setup-py")
    }

    /// The one without any Python.
    pub fn greeter() -> Self {
        Self::copy("greeter")
    }

    /// The one with units of every kind.
    pub fn postbox() -> Self {
        Self::copy("postbox")
    }

    /// Every sample that there is.
    pub fn samples() -> Vec<Self> {
        let directory = repository().join("fixtures/projects");
        let names = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        names.map(|name| Self::copy(name.to_str().unwrap())).collect()
    }

    /// Any of the samples.
    pub fn sample(name: &str) -> Self {
        Self::copy(name)
    }

    fn copy(name: &str) -> Self {
        let parent = Rc::new(TempDir::new().unwrap());
        let source = repository().join("fixtures/projects").join(name);
        run(Command::new("cp").arg("-r").arg(source).arg(parent.path())).ok();
        Self {
            parent,
            name: name.to_owned(),
        }
    }

    /// Where the copy is.
    pub fn path(&self) -> PathBuf {
        self.parent.path().join(&self.name)
    }

    /// The same as text, for an argument list.
    pub fn arg(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    /// The text of a file.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap()
    }

    /// Writes a file anew.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path().join(file), text).unwrap();
    }

    /// Removes a file.
    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path().join(file)).unwrap();
    }

    /// Replaces a text that must be there.
    #[track_caller]
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "`{from}` is not in {file}");
        self.write(file, &text.replacen(from, to, 1));
    }

    /// Puts a new version on top of CHANGELOG.rst, and where the project names its version a
    /// second time, there too.
    pub fn bump(&self, version: &str) {
        let underline = "^".repeat(version.len());
        let entry = format!("{version}\n{underline}\n01-Jun-2024\n\n* Change something.\n\n");
        let text = self.read("CHANGELOG.rst");
        let (title, entries) = text.split_once("\n\n").unwrap();
        self.write("CHANGELOG.rst", &format!("{title}\n\n{entry}{entries}"));
        if self.path().join("pyproject.toml").exists() {
            let old = entries.lines().next().unwrap();
            let line = |version: &str| format!("version = \"{version}\"");
            self.replace("pyproject.toml", &line(old), &line(version));
        }
    }

    /// Builds all formats of the project into a fresh directory beside it.
    #[track_caller]
    pub fn build(&self) -> Dist {
        let directory = TempDir::new_in(self.parent.path()).unwrap().keep();
        packyard(["build", &self.arg(), "--out", directory.to_str().unwrap()]).ok();
        Dist {
            directory,
            parent: Some(Rc::clone(&self.parent)),
        }
    }

    /// The same with more arguments.
    #[track_caller]
    pub fn build_with(&self, args: &[&str]) -> Dist {
        self.build_by(|build| run(build.args(args)).ok())
    }

    /// The same, the command run by somebody else.
    #[track_caller]
    pub fn build_by(&self, start: impl FnOnce(&mut Command) -> Outcome) -> Dist {
        let directory = TempDir::new_in(self.parent.path()).unwrap().keep();
        let out = directory.join("out");
        start(&mut packyard_command([
            "build",
            &self.arg(),
            "--out",
            out.to_str().unwrap(),
        ]));
        Dist {
            directory: out,
            parent: Some(Rc::clone(&self.parent)),
        }
    }

    /// Tries to build, and insists that it fails with exit code 1 and leaves nothing behind.
    #[track_caller]
    pub fn build_fails(&self, args: &[&str]) -> Outcome {
        let project = self.arg();
        let dist = self.path().join("dist");
        let mut all = vec!["build", &project, "--out", dist.to_str().unwrap()];
        all.extend(args);
        let outcome = packyard(all).exits(1);
        let left: Vec<_> = fs::read_dir(&dist).map_or_else(|_| Vec::new(), Iterator::collect);
        assert!(left.is_empty(), "a failed build left {left:?}\n{outcome}");
        outcome
    }
}

/// What a build wrote. It lies beside the project, and is there as long as either value is.
pub struct Dist {
    directory: PathBuf,
    parent: Option<Rc<TempDir>>,
}

impl Dist {
    /// A directory that something else has filled.
    pub fn at(directory: PathBuf) -> Self {
        Self {
            directory,
            parent: None,
        }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// All file names, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.directory).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Path and SHA-256 of every file, also in the directories of distributions.
    pub fn digests(&self) -> Vec<(String, String)> {
        let mut digests = Vec::new();
        for name in self.names() {
            let path = self.directory.join(&name);
            if path.is_dir() {
                let inner = Self::at(path).digests();
                digests.extend(
                    inner
                        .into_iter()
                        .map(|(file, digest)| (format!("{name}/{file}"), digest)),
                );
            } else {
                digests.push((name, sha256(&fs::read(path).unwrap())));
            }
        }
        digests
    }

    /// What was made for one distribution.
    pub fn of(&self, distribution: &str) -> Self {
        Self {
            directory: self.directory.join(distribution),
            parent: self.parent.clone(),
        }
    }

    /// The wheel.
    pub fn wheel(&self) -> PathBuf {
        self.only(".whl")
    }

    /// The source distribution.
    pub fn sdist(&self) -> PathBuf {
        self.only(".tar.gz")
    }

    /// The Debian package.
    pub fn deb(&self) -> PathBuf {
        self.only(".deb")
    }

    /// The RPM package.
    pub fn rpm(&self) -> PathBuf {
        self.only(".rpm")
    }

    #[track_caller]
    fn only(&self, ending: &str) -> PathBuf {
        let names = self.names();
        let mut found = names.iter().filter(|name| name.ends_with(ending));
        let name = found
            .next()
            .unwrap_or_else(|| panic!("no *{ending} in {names:?}"));
        assert!(found.next().is_none(), "several *{ending} in {names:?}");
        self.directory.join(name)
    }
}
