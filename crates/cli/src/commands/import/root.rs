//! Where a source lies: a directory on this machine, or a URL.

use anyhow::Context as _;
use packyard_client::Fetch;
use packyard_formats::repository::{MAX_INDEX_BYTES, Place};
use packyard_types::PartName;
use std::path::{Path, PathBuf};

/// The root of a repository, from which its indexes are read.
#[derive(Debug, Clone)]
pub enum Root {
    /// On this machine.
    Dir(PathBuf),
    /// Elsewhere; the URL ends with a slash.
    Web(String, Fetch),
}

/// Where the bytes of a package are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// On this machine.
    File(PathBuf),
    /// Elsewhere.
    Url(String),
}

impl Root {
    /// An index or a page, whole; none where it is not there.
    pub fn read(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        match self {
            Self::Dir(dir) => {
                let file = dir.join(path);
                if !file.is_file() {
                    return Ok(None);
                }
                let bytes = std::fs::read(&file).with_context(|| format!("reading `{}`", file.display()))?;
                Ok(Some(bytes))
            }
            Self::Web(url, fetch) => Ok(fetch.page(&format!("{url}{}", escaped(path)), MAX_INDEX_BYTES)?),
        }
    }

    /// Where a file of this repository lies.
    pub fn locate(&self, place: &Place) -> Location {
        match (self, place) {
            (Self::Dir(dir), Place::Below(path)) => Location::File(dir.join(path)),
            (Self::Web(url, _), Place::Below(path)) => Location::Url(format!("{url}{}", escaped(path))),
            (_, Place::Elsewhere(url)) => Location::Url(url.clone()),
        }
    }

    /// A path below it, for messages.
    pub fn shown(&self, path: &str) -> String {
        match self {
            Self::Dir(dir) => dir.join(path).display().to_string(),
            Self::Web(url, _) => format!("{url}{path}"),
        }
    }
}

impl Location {
    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Url(_) => None,
        }
    }

    /// The URL of a file in the same directory, where it is elsewhere. Nothing in such a name is percent-encoded.
    pub fn url_beside(&self, name: &PartName) -> Option<String> {
        match self {
            Self::File(_) => None,
            Self::Url(url) => Some(format!("{}/{name}", url.rsplit_once('/')?.0)),
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
        }
    }
}

/// A path as a URL has it: what is no part of a path is percent-encoded (RFC 3986, 3.3).
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/:@!$&'()*+,;=".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}
