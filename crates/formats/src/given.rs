//! Files as somebody names them on a command line: they may not be there, or not be called as an artifact is.

use crate::archive::budget::fault_of;
use crate::dsc;
use crate::fault::Fault;
use crate::intake::{Limits, Package};
use packyard_types::{ArtifactKind, ArtifactName, Invalid, PartName};
use std::io::{self, Read, Seek};
use std::path::Path;

/// Reads a package; of a .dsc the files beside it, too.
pub(crate) fn package<R: Read + Seek + 'static>(
    file: &Path,
    name: &ArtifactName,
    open: &dyn Fn(&Path) -> io::Result<R>,
    limits: &Limits,
) -> Result<Package, Fault> {
    let mut reader = opened(open(file))?;
    if name.kind() != ArtifactKind::Dsc {
        return Package::read(name, &mut reader, limits);
    }
    let mut raw = Vec::new();
    let mut most = reader.take(dsc::MAX_BYTES + 1);
    most.read_to_end(&mut raw).map_err(|e| fault_of(&e))?;
    let beside = |part: &PartName| {
        let part = open(&file.with_file_name(part.as_str()))?;
        Ok(Box::new(part) as Box<dyn Read>)
    };
    Package::read_source(&raw, &beside, limits)
}

/// The file, where it could be opened; a fault says why it could not.
pub(crate) fn opened<R>(opened: io::Result<R>) -> Result<R, Fault> {
    opened.map_err(|e| {
        let rule = match e.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => format!("it cannot be opened: {e}"),
        };
        Fault::new(rule, "check the path and the permissions")
    })
}

/// What the last part of the path says about the artifact.
pub(crate) fn name(file: &Path) -> Result<ArtifactName, Fault> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with(".changes") {
        return Err(Fault::new(
            format!("`{name}` is a list of what was built, and no package"),
            "send it with dput, or publish the .dsc and .debs that it names",
        ));
    }
    name.parse().map_err(|e: Invalid| {
        Fault::new(
            e.to_string(),
            "give it the name that the tool which built it gave it",
        )
    })
}
