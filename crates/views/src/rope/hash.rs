//! The digests of whole ropes.
//!
//! Every encoding is hashed as a whole, which is what is left of the cost of an edit. So it begins at the last state
//! that is known from before ([`HashStates`]), the encodings of all ropes are hashed at the same time, and the plain one,
//! for which every chunk has to be inflated, only where clients are told its digest.

use super::{
    Document, Press, Spliced,
    checked::Checked,
    coat::{Coats, begin_to_pack},
    feed::{Reader, hash_at_once},
    gzip,
    press::damaged,
    states::{HashStates, Prefix, State},
    xz, zstd,
};
use crate::ViewError;
use packyard_types::{Blob, Chunk, Encoding, Hasher, Rope};
use std::collections::BTreeMap;

/// A state is kept after so many chunks: about 1 MB.
const STRIDE: usize = 8;

/// How many chunks are packed anew before the next ones are read.
const PACKED_AT_ONCE: usize = 32;

/// A rope that is not hashed yet.
struct Open {
    name: String,
    /// Without its digests.
    rope: Rope,
    /// How its chunks are packed besides deflate.
    coats: Coats,
    /// Whether clients are told the digest of the plain encoding.
    has_plain: bool,
}

/// Hashes the ropes that are not hashed yet, in the encodings that they are offered in.
pub(crate) fn hashed(
    spliced: BTreeMap<String, Spliced>,
    press: &mut Press<'_>,
) -> Result<BTreeMap<String, Rope>, ViewError> {
    let mut done = BTreeMap::new();
    let mut open = Vec::new();
    for (name, rope) in spliced {
        match rope {
            Spliced::Same(rope) => drop(done.insert(name, rope)),
            Spliced::New(document, chunks) => open.push(Open {
                name,
                coats: coats(document, &chunks, press),
                rope: unhashed(document, chunks),
                has_plain: document.is_hashed_open(),
            }),
        }
    }
    let deflated = hashed_while_packed(&open, press)?;
    for one in &mut open {
        press.coat(&mut one.rope.chunks, one.coats);
    }
    let coated = hash_all(&open, Open::coated, press)?;
    for ((one, deflated), coated) in open.into_iter().zip(deflated).zip(coated) {
        let rope = Rope {
            plain: deflated.get(&Encoding::Plain).copied(),
            gzip: deflated[&Encoding::Gzip],
            xz: coated.get(&Encoding::Xz).copied(),
            zstd: coated.get(&Encoding::Zstd).copied(),
            ..one.rope
        };
        done.insert(one.name, rope);
    }
    Ok(done)
}

/// Packs what lacks a coat. To pack a chunk takes about as long as to hash what is made of deflated chunks, so that is
/// done meanwhile, and its digests are the answer.
fn hashed_while_packed(open: &[Open], press: &mut Press<'_>) -> Result<Vec<Digests>, ViewError> {
    let bare = press.bare(open.iter().map(|one| (&one.rope.chunks[..], one.coats)));
    let (early, late) = bare.split_at(bare.len().saturating_sub(PACKED_AT_ONCE));
    for some in early.chunks(PACKED_AT_ONCE) {
        let packing = begin_to_pack(press.texts(some)?);
        press.dress(some, packing.finish());
    }
    let packing = begin_to_pack(press.texts(late)?);
    let digests = hash_all(open, Open::deflated, press)?;
    press.dress(late, packing.finish());
    Ok(digests)
}

/// How chunks of a rope are packed.
fn coats(document: &dyn Document, chunks: &[Chunk], press: &Press<'_>) -> Coats {
    let open_bytes: u64 = chunks.iter().map(|c| c.open_bytes).sum();
    let tight = document.is_offered_tighter();
    Coats {
        xz: tight && open_bytes >= press.limits.xz_bytes,
        zstd: document.is_offered_as_zstd() && press.zstd,
    }
}

