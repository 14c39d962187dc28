//! What somebody should know of what they did: it can be meant, and it easily is not.

use crate::{RepoError, lookup::chain};
use packyard_index::Index;
use packyard_types::{Artifact, ChannelName, ChannelSettings};

/// What to know of these settings, in sentences.
pub(crate) fn cautions(
    index: &Index,
    channel: &ChannelName,
    settings: &ChannelSettings,
) -> Result<Vec<String>, RepoError> {
    let mut out = Vec::new();
    let private = |name: &ChannelName| Ok::<_, RepoError>(index.channel(name)?.is_some_and(|s| !s.public));
    if settings.public {
        for (parent, _) in chain(index, channel)?.into_iter().skip(1) {
            if private(&parent)? {
                out.push(format!(
                    "channel `{channel}` is public and inherits `{parent}`, which is private: anybody may now read the \
                     wheels and sdists of `{parent}`"
                ));
            }
        }
    } else {
        for child in index.channel_names()? {
            let public = index.channel(&child)?.is_some_and(|s| s.public);
            let heirs = || Ok::<_, RepoError>(chain(index, &child)?.into_iter().skip(1));
            if public && heirs()?.any(|(name, _)| name == *channel) {
                out.push(format!(
                    "channel `{channel}` is private and the public channel `{child}` inherits it: anybody may read its \
                     wheels and sdists there"
                ));
            }
        }
    }
    if let Some(upstream) = &settings.upstream
        && upstream.as_str().starts_with("http://")
        && !upstream.is_loopback()
    {
        out.push(format!(
            "the upstream `{upstream}` is asked over plain HTTP: whoever is on the way can change its files and their hashes"
        ));
    }
    Ok(out)
}

/// What to know of source packages whose files have names that others have in the same distribution: each .dsc has a
/// directory of its own here, but elsewhere they would meet.
pub(crate) fn of_parts(
    index: &Index,
    channel: &ChannelName,
    coming: &[Artifact],
) -> Result<Vec<String>, RepoError> {
    let mut out = Vec::new();
    for (k, artifact) in coming.iter().enumerate() {
        for part in artifact.parts.iter().filter(|p| !p.name.is_record()) {
            let held = index.with_part(channel, &part.name, None)?;
            let held = held.iter().map(|l| &l.artifact);
            let differs = |other: &&Artifact| {
                let meet = other.distribution == artifact.distribution
                    || other.distribution.is_any()
                    || artifact.distribution.is_any();
                meet && other
                    .part(&part.name)
                    .is_some_and(|theirs| theirs.blob.digest != part.blob.digest)
            };
            if let Some(other) = held.chain(&coming[..k]).find(differs) {
                out.push(format!(
                    "`{}` of `{}` has other contents than that of `{}`: packyard keeps each source package's files \
                     apart, and an archive with one directory for all (reprepro, dak) would refuse it",
                    part.name, artifact.name, other.name
                ));
            }
        }
    }
    Ok(out)
}
