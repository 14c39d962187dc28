//! Signing an .rpm without reading its payload: only the signature header before the main header is replaced.
//!
//! An .rpm is a lead of 96 bytes, the signature header padded to 8 bytes, the main header, the payload. The header
//! signature (`RPMSIGTAG_RSA`) covers the main header, which holds the payload's digest. What this does not do: judge
//! a signature; that is for whoever knows the keys.

use super::header::{self, Header, Part};
use super::packet;
use super::tag::{BUILD_TIME, HEADER_SIGNATURES};
use base64::Engine as _;
use packyard_types::Timestamp;
use std::io::{Read, Seek};

/// Length of the lead, which nothing but file(1) reads any more.
pub(crate) const LEAD_LEN: usize = 96;
const LEAD_MAGIC: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];
const RSA_HEADER: u32 = 268;
const DSA_HEADER: u32 = 267;
const OPENPGP: u32 = 278;
const PGP: u32 = 1002;
const GPG: u32 = 1005;
/// Signatures, which a new one replaces, and the space that was kept free for them.
const REPLACED: [u32; 8] = [
    HEADER_SIGNATURES,
    RSA_HEADER,
    DSA_HEADER,
    OPENPGP,
    PGP,
    GPG,
    999,
    1008,
];

/// The parts of an .rpm that signing needs.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Lead and signature header as they are, padded: bytes `0..header_start` of the file.
    pub prefix: Vec<u8>,
    /// The main header: what is signed. Bytes `header_start..header_start + header.len()` of the file.
    pub header: Vec<u8>,
    /// The signatures that are there.
    pub signatures: Vec<Signature>,
    /// BUILDTIME, in seconds since 1970, where the header says it.
    pub built: Option<u64>,
}

/// A signature of an .rpm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The binary OpenPGP packet; empty where it is not even Base64.
    pub packet: Vec<u8>,
    /// What it covers.
    pub covers: Covers,
}

/// What a signature of an .rpm covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// The main header, which holds the payload's digest.
    Header,
    /// Main header and payload: the way of before rpm 4.14.
    HeaderAndPayload,
}

impl Signature {
    /// The key id that it names, 16 lower-case hexadecimal digits.
    pub fn issuer(&self) -> Option<String> {
        packet::issuer(&self.packet)
    }
}

/// Why the envelope cannot be read or rewritten.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct BadEnvelope(pub String);

impl Envelope {
    /// Reads lead, signature header and main header, checking sizes; the payload is not touched.
    pub fn read<R: Read + Seek>(reader: &mut R) -> Result<Self, BadEnvelope> {
        let parts = Parts::read(reader).map_err(BadEnvelope)?;
        Ok(Self {
            signatures: signatures(&parts.signature),
            built: parts.header.integer(BUILD_TIME),
            prefix: parts.prefix,
            header: parts.header.into_bytes(),
        })
    }

    /// When a signature of this package says that it was made: when the package was built, but not after `now`. So the
    /// same package and the same key make the same bytes, whoever signs, and whenever.
    pub fn signing_time(&self, now: Timestamp) -> Timestamp {
        let built = self.built.and_then(|t| i64::try_from(t).ok());
        built.map_or(now, |t| Timestamp::from_unix_seconds(t).min(now))
    }

