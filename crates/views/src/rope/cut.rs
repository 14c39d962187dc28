//! Where chunks end, and from which size on something is worth its cost.

use super::entry::{Entry, Group};

/// How large chunks are, from where on they are hashed by more than one thread, and from where on they are offered as xz.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// A chunk that is smaller does not end by chance.
    min_bytes: usize,
    /// A chunk that has reached this ends.
    max_bytes: usize,
    /// One entry in so many may end a chunk; a power of two.
    one_in: u32,
    /// Ropes of fewer stored bytes are not worth a thread to hash them.
    pub(crate) threaded_bytes: u64,
    /// Ropes of fewer open bytes are not worth xz.
    pub(crate) xz_bytes: u64,
}

impl Limits {
    /// What is stored: changing it changes the chunks of every yard.
    pub(crate) const STORED: Self = Self::new(64 << 10, 256 << 10, 64, 512 << 10, 1 << 20);

    /// Limits in bytes of open text, how rare the entries are that may end a chunk, what is worth a thread, and what xz.
    pub(crate) const fn new(
        min_bytes: usize,
        max_bytes: usize,
        one_in: u32,
        threaded_bytes: u64,
        xz_bytes: u64,
    ) -> Self {
        Self {
            min_bytes,
            max_bytes,
            one_in,
            threaded_bytes,
            xz_bytes,
        }
    }

    /// The limits of chunks that are so many times as large.
    pub(crate) fn times(self, factor: usize) -> Self {
        Self {
            min_bytes: self.min_bytes * factor,
            max_bytes: self.max_bytes * factor,
            ..self
        }
    }

    /// Whether a chunk of this size ends after `last`.
    pub(crate) fn ends(&self, size_bytes: usize, last: &Entry) -> bool {
        let drawn = last.lot & (self.one_in - 1) == 0;
        size_bytes >= self.max_bytes || (size_bytes >= self.min_bytes && drawn)
    }
}

/// Cuts a sorted sequence of entries into chunks.
pub(crate) struct Cutter {
    limits: Limits,
    open: Vec<Entry>,
    size_bytes: usize,
}

impl Cutter {
    /// A cutter at a boundary.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: Vec::new(),
            size_bytes: 0,
        }
    }

    /// Takes the next entry. Gives the chunks that are now complete: the one before it, where it begins a group, and
    /// the one that it ends.
    pub(crate) fn push(&mut self, entry: Entry) -> Vec<Vec<Entry>> {
        let mut done = Vec::new();
        if !self.continues(&entry.key) {
            done.extend(self.finish());
        }
        self.size_bytes += entry.text.len();
        let ends = self.limits.ends(self.size_bytes, &entry);
        self.open.push(entry);
        if ends {
            done.extend(self.finish());
        }
        done
    }

    /// Whether an entry of this key could join the chunk that is open. True of every key at a boundary.
    pub(crate) fn continues(&self, key: &str) -> bool {
        self.open
            .first()
            .is_none_or(|first| Group::of_key(&first.key) == Group::of_key(key))
    }

    /// Whether no chunk is open.
    pub(crate) fn is_at_boundary(&self) -> bool {
        self.open.is_empty()
    }

    /// Ends the chunk that is open, if there is one.
    pub(crate) fn finish(&mut self) -> Option<Vec<Entry>> {
        self.size_bytes = 0;
        let chunk = std::mem::take(&mut self.open);
        (!chunk.is_empty()).then_some(chunk)
    }
}
