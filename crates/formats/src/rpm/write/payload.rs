//! The payload: a cpio of all files, compressed on its way out.
//!
//! The cpio is "newc" (`070701`). A package with a file of 4 GiB or more has rpm's own `07070X`, whose entries only
//! number the files of the main header (rpm >= 4.12, `rpmlib(LargeFiles)`); rpm2cpio refuses these, rpm does not.

use super::{
    CannotWrite,
    rows::{Row, Rows},
};
use crate::compress::{Compression, Encoder};
use packyard_types::{Blob, Hasher};
use std::io::{self, BufWriter, Write};

/// `PAYLOADCOMPRESSOR` and `PAYLOADFLAGS`: what rpm calls it, and the level of [`crate::compress`].
pub(super) fn name(compression: Compression) -> (&'static str, &'static str) {
    match compression {
        Compression::Gzip => ("gzip", "9"),
        Compression::Xz => ("xz", "6"),
        Compression::Zstd => ("zstd", "3"),
    }
}

/// What was written: the payload as it is in the file, and the cpio.
#[derive(Debug, Clone)]
pub(super) struct Payload {
    pub packed: Blob,
    pub unpacked: Blob,
}

impl Default for Payload {
    /// One that is not known yet.
    fn default() -> Self {
        Self {
            packed: Blob::of(b""),
            unpacked: Blob::of(b""),
        }
    }
}

/// Writes the payload.
pub(super) fn write<W: Write>(
    rows: &Rows<'_>,
    compression: Compression,
    out: W,
) -> Result<Payload, CannotWrite> {
    let packed = Hashed::new(BufWriter::new(out));
    let mut unpacked = Hashed::new(Encoder::new(compression, rows.size_bytes(), packed)?);
    cpio(rows, &mut unpacked)?;
    let (encoder, unpacked) = unpacked.finish();
    let (mut out, packed) = encoder.finish()?.finish();
    out.flush()?;
    Ok(Payload { packed, unpacked })
}

fn cpio<W: Write>(rows: &Rows<'_>, out: &mut W) -> io::Result<()> {
    let are_large = rows.are_large();
    for (at, row) in rows.list.iter().enumerate().filter(|(_, row)| row.is_shipped()) {
        if are_large {
            out.write_all(format!("07070X{at:08x}\0\0").as_bytes())?;
        } else {
            classic(out, at, row, rows)?;
        }
        out.write_all(row.link().as_bytes())?;
        if let Some(content) = row.content() {
            let named = |e: io::Error| io::Error::new(e.kind(), format!("`{}`: {e}", row.path));
            io::copy(&mut content.open().map_err(named)?, out).map_err(named)?;
        }
        pad(out, row.size_bytes)?;
    }
    entry(out, [0, 0, 1, 0, 0], "TRAILER!!!")
}

fn classic<W: Write>(out: &mut W, at: usize, row: &Row<'_>, rows: &Rows<'_>) -> io::Result<()> {
    let too_large = |_| io::Error::other("more than a cpio can hold");
    let (inode, size) = (
        u32::try_from(at + 1).map_err(too_large)?,
        u32::try_from(row.size_bytes).map_err(too_large)?,
    );
    let fields = [inode, row.mode.into(), 1, rows.mtime, size];
    entry(out, fields, &rows.in_payload(row))
}

/// The head of an entry; owner, group and devices are for the main header to say.
fn entry<W: Write>(out: &mut W, fields: [u32; 5], name: &str) -> io::Result<()> {
    const HEAD_LEN: usize = 110;
    let [inode, mode, links, mtime, size] = fields;
    let len = name.len() + 1;
    write!(
        out,
        "070701{inode:08x}{mode:08x}{:016x}{links:08x}{mtime:08x}{size:08x}{:032x}{len:08x}{:08x}{name}\0",
        0, 0, 0
    )?;
    pad(out, (HEAD_LEN + len) as u64)
}

fn pad<W: Write>(out: &mut W, len: u64) -> io::Result<()> {
    let missing = usize::try_from(len.next_multiple_of(4) - len).expect("at most 3");
    out.write_all(&[0; 3][..missing])
}

/// Hashes and counts what passes through.
struct Hashed<W> {
    inner: W,
    hasher: Hasher,
}

impl<W> Hashed<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            hasher: Hasher::new(),
        }
    }
    fn finish(self) -> (W, Blob) {
        (self.inner, self.hasher.finish())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
