//! Whether a store really creates atomically.
//!
//! Several that are called S3-compatible accept `If-None-Match: *` and overwrite anyway, and some check and then write,
//! which only a race shows. So: a few races between several writers, each of which may have one winner, whose bytes
//! must stay.

use crate::{
    Key, Store, StoreError,
    retry::Backoff,
    store::{Created, nobody_won},
};
use bytes::Bytes;
use object_store::ObjectStoreExt as _;
use std::hash::{BuildHasher as _, RandomState};
use tokio::task::JoinSet;

const RACES: u8 = 4;
const WRITERS: u8 = 8;

impl Store {
    /// Races several writers for one name, a few times; refuses a store that lets two of them win, or overwrites.
    pub async fn probe_atomic_create(&self) -> Result<(), StoreError> {
        let mut backoff = Backoff::new();
        let mut races = 0;
        while races < RACES {
            // A name that nobody has used; every `RandomState` has a seed of its own.
            let key = Key::Probe(RandomState::new().hash_one(races));
            let verdict = self.race(key).await;
            // The object means nothing to anybody, so failing to delete it is no failure.
            let _ = self.objects.delete(&key.path()).await;
            match verdict {
                Ok(()) => races += 1,
                Err(e) => backoff.pause(e).await?,
            }
        }
        Ok(())
    }

    async fn race(&self, key: Key) -> Result<(), StoreError> {
        let mut racing = JoinSet::new();
        for writer in 0..WRITERS {
            let store = self.clone();
            racing.spawn(async move { (writer, store.create(&key, mark(writer)).await) });
        }
        let mut winners = Vec::new();
        for (writer, created) in racing.join_all().await {
            match created {
                Ok(Created::Now) => winners.push(writer),
                // An answer that got lost decides nothing; a store that cannot be written to at all is an error.
                Ok(Created::Before) => {}
                Err(e) if e.is_transient() => {}
                Err(e) => return Err(e),
            }
        }
        self.judge(key, &winners).await
    }

    async fn judge(&self, key: Key, winners: &[u8]) -> Result<(), StoreError> {
        let refused = |reason: String| Err(StoreError::Unsafe { reason });
        if winners.len() > 1 {
            return refused(format!(
                "{} of {WRITERS} writers created the same object",
                winners.len()
            ));
        }
        let stored = self.get(&key).await?.ok_or_else(|| nobody_won(&key))?;
        if winners.iter().any(|w| mark(*w) != stored) {
            return refused("an object was overwritten by a writer that was told it exists".to_owned());
        }
        let mut backoff = Backoff::new();
        loop {
            match self.create(&key, mark(WRITERS)).await {
                Ok(Created::Before) => return Ok(()),
                Ok(Created::Now) => return refused("it ignores the condition \"only if absent\"".to_owned()),
                Err(e) => backoff.pause(e).await?,
            }
        }
    }
}

fn mark(writer: u8) -> Bytes {
    Bytes::from(vec![b'a' + writer])
}
