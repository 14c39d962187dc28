//! The cpio of an rpm's payload: `070701` ("newc", headers of 110 hexadecimal digits), and rpm's stripped `07070X`,
//! whose entries only number the files of the main header.

use super::budget::fault_of;
use crate::fault::{DAMAGED, Fault, REBUILD};
use std::io::Read;

const TRAILER: &[u8] = b"TRAILER!!!";
const MAX_NAME: u64 = 4096;

/// Which file an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By its path, as in the archive.
    Path {
        /// The path, with its leading `./` or `/`.
        path: Vec<u8>,
        /// Length of its data in bytes.
        size_bytes: u64,
    },
    /// By its number in the main header, which has its size too.
    Number(u64),
}

/// Reads the header of the next entry; none at the trailer.
pub fn next<R: Read>(stream: &mut R) -> Result<Option<Which>, Fault> {
    let mut magic = [0; 6];
    stream.read_exact(&mut magic).map_err(|e| fault_of(&e))?;
    match &magic {
        b"070701" | b"070702" => classic(stream),
        b"07070X" => stripped(stream),
        _ => Err(Fault::new("its payload is no cpio archive", DAMAGED)),
    }
}

fn classic<R: Read>(stream: &mut R) -> Result<Option<Which>, Fault> {
    let mut raw = [0; 104];
    stream.read_exact(&mut raw).map_err(|e| fault_of(&e))?;
    let (size_bytes, name_len) = (hex(&raw[48..56])?, hex(&raw[88..96])?);
    if name_len == 0 || name_len > MAX_NAME {
        return Err(Fault::new(
            "an entry's name is empty or longer than 4096 bytes",
            REBUILD,
        ));
    }
    let mut path = Vec::new();
    stream
        .by_ref()
        .take(name_len)
        .read_to_end(&mut path)
        .map_err(|e| fault_of(&e))?;
    // Header and name together are padded to 4 bytes.
    pad(stream, 110 + name_len)?;
    if path.pop() != Some(0) || path.contains(&0) {
        return Err(Fault::new("an entry's name does not end with a NUL", DAMAGED));
    }
    Ok((path != TRAILER).then_some(Which::Path { path, size_bytes }))
}

fn stripped<R: Read>(stream: &mut R) -> Result<Option<Which>, Fault> {
    let mut raw = [0; 8];
    stream.read_exact(&mut raw).map_err(|e| fault_of(&e))?;
    // Magic and number are 14 bytes, padded to 16.
    pad(stream, 14)?;
    Ok(Some(Which::Number(hex(&raw)?)))
}

/// Reads the padding after `count` bytes.
pub fn pad<R: Read>(stream: &mut R, count: u64) -> Result<(), Fault> {
    let mut padding = [0; 3];
    let len = usize::try_from(count.next_multiple_of(4) - count).unwrap_or(0);
    stream.read_exact(&mut padding[..len]).map_err(|e| fault_of(&e))
}

fn hex(digits: &[u8]) -> Result<u64, Fault> {
    let text = std::str::from_utf8(digits)
        .ok()
        .filter(|s| s.bytes().all(|b| b.is_ascii_hexdigit()));
    text.and_then(|s| u64::from_str_radix(s, 16).ok())
        .ok_or_else(|| Fault::new("an entry's header is not made of hexadecimal digits", DAMAGED))
}
