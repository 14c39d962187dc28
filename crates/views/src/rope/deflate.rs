//! Raw deflate (RFC 1951), the coat that chunks are stored in.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// Deflates into blocks that end at a byte and refer to nothing before them: raw deflate ended by a full flush.
/// Nothing becomes nothing.
pub(crate) fn deflate(open: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if open.is_empty() {
        return out;
    }
    // Deflate grows incompressible bytes by 5 in 16 KiB at most: with this room one call takes everything.
    out.reserve(open.len() + open.len() / 1000 + 1024);
    let mut state = Compress::new(Compression::default(), false);
    state
        .compress_vec(open, &mut out, FlushCompress::Full)
        .expect("deflate knows no bad input");
    assert_eq!(
        state.total_in(),
        open.len() as u64,
        "the buffer has room for everything"
    );
    out.shrink_to_fit();
    out
}

/// A chunk's open bytes from its deflated ones. `open_bytes` is what the tree says: the answer has that length, or
/// the chunk is damaged.
pub fn inflate(deflated: &[u8], open_bytes: u64) -> Result<Vec<u8>, InflateError> {
    let expected = usize::try_from(open_bytes).map_err(|_| InflateError::Length)?;
    // One byte more than expected, so that a chunk that is too long is seen.
    let mut out = Vec::with_capacity(expected + 1);
    Decompress::new(false)
        .decompress_vec(deflated, &mut out, FlushDecompress::Sync)
        .map_err(|_| InflateError::Syntax)?;
    if out.len() == expected {
        Ok(out)
    } else {
        Err(InflateError::Length)
    }
}

/// Why a chunk could not be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// It is not deflate.
    #[error("it is not raw deflate")]
    Syntax,
    /// It holds more or less than the tree says.
    #[error("it does not have the length that the tree says")]
    Length,
}
