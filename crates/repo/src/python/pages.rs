//! The pages that are kept: those that were asked for last, in a bounded number of bytes.

use super::{PythonPage, press::pressed, stamp::Stamp};
use crate::RepoError;
use bytes::Bytes;
use packyard_types::{ChannelRef, Digest, Revision, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::sync::{OwnedMutexGuard, Semaphore};

/// Most bytes of pages that are kept.
const BUDGET_BYTES: usize = 48 << 20;
/// What a page takes beside its bytes: keys, stamps, strings.
const OVERHEAD_BYTES: usize = 768;
/// Most pages that are rendered at a time: each takes several times its size while it is made.
const AT_ONCE: usize = 4;

/// How the bytes of a page are encoded on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As they are.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// Which page is wanted, of which channel, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wish {
    /// The channel, and as of when.
    pub channel: ChannelRef,
    /// The page.
    pub page: PythonPage,
    /// Its coding.
    pub coding: Coding,
}

/// A page, encoded.
#[derive(Debug)]
pub struct Page {
    /// Its bytes.
    pub bytes: Bytes,
    /// What they hash to, in hexadecimal: another one for other bytes.
    pub tag: String,
    /// When the revision was made that changed it last.
    pub modified: Timestamp,
    /// The same as HTTP writes it: a page is sent more often than it is made.
    pub http_date: String,
    /// That revision.
    pub serial: Revision,
    /// When the upstream whose files are on it stood by it last, where it does not answer now.
    pub stale_since: Option<Timestamp>,
}

impl Page {
    /// Encodes a text.
    pub(super) fn new(
        text: String,
        coding: Coding,
        modified: Timestamp,
        serial: Revision,
    ) -> Result<Self, RepoError> {
        let mut bytes = pressed(text, coding)?;
        bytes.shrink_to_fit();
        Ok(Self {
            tag: Digest::of(&bytes).to_string(),
            bytes: bytes.into(),
            modified,
            http_date: modified.http_date(),
            serial,
            stale_since: None,
        })
    }

    /// The same, as of which it is stale.
    pub(super) fn stale_since(mut self, time: Option<Timestamp>) -> Self {
        self.stale_since = time;
        self
    }

    fn cost(&self) -> usize {
        self.bytes.len() + OVERHEAD_BYTES
    }
}

struct Kept {
    page: Arc<Page>,
    stamp: Stamp,
    /// The yard's revision at which it was known to be right.
    good_at: Revision,
    /// When it was asked for last, counted in requests.
    used: u64,
}

#[derive(Default)]
struct Cache {
    kept: HashMap<Wish, Kept>,
    cost: usize,
    clock: u64,
}

/// The pages that are kept, and who is making one.
pub struct Pages {
    cache: Mutex<Cache>,
    turns: Mutex<HashMap<Wish, Weak<tokio::sync::Mutex<()>>>>,
    renderers: Arc<Semaphore>,
}

