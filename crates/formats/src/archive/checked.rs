//! A stream that must have a certain CRC-32 and length.

use crate::fault::{DAMAGED, Fault};
use std::io::Read;

/// Compares CRC and length at the end.
pub struct Checked<R> {
    inner: R,
    crc: crc32fast::Hasher,
    left: u64,
    expected: u32,
}

impl<R: Read> Checked<R> {
    /// Expects `size_bytes` bytes of this CRC.
    pub fn new(inner: R, size_bytes: u64, crc32: u32) -> Self {
        Self {
            inner,
            crc: crc32fast::Hasher::new(),
            left: size_bytes,
            expected: crc32,
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(buf)?;
        self.crc.update(&buf[..got]);
        let bad = |rule| std::io::Error::other(Fault::new(rule, DAMAGED));
        self.left = self
            .left
            .checked_sub(got as u64)
            .ok_or_else(|| bad("it unpacks to more than it says"))?;
        if got == 0 && !buf.is_empty() {
            if self.left > 0 {
                return Err(bad("it unpacks to less than it says"));
            }
            if self.crc.clone().finalize() != self.expected {
                return Err(bad("its CRC-32 is wrong"));
            }
        }
        Ok(got)
    }
}
