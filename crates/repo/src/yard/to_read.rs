//! A yard in a process that only reads.

use super::{OpenYard, Yard};
use crate::{
    RepoError,
    keys::{KeyRing, KeySet},
};
use packyard_index::Index;
use packyard_store::Store;
use std::sync::Arc;

impl Yard {
    /// Opens the yard for reading only, beside whoever writes to it: nothing is founded, replayed, swept or signed. It
    /// shows what the index shows, which the writer brings up to the log with each of its commits.
    pub async fn open_to_read(options: OpenYard) -> Result<Self, RepoError> {
        let OpenYard { dir, clock, .. } = options;
        let unusable = |reason: String| RepoError::DataDir {
            path: dir.root().to_owned(),
            reason,
            hint: "start the server that writes to it first, or bring its index up with `packyard reindex`"
                .to_owned(),
        };
        if !dir.store().join("meta.json").exists() {
            return Err(unusable("there is no yard in it that could be read".to_owned()));
        }
        let store = Store::open_local(dir.root()).await?;
        store.meta().await?;
        let current = Index::open_reader(&dir.index()).and_then(|index| index.is_current());
        match current {
            Ok(true) => {}
            Ok(false) => return Err(unusable("its index is of another version".to_owned())),
            Err(e) => return Err(unusable(format!("its index cannot be read: {e}"))),
        }
        let in_use = dir.lock_for_use()?;
        let keys = Arc::new(KeyRing::new(dir.keys(), KeySet::default(), false));
        let (trees, url) = (Arc::default(), Arc::default());
        Ok(Self::of(dir, clock, store, keys, None, trees, url, in_use))
    }

    /// Whether this process only reads.
    pub fn is_reader(&self) -> bool {
        self.inner.committer.is_none()
    }

    /// Why nothing can be written in this process, and who can.
    pub fn only_read(&self) -> RepoError {
        RepoError::ReadOnly(match self.inner.dir.server() {
            Some(pid) => {
                format!("this server only reads; process {pid} serves the same directory and writes to it")
            }
            None => "this server only reads, and no other one serves the directory now".to_owned(),
        })
    }
}
