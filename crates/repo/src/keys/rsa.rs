//! RSA signatures by `ring`: the same bytes as those of the library that does the rest of OpenPGP, in a third of the time.
//! Every repomd.xml and every .rpm that comes in unsigned costs one.
//!
//! RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2) knows no randomness, so there is one right answer, and a test compares the
//! two. `ring` blinds, and checks what it has signed before it gives it away.

use packyard_types::Digest;
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{SecretKey, Signature, SignatureConfig, SignatureType, SignatureVersion},
    ser::Serialize as _,
    types::{KeyDetails as _, Mpi, PlainSecretParams, PublicParams, SecretParams, SignatureBytes},
};
use ring::{rand::SystemRandom, signature};
use rsa::{BigUint, RsaPrivateKey, pkcs1::EncodeRsaPrivateKey as _, traits::PublicKeyParts as _};

/// A private RSA key that signs quickly.
pub(super) struct Quick(signature::RsaKeyPair);

impl Quick {
    /// The key in the form that `ring` needs; none for another algorithm, or for an RSA key of a size that `ring` does not
    /// take.
    pub(super) fn of(key: &SecretKey) -> Option<Self> {
        let (PublicParams::RSA(public), SecretParams::Plain(PlainSecretParams::RSA(secret))) =
            (key.public_key().public_params(), key.secret_params())
        else {
            return None;
        };
        let (exponent, one, other, _) = secret.to_bytes();
        let mut primes = [one, other].map(|prime| BigUint::from_bytes_be(&prime));
        // `ring` wants the larger one first.
        primes.sort_by(|a, b| b.cmp(a));
        let (modulus, verifying) = (public.key.n().clone(), public.key.e().clone());
        let exponent = BigUint::from_bytes_be(&exponent);
        let key = RsaPrivateKey::from_components(modulus, verifying, exponent, primes.into()).ok()?;
        let der = key.to_pkcs1_der().ok()?;
        signature::RsaKeyPair::from_der(der.as_bytes()).ok().map(Self)
    }

    /// Whether such a signature is made here.
    pub(super) fn can(config: &SignatureConfig) -> bool {
        config.version() == SignatureVersion::V4
            && config.typ() == SignatureType::Binary
            && config.hash_alg == HashAlgorithm::Sha256
    }

    /// A signature of version 4 over a binary document (RFC 9580, sections 5.2.3 and 5.2.4).
    pub(super) fn sign(&self, config: SignatureConfig, document: &[u8]) -> pgp::errors::Result<Signature> {
        let mut signed = document.to_vec();
        signed.extend(hashed_part(&config)?);
        let mut bytes = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(
                &signature::RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                &signed,
                &mut bytes,
            )
            .map_err(|_| pgp::errors::Error::from("RSA could not sign".to_owned()))?;
        let [first, second, ..] = *Digest::of(&signed).as_bytes();
        let signature = SignatureBytes::Mpis(vec![Mpi::from_slice(&bytes)]);
        Signature::from_config(config, [first, second], signature)
    }
}

/// What of a signature is hashed after the document: its fields and hashed subpackets, and a trailer that says how long
/// they are.
fn hashed_part(config: &SignatureConfig) -> pgp::errors::Result<Vec<u8>> {
    let mut subpackets = Vec::new();
    for subpacket in config.hashed_subpackets() {
        subpacket.to_writer(&mut subpackets)?;
    }
    let too_long = |_| pgp::errors::Error::from("the hashed subpackets are too long".to_owned());
    let length = u16::try_from(subpackets.len()).map_err(too_long)?;
    let mut out = vec![
        4,
        config.typ().into(),
        config.pub_alg.into(),
        config.hash_alg.into(),
    ];
    out.extend(length.to_be_bytes());
    out.extend(subpackets);
    let hashed = u32::from(length) + 6;
    out.extend([4, 0xff]);
    out.extend(hashed.to_be_bytes());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, keys};
    use super::*;
    use pgp::types::Password;

    #[test]
    fn both_libraries_make_the_same_signature() {
        let pair = &keys().rpm[0];
        let quick = pair.quick.as_ref().unwrap();
        for (seconds, document) in [(0, &b""[..]), (1, b"a document"), (86_400, &[0xff; 5000])] {
            let config = pair
                .config(SignatureType::Binary, HashAlgorithm::Sha256, at(seconds))
                .unwrap();
            assert!(Quick::can(&config));
            let slow = config
                .clone()
                .sign(&pair.secret.primary_key, &Password::empty(), document)
                .unwrap();
            assert_eq!(quick.sign(config, document).unwrap(), slow);
        }
    }

    #[test]
    fn keys_of_another_algorithm_sign_as_before() {
        assert!(keys().apt[0].quick.is_none());
    }
}
