//! Blobs that nobody needs and that are there still: bytes that an entry gave up, when whoever wrote it was killed before
//! it came to deleting them; and bytes that no entry ever named, such as an upload that no release followed, or the pack
//! of a commit that was never made.
//!
//! Nothing that anybody was promised goes with them:
//!
//! - Whoever takes bytes in holds `gc.lock` while it puts them, and until a record says so if they are for later (an upload,
//!   an addition to a draft, a file that waits for its .changes); a collection holds it alone. So it sees the record, or
//!   bytes that were put a moment ago, or it comes before them.
//! - Blobs are deleted while nobody can commit, in a transaction of the index, of which every process on the data
//!   directory needs one for a commit. What the log says is read anew there. A commit looks for what it names there too,
//!   so that a release whose bytes went first is refused, and its sender told to send it again.
//! - What no entry names goes only when nobody has put it, or put it again, for the grace period, and for an hour at
//!   least: who puts bytes and proposes a release with them a moment later is not disturbed.
//!
//! Only on a local disk are there such: see [`packyard_store::Store::old_blobs`].

use super::{Gc, gate};
use crate::{RepoError, Yard, commit::catch_up, yard::blocking};
use packyard_index::Index;
use packyard_store::Store;
use packyard_types::{Digest, Revision, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::runtime::Handle;

/// How long at least bytes that no entry names are left alone.
const LEAST_SECONDS: u64 = 3600;
/// How many are deleted while nobody can commit; then others have their turn.
const AT_ONCE: usize = 64;

/// After how many of these turns uploads have theirs.
const TURNS_ALONE: usize = 16;

/// What was deleted, or would be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Swept {
    /// Blobs that an entry had given up.
    pub left_over: usize,
    /// Blobs that no entry ever named.
    pub orphans: usize,
    /// How many bytes these have.
    pub orphan_bytes: u64,
}

/// What may be deleted, and what forbids it.
#[derive(Debug)]
struct Suspects {
    /// Since when nobody may have put them.
    since: Timestamp,
    /// The entries up to here do not name them.
    read_to: Revision,
    orphans: BTreeMap<Digest, u64>,
    left_over: Vec<Digest>,
    /// What records hold.
    kept: Arc<BTreeSet<Digest>>,
}

impl Yard {
    /// What records hold: uploads, drafts, what waits for its .changes, what came from an upstream.
    pub(super) async fn recorded(&self) -> Result<Arc<BTreeSet<Digest>>, RepoError> {
        let mut kept = self.foreign_blobs().await?;
        kept.extend(self.waiting_blobs().await?);
        kept.extend(self.staged_blobs().await?);
        Ok(Arc::new(kept))
    }

    /// Deletes what is spare, or says only what would be deleted. Who is suspected is found while others take bytes in; who
    /// deletes is alone ([`super::gate`]), for a while at a time, and looks for records anew each time.
    pub(super) async fn sweep_spare(&self, gc: &Gc) -> Result<Swept, RepoError> {
        let since = self.before(gc.grace_seconds.max(LEAST_SECONDS));
        let kept = self.recorded().await?;
        let (orphans, read_to) = self.orphans(since, &kept).await?;
        let left_over = self.read_blocking(|index| Ok(index.all_gone()?)).await?;
        let suspects = Suspects {
            since,
            read_to,
            left_over: self.those_there(left_over).await?,
            orphans,
            kept: Arc::clone(&kept),
        };
        let mut done = Swept::default();
        let (mut alone, mut kept) = (None, kept);
        for (turn, mut some) in suspects.in_turns().into_iter().enumerate() {
            if !gc.dry_run && turn % TURNS_ALONE == 0 {
                if alone.take().is_some() {
                    gate::let_in().await;
                }
                alone = Some(self.collecting().await?);
                kept = self.recorded().await?;
            }
            some.kept = Arc::clone(&kept);
            let (path, store, runtime) = (self.dir().index(), self.store().clone(), Handle::current());
            let swept = if gc.dry_run {
                let count = move |index: &Index| some.sweep(index, &store, &runtime, false);
                self.read_blocking(count).await?
            } else {
                let delete = move || {
                    Index::open(&path)?.transaction(|index| {
                        catch_up(index, &store, &runtime)?;
                        some.sweep(index, &store, &runtime, true)
                    })
                };
                blocking(delete).await?
            };
            done.left_over += swept.left_over;
            done.orphans += swept.orphans;
            done.orphan_bytes += swept.orphan_bytes;
        }
        Ok(done)
    }

