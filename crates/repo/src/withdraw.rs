//! Withdrawing what was published, in four strengths.
//!
//! | | pip | apt and yum | the URL with its digest | the bytes |
//! |---|---|---|---|---|
//! | yank | only when asked for by version (PEP 592) | not listed | served | stay |
//! | remove | not listed | not listed | served | stay |
//! | purge | not listed | not listed | 410 | destroyed, in every channel |
//!
//! What was yanked comes back with unyank; what was removed when the same bytes are published again. Other bytes never
//! take its name. What was purged does not come back.

use crate::{Access, Line, Proposal, RepoError, Selector, Yard, select::chosen};
use packyard_index::Listed;
use packyard_types::{
    Artifact, Change, ChangeId, ChannelName, ChannelRef, Digest, DistributionName, Held, Invalid, Operation,
    Permission, ProjectName, Revision,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is done to artifacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Offered only to who asks for them by version.
    Yank,
    /// Offered again.
    Unyank,
    /// Offered no more.
    Remove,
}

/// A withdrawal as it is asked for.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// What is done.
    pub what: What,
    /// The channel.
    pub channel: ChannelName,
    /// Only in this distribution.
    pub distribution: Option<DistributionName>,
    /// Which artifacts.
    pub packages: Vec<Selector>,
    /// Why.
    pub reason: Option<String>,
    /// Only if the channel has not changed since.
    pub if_revision: Option<Revision>,
}

/// What became of a withdrawal.
#[derive(Debug, Clone, Serialize)]
pub struct Withdrawn {
    /// The revision in which it holds.
    pub revision: Revision,
    /// The change that it became; none where all was so already.
    pub release: Option<ChangeId>,
    /// What changed.
    pub changed: Vec<Line>,
    /// What was so already.
    pub unchanged: Vec<Line>,
}

/// What became of a purge.
#[derive(Debug, Clone, Serialize)]
pub struct Purged {
    /// The revision in which it holds.
    pub revision: Revision,
    /// The change that it became; none where it was so already.
    pub release: Option<ChangeId>,
    /// The digests that were destroyed: as served and as received, and the files that only it named.
    pub destroyed: Vec<Digest>,
    /// The channels that held it, as an artifact or a file of one, and the upstreams that it came from, with the filename.
    pub held_by: Vec<String>,
}

impl Yard {
    /// Yanks, unyanks or removes what selectors mean.
    pub async fn withdraw(&self, access: &Access, wish: Withdrawal) -> Result<Withdrawn, RepoError> {
        access.allow(Permission::Promote, Some(&wish.channel))?;
        wish.check()?;
        if wish.what == What::Remove {
            return self.remove(access, &wish).await;
        }
        let channel = ChannelRef::now(wish.channel.clone());
        let selection = self
            .select(&channel, wish.distribution.as_ref(), &wish.packages)
            .await?;
        let rows: Vec<Listed> = selection.artifacts().into_iter().cloned().collect();
        self.withdraw_rows(access, &wish, &rows).await
    }

    /// Removes what selectors mean. What has left before is as it should be.
    async fn remove(&self, access: &Access, wish: &Withdrawal) -> Result<Withdrawn, RepoError> {
        let channel = ChannelRef::now(wish.channel.clone());
        let (mut rows, mut wrong) = (BTreeMap::new(), Vec::new());
        for selector in &wish.packages {
            let one = std::slice::from_ref(selector);
            let found = match self.select(&channel, wish.distribution.as_ref(), one).await {
                Ok(selection) => selection.artifacts().into_iter().cloned().collect(),
                Err(e @ RepoError::NotFound { .. }) => {
                    let left = self.left(&channel, wish.distribution.as_ref(), selector)?;
                    if left.is_empty() {
                        wrong.push(e);
                    }
                    left
                }
                Err(e) => {
                    wrong.push(e);
                    Vec::new()
                }
            };
            rows.extend(found.into_iter().map(|l| (Held::of(&l.artifact), l)));
        }
        RepoError::all(wrong)?;
        let rows: Vec<Listed> = rows.into_values().collect();
        self.withdraw_rows(access, wish, &rows).await
    }

    /// What a selector meant when the channel held it.
    fn left(
        &self,
        channel: &ChannelRef,
        distribution: Option<&DistributionName>,
        selector: &Selector,
    ) -> Result<Vec<Listed>, RepoError> {
        let name = match selector {
            Selector::File(name) => name.to_string(),
            Selector::Named { name, .. } => {
                ProjectName::parse(name).map_or_else(|_| name.clone(), |project| project.to_string())
            }
        };
        let mut rows = self.read(|index| Ok(index.left_under(&channel.channel, &name)?))?;
        rows.retain(|l| distribution.is_none_or(|d| l.artifact.distribution == *d));
        match (selector, rows.first().map(|l| l.artifact.project.clone())) {
            (Selector::Named { version, .. }, Some(project)) => {
                Ok(chosen(&project, channel, rows, version).unwrap_or_default())
            }
            _ => Ok(rows),
        }
    }

