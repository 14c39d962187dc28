//! Identity (DESIGN.md): which project an artifact belongs to, and which release of it it is, so that the wheel, the
//! .deb and the .rpm of one release fall together whoever built them.
//!
//! | artifact | project | release version |
//! |---|---|---|
//! | wheel, sdist | `Name` | `Version`, normalised |
//! | deb | `Source`, else `Package` | that of `Source: NAME (VERSION)`, else of `Version` |
//! | rpm | the name in `SOURCERPM`, else `NAME` | that of `SOURCERPM`, else `VERSION` |
//!
//! A source package has one version, its binary packages may have others (`gcc` 4:12.2.0-3 of gcc-defaults 1.203): the
//! source's is the release. A native version becomes a release version without its revision: the PEP 440 version whose
//! image it is, where it is one (`1.1.3~rc1-1` is 1.1.3rc1), else the upstream part as it is, without the epoch.

use packyard_types::{Invalid, ProjectName, ReleaseVersion, RpmFacts};

/// What an artifact belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The project.
    pub project: ProjectName,
    /// The version of its release.
    pub release_version: String,
}

/// The identity of a .deb, from the fields of its control file (deb-control(5)). `source` may be empty.
pub fn of_deb(package: &str, version: &str, source: &str) -> Result<Identity, Invalid> {
    let (name, source_version) = match source.split_once('(') {
        Some((name, rest)) => (
            name.trim_ascii(),
            rest.split(')').next().unwrap_or_default().trim_ascii(),
        ),
        None => (source.trim_ascii(), ""),
    };
    let version = if is_native(source_version) {
        source_version
    } else {
        version
    };
    Ok(Identity {
        project: ProjectName::from_source_package(if name.is_empty() { package } else { name })?,
        release_version: deb_release(version),
    })
}

/// The identity of an .rpm. The name of its source package is in `SOURCERPM`; one that is missing or no filename leaves
/// the package's own. `SOURCERPM` has no epoch: that of the package is taken, which it has from its source unless it
/// says otherwise.
pub fn of_rpm(facts: &RpmFacts) -> Result<Identity, Invalid> {
    let from_source = source_rpm(&facts.source_rpm)
        .and_then(|(name, version)| Some((ProjectName::from_source_package(name).ok()?, version)));
    let (project, version) = match from_source {
        Some(found) => found,
        None => (
            ProjectName::from_source_package(&facts.name)?,
            facts.version.as_str(),
        ),
    };
    Ok(Identity {
        project,
        release_version: rpm_release(version, facts.epoch),
    })
}

/// The release version of a Debian version, `[EPOCH:]UPSTREAM[-REVISION]` (deb-version(7)).
pub fn deb_release(version: &str) -> String {
    let upstream = version
        .rsplit_once('-')
        .map_or(version, |(upstream, _revision)| upstream);
    match ReleaseVersion::from_deb_upstream(upstream) {
        Some(release) => release.to_string(),
        None => upstream
            .split_once(':')
            .map_or(upstream, |(_epoch, rest)| rest)
            .to_owned(),
    }
}

/// The release version of an RPM version (without its release) and epoch.
pub fn rpm_release(version: &str, epoch: u32) -> String {
    ReleaseVersion::from_rpm_version(version, epoch).map_or_else(|| version.to_owned(), |v| v.to_string())
}

/// Name and version out of `NAME-VERSION-RELEASE.src.rpm`.
fn source_rpm(filename: &str) -> Option<(&str, &str)> {
    let stem = filename
        .strip_suffix(".src.rpm")
        .or_else(|| filename.strip_suffix(".nosrc.rpm"))?;
    let mut parts = stem.rsplitn(3, '-');
    let (_release, version, name) = (parts.next()?, parts.next()?, parts.next()?);
    is_native(version).then_some((name, version))
}

/// Whether a text can be a version of dpkg or rpm. Everything else that a header may hold is no version, whatever it says.
fn is_native(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".+-~^_:".contains(&b))
}

#[cfg(test)]
mod tests;