    /// Blobs that nobody has put for long, that no record holds and no entry names, as far as the log has been read.
    async fn orphans(
        &self,
        since: Timestamp,
        kept: &BTreeSet<Digest>,
    ) -> Result<(BTreeMap<Digest, u64>, Revision), RepoError> {
        let mut old = self.store().old_blobs(since).await?;
        old.retain(|digest, _| !kept.contains(digest));
        let look = move |index: &Index| -> Result<_, RepoError> {
            for pack in index.packs()? {
                old.remove(&pack);
            }
            let mut unnamed = BTreeMap::new();
            for (digest, size) in old {
                if !index.is_named(&digest)? {
                    unnamed.insert(digest, size);
                }
            }
            Ok(unnamed)
        };
        let mut orphans = self.read_blocking(look).await?;
        // The index does not know of a pack in which nothing was new.
        let mut read_to = Revision(0);
        while !orphans.is_empty()
            && let Some(entry) = self.store().log_entry(read_to.next()).await?
        {
            forget_named(&entry, &mut orphans);
            read_to = read_to.next();
        }
        Ok((orphans, read_to))
    }

    async fn those_there(&self, digests: Vec<Digest>) -> Result<Vec<Digest>, RepoError> {
        let missing = self.store().missing_blobs(&digests).await?;
        let missing: BTreeSet<Digest> = missing.into_iter().collect();
        Ok(digests.into_iter().filter(|d| !missing.contains(d)).collect())
    }
}

impl Suspects {
    /// The same, a few at a time.
    fn in_turns(self) -> Vec<Self> {
        let orphans: Vec<(Digest, u64)> = self.orphans.into_iter().collect();
        let some = |orphans: &[(Digest, u64)], left_over: &[Digest]| Self {
            since: self.since,
            read_to: self.read_to,
            orphans: orphans.iter().copied().collect(),
            left_over: left_over.to_vec(),
            kept: Arc::clone(&self.kept),
        };
        let left_over = self.left_over.chunks(AT_ONCE).map(|l| some(&[], l));
        left_over
            .chain(orphans.chunks(AT_ONCE).map(|o| some(o, &[])))
            .collect()
    }

    /// Deletes those that are spare still, or only counts them.
    fn sweep(
        mut self,
        index: &Index,
        store: &Store,
        runtime: &Handle,
        is_certain: bool,
    ) -> Result<Swept, RepoError> {
        let mut swept = Swept::default();
        let delete = |digest: &Digest| {
            if is_certain {
                runtime.block_on(store.delete_blob(digest))
            } else {
                Ok(())
            }
        };
        for digest in &self.left_over {
            // Published again meanwhile.
            let Some(how) = index.gone(digest)? else { continue };
            if how.purged || !self.kept.contains(digest) {
                delete(digest)?;
                swept.left_over += 1;
            }
        }
        let newest = index.applied()?.revision;
        while !self.orphans.is_empty() && self.read_to < newest {
            self.read_to = self.read_to.next();
            let entry = runtime.block_on(store.log_entry(self.read_to))?;
            forget_named(&entry.unwrap_or_default(), &mut self.orphans);
        }
        for (digest, size) in &self.orphans {
            let is_spare = !index.is_named(digest)? && !self.kept.contains(digest);
            if is_spare && runtime.block_on(store.is_old_blob(digest, self.since))? {
                delete(digest)?;
                swept.orphans += 1;
                swept.orphan_bytes += size;
            }
        }
        Ok(swept)
    }
}

/// Takes out whatever occurs in an entry, wherever in it.
fn forget_named(entry: &[u8], orphans: &mut BTreeMap<Digest, u64>) {
    let words = entry.split(|b| !b.is_ascii_hexdigit());
    for word in words.filter(|word| word.len() == 64) {
        if let Some(digest) = std::str::from_utf8(word).ok().and_then(|w| w.parse().ok()) {
            orphans.remove(&digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_an_entry_names_is_no_orphan() {
        let (named, other) = (Digest::of(b"named"), Digest::of(b"other"));
        let mut orphans = BTreeMap::from([(named, 1), (other, 1)]);
        let entry =
            format!("{{\"packs\":[{{\"digest\":\"sha256:{named}\",\"size\":5}}],\"x\":\"{other}00\"}}");
        forget_named(entry.as_bytes(), &mut orphans);
        assert_eq!(orphans.into_keys().collect::<Vec<_>>(), [other]);
    }
}
