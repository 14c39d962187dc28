//! zip (APPNOTE 6.3), read through its central directory and as strictly as an index must: what one reader sees, every
//! reader sees. Entries lie end to end from the first byte to the central directory, local headers agree with it, no
//! name is there twice, nothing precedes or follows; stored and deflated entries only, no encryption, one disk.

use super::budget::{Budget, fault_of};
use super::checked::Checked;
use super::contents::MemberKind;
use super::path::entry_path;
use crate::fault::{DAMAGED, Fault, REBUILD};
use std::io::{Read, Seek, SeekFrom};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const END_LEN: u64 = 22;
const LOCATOR_LEN: u64 = 20;
const END_64_LEN: u64 = 56;
const CENTRAL_LEN: usize = 46;
const LOCAL_LEN: u64 = 30;
/// Longest central directory that is read into memory, in bytes.
const MAX_DIRECTORY: u64 = 256 << 20;

/// One entry of the central directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZipEntry {
    /// The path, checked.
    pub path: String,
    /// What it is.
    pub kind: MemberKind,
    /// Permission bits, 0 where the zip has none.
    pub mode: u32,
    /// Unpacked length in bytes.
    pub size_bytes: u64,
    packed_bytes: u64,
    crc32: u32,
    method: u16,
    flags: u16,
    raw_name: Vec<u8>,
    header_at: u64,
    data_at: u64,
}

/// An open zip.
pub struct Zip<R> {
    inner: R,
    entries: Vec<ZipEntry>,
}

/// Where the central directory is.
struct End {
    entries: u64,
    directory_at: u64,
    directory_len: u64,
}

impl<R: Read + Seek> Zip<R> {
    /// Reads the central directory and compares every local header with it.
    pub fn open(mut inner: R, budget: &mut Budget) -> Result<Self, Fault> {
        let len = inner.seek(SeekFrom::End(0)).map_err(|e| fault_of(&e))?;
        let end = End::read(&mut inner, len)?;
        let directory = read_at(&mut inner, end.directory_at, end.directory_len)?;
        let mut entries = Vec::new();
        let mut rest = &directory[..];
        while !rest.is_empty() {
            budget.entry()?;
            let (entry, used) = central(rest)?;
            budget.bytes(entry.size_bytes)?;
            entries.push(entry);
            rest = rest.get(used..).ok_or_else(cut)?;
        }
        if entries.len() as u64 != end.entries {
            return Err(Fault::new(
                format!(
                    "its end record says {} entries, its directory has {}",
                    end.entries,
                    entries.len()
                ),
                DAMAGED,
            ));
        }
        let mut zip = Self { inner, entries };
        zip.check_layout(end.directory_at)?;
        Ok(zip)
    }

    /// The entries in the order of the central directory.
    pub fn entries(&self) -> &[ZipEntry] {
        &self.entries
    }

    /// Reads one entry, unpacked; a wrong CRC or length ends in an error.
    pub fn data(&mut self, entry: &ZipEntry) -> Result<Box<dyn Read + '_>, Fault> {
        self.inner
            .seek(SeekFrom::Start(entry.data_at))
            .map_err(|e| fault_of(&e))?;
        let packed = std::io::BufReader::new(self.inner.by_ref().take(entry.packed_bytes));
        let plain: Box<dyn Read + '_> = match entry.method {
            0 => Box::new(packed),
            _ => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
        };
        // One byte more than promised shows that there is more.
        Ok(Box::new(Checked::new(
            plain.take(entry.size_bytes.saturating_add(1)),
            entry.size_bytes,
            entry.crc32,
        )))
    }

    /// Local headers agree, and lie end to end.
    fn check_layout(&mut self, directory_at: u64) -> Result<(), Fault> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|i| self.entries[*i].header_at);
        let mut expected_at = 0;
        for i in order {
            let entry = &mut self.entries[i];
            let gap_ok = entry.header_at == expected_at;
            if !gap_ok {
                return Err(Fault::new("bytes that belong to no entry precede it", REBUILD).at(&entry.path));
            }
            entry.data_at = local(&mut self.inner, entry).map_err(|fault| fault.at(&entry.path))?;
            let data_end = entry.data_at.checked_add(entry.packed_bytes).ok_or_else(cut)?;
            expected_at = data_end + descriptor_len(&mut self.inner, entry, data_end)?;
        }
        if expected_at != directory_at {
            return Err(Fault::new(
                "bytes that belong to no entry precede its central directory",
                REBUILD,
            ));
        }
        Ok(())
    }
}

