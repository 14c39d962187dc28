//! The digests of whole ropes.
//!
//! Both encodings are hashed as a whole, which is what is left of the cost of an edit. So it begins at the last state
//! that is known from before ([`HashStates`]), the encodings of all ropes are hashed at the same time, and the plain one,
//! for which every chunk has to be inflated, only where clients are told its digest.

use super::{
    Document, Press, Spliced,
    deflate::inflate,
    gzip,
    press::damaged,
    states::{HashStates, Prefix, State},
};
use crate::ViewError;
use packyard_types::{Blob, Chunk, Hasher, Rope};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

/// A state is kept after so many chunks: about 1 MB.
const STRIDE: usize = 8;
/// How many chunks may wait for the hasher of an encoding.
const AHEAD: usize = 16;

/// Hashes the ropes that are not hashed yet.
pub(crate) fn hashed(
    spliced: BTreeMap<String, Spliced>,
    press: &Press<'_>,
) -> Result<BTreeMap<String, Rope>, ViewError> {
    let mut done = BTreeMap::new();
    let mut open = Vec::new();
    for (name, rope) in spliced {
        match rope {
            Spliced::Same(rope) => drop(done.insert(name, rope)),
            Spliced::New(document, chunks) => open.push((name, document, unhashed(document, chunks))),
        }
    }
    let work = open
        .iter()
        .map(|(_, document, rope)| Work::of(*document, rope, press.states()));
    let digests = hash_all(work.collect(), press)?;
    for ((name, _, rope), (gzip, plain)) in open.into_iter().zip(digests) {
        done.insert(name, Rope { plain, gzip, ..rope });
    }
    Ok(done)
}

fn unhashed(document: &dyn Document, chunks: Vec<Chunk>) -> Rope {
    let entries = chunks.iter().map(|c| u64::from(c.entries)).sum();
    Rope {
        head: document.head(entries),
        chunks,
        foot: document.foot().to_owned(),
        entries,
        plain: None,
        gzip: Blob::of(b""),
    }
}

/// The digests of a rope's gzip encoding and, where it is hashed, of the plain one.
type Digests = (Blob, Option<Blob>);

/// What is to be hashed of one rope.
struct Work<'a> {
    rope: &'a Rope,
    states: Option<&'a HashStates>,
    /// What states are kept under: after [`STRIDE`] chunks, after twice as many, and so on.
    prefixes: Vec<Prefix>,
    /// The first chunk that the streams have not seen.
    from: usize,
    gzip: Stream<'a>,
    plain: Option<Stream<'a>>,
}

impl<'a> Work<'a> {
    fn of(document: &dyn Document, rope: &'a Rope, states: Option<&'a HashStates>) -> Self {
        // Where there is a head it counts the entries, and what follows another count is never met again.
        let states = states.filter(|_| rope.head.is_empty());
        let prefixes = states.map_or_else(Vec::new, |_| prefixes(rope, document.is_hashed_open()));
        let known = states.and_then(|states| {
            let mut resumable = prefixes.iter().enumerate().rev();
            resumable.find_map(|(i, prefix)| Some(((i + 1) * STRIDE, states.get(prefix)?)))
        });
        let (from, state) = known.unwrap_or_else(|| (0, begun(document, rope)));
        let stream = |hasher, layer| Stream {
            rope,
            layer,
            next: from,
            hasher,
            kept: Vec::new(),
        };
        Self {
            rope,
            states,
            prefixes,
            from,
            gzip: stream(state.gzip, Layer::Stored),
            plain: state.plain.map(|hasher| stream(hasher, Layer::Open)),
        }
    }

    fn stored_bytes(&self) -> u64 {
        self.rope.chunks[self.from..]
            .iter()
            .map(|c| c.deflated.size_bytes)
            .sum()
    }

    /// Keeps the states that were reached, and ends both encodings.
    fn finish(self) -> Digests {
        if let Some(states) = self.states {
            let first = self.from / STRIDE;
            let mut open = self.plain.iter().flat_map(|plain| plain.kept.iter().cloned());
            for (prefix, gzip) in self.prefixes[first..].iter().zip(&self.gzip.kept) {
                let state = State {
                    gzip: gzip.clone(),
                    plain: open.next(),
                };
                states.keep(*prefix, state);
            }
        }
        let (mut gzip, plain) = (self.gzip.hasher, self.plain.map(|plain| plain.hasher));
        gzip.update(&gzip::back(self.rope));
        let plain = plain.map(|mut plain| {
            plain.update(self.rope.foot.as_bytes());
            plain.finish()
        });
        (gzip.finish(), plain)
    }
}

