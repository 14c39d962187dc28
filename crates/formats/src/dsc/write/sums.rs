//! The three sums that a .dsc and a .changes carry of a file.

use crate::hex;
use md5::Md5;
use packyard_types::{Blob, Hasher};
use sha1::{Digest as _, Sha1};
use std::io::{self, Write};

/// A file that was written, and its sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summed {
    /// Its name.
    pub name: String,
    /// SHA-256 and size.
    pub blob: Blob,
    md5: String,
    sha1: String,
}

impl Summed {
    /// The sums of bytes that are at hand.
    pub fn of(name: impl Into<String>, bytes: &[u8]) -> Self {
        let mut sums = Summing::new(io::sink());
        sums.sum(bytes);
        sums.finish(name).0
    }

    pub(super) fn md5_line(&self) -> String {
        format!("{} {} {}", self.md5, self.blob.size_bytes, self.name)
    }

    pub(super) fn md5_line_with(&self, kind: &str) -> String {
        format!("{} {} {kind} {}", self.md5, self.blob.size_bytes, self.name)
    }

    pub(super) fn sha1_line(&self) -> String {
        format!("{} {} {}", self.sha1, self.blob.size_bytes, self.name)
    }

    pub(super) fn sha256_line(&self) -> String {
        format!("{} {} {}", self.blob.digest, self.blob.size_bytes, self.name)
    }
}

/// Passes on what is written to it, and sums it up.
pub struct Summing<W> {
    out: W,
    md5: Md5,
    sha1: Sha1,
    sha256: Hasher,
}

impl<W: Write> Summing<W> {
    /// Nothing was written to `out` yet.
    pub fn new(out: W) -> Self {
        Self {
            out,
            md5: Md5::new(),
            sha1: Sha1::new(),
            sha256: Hasher::new(),
        }
    }

    /// The sums of everything that was written, and what it was written to.
    pub fn finish(self, name: impl Into<String>) -> (Summed, W) {
        let summed = Summed {
            name: name.into(),
            blob: self.sha256.finish(),
            md5: hex::encode(&self.md5.finalize()),
            sha1: hex::encode(&self.sha1.finalize()),
        };
        (summed, self.out)
    }

    fn sum(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sha1.update(bytes);
        self.sha256.update(bytes);
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
