//! Drafts: the jobs of a CI matrix add artifacts, one commits them as one release. Until then nothing of a draft is
//! visible anywhere: the log does not know it, its records lie in `staging/` (`store/src/key.rs` draws them).
//!
//! A draft is `opened` by its first addition, and has one record for each artifact, named by its place, so that several
//! jobs add in parallel and a job that runs again changes nothing. Who commits puts `closed`, then reads the additions:
//!
//! - an addition that was put before `closed` is in the release; one that finds `closed` when it has been put says so;
//! - of two who commit at a time one puts `closed`, and the other waits for its outcome;
//! - a release that is refused removes `closed` again: the draft can be mended;
//! - a release that was made leaves `receipt`, which is the answer from then on;
//! - a process that dies in between leaves `closed` alone. A minute later somebody else may commit; what the dead one
//!   has published is found to be published, as with every release that is asked for again.

mod commit;
mod contents;
mod record;
mod sweep;

pub use commit::{DraftCommit, DraftCommitted};
pub use contents::{DraftContents, DraftLine, DraftState, DraftSummary};
pub(crate) use record::named_by;
pub use sweep::release_orphans;

use crate::{
    Access, Incoming, Receipt, RepoError, Yard, commit::judge, intake::Ready, prepare::all_or_nothing,
};
use packyard_formats::intake::Limits;
use packyard_store::{DraftRecord, Staged, Staging, StagingKey, StoreError};
use packyard_types::{Artifact, ChannelName, DraftId, Operation, Permission, Timestamp};
use record::{Added, Closed, Opened};
use std::collections::BTreeSet;

/// How long a draft is open.
const OPEN_SECONDS: i64 = 7 * 86_400;

/// One draft of one channel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftOf {
    /// The channel that its release is for.
    pub channel: ChannelName,
    /// Its name.
    pub draft: DraftId,
}

impl DraftOf {
    fn key(&self, record: DraftRecord) -> StagingKey {
        StagingKey::Draft(self.channel.clone(), self.draft.clone(), record)
    }

    fn all(&self) -> Staging<'_> {
        Staging::Draft(&self.channel, &self.draft)
    }
}

impl Yard {
    /// Adds artifacts to a draft, which the first addition opens. Each is read and judged now, as if it were published,
    /// and once more when the draft is committed.
    pub async fn add_to_draft(
        &self,
        access: &Access,
        of: &DraftOf,
        artifacts: Vec<Incoming>,
        limits: &Limits,
    ) -> Result<DraftContents, RepoError> {
        access.allow(Permission::Publish, Some(&of.channel))?;
        self.takes_more(of).await?;
        let prepared = self.prepare_all(access, &of.channel, artifacts, limits).await;
        let ready = all_or_nothing(prepared)?;
        self.judge_addition(of, &ready).await?;
        self.open_draft(access, of).await?;
        for r in &ready {
            self.put_addition(access, of, r).await?;
        }
        if self
            .staged_json::<Closed>(&of.key(DraftRecord::Closed))
            .await?
            .is_some()
        {
            return Err(RepoError::DraftClosed {
                draft: of.draft.clone(),
                why: "was committed while this was added, and may lack it".to_owned(),
            });
        }
        self.draft(access, of).await
    }

    /// A draft and what it holds. Who may publish may see it.
    pub async fn draft(&self, access: &Access, of: &DraftOf) -> Result<DraftContents, RepoError> {
        access.allow(Permission::Publish, Some(&of.channel))?;
        let summary = self.summary(of).await?;
        let mut artifacts = Vec::new();
        for added in self.additions(of).await? {
            artifacts.push(DraftLine::of(added));
        }
        artifacts.sort_by(|a, b| (&a.filename, &a.distribution).cmp(&(&b.filename, &b.distribution)));
        Ok(DraftContents { summary, artifacts })
    }

    /// The drafts of a channel, by name.
    pub async fn drafts(
        &self,
        access: &Access,
        channel: &ChannelName,
    ) -> Result<Vec<DraftSummary>, RepoError> {
        access.allow(Permission::Publish, Some(channel))?;
        let mut out = Vec::new();
        for draft in self.draft_ids(channel).await? {
            let channel = channel.clone();
            out.push(self.summary(&DraftOf { channel, draft }).await?);
        }
        Ok(out)
    }

