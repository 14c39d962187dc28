//! The files of a package, as the main header lists them and the payload holds them.

use super::{CannotWrite, RpmSpec, language, table::Table};
use crate::content::Content;
use crate::entries::{Entry, EntryKind, Role};
use crate::rpm::tag::{self, file_flag};
use packyard_types::{InstallPath, Timestamp};
use std::collections::HashMap;

/// One file, directory or link.
pub(super) struct Row<'a> {
    pub path: &'a InstallPath,
    pub entry: &'a Entry,
    /// Type and permissions.
    pub mode: u16,
    pub size_bytes: u64,
}

/// rpm unpacks `NAME` as `NAME;` and eight digits first (lib/fsm.c), and file systems hold names of 255 bytes.
const LONGEST_NAME: usize = 255 - 9;

/// All of them, in the order of their paths, which is that of the payload too.
pub(super) struct Rows<'a> {
    pub list: Vec<Row<'a>>,
    /// The time of all of them.
    pub mtime: u32,
    /// The .spec, of a source package: that has no directories.
    spec_file: Option<&'a str>,
}

impl<'a> Rows<'a> {
    /// What a package lists: everything but the directories that belong to the system.
    pub fn of(spec: &'a RpmSpec) -> Result<Self, CannotWrite> {
        let rows: Vec<Row<'a>> = spec.listed().map(row).collect();
        if let Some(row) = rows.iter().find(|row| !row.can_be_unpacked()) {
            let name = row.path.file_name();
            let message = format!(
                "the file name `{name}` is longer than {LONGEST_NAME} bytes, which rpm cannot unpack"
            );
            return Err(CannotWrite::Format(message));
        }
        Ok(Self {
            list: rows,
            mtime: seconds(spec.entries.mtime())?,
            spec_file: spec.spec_file(),
        })
    }

    /// Whether a file is too large for the classic payload, which has 32 bits for its size.
    pub fn are_large(&self) -> bool {
        self.list.iter().any(|row| u32::try_from(row.size_bytes).is_err())
    }

    /// The size of all files, which is about that of the payload before it is compressed.
    pub fn size_bytes(&self) -> u64 {
        self.list.iter().map(|row| row.size_bytes).sum()
    }

    /// Writes the columns of the main header.
    pub fn put(&self, table: &mut Table) -> Result<(), CannotWrite> {
        let rows = &self.list;
        let sizes: Vec<u64> = rows.iter().map(|row| row.size_bytes).collect();
        table.sizes(tag::SIZE, tag::LONG_SIZE, &[self.size_bytes()]);
        table.sizes(tag::FILE_SIZES, tag::LONG_FILE_SIZES, &sizes);
        table.u16s(tag::FILE_MODES, rows.iter().map(|row| row.mode));
        table.u16s(tag::FILE_RDEVS, rows.iter().map(|_| 0));
        table.u32s(tag::FILE_MTIMES, rows.iter().map(|_| self.mtime));
        let digests: Result<Vec<String>, _> = rows.iter().map(Row::digest).collect();
        table.strings(tag::FILE_DIGESTS, digests?);
        table.strings(tag::FILE_LINKS, rows.iter().map(Row::link));
        table.u32s(tag::FILE_FLAGS, rows.iter().map(|row| self.flags(row)));
        table.strings(tag::FILE_OWNERS, rows.iter().map(|row| &row.entry.owner.user));
        table.strings(tag::FILE_GROUPS, rows.iter().map(|row| &row.entry.owner.group));
        table.u32s(tag::FILE_VERIFY_FLAGS, rows.iter().map(Row::verified));
        table.u32s(tag::FILE_DEVICES, rows.iter().map(|_| 1));
        // There are no hard links: each file is one of its own.
        table.u32s(tag::FILE_INODES, (1..).take(rows.len()));
        table.strings(tag::FILE_LANGUAGES, rows.iter().map(Row::language));
        table.u32s(tag::FILE_COLORS, rows.iter().map(Row::color));
        if rows.iter().any(|row| row.entry.capabilities.is_some()) {
            let text = |row: &Row<'a>| row.entry.capabilities.as_ref().map_or("", |c| c.as_str());
            table.strings(tag::FILE_CAPABILITIES, rows.iter().map(text));
        }
        self.put_names(table);
        Ok(())
    }

    /// What the payload calls a path: a source package says where a file lies to nobody.
    pub fn in_payload(&self, row: &Row<'a>) -> String {
        match self.spec_file {
            Some(_) => row.path.relative().to_owned(),
            None => format!(".{}", row.path),
        }
    }

    /// A directory as the header has it.
    fn spelled(&self, directory: &str) -> String {
        match self.spec_file {
            Some(_) => directory.trim_start_matches('/').to_owned(),
            None => directory.to_owned(),
        }
    }

    fn flags(&self, row: &Row<'a>) -> u32 {
        if self.spec_file == Some(row.path.relative()) {
            return u32::try_from(file_flag::SPEC_FILE).expect("all flags are below 2^16");
        }
        row.flags()
    }

