//! Replay: log entries become rows. Start-up, tailing and rebuilding are this one code.

use super::draft::AtHand;
use crate::{RepoError, pack};
use packyard_index::Index;
use packyard_store::Store;
use packyard_types::{Blob, COMMIT_FORMAT, Change, ChangeId, Commit, Digest, Revision, Tree};
use std::{borrow::Cow, collections::BTreeMap};
use tokio::runtime::Handle;

/// Applies every entry that the index has not seen. Call it inside an index transaction.
pub fn catch_up(index: &mut Index, store: &Store, runtime: &Handle) -> Result<Revision, RepoError> {
    catch_up_to(index, store, runtime, Revision(u64::MAX))
}

/// As [`catch_up`], but no further than to this revision.
pub fn catch_up_to(
    index: &mut Index,
    store: &Store,
    runtime: &Handle,
    last: Revision,
) -> Result<Revision, RepoError> {
    let before = index.applied()?.revision;
    loop {
        let applied = index.applied()?;
        if applied.revision >= last {
            return Ok(applied.revision);
        }
        let next = applied.revision.next();
        let Some(entry) = runtime.block_on(store.log_entry(next))? else {
            if applied.revision > before {
                runtime.block_on(store.settle_log())?;
            }
            return Ok(applied.revision);
        };
        let commit = parse(next, applied.digest, &entry)?;
        apply(index, store, runtime, &commit, &entry)?;
    }
}

/// Empties the index and replays the whole log into it. Call it inside an index transaction.
pub fn rebuild(index: &mut Index, store: &Store, runtime: &Handle) -> Result<Revision, RepoError> {
    index.clear()?;
    catch_up(index, store, runtime)
}

/// The part of an entry that says whether the rest can be read.
#[derive(serde::Deserialize)]
struct Format {
    v: u32,
}

/// Reads an entry by itself, whatever the one before it is.
pub fn parse_alone(n: Revision, entry: &[u8]) -> Result<Commit, RepoError> {
    /// The part that says which entry it follows.
    #[derive(serde::Deserialize)]
    struct Place {
        prev: Option<Digest>,
    }
    let place = serde_json::from_slice::<Place>(entry).ok();
    parse(n, place.and_then(|place| place.prev), entry)
}

/// Reads an entry and checks its place in the chain.
pub fn parse(n: Revision, parent: Option<Digest>, entry: &[u8]) -> Result<Commit, RepoError> {
    let damaged = |reason: String| RepoError::Damaged {
        what: format!("log entry {n}"),
        reason,
    };
    let format: Format = serde_json::from_slice(entry).map_err(|e| damaged(e.to_string()))?;
    if format.v > COMMIT_FORMAT {
        let version = format.v;
        let reason =
            format!("it has format {version}, this packyard reads up to {COMMIT_FORMAT}; upgrade packyard");
        return Err(damaged(reason));
    }
    let commit: Commit = serde_json::from_slice(entry).map_err(|e| damaged(e.to_string()))?;
    if commit.n != n {
        return Err(damaged(format!("it says that it is entry {}", commit.n)));
    }
    if commit.prev != parent {
        return Err(damaged(format!(
            "it does not follow entry {}: the chain is broken",
            n.0.saturating_sub(1)
        )));
    }
    Ok(commit)
}

/// The small blobs of a commit, by digest, and where they lie.
pub fn small_blobs(
    store: &Store,
    runtime: &Handle,
    commit: &Commit,
    index: Option<&mut Index>,
) -> Result<BTreeMap<Digest, Vec<u8>>, RepoError> {
    let mut small = BTreeMap::new();
    let mut places = Vec::new();
    for blob in &commit.packs {
        let bytes = runtime.block_on(store.read_blob(&blob.digest))?;
        let damaged = |reason| RepoError::Damaged {
            what: format!("pack {}", blob.digest),
            reason,
        };
        if Blob::of(&bytes) != *blob {
            return Err(damaged("its bytes have another digest".to_owned()));
        }
        for (digest, at) in pack::contents(*blob, &bytes).map_err(damaged)? {
            let range = usize::try_from(at.start)
                .ok()
                .zip(usize::try_from(at.start + at.size_bytes).ok());
            let (start, end) = range.ok_or_else(|| damaged("it is too large".to_owned()))?;
            small.insert(digest, bytes[start..end].to_vec());
            places.push((digest, at));
        }
    }
    if let Some(index) = index {
        index.apply_pack(&places)?;
    }
    Ok(small)
}

/// The changes of a commit: in its entry, or in its pack.
fn changes<'a>(
    commit: &'a Commit,
    small: &BTreeMap<Digest, Vec<u8>>,
) -> Result<Cow<'a, [Change]>, RepoError> {
    let Some(digest) = &commit.changes_blob else {
        return Ok(Cow::Borrowed(&commit.changes));
    };
    let damaged = |reason: String| RepoError::Damaged {
        what: format!("changes of revision {}", commit.n),
        reason,
    };
    let json = small
        .get(digest)
        .ok_or_else(|| damaged("its pack does not hold them".to_owned()))?;
    let changes = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
    Ok(Cow::Owned(changes))
}

fn apply(
    index: &mut Index,
    store: &Store,
    runtime: &Handle,
    commit: &Commit,
    entry: &[u8],
) -> Result<(), RepoError> {
    let small = small_blobs(store, runtime, commit, Some(index))?;
    let changes = changes(commit, &small)?;
    for (position, change) in (1..).zip(changes.iter()) {
        let id = ChangeId {
            revision: commit.n,
            position,
        };
        index.apply_change(id, change, &AtHand(&small))?;
    }
    for (key, digest) in &commit.trees {
        let damaged = |reason: String| RepoError::Damaged {
            what: format!("tree {key} of revision {}", commit.n),
            reason,
        };
        let json = small
            .get(digest)
            .ok_or_else(|| damaged("its pack does not hold it".to_owned()))?;
        let tree: Tree = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
        index.apply_tree(commit.n.0, key, digest, &tree)?;
    }
    index.apply_commit(commit, &Blob::of(entry))?;
    Ok(())
}
