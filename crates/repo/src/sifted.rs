//! A release that leaves out what is refused and publishes the rest: what an import asks for.
//!
//! Only a package can be refused. When the store, the disk or the caller's rights fail, everything does: an import must
//! not report ten thousand packages as damaged because the disk is full.

use crate::{Access, Incoming, Receipt, RepoError, Yard, intake::Ready};
use packyard_types::{Artifact, ArtifactName, ChannelName, DistributionName, Revision};
use std::io::ErrorKind;

/// An artifact that was left out of a release, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefusedLine {
    /// Its filename.
    pub filename: ArtifactName,
    /// Where it should have gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<DistributionName>,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A file of the request, by its name and place.
pub(crate) struct Asked {
    filename: ArtifactName,
    distribution: Option<DistributionName>,
}

impl Asked {
    pub(crate) fn of(incoming: &Incoming) -> Self {
        Self {
            filename: incoming.name.clone(),
            distribution: incoming.distribution.clone(),
        }
    }

    pub(crate) fn new(filename: ArtifactName, distribution: Option<DistributionName>) -> Self {
        Self {
            filename,
            distribution,
        }
    }

    pub(crate) fn refused(self, e: &RepoError) -> RefusedLine {
        RefusedLine {
            filename: self.filename,
            distribution: self.distribution,
            detail: match e {
                RepoError::Several(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
                one => one.to_string(),
            },
            hint: match e {
                RepoError::Several(all) => all.first().and_then(RepoError::hint),
                one => one.hint(),
            },
        }
    }
}

/// What of a release can be published, and what was refused.
pub(crate) struct Sifted {
    ready: Vec<Ready>,
    refused: Vec<RefusedLine>,
}

impl Sifted {
    /// Sifts what was prepared; `asked` is the request in the same order.
    pub(crate) fn of(asked: Vec<Asked>, prepared: Vec<Result<Ready, RepoError>>) -> Result<Self, RepoError> {
        let (mut ready, mut refused) = (Vec::with_capacity(prepared.len()), Vec::new());
        for (asked, outcome) in asked.into_iter().zip(prepared) {
            match outcome {
                Ok(r) => ready.push(r),
                Err(e) if is_of_the_package(&e) => refused.push(asked.refused(&e)),
                Err(e) => return Err(e),
            }
        }
        Ok(Self { ready, refused })
    }

    /// Leaves out what the committer has refused. The error again where none of it is here.
    fn without(&mut self, error: RepoError) -> Result<(), RepoError> {
        let before = self.ready.len();
        let errors = match error {
            RepoError::Several(errors) => errors,
            one => vec![one],
        };
        for e in &errors {
            let (out, kept) = std::mem::take(&mut self.ready)
                .into_iter()
                .partition(|r| concerns(e, &r.artifact));
            self.ready = kept;
            let out: Vec<Ready> = out;
            self.refused.extend(out.into_iter().map(|r| {
                let asked = Asked {
                    filename: r.artifact.name,
                    distribution: Some(r.artifact.distribution),
                };
                asked.refused(e)
            }));
        }
        if self.ready.len() < before {
            return Ok(());
        }
        Err(match errors.len() {
            1 => errors.into_iter().next().expect("there is one"),
            _ => RepoError::Several(errors),
        })
    }
}

/// Whether an error speaks of one package and not of the yard.
pub(crate) fn is_of_the_package(e: &RepoError) -> bool {
    match e {
        RepoError::Invalid(_)
        | RepoError::DigestMismatch { .. }
        | RepoError::NotFound { .. }
        | RepoError::Conflict { .. }
        | RepoError::MissingParts { .. }
        | RepoError::Unsupported(_)
        | RepoError::ForeignSignature { .. }
        | RepoError::TooLarge { .. }
        | RepoError::WrongFamily { .. }
        | RepoError::NotNewer { .. }
        | RepoError::Closed { .. }
        | RepoError::Gone { .. } => true,
        RepoError::NotAPackage(e) => !e.is_ours,
        RepoError::Several(all) => all.iter().all(is_of_the_package),
        // The file itself; a full disk is something else.
        RepoError::Io { source, .. } => {
            matches!(source.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}

/// Whether the committer's verdict is about this artifact.
fn concerns(e: &RepoError, a: &Artifact) -> bool {
    match e {
        RepoError::Conflict { other, .. } => {
            let meet = other.distribution == a.distribution
                || other.distribution.is_any()
                || a.distribution.is_any();
            let same = [other.received.digest, other.served.digest].contains(&a.received.digest);
            meet && !same && other.key() == a.key()
        }
        RepoError::WrongFamily {
            filename,
            distribution,
            ..
        } => *filename == a.name.as_str() && *distribution == a.distribution,
        RepoError::NotNewer {
            filename, version, ..
        } => *filename == a.name.as_str() && *version == a.version,
        RepoError::Closed { project, .. } => *project == a.project,
        RepoError::Gone { what, .. } => [a.received.digest, a.served.digest]
            .iter()
            .any(|d| what.contains(&d.to_string())),
        _ => false,
    }
}

impl Yard {
    /// Proposes what is ready, and again without what the committer refuses, until it takes the rest.
    pub(crate) async fn publish_sifted(
        &self,
        access: &Access,
        channel: ChannelName,
        mut what: Sifted,
        note: Option<String>,
        if_revision: Option<Revision>,
    ) -> Result<Receipt, RepoError> {
        loop {
            if what.ready.is_empty() {
                return Ok(Receipt {
                    revision: self.applied()?.revision,
                    release: None,
                    artifacts: Vec::new(),
                    refused: what.refused,
                    warnings: Vec::new(),
                });
            }
            let (ready, note) = (what.ready.clone(), note.clone());
            match self
                .propose(access, channel.clone(), ready, note, if_revision)
                .await
            {
                Ok(receipt) => {
                    return Ok(Receipt {
                        refused: what.refused,
                        ..receipt
                    });
                }
                Err(e) => what.without(e)?,
            }
        }
    }
}
