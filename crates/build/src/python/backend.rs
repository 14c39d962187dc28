//! Asking a project's own build backend (PEP 517), for what cannot be read without running it.
//!
//! It runs in a copy of the project, so that nothing is left in the project itself; what it makes is unpacked and packed
//! again, because setuptools' sdists carry the clock and the names of whoever built them.

use super::{Files, dist_info::parse_entry_points};
use crate::{
    BuildError, files,
    metadata::{Metadata, parse_core},
    project::Python,
};
use packyard_formats::{sdist, wheel};
use packyard_types::{ArtifactName, Timestamp};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What a backend made.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub metadata: Metadata,
    /// The wheel's canonical filename, which has its tags.
    pub wheel_name: ArtifactName,
    /// The wheel's files without RECORD.
    pub wheel: Files,
    /// The name of its dist-info directory.
    pub dist_info_name: String,
    /// The sdist's files below its top directory; none where only a wheel could be made.
    pub sdist: Option<Files>,
}

impl Built {
    /// The modules and the dist-info directory, apart.
    pub fn into_python(self) -> Python {
        let prefix = format!("{}/", self.dist_info_name);
        let beside = self.dist_info_name.replace(".dist-info", ".data/");
        let (mut modules, mut dist_info, mut data) = (Files::new(), Files::new(), Files::new());
        for (path, file) in &self.wheel {
            if path.starts_with(&prefix) {
                dist_info.insert(path.clone(), file.clone());
            } else if let Some(below) = path.strip_prefix(&beside) {
                data.insert(below.to_owned(), file.clone());
            } else {
                modules.insert(path.clone(), file.clone());
            }
        }
        Python {
            modules,
            dist_info,
            dist_info_name: self.dist_info_name.clone(),
            data,
            tag: "py3",
            sources: Files::new(),
            built: Some(self),
        }
    }

    /// Whether the wheel runs on every Python 3 and every machine.
    pub fn is_pure(&self) -> bool {
        self.wheel_name.arch().ends_with("-none-any")
    }
}

/// Frontends, in the order in which they are tried.
const FRONTENDS: [(&str, &[&str]); 3] = [
    ("uv", &["build", "--quiet", "--out-dir"]),
    ("python3", &["-m", "build", "--outdir"]),
    ("python3", &["-m", "pip", "wheel", "--no-deps", "--wheel-dir"]),
];

/// Builds the project in `root` with its own backend.
pub(crate) fn run(root: &Path, reason: &str, options: &crate::Options) -> Result<Built, BuildError> {
    let source_date = options.source_date;
    let _ = reason;
    let failed = |source| BuildError::Write {
        file: "a temporary directory".into(),
        source,
    };
    let scratch = tempfile::tempdir().map_err(failed)?;
    let (tree, out) = (scratch.path().join("tree"), scratch.path().join("out"));
    copy(root, &tree)?;
    std::fs::create_dir(&out).map_err(failed)?;
    let (program, arguments) = frontend(&tree)?;
    let mut command = Command::new(program);
    command.args(arguments).arg(&out).arg(".").current_dir(&tree);
    let epoch = source_date.map_or(315_532_800, Timestamp::unix_seconds);
    command
        .env("SOURCE_DATE_EPOCH", epoch.to_string())
        .env("PYTHONHASHSEED", "0")
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC");
    let shown = format!("{program} {} dist .", arguments.join(" "));
    let output = command
        .output()
        .map_err(|e| backend_error(&shown, &e.to_string()))?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).replace(&*scratch.path().to_string_lossy(), "…");
        return Err(backend_error(&shown, text.trim_end()));
    }
    collect(&out, &shown)
}

fn backend_error(command: &str, output: &str) -> BuildError {
    BuildError::Backend {
        command: command.to_owned(),
        output: output.to_owned(),
        hint: "make it work there, or give the project static metadata: [project] without `dynamic` in pyproject.toml".into(),
    }
}