/// What states of a rope are kept under.
fn prefixes(rope: &Rope, is_hashed_open: bool) -> Vec<Prefix> {
    let mut prefix = Prefix::front(&rope.head, is_hashed_open);
    let mut all = Vec::new();
    for run in rope.chunks.chunks_exact(STRIDE) {
        prefix = run
            .iter()
            .fold(prefix, |before, chunk| before.then(&chunk.deflated.digest));
        all.push(prefix);
    }
    all
}

/// The state that has seen no chunk.
fn begun(document: &dyn Document, rope: &Rope) -> State {
    let of = |front: &[u8]| {
        let mut hasher = Hasher::new();
        hasher.update(front);
        hasher
    };
    State {
        gzip: of(&gzip::front(rope)),
        plain: document.is_hashed_open().then(|| of(rope.head.as_bytes())),
    }
}

/// What of a chunk belongs to an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    /// Its bytes as they are stored.
    Stored,
    /// What they inflate to.
    Open,
}

/// One encoding of a rope on its way through the hasher.
struct Stream<'a> {
    rope: &'a Rope,
    layer: Layer,
    /// The next chunk.
    next: usize,
    hasher: Hasher,
    /// The states after every [`STRIDE`] chunks.
    kept: Vec<Hasher>,
}

impl Stream<'_> {
    /// Takes the stored bytes of the next chunk. They are checked where they are hashed as they are.
    fn take(&mut self, stored: &[u8]) -> Result<(), ViewError> {
        let chunk = &self.rope.chunks[self.next];
        match self.layer {
            Layer::Stored if Blob::of(stored) != chunk.deflated => {
                return Err(damaged(chunk, "it has another digest"));
            }
            Layer::Stored => self.hasher.update(stored),
            Layer::Open => {
                let open = inflate(stored, chunk.open_bytes).map_err(|e| damaged(chunk, &e.to_string()))?;
                self.hasher.update(&open);
            }
        }
        self.next += 1;
        if self.next.is_multiple_of(STRIDE) {
            self.kept.push(self.hasher.clone());
        }
        Ok(())
    }
}

fn hash_all(mut work: Vec<Work<'_>>, press: &Press<'_>) -> Result<Vec<Digests>, ViewError> {
    if work.iter().map(Work::stored_bytes).sum::<u64>() < press.limits.threaded_bytes {
        for one in &mut work {
            for chunk in &one.rope.chunks[one.from..] {
                let stored = press.stored(chunk)?;
                one.gzip.take(&stored)?;
                one.plain.as_mut().map_or(Ok(()), |plain| plain.take(&stored))?;
            }
        }
    } else {
        hash_at_once(&mut work, press)?;
    }
    Ok(work.into_iter().map(Work::finish).collect())
}

/// A thread for every encoding. This one reads the chunks, of all ropes in turn, for only one may ask the store.
fn hash_at_once(work: &mut [Work<'_>], press: &Press<'_>) -> Result<(), ViewError> {
    thread::scope(|scope| {
        let (mut feeds, mut threads) = (Vec::new(), Vec::new());
        for one in work {
            let chunks = one.rope.chunks[one.from..].iter();
            let mut streams = Vec::new();
            for stream in std::iter::once(&mut one.gzip).chain(&mut one.plain) {
                let (feed, stored) = sync_channel::<Arc<Vec<u8>>>(AHEAD);
                streams.push(feed);
                threads.push(scope.spawn(move || stored.iter().try_for_each(|chunk| stream.take(&chunk))));
            }
            feeds.push(Feed { chunks, streams });
        }
        let fed = feed_all(feeds, press);
        // The first thing that went wrong is what the streams say: feeding ends when one of them has ended.
        let hashed = threads.into_iter().map(|thread| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        hashed
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<(), _>>()?;
        fed
    })
}

/// Chunks, and the streams that take them.
struct Feed<'a> {
    chunks: std::slice::Iter<'a, Chunk>,
    streams: Vec<SyncSender<Arc<Vec<u8>>>>,
}

/// Hands every chunk to its streams, and closes them.
fn feed_all(mut feeds: Vec<Feed<'_>>, press: &Press<'_>) -> Result<(), ViewError> {
    while !feeds.is_empty() {
        let mut unfinished = Vec::new();
        for mut feed in feeds {
            let Some(chunk) = feed.chunks.next() else { continue };
            let stored = Arc::new(press.stored(chunk)?);
            // A stream that does not listen any more has ended with an error.
            if feed
                .streams
                .iter()
                .all(|stream| stream.send(Arc::clone(&stored)).is_ok())
            {
                unfinished.push(feed);
            }
        }
        feeds = unfinished;
    }
    Ok(())
}
