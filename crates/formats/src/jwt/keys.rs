//! The keys of an issuer (RFC 7517; RSA and EC of RFC 7518, section 6; OKP of RFC 8037).

use super::{Algorithm, JwtError, MAX_KEYS, MAX_KEYS_BYTES};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

/// The public keys of an issuer that can check what is taken here.
#[derive(Debug, Clone, Default)]
pub struct KeySet(Vec<Key>);

/// A public key.
#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    /// The one algorithm that it is for, where its owner says so.
    only: Option<Algorithm>,
    public: Public,
}

#[derive(Debug, Clone)]
enum Public {
    /// Modulus and exponent, big-endian.
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// The point, uncompressed.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set. A key of another kind, for another purpose, or that cannot be read, is left out (RFC 7517, section 5);
    /// so is a shared secret.
    pub fn parse(bytes: &[u8]) -> Result<Self, JwtError> {
        let what = "the issuer's key set";
        if bytes.len() > MAX_KEYS_BYTES {
            return Err(JwtError::TooLarge {
                what,
                limit_bytes: MAX_KEYS_BYTES,
            });
        }
        let wrong = |reason: String| JwtError::Part { part: what, reason };
        let set: Set = serde_json::from_slice(bytes).map_err(|e| wrong(e.to_string()))?;
        if set.keys.len() > MAX_KEYS {
            return Err(wrong(format!("it has more than {MAX_KEYS} keys")));
        }
        Ok(Self(set.keys.into_iter().filter_map(Key::read).collect()))
    }

    /// Whether the set has nothing that could check a token.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks a signature with the key of this id; without an id, with the one key that fits the algorithm, where there is
    /// just one.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        key_id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), JwtError> {
        let named = |key: &&Key| key_id.is_none_or(|id| key.id.as_deref() == Some(id));
        let mut fitting = self.0.iter().filter(|key| key.fits(algorithm)).filter(named);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => key.verify(algorithm, message, signature),
            _ => Err(JwtError::UnknownKey(
                key_id.map_or(String::new(), |id| format!("`{}`", super::shown(id))),
            )),
        }
    }
}

impl Key {
    fn read(value: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let to_sign = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let to_verify = jwk
            .key_ops
            .as_ref()
            .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !to_sign || !to_verify {
            return None;
        }
        // A key that is for one algorithm is for no other, also where that one is unknown here.
        let only = match jwk.alg.as_deref() {
            None => None,
            Some(name) => Some(Algorithm::parse(name)?),
        };
        let public = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Public::Rsa {
                n: number(&jwk.n?)?,
                e: number(&jwk.e?)?,
            },
            ("EC", Some("P-256")) => {
                let (x, y) = (coordinate(&jwk.x?)?, coordinate(&jwk.y?)?);
                Public::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            ("OKP", Some("Ed25519")) => Public::Ed25519(coordinate(&jwk.x?)?),
            _ => return None,
        };
        Some(Self {
            id: jwk.kid,
            only,
            public,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match self.public {
            Public::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Public::P256(_) => algorithm == Algorithm::Es256,
            Public::Ed25519(_) => algorithm == Algorithm::EdDsa,
        };
        kind && self.only.is_none_or(|only| only == algorithm)
    }

    /// `ring` refuses moduli below 2048 and above 8192 bits, exponents that are large or even, and points that are not on
    /// the curve.
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        let good = match (&self.public, algorithm) {
            (Public::Rsa { n, e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Public::Rsa { n, e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, message, signature)
            }
            (Public::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Public::Ed25519(key), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            _ => return Err(JwtError::Signature),
        };
        good.map_err(|_| JwtError::Signature)
    }
}

/// A number, big-endian, without the zeros before it that RFC 7518 forbids and some write.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    Some(bytes[zeros..].to_vec()).filter(|bytes| !bytes.is_empty() && bytes.len() <= 1024)
}

/// 32 bytes, no more and no less.
fn coordinate(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .filter(|bytes| bytes.len() == 32)
}
