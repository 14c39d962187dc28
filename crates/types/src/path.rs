//! Paths: where a file is installed, and where it is served.

use crate::{Invalid, invalid::string_type};
use serde::{Deserialize, Serialize};

fn check_parts(noun: &'static str, whole: &str, relative: &str) -> Result<(), Invalid> {
    let bad = |rule| Err(Invalid::new(noun, whole, rule));
    if relative.is_empty() {
        return bad("it must not be empty");
    }
    if relative.len() > 4096 {
        return bad("it must not be longer than 4096 bytes");
    }
    if relative.chars().any(char::is_control) {
        return bad("control characters are not allowed");
    }
    for part in relative.split('/') {
        match part {
            "" => return bad("it has an empty part"),
            "." | ".." => return bad("`.` and `..` are not allowed"),
            _ => {}
        }
    }
    Ok(())
}

/// Where a package installs a file: absolute, no `..`, no empty part, no control characters.
///
/// ```
/// # use packyard_types::InstallPath;
/// assert!(InstallPath::parse("/usr/bin/hello").is_ok());
/// assert!(InstallPath::parse("/usr/../etc/passwd").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstallPath(String);
string_type!(InstallPath);

impl InstallPath {
    /// Parses an absolute path.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let Some(relative) = s.strip_prefix('/') else {
            return Err(Invalid::new("install path", s, "it must begin with `/`"));
        };
        check_parts("install path", s, relative)?;
        Ok(Self(s.to_owned()))
    }

    /// The path without its leading slash, as archives spell it.
    pub fn relative(&self) -> &str {
        &self.0[1..]
    }

    /// The directory that holds it, unless that is the root.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        (!parent.is_empty()).then(|| Self(parent.to_owned()))
    }

    /// All directories above it, outermost first.
    pub fn ancestors(&self) -> Vec<Self> {
        let mut up: Vec<Self> = std::iter::successors(self.parent(), Self::parent).collect();
        up.reverse();
        up
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }

    /// This path with more parts below it.
    pub fn join(&self, below: &str) -> Result<Self, Invalid> {
        Self::parse(&format!("{}/{below}", self.0))
    }
}

/// A path below a view's root: relative, no `..`, no empty part, no control characters.
///
/// ```
/// # use packyard_types::ServedPath;
/// assert!(ServedPath::parse("dists/any/InRelease").is_ok());
/// assert!(ServedPath::parse("dists//x").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServedPath(String);
string_type!(ServedPath);

impl ServedPath {
    /// Parses a relative path.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        check_parts("path", s, s)?;
        Ok(Self(s.to_owned()))
    }

    /// The directory part, empty for a path of one part.
    pub fn directory(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(dir, _)| dir)
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }
}
