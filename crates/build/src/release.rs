//! From a plan to files: every artifact is made in a directory beside the output, and moved into place when all are
//! there; `release.json` comes last. A crash leaves no partial file in the output.

mod list;
mod source;
mod srpm;

pub use list::{ListedFile, Listing, list};

use crate::{
    BuildError, Diagnostic, Plan,
    plan::{Planned, Recipe},
};
use packyard_formats::{
    content::{Content, Sum},
    deb, rpm, sdist, wheel,
};
use packyard_types::{Blob, ComponentName, DistributionName, Hasher, ProjectName, ReleaseVersion};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, Write as _},
    num::NonZero,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// An artifact that was made, as `release.json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltArtifact {
    /// Path below the output directory.
    pub file: String,
    /// Digest and size.
    #[serde(flatten)]
    pub blob: Blob,
    /// The OS release that it is for.
    pub distribution: DistributionName,
    /// apt's component.
    pub component: ComponentName,
    /// What it belongs to.
    pub project: ProjectName,
    /// The version of the release.
    pub version: ReleaseVersion,
    /// What was made with it and is no artifact by itself: of a `.dsc` the archives that it names, and the files of an
    /// upload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
}

/// A file that lies beside an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Path below the output directory.
    pub file: String,
    /// Digest and size.
    #[serde(flatten)]
    pub blob: Blob,
}

impl BuiltArtifact {
    /// Where the file is.
    pub fn path(&self, out: &Path) -> PathBuf {
        out.join(&self.file)
    }
}

/// Everything that one build made: the contents of `release.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The artifacts.
    pub artifacts: Vec<BuiltArtifact>,
}

impl Release {
    /// Every file that was made, the artifacts behind what lies beside them.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.artifacts.iter().flat_map(|artifact| {
            let beside = artifact.beside.iter().map(|beside| beside.file.as_str());
            beside.chain([artifact.file.as_str()])
        })
    }
}

/// Name of the file that lists a build's artifacts.
pub const RELEASE_FILE: &str = "release.json";

/// A step of a build.
#[derive(Debug)]
pub enum Progress<'a> {
    /// An artifact is about to be made.
    Begin(&'a Planned),
    /// It was made; it is moved into place when all are.
    Made(&'a BuiltArtifact),
}

/// Makes everything that was planned, in `out`.
pub fn build(plan: &Plan, out: &Path, mut progress: impl FnMut(Progress<'_>)) -> Result<Release, BuildError> {
    let beside = out
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let write_failed = |path: &Path| {
        let file = path.display().to_string();
        move |source| BuildError::Write { file, source }
    };
    std::fs::create_dir_all(beside).map_err(write_failed(beside))?;
    let staging =
        crate::scratch::Scratch::within(beside, ".packyard-build-").map_err(write_failed(beside))?;
    hash(plan)?;
    let mut artifacts = Vec::new();
    for planned in &plan.artifacts {
        progress(Progress::Begin(planned));
        let file = file(planned);
        let (blob, beside) = make(planned, &file, staging.path(), &artifacts)?;
        let built = BuiltArtifact {
            file,
            blob,
            distribution: planned.distribution.clone(),
            component: planned.component.clone(),
            project: plan.project.clone(),
            version: plan.version.clone(),
            beside,
        };
        progress(Progress::Made(&built));
        artifacts.push(built);
    }
    let release = Release { artifacts };
    let json = serde_json::to_string_pretty(&release).expect("strings and numbers become JSON") + "\n";
    write(&staging.path().join(RELEASE_FILE), json.as_bytes())?;
    for file in release.files().chain([RELEASE_FILE]) {
        let target = out.join(file);
        let parent = target.parent().unwrap_or(out);
        std::fs::create_dir_all(parent).map_err(write_failed(parent))?;
        std::fs::rename(staging.path().join(file), &target).map_err(write_failed(&target))?;
    }
    Ok(release)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    let parent = path.parent().unwrap_or(path);
    let done = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(path, bytes));
    done.map_err(|source| BuildError::Write {
        file: path.display().to_string(),
        source,
    })
}

/// `NAME` for `any`, else `DISTRIBUTION/NAME`.
fn file(planned: &Planned) -> String {
    if planned.distribution.is_any() {
        planned.name.to_string()
    } else {
        format!("{}/{}", planned.distribution, planned.name)
    }
}

/// Writes one artifact to `file` in a directory, and what belongs beside it. `made` are those that are there.
fn make(
    planned: &Planned,
    file: &str,
    dir: &Path,
    made: &[BuiltArtifact],
) -> Result<(Blob, Vec<Beside>), BuildError> {
    let path = &dir.join(file);
    let write_failed = |source| BuildError::Write {
        file: path.display().to_string(),
        source,
    };
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent).map_err(write_failed)?;
    if let Recipe::Dsc(spec) = &planned.recipe {
        return source::make(spec, file, dir, made);
    }
    if let Recipe::Srpm(spec) = &planned.recipe {
        return Ok((srpm::make(spec, path, dir)?, Vec::new()));
    }
    let mut file = File::create_new(path).map_err(write_failed)?;
    // Archives have many small parts; they reach the file together.
    let mut out = BufWriter::with_capacity(256 << 10, &mut file);
    let done = match &planned.recipe {
        Recipe::Sdist(spec) => sdist::write::write(spec, &mut out).map_err(|e| e.to_string()),
        Recipe::Wheel(spec) => wheel::write::write(spec, &mut out).map_err(|e| e.to_string()),
        Recipe::Deb(spec) => deb::write::write(spec, &mut out).map_err(|e| e.to_string()),
        Recipe::Rpm(spec) => rpm::write::write(spec, &mut out).map_err(|e| e.to_string()),
        Recipe::Dsc(_) | Recipe::Srpm(_) => unreachable!("a source package is made of several files, above"),
    };
    done.map_err(|reason| BuildError::Make {
        artifact: planned.name.to_string(),
        reason,
    })?;
    out.flush().map_err(write_failed)?;
    drop(out);
    file.rewind().map_err(write_failed)?;
    let mut hasher = Hasher::new();
    io::copy(&mut file, &mut hasher).map_err(write_failed)?;
    Ok((hasher.finish(), Vec::new()))
}

