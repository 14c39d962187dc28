//! Uploads: what a client must still send before a release, and whose bytes a release may name.
//!
//! A digest is not a secret: it stands in indexes, logs and lock files. So a release of a channel may name a blob only
//! if its bytes were sent to that channel, which a record in the store says, or if they are an artifact of a channel
//! that the caller may read. To everybody else a blob that is there looks like one that is not.

use crate::{
    Access, RefusedLine, RepoError, Upload, Yard,
    commit::takes_files,
    intake::Place,
    sifted::{Asked, is_of_the_package},
};
use futures::{StreamExt as _, stream};
use packyard_index::Listed;
use packyard_store::{Staging, StagingKey};
use packyard_types::{
    ArtifactName, Blob, ChannelName, ComponentName, Digest, DistributionName, Ecosystem, Permission,
    ProjectName, Revision, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many questions are put to the store at a time.
const AT_ONCE: usize = 16;
/// How long an upload waits for the release that names it.
const KEPT_SECONDS: i64 = 7 * 86_400;

/// A file that somebody is about to publish.
#[derive(Debug, Clone)]
pub struct Intended {
    /// Its name.
    pub name: ArtifactName,
    /// Its bytes.
    pub digest: Digest,
    /// The OS release, by its name or an alias.
    pub distribution: Option<DistributionName>,
    /// apt's component.
    pub component: Option<ComponentName>,
    /// The files that it names, where it is a .dsc.
    pub parts: BTreeSet<Digest>,
}

/// What is still to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Needed {
    /// The bytes that are not here.
    pub missing: BTreeSet<Digest>,
    /// What looks like a mistake and need not be one.
    pub warnings: Vec<String>,
    /// What a release would leave out, where that is allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedLine>,
    /// Which of the files, by their position, the channel holds already; only where refused ones are left out.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub held: BTreeSet<usize>,
}

/// On which conditions the files will be published.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// Only if the channel has not changed since.
    pub if_revision: Option<Revision>,
    /// What is refused will be left out: an import. It is named, and so is what is there already.
    pub skip_refused: bool,
}

/// The record of an upload.
#[derive(Debug, Serialize, Deserialize)]
struct Uploaded {
    at: Timestamp,
}

impl Yard {
    /// Which of these files must be sent before they can be published. What is certain to be refused is refused here,
    /// before a byte was sent for nothing.
    pub async fn needed(
        &self,
        access: &Access,
        channel: &ChannelName,
        intended: Vec<Intended>,
        conditions: Conditions,
    ) -> Result<Needed, RepoError> {
        access.allow(Permission::Publish, Some(channel))?;
        let Some(settings) = self.read(|index| Ok(index.channel(channel)?))? else {
            let all = self.read(|index| Ok(index.channel_names()?))?;
            return Err(RepoError::no_channel(channel, all));
        };
        let mut wrong: BTreeMap<String, RepoError> = BTreeMap::new();
        let (mut refused, mut held) = (Vec::new(), BTreeSet::new());
        let (mut asked, mut parts) = (BTreeSet::new(), BTreeSet::new());
        let mut distributions = BTreeSet::new();
        for (position, each) in intended.into_iter().enumerate() {
            let verdict = self.intended_place(channel, &each).and_then(|place| {
                let there =
                    conditions.skip_refused && self.is_held(channel, &each, &place, settings.volatile)?;
                Ok((place, there))
            });
            match verdict {
                Ok((place, there)) => {
                    held.extend(there.then_some(position));
                    distributions.insert(place.distribution);
                    asked.insert((each.name, each.digest));
                    parts.extend(each.parts);
                }
                Err(e) if conditions.skip_refused && is_of_the_package(&e) => {
                    refused.push(Asked::new(each.name, each.distribution).refused(&e));
                }
                Err(e) => {
                    wrong.insert(e.to_string(), e);
                }
            }
        }
        crate::prepare::all_or_nothing(wrong.into_values().map(Err::<(), _>).collect())?;
        let mut asking = Vec::with_capacity(asked.len());
        for (name, digest) in asked {
            asking.push(async move {
                let here = self.is_here(access, channel, &name, &digest).await?;
                Ok((digest, here))
            });
        }
        let answers: Vec<Result<(Digest, bool), RepoError>> =
            stream::iter(asking).buffered(AT_ONCE).collect().await;
        let mut missing = BTreeSet::new();
        for answer in answers {
            let (digest, here) = answer?;
            if !here {
                missing.insert(digest);
            }
        }
        for part in parts {
            let here = self.may_name(access, channel, &part).await? && self.store().has_blob(&part).await?;
            missing.extend((!here).then_some(part));
        }
        // Bytes that are here are perhaps published already, and then nothing is stale; the release will say so.
        if let Some(expected) = conditions.if_revision.filter(|_| !missing.is_empty()) {
            let current = self.read(|index| Ok(index.channel_revision(channel)?))?;
            if current > expected {
                return Err(RepoError::Stale {
                    channel: channel.clone(),
                    expected,
                    current,
                });
            }
        }
        Ok(Needed {
            missing,
            warnings: self.doubtful(channel, &distributions)?,
            refused,
            held,
        })
    }

