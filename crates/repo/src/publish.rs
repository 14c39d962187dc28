//! A release, from files to receipt: all of its artifacts become visible in one revision, or none does.

use crate::{
    Access, Incoming, Proposal, RefusedLine, RepoError, Yard, cautions,
    intake::Ready,
    prepare::all_or_nothing,
    sifted::{Asked, Sifted},
};
use packyard_formats::intake::Limits;
use packyard_types::{
    Artifact, ArtifactName, Change, ChangeId, ChannelName, ComponentName, Digest, DistributionName, Invalid,
    Operation, Permission, Revision,
};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody wants to publish.
pub struct Release {
    /// Where to.
    pub channel: ChannelName,
    /// The files.
    pub artifacts: Vec<Incoming>,
    /// Why, or what for.
    pub note: Option<String>,
    /// Only if the channel has not changed since.
    pub if_revision: Option<Revision>,
    /// What is refused is left out and listed, and the rest is published: an import. Else it is all or nothing.
    pub skip_refused: bool,
}

/// What became of a release.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Receipt {
    /// The revision in which it is visible.
    pub revision: Revision,
    /// The change that made it; none where everything was there already.
    #[serde(default)]
    pub release: Option<ChangeId>,
    /// Its artifacts, in the order of the request.
    pub artifacts: Vec<ReceiptLine>,
    /// What was left out, where the request allowed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedLine>,
    /// What of the packages an index cannot say as they say it, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What became of one file.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ReceiptLine {
    /// The canonical filename.
    pub filename: ArtifactName,
    /// What it belongs to.
    pub project: String,
    /// Its release version.
    pub version: String,
    /// Where it is.
    pub distribution: DistributionName,
    /// Where it is.
    pub component: ComponentName,
    /// SHA-256 of the bytes as uploaded.
    pub received: Digest,
    /// SHA-256 of the bytes as served; another one where an .rpm was signed.
    pub served: Digest,
    /// Whether it became visible with this release, or was there already.
    pub new: bool,
}

impl ReceiptLine {
    pub(crate) fn of(a: &Artifact, new: bool) -> Self {
        Self {
            filename: a.name.clone(),
            project: a.project.to_string(),
            version: a.release_version.clone(),
            distribution: a.distribution.clone(),
            component: a.component.clone(),
            received: a.received.digest,
            served: a.served.digest,
            new,
        }
    }
}

impl Yard {
    /// Publishes a release. Every file that is wrong is named, not only the first.
    pub async fn publish(
        &self,
        access: &Access,
        release: Release,
        limits: &Limits,
    ) -> Result<Receipt, RepoError> {
        let Release {
            channel,
            artifacts,
            note,
            if_revision,
            skip_refused,
        } = release;
        access.allow(Permission::Publish, Some(&channel))?;
        note.as_deref().map_or(Ok(()), check_note)?;
        if skip_refused {
            let asked = artifacts.iter().map(Asked::of).collect();
            let prepared = self.prepare_all(access, &channel, artifacts, limits).await;
            let what = Sifted::of(asked, prepared)?;
            return self
                .publish_sifted(access, channel, what, note, if_revision)
                .await;
        }
        let prepared = self.prepare_all(access, &channel, artifacts, limits).await;
        let ready = all_or_nothing(prepared)?;
        self.propose(access, channel, ready, note, if_revision).await
    }

    /// Proposes artifacts that are ready as one release.
    pub(crate) async fn propose(
        &self,
        access: &Access,
        channel: ChannelName,
        ready: Vec<Ready>,
        note: Option<String>,
        if_revision: Option<Revision>,
    ) -> Result<Receipt, RepoError> {
        note.as_deref().map_or(Ok(()), check_note)?;
        let mut small = BTreeMap::new();
        let mut artifacts = Vec::with_capacity(ready.len());
        let mut warnings = Vec::new();
        for r in ready {
            warnings.extend(r.warnings);
            small.extend(r.small);
            artifacts.push(r.artifact);
        }
        warnings.extend(self.read(|index| cautions::of_parts(index, &channel, &artifacts))?);
        let operation = Operation::Publish {
            channel: channel.clone(),
            artifacts: artifacts.clone(),
            replaces: Vec::new(),
        };
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note,
            operation,
        };
        let done = self
            .commit(Proposal {
                change,
                small,
                if_revision,
            })
            .await?;
        if *access != Access::Local {
            self.forget_uploads(channel, artifacts.iter().flat_map(Artifact::blobs).collect());
        }
        warnings.extend(told_before(&artifacts, &done.added()));
        let fresh: BTreeSet<Digest> = done.added().iter().map(|a| a.received.digest).collect();
        let line = |a: &Artifact| ReceiptLine::of(a, fresh.contains(&a.received.digest));
        let artifacts = artifacts.iter().map(line).collect();
        Ok(Receipt {
            revision: done.revision,
            release: done.change,
            artifacts,
            refused: Vec::new(),
            warnings,
        })
    }
}

/// What tells of an upload and is kept as another upload of the same package said it first.
fn told_before(sent: &[Artifact], added: &[&Artifact]) -> Vec<String> {
    let mut out = Vec::new();
    for artifact in sent {
        let kept = added
            .iter()
            .find(|a| a.name == artifact.name && a.served == artifact.served);
        for part in &artifact.parts {
            let other = kept.and_then(|a| a.part(&part.name)).filter(|p| *p != part);
            out.extend(other.map(|other| {
                format!(
                    "`{}` was uploaded before with the same `{}`, and is kept as it was then (sha256 {})",
                    part.name, artifact.name, other.blob.digest
                )
            }));
        }
    }
    out
}

/// A note is shown in terminals and on pages: one line of text.
pub(crate) fn check_note(note: &str) -> Result<(), Invalid> {
    const LONGEST: usize = 2000;
    if note.chars().any(packyard_types::is_unseen) {
        return Err(Invalid::new(
            "note",
            note,
            "control characters, line breaks and marks of direction are not allowed",
        ));
    }
    if note.len() > LONGEST {
        return Err(Invalid::new(
            "note",
            note,
            format!("it must not be longer than {LONGEST} bytes"),
        ));
    }
    Ok(())
}
