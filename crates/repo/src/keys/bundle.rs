//! Both private keys of a yard as one text, which is how they travel: into the secret store of a CI system, out of a
//! backup. The text is two armoured blocks (RFC 9580, section 6), one after the other, in any order; what stands
//! between them is passed over.

use super::{APT, Keys, KeysError, Pair, RPM, crypto};
use pgp::{
    composed::{ArmorOptions, Deserializable as _, SignedSecretKey},
    crypto::public_key::PublicKeyAlgorithm,
    types::KeyDetails as _,
};
use std::path::PathBuf;

const BEGIN: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
const END: &str = "-----END PGP PRIVATE KEY BLOCK-----";

/// One half of a yard's keys, for people to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// What it signs.
    pub signs: &'static str,
    /// Its algorithm.
    pub algorithm: &'static str,
    /// Its fingerprint, in hexadecimal.
    pub fingerprint: String,
    /// Whose it is.
    pub user_id: String,
}

impl Keys {
    /// Reads the text that [`Keys::bundle`] writes; `origin` is where it comes from, for messages.
    pub fn from_bundle(text: &str, origin: &str) -> Result<Self, KeysError> {
        let unusable = |reason: String| KeysError::Bundle {
            origin: origin.to_owned(),
            reason,
        };
        let (mut apt, mut rpm) = (None, None);
        for block in blocks(text) {
            let (secret, _) = SignedSecretKey::from_string(block).map_err(|e| unusable(e.to_string()))?;
            secret.verify_bindings().map_err(|e| unusable(e.to_string()))?;
            if secret.primary_key.secret_params().is_encrypted() {
                return Err(unusable("it is protected by a passphrase".to_owned()));
            }
            let slot = match secret.algorithm() {
                PublicKeyAlgorithm::EdDSALegacy => &mut apt,
                PublicKeyAlgorithm::RSA => &mut rpm,
                other => {
                    return Err(unusable(format!(
                        "{other:?} is not an algorithm that is used here"
                    )));
                }
            };
            if slot.is_some() {
                return Err(unusable(format!("it holds two {:?} keys", secret.algorithm())));
            }
            *slot = Some(Pair::of(secret).map_err(|e| unusable(e.to_string()))?);
        }
        let missing = |what: &str| unusable(format!("it holds no {what} key"));
        Ok(Self {
            apt: apt.ok_or_else(|| missing("Ed25519 (apt)"))?,
            rpm: rpm.ok_or_else(|| missing("RSA (rpm)"))?,
        })
    }

    /// Both private keys as one text.
    pub fn bundle(&self) -> Result<String, KeysError> {
        let mut text = String::new();
        for (name, pair) in [(APT, &self.apt), (RPM, &self.rpm)] {
            let armored = pair.secret.to_armored_string(ArmorOptions::default());
            let armored = armored.map_err(crypto("write a private key"))?;
            text.push_str(&format!("packyard {name}\n{}\n", armored.trim_end()));
        }
        Ok(text)
    }

    /// What the keys are, without anything secret.
    pub fn lines(&self) -> [KeyLine; 2] {
        let line = |signs, algorithm, pair: &Pair| KeyLine {
            signs,
            algorithm,
            fingerprint: pair.secret.fingerprint().to_string().to_uppercase(),
            user_id: pair
                .secret
                .details
                .users
                .first()
                .map_or_else(String::new, |u| String::from_utf8_lossy(u.id.id()).into_owned()),
        };
        [line("apt", "Ed25519", &self.apt), line("yum", "RSA", &self.rpm)]
    }

    /// Whether these are the same keys.
    pub fn same_as(&self, other: &Self) -> bool {
        self.lines() == other.lines()
    }

    /// Where they lie in the directory of keys.
    pub fn files(dir: &std::path::Path) -> [PathBuf; 2] {
        [dir.join(APT), dir.join(RPM)]
    }
}

fn blocks(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(BEGIN).filter_map(move |(start, _)| {
        let end = text[start..].find(END)? + END.len();
        Some(&text[start..start + end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_types::Timestamp;
    use rand::SeedableRng as _;

    #[test]
    fn a_bundle_holds_both_keys_and_is_read_back() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(11);
        let at = Timestamp::from_unix_seconds(1_700_000_000);
        let keys = Keys::generate(&mut rng, at, "yard").unwrap();
        let bundle = keys.bundle().unwrap();
        let read = Keys::from_bundle(&bundle, "a test").unwrap();
        assert!(read.same_as(&keys));
        assert_eq!(read.public_apt(), keys.public_apt());
        assert_eq!(read.public_rpm(), keys.public_rpm());
        let half = &bundle[..bundle.find(END).unwrap() + END.len()];
        for wrong in [half, "", &[&bundle[..], half].concat()] {
            assert!(Keys::from_bundle(wrong, "a test").is_err());
        }
    }
}
