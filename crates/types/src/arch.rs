//! Machine architectures, in the two spellings of the two worlds.

use crate::{Invalid, invalid::string_type};
use serde::{Deserialize, Serialize};

fn word(noun: &'static str, s: &str) -> Result<String, Invalid> {
    let ok =
        !s.is_empty() && s.len() <= 32 && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if ok {
        Ok(s.to_owned())
    } else {
        Err(Invalid::new(
            noun,
            s,
            "only ASCII letters, digits, `-` and `_` are allowed",
        ))
    }
}

/// The same machine in both spellings: Debian's, RPM's (as a basearch where there is one).
const TWINS: [(&str, &str); 10] = [
    ("amd64", "x86_64"),
    ("arm64", "aarch64"),
    ("armhf", "armhfp"),
    ("i386", "i686"),
    ("loong64", "loongarch64"),
    ("mips64el", "mips64el"),
    ("ppc64el", "ppc64le"),
    ("riscv64", "riscv64"),
    ("s390x", "s390x"),
    ("sparc64", "sparc64"),
];

/// A Debian architecture: `all`, `amd64`, `arm64`, … (`dpkg-architecture -L`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DebArch(String);
string_type!(DebArch);

impl DebArch {
    /// Parses an architecture's name.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        word("Debian architecture", s).map(Self)
    }
    /// `all`: runs everywhere, listed under every architecture.
    pub fn all() -> Self {
        Self("all".to_owned())
    }
    /// Whether this is `all`.
    pub fn is_all(&self) -> bool {
        self.0 == "all"
    }
    /// What a distribution has from its first day: amd64 and arm64.
    pub fn defaults() -> [Self; 2] {
        [Self("amd64".to_owned()), Self("arm64".to_owned())]
    }
    /// Debian's name of the machine that the RPM world spells `rpm`; none where Debian spells it so too, or does not
    /// know it.
    pub fn twin_of(rpm: &str) -> Option<Self> {
        let twin = TWINS.iter().find(|(deb, theirs)| *theirs == rpm && *deb != rpm);
        twin.map(|(deb, _)| Self((*deb).to_owned()))
    }
}

/// An RPM architecture as in the header and the filename: `noarch`, `x86_64`, `i686`, `src`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RpmArch(String);
string_type!(RpmArch);

impl RpmArch {
    /// Parses an architecture's name.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        word("RPM architecture", s).map(Self)
    }
    /// `noarch`: runs everywhere, listed under every basearch.
    pub fn noarch() -> Self {
        Self("noarch".to_owned())
    }
    /// Whether this is `noarch`.
    pub fn is_noarch(&self) -> bool {
        self.0 == "noarch"
    }
    /// RPM's name of the machine that Debian spells `deb`; none where RPM spells it so too, or does not know it.
    pub fn twin_of(deb: &str) -> Option<Self> {
        let twin = TWINS.iter().find(|(theirs, rpm)| *theirs == deb && *rpm != deb);
        twin.map(|(_, rpm)| Self((*rpm).to_owned()))
    }
    /// The basearch whose repository lists this architecture (dnf's `basearch` table); none for `noarch` and `src`.
    pub fn basearch(&self) -> Option<BaseArch> {
        let base = match self.0.as_str() {
            "noarch" | "src" | "nosrc" => return None,
            "i386" | "i486" | "i586" | "i686" | "athlon" | "geode" => "i386",
            "x86_64" | "amd64" | "ia32e" | "x86_64_v2" | "x86_64_v3" | "x86_64_v4" => "x86_64",
            "armv7hl" | "armv7hnl" | "armv8hl" => "armhfp",
            other => other,
        };
        Some(BaseArch(base.to_owned()))
    }
}

/// What dnf substitutes for `$basearch`: `x86_64`, `aarch64`, …; one repository each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseArch(String);
string_type!(BaseArch);

impl BaseArch {
    /// Parses a basearch's name.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        word("basearch", s).map(Self)
    }
    /// What a distribution has from its first day: `x86_64` and aarch64.
    pub fn defaults() -> [Self; 2] {
        [Self("x86_64".to_owned()), Self("aarch64".to_owned())]
    }
}
