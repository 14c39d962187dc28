//! Files by their plain names: aliases with a short life, for people.

use super::{Served, content_type, parts::part_type};
use crate::{RepoError, Yard};
use packyard_index::Listed;
use packyard_types::{
    Artifact, ArtifactName, CachePolicy, ChannelRef, ComponentName, DistributionName, Ecosystem, PartName,
    ProjectName,
};

/// Where an alias looks.
#[derive(Debug, Clone)]
pub struct AliasPlace {
    /// Whose files.
    pub ecosystem: Ecosystem,
    /// The distribution.
    pub distribution: DistributionName,
    /// Of apt's the component and the source package. Who may publish that source only is asked for nothing else: two
    /// sources can have files of one name.
    pub within: Option<(ComponentName, String)>,
}

impl AliasPlace {
    fn shows(&self, listed: &Listed) -> bool {
        let d = &listed.artifact.distribution;
        let here = *d == self.distribution || d.is_any() || self.distribution.is_any();
        here && listed.yanked.is_none() && self.has(&listed.artifact)
    }

    fn has(&self, artifact: &Artifact) -> bool {
        let of_it = |(component, source): &(ComponentName, String)| {
            let project = ProjectName::from_source_package(source);
            artifact.component == *component && project.is_ok_and(|project| project == artifact.project)
        };
        artifact.name.kind().ecosystem() == self.ecosystem && self.within.as_ref().is_none_or(of_it)
    }

    fn file(&self, channel: &ChannelRef, name: &str) -> String {
        let within = self.within.as_ref();
        let within =
            within.map(|(component, source)| format!(" of source `{source}` in component `{component}`"));
        format!(
            "file `{name}`{} in distribution `{}` of channel `{}`",
            within.unwrap_or_default(),
            self.distribution,
            channel.channel
        )
    }
}

impl Yard {
    /// An artifact by its plain name.
    pub fn artifact_alias(
        &self,
        channel: &ChannelRef,
        place: &AliasPlace,
        name: &ArtifactName,
    ) -> Result<Served, RepoError> {
        let listed = self.read(|i| Ok(i.with_filename(&channel.channel, name.as_str(), channel.at)?))?;
        let what = || place.file(channel, name.as_str());
        let Some(found) = listed.iter().rfind(|l| place.shows(l)) else {
            // What was there and was destroyed is gone, which is more than not there.
            let ever = self.read(|i| Ok(i.purged_under(&channel.channel, name.as_str())?))?;
            ever.iter().try_for_each(|digest| self.not_gone(digest, what))?;
            return Err(RepoError::NotFound {
                what: what(),
                nearest: None,
            });
        };
        self.not_gone(&found.artifact.served.digest, what)?;
        let (blob, kind) = (found.artifact.served, content_type(name));
        Ok(Served::stored(
            blob,
            kind,
            CachePolicy::Moving,
            found.published_at,
        ))
    }

    /// A part of an artifact by its plain name.
    pub fn part_alias(
        &self,
        channel: &ChannelRef,
        place: &AliasPlace,
        name: &PartName,
    ) -> Result<Served, RepoError> {
        let listed = self.read(|i| Ok(i.with_part(&channel.channel, name, channel.at)?))?;
        let what = || place.file(channel, name.as_str());
        let missing = || RepoError::NotFound {
            what: what(),
            nearest: None,
        };
        let found = listed.iter().rfind(|l| place.shows(l)).ok_or_else(missing)?;
        let part = found.artifact.part(name).ok_or_else(missing)?;
        self.not_gone(&part.blob.digest, what)?;
        let (kind, cache) = (part_type(name), CachePolicy::Moving);
        Ok(Served::stored(part.blob, kind, cache, found.published_at))
    }
}
