//! zip (APPNOTE 6.3), read through its central directory and as strictly as an index must: what one reader sees, every
//! reader sees. Entries lie end to end from the first byte to the central directory, local headers agree with it, no
//! name is there twice, nothing precedes or follows, not even inside of an entry; stored and deflated entries only, no
//! encryption, no comment, one disk. A zip64 field must say what the narrow one says, or the narrow one be full.

mod bytes;
mod end;
mod extra;
mod local;

use super::budget::{Budget, fault_of};
use super::checked::Checked;
use super::contents::MemberKind;
use super::inflate::Inflate;
use super::path::entry_path;
use crate::fault::{DAMAGED, Fault, REBUILD};
use bytes::{le16, le32, read_at};
use end::End;
use extra::Extra;
use local::{descriptor_len, local};
use std::io::{Read, Seek, SeekFrom};

const CENTRAL: u32 = 0x0201_4b50;
const CENTRAL_LEN: usize = 46;
/// Flags that an entry may have: how hard it was deflated (bits 1 and 2), a data descriptor (3), a UTF-8 name (11).
const KNOWN_FLAGS: u16 = 0x080e;
const STREAMED: u16 = 0x0008;
const UTF8: u16 = 0x0800;

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
        entry.open(&mut self.inner)
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
    let at = |fault: Fault| fault.at(&path);
    one_spelling(name).map_err(at)?;
    let unix_mode = if le16(raw, 4) >> 8 == 3 {
        le32(raw, 38) >> 16
    } else {
        0
    };
    let mut entry = ZipEntry {
        kind: kind(name, unix_mode).map_err(at)?,
        path: path.clone(),
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
    let extra = Extra::parse(extra, name).map_err(at)?;
    let wide = [
        &mut entry.size_bytes,
        &mut entry.packed_bytes,
        &mut entry.header_at,
    ];
    extra.widen(wide).map_err(at)?;
    entry.check().map_err(at)?;
    Ok((entry, CENTRAL_LEN + name_len + extra_len + comment_len))
}

/// Some readers take `\\` for a separator and `C:` for a drive.
fn one_spelling(name: &[u8]) -> Result<(), Fault> {
    if name.contains(&b'\\') {
        return Err(Fault::new(
            "its path has a backslash, which some systems take for a separator",
            "separate directories by `/`",
        ));
    }
    if matches!(name, [letter, b':', ..] if letter.is_ascii_alphabetic()) {
        return Err(Fault::new(
            "its path begins with the name of a drive",
            "name entries with relative paths",
        ));
    }
    Ok(())
}

fn kind(name: &[u8], unix_mode: u32) -> Result<MemberKind, Fault> {
    match unix_mode & 0o170_000 {
        0 | 0o040_000 | 0o100_000 if name.ends_with(b"/") => Ok(MemberKind::Dir),
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
    /// Reads it, unpacked, from the zip that it was found in, which may have been opened again; a wrong CRC or length
    /// ends in an error.
    pub fn open<'r, R: Read + Seek + 'r>(&self, mut zip: R) -> Result<Box<dyn Read + 'r>, Fault> {
        zip.seek(SeekFrom::Start(self.data_at))
            .map_err(|e| fault_of(&e))?;
        let packed = std::io::BufReader::new(zip.take(self.packed_bytes));
        let plain: Box<dyn Read + 'r> = match self.method {
            0 => Box::new(packed),
            _ => Box::new(Inflate::new(packed)),
        };
        // One byte more than promised shows that there is more.
        Ok(Box::new(Checked::new(
            plain.take(self.size_bytes.saturating_add(1)),
            self.size_bytes,
            self.crc32,
        )))
    }

    fn is_streamed(&self) -> bool {
        self.flags & STREAMED != 0
    }

    fn check(&self) -> Result<(), Fault> {
        if self.flags & 0x2041 != 0 {
            return Err(Fault::new("it is encrypted", "wheels are not encrypted"));
        }
        if self.flags & !KNOWN_FLAGS != 0 {
            return Err(Fault::new(
                format!(
                    "its flags {:#06x} have a meaning that not every reader knows",
                    self.flags
                ),
                REBUILD,
            ));
        }
        if self.flags & UTF8 == 0 && !self.raw_name.is_ascii() {
            return Err(Fault::new(
                "its name is not ASCII and is not marked as UTF-8, so readers differ in how they read it",
                REBUILD,
            ));
        }
        if self.kind == MemberKind::Dir && (self.size_bytes, self.packed_bytes) != (0, 0) {
            return Err(Fault::new("it is a directory and has contents", REBUILD));
        }
        match self.method {
            0 if self.size_bytes != self.packed_bytes => {
                Err(Fault::new("it is stored, but its two sizes differ", DAMAGED))
            }
            0 if self.is_streamed() && self.size_bytes > 0 => Err(Fault::new(
                "it is stored, and only a data descriptor behind it tells where it ends",
                "deflate it, or write its sizes into its header",
            )),
            0 | 8 => Ok(()),
            other => Err(Fault::new(
                format!("it is compressed by method {other}"),
                "use stored or deflated entries, which every installer reads",
            )),
        }
    }
}

fn cut() -> Fault {
    Fault::new("its central directory is malformed", DAMAGED)
}
