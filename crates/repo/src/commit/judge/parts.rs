//! The files of source packages: one name means one file in a distribution, as for the packages themselves. An
//! archive that held two would serve one of them to `apt-get source` of the other.

use crate::RepoError;
use packyard_index::Index;
use packyard_types::{Adopted, Artifact, ChannelName, Held, Part};
use std::collections::BTreeSet;

/// Whether what `artifact` names is free, or the same, beside what the channel holds and what comes with it.
pub(super) fn parts_are_free(
    index: &Index,
    channel: &ChannelName,
    artifact: &Artifact,
    beside: &[Adopted],
    leaving: &BTreeSet<Held>,
) -> Result<Result<(), RepoError>, RepoError> {
    for part in artifact.parts.iter().filter(|p| !p.name.is_record()) {
        let listed = index.with_part(channel, &part.name, None)?;
        let held = listed.iter().map(|l| &l.artifact);
        let mut held = held.filter(|a| !leaving.contains(&Held::of(a)));
        let held = held.find(|other| differs(artifact, part, other)).cloned();
        let fresh = || {
            beside
                .iter()
                .map(|a| &a.artifact)
                .find(|other| differs(artifact, part, other))
                .cloned()
        };
        if let Some(other) = held.or_else(fresh) {
            let theirs = other.part(&part.name).map_or(part.blob, |p| p.blob);
            return Ok(Err(RepoError::PartConflict {
                channel: channel.clone(),
                part: part.name.clone(),
                digest: theirs.digest,
                other: Box::new(other),
            }));
        }
    }
    Ok(Ok(()))
}

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

fn differs(artifact: &Artifact, part: &Part, other: &Artifact) -> bool {
    let meet = other.distribution == artifact.distribution
        || other.distribution.is_any()
        || artifact.distribution.is_any();
    let theirs = other.part(&part.name);
    meet && theirs.is_some_and(|theirs| theirs.blob.digest != part.blob.digest)
}