    fn intended_place(&self, channel: &ChannelName, each: &Intended) -> Result<Place, RepoError> {
        self.not_purged(&format!("`{}` (sha256 {})", each.name, each.digest), &each.digest)?;
        let (distribution, component) = (each.distribution.clone(), each.component.clone());
        let place = self.place(channel, &each.name, distribution, component)?;
        self.takes(channel, each)?;
        Ok(place)
    }

    /// Whether the project takes files, where its name stands in the filename. The same bytes again change nothing.
    fn takes(&self, channel: &ChannelName, each: &Intended) -> Result<(), RepoError> {
        let (Ecosystem::Pip, Ok(project)) = (
            each.name.kind().ecosystem(),
            ProjectName::parse(each.name.package()),
        ) else {
            return Ok(());
        };
        self.read(|index| match takes_files(index, channel, &project) {
            Err(closed @ RepoError::Closed { .. }) => {
                let there = index.with_filename(channel, each.name.as_str(), None)?;
                let same = there.iter().any(|l| l.artifact.received.digest == each.digest);
                if same { Ok(()) } else { Err(closed) }
            }
            other => other,
        })
    }

    /// Whether the channel holds a file already. Other bytes under its name are a conflict, unless they may change.
    fn is_held(
        &self,
        channel: &ChannelName,
        each: &Intended,
        place: &Place,
        volatile: bool,
    ) -> Result<bool, RepoError> {
        let listed = self.read(|index| Ok(index.with_filename(channel, each.name.as_str(), None)?))?;
        let meet =
            |d: &DistributionName| *d == place.distribution || d.is_any() || place.distribution.is_any();
        let mut there = false;
        for Listed { artifact, .. } in listed {
            if [artifact.received.digest, artifact.served.digest].contains(&each.digest) {
                there |= artifact.distribution == place.distribution || artifact.distribution.is_any();
            } else if meet(&artifact.distribution) && !volatile {
                return Err(RepoError::Conflict {
                    channel: channel.clone(),
                    held: true,
                    other: Box::new(artifact),
                });
            }
        }
        Ok(there)
    }

    async fn is_here(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: &ArtifactName,
        digest: &Digest,
    ) -> Result<bool, RepoError> {
        if !self.may_name(access, channel, digest).await? {
            return Ok(false);
        }
        // An .rpm that was signed here is known by the digest that it came with, and its bytes are those of the copy.
        let known = self.read(|index| Ok(index.received_before(digest, name.as_str())?))?;
        if let Some(listed) = known {
            let served = listed.artifact.served;
            return Ok(self.store().blob_size(&served.digest).await? == Some(served.size_bytes));
        }
        Ok(self.store().has_blob(digest).await?)
    }

    /// Distributions that would come into being with this release and look like a slip of the finger.
    pub fn doubtful(
        &self,
        channel: &ChannelName,
        named: &BTreeSet<DistributionName>,
    ) -> Result<Vec<String>, RepoError> {
        let there = self.read(|index| Ok(index.distributions(channel)?))?;
        let fresh = named.iter().filter(|d| !there.iter().any(|(t, _)| t == *d));
        let warnings = fresh.filter_map(|d| {
            let (meant, _) = there.iter().find(|(t, _)| looks_like(d.as_str(), t.as_str()))?;
            Some(format!(
                "distribution `{d}` is new in channel `{channel}`; did you mean `{meant}`?"
            ))
        });
        Ok(warnings.collect())
    }

    /// Whether a release of this channel by this caller may name these bytes.
    pub(crate) async fn may_name(
        &self,
        access: &Access,
        channel: &ChannelName,
        digest: &Digest,
    ) -> Result<bool, RepoError> {
        if *access == Access::Local || self.holds(access, digest)? {
            return Ok(true);
        }
        self.was_uploaded(channel, digest).await
    }

