//! The gzip member (RFC 1952) that deflated parts are put into.

use super::deflate::deflate;
use crc32fast::Hasher as Crc;
use packyard_types::Rope;

/// Deflate, no flags, no time, default level, system unknown (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty final block with the fixed code (RFC 1951, section 3.2.6).
const LAST_BLOCK: [u8; 2] = [0x03, 0x00];

/// The bytes before the first chunk.
pub(crate) fn front(rope: &Rope) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    out.extend(deflate(rope.head.as_bytes()));
    out
}

/// The bytes after the last chunk.
pub(crate) fn back(rope: &Rope) -> Vec<u8> {
    let (crc, size_bytes) = checks(rope);
    let mut out = deflate(rope.foot.as_bytes());
    out.extend(LAST_BLOCK);
    out.extend(crc.to_le_bytes());
    // ISIZE is the size modulo 2^32.
    out.extend(&size_bytes.to_le_bytes()[..4]);
    out
}

/// A whole member, of bytes that are no rope.
pub(crate) fn member(open: &[u8]) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    out.extend(deflate(open));
    out.extend(LAST_BLOCK);
    out.extend(crc32fast::hash(open).to_le_bytes());
    out.extend(&(open.len() as u64).to_le_bytes()[..4]);
    out
}

/// Length of the whole member.
pub(crate) fn size_bytes(rope: &Rope) -> u64 {
    let chunks: u64 = rope.chunks.iter().map(|c| c.deflated.size_bytes).sum();
    (front(rope).len() + back(rope).len()) as u64 + chunks
}

/// CRC-32 and length of the open bytes, combined from those of the parts.
fn checks(rope: &Rope) -> (u32, u64) {
    let of = |text: &str| (crc32fast::hash(text.as_bytes()), text.len() as u64);
    let chunks = rope.chunks.iter().map(|c| (c.crc32, c.open_bytes));
    let parts = std::iter::once(of(&rope.head))
        .chain(chunks)
        .chain([of(&rope.foot)]);
    let (mut crc, mut size_bytes) = (Crc::new(), 0);
    for (part, length) in parts {
        crc.combine(&Crc::new_with_initial_len(part, length));
        size_bytes += length;
    }
    (crc.finalize(), size_bytes)
}
