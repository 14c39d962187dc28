//! Drafts: the name under which the jobs of a CI matrix collect one release.

use crate::{Invalid, invalid::string_type};
use serde::{Deserialize, Serialize};

/// The name of a draft, chosen by who collects: a tag, the number of a CI run.
///
/// ```
/// # use packyard_types::DraftId;
/// assert!(DraftId::parse("v1.2.3-run.4711").is_ok());
/// assert!(DraftId::parse("feature/x").is_err()); // it is one segment of a URL
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DraftId(String);
string_type!(DraftId);

impl DraftId {
    /// Parses an id: 1 to 100 of `[A-Za-z0-9._+-]`, the first a letter or digit.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
        let begins = s.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if begins && s.len() <= 100 && s.bytes().all(plain) {
            return Ok(Self(s.to_owned()));
        }
        let rule = "1 to 100 letters, digits, `.`, `_`, `+` and `-`, the first a letter or digit";
        Err(Invalid::new("draft id", s, rule))
    }
}