    /// Whether a channel that the caller may read holds these bytes.
    fn holds(&self, access: &Access, digest: &Digest) -> Result<bool, RepoError> {
        let holders = self.read(|index| {
            let mut holders = index.holders(digest)?;
            holders.extend(index.holders_of_part(digest)?);
            Ok(holders)
        })?;
        Ok(holders
            .iter()
            .any(|(channel, _)| self.allow_read(access, channel).is_ok()))
    }

    async fn was_uploaded(&self, channel: &ChannelName, digest: &Digest) -> Result<bool, RepoError> {
        let key = StagingKey::Upload(channel.clone(), *digest);
        Ok(self.store().is_staged(&key).await?)
    }

    /// Keeps an upload in the store, where a release of this channel may name it. Whether it is new to the channel: who
    /// sends bytes that another channel has does not learn so.
    pub async fn keep(
        &self,
        access: &Access,
        channel: &ChannelName,
        upload: &Upload,
    ) -> Result<(Blob, bool), RepoError> {
        access.allow(Permission::Publish, Some(channel))?;
        self.not_purged(&format!("blob {}", upload.blob.digest), &upload.blob.digest)?;
        if *access == Access::Local {
            let fresh = !self.store().has_blob(&upload.blob.digest).await?;
            self.put_taken(upload.blob, upload.path()).await?;
            return Ok((upload.blob, fresh));
        }
        let _whole = self.taking_in().await?;
        self.store().put_blob_file(upload.blob, upload.path()).await?;
        let key = StagingKey::Upload(channel.clone(), upload.blob.digest);
        let fresh = !self.was_uploaded(channel, &upload.blob.digest).await?;
        let record = serde_json::to_vec(&Uploaded { at: self.now() }).expect("a time is JSON");
        self.store().stage(&key, record.into()).await?;
        Ok((upload.blob, fresh))
    }

    /// Forgets uploads that a release has named: from now on the release says that they may be named. Nobody waits for it,
    /// and what is not forgotten now is swept later.
    pub(crate) fn forget_uploads(&self, channel: ChannelName, named: BTreeSet<Digest>) {
        let yard = self.clone();
        tokio::spawn(async move {
            for digest in named {
                let key = StagingKey::Upload(channel.clone(), digest);
                if let Err(e) = yard.store().unstage(&key).await {
                    tracing::warn!(error = %e, "the record of an upload could not be removed: {e}");
                }
            }
        });
    }

    /// Whether the store has a blob, whoever may name it.
    pub async fn has_blob(&self, blob: &Digest) -> Result<bool, RepoError> {
        Ok(self.store().has_blob(blob).await?)
    }

    /// Forgets uploads that no release has named for a week. Their bytes stay until they are collected.
    pub(crate) async fn sweep_uploads(&self) -> Result<(), RepoError> {
        let oldest = self.now().unix_seconds() - KEPT_SECONDS;
        for key in self.store().list_staged(Staging::Uploads).await? {
            let Some(record) = self.store().staged(&key).await? else {
                continue;
            };
            let uploaded = serde_json::from_slice::<Uploaded>(&record);
            if uploaded.map_or(true, |u| u.at.unix_seconds() < oldest) {
                self.store().unstage(&key).await?;
            }
        }
        Ok(())
    }
}

/// Whether one name is the other with a slip of the finger: a letter or two differ in a long name, one in a short one.
/// Names whose numbers differ (`el8`, `el9`) are different names.
fn looks_like(a: &str, b: &str) -> bool {
    let digits = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
    let slips = if a.len().min(b.len()) < 6 { 1 } else { 2 };
    a != b && digits(a) == digits(b) && crate::error::edit_distance(a, b) <= slips
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn slips_are_told_from_other_names() {
        for (slip, meant) in [
            ("bokworm", "bookworm"),
            ("trxie", "trixie"),
            ("e9", "el9"),
            ("bookwrom", "bookworm"),
        ] {
            assert!(looks_like(slip, meant), "{slip} is {meant}");
        }
        for (one, other) in [
            ("el8", "el9"),
            ("fedora41", "fedora42"),
            ("sid", "any"),
            ("jammy", "noble"),
            ("el9", "el9"),
        ] {
            assert!(!looks_like(one, other), "{one} is not {other}");
        }
    }
}
