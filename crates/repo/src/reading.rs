//! Reading connections and small blobs.

use crate::{RepoError, chunk_cache::ChunkCache};
use bytes::Bytes;
use packyard_index::{Index, Packed};
use packyard_store::Store;
use packyard_types::{Digest, Tree};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    fs::File,
    os::unix::fs::FileExt as _,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// Reading connections to the index, opened as they are needed and kept.
#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Index>>,
}

/// How many idle connections are kept.
const KEPT: usize = 4;

impl Readers {
    /// Readers of the index at `path`.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Asks the index; blocks for as long as the query takes.
    pub fn with<T>(&self, ask: impl FnOnce(&Index) -> Result<T, RepoError>) -> Result<T, RepoError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let index = match idle {
            Some(index) => index,
            None => Index::open_reader(&self.path)?,
        };
        let answer = ask(&index);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if answer.is_ok() && idle.len() < KEPT {
            idle.push(index);
        }
        answer
    }
}

/// Reads a blob that fits in memory, from the pack that the index names or by itself, and checks what was read.
pub async fn located_blob(
    store: &Store,
    digest: &Digest,
    packed: Option<Packed>,
) -> Result<Bytes, RepoError> {
    if let Some(at) = &packed
        && let Some(path) = store.local_blob_path(&at.pack)
        && let Some(bytes) = from_file(path, at.clone(), *digest).await
    {
        return Ok(bytes);
    }
    let bytes = match packed {
        Some(at) => {
            store
                .read_blob_range(&at.pack, at.start..at.start + at.size_bytes)
                .await?
        }
        None => store.read_blob(digest).await?,
    };
    if Digest::of(&bytes) != *digest {
        return Err(RepoError::Damaged {
            what: format!("blob {digest}"),
            reason: format!("its bytes have sha256 {}", Digest::of(&bytes)),
        });
    }
    Ok(bytes)
}

/// The bytes at a place in a pack on a local disk, by one trip to a thread that may block. None where they cannot be had
/// or are not the right ones: then the store says why.
async fn from_file(pack: PathBuf, at: Packed, digest: Digest) -> Option<Bytes> {
    let read = move || {
        let mut bytes = vec![0; usize::try_from(at.size_bytes).ok()?];
        let file = File::open(pack).ok()?;
        file.read_exact_at(&mut bytes, at.start).ok()?;
        (Digest::of(&bytes) == digest).then(|| Bytes::from(bytes))
    };
    tokio::task::spawn_blocking(read).await.ok()?
}

/// Packs on a local disk that are read from again and again: an edit of a large index reads hundreds of chunks. To be
/// dropped soon, since a file that is open is not gone when it is deleted.
#[derive(Debug, Default)]
pub struct OpenPacks(RefCell<BTreeMap<Digest, File>>);

/// How many packs are open at a time.
const OPEN: usize = 64;

impl OpenPacks {
    /// The bytes at a place, which the caller checks; none where they cannot be had from here. Then the store says why.
    pub fn read(&self, store: &Store, at: &Packed) -> Option<Vec<u8>> {
        let mut open = self.0.borrow_mut();
        if !open.contains_key(&at.pack) {
            if open.len() == OPEN {
                open.pop_first();
            }
            open.insert(at.pack, File::open(store.local_blob_path(&at.pack)?).ok()?);
        }
        let mut bytes = vec![0; usize::try_from(at.size_bytes).ok()?];
        open.get(&at.pack)?.read_exact_at(&mut bytes, at.start).ok()?;
        Some(bytes)
    }
}

/// The trees that were used last, by digest, and chunks of theirs.
#[derive(Debug, Default)]
pub struct TreeCache {
    /// The chunks.
    pub chunks: ChunkCache,
    recent: Mutex<VecDeque<(Digest, Arc<Tree>)>>,
}

impl TreeCache {
    /// A tree that was used before.
    pub fn get(&self, digest: &Digest) -> Option<Arc<Tree>> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let at = recent.iter().position(|(d, _)| d == digest)?;
        let found = recent.remove(at)?;
        let tree = Arc::clone(&found.1);
        recent.push_front(found);
        Some(tree)
    }

    /// Keeps a tree; the one that was not used for longest leaves.
    pub fn put(&self, digest: Digest, tree: Arc<Tree>) {
        const TREES: usize = 16;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(d, _)| *d != digest);
        recent.push_front((digest, tree));
        recent.truncate(TREES);
    }
}