/// Reads every file once, each thread another one, and keeps the sums that the formats of this plan carry.
fn hash(plan: &Plan) -> Result<(), BuildError> {
    let contents: Vec<&Content> = plan
        .artifacts
        .iter()
        .flat_map(|planned| contents(&planned.recipe))
        .collect();
    let carries = |sum: Sum| {
        plan.artifacts
            .iter()
            .any(|planned| sums(&planned.recipe).contains(&sum))
    };
    let wanted: Vec<Sum> = [Sum::Sha256, Sum::Md5]
        .into_iter()
        .filter(|sum| carries(*sum))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(content) = contents.get(next.fetch_add(1, Ordering::Relaxed)) {
            content.work_out(&wanted)?;
        }
        io::Result::Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(8);
    let done: io::Result<()> = thread::scope(|scope| {
        let crew: Vec<_> = (1..threads.min(contents.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let own = work();
        let others = crew.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a thread that hashes has ended")))
        });
        std::iter::once(own).chain(others).collect()
    });
    done.map_err(|e| {
        Diagnostic::new(e.to_string())
            .hint("let the project's files be while it is built")
            .into()
    })
}

/// The sums of files that an artifact carries.
fn sums(recipe: &Recipe) -> &'static [Sum] {
    match recipe {
        Recipe::Sdist(_) | Recipe::Dsc(_) | Recipe::Srpm(_) => &[],
        Recipe::Wheel(_) | Recipe::Rpm(_) => &[Sum::Sha256],
        Recipe::Deb(_) => &[Sum::Md5],
    }
}

/// The files of an artifact.
fn contents(recipe: &Recipe) -> Box<dyn Iterator<Item = &Content> + '_> {
    match recipe {
        Recipe::Sdist(spec) => Box::new(spec.files.values().map(|file| &file.content)),
        Recipe::Wheel(spec) => Box::new(spec.files.values().map(|file| &file.content)),
        Recipe::Deb(spec) => Box::new(spec.entries.files().map(|(_, content)| content)),
        Recipe::Rpm(spec) => Box::new(spec.entries.files().map(|(_, content)| content)),
        Recipe::Srpm(spec) => {
            let archives = spec.archives().flat_map(|(_, archive)| archive.files.values());
            Box::new(archives.map(|file| &file.content))
        }
        Recipe::Dsc(spec) => {
            let files = spec.tree.files.values().chain(spec.debian.values());
            Box::new(files.map(|file| &file.content))
        }
    }
}
