//! Zstandard frames (RFC 8878): frames that are put one after the other are one file.

/// Higher levels cost far more and give little on a chunk.
const LEVEL: i32 = 12;

/// A frame. Nothing becomes a frame of nothing: a file of no bytes is no archive.
pub(crate) fn frame(open: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(open, LEVEL).expect("zstd knows no bad input, and makes room for what it writes")
}
