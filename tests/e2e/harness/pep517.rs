//! The build backends themselves, to hold what packyard makes against what they make.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Outcome, Venv, packyard_command, repository, run, system_command, tool};

/// A project that is built twice: by packyard and by its own backend.
pub struct Backends {
    room: TempDir,
}

impl Backends {
    /// Copies the project in a directory.
    pub fn of(project: &Path) -> Self {
        let room = TempDir::new().unwrap();
        run(Command::new("cp")
            .arg("-r")
            .arg(project)
            .arg(room.path().join("tree")))
        .ok();
        Self { room }
    }

    /// The copy that packyard builds.
    pub fn tree(&self) -> PathBuf {
        self.room.path().join("tree")
    }

    /// The wheel as packyard makes it, and whether it asked the backend for it.
    pub fn ours(&self) -> (PathBuf, bool) {
        let out = self.room.path().join("ours");
        let (tree, to) = (self.tree(), out.to_str().unwrap().to_owned());
        let args = ["build", tree.to_str().unwrap(), "--format", "wheel", "--out", &to];
        let mut alone = packyard_command(args);
        let alone = run(alone.env("PATH", "/nonexistent"));
        if alone.code == Some(0) {
            return (wheel_in(&out), true);
        }
        alone.says(&["nothing that could run it is installed here"]);
        Self::with_backend(&mut packyard_command(args)).ok();
        (wheel_in(&out), false)
    }

    /// The wheel as the backend makes it, which is already installed.
    pub fn theirs(&self) -> PathBuf {
        let (tree, out) = (
            self.room.path().join("their-tree"),
            self.room.path().join("theirs"),
        );
        run(Command::new("cp").arg("-r").arg(self.tree()).arg(&tree)).ok();
        let mut build = system_command(tool("venv/bin/python"));
        build
            .args([
                "-m",
                "build",
                "--no-isolation",
                "--skip-dependency-check",
                "--wheel",
                "--outdir",
            ])
            .arg(&out)
            .arg(".")
            .current_dir(&tree)
            .env("SOURCE_DATE_EPOCH", "1700000000")
            .env("PATH", Self::path());
        let text = fs::read_to_string(tree.join("pyproject.toml")).unwrap_or_default();
        if text
            .lines()
            .any(|line| line.contains("flit") && line.contains("<4"))
        {
            build.env("PYTHONPATH", tool("flit3"));
        }
        run(&mut build).ok();
        wheel_in(&out)
    }

    /// Insists that two wheels are the same, but for what `tests/tools/compare-wheels` lets pass.
    #[track_caller]
    pub fn same(ours: &Path, theirs: &Path) {
        let outcome = Self::compare(ours, theirs);
        assert_eq!(outcome.code, Some(0), "{} differs:\n{}", ours.display(), outcome);
    }

    /// What differs.
    pub fn compare(ours: &Path, theirs: &Path) -> Outcome {
        let script = repository().join("tests/tools/compare-wheels");
        run(system_command(tool("venv/bin/python"))
            .arg(script)
            .arg(ours)
            .arg(theirs))
    }

    /// Runs packyard where the provisioned backends are at hand and no index is.
    pub fn with_backend(packyard: &mut Command) -> Outcome {
        run(packyard
            .env("PATH", Self::path())
            .env("UV_NO_BUILD_ISOLATION", "1")
            .env("UV_NO_CONFIG", "1")
            .env("UV_OFFLINE", "1")
            .env("UV_PYTHON", tool("venv/bin/python")))
    }

    fn path() -> String {
        let bin = tool("venv/bin");
        // The compiler of these tests, for backends that build Rust.
        let rust = Path::new(env!("CARGO")).parent().unwrap();
        format!(
            "{}:/usr/local/bin:/usr/bin:/bin:{}",
            bin.display(),
            rust.display()
        )
    }

    /// An installation of one file without an index, by pip or uv.
    pub fn install(file: &Path, by_uv: bool) -> Venv {
        let venv = Venv::new();
        let mut install = if by_uv {
            let mut uv = Venv::tool("uv");
            uv.args([
                "--no-config",
                "--offline",
                "--no-cache",
                "pip",
                "install",
                "--no-deps",
                "--python",
            ]);
            uv.arg(venv.bin("python"));
            uv
        } else {
            let mut pip = Venv::tool("pip");
            pip.arg("--isolated").arg("--python").arg(venv.bin("python"));
            pip.args([
                "--no-cache-dir",
                "--disable-pip-version-check",
                "install",
                "--no-deps",
                "--no-index",
            ]);
            pip
        };
        run(install.arg(file).env("PATH", Self::path())).ok();
        venv
    }

    /// A wheel that the backend makes of an sdist.
    pub fn wheel_of_sdist(&self, sdist: &Path) -> PathBuf {
        let parent = self.room.path().join("unpacked");
        fs::create_dir(&parent).unwrap();
        run(Command::new("tar").arg("-xzf").arg(sdist).arg("-C").arg(&parent)).ok();
        let top = fs::read_dir(&parent).unwrap().next().unwrap().unwrap().path();
        Self::of(&top).keep_theirs(&self.room.path().join("from-sdist"))
    }

    fn keep_theirs(&self, to: &Path) -> PathBuf {
        fs::create_dir(to).unwrap();
        let wheel = self.theirs();
        let kept = to.join(wheel.file_name().unwrap());
        fs::copy(&wheel, &kept).unwrap();
        kept
    }
}

#[track_caller]
fn wheel_in(directory: &Path) -> PathBuf {
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut wheels = entries.filter(|path| path.extension().is_some_and(|e| e == "whl"));
    wheels
        .next()
        .unwrap_or_else(|| panic!("no wheel in {}", directory.display()))
}
