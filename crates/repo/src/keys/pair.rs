//! One private key, and how it signs.

use super::{KeysError, crypto, file_error, rsa};
use packyard_types::{KeyUse, Timestamp};
use pgp::{
    composed::{
        ArmorOptions, Deserializable as _, KeyType, SecretKeyParamsBuilder, SignedKeyDetails,
        SignedPublicKey, SignedSecretKey,
    },
    crypto::{hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{
        KeyFlags, PacketTrait as _, Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData,
        UserId,
    },
    types::{KeyDetails as _, Password},
};
use std::{fs, path::Path};

/// One key: the private half, and the public half in the form that is handed out.
pub(super) struct Pair {
    pub(super) secret: SignedSecretKey,
    /// The same key for signing quickly, where it is an RSA key.
    pub(super) quick: Option<rsa::Quick>,
    pub(super) armored: String,
}

impl Pair {
    pub(super) fn generate(
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

    pub(super) fn of(secret: SignedSecretKey) -> pgp::errors::Result<Self> {
        let armored = secret
            .to_public_key()
            .to_armored_string(ArmorOptions::default())?;
        Ok(Self {
            quick: rsa::Quick::of(&secret.primary_key),
            secret,
            armored,
        })
    }

    /// A private key that can sign by itself; else why not.
    pub(super) fn parse(armored: &str) -> Result<Self, String> {
        let (secret, _) = SignedSecretKey::from_string(armored).map_err(|e| e.to_string())?;
        secret.verify_bindings().map_err(|e| e.to_string())?;
        if secret.primary_key.secret_params().is_encrypted() {
            return Err(
                "it is protected by a passphrase, and the server signs unattended; `gpg --edit-key KEY passwd` with an \
                 empty new one takes it off, then export it again"
                    .to_owned(),
            );
        }
        Self::of(secret).map_err(|e| e.to_string())
    }

    pub(super) fn load(path: &Path, signs: KeyUse) -> Result<Self, KeysError> {
        let unusable = |reason: String| KeysError::Unusable {
            path: path.to_owned(),
            reason,
        };
        let text = fs::read_to_string(path).map_err(|e| file_error("read", path, &e))?;
        let pair = Self::parse(&text).map_err(unusable)?;
        if pair.can(signs) {
            return Ok(pair);
        }
        Err(unusable(format!(
            "{:?} signs nothing here",
            pair.secret.algorithm()
        )))
    }

    /// Whether clients of that use know its algorithm: EL8's and EL9's rpm know RSA only.
    pub(super) fn can(&self, signs: KeyUse) -> bool {
        match self.secret.algorithm() {
            PublicKeyAlgorithm::RSA => true,
            PublicKeyAlgorithm::EdDSALegacy | PublicKeyAlgorithm::ECDSA => signs == KeyUse::Apt,
            _ => false,
        }
    }

    pub(super) fn fingerprint(&self) -> String {
        self.secret.fingerprint().to_string().to_uppercase()
    }

    pub(super) fn public(&self) -> SignedPublicKey {
        self.secret.to_public_key()
    }

    pub(super) fn private(&self) -> Result<String, KeysError> {
        let text = self.secret.to_armored_string(ArmorOptions::default());
        text.map_err(crypto("write a private key"))
    }

    pub(super) fn sign(
        &self,
        kind: SignatureType,
        hash: HashAlgorithm,
        bytes: &[u8],
        at: Timestamp,
    ) -> pgp::errors::Result<Signature> {
        let config = self.config(kind, hash, at)?;
        match &self.quick {
            Some(quick) if rsa::Quick::can(&config) => quick.sign(config, bytes),
            _ => config.sign(&self.secret.primary_key, &Password::empty(), bytes),
        }
    }

    /// What a signature says of itself. No key signs before it was made.
    pub(super) fn config(
        &self,
        kind: SignatureType,
        hash: HashAlgorithm,
        at: Timestamp,
    ) -> pgp::errors::Result<SignatureConfig> {
        let key = &self.secret.primary_key;
        let made = i64::from(key.created_at().as_secs());
        let at = at.max(Timestamp::from_unix_seconds(made));
        let mut config = SignatureConfig::v4(kind, key.algorithm(), hash);
        config.hashed_subpackets = hashed(key, at)?;
        config.unhashed_subpackets = unhashed(key)?;
        Ok(config)
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
