//! The xz stream (the .xz file format, version 1.2) that separately made blocks are put into.
//!
//! ```text
//! stream header | block, one for each chunk | index: the lengths of the blocks | stream footer
//! ```
//!
//! It is one stream: apt reads no further than the end of the first (facts: apt 2.6 and 3.0). A block says itself how it
//! is packed, and ends at a multiple of four bytes, so it can stand in any stream with the same kind of check.

use liblzma::stream::{Action, Check, Filters, LzmaOptions, Status, Stream};
use packyard_types::{Blob, Chunk, XzBlock};

/// The stream header of a stream whose check is CRC-32 (2.1.1): magic, flags, CRC-32 of the flags.
pub(crate) const HEADER: [u8; 12] = [0xfd, b'7', b'z', b'X', b'Z', 0, 0, 1, 0x69, 0x22, 0xde, 0x36];
/// Flags and magic that end the footer (2.1.2).
const FOOTER_END: [u8; 4] = [0, 1, b'Y', b'Z'];
const FOOTER_BYTES: usize = 12;
const PRESET: u32 = 6;
/// More than a chunk holds: a greater dictionary costs memory, here and where it is unpacked, and brings nothing.
const DICTIONARY_BYTES: u32 = 1 << 20;

/// The block of a chunk: what the library writes for its text alone, without what stands around it. Never of nothing,
/// which has no block.
pub(crate) fn block(open: &[u8]) -> (XzBlock, Vec<u8>) {
    let mut stream = alone(open);
    let footer = stream.len() - FOOTER_BYTES;
    let backward: [u8; 4] = stream[footer + 4..footer + 8]
        .try_into()
        .expect("four bytes of the footer");
    let index_bytes = (u32::from_le_bytes(backward) as usize + 1) * 4;
    let index = footer - index_bytes;
    // Index indicator, number of records, and then the length of the only block.
    let unpadded_bytes = read_number(&stream[index + 2..]);
    stream.truncate(index);
    let bytes = stream.split_off(HEADER.len());
    let blob = Blob::of(&bytes);
    (XzBlock { unpadded_bytes, blob }, bytes)
}

/// A whole stream.
fn alone(open: &[u8]) -> Vec<u8> {
    let mut options = LzmaOptions::new_preset(PRESET).expect("6 is a preset");
    options.dict_size(DICTIONARY_BYTES);
    // Text, which has no alignment: the literal before tells more.
    options.position_bits(0).literal_context_bits(4);
    // On the chunks of Debian's own index this takes three quarters of the preset's time, and no more room.
    options.nice_len(32);
    let mut filters = Filters::new();
    filters.lzma2(&options);
    let mut encoder = Stream::new_stream_encoder(&filters, Check::Crc32).expect("these filters are known");
    // LZMA2 stores what it cannot pack, with 3 bytes for 64 KiB.
    let mut out = Vec::with_capacity(open.len() + open.len() / 1000 + 1024);
    let status = encoder
        .process_vec(open, &mut out, Action::Finish)
        .expect("xz knows no bad input");
    assert_eq!(status, Status::StreamEnd, "the buffer has room for everything");
    out
}

/// The bytes after the last block: index and footer (4 and 2.1.2).
pub(crate) fn back(chunks: &[Chunk]) -> Vec<u8> {
    let blocks = chunks.iter().filter_map(|c| Some((c.xz?, c.open_bytes)));
    let mut index = vec![0];
    write_number(&mut index, blocks.clone().count() as u64);
    for (block, open_bytes) in blocks {
        write_number(&mut index, block.unpadded_bytes);
        write_number(&mut index, open_bytes);
    }
    index.resize(index.len().next_multiple_of(4), 0);
    index.extend(crc32fast::hash(&index).to_le_bytes());
    let words = u32::try_from(index.len() / 4 - 1).expect("an index of millions of blocks is small");
    let mut checked = words.to_le_bytes().to_vec();
    checked.extend(&FOOTER_END[..2]);
    let mut out = index;
    out.extend(crc32fast::hash(&checked).to_le_bytes());
    out.extend(checked);
    out.extend(&FOOTER_END[2..]);
    out
}

/// Length of the whole stream.
pub(crate) fn size_bytes(chunks: &[Chunk]) -> u64 {
    let blocks: u64 = chunks
        .iter()
        .filter_map(|c| c.xz)
        .map(|b| b.blob.size_bytes)
        .sum();
    (HEADER.len() + back(chunks).len()) as u64 + blocks
}

/// A number as the format writes it (1.2): seven bits a byte, the lowest first, the high bit where more follow.
fn write_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n.to_le_bytes()[0] | 0x80);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

fn read_number(bytes: &[u8]) -> u64 {
    let mut n = 0;
    for (i, byte) in bytes.iter().enumerate().take(9) {
        n |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            break;
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn chunk(open: &[u8]) -> (Chunk, Vec<u8>) {
        let (block, bytes) = block(open);
        let chunk = Chunk {
            first: String::new(),
            entries: 1,
            open_bytes: open.len() as u64,
            crc32: 0,
            deflated: Blob::of(b""),
            xz: Some(block),
            zstd: None,
        };
        (chunk, bytes)
    }

    #[test]
    fn a_spliced_stream_unpacks_to_its_parts_and_an_empty_one_to_nothing() {
        let noise: Vec<u8> = (0..300_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        for parts in [vec![], vec![&b"a"[..]], vec![&noise, b"bb", &[b'c'; 1000]]] {
            let (chunks, blocks): (Vec<_>, Vec<_>) = parts.iter().map(|p| chunk(p)).unzip();
            let mut stream = HEADER.to_vec();
            stream.extend(blocks.concat());
            stream.extend(back(&chunks));
            assert_eq!(stream.len() as u64, size_bytes(&chunks));
            let mut open = Vec::new();
            let decoder = Stream::new_stream_decoder(u64::MAX, 0).unwrap();
            let mut reader = liblzma::bufread::XzDecoder::new_stream(&stream[..], decoder);
            reader.read_to_end(&mut open).unwrap();
            assert_eq!(open, parts.concat());
        }
    }
}
