//! The yard's signing keys: Ed25519 for apt, RSA-3072 for repomd.xml and rpms (EL8's and EL9's rpm know no EdDSA).
//!
//! Version 4 keys (RFC 9580, section 5.5.2.2) without subkeys: the primary key signs, because rpm before 4.18 does not
//! look for signing subkeys. Self-signatures use SHA-512, since apt 3 refuses weaker ones than SHA-256; data is signed
//! with SHA-512 for apt and SHA-256 for rpm. A signature depends on nothing but the key, the bytes and the time that is
//! passed in, so signing again gives the same bytes.
//!
//! While a rotation is under way two keys sign: one message with two signatures, the older key's first, because a client
//! that reads only one reads the first. Packages are signed by the older key alone: an rpm header has one signature, and
//! everybody has that key.
//!
//! Deliberately absent: passphrases (the server has to sign unattended), expiry, and reading a keyring of gpg's.

use packyard_types::{KeyUse, Timestamp, YardKeys};
use packyard_views::{Sign, SignError};
use pgp::{
    armor::{self, BlockType},
    composed::{ArmorOptions, CleartextSignedMessage, DetachedSignature, SignedPublicKey},
    crypto::hash::HashAlgorithm,
    packet::{PacketTrait as _, SignatureType},
};
use std::{
    collections::BTreeSet,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

mod examine;
pub mod lint;
mod listed;
mod pair;
mod published;
mod ring;
mod rsa;
mod set;
pub(crate) mod signer;
#[cfg(test)]
mod tests;

pub use examine::{Examined, examine};
pub use listed::{KeyHolder, ListedFor, fit, holders, listed};
use pair::Pair;
pub use published::{fingerprint, join_public, lines, published, published_together, with_others};
pub use ring::KeyRing;
pub use set::{KeyLine, KeySet};

/// The keys that sign.
///
/// - Of each use there is at least one; the current one leads.
/// - `Debug` shows fingerprints only.
pub struct Keys {
    apt: Vec<Arc<Pair>>,
    rpm: Vec<Arc<Pair>>,
    /// The public keys of rpm that are handed out, in one block.
    public_rpm: String,
    /// The same, as keys.
    rpm_certificates: Vec<SignedPublicKey>,
    /// The fingerprints of the keys that sign for apt.
    apt_fingerprints: Vec<String>,
    /// The long ids of all keys of rpm that are handed out.
    rpm_ids: BTreeSet<String>,
}

/// Why keys could not be had or used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeysError {
    /// A file or directory.
    #[error("could not {operation} `{path}`: {reason}")]
    File {
        /// What was tried.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// As the system put it.
        reason: String,
    },
    /// A file does not hold a key that can be used here.
    #[error(
        "`{path}` is not a usable key: {reason}\nhint: restore all files of this directory from a backup"
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A text does not hold the keys of a yard.
    #[error(
        "{origin} does not hold the signing keys of a yard: {reason}\nhint: `packyard key generate` makes such keys, `packyard key export --private` prints those of a data directory"
    )]
    Bundle {
        /// Where the text comes from.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A private key is not at hand.
    #[error("the private half of key {fingerprint}, which signs for {}, is not here", .signs.as_str())]
    Lacking {
        /// What it signs.
        signs: KeyUse,
        /// Which.
        fingerprint: String,
    },
    /// A key could not be made, or could not sign.
    #[error("could not {operation}: {reason}")]
    Crypto {
        /// What was tried.
        operation: &'static str,
        /// As the library put it.
        reason: String,
    },
}

impl Keys {
    /// Those of `held` that sign for a yard with these public keys.
    pub fn of(held: &KeySet, yard: &YardKeys) -> Result<Self, KeysError> {
        let signing = |signs| -> Result<Vec<Arc<Pair>>, KeysError> {
            let keys = yard.of(signs).filter(|(state, _)| state.signs());
            keys.map(|(_, key)| {
                let fingerprint = fingerprint(key)?;
                let pair = held.find(&fingerprint).map(Arc::clone);
                pair.ok_or(KeysError::Lacking { signs, fingerprint })
            })
            .collect()
        };
        let yum = yard.of(KeyUse::Yum).map(|(_, key)| published::long_id(key));
        let apt = signing(KeyUse::Apt)?;
        Ok(Self {
            apt_fingerprints: apt.iter().map(|pair| pair.fingerprint()).collect(),
            apt,
            rpm: signing(KeyUse::Yum)?,
            public_rpm: published(yard, KeyUse::Yum)?,
            rpm_certificates: published::parsed(yard, KeyUse::Yum)?,
            rpm_ids: yum.collect::<Result<_, _>>()?,
        })
    }

