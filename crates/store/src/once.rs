//! What happens once, whichever node it happens on: records outside the history, put if absent, deleted when they are over.
//!
//! ```text
//! once/oidc/<hex>.json    a token of an OIDC issuer was used; <hex> is the digest of the issuer and the token's id
//! once/token/<hex>.json   what was given for one: the grant of a short token, by the digest of its text
//! ```

use crate::{Staged, Store, StoreError};
use bytes::Bytes;
use object_store::path::Path;
use packyard_types::{Digest, TokenHash};
use std::fmt;

/// The name of a record of something that happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnceKey {
    /// `once/oidc/<hex>.json`
    Oidc(Digest),
    /// `once/token/<hex>.json`
    Token(TokenHash),
}

/// All such records.
struct Records;

impl OnceKey {
    /// The key that has this path; none for a path that is not packyard's.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_suffix(".json")?.split('/').collect();
        let key = match parts[..] {
            ["once", "oidc", hex] => Self::Oidc(hex.parse().ok()?),
            ["once", "token", hex] => Self::Token(TokenHash(hex.parse().ok()?)),
            _ => return None,
        };
        (key.to_string() == path).then_some(key)
    }

    fn path(&self) -> Path {
        Path::from(self.to_string())
    }
}

impl fmt::Display for OnceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oidc(digest) => write!(f, "{Records}/oidc/{digest}.json"),
            Self::Token(hash) => write!(f, "{Records}/token/{}.json", hash.0),
        }
    }
}

impl fmt::Display for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("once")
    }
}

impl Store {
    /// Puts a record, unless there is one. As with [`Store::stage`], who must know that it is theirs puts something random
    /// into it.
    pub async fn put_once(&self, key: &OnceKey, bytes: Bytes) -> Result<Staged, StoreError> {
        self.put_record(key, &key.path(), bytes).await
    }

    /// A record, if it is there.
    pub async fn once(&self, key: &OnceKey) -> Result<Option<Bytes>, StoreError> {
        self.record(key, &key.path()).await
    }

    /// The keys of all of them, sorted.
    pub async fn list_once(&self) -> Result<Vec<OnceKey>, StoreError> {
        self.list_records(&Records, OnceKey::parse).await
    }

    /// Deletes a record; one that is not there is deleted already.
    pub async fn delete_once(&self, key: &OnceKey) -> Result<(), StoreError> {
        self.delete_record(key, &key.path()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_drawn_and_read_back() {
        let hello = Digest::of(b"hello");
        for (key, path) in [
            (OnceKey::Oidc(hello), format!("once/oidc/{hello}.json")),
            (
                OnceKey::Token(TokenHash(hello)),
                format!("once/token/{hello}.json"),
            ),
        ] {
            assert_eq!(key.to_string(), path);
            assert_eq!(OnceKey::parse(&path), Some(key));
        }
        for path in ["once/oidc/x.json", "once/other/x.json", "once"] {
            assert_eq!(OnceKey::parse(path), None, "{path}");
        }
    }
}
