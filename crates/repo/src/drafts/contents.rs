//! What is shown of a draft, to those who may publish.

use super::record::Added;
use packyard_types::{
    Actor, ArtifactName, ChangeId, ChannelName, ComponentName, Digest, DistributionName, DraftId, Timestamp,
};
use serde::Serialize;

/// How far a draft has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DraftState {
    /// It takes artifacts.
    Open,
    /// Somebody is committing it.
    Closed,
    /// It has become a release.
    Committed,
    /// Nobody has committed it in time.
    Expired,
}

/// A draft as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct DraftSummary {
    /// Its name.
    pub draft: DraftId,
    /// The channel that its release is for.
    pub channel: ChannelName,
    /// How far it has come.
    pub state: DraftState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: Actor,
    /// When it ends, if nobody has committed it.
    pub expires_at: Timestamp,
    /// The release that it has become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ChangeId>,
}

/// A draft with what it holds.
#[derive(Debug, Clone, Serialize)]
pub struct DraftContents {
    /// The draft.
    #[serde(flatten)]
    pub summary: DraftSummary,
    /// Its artifacts, by filename and place.
    pub artifacts: Vec<DraftLine>,
}

/// One artifact of a draft.
#[derive(Debug, Clone, Serialize)]
pub struct DraftLine {
    /// The canonical filename.
    pub filename: ArtifactName,
    /// What it belongs to.
    pub project: String,
    /// Its release version.
    pub version: String,
    /// Where it shall be.
    pub distribution: DistributionName,
    /// Where it shall be.
    pub component: ComponentName,
    /// SHA-256 of the bytes as uploaded.
    pub received: Digest,
    /// When it was added.
    pub added_at: Timestamp,
    /// By whom.
    pub added_by: Actor,
}

impl DraftLine {
    pub(super) fn of(added: Added) -> Self {
        let a = added.artifact;
        Self {
            filename: a.name,
            project: a.project.to_string(),
            version: a.release_version,
            distribution: a.distribution,
            component: a.component,
            received: a.received.digest,
            added_at: added.at,
            added_by: added.by,
        }
    }
}
