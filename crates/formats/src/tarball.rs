//! Tar archives as dpkg-deb and PyPI want them: GNU format, root-owned, one mtime, long names as `@LongLink`.
//! The names are written exactly as given (`./` included), which the `tar` crate's own builder does not do.

use crate::content::Content;
use packyard_types::Timestamp;
use std::io::{self, Read, Write};
use tar::{Builder, EntryType, Header};

/// What an entry takes besides its contents, roughly: a header and padding.
const ENTRY_BYTES: u64 = 512 + 256;

/// The size of an archive of these contents, roughly.
pub fn size_estimate<'a>(contents: impl Iterator<Item = Option<&'a Content>>) -> u64 {
    contents
        .map(|content| ENTRY_BYTES + content.map_or(0, Content::size_bytes))
        .sum()
}

/// A tar archive as it is written.
pub struct Tarball<W: Write> {
    builder: Builder<W>,
    mtime: u64,
}

impl<W: Write> Tarball<W> {
    /// An empty archive whose entries will all carry `mtime`.
    pub fn new(mtime: Timestamp, out: W) -> Self {
        Self {
            builder: Builder::new(out),
            mtime: u64::try_from(mtime.unix_seconds()).unwrap_or(0),
        }
    }

    /// Adds a directory; `name` should end in a slash.
    pub fn directory(&mut self, name: &str, mode: u16) -> io::Result<()> {
        self.entry(EntryType::Directory, name, mode, "", (0, &mut io::empty()))
    }

    /// Adds a regular file.
    pub fn file(&mut self, name: &str, mode: u16, content: &Content) -> io::Result<()> {
        let mut bytes = content.open()?;
        self.entry(
            EntryType::Regular,
            name,
            mode,
            "",
            (content.size_bytes(), &mut bytes),
        )
    }

    /// Adds a symbolic link.
    pub fn symlink(&mut self, name: &str, target: &str) -> io::Result<()> {
        self.entry(EntryType::Symlink, name, 0o777, target, (0, &mut io::empty()))
    }

    /// Writes the end of the archive, and gives back what was written to.
    pub fn finish(self) -> io::Result<W> {
        self.builder.into_inner()
    }

    fn entry(
        &mut self,
        kind: EntryType,
        name: &str,
        mode: u16,
        link: &str,
        (size, bytes): (u64, &mut dyn Read),
    ) -> io::Result<()> {
        self.long(EntryType::GNULongName, name)?;
        self.long(EntryType::GNULongLink, link)?;
        let mut header = self.header(kind, mode, size);
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
        let mut header = self.header(kind, 0o644, bytes.len() as u64);
        put(
            &mut header.as_gnu_mut().expect("made as a GNU header").name,
            "././@LongLink",
        );
        header.set_cksum();
        self.builder.append(&header, &*bytes)
    }

    fn header(&self, kind: EntryType, mode: u16, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(u32::from(mode));
        header.set_mtime(self.mtime);
        header.set_size(size);
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
