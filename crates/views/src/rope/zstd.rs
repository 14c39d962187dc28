//! Zstandard frames (RFC 8878): frames that are put one after the other are one file.

use packyard_types::Rope;

/// Higher levels cost far more and give little on a chunk.
const LEVEL: i32 = 12;

/// A frame. Nothing becomes a frame of nothing: a file of no bytes is no archive.
pub(crate) fn frame(open: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(open, LEVEL).expect("zstd knows no bad input, and makes room for what it writes")
}

/// The bytes before the first chunk.
pub(crate) fn front(rope: &Rope) -> Vec<u8> {
    stored(&rope.head)
}

/// The bytes after the last chunk.
pub(crate) fn back(rope: &Rope) -> Vec<u8> {
    if rope.head.is_empty() && rope.chunks.is_empty() && rope.foot.is_empty() {
        return frame(b"");
    }
    stored(&rope.foot)
}

/// A frame of one raw block (RFC 8878, section 3.1.1): head and foot are made anew whenever a file is sent, and what
/// is not compressed does not depend on who compresses. Nothing becomes nothing.
pub(crate) fn stored(text: &str) -> Vec<u8> {
    /// The longest raw block.
    const BLOCK: usize = 128 << 10;
    let open = text.as_bytes();
    if open.is_empty() {
        return Vec::new();
    }
    // A single segment, whose size takes four bytes.
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
    out.extend(&(open.len() as u64).to_le_bytes()[..4]);
    let blocks = open.chunks(BLOCK);
    let last = blocks.len() - 1;
    for (i, block) in blocks.enumerate() {
        let header = (block.len() << 3) | usize::from(i == last);
        out.extend(&(header as u64).to_le_bytes()[..3]);
        out.extend(block);
    }
    out
}
