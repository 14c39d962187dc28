//! What was published before: the same bytes again become the same artifact.

use super::{Place, Ready, reading};
use crate::{RepoError, Yard, foreign::Foreign, yard::blocking};
use packyard_index::Listed;
use packyard_types::{Artifact, ArtifactKind, ArtifactName, Digest, Facts, FactsRecord, ForeignSignatures};
use std::{collections::BTreeMap, path::Path};

impl Yard {
    /// The artifact that these bytes became when they were published before: nothing is read, signed or stored again.
    /// What the channel holds stays as it is, whatever it does with signatures now, and whichever key signs. What
    /// another channel has must be what this one would make of it; `file` has the bytes, where they are at hand.
    pub(crate) async fn known(
        &self,
        name: &ArtifactName,
        received: &Digest,
        place: &Place,
        foreign: &Foreign,
        file: Option<&Path>,
    ) -> Result<Option<Ready>, RepoError> {
        let here = self.read(|index| Ok(index.received_in(&foreign.channel, received, name.as_str())?))?;
        let elsewhere = || self.read(|index| Ok(index.received_before(received, name.as_str())?));
        let listed = match here {
            Some(listed) if self.may_stay(&listed, foreign).await? => listed,
            Some(_) => return Ok(None),
            None => match elsewhere()? {
                Some(listed) if self.would_be_so(&listed.artifact, foreign, file).await? => listed,
                _ => return Ok(None),
            },
        };
        let served = listed.artifact.served;
        if self.store().blob_size(&served.digest).await? != Some(served.size_bytes) {
            // It is damaged here: the same bytes again mend it.
            return Ok(None);
        }
        let mut small = BTreeMap::new();
        for digest in std::iter::once(listed.artifact.facts.digest).chain(listed.metadata) {
            small.insert(digest, self.small_blob(&digest).await?.to_vec());
        }
        let Place {
            distribution,
            component,
        } = place.clone();
        // How it was uploaded elsewhere is nobody's business here.
        let mut parts = listed.artifact.parts;
        parts.retain(|p| !p.name.is_record());
        Ok(Some(Ready {
            artifact: Artifact {
                distribution,
                component,
                parts,
                ..listed.artifact
            },
            small,
            warnings: Vec::new(),
        }))
    }

    /// Whether what the channel has, or had once, is what these bytes are to become. Under its name it can have no other
    /// bytes; but what was taken out comes back only while its signature can be checked.
    async fn may_stay(&self, listed: &Listed, foreign: &Foreign) -> Result<bool, RepoError> {
        let a = &listed.artifact;
        let held = self.read(|index| Ok(index.with_filename(&foreign.channel, a.name.as_str(), None)?))?;
        let held = held.iter().any(|l| l.artifact.served.digest == a.served.digest);
        Ok(held || !is_kept(a) || self.is_trusted(a, foreign).await?)
    }

    /// Whether a channel with this way with signatures would serve these bytes as another channel does.
    async fn would_be_so(
        &self,
        artifact: &Artifact,
        foreign: &Foreign,
        file: Option<&Path>,
    ) -> Result<bool, RepoError> {
        if !is_rpm(artifact) {
            return Ok(true);
        }
        if is_kept(artifact) {
            return self.is_trusted(artifact, foreign).await;
        }
        // It was signed here. Where it came with a signature of others, that is for `foreign` to judge.
        let Some(path) = file.filter(|_| foreign.way != ForeignSignatures::Replace) else {
            return Ok(true);
        };
        let path = path.to_owned();
        blocking(move || Ok(!reading::is_signed(&path))).await
    }

    /// The ids of the keys by which an .rpm says to be signed.
    pub(crate) async fn package_signers_of(&self, artifact: &Artifact) -> Result<Vec<String>, RepoError> {
        let bytes = self.small_blob(&artifact.facts.digest).await?;
        let record: Result<FactsRecord, RepoError> =
            serde_json::from_slice(&bytes).map_err(|e| RepoError::Damaged {
                what: format!("facts of `{}`", artifact.name),
                reason: e.to_string(),
            });
        Ok(match record?.facts {
            Facts::Rpm(facts) | Facts::Srpm(facts) => {
                facts.signed_by.into_iter().chain(facts.also_signed_by).collect()
            }
            _ => Vec::new(),
        })
    }
}

fn is_rpm(artifact: &Artifact) -> bool {
    matches!(artifact.name.kind(), ArtifactKind::Rpm | ArtifactKind::Srpm)
}

/// Whether an artifact is an .rpm with the signature that it came with.
pub(crate) fn is_kept(artifact: &Artifact) -> bool {
    is_rpm(artifact) && artifact.received.digest == artifact.served.digest
}
