//! Documents of a yum repository: files that repomd.xml names beside the lists of packages, taken in as they are.

use crate::{Blob, Invalid, invalid::string_type};
use serde::{Deserialize, Serialize};

/// What repomd.xml calls a document: the `type` of its `data` element (`group`, `updateinfo`, `modules`, `productid`).
///
/// - The lists of packages (`primary`, `filelists`, `other`) and other forms of a document (`group_gz`, `…_db`,
///   `…_zck`) are none: they are made, not taken in.
///
/// ```
/// # use packyard_types::DocumentKind;
/// assert!(DocumentKind::parse("modules").is_ok());
/// assert!(DocumentKind::parse("primary_db").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentKind(String);
string_type!(DocumentKind);

impl DocumentKind {
    /// Parses a `type`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        let made = ["primary", "filelists", "other"]
            .iter()
            .any(|made| s.starts_with(made));
        let form = ["_gz", "_xz", "_bz2", "_zst", "_zck", "_db"]
            .iter()
            .any(|form| s.ends_with(form));
        if !s.is_empty() && s.len() <= 40 && s.bytes().all(word) && !made && !form {
            return Ok(Self(s.to_owned()));
        }
        Err(Invalid::new(
            "kind of document",
            s,
            "1 to 40 of `a-z0-9_-`, as repomd.xml calls it, and no list of packages or other form of a document",
        ))
    }

    /// Package groups: comps.xml.
    pub fn group() -> Self {
        Self("group".to_owned())
    }

    /// Advisories: updateinfo.xml.
    pub fn updateinfo() -> Self {
        Self("updateinfo".to_owned())
    }
}

/// The file name of a document, behind the digest in what is served: `comps.xml`, `modules.yaml.gz`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentName(String);
string_type!(DocumentName);

impl DocumentName {
    /// Parses a file name: 1 to 80 of `A-Za-z0-9._-`, the first a letter or a digit.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let first = s.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if first && s.len() <= 80 && s.bytes().all(word) {
            return Ok(Self(s.to_owned()));
        }
        Err(Invalid::new(
            "name of a document",
            s,
            "1 to 80 of `A-Za-z0-9._-`, beginning with a letter or a digit",
        ))
    }
}

/// A document that a distribution has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its file name.
    pub name: DocumentName,
    /// Its bytes.
    #[serde(flatten)]
    pub blob: Blob,
}
