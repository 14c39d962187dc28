//! Which artifacts a build makes, for which distributions, and what each of these wants.

mod known;

pub use known::{Family, KNOWN_DISTRIBUTIONS, KnownDistribution};

use crate::{BuildError, Diagnostic, Options, Place, nearest, project::Project, python::launcher};
use packyard_formats::entries::{Clash, Entries};
use packyard_types::{ArtifactKind, DistributionName, InstallPath};
use pep508_rs::pep440_rs::{Version, VersionSpecifiers};

/// One artifact that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub kind: ArtifactKind,
    pub distribution: DistributionName,
    /// What is known of the distribution; nothing of `any` and of those that the project file names on its own.
    pub known: Option<&'static KnownDistribution>,
}

impl Target {
    pub fn new(kind: ArtifactKind, distribution: DistributionName) -> Self {
        Self {
            kind,
            known: KnownDistribution::find(&distribution),
            distribution,
        }
    }

    /// The system's Python, where it is known.
    pub fn python(&self) -> Option<Version> {
        self.known?.python?.parse().ok()
    }

    /// The Python of programs: by its version, where their modules are for another one than the distribution's own.
    pub fn interpreter(&self, python: Option<&Version>) -> String {
        match python {
            Some(python) if self.python().as_ref() != Some(python) => format!("/usr/bin/python{python}"),
            _ => launcher::PYTHON.to_owned(),
        }
    }

    /// An rpm's release: what the project says, with the distribution's own mark behind it.
    pub fn rpm_release(&self, said: Option<&str>) -> String {
        let said = said.unwrap_or("1");
        let tag = self.known.map_or("", |known| known.dist_tag);
        if said.ends_with(tag) {
            said.to_owned()
        } else {
            format!("{said}{tag}")
        }
    }

    /// The same files, with units where the distribution looks for them; all else has one place everywhere.
    pub fn placed(&self, entries: Entries) -> Result<Entries, Clash> {
        const USUAL: &str = "/usr/lib/systemd/system";
        let directory = self.known.map_or(USUAL, KnownDistribution::unit_directory);
        if directory == USUAL {
            return Ok(entries);
        }
        let mut placed = Entries::new(entries.mtime());
        for (path, entry) in entries.iter().filter(|(_, entry)| !entry.implied) {
            let below = path
                .as_str()
                .strip_prefix(USUAL)
                .filter(|rest| rest.starts_with('/'));
            let moved = below.map(|rest| InstallPath::parse(&format!("{directory}{rest}")));
            let path = moved.map_or_else(
                || path.clone(),
                |moved| moved.expect("a valid path below another valid directory is valid"),
            );
            placed.insert(path, entry.clone())?;
        }
        Ok(placed)
    }

    /// A distribution whose support had ended when the project was released.
    pub fn unsupported(&self, project: &Project) -> Option<String> {
        let (year, month) = self.known?.supported_until?;
        let (at_year, at_month, ..) = project.date.civil();
        ((at_year, at_month) > (year, month)).then(|| {
            format!(
                "{} has been without its makers' support since {year}-{month:02}",
                self.distribution
            )
        })
    }
}

/// The project must run on the Python that its modules are installed for.
pub(super) fn check_python(
    project: &Project,
    target: &Target,
    python: Option<&Version>,
    said: Option<&Place>,
) -> Result<(), BuildError> {
    let (Some(python), Some(text)) = (python, &project.metadata.core.requires_python) else {
        return Ok(());
    };
    let Ok(wanted) = text.parse::<VersionSpecifiers>() else {
        return Ok(());
    };
    // `>=3.8.1` takes a 3.8: which one it is, the system's package manager knows.
    let latest: Option<Version> = format!("{python}.99").parse().ok();
    if wanted.contains(python) || latest.is_some_and(|v| wanted.contains(&v)) {
        return Ok(());
    }
    let own = target.known.filter(|_| said.is_none());
    let has = match own {
        Some(_) => format!("{} has Python {python}", target.distribution),
        None => format!("the .rpm is for Python {python}"),
    };
    let problem = Diagnostic::new(format!("{has}, but the project wants {text}"));
    let problem = match (said, &project.metadata.requires_python_place) {
        (Some(said), Some(wanted)) => problem
            .at(said.clone())
            .related("what the project wants", wanted.clone()),
        (Some(place), None) | (None, Some(place)) => problem.at(place.clone()),
        (None, None) => problem,
    };
    let hint = match (own, target.kind) {
        (None, _) => "say `python = \"3.N\"` in [rpm], as the project wants it".to_owned(),
        (Some(_), ArtifactKind::Rpm) => format!(
            "leave {} out of --for, or name a Python that it has beside its own: `python = \"3.N\"` in [rpm]; \
             a private layout runs on the same Python",
            target.distribution
        ),
        (Some(_), _) => format!("leave {} out of --for", target.distribution),
    };
    Err(problem.hint(hint).into())
}

