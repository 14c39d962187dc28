//! Reading an .rpm: lead, signature header, main header, and the payload as one stream. Header and payload digests,
//! sizes and the digest of every file are compared with what the header says. Signatures are not judged here.

use super::files::{self, FileRow};
use super::header::Header;
use super::signature::{self, Parts};
use super::tag;
use crate::archive::budget::{Budget, Metered, fault_of};
use crate::archive::codec::Codec;
use crate::archive::contents::{Contents, DigestKind, Digester, Links, MemberKind, Reading};
use crate::archive::cpio::{self, Which};
use crate::archive::hashed::Hashed;
use crate::deb::read::is_unit;
use crate::fault::{DAMAGED, Fault, REBUILD};
use crate::hex;
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
    /// The issuer of the signature.
    pub signed_by: Option<String>,
}

/// Reads an .rpm of `file_bytes` bytes.
pub fn read<R: Read>(reader: &mut R, file_bytes: u64, limits: &Limits) -> Result<Rpm, Fault> {
    let parts = Parts::read(reader).map_err(|rule| Fault::new(rule, DAMAGED))?;
    let Parts {
        prefix,
        signature,
        header,
    } = parts;
    check_header(&signature, &header)?;
    let header_start = prefix.len() as u64;
    check_size(&signature, &header, header_start, file_bytes)?;
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

/// The digests that the signature header has of the main header.
fn check_header(signature: &Header, header: &Header) -> Result<(), Fault> {
    let sha1 = {
        use sha1::Digest as _;
        hex::encode(&sha1::Sha1::digest(header.bytes()))
    };
    let mut sha256 = Digester::new(DigestKind::Sha256);
    sha256.update(header.bytes());
    let sha256 = sha256.finish().unwrap_or_default();
    for (name, tag, actual) in [
        ("SHA-256", tag::sig::SHA256, sha256),
        ("SHA-1", tag::sig::SHA1, sha1),
    ] {
        match signature.string(tag) {
            Some(said) if said != actual => {
                return Err(wrong(&format!("{name} of the header"), &said, &actual).at("main header"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn wrong(what: &str, said: &str, actual: &str) -> Fault {
    Fault::new(
        format!("the {what} is `{actual}`, the package says `{said}`"),
        DAMAGED,
    )
}

/// The size that the package says it has; a difference is a file cut short or with something appended.
fn check_size(signature: &Header, header: &Header, header_start: u64, file_bytes: u64) -> Result<(), Fault> {
    let header_len = header.bytes().len() as u64;
    let classic = signature
        .integer(tag::sig::LONG_SIZE)
        .or_else(|| signature.integer(tag::sig::SIZE));
    let said = classic.or_else(|| {
        header
            .integer(tag::PAYLOAD_LEN)
            .map(|n| n.saturating_add(header_len))
    });
    let Some(said) = said.map(|n| n.saturating_add(header_start)) else {
        return Ok(());
    };
    match file_bytes {
        n if n < said => Err(Fault::new(
            format!("the file ends after {n} of {said} bytes"),
            DAMAGED,
        )),
        n if n > said => Err(Fault::new(
            format!("{} bytes follow the end of the package", n - said),
            DAMAGED,
        )),
        _ => Ok(()),
    }
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
    let kinds = [payload_digest_kind(header), md5_if_needed(signature)];
    let mut packed = Hashed::new(reader, &kinds);
    packed.seed(1, header.bytes());
    let mut unpacked = 0;
    // bzip2 payloads are of another age: their digests are checked, their files are believed.
    if let Some(codec) = Codec::named(&name) {
        let mut plain = Hashed::new(Metered::new(codec.decoder(&mut packed)?, budget), &[]);
        walk(&mut plain, rows, contents, how).map_err(at)?;
        unpacked = plain.finish().map_err(|e| at(fault_of(&e)))?.1;
    }
    let (digests, _) = packed.finish().map_err(|e| at(fault_of(&e)))?;
    check_payload(signature, header, &digests).map_err(at)?;
    Ok(unpacked)
}

fn payload_digest_kind(header: &Header) -> DigestKind {
    match header.integer(tag::PAYLOAD_DIGEST_ALGORITHM) {
        _ if !header.has(tag::PAYLOAD_DIGEST) => DigestKind::Absent,
        Some(8) | None => DigestKind::Sha256,
        Some(9) => DigestKind::Sha384,
        Some(10) => DigestKind::Sha512,
        Some(_) => DigestKind::Absent,
    }
}

fn md5_if_needed(signature: &Header) -> DigestKind {
    if signature.has(tag::sig::MD5) {
        DigestKind::Md5
    } else {
        DigestKind::Absent
    }
}

fn check_payload(signature: &Header, header: &Header, digests: &[Option<String>]) -> Result<(), Fault> {
    let said = [
        header.string(tag::PAYLOAD_DIGEST),
        signature.binary(tag::sig::MD5).map(hex::encode),
    ];
    let whats = ["digest of the payload", "MD5 of header and payload"];
    for ((what, said), actual) in whats.iter().zip(&said).zip(digests) {
        match (said, actual) {
            (Some(said), Some(actual)) if said != actual => return Err(wrong(what, said, actual)),
            _ => {}
        }
    }
    Ok(())
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
        if left > 0 && row.member.kind == MemberKind::Dir {
            return Err(Fault::new("it is a directory with data", REBUILD).at(&row.member.path));
        }
        cpio::pad(stream, size)?;
    }
    let missing = rows
        .iter()
        .zip(&there)
        .find(|(row, there)| !**there && row.member.kind != MemberKind::Ghost);
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
        MemberKind::Dir | MemberKind::Ghost => 0,
        MemberKind::Symlink => row.member.target.as_ref().map_or(0, |t| t.len() as u64),
        // Of several names of one file only the last one has the data.
        _ if row.twin_follows => 0,
        _ => row.member.size_bytes,
    };
    Ok((at, size))
}