    /// Whether the signature of a package, by the long id of its key as rpm shows it, is the yard's own.
    pub fn is_own(&self, key_id: &str) -> bool {
        self.rpm_ids.contains(key_id)
    }

    /// All keys of rpm that are handed out.
    pub(crate) fn public_rpm_keys(&self) -> Vec<SignedPublicKey> {
        self.rpm_certificates.clone()
    }

    /// A binary signature packet over the header of an .rpm (tag RSAHEADER), by the current key.
    pub fn sign_rpm_header(&self, header: &[u8], at: Timestamp) -> Result<Vec<u8>, KeysError> {
        let current = self.rpm.first().expect("there is a current key of each use");
        current
            .sign(SignatureType::Binary, HashAlgorithm::Sha256, header, at)
            .and_then(|signature| {
                let mut packet = Vec::new();
                signature.to_writer_with_header(&mut packet)?;
                Ok(packet)
            })
            .map_err(crypto("sign an rpm"))
    }

    /// The keys as views use them: every signature says that it was made `at`.
    pub fn signer(&self, at: Timestamp) -> Signer<'_> {
        Signer { keys: self, at }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |keys: &[Arc<Pair>]| keys.iter().map(|p| p.fingerprint()).collect::<Vec<_>>();
        f.debug_struct("Keys")
            .field("apt", &shown(&self.apt))
            .field("rpm", &shown(&self.rpm))
            .finish_non_exhaustive()
    }
}

/// Keys at a point in time.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    keys: &'a Keys,
    at: Timestamp,
}

impl Sign for Signer<'_> {
    fn clearsign_apt(&self, text: &str) -> Result<String, SignError> {
        clearsign(&self.keys.apt, text, self.at).map_err(|e| SignError(e.to_string()))
    }

    fn detached_apt(&self, bytes: &[u8]) -> Result<String, SignError> {
        detached(&self.keys.apt, HashAlgorithm::Sha512, bytes, self.at)
    }

    fn fingerprints_apt(&self) -> Vec<String> {
        self.keys.apt_fingerprints.clone()
    }

    fn detached_rpm(&self, bytes: &[u8]) -> Result<String, SignError> {
        detached(&self.keys.rpm, HashAlgorithm::Sha256, bytes, self.at)
    }

    fn public_rpm(&self) -> String {
        self.keys.public_rpm.clone()
    }
}

/// One armoured block with a signature of each key.
fn detached(
    keys: &[Arc<Pair>],
    hash: HashAlgorithm,
    bytes: &[u8],
    at: Timestamp,
) -> Result<String, SignError> {
    let sign = |pair: &Arc<Pair>| pair.sign(SignatureType::Binary, hash, bytes, at);
    let write = || -> pgp::errors::Result<Vec<u8>> {
        let all = keys.iter().map(|pair| sign(pair).map(DetachedSignature::new));
        let all: Vec<DetachedSignature> = all.collect::<Result<_, _>>()?;
        let mut text = Vec::new();
        armor::write(&all, BlockType::Signature, &mut text, None, true)?;
        Ok(text)
    };
    let text = write().map_err(|e| SignError(e.to_string()))?;
    Ok(String::from_utf8(text).expect("armour is ASCII"))
}

/// Cleartext signature framework, RFC 9580 section 7: one message with a signature of each key. Trailing blanks are
/// refused: implementations disagree on whether they are signed.
fn clearsign(keys: &[Arc<Pair>], text: &str, at: Timestamp) -> pgp::errors::Result<String> {
    if let Some(line) = text.split('\n').find(|line| line.ends_with([' ', '\t', '\r'])) {
        return Err(pgp::errors::Error::from(format!(
            "the line {line:?} ends in a blank"
        )));
    }
    // The framework ends the text with a line break of its own, which is not signed.
    let text = text.strip_suffix('\n').unwrap_or(text);
    let sign = |text: &str| {
        let sign =
            |pair: &Arc<Pair>| pair.sign(SignatureType::Text, HashAlgorithm::Sha512, text.as_bytes(), at);
        keys.iter().map(sign).collect()
    };
    CleartextSignedMessage::new_many(text, sign)?.to_armored_string(ArmorOptions::default())
}

fn file_error(operation: &'static str, path: &Path, error: &io::Error) -> KeysError {
    KeysError::File {
        operation,
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn crypto(operation: &'static str) -> impl FnOnce(pgp::errors::Error) -> KeysError {
    move |e| KeysError::Crypto {
        operation,
        reason: e.to_string(),
    }
}
