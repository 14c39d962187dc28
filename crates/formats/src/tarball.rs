//! Tar archives as dpkg-deb and PyPI want them: GNU format, root-owned, one mtime, long names as `@LongLink`.
//! The names are written exactly as given (`./` included), which the `tar` crate's own builder does not do.

use packyard_types::Timestamp;
use std::io;
use tar::{Builder, EntryType, Header};

/// A tar archive in memory.
pub struct Tarball {
    builder: Builder<Vec<u8>>,
    mtime: u64,
}

impl Tarball {
    /// An empty archive whose entries will all carry `mtime`.
    pub fn new(mtime: Timestamp) -> Self {
        Self {
            builder: Builder::new(Vec::new()),
            mtime: u64::try_from(mtime.unix_seconds()).unwrap_or(0),
        }
    }

    /// Adds a directory; `name` should end in a slash.
    pub fn directory(&mut self, name: &str, mode: u16) -> io::Result<()> {
        self.entry(EntryType::Directory, name, mode, "", &[])
    }

    /// Adds a regular file.
    pub fn file(&mut self, name: &str, mode: u16, bytes: &[u8]) -> io::Result<()> {
        self.entry(EntryType::Regular, name, mode, "", bytes)
    }

    /// Adds a symbolic link.
    pub fn symlink(&mut self, name: &str, target: &str) -> io::Result<()> {
        self.entry(EntryType::Symlink, name, 0o777, target, &[])
    }

    /// The archive's bytes.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.builder.into_inner()
    }

    fn entry(&mut self, kind: EntryType, name: &str, mode: u16, link: &str, bytes: &[u8]) -> io::Result<()> {
        self.long(EntryType::GNULongName, name)?;
        self.long(EntryType::GNULongLink, link)?;
        let mut header = self.header(kind, mode, bytes.len());
        let fields = header.as_gnu_mut().expect("made as a GNU header");
        put(&mut fields.name, name);
        put(&mut fields.linkname, link);
        header.set_cksum();
        self.builder.append(&header, bytes)
    }

    /// Names over 100 bytes go before their entry, as an entry of their own.
    fn long(&mut self, kind: EntryType, text: &str) -> io::Result<()> {
        if text.len() <= 100 {
            return Ok(());
        }
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        let mut header = self.header(kind, 0o644, bytes.len());
        put(
            &mut header.as_gnu_mut().expect("made as a GNU header").name,
            "././@LongLink",
        );
        header.set_cksum();
        self.builder.append(&header, &*bytes)
    }

    fn header(&self, kind: EntryType, mode: u16, size: usize) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(u32::from(mode));
        header.set_mtime(self.mtime);
        header.set_size(size as u64);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root").expect("`root` fits its field");
        header.set_groupname("root").expect("`root` fits its field");
        header
    }
}

fn put(field: &mut [u8; 100], text: &str) {
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text.as_bytes()[..length]);
}
