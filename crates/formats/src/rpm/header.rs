//! The header structure that an .rpm has two of: an index of tags and a store of values.
//!
//! Format ("RPM V4 Package format", rpm's docs/manual/format_header.md): magic `8e ad e8 01`, four reserved bytes, the
//! number of index entries and the size of the store (big-endian u32 each), then 16 bytes an entry (tag, type, offset,
//! count), then the store. Offsets and counts are untrusted: a header is taken only where [`super::layout`] finds
//! nothing wrong with it, and a tag of an unexpected type reads as absent.

use super::layout::{self, Layout};
use std::borrow::Cow;
use std::fmt;
use std::io::Read;

const MAGIC: [u8; 4] = [0x8e, 0xad, 0xe8, 0x01];
/// Bytes before the index.
pub const INTRO_LEN: usize = 16;
const ENTRY_LEN: usize = 16;

/// Which of the two headers of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Signatures and digests of what follows.
    Signature,
    /// What the package is.
    Main,
}

impl Part {
    /// The tag of its region.
    pub fn region(self) -> u32 {
        match self {
            Self::Signature => super::tag::HEADER_SIGNATURES,
            Self::Main => super::tag::HEADER_IMMUTABLE,
        }
    }

    /// rpm's own limits (lib/header.cc, `hdrblobRead`): index entries, and bytes of the store.
    fn limits(self) -> (u32, u32) {
        match self {
            Self::Signature => (32, 64 << 20),
            Self::Main => (0xffff, 0x0fff_ffff),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "signature header",
            Self::Main => "main header",
        })
    }
}

/// What a value is (`rpmTagType`).
#[allow(missing_docs, reason = "the names are rpm's own")]
pub mod kind {
    pub const CHAR: u32 = 1;
    pub const INT8: u32 = 2;
    pub const INT16: u32 = 3;
    pub const INT32: u32 = 4;
    pub const INT64: u32 = 5;
    pub const STRING: u32 = 6;
    pub const BIN: u32 = 7;
    pub const STRING_ARRAY: u32 = 8;
    pub const I18N_STRING: u32 = 9;
}

/// One entry of the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexEntry {
    /// What it is: `RPMTAG_…` or, in the signature header, `RPMSIGTAG_…`.
    pub tag: u32,
    /// `rpmTagType`.
    pub kind: u32,
    /// Where in the store it begins.
    pub offset: u32,
    /// How many values.
    pub count: u32,
}

impl IndexEntry {
    pub(super) fn parse(raw: &[u8]) -> Self {
        Self {
            tag: be32(raw, 0),
            kind: be32(raw, 4),
            offset: be32(raw, 8),
            count: be32(raw, 12),
        }
    }

    /// As in the file.
    pub fn to_bytes(self) -> [u8; ENTRY_LEN] {
        let mut out = [0; ENTRY_LEN];
        for (at, word) in [self.tag, self.kind, self.offset, self.count].iter().enumerate() {
            out[4 * at..4 * at + 4].copy_from_slice(&word.to_be_bytes());
        }
        out
    }
}

/// A header: its bytes, and its index.
#[derive(Debug, Clone)]
pub struct Header {
    bytes: Vec<u8>,
    index: Vec<IndexEntry>,
    store_at: usize,
}

impl Header {
    /// Reads one header from where `reader` stands.
    pub fn read<R: Read + ?Sized>(reader: &mut R, part: Part) -> Result<Self, String> {
        let mut bytes = read_up_to(reader, INTRO_LEN as u64, &part)?;
        if bytes[..4] != MAGIC {
            return Err(format!("the {part} does not begin with the header magic"));
        }
        let (entries, store) = (be32(&bytes, 8), be32(&bytes, 12));
        let (max_entries, max_store) = part.limits();
        if entries == 0 || entries > max_entries || store > max_store {
            return Err(format!(
                "the {part} claims {entries} entries and {store} bytes of values, outside rpm's limits"
            ));
        }
        let index_len = entries as usize * ENTRY_LEN;
        bytes.extend(read_up_to(reader, index_len as u64 + u64::from(store), &part)?);
        let store_at = INTRO_LEN + index_len;
        let index: Vec<IndexEntry> = bytes[INTRO_LEN..store_at]
            .chunks_exact(ENTRY_LEN)
            .map(IndexEntry::parse)
            .collect();
        let layout = Layout {
            part,
            index: &index,
            store: bytes.get(store_at..).unwrap_or_default(),
        };
        layout.check()?;
        Ok(Self {
            bytes,
            index,
            store_at,
        })
    }

    /// The header's bytes, magic to end of store.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The header's bytes, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The index in file order.
    pub fn index(&self) -> &[IndexEntry] {
        &self.index
    }

    fn store(&self) -> &[u8] {
        self.bytes.get(self.store_at..).unwrap_or_default()
    }

    fn find(&self, tag: u32) -> Option<&IndexEntry> {
        self.index.iter().find(|e| e.tag == tag)
    }

    /// Whether a tag is there.
    pub fn has(&self, tag: u32) -> bool {
        self.find(tag).is_some()
    }

    /// The raw bytes of an entry's values; none where they leave the store.
    pub fn raw(&self, entry: &IndexEntry) -> Option<&[u8]> {
        let from = self.store().get(entry.offset as usize..)?;
        from.get(..layout::length(entry, from)?)
    }