/// A rope without its digests.
fn unhashed(document: &dyn Document, chunks: Vec<Chunk>) -> Rope {
    let entries = chunks.iter().map(|c| u64::from(c.entries)).sum();
    Rope {
        head: document.head(entries),
        chunks,
        foot: document.foot().to_owned(),
        entries,
        plain: None,
        gzip: Blob::of(b""),
        xz: None,
        zstd: None,
    }
}

impl Open {
    /// The encodings that are made of deflated chunks.
    fn deflated(&self) -> Vec<Encoding> {
        if self.has_plain {
            vec![Encoding::Gzip, Encoding::Plain]
        } else {
            vec![Encoding::Gzip]
        }
    }

    /// The encodings that are made of coats: xz only where that is a tenth smaller than gzip.
    fn coated(&self) -> Vec<Encoding> {
        let mut encodings = Vec::new();
        if self.coats.xz && xz::size_bytes(&self.rope.chunks) * 10 <= gzip::size_bytes(&self.rope) * 9 {
            encodings.push(Encoding::Xz);
        }
        if self.coats.zstd {
            encodings.push(Encoding::Zstd);
        }
        encodings
    }
}

/// The digests of a rope's encodings.
type Digests = BTreeMap<Encoding, Blob>;

/// What is to be hashed of one rope.
pub(super) struct Work<'a> {
    pub(super) rope: &'a Rope,
    states: Option<&'a HashStates>,
    /// What states are kept under: after [`STRIDE`] chunks, after twice as many, and so on.
    prefixes: Vec<Prefix>,
    /// The first chunk that the streams have not seen.
    pub(super) from: usize,
    pub(super) streams: Vec<Stream<'a>>,
}

impl<'a> Work<'a> {
    fn of(encodings: &[Encoding], rope: &'a Rope, states: Option<&'a HashStates>) -> Self {
        // Where there is a head it counts the entries, and what follows another count is never met again.
        let checked = states.map(|states| &states.checked);
        let states = states.filter(|_| rope.head.is_empty() && !encodings.is_empty());
        let prefixes = states.map_or_else(Vec::new, |_| prefixes(rope, encodings));
        let known = states.and_then(|states| {
            let mut resumable = prefixes.iter().enumerate().rev();
            resumable.find_map(|(i, prefix)| Some(((i + 1) * STRIDE, states.get(prefix)?)))
        });
        let (from, state) = known.unwrap_or_else(|| (0, begun(encodings, rope)));
        let streams = state.into_iter().map(|(encoding, hasher)| Stream {
            rope,
            checked,
            encoding,
            next: from,
            hasher,
            kept: Vec::new(),
        });
        Self {
            rope,
            states,
            prefixes,
            from,
            streams: streams.collect(),
        }
    }

    fn stored_bytes(&self) -> u64 {
        if self.streams.is_empty() {
            return 0;
        }
        self.rope.chunks[self.from..]
            .iter()
            .map(|c| c.deflated.size_bytes)
            .sum()
    }

    /// Keeps the states that were reached, and ends all encodings.
    fn finish(self) -> Digests {
        if let Some(states) = self.states {
            let first = self.from / STRIDE;
            for (i, prefix) in self.prefixes[first..].iter().enumerate() {
                let state = self.streams.iter().map(|s| (s.encoding, s.kept[i].clone()));
                states.keep(*prefix, state.collect());
            }
        }
        let rope = self.rope;
        let done = self.streams.into_iter().map(|stream| {
            let mut hasher = stream.hasher;
            hasher.update(&back(stream.encoding, rope));
            (stream.encoding, hasher.finish())
        });
        done.collect()
    }
}

/// What states of a rope are kept under.
fn prefixes(rope: &Rope, encodings: &[Encoding]) -> Vec<Prefix> {
    let mut prefix = Prefix::front(&rope.head, encodings);
    let mut all = Vec::new();
    for run in rope.chunks.chunks_exact(STRIDE) {
        prefix = run
            .iter()
            .fold(prefix, |prefix, chunk| prefix.then(chunk, encodings));
        all.push(prefix);
    }
    all
}