    /// Removes what a channel holds of these bytes.
    pub async fn remove_digest(
        &self,
        access: &Access,
        channel: &ChannelName,
        digest: &Digest,
        distribution: Option<&DistributionName>,
        reason: Option<String>,
    ) -> Result<Withdrawn, RepoError> {
        access.allow(Permission::Promote, Some(channel))?;
        let wish = Withdrawal {
            what: What::Remove,
            channel: channel.clone(),
            distribution: distribution.cloned(),
            packages: Vec::new(),
            reason,
            if_revision: None,
        };
        wish.check()?;
        let here = |a: &Artifact| distribution.is_none_or(|d| a.distribution == *d);
        let rows = self.read(|index| {
            let mut rows = Vec::new();
            for (holder, artifact) in index.holders(digest)? {
                if holder == *channel && here(&artifact) {
                    rows.extend(index.held_at(channel, &Held::of(&artifact))?);
                }
            }
            if rows.is_empty() {
                // What has left before is as it should be.
                let left = index.left_of(channel, digest)?.into_iter();
                let left = left.filter(|l| here(&l.artifact));
                let once: BTreeMap<Held, Listed> = left.map(|l| (Held::of(&l.artifact), l)).collect();
                rows.extend(once.into_values());
            }
            Ok(rows)
        })?;
        if rows.is_empty() {
            if let Some(distribution) = distribution {
                self.distribution(channel, distribution.as_str())?;
            }
            let what = format!("artifact with sha256 {digest} in channel `{channel}`");
            return Err(RepoError::NotFound { what, nearest: None });
        }
        self.withdraw_rows(access, &wish, &rows).await
    }

    async fn withdraw_rows(
        &self,
        access: &Access,
        wish: &Withdrawal,
        rows: &[Listed],
    ) -> Result<Withdrawn, RepoError> {
        for listed in rows {
            access.allow_artifact(&listed.artifact)?;
        }
        // Who gives no reason does not take away the one that was given.
        let silent = wish.what == What::Yank && wish.reason.is_none();
        let meant = rows.iter().filter(|l| !(silent && l.yanked.is_some()));
        let (channel, artifacts) = (
            wish.channel.clone(),
            meant.map(|l| Held::of(&l.artifact)).collect(),
        );
        let reason = wish.reason.clone();
        let (operation, note) = match wish.what {
            What::Yank => {
                let reason = reason.unwrap_or_default();
                let operation = Operation::Yank {
                    channel,
                    artifacts,
                    reason,
                };
                (operation, None)
            }
            What::Unyank => (Operation::Unyank { channel, artifacts }, reason),
            What::Remove => (Operation::Remove { channel, artifacts }, reason),
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
                small: BTreeMap::new(),
                if_revision: wish.if_revision,
            })
            .await?;
        let touched: BTreeSet<Held> = match done.operation {
            Some(
                Operation::Yank { artifacts, .. }
                | Operation::Unyank { artifacts, .. }
                | Operation::Remove { artifacts, .. },
            ) => artifacts.into_iter().collect(),
            _ => BTreeSet::new(),
        };
        let (changed, unchanged): (Vec<&Listed>, Vec<&Listed>) = rows
            .iter()
            .partition(|l| touched.contains(&Held::of(&l.artifact)));
        let lines = |rows: Vec<&Listed>| rows.into_iter().map(|l| Line::of(&l.artifact)).collect();
        Ok(Withdrawn {
            revision: done.revision,
            release: done.change,
            changed: lines(changed),
            unchanged: lines(unchanged),
        })
    }

    /// Destroys bytes, in every channel and at every revision. A tombstone says why.
    pub async fn purge(&self, access: &Access, digest: Digest, reason: String) -> Result<Purged, RepoError> {
        access.allow(Permission::Admin, None)?;
        check_reason(&reason)?;
        if reason.trim().is_empty() {
            let rule = "a purge needs one: it is shown to whoever asks for the bytes";
            return Err(Invalid::new("reason", &reason, rule).into());
        }
        let (mut destroyed, mut held_by) = self.read(|index| {
            let mut holders = index.holders(&digest)?;
            holders.extend(index.holders_of_part(&digest)?);
            let held_by = holders
                .iter()
                .map(|(channel, a)| format!("{channel}/{}: {}", a.distribution, a.name));
            // Who serves these bytes may have them as a part too.
            let held_by: BTreeSet<String> = held_by.collect();
            Ok((index.halves(&digest)?, held_by.into_iter().collect::<Vec<_>>()))
        })?;
        held_by.extend(self.upstreams_of(&digest).await?);
        if destroyed.is_empty() {
            if held_by.is_empty() {
                let what = format!("artifact with sha256 {digest}");
                return Err(RepoError::NotFound { what, nearest: None });
            }
            destroyed.push(digest);
        }
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note: None,
            operation: Operation::Purge { digest, reason },
        };
        let done = self.commit(Proposal::of(change)).await?;
        if done.change.is_none() {
            // It was said before. Whoever said it may have been killed before the bytes were deleted.
            self.sweep_purged().await?;
        }
        Ok(Purged {
            revision: done.revision,
            release: done.change,
            destroyed,
            held_by,
        })
    }
}

impl Yard {
    /// Deletes what was purged and is there still: a purge is in the log before its bytes are deleted, and between the two a
    /// process may be killed, or the disk fail. What was purged may never come back, so nobody can need it.
    pub(crate) async fn sweep_purged(&self) -> Result<(), RepoError> {
        for digest in self.read(|index| Ok(index.purged()?))? {
            if self.store().has_blob(&digest).await? {
                tracing::warn!(%digest, "deleting blob {digest}, which was purged and was still there");
                self.store().delete_blob(&digest).await?;
            }
        }
        Ok(())
    }
}

impl Withdrawal {
    /// Whether it says what it means: to withdraw the newest version by accident is too easy.
    fn check(&self) -> Result<(), RepoError> {
        if let Some(reason) = &self.reason {
            check_reason(reason)?;
        }
        let bare = self.packages.iter().filter(|s| s.is_bare());
        let refused = bare.map(|s| {
            let rule = format!("say which version: `{s}==VERSION`, or `{s}==*` for all of them");
            RepoError::from(Invalid::new("selection", &s.to_string(), rule))
        });
        RepoError::all(refused.collect())
    }
}

fn check_reason(reason: &str) -> Result<(), Invalid> {
    crate::publish::check_note(reason)
}