    /// The prefix that a signed copy of the file begins with; the main header and payload follow unchanged.
    /// `rsa_signature` is a binary OpenPGP signature packet over [`Envelope::header`], stored as RPMSIGTAG_RSA (268).
    pub fn signed_prefix(&self, rsa_signature: &[u8]) -> Result<Vec<u8>, BadEnvelope> {
        let bad = |rule: &str| BadEnvelope(rule.to_owned());
        let (lead, rest) = self
            .prefix
            .split_at_checked(LEAD_LEN)
            .ok_or_else(|| bad("the file ends inside the lead"))?;
        let old = Header::read(&mut &*rest, Part::Signature).map_err(BadEnvelope)?;
        let mut entries = Vec::new();
        for entry in old.index().iter().filter(|e| !REPLACED.contains(&e.tag)) {
            let data = old
                .raw(entry)
                .ok_or_else(|| bad("a value of the signature header leaves it"))?;
            entries.push((entry.tag, entry.kind, entry.count, data.to_vec()));
        }
        let len = u32::try_from(rsa_signature.len()).map_err(|_| bad("the signature is too large"))?;
        entries.push((RSA_HEADER, header::kind::BIN, len, rsa_signature.to_vec()));
        let mut out = lead.to_vec();
        out.extend(header::write_region(HEADER_SIGNATURES, entries).map_err(BadEnvelope)?);
        out.resize(out.len().next_multiple_of(8), 0);
        Ok(out)
    }
}

/// Lead, signature header and main header, parsed.
pub(crate) struct Parts {
    /// Bytes before the main header.
    pub prefix: Vec<u8>,
    /// The signature header.
    pub signature: Header,
    /// The main header.
    pub header: Header,
}

impl Parts {
    /// Reads them from where `reader` stands, and leaves it at the payload.
    pub(crate) fn read<R: Read + ?Sized>(reader: &mut R) -> Result<Self, String> {
        let mut prefix = header::read_up_to(reader, LEAD_LEN as u64, &"lead")?;
        check_lead(&prefix)?;
        let signature = Header::read(reader, Part::Signature)?;
        prefix.extend(signature.bytes());
        let padding = prefix.len().next_multiple_of(8) - prefix.len();
        prefix.extend(header::read_up_to(
            reader,
            padding as u64,
            &"padding of the signature header",
        )?);
        let header = Header::read(reader, Part::Main)?;
        Ok(Self {
            prefix,
            signature,
            header,
        })
    }
}

/// The lead: magic, major and minor version, type (u16), architecture (u16), name (66 bytes), system (u16), type of the
/// signature (u16). rpm 6 reads only the magic, those before it also the version and what signature follows.
fn check_lead(lead: &[u8]) -> Result<(), String> {
    /// A header, `RPMSIGTYPE_HEADERSIG`: what every rpm since 1998 writes.
    const HEADER_SIGNATURE: [u8; 2] = [0, 5];
    if lead.get(..4) != Some(&LEAD_MAGIC) {
        return Err("it does not begin with the magic number of an .rpm".to_owned());
    }
    match lead.get(4) {
        Some(3 | 4) => {}
        other => {
            let version = other.copied().unwrap_or_default();
            return Err(format!(
                "its lead says package format {version}, and rpm reads 3 and 4"
            ));
        }
    }
    if lead.get(78..80) != Some(&HEADER_SIGNATURE) {
        return Err("its lead says that no signature header follows".to_owned());
    }
    Ok(())
}

/// The signatures that a signature header holds; those of the header before the older ones that cover header and
/// payload.
fn signatures(signature: &Header) -> Vec<Signature> {
    let classic = |tags: [u32; 2], covers| {
        tags.into_iter().filter_map(move |tag| {
            Some(Signature {
                packet: signature.binary(tag)?.to_vec(),
                covers,
            })
        })
    };
    let modern = signature.strings(OPENPGP).into_iter().map(|text| {
        let engine = base64::engine::general_purpose::STANDARD;
        let text: String = text.split_whitespace().collect();
        Signature {
            packet: engine.decode(text).unwrap_or_default(),
            covers: Covers::Header,
        }
    });
    classic([RSA_HEADER, DSA_HEADER], Covers::Header)
        .chain(modern)
        .chain(classic([PGP, GPG], Covers::HeaderAndPayload))
        .collect()
}

/// The issuers of the signatures that a signature header holds, each once; header signatures before the older ones.
pub(crate) fn signed_by(signature: &Header) -> Vec<String> {
    let mut all = Vec::new();
    for issuer in signatures(signature).iter().filter_map(Signature::issuer) {
        if !all.contains(&issuer) {
            all.push(issuer);
        }
    }
    all
}
