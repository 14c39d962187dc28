//! Where the wheels and sdists of a name come from: the channel, what it inherits, its upstream.
//!
//! **A name that any channel of the chain holds, or has held, or keeps for itself, is never asked of the upstream**,
//! unless the project is open: who can publish that name elsewhere must not be able to slip a file in (dependency
//! confusion). The rule is here and nowhere else.

use crate::{RepoError, Yard};
use packyard_index::{Index, Listed};
use packyard_types::{
    ChannelName, ChannelRef, ChannelSettings, Ecosystem, NamePattern, ProjectName, ProjectSettings,
    ProjectStatus, Revision, UpstreamUrl,
};
use std::collections::BTreeSet;

/// How many channels one may inherit, directly and through others.
pub const MOST_INHERITED: usize = 16;

/// What there is of a project in a channel.
#[derive(Debug, Clone)]
pub struct PythonSources {
    /// What each channel of the chain holds, those that hold something, the channel itself first.
    pub own: Vec<PythonSource>,
    /// What is said of the project: see [`verdict`].
    pub settings: ProjectSettings,
    /// The index to ask, where the name may be asked.
    pub upstream: Option<UpstreamUrl>,
    /// Why the upstream is asked, or why not.
    pub why: Why,
    /// The newest revision that changed any of this; 0 where nothing ever did.
    pub changed: Revision,
}

/// What one channel holds of a project.
#[derive(Debug, Clone)]
pub struct PythonSource {
    /// Which.
    pub channel: ChannelName,
    /// Its files, in the order in which they were published.
    pub listed: Vec<Listed>,
}

/// Why the upstream is asked for a name, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No channel of the chain has an upstream.
    NoUpstream,
    /// The name is, or was, published here.
    Published(ChannelName),
    /// A channel keeps the name for itself.
    Reserved(ChannelName, NamePattern),
    /// It is published here, and the project is open to the upstream.
    Open,
    /// The name is unknown here.
    Unknown,
}

impl Yard {
    /// A channel and all that it inherits, in the order in which they are asked, each once.
    pub fn chain(&self, channel: &ChannelName) -> Result<Vec<(ChannelName, ChannelSettings)>, RepoError> {
        self.read(|index| chain(index, channel))
    }

    /// What there is of a project in a channel, and where else it may come from.
    pub fn python_sources(
        &self,
        channel: &ChannelRef,
        project: &ProjectName,
    ) -> Result<PythonSources, RepoError> {
        self.read(|index| sources(index, channel, project))
    }
}

pub(crate) fn sources(
    index: &Index,
    channel: &ChannelRef,
    project: &ProjectName,
) -> Result<PythonSources, RepoError> {
    let chain = chain(index, &channel.channel)?;
    let mut found = PythonSources {
        own: Vec::new(),
        settings: ProjectSettings::default(),
        upstream: None,
        why: Why::NoUpstream,
        changed: Revision(0),
    };
    let (mut published, mut reserved) = (None, None);
    let mut earlier = BTreeSet::new();
    for (name, settings) in &chain {
        let mut listed = index.of_project(name, project, Some(Ecosystem::Pip), channel.at)?;
        // What an earlier channel says of a file counts, also that it is yanked.
        listed.retain(|l| !earlier.contains(l.artifact.name.as_str()));
        if !listed.is_empty() {
            earlier.extend(listed.iter().map(|l| l.artifact.name.to_string()));
            let channel = name.clone();
            found.own.push(PythonSource { channel, listed });
        }
        if published.is_none() && index.ever_python(name, project)? {
            published = Some(name.clone());
        }
        let kept = settings.reserved.iter().find(|pattern| pattern.covers(project));
        reserved = reserved.or_else(|| kept.map(|pattern| (name.clone(), pattern.clone())));
        let changed = index.python_changed(name, project)?.unwrap_or(Revision(0));
        found.changed = found.changed.max(changed).max(index.configured_at(name)?);
    }
    found.settings = verdict(index, &chain, project, channel.at)?.0;
    let upstream = chain.into_iter().find_map(|(_, settings)| settings.upstream);
    found.why = match (upstream.is_some(), published, reserved) {
        (false, _, _) => Why::NoUpstream,
        (true, _, _) if found.settings.open => Why::Open,
        (true, Some(by), _) => Why::Published(by),
        (true, None, Some((by, pattern))) => Why::Reserved(by, pattern),
        (true, None, None) => Why::Unknown,
    };
    found.upstream = upstream.filter(|_| matches!(found.why, Why::Open | Why::Unknown));
    Ok(found)
}

/// What holds of a project in a channel, and who says it: the status that the first of the chain says that says one, but
/// quarantined where any of them says so; open only where the channel itself says so, for nobody else may let strangers'
/// files in.
pub(crate) fn verdict(
    index: &Index,
    chain: &[(ChannelName, ChannelSettings)],
    project: &ProjectName,
    at: Option<Revision>,
) -> Result<(ProjectSettings, Option<ChannelName>), RepoError> {
    let mut all = Vec::new();
    for (name, _) in chain {
        let settings = index.project_settings(name, project, at)?;
        if !settings.is_default() {
            all.push((name, settings));
        }
    }
    let own = chain.first().map(|(name, _)| name);
    let open = all.iter().any(|(name, s)| Some(*name) == own && s.open);
    let closed = all.iter().find(|(_, s)| !s.status.offers_files());
    let first = all.iter().find(|(_, s)| s.status != ProjectStatus::default());
    let by = closed.or(first).or(all.first().filter(|_| open));
    let settings = by.map_or_else(ProjectSettings::default, |(_, s)| s.clone());
    let by = by.map(|(name, _)| (*name).clone());
    Ok((ProjectSettings { open, ..settings }, by))
}

/// Depth first: a channel is followed by what it inherits. One that is not there any more is passed over.
pub(crate) fn chain(
    index: &Index,
    channel: &ChannelName,
) -> Result<Vec<(ChannelName, ChannelSettings)>, RepoError> {
    let mut out: Vec<(ChannelName, ChannelSettings)> = Vec::new();
    let mut next = vec![channel.clone()];
    while let Some(name) = next.pop() {
        if out.iter().any(|(seen, _)| *seen == name) {
            continue;
        }
        if let Some(settings) = index.channel(&name)? {
            next.extend(settings.inherits.iter().rev().cloned());
            out.push((name, settings));
        }
    }
    Ok(out)
}