/// All artifacts of a build, in the order sdist, wheel, deb, dsc, rpm, srpm.
pub(super) fn targets(project: &Project, options: &Options) -> Result<Vec<Target>, BuildError> {
    let mut kinds = options.formats.clone();
    if kinds.is_empty() {
        let python = [ArtifactKind::Sdist, ArtifactKind::Wheel];
        kinds.extend(python.into_iter().filter(|kind| can_be(project, *kind)));
        kinds.extend([ArtifactKind::Deb, ArtifactKind::Rpm]);
    }
    kinds.sort();
    kinds.dedup();
    if let Some(kind) = kinds.iter().find(|kind| !can_be(project, **kind)) {
        let problem = Diagnostic::new(format!(
            "`{}` is no Python project: no {kind} can be made of it",
            project.name
        ));
        let programs = match kind {
            ArtifactKind::Wheel => "; a wheel of programs is made where [python] `programs` names them",
            _ => "",
        };
        let hint = format!("leave it out of --format, or add a pyproject.toml{programs}");
        return Err(problem.hint(hint).into());
    }
    check_known(project, options)?;
    let mut targets = Vec::new();
    for kind in kinds {
        let distributions = distributions(project, options, kind);
        targets.extend(
            distributions
                .into_iter()
                .map(|distribution| Target::new(kind, distribution)),
        );
    }
    if targets.is_empty() {
        let names: Vec<&str> = options
            .distributions
            .iter()
            .map(DistributionName::as_str)
            .collect();
        let problem = Diagnostic::new(format!("nothing of what was asked is for {}", names.join(", ")));
        return Err(problem
            .hint("name a distribution of the format's family, or list it in [deb] or [rpm] distributions")
            .into());
    }
    Ok(targets)
}

/// Whether a project has what a kind is made of: Python modules, or programs for a wheel.
fn can_be(project: &Project, kind: ArtifactKind) -> bool {
    match kind {
        ArtifactKind::Sdist => project.python.is_some(),
        ArtifactKind::Wheel => project.python.is_some() || !project.manifest.programs.is_empty(),
        _ => true,
    }
}

/// A distribution is in the table, or the project file says of which family it is.
fn check_known(project: &Project, options: &Options) -> Result<(), BuildError> {
    let manifest = &project.manifest;
    let is_known = |name: &&DistributionName| {
        name.is_any()
            || manifest.deb.distributions.contains(name)
            || manifest.rpm.distributions.contains(name)
            || KnownDistribution::find(name).is_some()
    };
    let Some(unknown) = options.distributions.iter().find(|name| !is_known(name)) else {
        return Ok(());
    };
    let all = KNOWN_DISTRIBUTIONS.iter().flat_map(|known| known.names).copied();
    let meant = match nearest::nearest(unknown.as_str(), all) {
        Some(name) => format!("did you mean `{name}`?"),
        None => {
            let names: Vec<&str> = KNOWN_DISTRIBUTIONS.iter().map(|known| known.names[0]).collect();
            format!("known are {}.", names.join(", "))
        }
    };
    let problem = Diagnostic::new(format!("`{unknown}` is no distribution that packyard knows"));
    let hint = format!(
        "{meant} One of your own is declared with `distributions = [\"{unknown}\"]` in [deb] or [rpm]"
    );
    Err(problem.hint(hint).into())
}

/// sdists and wheels are for every system; packages are for what was asked, as far as it is of their family.
fn distributions(project: &Project, options: &Options, kind: ArtifactKind) -> Vec<DistributionName> {
    let manifest = &project.manifest;
    let (own, said, others) = match kind {
        ArtifactKind::Deb | ArtifactKind::Dsc => (
            Family::Deb,
            &manifest.deb.distributions,
            &manifest.rpm.distributions,
        ),
        ArtifactKind::Rpm | ArtifactKind::Srpm => (
            Family::Rpm,
            &manifest.rpm.distributions,
            &manifest.deb.distributions,
        ),
        _ => return vec![DistributionName::any()],
    };
    let fits = |name: &&DistributionName| match KnownDistribution::find(name) {
        _ if said.contains(name) => true,
        _ if others.contains(name) => false,
        Some(known) => known.family == own,
        None => true,
    };
    let asked = &options.distributions;
    let mut wanted: Vec<DistributionName> = match (asked.is_empty(), said.is_empty()) {
        (true, true) => vec![DistributionName::any()],
        (true, false) => said.clone(),
        (false, _) => asked.iter().filter(fits).cloned().collect(),
    };
    let mut seen = std::collections::BTreeSet::new();
    wanted.retain(|name| seen.insert(name.clone()));
    wanted
}
