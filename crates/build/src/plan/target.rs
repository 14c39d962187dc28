//! Which artifacts a build makes, for which distributions.

use crate::{BuildError, Diagnostic, Options, project::Project};
use packyard_types::{ArtifactKind, DistributionName};

/// One artifact that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub kind: ArtifactKind,
    pub distribution: DistributionName,
}

/// The package managers of a distribution, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Deb,
    Rpm,
}

/// Distributions whose Python we know.
const PYTHONS: [(&str, &str); 12] = [
    ("el8", "3.6"),
    ("el9", "3.9"),
    ("el10", "3.12"),
    ("amzn2023", "3.9"),
    ("fedora40", "3.12"),
    ("fedora41", "3.13"),
    ("fedora42", "3.13"),
    ("fedora43", "3.14"),
    ("bullseye", "3.9"),
    ("bookworm", "3.11"),
    ("trixie", "3.13"),
    ("noble", "3.12"),
];

/// The system's Python of a distribution, where it is known.
pub(super) fn python_of(distribution: &DistributionName) -> Option<&'static str> {
    PYTHONS
        .iter()
        .find(|(name, _)| *name == distribution.as_str())
        .map(|(_, python)| *python)
}

fn family(distribution: &DistributionName) -> Option<Family> {
    const DEB: [&str; 11] = [
        "buster", "bullseye", "bookworm", "trixie", "forky", "sid", "unstable", "focal", "jammy", "noble",
        "resolute",
    ];
    const RPM: [&str; 10] = [
        "el", "rhel", "centos", "rocky", "alma", "fedora", "fc", "amzn", "opensuse", "sles",
    ];
    let name = distribution.as_str();
    let numbered = |prefix: &&str| {
        name.strip_prefix(*prefix)
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b".-".contains(&b)))
    };
    if DEB.contains(&name) || name.starts_with("debian") || name.starts_with("ubuntu") {
        Some(Family::Deb)
    } else if RPM.iter().any(numbered) {
        Some(Family::Rpm)
    } else {
        None
    }
}

/// All artifacts of a build, in the order sdist, wheel, deb, rpm.
pub(super) fn targets(project: &Project, options: &Options) -> Result<Vec<Target>, BuildError> {
    let mut kinds = options.formats.clone();
    if kinds.is_empty() {
        let python = [ArtifactKind::Sdist, ArtifactKind::Wheel];
        kinds.extend(python.into_iter().filter(|_| project.python.is_some()));
        kinds.extend([ArtifactKind::Deb, ArtifactKind::Rpm]);
    }
    kinds.sort();
    kinds.dedup();
    let is_python = |kind: &ArtifactKind| matches!(kind, ArtifactKind::Sdist | ArtifactKind::Wheel);
    if let Some(kind) = kinds
        .iter()
        .find(|kind| is_python(kind) && project.python.is_none())
    {
        let problem = Diagnostic::new(format!(
            "`{}` is no Python project: no {kind} can be made of it",
            project.name
        ));
        return Err(problem
            .hint("leave it out of --format, or add a pyproject.toml")
            .into());
    }
    let mut targets = Vec::new();
    for kind in kinds {
        let distributions = distributions(project, options, kind);
        targets.extend(
            distributions
                .into_iter()
                .map(|distribution| Target { kind, distribution }),
        );
    }
    Ok(targets)
}

/// sdists and wheels are for every system; packages are for what was asked, as far as it is of their family.
fn distributions(project: &Project, options: &Options, kind: ArtifactKind) -> Vec<DistributionName> {
    let (own, other_family, said) = match kind {
        ArtifactKind::Deb => (Family::Deb, Family::Rpm, &project.manifest.deb.distributions),
        ArtifactKind::Rpm => (Family::Rpm, Family::Deb, &project.manifest.rpm.distributions),
        _ => return vec![DistributionName::any()],
    };
    let asked = &options.distributions;
    if asked.is_empty() {
        return if said.is_empty() {
            vec![DistributionName::any()]
        } else {
            said.clone()
        };
    }
    let others = match other_family {
        Family::Deb => &project.manifest.deb.distributions,
        Family::Rpm => &project.manifest.rpm.distributions,
    };
    let fits = |d: &&DistributionName| match family(d) {
        _ if said.contains(d) => true,
        _ if others.contains(d) => false,
        Some(family) => family == own,
        None => true,
    };
    asked.iter().filter(fits).cloned().collect()
}
