//! What is taken in of a Debian binary package. Everything else that is asked of it is in `deb/rules`.

use super::{Intake, agree, identity, valid};
use crate::deb::read::Deb;
use crate::fault::Fault;
use packyard_types::{ArtifactName, DebArch, DebFacts, DebName, Facts};

/// In what a .deb's name and its fields disagree. A field that is missing is not the name's fault.
pub(super) fn disagreements(name: &ArtifactName, deb: &Deb) -> Vec<Fault> {
    let field = |name| deb.control.get(name).unwrap_or_default();
    let (package, version, arch) = (field("Package"), field("Version"), field("Architecture"));
    let without_epoch = version.split_once(':').map_or(version, |(_epoch, rest)| rest);
    let said = |value: &str, judged: Result<(), Fault>| judged.err().filter(|_| !value.is_empty());
    let judged = [
        said(package, valid(DebName::parse(package), "control").map(drop)),
        said(arch, valid(DebArch::parse(arch), "control").map(drop)),
        said(package, agree("package", name.package(), package)),
        said(version, agree("version", name.version(), without_epoch)),
        said(arch, agree("architecture", name.arch(), arch)),
    ];
    judged.into_iter().flatten().collect()
}

/// The facts.
pub(super) fn intake(name: &ArtifactName, deb: &Deb) -> Result<Intake, Fault> {
    let field = |name| deb.control.get(name).unwrap_or_default().to_owned();
    let (package, version, arch) = (field("Package"), field("Version"), field("Architecture"));
    if let Some(fault) = disagreements(name, deb).into_iter().next() {
        return Err(fault);
    }
    let identity = valid(identity::of_deb(&package, &version, &field("Source")), "control")?;
    Ok(Intake {
        project: identity.project,
        release_version: identity.release_version,
        facts: Facts::Deb(DebFacts {
            control: deb.control.fields().to_vec(),
            md5: deb.md5.clone(),
            files: deb.file_paths(),
            changelog: deb.changelog.clone(),
        }),
        package,
        version,
        arch,
        sidecars: Vec::new(),
        cautions: Vec::new(),
    })
}
