//! Garbage collection: what retention took away is given up for good once the grace period is over.
//!
//! 1. What channels no longer keep leaves them ([`crate::retention`]).
//! 2. In channels that keep less than everything, revisions that ended before the grace period are pruned: `C@N` is 410
//!    for them, and no rollback leads there. Tagged revisions stay.
//! 3. The blobs that no revision of any channel needs any longer are named in the log and then deleted.
//! 4. Blobs that no entry ever named, or that one gave up and that are there still, are deleted ([`spare`]).
//!
//! What came from an upstream is kept for ever, and what a draft holds, or waits for its release or for the .changes that
//! names it, as long as it waits. The revision that was current when the grace period began is kept, and so are the last three
//! states of a channel however old they are, unless there is no grace at all. The same upload brings a retired blob back.

mod gate;
mod spare;

use crate::{Access, Proposal, RepoError, RetentionPlan, Yard};
use packyard_types::{Change, ChannelName, Digest, Operation, Permission, Revision, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many states of a channel are kept whatever their age, the newest among them.
const GENERATIONS: u32 = 3;

/// What is collected.
#[derive(Debug, Clone, Copy)]
pub struct Gc {
    /// How long what has left a channel can be brought back.
    pub grace_seconds: u64,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// What was collected, or would be.
#[derive(Debug, Clone, Serialize)]
pub struct Collected {
    /// The revision in which it holds.
    pub revision: Revision,
    /// Whether it was only planned.
    pub dry_run: bool,
    /// What retention took away, by channel.
    pub retention: Vec<RetentionPlan>,
    /// By channel the oldest revision that is kept, where that is another one now.
    pub floors: BTreeMap<ChannelName, Revision>,
    /// How many blobs were given up.
    pub blobs: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many blobs were there still that an earlier entry had given up or purged.
    pub left_over: usize,
    /// How many blobs were given up that no entry ever named.
    pub orphans: usize,
    /// How many bytes they have.
    pub orphan_bytes: u64,
}

impl Yard {
    /// Collects.
    pub async fn gc(&self, access: &Access, gc: Gc) -> Result<Collected, RepoError> {
        access.allow(Permission::Admin, None)?;
        let retention = if gc.dry_run {
            self.retention_of_all().await?
        } else {
            self.retain(access).await?
        };
        let swept = self.sweep_spare(&gc).await?;
        let floors = self.floors(&gc)?;
        let mut asked = floors.clone();
        asked.extend(self.ended(self.before(gc.grace_seconds))?);
        let of_ended = asked.clone();
        let blobs = self
            .read_blocking(move |index| Ok(index.needless(&asked)?))
            .await?;
        let _alone = if gc.dry_run {
            None
        } else {
            Some(self.collecting().await?)
        };
        let kept = self.recorded().await?;
        let (mut blobs, bytes) = self.measured(blobs, &kept).await?;
        let mut revision = self.applied()?.revision;
        if !gc.dry_run && (!floors.is_empty() || !blobs.is_empty()) {
            let operation = Operation::Retire {
                floors: of_ended,
                blobs,
            };
            let change = Change {
                actor: access.actor(),
                sender: access.sender(),
                at: self.now(),
                note: None,
                operation,
            };
            let done = self.commit(Proposal::of(change)).await?;
            revision = done.revision;
            blobs = match done.operation {
                Some(Operation::Retire { blobs, .. }) => blobs,
                _ => Vec::new(),
            };
        }
        Ok(Collected {
            revision,
            dry_run: gc.dry_run,
            retention,
            floors,
            blobs: blobs.len(),
            bytes,
            left_over: swept.left_over,
            orphans: swept.orphans,
            orphan_bytes: swept.orphan_bytes,
        })
    }

    /// When the grace period began. Without one it is now, to the fraction of a second.
    fn before(&self, grace_seconds: u64) -> Timestamp {
        let grace = i64::try_from(grace_seconds).unwrap_or(i64::MAX);
        match grace {
            0 => self.now(),
            grace => Timestamp::from_unix_seconds(self.now().unix_seconds().saturating_sub(grace)),
        }
    }

    async fn retention_of_all(&self) -> Result<Vec<RetentionPlan>, RepoError> {
        let mut out = Vec::new();
        for channel in self.read(|index| Ok(index.channel_names()?))? {
            out.extend(self.retention_plan(&channel, None).await?);
        }
        Ok(out)
    }

    /// Where channels that keep less than everything begin, when what ended before the grace period is given up.
    fn floors(&self, gc: &Gc) -> Result<BTreeMap<ChannelName, Revision>, RepoError> {
        let until = self.before(gc.grace_seconds);
        self.read(|index| {
            let mut floors = BTreeMap::new();
            let Some(before) = index.revision_at(until)? else {
                return Ok(floors);
            };
            for channel in index.channel_names()? {
                // Of a channel where little happens clients may be several generations behind after any time.
                let floor = match gc.grace_seconds {
                    0 => before,
                    _ => before.min(index.generation(&channel, GENERATIONS)?),
                };
                let keeps = index.channel(&channel)?.is_some_and(|s| s.keep.is_some());
                if keeps && index.floor(&channel)? < floor {
                    floors.insert(channel, floor);
                }
            }
            Ok(floors)
        })
    }

    /// The same for channels that were deleted: what only they held has its grace too.
    fn ended(&self, until: Timestamp) -> Result<BTreeMap<ChannelName, Revision>, RepoError> {
        self.read(|index| {
            let floor = index.revision_at(until)?.unwrap_or_default();
            let ended = index.deleted_channels()?;
            Ok(ended.into_iter().map(|channel| (channel, floor)).collect())
        })
    }

    /// Those of these blobs that the store has, but for what came from upstreams or waits in `staging/`, and how many bytes
    /// they are.
    async fn measured(
        &self,
        blobs: Vec<Digest>,
        kept: &BTreeSet<Digest>,
    ) -> Result<(Vec<Digest>, u64), RepoError> {
        let (mut there, mut bytes) = (Vec::new(), 0);
        for digest in blobs.into_iter().filter(|digest| !kept.contains(digest)) {
            if let Some(size) = self.store().blob_size(&digest).await? {
                bytes += size;
                there.push(digest);
            }
        }
        Ok((there, bytes))
    }
}