    fn put_names(&self, table: &mut Table) {
        let (mut numbers, mut directories) = (HashMap::new(), Vec::new());
        let mut indexes = Vec::new();
        let split = |row: &Row<'a>| row.path.as_str().rsplit_once('/').unwrap_or_default();
        for row in &self.list {
            let (directory, _) = split(row);
            indexes.push(*numbers.entry(directory).or_insert_with(|| {
                directories.push(self.spelled(&format!("{directory}/")));
                u32::try_from(directories.len() - 1).unwrap_or(u32::MAX)
            }));
        }
        table.u32s(tag::DIR_INDEXES, indexes);
        table.strings(tag::BASE_NAMES, self.list.iter().map(|row| split(row).1));
        table.strings(tag::DIR_NAMES, directories);
    }
}

fn row<'a>((path, entry): (&'a InstallPath, &'a Entry)) -> Row<'a> {
    let (kind, size_bytes) = match &entry.kind {
        EntryKind::Directory => (0o040_000, 0),
        EntryKind::File(content) => (0o100_000, content.size_bytes()),
        EntryKind::Symlink(to) => (0o120_000, to.len() as u64),
        EntryKind::Ghost => (0o100_000, 0),
    };
    Row {
        path,
        entry,
        mode: kind | entry.mode & 0o7777,
        size_bytes,
    }
}

impl Row<'_> {
    /// The bytes, of a file that is in the payload.
    pub fn content(&self) -> Option<&Content> {
        match &self.entry.kind {
            EntryKind::File(content) => Some(content),
            _ => None,
        }
    }

    /// Whether the payload holds it.
    pub fn is_shipped(&self) -> bool {
        self.entry.kind != EntryKind::Ghost
    }

    fn can_be_unpacked(&self) -> bool {
        self.entry.kind == EntryKind::Directory || self.path.file_name().len() <= LONGEST_NAME
    }

    /// Where a link points; nothing for anything else.
    pub fn link(&self) -> &str {
        match &self.entry.kind {
            EntryKind::Symlink(to) => to,
            _ => "",
        }
    }

    /// Whether it is configuration.
    pub fn is_config(&self) -> bool {
        u64::from(self.flags()) & file_flag::CONFIG != 0
    }

    fn language(&self) -> &str {
        let is_directory = self.entry.kind == EntryKind::Directory;
        language(self.path).filter(|_| !is_directory).unwrap_or_default()
    }

    fn digest(&self) -> Result<String, CannotWrite> {
        let named = |e: std::io::Error| std::io::Error::new(e.kind(), format!("`{}`: {e}", self.path));
        match self.content() {
            Some(content) => Ok(content.sha256().map_err(named)?.to_string()),
            None => Ok(String::new()),
        }
    }

    /// `FILEFLAGS`, as rpmbuild sets them (build/files.c): a directory is neither configuration nor documentation, and
    /// what lies where documentation lies is documentation.
    fn flags(&self) -> u32 {
        let missing_ok = if self.entry.missing_ok {
            file_flag::MISSING_OK
        } else {
            0
        };
        let role = match self.entry.role {
            _ if self.entry.kind == EntryKind::Directory => 0,
            Role::Plain if is_documentation(self.path.as_str()) => file_flag::DOC,
            Role::Plain => 0,
            Role::Config { noreplace: true } => file_flag::CONFIG | file_flag::NO_REPLACE | missing_ok,
            Role::Config { noreplace: false } => file_flag::CONFIG | missing_ok,
            Role::Doc => file_flag::DOC,
            Role::License => file_flag::LICENSE,
        };
        let ghost = if self.is_shipped() { 0 } else { file_flag::GHOST };
        u32::try_from(role | ghost).expect("all flags are below 2^16")
    }

    /// `FILEVERIFYFLAGS`: all that rpm can verify; of a ghost not what whoever makes it decides: its digest, size,
    /// target and time.
    fn verified(&self) -> u32 {
        const OF_THE_CONTENTS: u32 = 1 | 1 << 1 | 1 << 2 | 1 << 5;
        if self.is_shipped() { !0 } else { !OF_THE_CONTENTS }
    }

    /// `FILECOLORS`: 1 for ELF of 32 bits, 2 of 64; where both want one path, rpm keeps the system's own.
    fn color(&self) -> u32 {
        match self.content().map(Content::head) {
            Some([0x7f, b'E', b'L', b'F', class @ (1 | 2), ..]) => u32::from(*class),
            _ => 0,
        }
    }
}

/// What rpmbuild marks as documentation by itself (`%docdir` in rpm's build/files.c).
fn is_documentation(path: &str) -> bool {
    ["/usr/share/man/", "/usr/share/info/", "/usr/share/doc/"]
        .iter()
        .any(|dir| path.starts_with(dir))
}

/// A time as headers have it.
pub(super) fn seconds(time: Timestamp) -> Result<u32, CannotWrite> {
    let message = || format!("an .rpm can hold times from 1970 to 2106, not {time}");
    u32::try_from(time.unix_seconds()).map_err(|_| CannotWrite::Format(message()))
}
