//! Little-endian numbers, and ranges of a file.

use crate::archive::budget::fault_of;
use crate::fault::{DAMAGED, Fault};
use std::io::{Read, Seek, SeekFrom};

/// Bytes of a file, all of them or an error.
pub fn read_at<R: Read + Seek>(inner: &mut R, at: u64, len: u64) -> Result<Vec<u8>, Fault> {
    inner.seek(SeekFrom::Start(at)).map_err(|e| fault_of(&e))?;
    let mut out = Vec::new();
    inner
        .by_ref()
        .take(len)
        .read_to_end(&mut out)
        .map_err(|e| fault_of(&e))?;
    if (out.len() as u64) < len {
        return Err(Fault::new("it ends too early", DAMAGED));
    }
    Ok(out)
}

/// Two bytes; 0 past the end.
pub fn le16(raw: &[u8], at: usize) -> u16 {
    raw.get(at..at + 2)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u16::from_le_bytes)
}

/// Four bytes; 0 past the end.
pub fn le32(raw: &[u8], at: usize) -> u32 {
    raw.get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u32::from_le_bytes)
}

/// Eight bytes; 0 past the end.
pub fn le64(raw: &[u8], at: usize) -> u64 {
    raw.get(at..at + 8)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u64::from_le_bytes)
}
