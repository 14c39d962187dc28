//! Ropes: how an index file is cut into chunks, changed, hashed and served.
//!
//! A rope lists entries in the order of their keys. It is cut by content: a chunk ends after entry `e` when it has
//! reached the lower limit and the digest of `e`'s (name, version) matches, when it has reached the upper limit, or
//! when the next entry belongs to another group. So a boundary depends on nothing but the entries since the boundary
//! before it, and an edit changes the chunks from the one that it falls into up to the first boundary that old and
//! new have in common: usually one. `splice` does that, and `hashed` hashes what has come out; `render` starts from nothing. Both ways give
//! the same rope.
//!
//! A chunk is stored as raw deflate (RFC 1951) ended by a full flush: byte-aligned, naming nothing before it. Chunks
//! that are put one after the other, between a gzip header (RFC 1952) and an empty final block with the trailer, are
//! one ordinary gzip member, whose CRC follows from those of the parts.
//!
//! Where a document is offered tighter, a chunk is stored as a block of an xz stream, too (once the rope is large enough
//! for that to be worth it), and as a zstd frame where that is asked for. Those are spliced in the same way.
//!
//! What is not here: ropes of two levels.

mod advance;
mod checked;
mod coat;
mod cut;
mod deflate;
mod document;
mod entry;
mod feed;
mod gzip;
mod hash;
mod opened;
mod press;
mod render;
mod segment;
mod states;
mod xz;
mod zstd;

pub use deflate::{InflateError, inflate};
pub use segment::{Segment, segments};
pub use states::HashStates;

pub(crate) use advance::{Spliced, splice};
pub(crate) use cut::Limits;
pub(crate) use document::{Document, between};
pub(crate) use entry::{Edit, Edits, Entry, Group, Identity};
pub(crate) use gzip::member as gzip_member;
pub(crate) use hash::hashed;
pub(crate) use press::Press;
pub(crate) use render::render;
