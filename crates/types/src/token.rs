//! Access tokens as the log knows them: by hash, never in clear.

use crate::{Digest, Invalid, Timestamp, invalid::string_type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

impl TokenId {
    /// Whether somebody may choose it for what they grant: not what the log calls others, nor what reads as a path or as
    /// an option of a command.
    pub fn check_chosen(&self) -> Result<(), Invalid> {
        const OTHERS: [&str; 2] = ["local", "anonymous"];
        let refused = |rule| Err(Invalid::new("token id", &self.0, rule));
        if OTHERS.contains(&&*self.0) {
            return refused("the log calls somebody else so");
        }
        if !self.0.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return refused("it must begin with a letter or digit");
        }
        Ok(())
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

/// One kind of action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Install from channels that are not public.
    Read,
    /// Publish artifacts.
    Publish,
    /// Move artifacts between channels, take them back and withdraw them.
    Promote,
    /// Everything.
    Admin,
}

impl Permission {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Promote => "promote",
            Self::Admin => "admin",
        }
    }
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

/// What a token allows: never nothing. Whoever may do anything may read, and who may administer may do everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// Those of a list; none of an empty one.
    pub fn of(list: impl IntoIterator<Item = Permission>) -> Option<Self> {
        let all: BTreeSet<Permission> = list.into_iter().collect();
        (!all.is_empty()).then_some(Self(all))
    }

    /// Everything.
    pub fn admin() -> Self {
        Self(BTreeSet::from([Permission::Admin]))
    }

    /// Whether an action is among them.
    pub fn allow(&self, needed: Permission) -> bool {
        needed == Permission::Read || self.0.contains(&Permission::Admin) || self.0.contains(&needed)
    }
}

impl std::fmt::Display for Permissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|p| p.as_str()).collect();
        f.write_str(&words.join(","))
    }
}

/// Written as `read,publish`.
impl std::str::FromStr for Permissions {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        let all = s.split(',').map(|word| word.trim().parse());
        let all: BTreeSet<Permission> = all.collect::<Result<_, _>>()?;
        Ok(Self(all))
    }
}

/// A list of words; or one text of them, as a person writes it.
impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            List(Vec<Permission>),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::List(list) => {
                Self::of(list).ok_or_else(|| serde::de::Error::custom("it must allow something"))
            }
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// How the log reads them: until its format 6 they were one word, which stood for those before it too.
fn of_the_log<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Permissions, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Word(Permission),
        Set(Permissions),
    }
    let all = [
        Permission::Read,
        Permission::Publish,
        Permission::Promote,
        Permission::Admin,
    ];
    Ok(match Written::deserialize(deserializer)? {
        Written::Word(word) => Permissions(all.into_iter().filter(|p| *p <= word).collect()),
        Written::Set(set) => set,
    })
}

/// A token, as granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenGrant {
    /// Its public name.
    pub id: TokenId,
    /// The hash of its text.
    pub hash: TokenHash,
    /// What it allows.
    #[serde(deserialize_with = "of_the_log")]
    pub can: Permissions,
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

#[cfg(test)]
mod tests {
    use super::{Permission, Permissions, TokenGrant};

    fn grant(can: &str) -> TokenGrant {
        let digest = "0".repeat(64);
        let text = format!(
            r#"{{"id":"t","hash":"{digest}","can":{can},"channels":"*","projects":"*","expires":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_list_of_permissions_allows_what_it_names_and_reading() {
        let can: Permissions = "read, promote".parse().unwrap();
        assert_eq!(can.to_string(), "read,promote");
        assert!(can.allow(Permission::Promote) && can.allow(Permission::Read));
        assert!(!can.allow(Permission::Publish) && !can.allow(Permission::Admin));
        assert!(Permissions::admin().allow(Permission::Publish));
        for wrong in ["", "write", "read,,publish"] {
            assert!(wrong.parse::<Permissions>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_word_in_an_old_log_stands_for_those_before_it() {
        let old = grant("\"promote\"");
        assert!(old.can.allow(Permission::Publish) && !old.can.allow(Permission::Admin));
        let new = grant("[\"promote\"]");
        assert!(!new.can.allow(Permission::Publish));
        assert_eq!(
            serde_json::to_value(&new).unwrap()["can"],
            serde_json::json!(["promote"])
        );
    }
}
