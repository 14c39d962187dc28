//! Compression with every parameter fixed, so that the same bytes always become the same bytes.

use flate2::{Compression, GzBuilder};
use liblzma::{
    stream::{Check, Filters, LzmaOptions, Stream},
    write::XzEncoder,
};
use std::io::{self, Write};

/// `gzip -9n`: no name, no time.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzBuilder::new()
        .mtime(0)
        .operating_system(3)
        .write(Vec::new(), Compression::best());
    out.write_all(bytes)
        .and_then(|()| out.finish())
        .expect("writing to memory does not fail")
}

/// `xz -6`, one thread, one block, CRC64. The dictionary is no larger than the input needs, which saves its allocation
/// and keeps small packages cheap.
pub fn xz(bytes: &[u8]) -> io::Result<Vec<u8>> {
    const LARGEST: usize = 8 << 20;
    const SMALLEST: usize = 64 << 10;
    let needed = bytes.len().next_power_of_two().clamp(SMALLEST, LARGEST);
    let mut options = LzmaOptions::new_preset(6).map_err(io::Error::other)?;
    options.dict_size(u32::try_from(needed).expect("at most 8 MiB"));
    let mut filters = Filters::new();
    filters.lzma2(&options);
    let stream = Stream::new_stream_encoder(&filters, Check::Crc64).map_err(io::Error::other)?;
    let mut out = XzEncoder::new_stream(Vec::new(), stream);
    out.write_all(bytes)?;
    out.finish()
}
