//! A draft becomes a release.

use super::{
    DraftOf, DraftState,
    record::{self, Closed},
};
use crate::{Access, Receipt, RepoError, Yard, intake::Ready, publish::check_note};
use packyard_store::{DraftRecord, Staged};
use packyard_types::{Permission, Revision};
use std::time::Duration;

/// After this long, who has closed a draft and left no receipt is taken for dead.
const DEAD_SECONDS: i64 = 60;
/// How long one who commits waits for another who does, and how often they look.
const WAITS: u32 = 100;
const WAIT: Duration = Duration::from_millis(200);

/// What becomes of a draft.
#[derive(Debug, Clone)]
pub struct DraftCommit {
    /// Which.
    pub of: DraftOf,
    /// Why, or what for.
    pub note: Option<String>,
    /// Only if the channel has not changed since.
    pub if_revision: Option<Revision>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct DraftCommitted {
    /// The receipt of its release; the same each time.
    pub receipt: Receipt,
    /// Whether it was made now.
    pub now: bool,
}

/// Whose turn it is.
enum Turn {
    /// Ours.
    Ours,
    /// Nobody's: it has been done.
    Done(Receipt),
}

impl Yard {
    /// Publishes what a draft holds, as one release by who commits it. A draft that has been committed answers with the
    /// same receipt again.
    pub async fn commit_draft(
        &self,
        access: &Access,
        wish: DraftCommit,
    ) -> Result<DraftCommitted, RepoError> {
        access.allow(Permission::Publish, Some(&wish.of.channel))?;
        wish.note.as_deref().map_or(Ok(()), check_note)?;
        let (yard, access) = (self.clone(), access.clone());
        // A client that goes away does not leave a draft half committed.
        let task = tokio::spawn(async move { yard.commit_draft_now(&access, wish).await });
        task.await.map_err(|_| RepoError::ShuttingDown)?
    }

    async fn commit_draft_now(
        &self,
        access: &Access,
        wish: DraftCommit,
    ) -> Result<DraftCommitted, RepoError> {
        let summary = self.summary(&wish.of).await?;
        if summary.state == DraftState::Expired {
            return Err(RepoError::DraftExpired {
                draft: wish.of.draft,
                at: summary.expires_at,
            });
        }
        if let Turn::Done(receipt) = self.turn(access, &wish.of).await? {
            return Ok(DraftCommitted { receipt, now: false });
        }
        match self.release_draft(access, &wish).await {
            Ok(receipt) => {
                let key = wish.of.key(DraftRecord::Receipt);
                self.store().stage(&key, record::json(&receipt)).await?;
                Ok(DraftCommitted { receipt, now: true })
            }
            Err(e) => {
                // It can be mended, and committed again.
                self.store().unstage(&wish.of.key(DraftRecord::Closed)).await?;
                Err(e)
            }
        }
    }

    async fn release_draft(&self, access: &Access, wish: &DraftCommit) -> Result<Receipt, RepoError> {
        let mut ready: Vec<Ready> = Vec::new();
        for key in self.addition_keys(&wish.of).await? {
            if let Some(bytes) = self.store().staged(&key).await? {
                ready.push(record::read(&key, &bytes)?);
            }
        }
        if ready.is_empty() {
            return Err(self.no_draft(&wish.of).await?);
        }
        ready.sort_by(|a, b| a.artifact.name.cmp(&b.artifact.name));
        ready
            .iter()
            .try_for_each(|r| access.allow_artifact(&r.artifact))?;
        self.not_purged_since(&wish.of, ready.iter().map(|r| &r.artifact))?;
        let (channel, note) = (wish.of.channel.clone(), wish.note.clone());
        self.propose(access, channel, ready, note, wish.if_revision).await
    }

    /// Closes the draft, or waits for who has.
    async fn turn(&self, access: &Access, of: &DraftOf) -> Result<Turn, RepoError> {
        let ours = record::json(&self.attempt(access));
        let key = of.key(DraftRecord::Closed);
        for _ in 0..WAITS {
            if let Some(receipt) = self.receipt(of).await? {
                return Ok(Turn::Done(receipt));
            }
            match self.store().stage(&key, ours.clone()).await? {
                Staged::Ours => return Ok(Turn::Ours),
                Staged::Theirs(bytes) => {
                    let theirs: Closed = record::parse(&key, &bytes)?;
                    if self.now().unix_seconds() - theirs.at.unix_seconds() > DEAD_SECONDS {
                        tracing::warn!(draft = %of.draft, "taking over draft `{}`, which `{}` left closed", of.draft, theirs.by);
                        return Ok(Turn::Ours);
                    }
                }
            }
            tokio::time::sleep(WAIT).await;
        }
        Err(RepoError::DraftBusy(of.draft.clone()))
    }
}
