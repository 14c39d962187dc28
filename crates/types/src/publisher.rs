//! Trusted publishers: who may publish because an OIDC issuer vouches for them, without a stored secret.

use crate::{Permissions, TokenId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whom an issuer has to vouch for, and what they may do then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// Its name in lists and in the log; publishers and tokens are named alike.
    pub id: TokenId,
    /// The issuer's URL, as its tokens say it in `iss`.
    pub issuer: String,
    /// What the tokens have to say in `aud`.
    pub audience: String,
    /// What they have to say beside: the claim's name, and its value as a glob.
    pub claims: BTreeMap<String, String>,
    /// What is allowed to who has such a token.
    pub can: Permissions,
    /// The channels it is for, as a glob.
    pub channels: String,
    /// The projects it is for, as a glob.
    pub projects: String,
}
