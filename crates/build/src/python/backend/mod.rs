//! Asking a project's own build backend (PEP 517), for what cannot be read without running it.
//!
//! It runs in a copy of the project, so that nothing is left in the project itself, without what the user's shell adds to
//! Python, and not longer than it may; what it makes is unpacked and packed again, because setuptools' sdists carry the
//! clock and the names of whoever built them.

mod collect;
mod failure;
pub(super) mod frontend;
mod tree;

use super::Files;
use crate::{
    BuildError,
    metadata::{Metadata, Restated},
    project::Python,
};
use failure::Failure;
use packyard_types::{ArtifactName, ReleaseVersion, Timestamp};
use std::{path::Path, time::Duration};

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
    /// The modules, the dist-info directory and the data, apart.
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

/// How long a backend may take where nothing else is said.
const LIMIT: Duration = Duration::from_mins(10);

/// What a backend is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The time of everything.
    pub source_date: Option<Timestamp>,
    /// The version, for backends that would ask git.
    pub version: Option<&'a ReleaseVersion>,
    /// Files that say something else than in the project.
    pub restated: &'a Restated,
    /// A variable that is set for it.
    pub variable: Option<(&'a str, &'a str)>,
    /// How long it may take.
    pub limit: Option<Duration>,
}

/// Where plugins that ask git for the version look first: setuptools_scm, with hatch-vcs and flit-scm on top of it;
/// pdm-backend; pbr.
const VERSION_VARIABLES: [&str; 3] = [
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "PBR_VERSION",
];

/// Builds the project in `root` with its own backend, which is asked for the `reason`.
pub(crate) fn run(root: &Path, reason: &str, wish: Wish<'_>) -> Result<Built, BuildError> {
    let failed = |source| BuildError::Write {
        file: "a temporary directory".into(),
        source,
    };
    let scratch = crate::scratch::Scratch::new().map_err(failed)?;
    let (copy, out) = (scratch.path().join("tree"), scratch.path().join("out"));
    let before = tree::Trace::of(root);
    tree::copy(root, &copy)?;
    for (name, bytes) in wish.restated {
        std::fs::write(copy.join(name), bytes).map_err(failed)?;
    }
    if !copy.join("pyproject.toml").is_file() && !copy.join("setup.py").is_file() {
        std::fs::write(copy.join("pyproject.toml"), super::SETUPTOOLS).map_err(failed)?;
    }
    std::fs::create_dir(&out).map_err(failed)?;
    let frontend = frontend::find(scratch.path(), reason)?;
    let failure = Failure {
        command: frontend.shown(),
        reason,
        scratch: scratch.path(),
    };
    let mut command = frontend.command(&out);
    command.current_dir(&copy);
    let epoch = wish.source_date.map_or(315_532_800, Timestamp::unix_seconds);
    command.env("SOURCE_DATE_EPOCH", epoch.to_string());
    if let Some(version) = wish.version {
        command.envs(VERSION_VARIABLES.map(|name| (name, version.to_string())));
    }
    command.envs(wish.variable);
    let limit = wish.limit.unwrap_or(LIMIT);
    let ended = frontend::run(command, &scratch.path().join("log"), limit);
    let ended = ended.map_err(|e| failure.told(&format!("it cannot be run: {e}"), ""))?;
    if let Some(changed) = before.changed(root) {
        let what =
            format!("it changed `{changed}` in the project itself, and not in the copy that it was given");
        return Err(failure.told(&what, &ended.output));
    }
    match ended.succeeded {
        Some(true) => collect::collect(&out, &failure, &ended.output),
        Some(false) => Err(failure.of(&ended.output)),
        None => {
            let what = format!(
                "it was ended after {} s, which is as long as it may take (PACKYARD_BACKEND_TIMEOUT)",
                limit.as_secs()
            );
            Err(failure.told(&what, &ended.output))
        }
    }
}
