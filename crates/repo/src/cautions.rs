//! What of a channel's settings somebody should know who made them: they can be meant, and they are easily not.

use crate::{RepoError, lookup::chain};
use packyard_index::Index;
use packyard_types::{ChannelName, ChannelSettings};

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
