//! What is taken in of a Debian source package.

use super::{Intake, agree, identity, valid};
use crate::dsc::{Dsc, Source};
use crate::fault::Fault;
use packyard_types::{ArtifactName, DscFacts, Facts};

/// The filename must be that of its source and version.
pub(super) fn agrees(name: &ArtifactName, dsc: &Dsc) -> Result<(), Fault> {
    agree("package", name.package(), &dsc.source)?;
    let plain = dsc
        .version
        .split_once(':')
        .map_or(&*dsc.version, |(_, rest)| rest);
    agree("version", name.version(), plain)
}

/// The facts.
pub(super) fn intake(name: &ArtifactName, source: &Source) -> Result<Intake, Fault> {
    let dsc = &source.dsc;
    let identity = valid(identity::of_deb(&dsc.source, &dsc.version, &dsc.source), "Source")?;
    Ok(Intake {
        project: identity.project,
        release_version: identity.release_version,
        facts: Facts::Dsc(DscFacts {
            control: dsc.control.fields().to_vec(),
            md5: dsc.md5.clone(),
            files: source.file_paths(),
            changelog: source.changelog.clone(),
        }),
        package: dsc.source.clone(),
        version: dsc.version.clone(),
        arch: name.arch().to_owned(),
        sidecars: Vec::new(),
        cautions: Vec::new(),
    })
}
