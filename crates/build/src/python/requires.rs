//! From `Requires-Dist` to the dependencies of a .deb and an .rpm.

#[allow(dead_code)] // used by the next step
mod names;
#[allow(dead_code)]
mod order;

use crate::{BuildError, Diagnostic};
use packyard_types::{ProjectName, RpmDependency, RpmFlags};
use pep508_rs::{
    Requirement, VerbatimUrl, VersionOrUrl,
    pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers},
};
use std::collections::BTreeMap;

type Parsed = Requirement<VerbatimUrl>;

/// PyPI names whose Debian package is not `python3-NAME`.
const DEB_NAMES: [(&str, &str); 32] = [
    ("attrs", "python3-attr"),
    ("beautifulsoup4", "python3-bs4"),
    ("dnspython", "python3-dnspython"),
    ("docker", "python3-docker"),
    ("flask-sqlalchemy", "python3-flask-sqlalchemy"),
    ("gitpython", "python3-git"),
    ("importlib-metadata", "python3-importlib-metadata"),
    ("mysqlclient", "python3-mysqldb"),
    ("opencv-python", "python3-opencv"),
    ("pillow", "python3-pil"),
    ("protobuf", "python3-protobuf"),
    ("psycopg2-binary", "python3-psycopg2"),
    ("pycrypto", "python3-pycryptodome"),
    ("pycryptodome", "python3-pycryptodome"),
    ("pygobject", "python3-gi"),
    ("pyjwt", "python3-jwt"),
    ("pynacl", "python3-nacl"),
    ("pyopenssl", "python3-openssl"),
    ("pyqt5", "python3-pyqt5"),
    ("pyserial", "python3-serial"),
    ("python-dateutil", "python3-dateutil"),
    ("python-dotenv", "python3-dotenv"),
    ("python-gitlab", "python3-gitlab"),
    ("python-magic", "python3-magic"),
    ("pyusb", "python3-usb"),
    ("pyxdg", "python3-xdg"),
    ("pyyaml", "python3-yaml"),
    ("pyzmq", "python3-zmq"),
    ("ruamel-yaml", "python3-ruamel.yaml"),
    ("scikit-learn", "python3-sklearn"),
    ("setuptools", "python3-setuptools"),
    ("dbus-python", "python3-dbus"),
];

/// The Pythons that a package meets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pythons<'a> {
    /// The one, where it is known.
    pub known: Option<&'a Version>,
    /// The project's `Requires-Python`.
    pub required: Option<&'a str>,
}

impl Pythons<'_> {
    /// Those that a marker is judged for.
    fn candidates(self) -> Vec<String> {
        const ALL: [&str; 10] = [
            "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15",
        ];
        if let Some(python) = self.known {
            return vec![python.to_string()];
        }
        let required: Option<VersionSpecifiers> = self.required.and_then(|text| text.parse().ok());
        let allowed = |python: &&str| {
            // `>=3.8.1` leaves out 3.8.0 and not 3.8.
            let any = |text: String| {
                text.parse()
                    .is_ok_and(|v: Version| required.iter().all(|r| r.contains(&v)))
            };
            any((*python).to_owned()) || any(format!("{python}.99"))
        };
        let found: Vec<String> = ALL.iter().copied().filter(allowed).map(str::to_owned).collect();
        if found.is_empty() {
            ALL.map(str::to_owned).into()
        } else {
            found
        }
    }
}

/// The requirements that hold on a Debian or Red Hat system: those of extras are left out, a simple marker is judged,
/// anything else is an error that names it. What `is_named` in the project file is taken where that is open.
fn applicable(
    requires_dist: &[String],
    pythons: Pythons<'_>,
    is_named: impl Fn(&str) -> bool,
) -> Result<Vec<Parsed>, BuildError> {
    let mut out = Vec::new();
    for text in requires_dist {
        let refuse = |why: &str| {
            let problem = Diagnostic::new(format!(
                "`{text}` cannot become a dependency of a .deb or .rpm: {why}"
            ));
            problem.hint(
                "build for distributions whose Python is known (`--for bookworm,el9`, or `[rpm] python`), or say the \
                 Debian package in [python.deb-names]",
            )
        };
        let parsed: Parsed = text.parse().map_err(|_| refuse("it is not a requirement"))?;
        let named = is_named(parsed.name.as_ref());
        let holds = holds(&parsed, pythons);
        if holds != Some(false) && !named && matches!(parsed.version_or_url, Some(VersionOrUrl::Url(_))) {
            return Err(refuse("it is a URL").into());
        }
        match holds {
            Some(true) => out.push(parsed),
            None if named => out.push(parsed),
            Some(false) => {}
            None => return Err(refuse("its marker depends on the Python that it meets").into()),
        }
    }
    Ok(out)
}

