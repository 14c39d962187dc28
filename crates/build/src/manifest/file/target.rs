//! `target`: where a `[[file]]` is installed.

use crate::{Place, keys::Keys};
use packyard_types::{InstallPath, Invalid};
use std::fmt;

/// Where something is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileTarget {
    /// At this path; what a pattern finds, below it.
    At(InstallPath),
    /// Under its own name in this directory; in the root where there is none.
    In(Option<InstallPath>),
}

impl FileTarget {
    /// Where a thing of this name is installed.
    pub fn of(&self, name: &str) -> Result<InstallPath, Invalid> {
        match self {
            Self::At(path) => Ok(path.clone()),
            Self::In(_) => self.below(name),
        }
    }

    /// A path below it, taken as a directory.
    pub fn below(&self, path: &str) -> Result<InstallPath, Invalid> {
        match self {
            Self::At(directory) | Self::In(Some(directory)) => directory.join(path),
            Self::In(None) => InstallPath::parse(&format!("/{path}")),
        }
    }
}

impl fmt::Display for FileTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(path) => write!(f, "{path}"),
            Self::In(Some(directory)) => write!(f, "{directory}/"),
            Self::In(None) => f.write_str("/"),
        }
    }
}

/// Reads it. Only a source has a name that a directory can be said for.
pub(super) fn read(keys: &mut Keys<'_>, has_source: bool) -> Option<(FileTarget, Place)> {
    let target = keys.required("target")?;
    let text = target.get_ref();
    let plain = text.trim_end_matches('/');
    let found = match (text.ends_with('/') && has_source, plain) {
        (true, "") => Ok(FileTarget::In(None)),
        (true, directory) => InstallPath::parse(directory).map(|path| FileTarget::In(Some(path))),
        (false, "") => InstallPath::parse(text).map(FileTarget::At),
        (false, plain) => InstallPath::parse(plain).map(FileTarget::At),
    };
    match found {
        Ok(found) => Some((found, keys.file.place(target.span()))),
        Err(e) => {
            let message = format!("`{}` is not a valid {}", e.value, e.noun);
            keys.problem(target.span(), message, e.rule);
            None
        }
    }
}