/// The state that has seen no chunk.
fn begun(encodings: &[Encoding], rope: &Rope) -> State {
    let begin = |encoding: &Encoding| {
        let mut hasher = Hasher::new();
        hasher.update(&front(*encoding, rope));
        (*encoding, hasher)
    };
    encodings.iter().map(begin).collect()
}

/// The bytes of an encoding before the first chunk.
pub(super) fn front(encoding: Encoding, rope: &Rope) -> Vec<u8> {
    match encoding {
        Encoding::Plain => rope.head.clone().into_bytes(),
        Encoding::Gzip => gzip::front(rope),
        Encoding::Xz => xz::HEADER.to_vec(),
        Encoding::Zstd => zstd::front(rope),
    }
}

/// The bytes of an encoding after the last chunk.
pub(super) fn back(encoding: Encoding, rope: &Rope) -> Vec<u8> {
    match encoding {
        Encoding::Plain => rope.foot.clone().into_bytes(),
        Encoding::Gzip => gzip::back(rope),
        Encoding::Xz => xz::back(&rope.chunks),
        Encoding::Zstd => zstd::back(rope),
    }
}

/// The blob that an encoding has of a chunk; none where the tree lacks it.
pub(super) fn blob_of(encoding: Encoding, chunk: &Chunk) -> Option<Blob> {
    match encoding {
        Encoding::Plain | Encoding::Gzip => Some(chunk.deflated),
        Encoding::Xz => chunk.xz.map(|block| block.blob),
        Encoding::Zstd => chunk.zstd,
    }
}

/// One encoding of a rope on its way through the hasher.
pub(super) struct Stream<'a> {
    rope: &'a Rope,
    checked: Option<&'a Checked>,
    pub(super) encoding: Encoding,
    /// The next chunk.
    next: usize,
    hasher: Hasher,
    /// The states after every [`STRIDE`] chunks.
    kept: Vec<Hasher>,
}

impl Stream<'_> {
    /// Whether these bytes are those of the chunk.
    fn is_read(&self, chunk: &Chunk, bytes: &[u8]) -> bool {
        let blob = blob_of(self.encoding, chunk);
        blob.is_some_and(|blob| match self.checked {
            Some(checked) => checked.are(bytes, blob),
            None => Blob::of(bytes) == blob,
        })
    }

    /// Takes the next chunk, as [`Reader::bytes`] gives it. It is checked where it is hashed as it is stored.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), ViewError> {
        let chunk = &self.rope.chunks[self.next];
        if self.encoding != Encoding::Plain && !self.is_read(chunk, bytes) {
            return Err(damaged(chunk, "it has another digest"));
        }
        self.hasher.update(bytes);
        self.next += 1;
        if self.next.is_multiple_of(STRIDE) {
            self.kept.push(self.hasher.clone());
        }
        Ok(())
    }
}

/// The digests of some encodings of ropes.
fn hash_all(
    open: &[Open],
    encodings: impl Fn(&Open) -> Vec<Encoding>,
    press: &Press<'_>,
) -> Result<Vec<Digests>, ViewError> {
    let work = open
        .iter()
        .map(|one| Work::of(&encodings(one), &one.rope, press.states()));
    let mut work: Vec<Work<'_>> = work.collect();
    if work.iter().map(Work::stored_bytes).sum::<u64>() < press.limits.threaded_bytes {
        let mut read = Reader::new(press);
        for one in &mut work {
            for chunk in &one.rope.chunks[one.from..] {
                for stream in &mut one.streams {
                    stream.take(&read.bytes(stream.encoding, chunk)?)?;
                }
            }
        }
    } else {
        hash_at_once(&mut work, press)?;
    }
    Ok(work.into_iter().map(Work::finish).collect())
}
