//! A zip written field by field, so that a test can make any of them lie.

use crate::make::{WHEEL_FILES, record_line};
use std::io::Write as _;

/// One entry: what its local header says, what the directory says, and its bytes.
#[derive(Clone)]
pub struct Raw {
    pub local: Header,
    pub central: Header,
    pub mode: u32,
    pub packed: Vec<u8>,
    /// What follows the bytes: a data descriptor.
    pub behind: Vec<u8>,
}

#[derive(Clone)]
pub struct Header {
    pub name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc32: u32,
    pub packed: u32,
    pub size: u32,
    pub extra: Vec<u8>,
}

pub struct RawZip {
    pub before: Vec<u8>,
    pub entries: Vec<Raw>,
    pub behind_entries: Vec<u8>,
    /// What the end record says instead, where it lies: entries, length and offset of the directory.
    pub end: Option<[u32; 3]>,
    /// The numbers of a zip64 end record: its own length, entries, length and offset of the directory.
    pub end_64: Option<fn([u64; 4]) -> [u64; 4]>,
    pub comment: Vec<u8>,
    pub behind: Vec<u8>,
}

pub fn crc32(data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum()
}

pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

/// An extra field.
pub fn extra(id: u16, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap();
    [&id.to_le_bytes()[..], &len.to_le_bytes()[..], data].concat()
}

impl Raw {
    pub fn deflated(name: &str, data: &[u8]) -> Self {
        let packed = deflate(data);
        let header = Header {
            name: name.as_bytes().to_vec(),
            flags: 0,
            method: 8,
            crc32: crc32(data),
            packed: u32::try_from(packed.len()).unwrap(),
            size: u32::try_from(data.len()).unwrap(),
            extra: Vec::new(),
        };
        Self {
            local: header.clone(),
            central: header,
            mode: 0o100_644,
            packed,
            behind: Vec::new(),
        }
    }

    pub fn both(&mut self, change: impl Fn(&mut Header)) {
        change(&mut self.local);
        change(&mut self.central);
    }

    /// The same entry as a tool writes it that cannot go back: sizes behind the bytes.
    pub fn streamed(&mut self) {
        self.both(|h| h.flags |= 8);
        let central = &self.central;
        let numbers = [0x0807_4b50, central.crc32, central.packed, central.size];
        self.behind = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        (self.local.crc32, self.local.packed, self.local.size) = (0, 0, 0);
    }
}

impl Header {
    /// What both kinds of header have in the same order, from the flags to the length of the extra fields.
    fn middle(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for n in [self.flags, self.method, 0, 0x21] {
            out.extend(n.to_le_bytes());
        }
        for n in [self.crc32, self.packed, self.size] {
            out.extend(n.to_le_bytes());
        }
        for len in [self.name.len(), self.extra.len()] {
            out.extend(u16::try_from(len).unwrap().to_le_bytes());
        }
        out
    }
}

impl RawZip {
    /// A good wheel.
    pub fn wheel() -> Self {
        let record: String = WHEEL_FILES
            .iter()
            .map(|(path, data)| record_line(path, data))
            .collect();
        let record = format!("{record}Hello_World-1.0.dist-info/RECORD,,\n");
        let mut entries: Vec<Raw> = WHEEL_FILES
            .iter()
            .map(|(path, data)| Raw::deflated(path, data))
            .collect();
        entries.push(Raw::deflated(
            "Hello_World-1.0.dist-info/RECORD",
            record.as_bytes(),
        ));
        Self {
            before: Vec::new(),
            entries,
            behind_entries: Vec::new(),
            end: None,
            end_64: None,
            comment: Vec::new(),
            behind: Vec::new(),
        }
    }

    /// A wheel with one thing changed.
    pub fn with(change: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut zip = Self::wheel();
        change(&mut zip);
        zip.build()
    }

    /// A wheel whose first entry, `hello_world/__init__.py`, is changed.
    pub fn first(change: impl FnOnce(&mut Raw)) -> Vec<u8> {
        Self::with(|zip| change(&mut zip.entries[0]))
    }

    pub fn build(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut directory = Vec::new();
        for entry in &self.entries {
            let at = u32::try_from(out.len()).unwrap();
            out.extend([b"PK\x03\x04\x14\x00", &*entry.local.middle(), &entry.local.name].concat());
            out.extend([&*entry.local.extra, &entry.packed, &entry.behind].concat());
            let central = &entry.central;
            directory.extend([b"PK\x01\x02\x14\x03\x14\x00", &*central.middle()].concat());
            directory.extend([0; 6]);
            directory.extend((entry.mode << 16).to_le_bytes());
            directory.extend(at.to_le_bytes());
            directory.extend([&*central.name, &central.extra].concat());
        }
        out.extend(&self.behind_entries);
        let counts = [self.entries.len(), directory.len(), out.len()];
        out.extend(&directory);
        if let Some(change) = self.end_64 {
            self.write_64(&mut out, change, counts);
        }
        let counts = counts.map(|n| u32::try_from(n).unwrap());
        let [entries, len, at] = self.end.unwrap_or(counts);
        let entries = u16::try_from(entries).unwrap().to_le_bytes();
        out.extend([&b"PK\x05\x06\0\0\0\0"[..], &entries, &entries].concat());
        out.extend([len.to_le_bytes(), at.to_le_bytes()].concat());
        out.extend(u16::try_from(self.comment.len()).unwrap().to_le_bytes());
        out.extend([&*self.comment, &self.behind].concat());
        out
    }

    fn write_64(&self, out: &mut Vec<u8>, change: fn([u64; 4]) -> [u64; 4], counts: [usize; 3]) {
        let record_at = out.len() as u64;
        let [entries, len, at] = counts.map(|n| n as u64);
        let [own, entries, len, at] = change([44, entries, len, at]);
        out.extend(b"PK\x06\x06");
        out.extend(own.to_le_bytes());
        out.extend([0; 12]);
        for n in [entries, entries, len, at] {
            out.extend(n.to_le_bytes());
        }
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(record_at.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
}
