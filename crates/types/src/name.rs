//! Package names, each under its own ecosystem's rule. They do not convert into each other, except by a function
//! that says which convention it follows.
//!
//! ```compile_fail
//! # use packyard_types::{DebName, ProjectName};
//! let deb: DebName = "libfoo1".parse::<ProjectName>().unwrap(); // another namespace
//! ```

use crate::{Invalid, invalid::string_type};
use serde::{Deserialize, Serialize};

/// A Python project's name as PEP 503 normalises it: lower case, runs of `-`, `_`, `.` become one `-`.
///
/// ```
/// # use packyard_types::ProjectName;
/// assert_eq!(ProjectName::parse("Foo_.Bar").unwrap().as_str(), "foo-bar");
/// assert!(ProjectName::parse("-foo").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectName(String);
string_type!(ProjectName);

impl ProjectName {
    /// Parses any spelling that the core metadata specification allows ("Name") and normalises it.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let bad = |rule| Err(Invalid::new("project name", s, rule));
        if s.is_empty() || s.len() > 200 {
            return bad("it must have 1 to 200 characters");
        }
        if !s
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        {
            return bad("only ASCII letters, digits, `-`, `_` and `.` are allowed");
        }
        let alnum_at = |i: usize| s.as_bytes()[i].is_ascii_alphanumeric();
        if !alnum_at(0) || !alnum_at(s.len() - 1) {
            return bad("it must begin and end with a letter or digit");
        }
        Ok(Self(collapse(s, '-')))
    }

    /// The project of a Debian source or RPM source package (DESIGN.md, Identity): normalised as above and without a
    /// leading `python3-`. `+` and `~`, which those worlds allow and PEP 503 does not, become `-`.
    pub fn from_source_package(source: &str) -> Result<Self, Invalid> {
        let spelt: String = source
            .chars()
            .map(|c| if matches!(c, '+' | '~' | '^') { '-' } else { c })
            .collect();
        let name = Self::parse(spelt.trim_matches(['-', '.', '_']))?;
        match name.0.strip_prefix("python3-") {
            Some(rest) => Self::parse(rest),
            None => Ok(name),
        }
    }

    /// The spelling of wheel and sdist filenames (PEP 625, PEP 427): `_` in place of `-`.
    pub fn in_filenames(&self) -> String {
        self.0.replace('-', "_")
    }
}

fn collapse(s: &str, separator: char) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with(separator) {
            out.push(separator);
        }
    }
    out
}

/// A Debian binary or source package name: at least two of `a-z0-9+-.`, the first a letter or digit
/// (Debian Policy 5.6.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DebName(String);
string_type!(DebName);

impl DebName {
    /// Parses a name; nothing is normalised, for Debian names have one spelling.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let bad = |rule| Err(Invalid::new("Debian package name", s, rule));
        if s.len() < 2 || s.len() > 200 {
            return bad("it must have 2 to 200 characters");
        }
        if !s
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b))
        {
            return bad("only lower-case letters, digits, `+`, `-` and `.` are allowed");
        }
        if !s.as_bytes()[0].is_ascii_alphanumeric() {
            return bad("it must begin with a letter or digit");
        }
        Ok(Self(s.to_owned()))
    }

    /// The convention for a Python library: `python3-NAME`.
    pub fn for_python_library(project: &ProjectName) -> Result<Self, Invalid> {
        Self::parse(&format!("python3-{project}"))
    }

    /// The convention for an application: its project's name.
    pub fn for_application(project: &ProjectName) -> Result<Self, Invalid> {
        Self::parse(project.as_str())
    }
}

/// An RPM package name: ASCII letters, digits and `-._+~^%{}` are seen in the wild; we take what a filename and
/// a URL can carry: `[A-Za-z0-9._+-]`, the first not a `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RpmName(String);
string_type!(RpmName);

impl RpmName {
    /// Parses a name; nothing is normalised, for RPM names have one spelling.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let bad = |rule| Err(Invalid::new("RPM package name", s, rule));
        if s.is_empty() || s.len() > 200 {
            return bad("it must have 1 to 200 characters");
        }
        if !s
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b))
        {
            return bad("only ASCII letters, digits, `.`, `_`, `+` and `-` are allowed");
        }
        if matches!(s.as_bytes()[0], b'-' | b'.') {
            return bad("it must not begin with `-` or `.`");
        }
        Ok(Self(s.to_owned()))
    }

    /// The convention for a Python library: `python3-NAME`.
    pub fn for_python_library(project: &ProjectName) -> Result<Self, Invalid> {
        Self::parse(&format!("python3-{project}"))
    }

    /// The convention for an application: its project's name.
    pub fn for_application(project: &ProjectName) -> Result<Self, Invalid> {
        Self::parse(project.as_str())
    }
}