impl End {
    fn read<R: Read + Seek>(inner: &mut R, len: u64) -> Result<Self, Fault> {
        let no_end = || {
            Fault::new(
                "it does not end with a zip's end record (cut short, or data appended)",
                DAMAGED,
            )
        };
        let at = len.checked_sub(END_LEN).ok_or_else(no_end)?;
        // A comment could hide a second archive: an index takes none.
        let record = read_at(inner, at, END_LEN)?;
        if le32(&record, 0) != END || le16(&record, 20) != 0 {
            return Err(no_end());
        }
        if le16(&record, 4) != 0 || le16(&record, 6) != 0 {
            return Err(Fault::new("it is spread over several disks", REBUILD));
        }
        let end = Self {
            entries: u64::from(le16(&record, 10)),
            directory_len: u64::from(le32(&record, 12)),
            directory_at: u64::from(le32(&record, 16)),
        };
        let (end, ends_at) = match Self::read_64(inner, at)? {
            Some(found) => found,
            None => (end, at),
        };
        if end.directory_len > MAX_DIRECTORY {
            return Err(Fault::new(
                "its central directory is larger than 256 MiB",
                REBUILD,
            ));
        }
        if end.directory_at.checked_add(end.directory_len) != Some(ends_at) {
            return Err(Fault::new(
                "its central directory does not lie where its end record says",
                DAMAGED,
            ));
        }
        Ok(end)
    }

    /// The zip64 end record and where it lies, where there is one.
    fn read_64<R: Read + Seek>(inner: &mut R, end_at: u64) -> Result<Option<(Self, u64)>, Fault> {
        let Some(locator_at) = end_at.checked_sub(LOCATOR_LEN) else {
            return Ok(None);
        };
        let locator = read_at(inner, locator_at, LOCATOR_LEN)?;
        if le32(&locator, 0) != LOCATOR_64 {
            return Ok(None);
        }
        let at = le64(&locator, 8);
        let record = read_at(inner, at, END_64_LEN)?;
        if le32(&record, 0) != END_64 || at.checked_add(END_64_LEN) != Some(locator_at) {
            return Err(Fault::new("its zip64 end record is malformed", DAMAGED));
        }
        let end = Self {
            entries: le64(&record, 32),
            directory_len: le64(&record, 40),
            directory_at: le64(&record, 48),
        };
        Ok(Some((end, at)))
    }
}

/// Parses one record of the central directory; gives its length too.
fn central(raw: &[u8]) -> Result<(ZipEntry, usize), Fault> {
    if raw.len() < CENTRAL_LEN || le32(raw, 0) != CENTRAL {
        return Err(cut());
    }
    let (name_len, extra_len, comment_len) = (
        usize::from(le16(raw, 28)),
        usize::from(le16(raw, 30)),
        usize::from(le16(raw, 32)),
    );
    let name = raw.get(CENTRAL_LEN..CENTRAL_LEN + name_len).ok_or_else(cut)?;
    let extra = raw
        .get(CENTRAL_LEN + name_len..CENTRAL_LEN + name_len + extra_len)
        .ok_or_else(cut)?;
    let path = entry_path(name)?;
    let unix_mode = if le16(raw, 4) >> 8 == 3 {
        le32(raw, 38) >> 16
    } else {
        0
    };
    let mut entry = ZipEntry {
        kind: kind(name, unix_mode).map_err(|fault| fault.at(&path))?,
        path,
        mode: unix_mode & 0o7777,
        size_bytes: u64::from(le32(raw, 24)),
        packed_bytes: u64::from(le32(raw, 20)),
        crc32: le32(raw, 16),
        method: le16(raw, 10),
        flags: le16(raw, 8),
        raw_name: name.to_vec(),
        header_at: u64::from(le32(raw, 42)),
        data_at: 0,
    };
    entry.widen(extra)?;
    entry.check().map_err(|fault| fault.at(&entry.path))?;
    Ok((entry, CENTRAL_LEN + name_len + extra_len + comment_len))
}

