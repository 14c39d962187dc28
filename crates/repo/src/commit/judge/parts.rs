//! What tells of an upload, beside what it brought.

use crate::RepoError;
use packyard_index::Index;
use packyard_types::{Artifact, ChannelName};

/// What tells of an upload is served beside the bytes that it is about, under a URL that never changes: where another
/// distribution has these bytes already, its records of the same names are kept.
pub(super) fn as_first_told(
    index: &Index,
    channel: &ChannelName,
    artifact: &mut Artifact,
) -> Result<(), RepoError> {
    let served = artifact.served.digest;
    for part in artifact.parts.iter_mut().filter(|p| p.name.is_record()) {
        let told = index.ever_with_part(channel, &served, &part.name)?;
        let first = told.first().and_then(|l| l.artifact.part(&part.name));
        if let Some(first) = first
            && index.gone(&first.blob.digest)?.is_none()
        {
            part.blob = first.blob;
        }
    }
    Ok(())
}