/// Whether the marker is true on every Linux with the Python in question; none where that depends. A marker on the
/// Python version is judged for `python`, where that is known.
fn holds(requirement: &Parsed, pythons: Pythons<'_>) -> Option<bool> {
    let marker = &requirement.marker;
    if marker.is_true() {
        return Some(true);
    }
    let environment = |python: &str| {
        pep508_rs::MarkerEnvironment::try_from(pep508_rs::MarkerEnvironmentBuilder {
            implementation_name: "cpython",
            implementation_version: python,
            os_name: "posix",
            platform_machine: "x86_64",
            platform_python_implementation: "CPython",
            platform_release: "",
            platform_system: "Linux",
            platform_version: "",
            python_full_version: &format!("{python}.0"),
            python_version: python,
            sys_platform: "linux",
        })
        .ok()
    };
    let pythons = pythons.candidates();
    let verdicts: Option<Vec<bool>> = pythons
        .iter()
        .map(|python| Some(marker.evaluate(&environment(python)?, &[])))
        .collect();
    let verdicts = verdicts?;
    verdicts.iter().all(|v| *v == verdicts[0]).then(|| verdicts[0])
}

fn specifiers(requirement: &Parsed) -> Option<&VersionSpecifiers> {
    match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => Some(specifiers),
        _ => None,
    }
}

/// The Debian name of a PyPI project, and whether it was looked up or guessed.
fn deb_name(name: &str, names: &BTreeMap<String, String>) -> (String, bool) {
    if let Some(own) = names.get(name) {
        return (own.clone(), true);
    }
    match DEB_NAMES.iter().find(|(pypi, _)| *pypi == name) {
        Some((_, deb)) => ((*deb).to_owned(), true),
        None => (format!("python3-{name}"), false),
    }
}

/// `Depends` of a .deb, with notes on names that were guessed.
pub(crate) fn deb_depends(
    requires_dist: &[String],
    names: &BTreeMap<String, String>,
    pythons: Pythons<'_>,
) -> Result<(Vec<String>, Vec<String>), BuildError> {
    let (mut depends, mut notes) = (Vec::new(), Vec::new());
    for requirement in applicable(requires_dist, pythons, |name| names.contains_key(name))? {
        let pypi = requirement.name.to_string();
        let (name, known) = deb_name(&pypi, names);
        if !known {
            notes.push(format!(
                "`{pypi}` is taken to be the Debian package `{name}`; say otherwise in [python.deb-names]"
            ));
        }
        let limits = specifiers(&requirement).map(|s| s.iter().flat_map(deb_limits).collect::<Vec<_>>());
        let limits = limits.unwrap_or_default();
        if limits.is_empty() {
            depends.push(name.clone());
        }
        depends.extend(limits.iter().map(|limit| format!("{name} ({limit})")));
    }
    Ok((depends, notes))
}

/// A version specifier in Debian's relations; `!=` and `===` have none and are left to the metadata.
fn deb_limits(specifier: &VersionSpecifier) -> Vec<String> {
    let version = packyard_types::ReleaseVersion::from_pep440(specifier.version().clone());
    let Ok(version) = version.map(|v| v.deb_upstream()) else {
        return Vec::new();
    };
    match specifier.operator() {
        Operator::GreaterThanEqual => vec![format!(">= {version}")],
        Operator::GreaterThan => vec![format!(">> {version}")],
        Operator::LessThanEqual => vec![format!("<= {version}.~")],
        Operator::LessThan => vec![format!("<< {version}~")],
        // A Debian revision follows the version: `=` alone would never hold.
        Operator::Equal => vec![format!(">= {version}"), format!("<< {version}.~")],
        Operator::EqualStar => vec![
            format!(">= {version}"),
            format!("<< {}~", next(specifier.version(), 0)),
        ],
        Operator::TildeEqual => vec![
            format!(">= {version}"),
            format!("<< {}~", next(specifier.version(), 1)),
        ],
        _ => Vec::new(),
    }
}

