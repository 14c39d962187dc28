//! From one file of a release to an artifact that is ready to be published: where it goes, whether the caller may name
//! its bytes, what is in them.

use crate::{
    Access, RepoError, Upload, Yard,
    intake::{Place, Ready},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use packyard_formats::intake::Limits;
use packyard_types::{
    ArtifactKind, ArtifactName, Blob, ChannelName, ComponentName, Digest, DistributionName, Ecosystem,
    Family, Part, Permission, Timestamp,
};
use std::path::PathBuf;

/// How many files of a release are under way at a time. Most of them wait for the disk, and those that wait together
/// share one sync; how many are read at a time, [`crate::intake`] says.
const AT_ONCE: usize = 256;

/// One file of a release.
pub struct Incoming {
    /// Its name.
    pub name: ArtifactName,
    /// The OS release, by its name or an alias; `any` where none is given.
    pub distribution: Option<DistributionName>,
    /// apt's component; `main` where none is given.
    pub component: Option<ComponentName>,
    /// Its bytes.
    pub source: Source,
    /// When it was first published elsewhere; only who may administrate the channel may say so.
    pub uploaded_at: Option<Timestamp>,
}

/// Where the bytes are.
pub enum Source {
    /// They just arrived.
    Upload(Upload),
    /// They were put into the store before.
    Stored(Digest),
    /// They were put into the store before, with files beside them (`incoming/`); the caller may name all of them.
    Staged(Digest, Vec<Part>),
    /// On this machine's disk.
    File(PathBuf),
    /// On this machine's disk, and another repository's index says which bytes it should have.
    Vouched(PathBuf, Digest),
}

impl Yard {
    /// Prepares the files of a release, a few at a time. Each has its own verdict, in the order of the request: who
    /// wants all or nothing asks [`all_or_nothing`].
    pub(crate) async fn prepare_all(
        &self,
        access: &Access,
        channel: &ChannelName,
        artifacts: Vec<Incoming>,
        limits: &Limits,
    ) -> Vec<Result<Ready, RepoError>> {
        let mut preparing = Vec::with_capacity(artifacts.len());
        for (n, incoming) in artifacts.into_iter().enumerate() {
            preparing.push(async move { (n, self.prepare(access, channel, incoming, limits).await) });
        }
        // One that waits for the disk does not keep those behind it from being read.
        let prepared = stream::iter(preparing).buffer_unordered(AT_ONCE);
        let mut prepared: Vec<(usize, Result<Ready, RepoError>)> = prepared.collect().await;
        prepared.sort_by_key(|(n, _)| *n);
        prepared.into_iter().map(|(_, verdict)| verdict).collect()
    }

    async fn prepare(
        &self,
        access: &Access,
        channel: &ChannelName,
        incoming: Incoming,
        limits: &Limits,
    ) -> Result<Ready, RepoError> {
        let Incoming {
            name,
            distribution,
            component,
            source,
            uploaded_at,
        } = incoming;
        if uploaded_at.is_some() {
            access.allow(Permission::Admin, Some(channel))?;
        }
        let place = self.place(channel, &name, distribution, component)?;
        let foreign = self.foreign_signatures(channel)?;
        let mut ready = match source {
            source if name.kind() == ArtifactKind::Dsc => {
                self.take_in_source(access, channel, name, source, place, limits)
                    .await?
            }
            Source::Staged(digest, beside) => {
                let upload = self
                    .fetch_stored(name.as_str(), &digest, limits.file_bytes)
                    .await?;
                let mut ready = self.take_in(name, upload, place, &foreign, limits).await?;
                ready.artifact.parts = beside.into_iter().filter(|p| p.name.is_record()).collect();
                ready
            }
            Source::Upload(upload) => self.take_in(name, upload, place, &foreign, limits).await?,
            Source::File(path) => {
                self.take_in_file(name, &path, None, place, &foreign, limits)
                    .await?
            }
            Source::Vouched(path, digest) => {
                self.take_in_file(name, &path, Some(digest), place, &foreign, limits)
                    .await?
            }
            Source::Stored(digest) => {
                if !self.may_name(access, channel, &digest).await? {
                    return Err(no_blob(name.as_str(), &digest));
                }
                match self.known(&name, &digest, &place, &foreign, None).await? {
                    Some(ready) => ready,
                    None => {
                        let upload = self
                            .fetch_stored(name.as_str(), &digest, limits.file_bytes)
                            .await?;
                        self.take_in(name, upload, place, &foreign, limits).await?
                    }
                }
            }
        };
        access.allow_artifact(&ready.artifact)?;
        ready.artifact.uploaded_at = uploaded_at;
        Ok(ready)
    }

    /// Where a file goes. A distribution that the channel does not have and does not make is refused.
    pub(crate) fn place(
        &self,
        channel: &ChannelName,
        name: &ArtifactName,
        distribution: Option<DistributionName>,
        component: Option<ComponentName>,
    ) -> Result<Place, RepoError> {
        match (name.kind().ecosystem(), distribution) {
            // pip knows neither distributions nor components.
            (Ecosystem::Pip, _) => Ok(Place {
                distribution: DistributionName::any(),
                component: ComponentName::main(),
            }),
            (Ecosystem::Apt | Ecosystem::Yum, named) => {
                let named = named.unwrap_or_else(DistributionName::any);
                Ok(Place {
                    distribution: self.destination(channel, name, named)?,
                    component: component.unwrap_or_else(ComponentName::main),
                })
            }
        }
    }

    /// The distribution of a channel that a name means.
    fn destination(
        &self,
        channel: &ChannelName,
        name: &ArtifactName,
        named: DistributionName,
    ) -> Result<DistributionName, RepoError> {
        let Some(settings) = self.read(|index| Ok(index.channel(channel)?))? else {
            let all = self.read(|index| Ok(index.channel_names()?))?;
            return Err(RepoError::no_channel(channel, all));
        };
        let meant = self.read(|index| Ok(index.distribution(channel, named.as_str())?))?;
        let family = match name.kind().ecosystem() {
            Ecosystem::Pip => None,
            Ecosystem::Apt => Some(Family::Deb),
            Ecosystem::Yum => Some(Family::Rpm),
        };
        match meant {
            Some((own, s)) => match (s.family, family) {
                (Some(theirs), Some(ours)) if theirs != ours => Err(RepoError::WrongFamily {
                    filename: name.to_string(),
                    distribution: own,
                    family: theirs,
                }),
                _ => Ok(own),
            },
            None if settings.auto_distributions => Ok(named),
            None => {
                let there = self.read(|index| Ok(index.distributions(channel)?))?;
                let all = there.into_iter().map(|(own, _)| own.to_string());
                Err(RepoError::no_distribution(channel, named.as_str(), all))
            }
        }
    }

    /// A stored blob as a file whose facts can be read by seeking: in place, or, from a remote store, in `tmp`.
    pub(crate) async fn fetch_stored(
        &self,
        name: &str,
        digest: &Digest,
        limit: u64,
    ) -> Result<Upload, RepoError> {
        let size = self.store().blob_size(digest).await?;
        let size = size.ok_or_else(|| no_blob(name, digest))?;
        if let Some(path) = self.store().local_blob_path(digest) {
            return Ok(Upload::stored(
                path,
                Blob {
                    digest: *digest,
                    size_bytes: size,
                },
            ));
        }
        let mut receiver = self.receive(name, limit)?;
        let mut bytes = self.store().stream_blob(digest, 0..size).await?;
        while let Some(chunk) = bytes.try_next().await? {
            receiver.write(&chunk)?;
        }
        receiver.finish().expect(name, digest)
    }
}

/// All that is ready; or everything that is wrong, not only the first.
pub(crate) fn all_or_nothing<T>(prepared: Vec<Result<T, RepoError>>) -> Result<Vec<T>, RepoError> {
    let (mut ready, mut wrong) = (Vec::with_capacity(prepared.len()), Vec::new());
    for each in prepared {
        match each {
            Ok(r) => ready.push(r),
            Err(e) => wrong.push(e),
        }
    }
    RepoError::all(wrong)?;
    Ok(ready)
}

/// The answer to who names bytes that are not there, or not theirs to name.
pub(crate) fn no_blob(name: &str, digest: &Digest) -> RepoError {
    RepoError::NotFound {
        what: format!("blob {digest} for `{name}`"),
        nearest: None,
    }
}
