//! Compressions, and which of them a stream has.

use crate::fault::Fault;
use std::io::{BufReader, Read};

/// Memory that unpacking xz may take: enough for `xz -9` (65 MiB), little enough for a server.
const XZ_MEMORY: u64 = 128 << 20;
/// Log2 of the largest zstd window that is accepted: 128 MiB, what `zstd --ultra -22` needs.
const ZSTD_WINDOW_LOG: u32 = 27;

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    Plain,
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// xz.
    Xz,
    /// LZMA alone, as old rpms have it.
    Lzma,
    /// zstd (RFC 8878).
    Zstd,
    /// bzip2, as old upstream tarballs have it.
    Bzip2,
}

impl Codec {
    /// By the suffix of a filename such as `data.tar.xz`, or rpm's name of a payload compressor.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "" | "tar" | "none" | "identity" => Self::Plain,
            "gz" | "gzip" => Self::Gzip,
            "xz" => Self::Xz,
            "lzma" => Self::Lzma,
            "zst" | "zstd" => Self::Zstd,
            "bz2" | "bzip2" => Self::Bzip2,
            _ => return None,
        })
    }

    /// Unpacks `inner`.
    pub fn decoder<'a, R: Read + 'a>(self, inner: R) -> Result<Box<dyn Read + 'a>, Fault> {
        let broken = |e: std::io::Error| super::budget::fault_of(&e);
        Ok(match self {
            Self::Plain => Box::new(inner),
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(inner)),
            Self::Xz => {
                let flags = liblzma::stream::CONCATENATED;
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, flags);
                Box::new(liblzma::read::XzDecoder::new_stream(
                    inner,
                    stream.map_err(|e| broken(e.into()))?,
                ))
            }
            Self::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(inner)),
            Self::Lzma => {
                let stream = liblzma::stream::Stream::new_lzma_decoder(XZ_MEMORY);
                Box::new(liblzma::read::XzDecoder::new_stream(
                    inner,
                    stream.map_err(|e| broken(e.into()))?,
                ))
            }
            Self::Zstd => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(BufReader::new(inner)).map_err(broken)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
                Box::new(decoder)
            }
        })
    }
}
