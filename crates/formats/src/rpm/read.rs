//! Reading an .rpm: lead, signature header, main header, and the payload as one stream. Header and payload digests,
//! sizes and the digest of every file are compared with what the header says. Signatures are not judged here.

use super::digests;
use super::files::{self, FileRow};
use super::header::Header;
use super::lists;
use super::signature::{self, Parts};
use super::tag;
use crate::archive::budget::{Budget, Metered, fault_of};
use crate::archive::codec::Codec;
use crate::archive::contents::{Contents, Links, MemberKind, Reading};
use crate::archive::cpio::{self, Which};
use crate::archive::hashed::Hashed;
use crate::deb::read::is_unit;
use crate::fault::{DAMAGED, Fault, REBUILD};
use crate::intake::Limits;
use std::io::{BufRead, BufReader, Read};

/// An .rpm, read whole.
#[derive(Debug, Clone)]
pub struct Rpm {
    /// The main header.
    pub header: Header,
    /// The signature header.
    pub signature: Header,
    /// Where the main header begins, in bytes.
    pub header_start: u64,
    /// The files, in header order; units are kept whole.
    pub contents: Contents,
    /// `FILEFLAGS` of each file.
    pub file_flags: Vec<u64>,
    /// Uncompressed size of the payload in bytes.
    pub payload_bytes: u64,
    /// The issuers of the signatures.
    pub signed_by: Vec<String>,
}

/// Reads an .rpm of `file_bytes` bytes.
pub fn read<R: Read>(reader: &mut R, file_bytes: u64, limits: &Limits) -> Result<Rpm, Fault> {
    let parts = Parts::read(reader).map_err(|rule| Fault::new(rule, DAMAGED))?;
    let Parts {
        prefix,
        signature,
        header,
    } = parts;
    digests::check_header(&signature, &header)?;
    lists::check(&header).map_err(|rule| Fault::new(rule, DAMAGED))?;
    let header_start = prefix.len() as u64;
    digests::check_size(&signature, &header, header_start, file_bytes)?;
    let how = Reading {
        digest: files::digest_kind(&header),
        keep: &is_unit,
        keep_bytes: limits.metadata_bytes,
        links: Links::Rooted,
        gather: false,
    };
    let rows = files::rows(&header, limits)?;
    let mut contents = Contents::default();
    for row in &rows {
        contents.declare(row.member.clone(), &how)?;
    }
    // The payload is all of the file but its headers.
    let budget = Budget::new(limits, file_bytes);
    let payload_bytes = payload(reader, &signature, &header, &rows, &mut contents, &how, budget)?;
    Ok(Rpm {
        signed_by: signature::signed_by(&signature),
        header_start,
        contents,
        file_flags: rows.iter().map(|row| row.flags).collect(),
        payload_bytes,
        header,
        signature,
    })
}

/// Walks the payload and checks its digests; gives its uncompressed size.
fn payload<R: Read>(
    reader: &mut R,
    signature: &Header,
    header: &Header,
    rows: &[FileRow],
    contents: &mut Contents,
    how: &Reading<'_>,
    budget: Budget,
) -> Result<u64, Fault> {
    let at = |fault: Fault| {
        if fault.entry.is_some() {
            fault
        } else {
            fault.at("payload")
        }
    };
    let mut reader = BufReader::new(reader);
    // rpmbuild's `w0` writes no tag at all, and rpm reads what is no gzip as it is.
    let head = reader.fill_buf().map_err(|e| at(fault_of(&e)))?;
    let otherwise = if head.starts_with(&[0x1f, 0x8b]) {
        "gzip"
    } else {
        "none"
    };
    let name = header
        .string(tag::PAYLOAD_COMPRESSOR)
        .unwrap_or_else(|| otherwise.to_owned());
    let said = digests::Payload::packed(signature, header);
    let mut packed = Hashed::new(reader, &said.kinds());
    if let Some(which) = said.with_header() {
        packed.seed(which, header.bytes());
    }
    let mut unpacked = 0;
    // bzip2 payloads are of another age: their digests are checked, their files are believed.
    if let Some(codec) = Codec::named(&name) {
        let said = digests::Payload::unpacked(header);
        let mut plain = Hashed::new(Metered::new(codec.decoder(&mut packed)?, budget), &said.kinds());
        walk(&mut plain, rows, contents, how).map_err(at)?;
        let (actual, len) = plain.finish().map_err(|e| at(fault_of(&e)))?;
        unpacked = len;
        digests::check_unpacked_size(header, unpacked).map_err(at)?;
        said.check(&actual).map_err(at)?;
    }
    let (actual, _) = packed.finish().map_err(|e| at(fault_of(&e)))?;
    said.check(&actual).map_err(at)?;
    Ok(unpacked)
}

/// Reads every entry of the cpio, and compares it with its row.
fn walk<R: Read>(
    stream: &mut R,
    rows: &[FileRow],
    contents: &mut Contents,
    how: &Reading<'_>,
) -> Result<(), Fault> {
    let mut there = vec![false; rows.len()];
    while let Some(which) = cpio::next(stream)? {
        let (at, size) = match which {
            Which::Path { path, size_bytes } => (files::place(contents, &path)?, size_bytes),
            Which::Number(n) => numbered(rows, n)?,
        };
        let row = &rows[at];
        if std::mem::replace(&mut there[at], true) {
            return Err(Fault::new("the payload holds it twice", REBUILD).at(&row.member.path));
        }
        let mut data = stream.by_ref().take(size);
        if row.member.kind == MemberKind::File && !(size == 0 && row.has_twins) {
            let actual = contents.fill(at, &mut data, how)?;
            row.compare(actual.as_deref())?;
        }
        let left = std::io::copy(&mut data, &mut std::io::sink()).map_err(|e| fault_of(&e))?;
        let empty = match row.member.kind {
            MemberKind::Dir => "a directory",
            MemberKind::Special => "a device node, pipe or socket",
            _ => "",
        };
        if left > 0 && !empty.is_empty() {
            return Err(Fault::new(format!("it is {empty} with data"), REBUILD).at(&row.member.path));
        }
        cpio::pad(stream, size)?;
    }
    let missing = rows
        .iter()
        .zip(&there)
        .find(|(row, there)| !**there && row.flags & tag::file_flag::GHOST == 0);
    match missing {
        Some((row, _)) => {
            Err(Fault::new("the header names it, but the payload lacks it", DAMAGED).at(&row.member.path))
        }
        None => Ok(()),
    }
}

fn numbered(rows: &[FileRow], n: u64) -> Result<(usize, u64), Fault> {
    let at = usize::try_from(n).ok().filter(|at| *at < rows.len());
    let at = at.ok_or_else(|| Fault::new("an entry of the payload has no file in the header", DAMAGED))?;
    let row = &rows[at];
    let size = match row.member.kind {
        MemberKind::Dir | MemberKind::Ghost | MemberKind::Special => 0,
        MemberKind::Symlink => row.member.target.as_ref().map_or(0, |t| t.len() as u64),
        // Of several names of one file only the last one has the data.
        _ if row.twin_follows => 0,
        _ => row.member.size_bytes,
    };
    Ok((at, size))
}
