//! Deflate (RFC 1951) that ends exactly where its input ends. A decoder that stops at the last block would let bytes
//! hide behind it, and one that takes the end of its input for the end of the data would take a cut stream.

use crate::fault::{DAMAGED, Fault, REBUILD};
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{BufRead, Read};

/// Unpacks all of `inner`.
pub struct Inflate<R> {
    inner: R,
    state: Decompress,
    ended: bool,
}

impl<R: BufRead> Inflate<R> {
    /// Unpacks a stream without a zlib header.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            state: Decompress::new(false),
            ended: false,
        }
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let fault = |rule, hint| std::io::Error::other(Fault::new(rule, hint));
        while !self.ended && !buf.is_empty() {
            let input = self.inner.fill_buf()?;
            let no_more = input.is_empty();
            let (taken, given) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(input, buf, FlushDecompress::None);
            let status = status.map_err(|_| fault("it is not deflated as RFC 1951 says", DAMAGED))?;
            let taken = usize::try_from(self.state.total_in() - taken).map_err(std::io::Error::other)?;
            let given = usize::try_from(self.state.total_out() - given).map_err(std::io::Error::other)?;
            self.inner.consume(taken);
            if status == Status::StreamEnd {
                self.ended = true;
                if !self.inner.fill_buf()?.is_empty() {
                    return Err(fault("bytes follow the end of its compressed data", REBUILD));
                }
            }
            if given > 0 {
                return Ok(given);
            }
            if no_more && !self.ended {
                return Err(fault("its compressed data ends too early", DAMAGED));
            }
        }
        Ok(0)
    }
}
