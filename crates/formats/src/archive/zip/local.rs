//! Local headers (APPNOTE 4.3.7) and data descriptors (4.3.9): they say what the central directory says.

use super::ZipEntry;
use super::bytes::{le16, le32, le64, read_at};
use super::extra::Extra;
use crate::archive::budget::fault_of;
use crate::fault::{Fault, REBUILD};
use std::io::{Read, Seek, SeekFrom};

const LOCAL: u32 = 0x0403_4b50;
const LOCAL_LEN: u64 = 30;
const DESCRIPTOR: u32 = 0x0807_4b50;
/// The flags that say how hard an entry was deflated; some writers know it only in the end.
const EFFORT: u16 = 0x0006;

/// Checks a local header against the directory; gives where the data begins.
pub fn local<R: Read + Seek>(inner: &mut R, entry: &ZipEntry) -> Result<u64, Fault> {
    let raw = read_at(inner, entry.header_at, LOCAL_LEN)?;
    if le32(&raw, 0) != LOCAL {
        return Err(Fault::new(
            "the directory names it, but no header lies there",
            REBUILD,
        ));
    }
    let (name_len, extra_len) = (u64::from(le16(&raw, 26)), u64::from(le16(&raw, 28)));
    let rest = read_at(inner, entry.header_at + LOCAL_LEN, name_len + extra_len)?;
    let (name, extra) = rest.split_at(usize::from(le16(&raw, 26)));
    let same = |what: &str, local: &str, central: &str| {
        if local == central {
            return Ok(());
        }
        let rule = format!(
            "its local header and the central directory disagree: {what} `{}` and `{}`",
            local.escape_debug(),
            central.escape_debug()
        );
        Err(Fault::new(rule, REBUILD))
    };
    let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    same("name", &text(name), &text(&entry.raw_name))?;
    same("method", &le16(&raw, 8).to_string(), &entry.method.to_string())?;
    let flags = |flags: u16| format!("{:#06x}", flags & !EFFORT);
    same("flags", &flags(le16(&raw, 6)), &flags(entry.flags))?;
    let [unpacked, packed] = Extra::parse(extra, name)?.sizes(le32(&raw, 22), le32(&raw, 18))?;
    let numbers = [
        ("CRC-32", u64::from(le32(&raw, 14)), u64::from(entry.crc32)),
        ("packed size", packed, entry.packed_bytes),
        ("size", unpacked, entry.size_bytes),
    ];
    for (what, local, central) in numbers {
        // Who streams knows none of them when the header is written.
        if !(entry.is_streamed() && local == 0) {
            same(what, &local.to_string(), &central.to_string())?;
        }
    }
    Ok(entry.header_at + LOCAL_LEN + name_len + extra_len)
}

/// Length of the data descriptor that follows a streamed entry: 12, 16, 20 or 24 bytes, by signature and width.
pub fn descriptor_len<R: Read + Seek>(inner: &mut R, entry: &ZipEntry, at: u64) -> Result<u64, Fault> {
    if !entry.is_streamed() {
        return Ok(0);
    }
    inner.seek(SeekFrom::Start(at)).map_err(|e| fault_of(&e))?;
    let mut raw = Vec::new();
    inner
        .by_ref()
        .take(24)
        .read_to_end(&mut raw)
        .map_err(|e| fault_of(&e))?;
    for (skip, wide) in [(4, false), (4, true), (0, false), (0, true)] {
        let marked = skip == 0 || le32(&raw, 0) == DESCRIPTOR;
        let (packed, size) = if wide {
            (le64(&raw, skip + 4), le64(&raw, skip + 12))
        } else {
            (u64::from(le32(&raw, skip + 4)), u64::from(le32(&raw, skip + 8)))
        };
        if marked
            && le32(&raw, skip) == entry.crc32
            && packed == entry.packed_bytes
            && size == entry.size_bytes
        {
            return Ok(skip as u64 + if wide { 20 } else { 12 });
        }
    }
    Err(Fault::new("its data descriptor and the central directory disagree", REBUILD).at(&entry.path))
}
