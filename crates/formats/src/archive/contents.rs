//! What an archive holds, as `check` and `inspect` need it: one [`Member`] for each entry, the bytes of the few files
//! that somebody asked for, and digests of the rest.

use super::budget::fault_of;
use super::glance::{Glance, Looking};
use super::path::link_stays_inside;
use crate::fault::{Fault, REBUILD};
use crate::hex;
use serde::Serialize;
use sha2::Digest as _;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;

/// What kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// Another name of an earlier entry.
    Hardlink,
    /// A `%ghost` of an .rpm: owned, not shipped.
    Ghost,
    /// A device node, named pipe or socket of an .rpm, which rpm makes when it installs.
    Special,
}

/// One entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The path, relative to the archive's root, without a leading `./`.
    pub path: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: MemberKind,
    /// Permission bits.
    #[serde(serialize_with = "octal")]
    pub mode: u32,
    /// The owner's name, or number where the archive has no name.
    pub owner: String,
    /// The group's name, or number where the archive has no name.
    pub group: String,
    /// Length in bytes.
    #[serde(rename = "size")]
    pub size_bytes: u64,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The digest of a regular file in the form that the package's own list has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The first line of a file that begins with `#!`, without that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shebang: Option<String>,
    /// How its bytes begin, and whether they are text.
    #[serde(skip)]
    pub glance: Glance,
    /// When it was changed last, in seconds since 1970, where the archive says so.
    #[serde(skip)]
    pub mtime: Option<i64>,
}

// The signature is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn octal<S: serde::Serializer>(mode: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{mode:04o}"))
}

impl Member {
    /// An entry of this kind at this path, owned by root and empty.
    pub fn new(path: impl Into<String>, kind: MemberKind) -> Self {
        Self {
            path: path.into(),
            kind,
            mode: if kind == MemberKind::Dir { 0o755 } else { 0o644 },
            owner: "root".to_owned(),
            group: "root".to_owned(),
            size_bytes: 0,
            target: None,
            digest: None,
            shebang: None,
            glance: Glance::default(),
            mtime: None,
        }
    }

    /// Whether somebody may execute it.
    pub fn is_executable(&self) -> bool {
        self.kind == MemberKind::File && self.mode & 0o111 != 0
    }
}

/// Which digest the package's own list of files has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestKind {
    /// None.
    Absent,
    /// MD5: md5sums of a .deb.
    Md5,
    /// SHA-1: what a .dsc says besides.
    Sha1,
    /// SHA-256: most rpms, RECORD.
    Sha256,
    /// SHA-384: RECORD.
    Sha384,
    /// SHA-512: RECORD, some rpms.
    Sha512,
    /// SHA3-256: rpms of version 6.
    Sha3_256,
}

/// The state of one running digest, told as hexadecimal digits.
pub enum Digester {
    /// Nothing is computed.
    Absent,
    /// MD5.
    Md5(md5::Md5),
    /// SHA-1.
    Sha1(sha1::Sha1),
    /// SHA-256.
    Sha256(sha2::Sha256),
    /// SHA-384.
    Sha384(sha2::Sha384),
    /// SHA-512.
    Sha512(sha2::Sha512),
    /// SHA3-256.
    Sha3_256(sha3::Sha3_256),
}

impl Digester {
    /// Begins a digest.
    pub fn new(kind: DigestKind) -> Self {
        match kind {
            DigestKind::Absent => Self::Absent,
            DigestKind::Md5 => Self::Md5(md5::Md5::default()),
            DigestKind::Sha1 => Self::Sha1(sha1::Sha1::default()),
            DigestKind::Sha256 => Self::Sha256(sha2::Sha256::default()),
            DigestKind::Sha384 => Self::Sha384(sha2::Sha384::default()),
            DigestKind::Sha512 => Self::Sha512(sha2::Sha512::default()),
            DigestKind::Sha3_256 => Self::Sha3_256(sha3::Sha3_256::default()),
        }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Absent => {}
            Self::Md5(d) => d.update(bytes),
            Self::Sha1(d) => d.update(bytes),
            Self::Sha256(d) => d.update(bytes),
            Self::Sha384(d) => d.update(bytes),
            Self::Sha512(d) => d.update(bytes),
            Self::Sha3_256(d) => sha3::Digest::update(d, bytes),
        }
    }

    /// The digest in hexadecimal digits.
    pub fn finish(self) -> Option<String> {
        Some(match self {
            Self::Absent => return None,
            Self::Md5(d) => hex::encode(&d.finalize()),
            Self::Sha1(d) => hex::encode(&d.finalize()),
            Self::Sha256(d) => hex::encode(&d.finalize()),
            Self::Sha384(d) => hex::encode(&d.finalize()),
            Self::Sha512(d) => hex::encode(&d.finalize()),
            Self::Sha3_256(d) => hex::encode(&sha3::Digest::finalize(d)),
        })
    }
}

