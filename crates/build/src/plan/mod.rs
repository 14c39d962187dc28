//! The plan of a build: every artifact with every byte of what goes into it decided. Making one reads the project;
//! building from it reads only the bytes of files that were too large to keep, and refuses those that changed since.

mod bundle;
mod compiled;
mod copyright;
mod deb;
mod dsc;
mod elf;
mod file;
mod installation;
mod manual;
mod needs;
mod payload;
mod programs;
mod python;
mod python_data;
mod rpm;
mod sources;
mod srpm;
mod system;
mod target;
mod text;
mod units;
mod upstream;

pub(crate) use srpm::SrpmSpec;
pub use target::{Family, KNOWN_DISTRIBUTIONS, KnownDistribution};

use crate::{
    BuildError, Diagnostic, Options,
    project::{self, Project},
    python::Files,
};
use packyard_formats::{
    deb::write::DebSpec, dsc::write::DscSpec, rpm::write::RpmSpec, sdist::write::SdistSpec,
    wheel::write::WheelSpec,
};
use packyard_types::{
    ArtifactKind, ArtifactName, ComponentName, DistributionName, ProjectName, ReleaseVersion,
};
use std::{collections::BTreeSet, path::Path};

/// What one artifact is made of.
#[derive(Debug, Clone)]
pub(crate) enum Recipe {
    Sdist(SdistSpec),
    Wheel(WheelSpec),
    Deb(Box<DebSpec>),
    Dsc(Box<DscSpec>),
    Rpm(Box<RpmSpec>),
    Srpm(Box<SrpmSpec>),
}

/// An artifact that is going to be made.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its filename.
    pub name: ArtifactName,
    /// The OS release that it is for.
    pub distribution: DistributionName,
    /// apt's component.
    pub component: ComponentName,
    pub(crate) recipe: Recipe,
}

/// Everything decided. Building from it reads neither the clock nor the environment, and of the project only the bytes
/// of files that are too large to be kept in memory.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the artifacts belong to.
    pub project: ProjectName,
    /// The version of the release.
    pub version: ReleaseVersion,
    /// The artifacts, in the order in which they are made.
    pub artifacts: Vec<Planned>,
    /// What the user should know though it is no error: guesses, things left out.
    pub notes: Vec<String>,
}

/// Decides everything about a build of the project in `root`.
pub fn plan(root: &Path, options: &Options) -> Result<Plan, BuildError> {
    plan_of(project::gather(root, options)?, options)
}

/// The same of a project that was gathered.
pub(crate) fn plan_of(mut project: Project, options: &Options) -> Result<Plan, BuildError> {
    let mut notes = std::mem::take(&mut project.notes);
    notes_on_changelog(&project, &mut notes)?;
    python::check_scripts(&project)?;
    programs::check(&project)?;
    let mut artifacts = Vec::new();
    let wanted = target::targets(&project, options)?;
    needs::check(&project, &wanted, &mut notes)?;
    for target in wanted {
        notes.extend(target.unsupported(&project));
        if target.kind == ArtifactKind::Wheel {
            artifacts.extend(python::pure_wheel(&project)?);
        }
        artifacts.push(match target.kind {
            ArtifactKind::Sdist => python::sdist(&project)?,
            ArtifactKind::Wheel if project.python.is_none() => programs::wheel(&project, &mut notes)?,
            ArtifactKind::Wheel => python::wheel(&project)?,
            ArtifactKind::Deb => deb::plan(&project, &target, &mut notes)?,
            ArtifactKind::Rpm => rpm::plan(&project, &target, &mut notes)?,
            ArtifactKind::Dsc => dsc::plan(&project, &target, &mut notes)?,
            ArtifactKind::Srpm => srpm::plan(&project, &target, &mut notes)?,
        });
    }
    let mut said = BTreeSet::new();
    notes.retain(|note| said.insert(note.clone()));
    Ok(Plan {
        project: project.name,
        version: project.version,
        artifacts,
        notes,
    })
}

/// What a source package of the project says how it is built, for the project's files as they lie there: `debian/`, or a
/// .spec and `rpm/`, each file by its path. Where the project's own changelog is among them, it is left out.
pub(crate) fn ejected(
    root: &Path,
    options: &Options,
    kind: ArtifactKind,
) -> Result<(Files, Vec<String>), BuildError> {
    let options = Options {
        formats: vec![kind],
        ..options.clone()
    };
    let mut project = project::gather(root, &options)?;
    let mut notes = std::mem::take(&mut project.notes);
    let wanted = target::targets(&project, &options)?;
    needs::check(&project, &wanted, &mut notes)?;
    let [target] = &wanted[..] else {
        let problem =
            Diagnostic::new("there is one debian/ and one .spec in a project, whatever it is built for");
        return Err(problem.hint("name one distribution with --for, or none").into());
    };
    let mut files = match kind {
        ArtifactKind::Srpm => srpm::eject(&project, target, &mut notes)?,
        _ => dsc::eject(&project, target, &mut notes)?,
    };
    if let Ok(log) = &project.changelog
        && log.file == "debian/changelog"
    {
        files.remove(&log.file);
    }
    Ok((files, notes))
}

/// A changelog that cannot be read does not stop a wheel, and a directory for another tool is not used.
fn notes_on_changelog(project: &Project, notes: &mut Vec<String>) -> Result<(), BuildError> {
    if let Err(project::ChangelogTrouble::Unreadable(problems)) = &project.changelog {
        notes.extend(
            problems
                .iter()
                .map(|p| format!("the changelog cannot be read: {p}")),
        );
    }
    let used = project.changelog.as_ref().ok();
    notes.extend(used.iter().flat_map(|log| log.notes.iter().cloned()));
    if project.root.join("debian/control").is_file() {
        let other = used
            .map(|log| log.file.as_str())
            .filter(|file| *file != "debian/changelog");
        let but = other.map_or_else(String::new, |file| format!(", and here {file} comes before it"));
        notes.push(format!("of debian/ only the changelog is used{but}"));
    }
    if crate::metadata::root_files(&project.root)?
        .iter()
        .any(|name| name.rsplit_once('.').is_some_and(|(_, e)| e == "spec"))
    {
        let other = used
            .filter(|log| log.dialect != crate::changelog::Dialect::Rpm)
            .map(|log| format!(", and here {} comes before it", log.file));
        let but = other.unwrap_or_default();
        notes.push(format!("of the .spec file only the changelog is used{but}"));
    }
    Ok(())
}
