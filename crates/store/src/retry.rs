//! The same request again after a time-out or a 5xx, with growing pauses, a bounded number of times.

use crate::StoreError;
use std::{
    fmt::Display,
    future::Future,
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

/// How often and how patiently a request is repeated.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    pause: Duration,
    left: u32,
}

impl Backoff {
    /// Ten pauses that double from 10 ms to 2 s: about six and a half seconds in all.
    pub(crate) fn new() -> Self {
        Self {
            pause: Duration::from_millis(10),
            left: 10,
        }
    }

    /// Waits before the next attempt; gives `error` back when there is none.
    pub(crate) async fn pause(&mut self, error: StoreError) -> Result<(), StoreError> {
        const LONGEST: Duration = Duration::from_secs(2);
        if self.left == 0 || !error.is_transient() {
            return Err(error);
        }
        // Half to one and a half of it, so that writers that met do not meet again. Every `RandomState` has a seed of its own.
        let jitter = 512 + u32::try_from(RandomState::new().hash_one(self.left) % 1024).unwrap_or(0);
        let pause = self.pause * jitter / 1024;
        tracing::debug!("trying again in {pause:?}: {error}");
        self.left -= 1;
        tokio::time::sleep(pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        Ok(())
    }
}

/// Runs a request that may be repeated at will, such as a read, until it is answered.
pub(crate) async fn answered<T, F>(
    operation: &'static str,
    key: &impl Display,
    mut request: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = object_store::Result<T>>,
{
    let mut backoff = Backoff::new();
    loop {
        match request().await {
            Ok(answer) => return Ok(answer),
            Err(e) => backoff.pause(StoreError::from_store(operation, key, &e)).await?,
        }
    }
}
