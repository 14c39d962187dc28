//! Access tokens as the log knows them: by hash, never in clear.

use crate::{Digest, Invalid, Timestamp, invalid::string_type};
use serde::{Deserialize, Serialize};

/// A token's public name, by which it is listed and revoked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId(String);
string_type!(TokenId);

impl TokenId {
    /// Parses an id: 1 to 64 of `[A-Za-z0-9._-]`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let ok = !s.is_empty()
            && s.len() <= 64
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if ok {
            Ok(Self(s.to_owned()))
        } else {
            Err(Invalid::new(
                "token id",
                s,
                "1 to 64 letters, digits, `.`, `_`, `-`",
            ))
        }
    }
}

/// SHA-256 of a token's text. Tokens carry 256 random bits, so that a plain hash is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(pub Digest);

impl TokenHash {
    /// Hashes a token as a client sent it.
    pub fn of(token: &str) -> Self {
        Self(Digest::of(token.as_bytes()))
    }
}

/// What a token allows; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Install from channels that are not public.
    Read,
    /// Publish artifacts.
    Publish,
    /// Move artifacts between channels.
    Promote,
    /// Everything.
    Admin,
}

impl std::str::FromStr for Permission {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        Ok(match s {
            "read" => Self::Read,
            "publish" => Self::Publish,
            "promote" => Self::Promote,
            "admin" => Self::Admin,
            _ => {
                return Err(Invalid::new(
                    "permission",
                    s,
                    "it must be read, publish, promote or admin",
                ));
            }
        })
    }
}

/// A token, as granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenGrant {
    /// Its public name.
    pub id: TokenId,
    /// The hash of its text.
    pub hash: TokenHash,
    /// What it allows.
    pub can: Permission,
    /// The channels it is for, as a glob; `*` for all.
    pub channels: String,
    /// The projects it is for, as a glob; `*` for all.
    pub projects: String,
    /// When it ends; none for never.
    pub expires: Option<Timestamp>,
    /// The networks that it is good from; from everywhere where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<ipnet::IpNet>,
}
