//! Reading connections and small blobs.

use crate::RepoError;
use bytes::Bytes;
use packyard_index::Index;
use packyard_store::Store;
use packyard_types::{Digest, Tree};
use std::{
    collections::VecDeque,
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

/// Reads a blob that is in memory whole, from its pack or by itself, and checks what was read.
pub async fn small_blob(store: &Store, index: &Index, digest: &Digest) -> Result<Bytes, RepoError> {
    let packed = index.packed(digest)?;
    located_blob(store, digest, packed).await
}

/// As [`small_blob`], for who has already asked where it lies.
pub async fn located_blob(
    store: &Store,
    digest: &Digest,
    packed: Option<packyard_index::Packed>,
) -> Result<Bytes, RepoError> {
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

/// The trees that were read last, by digest.
#[derive(Debug, Default)]
pub struct TreeCache {
    recent: Mutex<VecDeque<(Digest, Arc<Tree>)>>,
}

impl TreeCache {
    /// A tree that was read before.
    pub fn get(&self, digest: &Digest) -> Option<Arc<Tree>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent
            .iter()
            .find(|(d, _)| d == digest)
            .map(|(_, t)| Arc::clone(t))
    }

    /// Keeps a tree; the oldest leaves.
    pub fn put(&self, digest: Digest, tree: Arc<Tree>) {
        const TREES: usize = 16;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push_front((digest, tree));
        recent.truncate(TREES);
    }
}
