//! JSON web tokens, as the issuers of CI systems sign them (RFC 7519, in the compact form of RFC 7515), the key sets that
//! they are checked with (RFC 7517, 7518, 8037), and where an issuer says that its keys are (OpenID Connect Discovery 1.0).
//!
//! Everything here is pure: bytes and keys in, claims out. Who may be asked for keys, what the time is, and which claims
//! are wanted is decided elsewhere. What RFC 8725 advises is done by having no other way:
//!
//! - A token names its algorithm, and the *key* decides whether it is that: RSA for RS256 and PS256, P-256 for ES256,
//!   Ed25519 for EdDSA. `none` and everything with a shared secret (HS256 …) do not exist here, so that no public key can be
//!   mistaken for a secret.
//! - Keys come from the issuer's set only. What a token's header says of keys (`jku`, `jwk`, `x5u`, `x5c`) is not read.
//! - A header with `crit` is refused, for no extension is known; so is a type that is not JWT.
//! - The claims are out of reach before [`Unverified::verify`], but for `iss`, without which nobody knows whose keys to take.

mod discovery;
mod keys;
mod token;

pub use discovery::key_set_url;
pub use keys::KeySet;
pub use token::{Claims, Unverified};

/// The longest token that is read, in bytes; those of CI systems have one to three thousand. It stops a stranger from
/// having much parsed and hashed.
pub const MAX_TOKEN_BYTES: usize = 16 << 10;
/// The largest key set that is read, in bytes.
pub const MAX_KEYS_BYTES: usize = 256 << 10;
/// Most keys of a set. A token that names none of them is tried with none: there is one signature to check at most.
pub const MAX_KEYS: usize = 100;
/// The largest discovery document that is read, in bytes.
pub const MAX_DISCOVERY_BYTES: usize = 64 << 10;

/// How a token may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            // RFC 8037, and the exact name of RFC 9864.
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }
}

/// Why a token, or what it would be checked with, is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// More bytes than anybody needs.
    #[error("{what} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// What is.
        what: &'static str,
        /// The limit.
        limit_bytes: usize,
    },
    /// Not the compact form.
    #[error("it is not a JSON web token: three parts in base64url, joined by dots")]
    Form,
    /// A part that does not say what it must.
    #[error("{part} cannot be read: {reason}")]
    Part {
        /// Which.
        part: &'static str,
        /// Why.
        reason: String,
    },
    /// An algorithm that is not taken.
    #[error("it is signed with `{0}`; RS256, PS256, ES256 and EdDSA are taken")]
    Algorithm(String),
    /// An extension that must be understood, or another kind of token.
    #[error("its header says {0}, which is not taken")]
    Header(String),
    /// The set has no key for it.
    #[error("its issuer has no key {0} that fits")]
    UnknownKey(String),
    /// The signature is not one of the key.
    #[error("its signature is wrong")]
    Signature,
}

/// What somebody else wrote, short enough and plain enough to be shown.
fn shown(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests;
