//! The plan of a build: every artifact with every byte of what goes into it decided. Making one reads the project;
//! building from it reads only the bytes of files that were too large to keep, and refuses those that changed since.

mod arch;
mod bundle;
mod copyright;
mod deb;
mod dsc;
mod manual;
mod needs;
mod payload;
mod python;
mod python_data;
mod rpm;
mod system;
mod target;
mod text;
mod units;

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
    let mut project = project::gather(root, options)?;
    let mut notes = std::mem::take(&mut project.notes);
    notes_on_changelog(&project, &mut notes)?;
    python::check_scripts(&project)?;
    let mut artifacts = Vec::new();
    let wanted = target::targets(&project, options)?;
    needs::check(&project, &wanted, &mut notes)?;
    for target in wanted {
        notes.extend(target.unsupported(&project));
        artifacts.push(match target.kind {
            ArtifactKind::Sdist => python::sdist(&project)?,
            ArtifactKind::Wheel => python::wheel(&project)?,
            ArtifactKind::Deb => deb::plan(&project, &target, &mut notes)?,
            ArtifactKind::Rpm => rpm::plan(&project, &target, &mut notes)?,
            ArtifactKind::Dsc => dsc::plan(&project, &target, &mut notes)?,
            ArtifactKind::Srpm => return Err(Diagnostic::new("`srpm` cannot be built yet").into()),
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

/// `debian/` as a source package of the project has it, for the project's files as they lie there: each by its path below
/// it. Where the project's own changelog is in there, it is left out.
pub(crate) fn debian_directory(root: &Path, options: &Options) -> Result<(Files, Vec<String>), BuildError> {
    let options = Options {
        formats: vec![ArtifactKind::Dsc],
        ..options.clone()
    };
    let mut project = project::gather(root, &options)?;
    let mut notes = std::mem::take(&mut project.notes);
    let wanted = target::targets(&project, &options)?;
    needs::check(&project, &wanted, &mut notes)?;
    let mut files = match &wanted[..] {
        [target] => dsc::eject(&project, target, &mut notes)?,
        _ => {
            let problem = Diagnostic::new("there is one debian/ in a project, whatever it is built for");
            return Err(problem.hint("name one distribution with --for, or none").into());
        }
    };
    if project
        .changelog
        .as_ref()
        .is_ok_and(|log| log.file == "debian/changelog")
    {
        files.remove("changelog");
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
        let is_changelog = used.is_some_and(|log| log.dialect == crate::changelog::Dialect::Rpm);
        let note = if is_changelog {
            "of the .spec file only the changelog is used"
        } else {
            "the .spec file is not used"
        };
        notes.push(note.into());
    }
    Ok(())
}
