//! Whether an upstream answers these days. One that does not is left alone for a while, so that not every request waits
//! for it.

use super::lock;
use packyard_types::{Timestamp, UpstreamUrl};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::sync::Semaphore;

/// How many pages of one upstream are asked for at a time.
const PAGES_AT_ONCE: usize = 16;
/// How many files of one upstream are downloaded at a time: fewer than of all of them.
const FILES_AT_ONCE: usize = 8;
/// After how many silences in a row it is left alone.
const SILENCES: u32 = 3;
/// For how long at first, in seconds; it doubles.
const PAUSE: i64 = 5;
/// For how long at most, in seconds.
const LONGEST_PAUSE: i64 = 60;

/// The upstreams that were asked.
#[derive(Default)]
pub struct Origins(Mutex<HashMap<UpstreamUrl, Origin>>);

struct Origin {
    slots: Arc<Semaphore>,
    file_slots: Arc<Semaphore>,
    silences: u32,
    paused_until: Option<Timestamp>,
    reason: String,
}

impl Origins {
    fn with<T>(&self, upstream: &UpstreamUrl, work: impl FnOnce(&mut Origin) -> T) -> T {
        let mut all = lock(&self.0);
        let origin = all.entry(upstream.clone()).or_insert_with(|| Origin {
            slots: Arc::new(Semaphore::new(PAGES_AT_ONCE)),
            file_slots: Arc::new(Semaphore::new(FILES_AT_ONCE)),
            silences: 0,
            paused_until: None,
            reason: String::new(),
        });
        work(origin)
    }

    /// The right to ask for a page.
    pub fn slots(&self, upstream: &UpstreamUrl) -> Arc<Semaphore> {
        self.with(upstream, |origin| Arc::clone(&origin.slots))
    }

    /// The right to download a file.
    pub fn file_slots(&self, upstream: &UpstreamUrl) -> Arc<Semaphore> {
        self.with(upstream, |origin| Arc::clone(&origin.file_slots))
    }

    /// Why it should not be asked now, if so. When a pause is over, one request tries, and the others wait for what
    /// becomes of it.
    pub fn paused(&self, upstream: &UpstreamUrl, now: Timestamp) -> Option<String> {
        self.with(upstream, |origin| {
            let until = origin.paused_until?;
            if now < until {
                return Some(origin.reason.clone());
            }
            origin.paused_until = Some(later(now, LONGEST_PAUSE / 2));
            None
        })
    }

    /// It has answered.
    pub fn answered(&self, upstream: &UpstreamUrl) {
        self.with(upstream, |origin| {
            (origin.silences, origin.paused_until) = (0, None);
        });
    }

    /// It has not.
    pub fn silent(&self, upstream: &UpstreamUrl, reason: &str, now: Timestamp) {
        self.with(upstream, |origin| {
            origin.silences = origin.silences.saturating_add(1);
            reason.clone_into(&mut origin.reason);
            let Some(more) = origin.silences.checked_sub(SILENCES) else {
                return;
            };
            let pause = (PAUSE << more.min(10)).min(LONGEST_PAUSE);
            origin.paused_until = Some(later(now, pause));
            if more == 0 {
                tracing::warn!(%upstream, "the upstream does not answer and is left alone for {pause} s: {reason}");
            }
        });
    }
}

/// Some seconds later.
pub fn later(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(time.unix_seconds().saturating_add(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_is_left_alone_for_longer_and_longer_and_tried_by_one() {
        let (origins, url) = (
            Origins::default(),
            UpstreamUrl::parse("http://u.example/").unwrap(),
        );
        let at = Timestamp::from_unix_seconds;
        for _ in 0..2 {
            origins.silent(&url, "refused", at(100));
            assert_eq!(origins.paused(&url, at(100)), None);
        }
        origins.silent(&url, "refused", at(100));
        assert_eq!(origins.paused(&url, at(104)).as_deref(), Some("refused"));
        assert_eq!(origins.paused(&url, at(105)), None, "one may try");
        assert!(origins.paused(&url, at(105)).is_some(), "the others may not");
        origins.silent(&url, "refused", at(106));
        assert!(origins.paused(&url, at(115)).is_some() && origins.paused(&url, at(116)).is_none());
        origins.answered(&url);
        assert_eq!(origins.paused(&url, at(117)), None);
    }
}
