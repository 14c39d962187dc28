//! Drafts, as the API speaks of them.

use crate::{Api, ClientError, Receipt, ReleaseArtifact};
use packyard_types::{ArtifactName, ChangeId, ChannelName, Digest, DraftId, Revision};
use serde::{Deserialize, Serialize};

/// A draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Draft {
    /// Its name.
    pub draft: DraftId,
    /// The channel that its release is for.
    pub channel: ChannelName,
    /// `open`, `closed` (being committed), `committed` or `expired`.
    pub state: String,
    /// When it was opened.
    pub opened_at: String,
    /// By whom.
    pub opened_by: String,
    /// When it ends, if nobody has committed it.
    pub expires_at: String,
    /// The release that it has become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ChangeId>,
    /// What it holds; empty in a list of drafts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<DraftArtifact>,
}

/// One artifact of a draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DraftArtifact {
    /// Its filename.
    pub filename: ArtifactName,
    /// What it belongs to.
    pub project: String,
    /// Its release version.
    pub version: String,
    /// Where it shall be.
    pub distribution: String,
    /// Where it shall be.
    pub component: String,
    /// The digest of its bytes as uploaded.
    pub received: Digest,
    /// When it was added.
    pub added_at: String,
    /// By whom.
    pub added_by: String,
}

/// The drafts of a channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Drafts {
    /// By name.
    pub drafts: Vec<Draft>,
}

#[derive(Serialize)]
struct Addition<'a> {
    artifacts: &'a [ReleaseArtifact],
    draft: &'a DraftId,
}

#[derive(Serialize)]
struct Commit<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    if_revision: Option<Revision>,
}

impl Api {
    /// Adds artifacts whose blobs have been put to a draft.
    pub fn add_to_draft(
        &self,
        channel: &ChannelName,
        draft: &DraftId,
        artifacts: &[ReleaseArtifact],
    ) -> Result<Draft, ClientError> {
        self.post_again(
            &format!("channels/{channel}/releases"),
            &Addition { artifacts, draft },
        )
    }

    /// Makes a draft a release.
    pub fn commit_draft(
        &self,
        channel: &ChannelName,
        draft: &DraftId,
        note: Option<&str>,
        if_revision: Option<Revision>,
    ) -> Result<Receipt, ClientError> {
        let path = format!("channels/{channel}/drafts/{draft}");
        self.post_again(&path, &Commit { note, if_revision })
    }

    /// The drafts of a channel.
    pub fn drafts(&self, channel: &ChannelName) -> Result<Drafts, ClientError> {
        self.get(&format!("channels/{channel}/drafts"))
    }

    /// A draft and what it holds.
    pub fn draft(&self, channel: &ChannelName, draft: &DraftId) -> Result<Draft, ClientError> {
        self.get(&format!("channels/{channel}/drafts/{draft}"))
    }

    /// Forgets a draft.
    pub fn discard_draft(&self, channel: &ChannelName, draft: &DraftId) -> Result<(), ClientError> {
        self.delete(&format!("channels/{channel}/drafts/{draft}"))
    }
}
