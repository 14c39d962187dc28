//! Files as somebody names them on a command line: they may not be there, or not be called as an artifact is.

use crate::fault::Fault;
use packyard_types::{ArtifactName, Invalid};
use std::io;
use std::path::Path;

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
    name.parse().map_err(|e: Invalid| {
        Fault::new(
            e.to_string(),
            "give it the name that the tool which built it gave it",
        )
    })
}
