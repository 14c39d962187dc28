//! The yard's signing keys: Ed25519 for apt, RSA-3072 for repomd.xml and rpms (EL8's and EL9's rpm know no EdDSA).
//!
//! Version 4 keys (RFC 9580, section 5.5.2.2) without subkeys: the primary key signs, because rpm before 4.18 does not
//! look for signing subkeys. Self-signatures use SHA-512, since apt 3 refuses weaker ones than SHA-256; data is signed
//! with SHA-512 for apt and SHA-256 for rpm. A signature depends on nothing but the key, the bytes and the time that is
//! passed in, so signing again gives the same bytes.
//!
//! Deliberately absent: passphrases (the server has to sign unattended), expiry, and reading a keyring of gpg's.

use packyard_types::Timestamp;
use packyard_views::{Sign, SignError};
use pgp::{
    armor::{self, BlockType},
    composed::{
        ArmorOptions, CleartextSignedMessage, Deserializable as _, DetachedSignature, KeyType,
        SecretKeyParamsBuilder, SignedKeyDetails, SignedPublicKey, SignedSecretKey,
    },
    crypto::{hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{KeyFlags, PacketTrait as _, SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId},
    types::{KeyDetails as _, Password},
};
use std::{
    fmt, fs,
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

mod bundle;
mod rsa;
#[cfg(test)]
mod tests;

pub use bundle::KeyLine;

const RSA_BITS: u32 = 3072;
const APT: &str = "apt.key";
const RPM: &str = "rpm.key";

/// The private keys of a yard.
///
/// - `Debug` shows the public halves only.
/// - On the disk they are `DIR/keys/{apt,rpm}.key`, mode 0600, and never anywhere else.
pub struct Keys {
    apt: Pair,
    rpm: Pair,
}

/// Puts two armoured public keys, as the log has them, into the one block of `key.asc`.
pub fn join_public(apt: &str, rpm: &str) -> Result<String, KeysError> {
    let parse = |text: &str| SignedPublicKey::from_string(text).map(|(key, _)| key);
    let read = "read a public key";
    Ok(one_block(
        &parse(rpm).map_err(crypto(read))?,
        &parse(apt).map_err(crypto(read))?,
    ))
}

fn one_block(rpm: &SignedPublicKey, apt: &SignedPublicKey) -> String {
    let mut text = Vec::new();
    armor::write(&vec![rpm, apt], BlockType::PublicKey, &mut text, None, true)
        .expect("memory can be written to, and both keys have been written before");
    String::from_utf8(text).expect("armour is ASCII")
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
        "`{path}` is not a usable key: {reason}\nhint: restore both files of this directory from a backup"
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
    /// A key could not be made, or could not sign.
    #[error("could not {operation}: {reason}")]
    Crypto {
        /// What was tried.
        operation: &'static str,
        /// As the library put it.
        reason: String,
    },
}

/// One key: the private half, and the public half in the form that is handed out.
struct Pair {
    secret: SignedSecretKey,
    /// The same key for signing quickly, where it is an RSA key.
    quick: Option<rsa::Quick>,
    public: SignedPublicKey,
    armored: String,
}

impl Keys {
    /// Makes new keys, as of `at`. Takes seconds: finding RSA primes is slow.
    pub fn generate(
        rng: &mut (impl rand::CryptoRng + rand::Rng),
        at: Timestamp,
        user_id: &str,
    ) -> Result<Self, KeysError> {
        Ok(Self {
            apt: Pair::generate(rng, KeyType::Ed25519Legacy, at, user_id)
                .map_err(crypto("make the apt key"))?,
            rpm: Pair::generate(rng, KeyType::Rsa(RSA_BITS), at, user_id)
                .map_err(crypto("make the rpm key"))?,
        })
    }

    /// Reads `apt.key` and `rpm.key` from `dir`, which is `DIR/keys`; none where there is no `apt.key`.
    pub fn load(dir: &Path) -> Result<Option<Self>, KeysError> {
        let (apt, rpm) = (dir.join(APT), dir.join(RPM));
        // Written last: without it, saving was cut off, and nothing has been signed yet.
        if !apt.try_exists().map_err(|e| file_error("read", &apt, &e))? {
            return Ok(None);
        }
        Ok(Some(Self {
            apt: Pair::load(&apt, PublicKeyAlgorithm::EdDSALegacy)?,
            rpm: Pair::load(&rpm, PublicKeyAlgorithm::RSA)?,
        }))
    }

    /// Writes `apt.key` and `rpm.key` into `dir`, which is `DIR/keys`. Keys that are there are never overwritten.
    ///
    /// Each is written beside its place, synced and renamed, `apt.key` last: what a crash leaves is no set of keys.
    pub fn save(&self, dir: &Path) -> Result<(), KeysError> {
        let failed = |e: io::Error| file_error("write", dir, &e);
        make_private_dir(dir).map_err(failed)?;
        if dir.join(APT).try_exists().map_err(failed)? {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        for (name, pair) in [(RPM, &self.rpm), (APT, &self.apt)] {
            let text = pair.secret.to_armored_string(ArmorOptions::default());
            let text = text.map_err(crypto("write a private key"))?;
            write_private(dir, name, text.as_bytes()).map_err(failed)?;
        }
        Ok(())
    }

    /// The public apt key, armoured.
    pub fn public_apt(&self) -> &str {
        &self.apt.armored
    }

    /// The public rpm key, armoured.
    pub fn public_rpm(&self) -> &str {
        &self.rpm.armored
    }

    /// Both public keys in one armoured block, as `key.asc`. One block, because apt reads no further than the end of
    /// the first; the RSA key leads, because an rpm that takes only one key takes the first.
    pub fn public_both(&self) -> String {
        one_block(&self.rpm.public, &self.apt.public)
    }

    /// The long id of the rpm key, 16 hexadecimal digits, as rpm shows it.
    pub fn rpm_key_id(&self) -> String {
        self.rpm.secret.legacy_key_id().to_string()
    }

    /// A binary signature packet over the header of an .rpm (tag RSAHEADER). No key signs before it was made.
    pub fn sign_rpm_header(&self, header: &[u8], at: Timestamp) -> Result<Vec<u8>, KeysError> {
        let made = i64::from(self.rpm.secret.created_at().as_secs());
        let at = at.max(Timestamp::from_unix_seconds(made));
        self.rpm
            .sign(SignatureType::Binary, HashAlgorithm::Sha256, header, at)
            .and_then(|signature| {
                let mut packet = Vec::new();
                signature.signature.to_writer_with_header(&mut packet)?;
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
        f.debug_struct("Keys")
            .field("apt", &self.apt.secret.fingerprint().to_string())
            .field("rpm", &self.rpm.secret.fingerprint().to_string())
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
        self.keys
            .apt
            .clearsign(text, self.at)
            .map_err(|e| SignError(e.to_string()))
    }

    fn detached_apt(&self, bytes: &[u8]) -> Result<String, SignError> {
        self.keys.apt.detached(HashAlgorithm::Sha512, bytes, self.at)
    }

    fn fingerprints_apt(&self) -> Vec<String> {
        vec![format!("{:X}", self.keys.apt.secret.fingerprint())]
    }

    fn detached_rpm(&self, bytes: &[u8]) -> Result<String, SignError> {
        self.keys.rpm.detached(HashAlgorithm::Sha256, bytes, self.at)
    }

    fn public_rpm(&self) -> String {
        self.keys.public_rpm().to_owned()
    }
}

impl Pair {
    fn generate(
        rng: &mut (impl rand::CryptoRng + rand::Rng),
        key_type: KeyType,
        at: Timestamp,
        user_id: &str,
    ) -> pgp::errors::Result<Self> {
        let made = SecretKeyParamsBuilder::default()
            .key_type(key_type)
            .can_certify(true)
            .can_sign(true)
            .created_at(pgp_time(at)?)
            .primary_user_id(user_id.to_owned())
            .build()
            .map_err(|e| pgp::errors::Error::from(e.to_string()))?
            .generate(&mut *rng)?;
        // The builder's self-signature reads the clock; ours is made `at`.
        let key = made.primary_key;
        let id = UserId::from_str(pgp::types::PacketHeaderVersion::default(), user_id)?;
        let mut config = SignatureConfig::v4(
            SignatureType::CertPositive,
            key.algorithm(),
            HashAlgorithm::Sha512,
        );
        let mut flags = KeyFlags::default();
        flags.set_certify(true);
        flags.set_sign(true);
        config.hashed_subpackets = hashed(&key, at)?;
        config
            .hashed_subpackets
            .push(Subpacket::regular(SubpacketData::KeyFlags(flags))?);
        config
            .hashed_subpackets
            .push(Subpacket::regular(SubpacketData::IsPrimary(true))?);
        config.unhashed_subpackets = unhashed(&key)?;
        let certified =
            config.sign_certification(&key, key.public_key(), &Password::empty(), id.tag(), &id)?;
        let details = SignedKeyDetails::new(
            Vec::new(),
            Vec::new(),
            vec![id.into_signed(certified)],
            Vec::new(),
        );
        Self::of(SignedSecretKey::new(key, details, Vec::new(), Vec::new()))
    }

    fn of(secret: SignedSecretKey) -> pgp::errors::Result<Self> {
        let public = secret.to_public_key();
        let armored = public.to_armored_string(ArmorOptions::default())?;
        Ok(Self {
            quick: rsa::Quick::of(&secret.primary_key),
            secret,
            public,
            armored,
        })
    }

    fn load(path: &Path, algorithm: PublicKeyAlgorithm) -> Result<Self, KeysError> {
        let unusable = |reason: String| KeysError::Unusable {
            path: path.to_owned(),
            reason,
        };
        let text = fs::read_to_string(path).map_err(|e| file_error("read", path, &e))?;
        let (secret, _) = SignedSecretKey::from_string(&text).map_err(|e| unusable(e.to_string()))?;
        secret.verify_bindings().map_err(|e| unusable(e.to_string()))?;
        if secret.algorithm() != algorithm {
            return Err(unusable(format!(
                "it should be {algorithm:?}, and is {:?}",
                secret.algorithm()
            )));
        }
        Self::of(secret).map_err(|e| unusable(e.to_string()))
    }

    fn sign(
        &self,
        kind: SignatureType,
        hash: HashAlgorithm,
        bytes: &[u8],
        at: Timestamp,
    ) -> pgp::errors::Result<DetachedSignature> {
        let config = self.config(kind, hash, at)?;
        let signature = match &self.quick {
            Some(quick) if rsa::Quick::can(&config) => quick.sign(config, bytes)?,
            _ => config.sign(&self.secret.primary_key, &Password::empty(), bytes)?,
        };
        Ok(DetachedSignature::new(signature))
    }

    fn config(
        &self,
        kind: SignatureType,
        hash: HashAlgorithm,
        at: Timestamp,
    ) -> pgp::errors::Result<SignatureConfig> {
        let key = &self.secret.primary_key;
        let mut config = SignatureConfig::v4(kind, key.algorithm(), hash);
        config.hashed_subpackets = hashed(key, at)?;
        config.unhashed_subpackets = unhashed(key)?;
        Ok(config)
    }

    fn detached(&self, hash: HashAlgorithm, bytes: &[u8], at: Timestamp) -> Result<String, SignError> {
        self.sign(SignatureType::Binary, hash, bytes, at)
            .and_then(|signature| signature.to_armored_string(ArmorOptions::default()))
            .map_err(|e| SignError(e.to_string()))
    }

    /// Cleartext signature framework, RFC 9580 section 7. Trailing blanks are refused: implementations disagree on
    /// whether they are signed.
    fn clearsign(&self, text: &str, at: Timestamp) -> pgp::errors::Result<String> {
        if let Some(line) = text.split('\n').find(|line| line.ends_with([' ', '\t', '\r'])) {
            return Err(pgp::errors::Error::from(format!(
                "the line {line:?} ends in a blank"
            )));
        }
        let config = self.config(SignatureType::Text, HashAlgorithm::Sha512, at)?;
        // The framework ends the text with a line break of its own, which is not signed.
        let text = text.strip_suffix('\n').unwrap_or(text);
        CleartextSignedMessage::new(text, config, &self.secret.primary_key, &Password::empty())?
            .to_armored_string(ArmorOptions::default())
    }
}

fn hashed(key: &pgp::packet::SecretKey, at: Timestamp) -> pgp::errors::Result<Vec<Subpacket>> {
    Ok(vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(pgp_time(at)?))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint()))?,
    ])
}

/// Old rpms know the issuer by its long id only.
fn unhashed(key: &pgp::packet::SecretKey) -> pgp::errors::Result<Vec<Subpacket>> {
    Ok(vec![Subpacket::regular(SubpacketData::IssuerKeyId(
        key.legacy_key_id(),
    ))?])
}

fn pgp_time(at: Timestamp) -> pgp::errors::Result<pgp::types::Timestamp> {
    u32::try_from(at.unix_seconds())
        .map(pgp::types::Timestamp::from_secs)
        .map_err(|_| pgp::errors::Error::from(format!("OpenPGP cannot write the time {at}")))
}

/// Mode 0700, and entered durably into the directory that holds it.
fn make_private_dir(dir: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
        Ok(()) => dir.parent().map_or(Ok(()), sync_dir),
    }
}

/// Mode 0600, as `tempfile` makes it.
fn write_private(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(name))?;
    sync_dir(dir)
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    fs::File::open(dir)?.sync_all()
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
