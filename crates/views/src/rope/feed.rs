//! Chunks on their way from the store to the streams that hash them.

use super::{
    Press,
    deflate::inflate,
    hash::{Work, blob_of},
    press::damaged,
};
use crate::ViewError;
use packyard_types::{Chunk, Digest, Encoding};
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

/// How many chunks may wait for the hasher of an encoding.
const AHEAD: usize = 16;
/// How many chunks are remembered: ropes of several architectures come to the same ones at about the same time.
const REMEMBERED: usize = 16;

/// Reads what streams need of chunks, and inflates it once for all of them.
pub(super) struct Reader<'a> {
    press: &'a Press<'a>,
    read: VecDeque<(Digest, Bytes)>,
    inflated: VecDeque<(Digest, Bytes)>,
}

pub(super) type Bytes = Arc<Vec<u8>>;

impl<'a> Reader<'a> {
    /// A reader that has read nothing.
    pub(super) fn new(press: &'a Press<'a>) -> Self {
        let (read, inflated) = (VecDeque::new(), VecDeque::new());
        if let Some(states) = press.states() {
            states.opened.begin();
        }
        Self {
            press,
            read,
            inflated,
        }
    }

    /// What a stream of an encoding takes of a chunk.
    pub(super) fn bytes(&mut self, encoding: Encoding, chunk: &Chunk) -> Result<Bytes, ViewError> {
        let digest = blob_of(encoding, chunk)
            .ok_or_else(|| damaged(chunk, "it lacks an encoding"))?
            .digest;
        let known = if encoding == Encoding::Plain {
            &self.inflated
        } else {
            &self.read
        };
        if let Some((_, bytes)) = known.iter().find(|(d, _)| *d == digest) {
            return Ok(Arc::clone(bytes));
        }
        if encoding != Encoding::Plain {
            let bytes = Arc::new(self.press.stored(&digest)?);
            remember(&mut self.read, digest, &bytes);
            return Ok(bytes);
        }
        let opened = self.press.states().map(|states| &states.opened);
        if let Some(bytes) = opened.and_then(|opened| opened.get(&digest)) {
            return Ok(bytes);
        }
        let stored = self.bytes(Encoding::Gzip, chunk)?;
        let open = inflate(&stored, chunk.open_bytes).map_err(|e| damaged(chunk, &e.to_string()))?;
        let bytes = Arc::new(open);
        if let Some(opened) = opened {
            opened.keep(digest, &bytes);
        }
        remember(&mut self.inflated, digest, &bytes);
        Ok(bytes)
    }
}

fn remember(all: &mut VecDeque<(Digest, Bytes)>, digest: Digest, bytes: &Bytes) {
    if all.len() == REMEMBERED {
        all.pop_front();
    }
    all.push_back((digest, Arc::clone(bytes)));
}

/// A thread for every encoding. This one reads the chunks, of all ropes in turn, for only one may ask the store.
pub(super) fn hash_at_once(work: &mut [Work<'_>], press: &Press<'_>) -> Result<(), ViewError> {
    thread::scope(|scope| {
        let (mut feeds, mut threads) = (Vec::new(), Vec::new());
        for one in work {
            let chunks = one.rope.chunks[one.from..].iter();
            let mut streams = Vec::new();
            for stream in &mut one.streams {
                let (feed, stored) = sync_channel::<Arc<Vec<u8>>>(AHEAD);
                streams.push((stream.encoding, feed));
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
    streams: Vec<(Encoding, SyncSender<Arc<Vec<u8>>>)>,
}

/// Hands every chunk to its streams, and closes them.
fn feed_all(mut feeds: Vec<Feed<'_>>, press: &Press<'_>) -> Result<(), ViewError> {
    let mut read = Reader::new(press);
    while !feeds.is_empty() {
        let mut unfinished = Vec::new();
        for mut feed in feeds {
            let Some(chunk) = feed.chunks.next() else { continue };
            let mut heard = true;
            for (encoding, stream) in &feed.streams {
                // A stream that does not listen any more has ended with an error.
                heard = heard && stream.send(read.bytes(*encoding, chunk)?).is_ok();
            }
            if heard {
                unfinished.push(feed);
            }
        }
        feeds = unfinished;
    }
    Ok(())
}