/// The first release that a prefix match excludes: the last number, after leaving out `cut`, plus one.
fn next(version: &Version, cut: usize) -> String {
    let mut release = version.release().to_vec();
    release.truncate(release.len().saturating_sub(cut).max(1));
    if let Some(last) = release.last_mut() {
        *last += 1;
    }
    release.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// `Requires` of an .rpm: `pythonX.Ydist(NAME)` for a known Python, else `python3dist(NAME)`.
pub(crate) fn rpm_requires(
    requires_dist: &[String],
    pythons: Pythons<'_>,
) -> Result<Vec<RpmDependency>, BuildError> {
    let prefix = pythons
        .known
        .map_or("python3dist".to_owned(), |python| format!("python{python}dist"));
    let mut out = Vec::new();
    for requirement in applicable(requires_dist, pythons, |_| false)? {
        let name = format!("{prefix}({})", requirement.name);
        let limits: Vec<(RpmFlags, String)> = specifiers(&requirement)
            .map(|s| s.iter().flat_map(rpm_limits).collect())
            .unwrap_or_default();
        if limits.is_empty() {
            out.push(dependency(name.clone(), None));
        }
        out.extend(
            limits
                .into_iter()
                .map(|limit| dependency(name.clone(), Some(limit))),
        );
    }
    Ok(out)
}

fn dependency(name: String, limit: Option<(RpmFlags, String)>) -> RpmDependency {
    let (flags, version) = limit.map_or((None, String::new()), |(flags, version)| (Some(flags), version));
    RpmDependency {
        name,
        flags,
        version,
        pre: false,
    }
}

fn rpm_limits(specifier: &VersionSpecifier) -> Vec<(RpmFlags, String)> {
    let version = rpm_dist_version(specifier.version());
    match specifier.operator() {
        Operator::GreaterThanEqual => vec![(RpmFlags::GreaterOrEqual, version)],
        Operator::GreaterThan => vec![(RpmFlags::Greater, version)],
        Operator::LessThanEqual => vec![(RpmFlags::LessOrEqual, version)],
        Operator::LessThan => vec![(RpmFlags::Less, version)],
        Operator::Equal | Operator::ExactEqual => vec![(RpmFlags::Equal, version)],
        Operator::EqualStar => {
            vec![
                (RpmFlags::GreaterOrEqual, version),
                (RpmFlags::Less, next(specifier.version(), 0)),
            ]
        }
        Operator::TildeEqual => {
            vec![
                (RpmFlags::GreaterOrEqual, version),
                (RpmFlags::Less, next(specifier.version(), 1)),
            ]
        }
        _ => Vec::new(),
    }
}

/// A version as Fedora's generators write it: trailing `.0` left out.
pub(crate) fn rpm_dist_version(version: &Version) -> String {
    let image = packyard_types::ReleaseVersion::from_pep440(version.clone());
    let image = image.map_or_else(|_| version.to_string(), |v| v.rpm_version());
    let split = image
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(image.len());
    let (release, rest) = image.split_at(split);
    let mut release = release;
    while let Some(shorter) = release.strip_suffix(".0") {
        release = shorter;
    }
    format!("{release}{rest}")
}

/// What a library .rpm provides for a Python: `pythonX.Ydist(NAME)` and `python3dist(NAME)`.
pub(crate) fn rpm_provides(project: &ProjectName, version: &Version, python: &Version) -> Vec<RpmDependency> {
    let version = rpm_dist_version(version);
    let names = [
        format!("python{python}dist({project})"),
        format!("python3dist({project})"),
    ];
    names
        .map(|name| dependency(name, Some((RpmFlags::Equal, version.clone()))))
        .into()
}

/// The least Python that `Requires-Python` allows, such as `3.9`.
pub(crate) fn least_python(requires_python: Option<&str>) -> Option<Version> {
    let specifiers: VersionSpecifiers = requires_python?.parse().ok()?;
    let lower = specifiers.iter().filter(|s| {
        matches!(
            s.operator(),
            Operator::GreaterThanEqual | Operator::GreaterThan | Operator::TildeEqual | Operator::EqualStar
        )
    });
    lower.map(|s| s.version().clone()).max()
}

#[cfg(test)]
mod tests;
