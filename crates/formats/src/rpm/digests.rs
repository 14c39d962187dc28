//! The digests and sizes that an .rpm has of itself, and what they really are.
//!
//! Version 4 packages have SHA-256 (and SHA-1, and MD5 over header and payload) in the signature header, and since 2018
//! a SHA-256 of the payload in the main header; version 6 has SHA-256 and SHA3-256 of the header, and SHA-256, SHA-512
//! and SHA3-256 of the payload, packed and unpacked (rpm, docs/manual/format_v6.md).

use super::header::Header;
use super::tag::{self, sig};
use crate::archive::contents::{DigestKind, Digester};
use crate::fault::{DAMAGED, Fault};
use crate::hex;

/// A digest that the package says: what of, how, and what it should be.
struct Said {
    what: &'static str,
    kind: DigestKind,
    value: String,
}

impl Said {
    fn compare(&self, actual: Option<&String>) -> Result<(), Fault> {
        match actual {
            Some(actual) if !actual.eq_ignore_ascii_case(&self.value) => Err(Fault::new(
                format!(
                    "the {} is `{actual}`, the package says `{}`",
                    self.what, self.value
                ),
                DAMAGED,
            )
            .between(actual, &self.value)),
            _ => Ok(()),
        }
    }
}

/// Compares the digests that the signature header has of the main header.
pub(super) fn check_header(signature: &Header, header: &Header) -> Result<(), Fault> {
    let said = [
        ("SHA3-256 of the header", sig::SHA3_256, DigestKind::Sha3_256),
        ("SHA-256 of the header", sig::SHA256, DigestKind::Sha256),
        ("SHA-1 of the header", sig::SHA1, DigestKind::Sha1),
    ];
    for (what, tag, kind) in said {
        let Some(value) = signature.string(tag) else {
            continue;
        };
        let mut digester = Digester::new(kind);
        digester.update(header.bytes());
        let said = Said { what, kind, value };
        said.compare(digester.finish().as_ref())
            .map_err(|fault| fault.at("main header"))?;
    }
    Ok(())
}

/// The digests that a package says its payload has, in one of its two forms.
pub(super) struct Payload(Vec<Said>);

impl Payload {
    /// Of the payload as it is in the file; the first is that of header and payload together, where there is one.
    pub fn packed(signature: &Header, header: &Header) -> Self {
        let md5 = signature.binary(sig::MD5).map(|value| Said {
            what: "MD5 of header and payload",
            kind: DigestKind::Md5,
            value: hex::encode(value),
        });
        let first = Said {
            what: "digest of the payload",
            kind: old_kind(header),
            value: header.string(tag::PAYLOAD_DIGEST).unwrap_or_default(),
        };
        let more = [
            ("SHA-512 of the payload", tag::PAYLOAD_SHA512, DigestKind::Sha512),
            (
                "SHA3-256 of the payload",
                tag::PAYLOAD_SHA3_256,
                DigestKind::Sha3_256,
            ),
        ];
        Self(md5.into_iter().chain(Self::of(header, first, more)).collect())
    }

    /// Of the payload unpacked.
    pub fn unpacked(header: &Header) -> Self {
        let first = Said {
            what: "digest of the unpacked payload",
            kind: old_kind(header),
            value: header.string(tag::PAYLOAD_DIGEST_UNPACKED).unwrap_or_default(),
        };
        let more = [
            (
                "SHA-512 of the unpacked payload",
                tag::PAYLOAD_SHA512_UNPACKED,
                DigestKind::Sha512,
            ),
            (
                "SHA3-256 of the unpacked payload",
                tag::PAYLOAD_SHA3_256_UNPACKED,
                DigestKind::Sha3_256,
            ),
        ];
        Self(Self::of(header, first, more).collect())
    }

    fn of(
        header: &Header,
        first: Said,
        more: [(&'static str, u32, DigestKind); 2],
    ) -> impl Iterator<Item = Said> {
        let more = more.map(|(what, tag, kind)| header.string(tag).map(|value| Said { what, kind, value }));
        let first = Some(first).filter(|said| !said.value.is_empty());
        first.into_iter().chain(more.into_iter().flatten())
    }

    /// What to compute.
    pub fn kinds(&self) -> Vec<DigestKind> {
        self.0.iter().map(|said| said.kind).collect()
    }

    /// Which of them covers the header too.
    pub fn with_header(&self) -> Option<usize> {
        self.0.iter().position(|said| said.kind == DigestKind::Md5)
    }

    /// Compares with what was computed, in the same order.
    pub fn check(&self, actual: &[Option<String>]) -> Result<(), Fault> {
        let mut pairs = self.0.iter().zip(actual);
        pairs.try_for_each(|(said, actual)| said.compare(actual.as_ref()))
    }
}

/// The algorithm of the older payload digests, a number of OpenPGP's; none where it is one that is out of use.
fn old_kind(header: &Header) -> DigestKind {
    match header.integer(tag::PAYLOAD_DIGEST_ALGORITHM) {
        Some(8) | None => DigestKind::Sha256,
        Some(9) => DigestKind::Sha384,
        Some(10) => DigestKind::Sha512,
        Some(12) => DigestKind::Sha3_256,
        Some(_) => DigestKind::Absent,
    }
}

/// The size that the package says it has; a difference is a file cut short or with something appended.
pub(super) fn check_size(
    signature: &Header,
    header: &Header,
    header_start: u64,
    file_bytes: u64,
) -> Result<(), Fault> {
    let header_len = header.bytes().len() as u64;
    let classic = signature
        .integer(sig::LONG_SIZE)
        .or_else(|| signature.integer(sig::SIZE));
    let modern = header
        .integer(tag::PAYLOAD_LEN)
        .map(|n| n.saturating_add(header_len));
    for said in [classic, modern].into_iter().flatten() {
        let said = said.saturating_add(header_start);
        let rule = match file_bytes {
            n if n < said => format!("the file ends after {n} of {said} bytes"),
            n if n > said => format!("{} bytes follow the end of the package", n - said),
            _ => continue,
        };
        return Err(Fault::new(rule, DAMAGED).between(file_bytes.to_string(), said.to_string()));
    }
    Ok(())
}

/// The size that a version 6 package says its payload unpacks to. What older packages say of it (PAYLOADSIZE) is a hint
/// for progress bars, and well-known builders write the size of the files there instead: [`super::cautions`] tells of it.
pub(super) fn check_unpacked_size(header: &Header, unpacked: u64) -> Result<(), Fault> {
    match header.integer(tag::PAYLOAD_LEN_UNPACKED) {
        Some(said) if said != unpacked => Err(Fault::new(
            format!("the payload unpacks to {unpacked} bytes, tag 5113 (PAYLOADSIZEALT) says {said}"),
            DAMAGED,
        )
        .between(unpacked.to_string(), said.to_string())),
        _ => Ok(()),
    }
}