    /// Forgets a draft that has not been committed. Who may publish all of it may do so. Bytes that were uploaded for it stay until they are collected.
    pub async fn discard_draft(&self, access: &Access, of: &DraftOf) -> Result<(), RepoError> {
        access.allow(Permission::Publish, Some(&of.channel))?;
        let summary = self.summary(of).await?;
        match summary.state {
            DraftState::Open | DraftState::Expired => {}
            DraftState::Closed => return Err(RepoError::DraftBusy(of.draft.clone())),
            DraftState::Committed => return Err(self.committed(of).await?),
        }
        // A token for some projects neither publishes what another project has added nor makes it vanish.
        for added in self.additions(of).await? {
            access.allow_artifact(&added.artifact)?;
        }
        // Nobody adds to it or commits it from here on.
        match self
            .store()
            .stage(&of.key(DraftRecord::Closed), record::json(&self.attempt(access)))
            .await?
        {
            Staged::Ours => self.forget(of).await,
            Staged::Theirs(_) => Err(RepoError::DraftBusy(of.draft.clone())),
        }
    }

    /// Whether a draft is new or open.
    async fn takes_more(&self, of: &DraftOf) -> Result<(), RepoError> {
        if self.opened(of).await?.is_none() {
            return Ok(());
        }
        let summary = self.summary(of).await?;
        match summary.state {
            DraftState::Open => Ok(()),
            DraftState::Closed => Err(RepoError::DraftBusy(of.draft.clone())),
            DraftState::Committed => Err(self.committed(of).await?),
            DraftState::Expired => Err(RepoError::DraftExpired {
                draft: of.draft.clone(),
                at: summary.expires_at,
            }),
        }
    }

    /// Conflicts with what is published, and with what the draft holds.
    async fn judge_addition(&self, of: &DraftOf, ready: &[Ready]) -> Result<(), RepoError> {
        let held: Vec<Artifact> = self
            .additions(of)
            .await?
            .into_iter()
            .map(|a| a.artifact)
            .collect();
        self.not_purged_since(of, held.iter())?;
        let fresh = ready.iter().map(|r| r.artifact.clone());
        let operation = Operation::Publish {
            channel: of.channel.clone(),
            artifacts: held.iter().cloned().chain(fresh).collect(),
            replaces: Vec::new(),
        };
        let judged = self.read(|index| judge(index, &operation, None));
        let within = |e: RepoError| match e {
            RepoError::Conflict { other, .. } if held.contains(&other) => RepoError::DraftHolds {
                draft: of.draft.clone(),
                other,
            },
            other => other,
        };
        judged.map(drop).map_err(|e| match e {
            RepoError::Several(all) => RepoError::Several(all.into_iter().map(within).collect()),
            one => within(one),
        })
    }

