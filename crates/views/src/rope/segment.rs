//! A file's bytes in the order in which a server sends them.

use super::hash::{back, blob_of, front};
use packyard_types::{Blob, Body, Encoding, Rope, Tree, TreeFile};

/// A run of a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of a stored blob, as they are.
    Chunk {
        /// The blob: a packed chunk inside its encoding, or a whole stored file.
        deflated: Blob,
    },
    /// What a stored chunk inflates to: see [`super::inflate`].
    Inflate {
        /// The deflated chunk.
        deflated: Blob,
        /// How many bytes it inflates to.
        open_bytes: u64,
    },
}

impl Segment {
    /// How many of the file's bytes it is.
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Chunk { deflated } => deflated.size_bytes,
            Self::Inflate { open_bytes, .. } => *open_bytes,
        }
    }
}

/// The segments of a file of `tree`; their sizes add up to the file's. No segment is empty. A file that names a rope
/// that the tree does not have gives none.
pub fn segments(tree: &Tree, file: &TreeFile) -> Vec<Segment> {
    let mut all = match &file.body {
        Body::Inline(text) => vec![Segment::Bytes(text.clone().into_bytes())],
        Body::Stored => vec![Segment::Chunk { deflated: file.blob }],
        Body::Rope { name, encoding } => match (tree.ropes.get(name), encoding) {
            (None, _) => Vec::new(),
            (Some(rope), Encoding::Plain) => plain(rope),
            (Some(rope), packed) => in_chunks(rope, *packed),
        },
    };
    all.retain(|segment| segment.size_bytes() > 0);
    all
}

fn plain(rope: &Rope) -> Vec<Segment> {
    let chunks = rope.chunks.iter().map(|chunk| Segment::Inflate {
        deflated: chunk.deflated,
        open_bytes: chunk.open_bytes,
    });
    let text = |text: &str| Segment::Bytes(text.as_bytes().to_vec());
    std::iter::once(text(&rope.head))
        .chain(chunks)
        .chain([text(&rope.foot)])
        .collect()
}

fn in_chunks(rope: &Rope, encoding: Encoding) -> Vec<Segment> {
    let blobs = rope.chunks.iter().filter_map(|chunk| blob_of(encoding, chunk));
    let chunks = blobs.map(|deflated| Segment::Chunk { deflated });
    std::iter::once(Segment::Bytes(front(encoding, rope)))
        .chain(chunks)
        .chain([Segment::Bytes(back(encoding, rope))])
        .collect()
}