/// Everything that an archive holds.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// The entries in the archive's order, without the root itself.
    pub members: Vec<Member>,
    /// Whole files that were asked for, by path.
    pub kept: BTreeMap<String, Vec<u8>>,
    /// What is wrong with entries that were passed over, where [`Reading::gather`] asks for that.
    pub faults: Vec<Fault>,
    places: HashMap<String, usize>,
    /// Every path that has something below it.
    parents: HashSet<String>,
    kept_bytes: u64,
}

/// Most bytes that all kept files of one archive may have.
const MAX_KEPT: u64 = 64 << 20;

/// Most parts that a path may have. Each entry is looked up by all of its parents, so depth costs time; the deepest
/// trees of real packages (node_modules) have some 40.
const MAX_PARTS: usize = 100;

/// What to do with the bytes of regular files.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Which digest to compute.
    pub digest: DigestKind,
    /// Which paths to keep whole.
    pub keep: &'a dyn Fn(&str) -> bool,
    /// Largest file that is kept, in bytes.
    pub keep_bytes: u64,
    /// Where a symlink may lead.
    pub links: Links,
    /// Whether an entry that may not be there is passed over and told in [`Contents::faults`], so that all of them are
    /// told; else the first one ends the reading.
    pub gather: bool,
}

/// Where the symlinks of a tree may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Inside the tree: what pip unpacks.
    Inside,
    /// Inside, or to an absolute path: a package for a file system.
    Rooted,
    /// Anywhere, and an entry may come again and count then, as tar has it: an upstream's tarball is as it is, and
    /// nothing of it is unpacked here.
    Anywhere,
}

impl Contents {
    /// Adds an entry whose bytes, where it has any, come from `data`.
    pub fn add(&mut self, member: Member, data: &mut dyn Read, how: &Reading<'_>) -> Result<(), Fault> {
        self.check(&member, how).map_err(|fault| fault.at(&member.path))?;
        self.add_checked(member, data, how)
    }

    /// Adds an entry that [`Contents::check`] has found nothing wrong with.
    pub(super) fn add_checked(
        &mut self,
        mut member: Member,
        data: &mut dyn Read,
        how: &Reading<'_>,
    ) -> Result<(), Fault> {
        if member.kind == MemberKind::File {
            self.read_file(&mut member, data, how)
                .map_err(|fault| fault.at(&member.path))?;
        }
        if let Some(first) = member.target.as_deref().and_then(|t| self.member(t))
            && member.kind == MemberKind::Hardlink
        {
            (member.digest, member.size_bytes) = (first.digest.clone(), first.size_bytes);
        }
        self.place_at_end(&member.path);
        self.members.push(member);
        Ok(())
    }

    /// Adds an entry whose bytes come later, through [`Contents::fill`].
    pub fn declare(&mut self, member: Member, how: &Reading<'_>) -> Result<(), Fault> {
        self.check(&member, how).map_err(|fault| fault.at(&member.path))?;
        self.place_at_end(&member.path);
        self.members.push(member);
        Ok(())
    }

    /// Reads the bytes of a declared file and gives their digest; what was declared stays.
    pub fn fill(
        &mut self,
        at: usize,
        data: &mut dyn Read,
        how: &Reading<'_>,
    ) -> Result<Option<String>, Fault> {
        let Some(mut read) = self.members.get(at).cloned() else {
            return Ok(None);
        };
        self.read_file(&mut read, data, how)
            .map_err(|fault| fault.at(&read.path))?;
        if let Some(member) = self.members.get_mut(at) {
            (member.shebang, member.glance) = (read.shebang, read.glance);
        }
        Ok(read.digest)
    }

    fn place_at_end(&mut self, path: &str) {
        self.places.insert(path.to_owned(), self.members.len());
        for (at, _) in path.rmatch_indices('/') {
            if !self.parents.insert(path[..at].to_owned()) {
                // Those above it are known with it.
                break;
            }
        }
    }

