//! The files that the main header lists.

use super::header::{self, Header};
use super::tag;
use crate::archive::contents::{Contents, DigestKind, Member, MemberKind};
use crate::archive::path::entry_path;
use crate::fault::{DAMAGED, Fault};
use crate::intake::Limits;
use std::collections::HashMap;

/// One file of the header.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// What the header says of it; the path is relative to the root.
    pub member: Member,
    /// `FILEFLAGS`.
    pub flags: u64,
    /// Whether other names of the same file are in the package.
    pub has_twins: bool,
    /// Whether one of those follows.
    pub twin_follows: bool,
}

impl FileRow {
    /// Compares a computed digest with the header's.
    pub fn compare(&self, actual: Option<&str>) -> Result<(), Fault> {
        match (self.member.digest.as_deref(), actual) {
            (Some(said), Some(actual)) if said != actual => Err(Fault::new(
                format!("its digest is `{actual}`, the header says `{said}`"),
                DAMAGED,
            )
            .at(&self.member.path)),
            _ => Ok(()),
        }
    }
}

/// The algorithm of `FILEDIGESTS`; SHA-1 and others that are out of use are not computed.
pub fn digest_kind(header: &Header) -> DigestKind {
    match header.integer(tag::FILE_DIGEST_ALGORITHM) {
        None | Some(1) => DigestKind::Md5,
        Some(8) => DigestKind::Sha256,
        Some(9) => DigestKind::Sha384,
        Some(10) => DigestKind::Sha512,
        Some(12) => DigestKind::Sha3_256,
        Some(_) => DigestKind::Absent,
    }
}

/// Every path of the header, absolute as installed (a source package's are bare names), in bytes.
pub fn raw_paths(header: &Header) -> Result<Vec<Vec<u8>>, Fault> {
    let (names, dirs) = (
        header.raw_strings(tag::BASE_NAMES),
        header.raw_strings(tag::DIR_NAMES),
    );
    if names.is_empty() {
        // Packages of before 2000 have whole paths.
        let old = header.raw_strings(tag::OLD_FILE_NAMES);
        return Ok(old.into_iter().map(<[u8]>::to_vec).collect());
    }
    let join = |(name, index): (&[u8], u64)| {
        let dir = usize::try_from(index).ok().and_then(|i| dirs.get(i));
        let dir = dir.ok_or_else(|| {
            let rule = format!(
                "a file is in directory {index} of tag 1118 (DIRNAMES), which has {}",
                dirs.len()
            );
            Fault::new(rule, DAMAGED).at("main header")
        })?;
        Ok([dir, name].concat())
    };
    let indexes = header.integers(tag::DIR_INDEXES);
    names.into_iter().zip(indexes).map(join).collect()
}

/// A path as it can be shown. Nothing is unpacked here, so odd bytes in a path are no danger, only ugly.
fn plain(path: &[u8]) -> String {
    header::text(path).replace(char::is_control, "\u{fffd}")
}

/// How many files the header lists.
fn count(header: &Header) -> usize {
    let names = header.count(tag::BASE_NAMES);
    if names > 0 {
        names
    } else {
        header.count(tag::OLD_FILE_NAMES)
    }
}

/// Every file of the header.
pub fn rows(header: &Header, limits: &Limits) -> Result<Vec<FileRow>, Fault> {
    if count(header) as u64 > limits.entries {
        return Err(Fault::new(
            format!("it has more than {} files", limits.entries),
            "split the package",
        ));
    }
    let columns = Columns::read(header);
    let mut rows = Vec::new();
    for (at, path) in raw_paths(header)?.into_iter().enumerate() {
        rows.push(columns.row(at, &plain(&path))?);
    }
    columns.mark_twins(&mut rows);
    Ok(rows)
}

struct Columns<'a> {
    modes: Vec<u64>,
    sizes: Vec<u64>,
    flags: Vec<u64>,
    devices: Vec<u64>,
    inodes: Vec<u64>,
    digests: Vec<std::borrow::Cow<'a, str>>,
    links: Vec<std::borrow::Cow<'a, str>>,
    owners: Vec<std::borrow::Cow<'a, str>>,
    groups: Vec<std::borrow::Cow<'a, str>>,
}

