//! Tags: names of revisions of a channel. A tag does not move; it can be ended and set anew.

use crate::{Access, Proposal, RepoError, Yard};
use packyard_index::Changed;
use packyard_types::{
    At, Change, ChannelName, ChannelSpec, Operation, Permission, Revision, TagName, Timestamp,
};
use serde::Serialize;

/// A tag of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagRow {
    /// Its name.
    pub tag: TagName,
    /// What it names.
    pub at: Revision,
    /// When that revision was made.
    pub made_at: Option<Timestamp>,
}

/// What became of setting or ending a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagSet {
    /// Its name.
    pub tag: TagName,
    /// What it names; none where it ended.
    pub at: Option<Revision>,
    /// The revision in which that holds.
    pub revision: Revision,
    /// Whether it was not so already.
    pub new: bool,
}

impl Yard {
    /// A channel's tags, by name.
    pub fn tag_rows(&self, channel: &ChannelName) -> Result<Vec<TagRow>, RepoError> {
        self.read(|index| {
            let mut rows = Vec::new();
            for (tag, at) in index.tags(channel)? {
                let made_at = index.made_at(at)?;
                rows.push(TagRow { tag, at, made_at });
            }
            Ok(rows)
        })
    }

    /// What a tag names by itself: the newest revision; where the channel is as it was at the tag, what that names already.
    async fn newest_for(&self, channel: &ChannelName, tag: &TagName) -> Result<Revision, RepoError> {
        let (channel, tag) = (channel.clone(), tag.clone());
        self.read_blocking(move |index| {
            let newest = index.applied()?.revision;
            let tags = index.tags(&channel)?;
            let Some((_, at)) = tags.into_iter().find(|(name, _)| *name == tag) else {
                return Ok(newest);
            };
            let same = at >= index.channel_revision(&channel)?
                && index.changed_between(&channel, at, newest)? == Changed::default();
            Ok(if same { at } else { newest })
        })
        .await
    }

    /// Names a revision of a channel: that of `at`, else the newest.
    pub async fn tag(
        &self,
        access: &Access,
        channel: &ChannelName,
        tag: TagName,
        at: Option<At>,
    ) -> Result<TagSet, RepoError> {
        access.allow_whole(Permission::Promote, channel)?;
        self.channel_exists(channel)?;
        let named = match at {
            None => self.newest_for(channel, &tag).await?,
            at @ Some(_) => {
                let spec = ChannelSpec {
                    channel: channel.clone(),
                    at,
                };
                self.resolve(&spec)?.at.unwrap_or_default()
            }
        };
        self.set_tag(access, channel, tag, Some(named)).await
    }

    /// Ends a tag.
    pub async fn end_tag(
        &self,
        access: &Access,
        channel: &ChannelName,
        tag: TagName,
    ) -> Result<TagSet, RepoError> {
        access.allow_whole(Permission::Promote, channel)?;
        self.set_tag(access, channel, tag, None).await
    }

    async fn set_tag(
        &self,
        access: &Access,
        channel: &ChannelName,
        tag: TagName,
        at: Option<Revision>,
    ) -> Result<TagSet, RepoError> {
        let operation = Operation::Tag {
            channel: channel.clone(),
            tag: tag.clone(),
            at,
        };
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note: None,
            operation,
        };
        let done = self.commit(Proposal::of(change)).await?;
        Ok(TagSet {
            tag,
            at,
            revision: done.revision,
            new: done.change.is_some(),
        })
    }
}