    /// A draft that holds what was purged can never become a release: every such file is named.
    fn not_purged_since<'a>(
        &self,
        of: &DraftOf,
        held: impl Iterator<Item = &'a Artifact>,
    ) -> Result<(), RepoError> {
        let mut wrong = Vec::new();
        for a in held {
            for digest in BTreeSet::from([a.served.digest, a.received.digest]) {
                if let Some(gone) = self.read(|index| Ok(index.gone(&digest)?))?.filter(|g| g.purged) {
                    wrong.push(RepoError::DraftHoldsPurged {
                        draft: of.draft.clone(),
                        channel: of.channel.clone(),
                        filename: a.name.to_string(),
                        revision: gone.revision,
                        reason: gone.reason,
                    });
                    break;
                }
            }
        }
        RepoError::all(wrong)
    }

    async fn open_draft(&self, access: &Access, of: &DraftOf) -> Result<(), RepoError> {
        let at = self.now();
        let opened = Opened {
            at,
            by: access.actor(),
            expires: Timestamp::from_unix_seconds(at.unix_seconds() + OPEN_SECONDS),
        };
        self.store()
            .stage(&of.key(DraftRecord::Opened), record::json(&opened))
            .await?;
        Ok(())
    }

    /// What was put a moment ago, and no record kept, may have been collected.
    async fn not_collected(&self, artifact: &Artifact) -> Result<(), RepoError> {
        let parts = artifact.parts.iter().map(|part| part.blob.digest);
        let named: Vec<_> = parts.chain([artifact.served.digest]).collect();
        match self.store().missing_blobs(&named).await?.first() {
            None => Ok(()),
            Some(digest) => Err(RepoError::Store(StoreError::Unavailable {
                operation: "find",
                object: format!("blob {digest}"),
                reason: "it was given up while it was added; send it again".to_owned(),
            })),
        }
    }

    async fn put_addition(&self, access: &Access, of: &DraftOf, ready: &Ready) -> Result<(), RepoError> {
        let added = Added {
            artifact: ready.artifact.clone(),
            at: self.now(),
            by: access.actor(),
            warnings: ready.warnings.clone(),
        };
        let key = of.key(DraftRecord::Added(record::place(&added.artifact)));
        let _whole = self.taking_in().await?;
        self.not_collected(&ready.artifact).await?;
        match self
            .store()
            .stage(&key, record::write(&added, &ready.small))
            .await?
        {
            Staged::Ours => Ok(()),
            Staged::Theirs(bytes) => {
                let other = record::read_head(&key, &bytes)?.artifact;
                if other.received == added.artifact.received {
                    return Ok(());
                }
                Err(RepoError::DraftHolds {
                    draft: of.draft.clone(),
                    other: Box::new(other),
                })
            }
        }
    }

    /// Who added what. Records that vanish while they are read were discarded.
    async fn additions(&self, of: &DraftOf) -> Result<Vec<Added>, RepoError> {
        let mut out = Vec::new();
        for key in self.addition_keys(of).await? {
            if let Some(bytes) = self.store().staged(&key).await? {
                out.push(record::read_head(&key, &bytes)?);
            }
        }
        Ok(out)
    }

    async fn addition_keys(&self, of: &DraftOf) -> Result<Vec<StagingKey>, RepoError> {
        let keys = self.store().list_staged(of.all()).await?;
        let added = |k: &StagingKey| matches!(k, StagingKey::Draft(_, _, DraftRecord::Added(_)));
        Ok(keys.into_iter().filter(added).collect())
    }

    async fn opened(&self, of: &DraftOf) -> Result<Option<Opened>, RepoError> {
        self.staged_json(&of.key(DraftRecord::Opened)).await
    }

    async fn receipt(&self, of: &DraftOf) -> Result<Option<Receipt>, RepoError> {
        self.staged_json(&of.key(DraftRecord::Receipt)).await
    }

    async fn staged_json<T: serde::de::DeserializeOwned>(
        &self,
        key: &StagingKey,
    ) -> Result<Option<T>, RepoError> {
        let bytes = self.store().staged(key).await?;
        bytes.map(|b| record::parse(key, &b)).transpose()
    }

    async fn summary(&self, of: &DraftOf) -> Result<DraftSummary, RepoError> {
        let Some(opened) = self.opened(of).await? else {
            return Err(self.no_draft(of).await?);
        };
        let receipt = self.receipt(of).await?;
        let state = if receipt.is_some() {
            DraftState::Committed
        } else if self.store().is_staged(&of.key(DraftRecord::Closed)).await? {
            DraftState::Closed
        } else if opened.expires <= self.now() {
            DraftState::Expired
        } else {
            DraftState::Open
        };
        Ok(DraftSummary {
            draft: of.draft.clone(),
            channel: of.channel.clone(),
            state,
            opened_at: opened.at,
            opened_by: opened.by,
            expires_at: opened.expires,
            release: receipt.and_then(|r| r.release),
        })
    }

    async fn draft_ids(&self, channel: &ChannelName) -> Result<Vec<DraftId>, RepoError> {
        let keys = self.store().list_staged(Staging::DraftsOf(channel)).await?;
        let ids = keys.into_iter().filter_map(|key| match key {
            StagingKey::Draft(_, draft, DraftRecord::Opened) => Some(draft),
            _ => None,
        });
        Ok(ids.collect())
    }

    async fn no_draft(&self, of: &DraftOf) -> Result<RepoError, RepoError> {
        let others = self.draft_ids(&of.channel).await?.into_iter().map(String::from);
        Ok(RepoError::NotFound {
            what: format!("draft `{}` in channel `{}`", of.draft, of.channel),
            nearest: crate::error::nearest(of.draft.as_str(), others),
        })
    }

    async fn committed(&self, of: &DraftOf) -> Result<RepoError, RepoError> {
        let why = match self.receipt(of).await? {
            Some(receipt) => format!("was committed in revision {}", receipt.revision),
            None => "was committed".to_owned(),
        };
        Ok(RepoError::DraftClosed {
            draft: of.draft.clone(),
            why,
        })
    }

    fn attempt(&self, access: &Access) -> Closed {
        Closed {
            attempt: packyard_types::TxnId::from_random(rand::random()).to_string(),
            at: self.now(),
            by: access.actor(),
        }
    }
}