fn kind(name: &[u8], unix_mode: u32) -> Result<MemberKind, Fault> {
    match unix_mode & 0o170_000 {
        _ if name.ends_with(b"/") => Ok(MemberKind::Dir),
        0 | 0o100_000 => Ok(MemberKind::File),
        0o120_000 => Err(Fault::new(
            "it is a symbolic link",
            "wheels hold regular files only",
        )),
        _ => Err(Fault::new(
            "it is neither a file nor a directory",
            "wheels hold regular files only",
        )),
    }
}

impl ZipEntry {
    /// Takes 64-bit sizes from the zip64 extra field (APPNOTE 4.5.3).
    fn widen(&mut self, mut extra: &[u8]) -> Result<(), Fault> {
        while extra.len() >= 4 {
            let (id, len) = (le16(extra, 0), usize::from(le16(extra, 2)));
            let mut field = extra.get(4..4 + len).ok_or_else(cut)?;
            extra = &extra[4 + len..];
            if id != 1 {
                continue;
            }
            for narrow in [&mut self.size_bytes, &mut self.packed_bytes, &mut self.header_at] {
                if *narrow == u64::from(u32::MAX) {
                    *narrow = field.get(..8).map(|f| le64(f, 0)).ok_or_else(cut)?;
                    field = &field[8..];
                }
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Fault> {
        if self.flags & 0x41 != 0 {
            return Err(Fault::new("it is encrypted", "wheels are not encrypted"));
        }
        match self.method {
            0 if self.size_bytes != self.packed_bytes => {
                Err(Fault::new("it is stored, but its two sizes differ", DAMAGED))
            }
            0 | 8 => Ok(()),
            other => Err(Fault::new(
                format!("it is compressed by method {other}"),
                "use stored or deflated entries, which every installer reads",
            )),
        }
    }
}

/// Checks a local header against the directory; gives where the data begins.
fn local<R: Read + Seek>(inner: &mut R, entry: &ZipEntry) -> Result<u64, Fault> {
    let raw = read_at(inner, entry.header_at, LOCAL_LEN)?;
    let name_len = le16(&raw, 26);
    let disagrees = || Fault::new("its local header and the central directory disagree", REBUILD);
    if le32(&raw, 0) != LOCAL
        || le16(&raw, 8) != entry.method
        || usize::from(name_len) != entry.raw_name.len()
    {
        return Err(disagrees());
    }
    let name_at = entry.header_at + LOCAL_LEN;
    if read_at(inner, name_at, u64::from(name_len))? != entry.raw_name {
        return Err(disagrees());
    }
    let sizes = [
        (le32(&raw, 18), entry.packed_bytes),
        (le32(&raw, 22), entry.size_bytes),
    ];
    let narrow_ok = |(local, central): (u32, u64)| u64::from(local) == central || local == u32::MAX;
    let streamed = entry.flags & 8 != 0;
    if !streamed && (le32(&raw, 14) != entry.crc32 || !sizes.into_iter().all(narrow_ok)) {
        return Err(disagrees());
    }
    Ok(name_at + u64::from(name_len) + u64::from(le16(&raw, 28)))
}

/// Length of the data descriptor that follows a streamed entry: 12, 16, 20 or 24 bytes, by signature and width.
fn descriptor_len<R: Read + Seek>(inner: &mut R, entry: &ZipEntry, at: u64) -> Result<u64, Fault> {
    if entry.flags & 8 == 0 {
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
        let marked = skip == 0 || le32(&raw, 0) == 0x0807_4b50;
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

fn cut() -> Fault {
    Fault::new("its central directory is malformed", DAMAGED)
}

fn read_at<R: Read + Seek>(inner: &mut R, at: u64, len: u64) -> Result<Vec<u8>, Fault> {
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

fn le16(raw: &[u8], at: usize) -> u16 {
    raw.get(at..at + 2)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u16::from_le_bytes)
}

fn le32(raw: &[u8], at: usize) -> u32 {
    raw.get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u32::from_le_bytes)
}

fn le64(raw: &[u8], at: usize) -> u64 {
    raw.get(at..at + 8)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u64::from_le_bytes)
}