fn frontend(tree: &Path) -> Result<(&'static str, &'static [&'static str]), BuildError> {
    let works = |program: &str, arguments: &[&str]| {
        let mut probe = Command::new(program);
        probe.args(arguments).current_dir(tree.parent().unwrap_or(tree));
        probe.output().is_ok_and(|output| output.status.success())
    };
    for (program, arguments) in FRONTENDS {
        let probe: &[&str] = match program {
            "uv" => &["--version"],
            _ if arguments[1] == "build" => &["-m", "build", "--version"],
            _ => &["-m", "pip", "--version"],
        };
        if works(program, probe) {
            return Ok((program, arguments));
        }
    }
    let tried = "uv build, python3 -m build, python3 -m pip wheel";
    Err(BuildError::Backend {
        command: tried.into(),
        output: "none of them is installed here".into(),
        hint: "install uv or python3-build, or give the project static metadata".into(),
    })
}

/// Copies the project without hidden directories and what earlier builds left.
fn copy(root: &Path, to: &Path) -> Result<(), BuildError> {
    const LEFT_OUT: [&str; 4] = ["dist", "build", "node_modules", "target"];
    let walk = walkdir::WalkDir::new(root).into_iter().filter_entry(|e| {
        let name = e.file_name().to_string_lossy();
        let skipped = LEFT_OUT.contains(&&*name) && e.depth() == 1;
        e.depth() == 0 || !(skipped || name == "__pycache__" || name == ".venv" || name == ".tox")
    });
    for entry in walk {
        let entry = entry.map_err(files::walk_error(root))?;
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let target = to.join(relative);
        let done = if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), &target).map(drop)
        } else {
            // A link: what it stands for, where that is a file of the project.
            let in_package = entry.path().with_file_name("__init__.py").is_file();
            match files::check_link(root, &relative.to_string_lossy()) {
                Err(e) if in_package => return Err(e),
                Ok(()) if entry.path().is_file() => std::fs::copy(entry.path(), &target).map(drop),
                _ => Ok(()),
            }
        };
        done.map_err(|source| BuildError::Read {
            file: relative.display().to_string(),
            source,
        })?;
    }
    Ok(())
}

fn collect(out: &Path, shown: &str) -> Result<Built, BuildError> {
    let made: Vec<PathBuf> = files::names(out)?.iter().map(|name| out.join(name)).collect();
    let with = |end: &str| made.iter().find(|p| p.to_string_lossy().ends_with(end));
    let wheel_path = with(".whl").ok_or_else(|| backend_error(shown, "it made no wheel"))?;
    let file_name = wheel_path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let wheel_name = ArtifactName::parse(&file_name).map_err(|e| backend_error(shown, &e.to_string()))?;
    let read = |path: &Path| {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        Ok::<_, BuildError>(std::fs::read(path).map_err(|source| BuildError::Read { file: name, source })?)
    };
    let wheel =
        wheel::unpack::unpack(&read(wheel_path)?).map_err(|e| backend_error(shown, &e.to_string()))?;
    let sdist = match with(".tar.gz") {
        None => None,
        Some(path) => {
            Some(sdist::unpack::unpack(&read(path)?).map_err(|e| backend_error(shown, &e.to_string()))?)
        }
    };
    let dist_info_name = wheel
        .keys()
        .find_map(|p| p.split_once('/').filter(|(d, _)| d.ends_with(".dist-info")));
    let dist_info_name = dist_info_name
        .map(|(d, _)| d.to_owned())
        .ok_or_else(|| backend_error(shown, "its wheel has no dist-info"))?;
    let text = |name: &str| {
        let file = wheel.get(&format!("{dist_info_name}/{name}"))?;
        Some(String::from_utf8_lossy(&file.content.read().ok()?).into_owned())
    };
    let metadata = Metadata {
        core: parse_core(&text("METADATA").unwrap_or_default()),
        entry_points: parse_entry_points(&text("entry_points.txt").unwrap_or_default()),
        ..Metadata::default()
    };
    Ok(Built {
        metadata,
        wheel_name,
        wheel,
        dist_info_name,
        sdist,
    })
}
