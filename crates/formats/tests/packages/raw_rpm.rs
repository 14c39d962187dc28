//! An .rpm in parts that a test can bend, sealed again: its digests and sizes are right whatever is wrong inside.

use packyard_formats::rpm::header::{Header, Part, kind, write_region};
use packyard_formats::rpm::tag::{self, sig};
use sha2::Digest as _;
use std::fmt::Write as _;

/// Lead, main header and payload.
pub struct RawRpm {
    pub lead: Vec<u8>,
    /// Entries of the signature header besides the size and the SHA-256.
    pub signature: Vec<(u32, u32, u32, Vec<u8>)>,
    /// The main header's bytes.
    pub main: Vec<u8>,
    pub payload: Vec<u8>,
}

/// Where the index begins in a header.
const INTRO: usize = 16;

impl RawRpm {
    pub fn of(bytes: &[u8]) -> Self {
        let mut rest = &bytes[96..];
        let signature = Header::read(&mut rest, Part::Signature).unwrap();
        let at = (96 + signature.bytes().len()).next_multiple_of(8);
        let main = Header::read(&mut &bytes[at..], Part::Main).unwrap();
        Self {
            lead: bytes[..96].to_vec(),
            signature: Vec::new(),
            payload: bytes[at + main.bytes().len()..].to_vec(),
            main: main.into_bytes(),
        }
    }

    /// The main header, made anew from its entries after `change`.
    pub fn rewrite(mut self, change: impl FnOnce(&mut Vec<(u32, u32, u32, Vec<u8>)>)) -> Self {
        let header = Header::read(&mut &*self.main, Part::Main).unwrap();
        let entries = header.index().iter().skip(1);
        let mut entries: Vec<_> = entries
            .map(|e| (e.tag, e.kind, e.count, header.raw(e).unwrap().to_vec()))
            .collect();
        change(&mut entries);
        self.main = write_region(tag::HEADER_IMMUTABLE, entries).unwrap();
        self
    }

    /// Puts a text where a tag's values are.
    pub fn with_strings(self, of: u32, as_kind: u32, values: &[&[u8]]) -> Self {
        self.rewrite(|entries| {
            entries.retain(|e| e.0 != of);
            let data = values.iter().flat_map(|v| [v, &b"\0"[..]].concat()).collect();
            entries.push((of, as_kind, u32::try_from(values.len()).unwrap(), data));
        })
    }

    /// How many entries the main header's index has.
    pub fn entries(&self) -> usize {
        u32::from_be_bytes(self.main[8..12].try_into().unwrap()) as usize
    }

    /// Where a word of an entry of the main header's index is: 0 tag, 1 type, 2 offset, 3 count.
    pub fn word(&self, entry: usize, word: usize) -> u32 {
        let at = INTRO + 16 * entry + 4 * word;
        u32::from_be_bytes(self.main[at..at + 4].try_into().unwrap())
    }

    /// The file with one word of the index changed.
    pub fn with_word(&self, entry: usize, word: usize, value: u32) -> Vec<u8> {
        let mut main = self.main.clone();
        let at = INTRO + 16 * entry + 4 * word;
        main[at..at + 4].copy_from_slice(&value.to_be_bytes());
        self.seal(&main, &self.payload)
    }

    /// The file.
    pub fn sealed(&self) -> Vec<u8> {
        self.seal(&self.main, &self.payload)
    }

    /// A file of this header and payload.
    pub fn seal(&self, main: &[u8], payload: &[u8]) -> Vec<u8> {
        let digest = sha2::Sha256::digest(main);
        let hex = digest.iter().fold(String::new(), |mut hex, b| {
            write!(hex, "{b:02x}").unwrap();
            hex
        });
        let size = u32::try_from(main.len() + payload.len()).unwrap();
        let mut entries = self.signature.clone();
        entries.push((sig::SHA256, kind::STRING, 1, [hex.as_bytes(), b"\0"].concat()));
        entries.push((sig::SIZE, kind::INT32, 1, size.to_be_bytes().to_vec()));
        let mut out = self.lead.clone();
        out.extend(write_region(tag::HEADER_SIGNATURES, entries).unwrap());
        out.resize(out.len().next_multiple_of(8), 0);
        out.extend(main);
        out.extend(payload);
        out
    }
}
