//! Hashing a stream while somebody else reads it.

use super::contents::{DigestKind, Digester};
use std::io::Read;

/// Reads through, and hashes what was read.
pub struct Hashed<R> {
    inner: R,
    digests: Vec<Digester>,
    size_bytes: u64,
}

impl<R: Read> Hashed<R> {
    /// Hashes with each of `kinds`.
    pub fn new(inner: R, kinds: &[DigestKind]) -> Self {
        let digests = kinds.iter().map(|kind| Digester::new(*kind)).collect();
        Self {
            inner,
            digests,
            size_bytes: 0,
        }
    }

    /// Adds bytes that come before the stream to the digest number `which`.
    pub fn seed(&mut self, which: usize, bytes: &[u8]) {
        if let Some(digest) = self.digests.get_mut(which) {
            digest.update(bytes);
        }
    }

    /// Reads what is left, and gives the digests and how many bytes there were.
    pub fn finish(mut self) -> std::io::Result<(Vec<Option<String>>, u64)> {
        std::io::copy(&mut self, &mut std::io::sink())?;
        Ok((
            self.digests.into_iter().map(Digester::finish).collect(),
            self.size_bytes,
        ))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(buf)?;
        for digest in &mut self.digests {
            digest.update(&buf[..got]);
        }
        self.size_bytes += got as u64;
        Ok(got)
    }
}
