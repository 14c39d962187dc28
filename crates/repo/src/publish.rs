//! A release, from files to receipt: all of its artifacts become visible in one revision, or none does.

use crate::{
    Access, Proposal, RepoError, Upload, Yard,
    intake::{Place, Ready},
};
use packyard_formats::intake::Limits;
use packyard_types::{
    Artifact, ArtifactKind, ArtifactName, Blob, Change, ChangeId, ChannelName, ComponentName, Digest,
    DistributionName, Ecosystem, Invalid, Operation, Permission, Revision,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

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
}

/// One file of a release.
pub struct Incoming {
    /// Its name.
    pub name: ArtifactName,
    /// The OS release; `any` where none is given.
    pub distribution: Option<DistributionName>,
    /// apt's component; `main` where none is given.
    pub component: Option<ComponentName>,
    /// Its bytes.
    pub source: Source,
}

/// Where the bytes are.
pub enum Source {
    /// They just arrived.
    Upload(Upload),
    /// They were put into the store before.
    Stored(Digest),
    /// On this machine's disk.
    File(PathBuf),
}

/// What became of a release.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Receipt {
    /// The revision in which it is visible.
    pub revision: Revision,
    /// The change that made it; none where everything was there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ChangeId>,
    /// Its artifacts, in the order of the request.
    pub artifacts: Vec<ReceiptLine>,
}

/// What became of one file.
#[derive(Debug, Clone, serde::Serialize)]
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
        } = release;
        access.allow(Permission::Publish, Some(&channel))?;
        note.as_deref().map_or(Ok(()), check_note)?;
        let mut ready = Vec::with_capacity(artifacts.len());
        let mut wrong = Vec::new();
        for incoming in artifacts {
            match self.prepare(access, incoming, limits).await {
                Ok(r) => ready.push(r),
                Err(e) => wrong.push(e),
            }
        }
        match wrong.len() {
            0 => {}
            1 => return Err(wrong.remove(0)),
            _ => return Err(RepoError::Several(wrong)),
        }
        let mut small = BTreeMap::new();
        let mut artifacts = Vec::with_capacity(ready.len());
        for r in ready {
            small.extend(r.small);
            artifacts.push(r.artifact);
        }
        let operation = Operation::Publish {
            channel,
            artifacts: artifacts.clone(),
            replaces: Vec::new(),
        };
        let change = Change {
            actor: access.actor(),
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
        let fresh: BTreeSet<Digest> = done.added().iter().map(|a| a.received.digest).collect();
        let line = |a: &Artifact| ReceiptLine {
            filename: a.name.clone(),
            project: a.project.to_string(),
            version: a.release_version.clone(),
            distribution: a.distribution.clone(),
            component: a.component.clone(),
            received: a.received.digest,
            served: a.served.digest,
            new: fresh.contains(&a.received.digest),
        };
        let artifacts = artifacts.iter().map(line).collect();
        Ok(Receipt {
            revision: done.revision,
            release: done.change,
            artifacts,
        })
    }

    async fn prepare(
        &self,
        access: &Access,
        incoming: Incoming,
        limits: &Limits,
    ) -> Result<Ready, RepoError> {
        let Incoming {
            name,
            distribution,
            component,
            source,
        } = incoming;
        if name.kind() == ArtifactKind::Srpm {
            return Err(RepoError::Unsupported(name.to_string()));
        }
        let place = match name.kind().ecosystem() {
            // pip knows neither distributions nor components.
            Ecosystem::Pip => Place {
                distribution: DistributionName::any(),
                component: ComponentName::main(),
            },
            Ecosystem::Apt | Ecosystem::Yum => Place {
                distribution: distribution.unwrap_or_else(DistributionName::any),
                component: component.unwrap_or_else(ComponentName::main),
            },
        };
        let upload = match source {
            Source::Upload(upload) => upload,
            Source::File(path) => self.receive_file(name.as_str(), &path, limits.file_bytes).await?,
            Source::Stored(digest) => self.fetch_stored(&name, &digest, limits.file_bytes).await?,
        };
        let ready = self.take_in(name, upload, place, limits).await?;
        access.allow_artifact(&ready.artifact)?;
        Ok(ready)
    }

    /// A stored blob as a file whose facts can be read by seeking: in place, or, from a remote store, in `tmp`.
    async fn fetch_stored(
        &self,
        name: &ArtifactName,
        digest: &Digest,
        limit: u64,
    ) -> Result<Upload, RepoError> {
        use futures::TryStreamExt;
        let missing = || RepoError::NotFound {
            what: format!("blob {digest} for `{name}`"),
            nearest: None,
        };
        let size = self.store().blob_size(digest).await?.ok_or_else(missing)?;
        if let Some(path) = self.store().local_blob_path(digest) {
            return Ok(Upload::stored(
                path,
                Blob {
                    digest: *digest,
                    size_bytes: size,
                },
            ));
        }
        let mut receiver = self.receive(name.as_str(), limit)?;
        let mut bytes = self.store().stream_blob(digest, 0..size).await?;
        while let Some(chunk) = bytes.try_next().await? {
            receiver.write(&chunk)?;
        }
        receiver.finish().expect(name.as_str(), digest)
    }

    /// Whether the store has a blob.
    pub async fn has_blob(&self, blob: &Digest) -> Result<bool, RepoError> {
        Ok(self.store().has_blob(blob).await?)
    }
}

/// A note is shown in terminals and on pages: one line of text.
fn check_note(note: &str) -> Result<(), Invalid> {
    const LONGEST: usize = 2000;
    if note.chars().any(char::is_control) {
        return Err(Invalid::new(
            "note",
            note,
            "control characters and line breaks are not allowed",
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