/// The right to make a page, alone.
pub struct Turn {
    _alone: OwnedMutexGuard<()>,
    _renderer: Option<tokio::sync::OwnedSemaphorePermit>,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            cache: Mutex::default(),
            turns: Mutex::default(),
            renderers: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Pages {
    /// A page that was found right at this revision of the yard, or at a later one.
    pub(super) fn get(&self, wish: &Wish, shown: Revision) -> Option<Arc<Page>> {
        let mut cache = lock(&self.cache);
        cache.clock += 1;
        let clock = cache.clock;
        let kept = cache.kept.get_mut(wish).filter(|kept| kept.good_at >= shown)?;
        kept.used = clock;
        Some(Arc::clone(&kept.page))
    }

    /// A page whose stamp is still this one; it is good at this revision too.
    pub(super) fn confirm(&self, wish: &Wish, stamp: &Stamp, shown: Revision) -> Option<Arc<Page>> {
        let mut cache = lock(&self.cache);
        let kept = cache.kept.get_mut(wish).filter(|kept| kept.stamp == *stamp)?;
        kept.good_at = kept.good_at.max(shown);
        Some(Arc::clone(&kept.page))
    }

    /// Keeps a page; those that were not asked for in the longest time leave, a quarter of all at a time.
    pub(super) fn put(&self, wish: Wish, stamp: Stamp, shown: Revision, page: Arc<Page>) {
        let mut cache = lock(&self.cache);
        let cost = page.cost();
        if let Some(old) = cache.kept.remove(&wish) {
            cache.cost -= old.page.cost();
        }
        if cost > BUDGET_BYTES / 2 {
            return;
        }
        if cache.cost + cost > BUDGET_BYTES {
            cache.make_room();
        }
        cache.cost += cost;
        let used = cache.clock;
        cache.kept.insert(
            wish,
            Kept {
                page,
                stamp,
                good_at: shown,
                used,
            },
        );
    }

    /// Waits until nobody else makes this page.
    pub(super) async fn turn(&self, wish: &Wish) -> Turn {
        let turn = {
            let mut turns = lock(&self.turns);
            turns.retain(|_, turn| turn.strong_count() > 0);
            match turns.get(wish).and_then(Weak::upgrade) {
                Some(turn) => turn,
                None => {
                    let turn = Arc::default();
                    turns.insert(wish.clone(), Arc::downgrade(&turn));
                    turn
                }
            }
        };
        Turn {
            _alone: turn.lock_owned().await,
            // The semaphore is never closed.
            _renderer: Arc::clone(&self.renderers).acquire_owned().await.ok(),
        }
    }
}

impl Cache {
    fn make_room(&mut self) {
        let mut used: Vec<(u64, usize)> = self.kept.values().map(|k| (k.used, k.page.cost())).collect();
        used.sort_unstable();
        let mut over = self.cost.saturating_sub(BUDGET_BYTES / 4 * 3);
        let oldest = used.into_iter().take_while(|(_, cost)| {
            let goes = over > 0;
            over = over.saturating_sub(*cost);
            goes
        });
        let Some((limit, _)) = oldest.last() else { return };
        self.kept.retain(|_, kept| kept.used > limit);
        self.cost = self.kept.values().map(|k| k.page.cost()).sum();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::Form;
    use packyard_index::Index;
    use packyard_types::ChannelName;

    fn wish(n: usize) -> Wish {
        Wish {
            channel: ChannelRef::now(ChannelName::main()),
            page: PythonPage::Project(format!("project-{n}").parse().unwrap(), Form::Json),
            coding: Coding::Identity,
        }
    }

    fn page(bytes: usize) -> Arc<Page> {
        let text = "x".repeat(bytes);
        Arc::new(
            Page::new(
                text,
                Coding::Identity,
                Timestamp::from_unix_seconds(0),
                Revision(1),
            )
            .unwrap(),
        )
    }

    fn stamp() -> Stamp {
        Stamp::of_root(&Index::memory().unwrap(), &wish(0).channel).unwrap()
    }

    #[test]
    fn what_was_not_asked_for_leaves_first_and_the_budget_is_kept() {
        let pages = Pages::default();
        for n in 0..200 {
            pages.put(wish(n), stamp(), Revision(1), page(1 << 20));
            assert!(
                pages.get(&wish(0), Revision(1)).is_some(),
                "asked for all the time, and gone at {n}"
            );
            assert!(lock(&pages.cache).cost <= BUDGET_BYTES);
        }
        assert!(pages.get(&wish(199), Revision(1)).is_some());
        assert!(pages.get(&wish(1), Revision(1)).is_none());
    }

    #[test]
    fn a_page_is_good_until_the_yard_goes_on_and_again_once_its_stamp_is_seen() {
        let pages = Pages::default();
        pages.put(wish(0), stamp(), Revision(1), page(1));
        assert!(pages.get(&wish(0), Revision(2)).is_none());
        assert!(pages.confirm(&wish(0), &stamp(), Revision(2)).is_some());
        assert!(pages.get(&wish(0), Revision(2)).is_some());
    }

    #[test]
    fn a_page_larger_than_half_of_everything_is_not_kept() {
        let pages = Pages::default();
        pages.put(wish(0), stamp(), Revision(1), page(BUDGET_BYTES));
        assert!(pages.get(&wish(0), Revision(1)).is_none());
    }
}
