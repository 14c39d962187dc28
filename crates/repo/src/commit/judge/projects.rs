//! What channels say of projects, and whom they inherit.

use crate::{
    RepoError,
    lookup::{MOST_INHERITED, chain, verdict},
};
use packyard_index::Index;
use packyard_types::{ChannelName, ChannelSettings, Invalid, ProjectName, ProjectSettings};

/// Whether the settings of a channel fit the channels that there are.
pub(super) fn may_inherit(
    index: &Index,
    channel: &ChannelName,
    settings: &ChannelSettings,
) -> Result<(), RepoError> {
    let bad = |parent: &ChannelName, rule: String| -> Result<(), RepoError> {
        Err(Invalid::new("channel to inherit", parent.as_str(), rule).into())
    };
    for (at, parent) in settings.inherits.iter().enumerate() {
        if index.channel(parent)?.is_none() {
            return Err(RepoError::no_channel(parent, index.channel_names()?));
        }
        if settings.inherits[..at].contains(parent) {
            return bad(parent, "it is named twice".to_owned());
        }
        let all = chain(index, parent)?;
        if all.iter().any(|(name, _)| name == channel) {
            return bad(parent, format!("it is, or inherits, `{channel}` itself"));
        }
    }
    let mut all = Vec::new();
    for parent in &settings.inherits {
        all.extend(chain(index, parent)?.into_iter().map(|(name, _)| name));
    }
    all.sort();
    all.dedup();
    match settings.inherits.first() {
        Some(first) if all.len() > MOST_INHERITED => bad(
            first,
            format!(
                "`{channel}` would inherit {} channels; {MOST_INHERITED} are the most",
                all.len()
            ),
        ),
        _ => Ok(()),
    }
}

/// Whether a channel may end: not while others inherit it.
pub(super) fn is_inherited(index: &Index, channel: &ChannelName) -> Result<(), RepoError> {
    for name in index.channel_names()? {
        let settings = index.channel(&name)?;
        if settings.is_some_and(|s| s.inherits.contains(channel)) {
            return Err(RepoError::Taken {
                what: format!("channel `{channel}`"),
                by: format!("channel `{name}` inherits it"),
                hint: format!("`packyard channel set {name} --inherits \"\"` first"),
            });
        }
    }
    Ok(())
}

/// Whether new files of a project may come into a channel.
pub fn takes_files(index: &Index, channel: &ChannelName, project: &ProjectName) -> Result<(), RepoError> {
    let ProjectSettings { status, reason, .. } = index.project_settings(channel, project, None)?;
    if status.takes_files() {
        return Ok(());
    }
    Err(RepoError::Closed {
        project: project.clone(),
        channel: channel.clone(),
        status,
        reason,
        consequence: "takes no new files",
    })
}

/// Whether what a channel holds of a project may be taken elsewhere.
pub(super) fn offers_files(
    index: &Index,
    channel: &ChannelName,
    project: &ProjectName,
) -> Result<(), RepoError> {
    let chain = chain(index, channel)?;
    match verdict(index, &chain, project, None)? {
        (said, Some(channel)) if !said.status.offers_files() => Err(RepoError::Closed {
            project: project.clone(),
            channel,
            status: said.status,
            reason: said.reason,
            consequence: "offers no files",
        }),
        _ => Ok(()),
    }
}
