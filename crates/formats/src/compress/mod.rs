//! Compression with every parameter fixed, so that the same bytes always become the same bytes, however many threads
//! share the work: pieces are cut by their size alone, and are written in their order.
//!
//! Memory does not grow with the input. It is largest for xz, at about [`XZ_THREAD_BYTES`] a thread.

mod deflate;

use deflate::ParallelGzip;
use flate2::{Compression as Level, GzBuilder};
use liblzma::{
    stream::{Check, Filters, LzmaOptions, MtStreamBuilder},
    write::XzEncoder,
};
use std::{
    io::{self, Read as _, Write},
    num::NonZero,
    thread,
};

/// `gzip -9n`: no name, no time. For small texts that policy wants as small as they get.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzBuilder::new()
        .mtime(0)
        .operating_system(3)
        .write(Vec::new(), Level::best());
    out.write_all(bytes)
        .and_then(|()| out.finish())
        .expect("writing to memory does not fail")
}

/// What [`gzip`] was given, if it was not more than so many bytes; none where it is no such stream.
pub fn gunzip(bytes: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(bytes).take(most + 1);
    reader.read_to_end(&mut plain).ok()?;
    (plain.len() as u64 <= most).then_some(plain)
}

/// How a payload is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// Level 9, in pieces of 1 MiB. Read by everything.
    Gzip,
    /// Level 6 with a dictionary of at most 2 MiB, in blocks of at most 6 MiB: nearly as small as `xz -6` for half its
    /// time and a quarter of its memory.
    Xz,
    /// Level 2, whose output by several threads is as small as dpkg-deb's of level 3. The quickest to read and write.
    Zstd,
}

impl Compression {
    /// What a file compressed in this way ends in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Xz => "xz",
            Self::Zstd => "zst",
        }
    }
}

/// What one thread of xz takes at most, in bytes.
pub const XZ_THREAD_BYTES: u64 = 37 << 20;

/// More threads than this would make memory a function of the machine.
const MAX_THREADS: usize = 3;

/// Threads to compress with; the output does not depend on it.
fn threads() -> usize {
    thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MAX_THREADS)
}

/// Compresses what is written to it.
pub enum Encoder<W: Write> {
    /// [`Compression::Gzip`].
    Gzip(ParallelGzip<W>),
    /// [`Compression::Xz`].
    Xz(XzEncoder<W>),
    /// [`Compression::Zstd`].
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Encoder<W> {
    /// Compresses into `out`. `size_bytes` is about what will be written; it is part of what the bytes depend on.
    pub fn new(compression: Compression, size_bytes: u64, out: W) -> io::Result<Self> {
        Ok(match compression {
            Compression::Gzip => Self::Gzip(ParallelGzip::new(out, threads())?),
            Compression::Xz => Self::Xz(xz_encoder(size_bytes, out)?),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(out, 2)?;
                // Without a worker the bytes would be others than with one or more.
                encoder.multithread(u32::try_from(threads()).unwrap_or(1))?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Writes what is left, and gives back what was written to.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Xz(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Xz(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The dictionary is no larger than the input needs, which saves its allocation and keeps small packages cheap. Always
/// the encoder of several threads: that of one writes other block headers.
fn xz_encoder<W: Write>(size_bytes: u64, out: W) -> io::Result<XzEncoder<W>> {
    const LARGEST_DICTIONARY: u64 = 2 << 20;
    const LARGEST_BLOCK: u64 = 6 << 20;
    const SMALLEST: u64 = 64 << 10;
    let needed = size_bytes.clamp(SMALLEST, LARGEST_BLOCK).next_power_of_two();
    let mut options = LzmaOptions::new_preset(6).map_err(io::Error::other)?;
    options.dict_size(u32::try_from(needed.min(LARGEST_DICTIONARY)).expect("at most 2 MiB"));
    let mut filters = Filters::new();
    filters.lzma2(&options);
    let blocks = size_bytes.div_ceil(LARGEST_BLOCK).max(1);
    let stream = MtStreamBuilder::new()
        .threads(
            u32::try_from(blocks)
                .unwrap_or(u32::MAX)
                .min(u32::try_from(threads()).unwrap_or(1)),
        )
        .block_size(needed.min(LARGEST_BLOCK))
        .filters(filters)
        .check(Check::Crc64)
        .encoder()
        .map_err(io::Error::other)?;
    Ok(XzEncoder::new_stream(out, stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that is neither constant nor random.
    fn sample(size: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut out = Vec::with_capacity(size + 16);
        while out.len() < size {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            out.extend_from_slice(format!("line {} ", state >> 22).as_bytes());
        }
        out.truncate(size);
        out
    }

    fn compressed(compression: Compression, bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut encoder = Encoder::new(compression, bytes.len() as u64, Vec::new()).unwrap();
        bytes
            .chunks(piece)
            .for_each(|piece| encoder.write_all(piece).unwrap());
        encoder.finish().unwrap()
    }

    fn plain(compression: Compression, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match compression {
            Compression::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out),
            Compression::Xz => liblzma::read::XzDecoder::new(bytes).read_to_end(&mut out),
            Compression::Zstd => zstd::Decoder::new(bytes).unwrap().read_to_end(&mut out),
        }
        .unwrap();
        out
    }

    #[test]
    fn a_text_comes_back_unless_it_is_too_long_or_was_none() {
        let packed = gzip(b"text");
        assert_eq!(gunzip(&packed, 4).unwrap(), b"text");
        assert_eq!(gunzip(&packed, 3), None);
        assert_eq!(gunzip(b"text", 4), None);
    }

    #[test]
    fn what_goes_in_comes_out_and_the_size_of_a_write_does_not_show() {
        for compression in [Compression::Gzip, Compression::Xz, Compression::Zstd] {
            for size in [0, 1, 70_000, 3 << 20] {
                let bytes = sample(size);
                let packed = compressed(compression, &bytes, 1 << 20);
                assert_eq!(plain(compression, &packed), bytes, "{compression:?} {size}");
                assert_eq!(
                    packed,
                    compressed(compression, &bytes, 4_097),
                    "{compression:?} {size}"
                );
            }
        }
    }

    #[test]
    fn the_number_of_threads_does_not_show() {
        let bytes = sample(3 << 20);
        let with = |threads| {
            let mut encoder = ParallelGzip::new(Vec::new(), threads).unwrap();
            encoder.write_all(&bytes).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(with(1), with(3));
        let with = |threads| {
            let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
            encoder.multithread(threads).unwrap();
            encoder.write_all(&bytes).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(with(1), with(3));
    }
}