impl<'a> Columns<'a> {
    fn read(header: &'a Header) -> Self {
        let long = if header.has(tag::LONG_FILE_SIZES) {
            tag::LONG_FILE_SIZES
        } else {
            tag::FILE_SIZES
        };
        Self {
            modes: header.integers(tag::FILE_MODES),
            sizes: header.integers(long),
            flags: header.integers(tag::FILE_FLAGS),
            devices: header.integers(tag::FILE_DEVICES),
            inodes: header.integers(tag::FILE_INODES),
            digests: header.strings(tag::FILE_DIGESTS),
            links: header.strings(tag::FILE_LINKS),
            owners: header.strings(tag::FILE_OWNERS),
            groups: header.strings(tag::FILE_GROUPS),
        }
    }

    fn row(&self, at: usize, path: &str) -> Result<FileRow, Fault> {
        let number = |column: &Vec<u64>| column.get(at).copied().unwrap_or(0);
        let text = |column: &Vec<std::borrow::Cow<'_, str>>| {
            column.get(at).map(|s| s.clone().into_owned()).unwrap_or_default()
        };
        let relative = entry_path(path.strip_prefix('/').unwrap_or(path).as_bytes())?;
        let (mode, flags) = (number(&self.modes), number(&self.flags));
        let kind = kind(mode, flags).map_err(|fault| fault.at(path))?;
        let mut member = Member::new(relative, kind);
        member.mode = u32::try_from(mode & 0o7777).unwrap_or(0);
        member.owner = text(&self.owners);
        member.group = text(&self.groups);
        member.size_bytes = number(&self.sizes);
        member.digest = Some(text(&self.digests)).filter(|d| kind == MemberKind::File && !d.is_empty());
        member.target = Some(text(&self.links)).filter(|_| kind == MemberKind::Symlink);
        Ok(FileRow {
            member,
            flags,
            has_twins: false,
            twin_follows: false,
        })
    }

    /// Files with the same device and inode are names of one file.
    fn mark_twins(&self, rows: &mut [FileRow]) {
        let mut last = HashMap::new();
        for at in 0..rows.len() {
            let (Some(device), Some(inode)) = (self.devices.get(at), self.inodes.get(at)) else {
                return;
            };
            if rows[at].member.kind != MemberKind::File {
                continue;
            }
            if let Some(before) = last.insert((*device, *inode), at) {
                let before: &mut FileRow = &mut rows[before];
                (before.has_twins, before.twin_follows) = (true, true);
                rows[at].has_twins = true;
            }
        }
    }
}

/// What a file is. Devices, pipes and sockets are for rpm to make, as `%dev` in a spec asks for: packages that fill a
/// system's `/dev` or the tree of a container have them, and createrepo_c lists them as files.
fn kind(mode: u64, flags: u64) -> Result<MemberKind, Fault> {
    match mode & 0o170_000 {
        0o040_000 => Ok(MemberKind::Dir),
        _ if flags & tag::file_flag::GHOST != 0 => Ok(MemberKind::Ghost),
        0o100_000 | 0 => Ok(MemberKind::File),
        0o120_000 => Ok(MemberKind::Symlink),
        0o020_000 | 0o060_000 | 0o010_000 | 0o140_000 => Ok(MemberKind::Special),
        _ => Err(Fault::new(
            "it is of an unknown kind",
            "packages hold files, directories, links, devices, pipes and sockets only",
        )),
    }
}

/// Which file of the header an entry of the payload is.
pub fn place(contents: &Contents, path: &[u8]) -> Result<usize, Fault> {
    let text = plain(path);
    let bare = text
        .strip_prefix("./")
        .or_else(|| text.strip_prefix('/'))
        .unwrap_or(&text);
    contents
        .place(bare)
        .ok_or_else(|| Fault::new("the payload holds it, but the header does not name it", DAMAGED).at(bare))
}
