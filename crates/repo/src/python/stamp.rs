//! What tells whether a page that was kept is still right: cheap to ask for, and another one whenever the page may be.

use crate::{RepoError, lookup};
use packyard_index::Index;
use packyard_types::{ChannelName, ChannelRef, ProjectName, Revision, Timestamp};

/// Of each channel that a page is made from, in their order: its name, the revision that set its settings, and the one
/// that changed the page last. A page of an old revision changes only with what is destroyed, which may be anywhere: it
/// carries the yard's newest revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    channels: Vec<(ChannelName, Revision, Revision)>,
    yard: Option<Revision>,
    /// When the upstream's part came, and since when it is stale.
    offer: Option<(Timestamp, Option<Timestamp>)>,
}

impl Stamp {
    /// That of the list of projects.
    pub fn of_root(index: &Index, channel: &ChannelRef) -> Result<Self, RepoError> {
        Self::of(index, channel, |name| Ok(index.python_changed_any(name)?))
    }

    /// That of a project's page; none where no channel ever said anything of the project.
    pub fn of_project(
        index: &Index,
        channel: &ChannelRef,
        project: &ProjectName,
    ) -> Result<Option<Self>, RepoError> {
        let never = Revision(0);
        let stamp = Self::of(index, channel, |name| {
            Ok(index.python_changed(name, project)?.unwrap_or(never))
        })?;
        let known = stamp.channels.iter().any(|(_, _, changed)| *changed > never);
        Ok(known.then_some(stamp))
    }

    /// That of a project's page to which an upstream adds.
    pub fn of_offered(
        index: &Index,
        channel: &ChannelRef,
        project: &ProjectName,
        offer: Option<(Timestamp, Option<Timestamp>)>,
    ) -> Result<Self, RepoError> {
        let stamp = Self::of(index, channel, |name| {
            Ok(index.python_changed(name, project)?.unwrap_or_default())
        })?;
        Ok(Self { offer, ..stamp })
    }

    fn of(
        index: &Index,
        channel: &ChannelRef,
        changed: impl Fn(&ChannelName) -> Result<Revision, RepoError>,
    ) -> Result<Self, RepoError> {
        let mut channels = Vec::new();
        for (name, _) in lookup::chain(index, &channel.channel)? {
            let (set, changed) = (index.configured_at(&name)?, changed(&name)?);
            channels.push((name, set, changed));
        }
        let yard = match channel.at {
            Some(_) => Some(index.revision()?),
            None => None,
        };
        let offer = None;
        Ok(Self {
            channels,
            yard,
            offer,
        })
    }
}