    /// Where an entry is in [`Contents::members`].
    pub fn place(&self, path: &str) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// The entry at a path.
    pub fn member(&self, path: &str) -> Option<&Member> {
        self.places.get(path).and_then(|at| self.members.get(*at))
    }

    /// Whether there is an entry at a path.
    pub fn has(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// Whether something lies below a path, also where the path itself is no entry.
    pub fn holds(&self, path: &str) -> bool {
        self.parents.contains(path)
    }

    /// Whether an entry may come after those that are there.
    pub(super) fn check(&self, member: &Member, how: &Reading<'_>) -> Result<(), Fault> {
        if self.has(&member.path) && how.links != Links::Anywhere {
            return Err(Fault::new("it is there twice", REBUILD));
        }
        if member.path.split('/').nth(MAX_PARTS).is_some() {
            return Err(Fault::new(
                format!("its path has more than {MAX_PARTS} parts"),
                "put it less deep",
            ));
        }
        if member.kind != MemberKind::Dir && self.parents.contains(&member.path) {
            return Err(Fault::new(
                "it is no directory, and an earlier entry lies below it",
                REBUILD,
            ));
        }
        self.check_parents(&member.path)?;
        let target = member.target.as_deref().unwrap_or_default();
        match member.kind {
            MemberKind::Symlink
                if how.links != Links::Anywhere
                    && !link_stays_inside(&member.path, target, how.links == Links::Rooted) =>
            {
                Err(Fault::new(
                    format!("it is a link to `{}`, outside the tree", target.escape_debug()),
                    "link to a path inside the package",
                ))
            }
            MemberKind::Hardlink if self.member(target).map(|m| m.kind) != Some(MemberKind::File) => {
                Err(Fault::new(
                    format!(
                        "it is a hard link to `{}`, which is no earlier file",
                        target.escape_debug()
                    ),
                    REBUILD,
                ))
            }
            _ => Ok(()),
        }
    }

    /// A file below something that is not a directory (a symlink above all) would be written elsewhere.
    fn check_parents(&self, path: &str) -> Result<(), Fault> {
        for (at, _) in path.rmatch_indices('/') {
            if self.parents.contains(&path[..at]) {
                return Ok(());
            }
            match self.member(&path[..at]).map(|m| m.kind) {
                None | Some(MemberKind::Dir) => {}
                Some(_) => {
                    return Err(Fault::new(
                        format!("it lies below `{}`, which is no directory", &path[..at]),
                        REBUILD,
                    ));
                }
            }
        }
        Ok(())
    }

    fn read_file(
        &mut self,
        member: &mut Member,
        data: &mut dyn Read,
        how: &Reading<'_>,
    ) -> Result<(), Fault> {
        let keep = (how.keep)(&member.path);
        if keep && member.size_bytes > how.keep_bytes {
            return Err(Fault::new(
                format!(
                    "it is larger than {} bytes, the limit of metadata",
                    how.keep_bytes
                ),
                "make it smaller, or raise the limit of metadata bytes",
            ));
        }
        self.kept_bytes += if keep { member.size_bytes } else { 0 };
        if self.kept_bytes > MAX_KEPT {
            return Err(Fault::new(
                "its metadata files together are larger than 64 MiB",
                REBUILD,
            ));
        }
        let (mut kept, mut head) = (Vec::new(), Vec::new());
        let (mut digester, mut size) = (Digester::new(how.digest), 0);
        let mut looking = Looking::default();
        let mut buffer = [0; 16 << 10];
        loop {
            let got = match data.read(&mut buffer) {
                Ok(0) => break,
                Ok(got) => got,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(fault_of(&e)),
            };
            let bytes = &buffer[..got];
            digester.update(bytes);
            looking.update(bytes);
            size += got as u64;
            head.extend(bytes.iter().take(SHEBANG_BYTES - head.len()));
            if keep {
                kept.extend(bytes);
            }
        }
        if size != member.size_bytes {
            return Err(Fault::new(
                format!("it has {size} bytes where the archive says {}", member.size_bytes),
                crate::fault::DAMAGED,
            ));
        }
        member.digest = digester.finish();
        member.shebang = shebang(&head);
        member.glance = looking.finish(&head);
        if keep {
            self.kept.insert(member.path.clone(), kept);
        }
        Ok(())
    }
}

/// The kernel reads no more of a `#!` line.
const SHEBANG_BYTES: usize = 256;

/// The interpreter line of a script.
pub fn shebang(head: &[u8]) -> Option<String> {
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    Some(String::from_utf8_lossy(line).trim().to_owned())
}
