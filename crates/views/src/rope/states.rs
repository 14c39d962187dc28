//! Hash states that were reached before.

use super::{checked::Checked, hash::blob_of, opened::Opened};
use packyard_types::{Chunk, Digest, Encoding, Hasher};
use std::{
    collections::BTreeMap,
    fmt, mem,
    sync::{Mutex, PoisonError},
};

/// How many states a generation holds; each is about 300 bytes.
const GENERATION: usize = 4096;

/// States of SHA-256 after the first chunks of ropes, so that what stands before an edit is hashed once and not at every
/// edit.
///
/// - A state is kept under what it has seen, so it serves every rope that begins alike: of another revision,
///   architecture, distribution or channel.
/// - Beside them it holds texts of chunks, for what stands behind an edit is hashed at every edit.
/// - It holds a bounded number, and forgets those that were not asked for lately. Forgetting costs time and nothing
///   else: it never shows in what is made.
#[derive(Default)]
pub struct HashStates {
    generations: Mutex<Generations>,
    /// What is hashed behind an edit, over and over.
    pub(super) opened: Opened,
    /// What was read before.
    pub(super) checked: Checked,
}

#[derive(Default)]
struct Generations {
    young: BTreeMap<Prefix, State>,
    old: BTreeMap<Prefix, State>,
}

/// How far the encodings of a rope are hashed.
pub(crate) type State = BTreeMap<Encoding, Hasher>;

impl HashStates {
    /// States of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The state after these bytes, if it was reached before.
    pub(crate) fn get(&self, prefix: &Prefix) -> Option<State> {
        let mut all = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = all.young.get(prefix) {
            return Some(state.clone());
        }
        let state = all.old.remove(prefix)?;
        all.keep(*prefix, state.clone());
        Some(state)
    }

    /// Keeps a state.
    pub(crate) fn keep(&self, prefix: Prefix, state: State) {
        let mut all = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        all.keep(prefix, state);
    }
}

impl Generations {
    fn keep(&mut self, prefix: Prefix, state: State) {
        if self.young.len() == GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(prefix, state);
    }
}

impl fmt::Debug for HashStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashStates").finish_non_exhaustive()
    }
}

/// What a state has seen: which encodings of what front and which first chunks, as a digest over their digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Prefix(Digest);

impl Prefix {
    /// What stands before the first chunk.
    pub(crate) fn front(head: &str, encodings: &[Encoding]) -> Self {
        Self(Digest::of(format!("{encodings:?} {head}").as_bytes()))
    }

    /// And then this chunk, in these encodings.
    pub(crate) fn then(self, chunk: &Chunk, encodings: &[Encoding]) -> Self {
        let mut seen = self.0.as_bytes().to_vec();
        for blob in encodings.iter().filter_map(|e| blob_of(*e, chunk)) {
            seen.extend(blob.digest.as_bytes());
        }
        Self(Digest::of(&seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nth(n: usize) -> Prefix {
        Prefix::front(&n.to_string(), &[Encoding::Gzip])
    }

    #[test]
    fn states_that_are_asked_for_stay_and_the_number_is_bounded() {
        let states = HashStates::new();
        for n in 0..3 * GENERATION {
            states.keep(nth(n), State::from([(Encoding::Gzip, Hasher::new())]));
            assert!(states.get(&nth(0)).is_some(), "after {n} others");
            assert!(states.get(&nth(n)).is_some());
        }
        assert!(states.get(&nth(1)).is_none());
        let all = states.generations.lock().unwrap();
        assert!(all.young.len() + all.old.len() <= 2 * GENERATION);
    }
}
