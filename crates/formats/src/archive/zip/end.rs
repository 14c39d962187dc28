//! The end of a zip: its end record (APPNOTE 4.3.16), and the zip64 record and locator before it (4.3.14, 4.3.15). All
//! three must tell the same.

use super::bytes::{le16, le32, le64, read_at};
use crate::fault::{DAMAGED, Fault, REBUILD};
use std::io::{Read, Seek};

const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const END_LEN: u64 = 22;
const LOCATOR_LEN: u64 = 20;
const END_64_LEN: u64 = 56;
/// What the zip64 end record says of its own length: not its first twelve bytes.
const END_64_SAYS: u64 = END_64_LEN - 12;
/// Longest central directory that is read into memory, in bytes.
const MAX_DIRECTORY: u64 = 256 << 20;

/// Where the central directory is.
pub struct End {
    /// How many entries it has.
    pub entries: u64,
    /// Where it begins.
    pub directory_at: u64,
    /// How long it is, in bytes.
    pub directory_len: u64,
}

impl End {
    /// Reads what ends a file of `len` bytes.
    pub fn read<R: Read + Seek>(inner: &mut R, len: u64) -> Result<Self, Fault> {
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
        if [le16(&record, 4), le16(&record, 6)] != [0, 0] || le16(&record, 8) != le16(&record, 10) {
            return Err(Fault::new("it is spread over several disks", REBUILD));
        }
        let narrow = Self {
            entries: u64::from(le16(&record, 10)),
            directory_len: u64::from(le32(&record, 12)),
            directory_at: u64::from(le32(&record, 16)),
        };
        let (end, ends_at) = match Self::read_64(inner, at)? {
            Some((wide, ends_at)) if narrow.is_no_other_than(&wide) => (wide, ends_at),
            Some(_) => {
                return Err(Fault::new(
                    "its end record and its zip64 end record disagree",
                    REBUILD,
                ));
            }
            None => (narrow, at),
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

    /// A narrow number that is full leaves it to the wide one; any other says the same.
    fn is_no_other_than(&self, wide: &Self) -> bool {
        let same = |narrow: u64, wide: u64, full: u64| narrow == wide || narrow == full;
        same(self.entries, wide.entries, u64::from(u16::MAX))
            && same(self.directory_at, wide.directory_at, u64::from(u32::MAX))
            && same(self.directory_len, wide.directory_len, u64::from(u32::MAX))
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
        let malformed = || Fault::new("its zip64 end record is malformed", DAMAGED);
        let at = le64(&locator, 8);
        let record = match at.checked_add(END_64_LEN) {
            Some(ends) if ends == locator_at => read_at(inner, at, END_64_LEN)?,
            _ => return Err(malformed()),
        };
        let one_disk = le32(&locator, 4) == 0
            && le32(&locator, 16) <= 1
            && [le32(&record, 16), le32(&record, 20)] == [0, 0]
            && le64(&record, 24) == le64(&record, 32);
        if le32(&record, 0) != END_64 || le64(&record, 4) != END_64_SAYS || !one_disk {
            return Err(malformed());
        }
        let end = Self {
            entries: le64(&record, 32),
            directory_len: le64(&record, 40),
            directory_at: le64(&record, 48),
        };
        Ok(Some((end, at)))
    }
}