    /// How many values a tag has; 0 where it is absent.
    pub fn count(&self, tag: u32) -> usize {
        self.find(tag).map_or(0, |e| e.count as usize)
    }

    /// A binary value.
    pub fn binary(&self, tag: u32) -> Option<&[u8]> {
        self.find(tag)
            .filter(|e| e.kind == kind::BIN)
            .and_then(|e| self.raw(e))
    }

    /// All strings of a tag, in bytes.
    pub fn raw_strings(&self, tag: u32) -> Vec<&[u8]> {
        let strings =
            |e: &&IndexEntry| matches!(e.kind, kind::STRING | kind::STRING_ARRAY | kind::I18N_STRING);
        let Some(entry) = self.find(tag).filter(strings) else {
            return Vec::new();
        };
        let Some(raw) = self.raw(entry) else {
            return Vec::new();
        };
        raw.split(|b| *b == 0).take(entry.count as usize).collect()
    }

    /// All strings of a tag; empty where it is absent.
    pub fn strings(&self, tag: u32) -> Vec<Cow<'_, str>> {
        self.raw_strings(tag).into_iter().map(text).collect()
    }

    /// The first string of a tag (of an i18n string: the C locale's).
    pub fn string(&self, tag: u32) -> Option<String> {
        self.raw_strings(tag).first().map(|s| text(s).into_owned())
    }

    /// All integers of a tag, of whichever width; empty where it is absent.
    pub fn integers(&self, tag: u32) -> Vec<u64> {
        let Some(entry) = self.find(tag) else {
            return Vec::new();
        };
        let Some(raw) = self.raw(entry) else {
            return Vec::new();
        };
        let width = match entry.kind {
            kind::INT16 => 2,
            kind::INT32 => 4,
            kind::INT64 => 8,
            _ => return Vec::new(),
        };
        let number = |b: &[u8]| b.iter().fold(0, |n: u64, b| n << 8 | u64::from(*b));
        raw.chunks_exact(width).map(number).collect()
    }

    /// The first integer of a tag.
    pub fn integer(&self, tag: u32) -> Option<u64> {
        self.integers(tag).first().copied()
    }
}

/// Writes a header out of entries (tag, type, count, bytes), led by the region tag `region` whose trailer covers all
/// of them. rpm refuses entries out of order and data that overlaps, so both are laid out by tag.
pub fn write_region(region: u32, mut entries: Vec<(u32, u32, u32, Vec<u8>)>) -> Result<Vec<u8>, String> {
    entries.sort_by_key(|e| e.0);
    let too_large = |_| "the new header would be too large".to_owned();
    let total = u32::try_from(entries.len() + 1).map_err(too_large)?;
    let (mut index, mut store) = (Vec::new(), Vec::new());
    for (tag, kind, count, data) in entries {
        let align = match kind {
            kind::INT16 => 2,
            kind::INT32 => 4,
            kind::INT64 => 8,
            _ => 1,
        };
        store.resize(usize::next_multiple_of(store.len(), align), 0);
        let offset = u32::try_from(store.len()).map_err(too_large)?;
        index.extend(
            IndexEntry {
                tag,
                kind,
                offset,
                count,
            }
            .to_bytes(),
        );
        store.extend(data);
    }
    let trailer_at = u32::try_from(store.len()).map_err(too_large)?;
    let entry = |offset| {
        IndexEntry {
            tag: region,
            kind: kind::BIN,
            offset,
            count: 16,
        }
        .to_bytes()
    };
    // The trailer's offset is negative: how far back from it, through the whole index, the region begins.
    store.extend(entry((total * 16).wrapping_neg()));
    let store_len = u32::try_from(store.len()).map_err(too_large)?;
    let mut out = Vec::with_capacity(INTRO_LEN + ENTRY_LEN + index.len() + store.len());
    out.extend(MAGIC);
    out.extend([0; 4]);
    out.extend(total.to_be_bytes());
    out.extend(store_len.to_be_bytes());
    out.extend(entry(trailer_at));
    out.extend(index);
    out.extend(store);
    Ok(out)
}

/// Reads exactly `len` bytes without reserving more than what really comes.
pub fn read_up_to<R: Read + ?Sized>(
    reader: &mut R,
    len: u64,
    noun: &dyn fmt::Display,
) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    reader
        .take(len)
        .read_to_end(&mut out)
        .map_err(|e| format!("the {noun} cannot be read ({e})"))?;
    if (out.len() as u64) < len {
        return Err(format!("the file ends inside the {noun}"));
    }
    Ok(out)
}

/// Header text as a person reads it: UTF-8, else Latin-1, which every byte is a character of.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(s) => Cow::Borrowed(s),
        Err(_) => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()),
    }
}

/// Header text as createrepo_c writes it into an index: UTF-8, else Latin-1 without what is below 0xC0 and not ASCII,
/// which it takes for control characters (src/xml_dump.c, `cr_latin1_to_utf8`). Clients compare what they find in
/// indexes with each other, so the same loss is the right one.
pub fn indexed(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(s) => Cow::Borrowed(s),
        Err(_) => {
            let kept = bytes.iter().filter(|b| b.is_ascii() || **b >= 0xc0);
            Cow::Owned(kept.map(|b| char::from(*b)).collect())
        }
    }
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}
