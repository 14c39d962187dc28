//! What the committer does, in figures, and how much it may be asked to do at once.

use crate::{RepoError, commit::CommitterHandle, yard::Yard};
use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

/// Upper bounds of the buckets of batches.
const BOUNDS: [usize; 5] = [1, 4, 16, 64, 256];

/// Figures of a committer since its process began.
#[derive(Debug)]
pub struct Figures {
    waiting: AtomicUsize,
    most_waiting: AtomicUsize,
    commits: AtomicU64,
    failures: AtomicU64,
    proposed: AtomicU64,
    batches: [AtomicU64; BOUNDS.len() + 1],
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            waiting: AtomicUsize::new(0),
            most_waiting: AtomicUsize::new(usize::MAX),
            commits: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            proposed: AtomicU64::new(0),
            batches: Default::default(),
        }
    }
}

impl Figures {
    /// Changes that wait to be committed, those at work included.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Commits made.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Commits that could not be made.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Changes that were proposed.
    pub fn proposed(&self) -> u64 {
        self.proposed.load(Ordering::Relaxed)
    }

    /// How many batches there were up to each size, and above that of the one before; the last has no bound.
    pub fn batches(&self) -> impl Iterator<Item = (Option<usize>, u64)> {
        let counts = self.batches.iter().map(|c| c.load(Ordering::Relaxed));
        BOUNDS.iter().copied().map(Some).chain([None]).zip(counts)
    }

    /// Lets a change wait, where not too many do.
    pub(crate) fn wait(self: &Arc<Self>) -> Result<Waiting, RepoError> {
        let most = self.most_waiting.load(Ordering::Relaxed);
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(Arc::clone(self));
        if before >= most {
            return Err(RepoError::Busy { waiting: before });
        }
        Ok(waiting)
    }

    pub(crate) fn batch(&self, size: usize) {
        let bucket = BOUNDS.iter().position(|bound| size <= *bound);
        self.batches[bucket.unwrap_or(BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
        self.proposed.fetch_add(size as u64, Ordering::Relaxed);
    }

    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}

/// A change that waits, until it is dropped.
pub(crate) struct Waiting(Arc<Figures>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Yard {
    /// The committer's figures; none where this process commits nothing.
    pub fn figures(&self) -> Option<&Figures> {
        self.committer().map(CommitterHandle::figures)
    }

    /// From now on this many changes may wait to be committed; more are [`RepoError::Busy`].
    pub fn let_wait(&self, most: usize) {
        if let Some(figures) = self.figures() {
            figures.most_waiting.store(most, Ordering::Relaxed);
        }
    }

    /// How many log entries are not in the index yet. Who is far behind is not read to the end.
    pub async fn lag(&self) -> Result<u64, RepoError> {
        const MOST: u64 = 16;
        let mut next = self.applied()?.revision.next();
        for lag in 0..MOST {
            if self.store().log_entry(next).await?.is_none() {
                return Ok(lag);
            }
            next = next.next();
        }
        Ok(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_changes_wait_than_may() {
        let figures = Arc::<Figures>::default();
        figures.most_waiting.store(2, Ordering::Relaxed);
        let held = (figures.wait().ok(), figures.wait().ok());
        assert!(matches!(figures.wait(), Err(RepoError::Busy { waiting: 2 })));
        assert_eq!(figures.waiting(), 2);
        drop(held);
        assert_eq!(figures.waiting(), 0);
        assert!(figures.wait().is_ok());
    }
}
