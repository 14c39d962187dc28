//! Signing an .rpm without reading its payload: only the signature header before the main header is replaced.

use std::io::{Read, Seek};

/// The parts of an .rpm that signing needs.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Lead and signature header as they are, padded: bytes `0..header_start` of the file.
    pub prefix: Vec<u8>,
    /// The main header: what is signed. Bytes `header_start..header_start + header.len()` of the file.
    pub header: Vec<u8>,
    /// The key id (16 lower-case hexadecimal digits) of the header signature that is there, where there is one.
    pub signed_by: Option<String>,
}

/// Why the envelope cannot be read or rewritten.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct BadEnvelope(pub String);

impl Envelope {
    /// Reads lead, signature header and main header, checking sizes; the payload is not touched.
    pub fn read<R: Read + Seek>(_reader: &mut R) -> Result<Self, BadEnvelope> {
        Err(BadEnvelope("not read yet".into()))
    }

    /// The prefix that a signed copy of the file begins with; the main header and payload follow unchanged.
    /// `rsa_signature` is a binary OpenPGP signature packet over [`Envelope::header`], stored as RPMSIGTAG_RSA (268).
    pub fn signed_prefix(&self, _rsa_signature: &[u8]) -> Result<Vec<u8>, BadEnvelope> {
        Err(BadEnvelope("not written yet".into()))
    }
}
