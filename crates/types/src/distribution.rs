//! What `packyard distribution` declares.

use crate::{BaseArch, ComponentName, DebArch, DistributionName, Invalid, RpmArch, invalid::string_type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which package manager a distribution's machines have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// dpkg and apt.
    Deb,
    /// rpm, dnf and zypper.
    Rpm,
}

impl Family {
    /// The word of the command line and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
        }
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Family {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        match s {
            "deb" => Ok(Self::Deb),
            "rpm" => Ok(Self::Rpm),
            _ => Err(Invalid::new("family", s, "it must be deb or rpm")),
        }
    }
}

/// Another name of a distribution in URLs and commands: `stable`, `9`, `9Server`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Alias(String);
string_type!(Alias);

impl Alias {
    /// Parses an alias: 1 to 100 of `[A-Za-z0-9._-]`, beginning with a letter or digit.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let begins = s.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if begins && s.len() <= 100 && s.bytes().all(plain) {
            return Ok(Self(s.to_owned()));
        }
        let rule = "it has 1 to 100 letters, digits, `.`, `_` and `-`, and begins with a letter or digit";
        Err(Invalid::new("alias", s, rule))
    }
}

/// The settings of a distribution. What is not said follows from the names of the channel and the distribution.
// Each is a question of its own, and the log has them as such.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DistributionSettings {
    /// The only family whose packages it takes; both where none is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// Its other names.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub aliases: BTreeSet<Alias>,
    /// `Suite` in apt's Release files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// `Codename` in apt's Release files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codename: Option<String>,
    /// `Origin` in apt's Release files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// `Label` in apt's Release files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `Version` in apt's Release files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `Description` in apt's Release files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// apt's components that are listed even when they are empty; `main` always is.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub components: BTreeSet<ComponentName>,
    /// Architectures that are listed even when they are empty, in the spelling of their family.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub architectures: BTreeSet<String>,
    /// apt installs from it only what is asked for by name (`NotAutomatic`), and upgrades that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_automatic: bool,
    /// A package is taken only where it is newer than every version of its name and architecture that is there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_newer: bool,
    /// apt's indexes are offered compressed with zstd, too; yum's with zstd instead of gzip.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub zstd: bool,
    /// The Release files say which keys sign them (`Signed-By`), and apt believes no others from then on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub signed_by: bool,
    /// How long apt trusts a Release file (`Valid-Until`), in seconds; for ever where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_for_seconds: Option<u64>,
}

impl DistributionSettings {
    /// Whether packages of a family belong in it.
    pub fn takes(&self, family: Family) -> bool {
        self.family.is_none_or(|f| f == family)
    }

    /// Whether these settings can be written into the files that clients read. Every text is a field of a Release file:
    /// one line, or it could bring fields of its own.
    pub fn check(&self) -> Result<(), Invalid> {
        const LONGEST: usize = 200;
        const LONGEST_VALIDITY: u64 = 10 * 366 * 86_400;
        for (noun, text) in [
            ("Suite", &self.suite),
            ("Codename", &self.codename),
            ("Origin", &self.origin),
            ("Label", &self.label),
            ("Version", &self.version),
            ("Description", &self.description),
        ] {
            let Some(text) = text else { continue };
            let plain = !text.is_empty() && text.trim() == text && text.len() <= LONGEST;
            if !plain || text.chars().any(crate::is_unseen) {
                let rule = format!(
                    "it is one line of 1 to {LONGEST} bytes, without control characters or marks of direction"
                );
                return Err(Invalid::new(noun, text, rule));
            }
            if matches!(noun, "Suite" | "Codename") && text.contains(char::is_whitespace) {
                return Err(Invalid::new(noun, text, "it is one word: apt's sources name it"));
            }
        }
        if let Some(seconds) = self.valid_for_seconds
            && !(1..=LONGEST_VALIDITY).contains(&seconds)
        {
            let rule = "it must be at least a second and at most ten years";
            return Err(Invalid::new("validity", &format!("{seconds}s"), rule));
        }
        let wrong = |arch: &String| self.misspelt(arch);
        self.architectures.iter().try_for_each(wrong)
    }

    /// An architecture is spelt as its family spells it; where both families are taken, either spelling will do.
    fn misspelt(&self, arch: &str) -> Result<(), Invalid> {
        let bad = |noun, rule: String| Err(Invalid::new(noun, arch, rule));
        if ["all", "noarch", "any", "source", "src", "nosrc"].contains(&arch) {
            let rule = "it is no machine: packages for every machine are listed under each of them";
            return bad("architecture of a distribution", rule.to_owned());
        }
        DebArch::parse(arch)?;
        if arch.starts_with('-') {
            return bad("architecture", "it must begin with a letter or digit".to_owned());
        }
        let spelt = |right: String| format!("it is spelt `{right}` there");
        match self.family {
            Some(Family::Deb) => match DebArch::twin_of(arch) {
                Some(right) => bad("Debian architecture", spelt(right.to_string())),
                None if arch.contains('_') => bad("Debian architecture", "none has a `_` in it".to_owned()),
                None => Ok(()),
            },
            Some(Family::Rpm) => match RpmArch::twin_of(arch) {
                Some(right) => bad("RPM architecture", spelt(right.to_string())),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Its architectures as apt spells them.
    pub fn deb_architectures(&self) -> impl Iterator<Item = DebArch> {
        let deb = |arch: &String| DebArch::twin_of(arch).map_or_else(|| DebArch::parse(arch).ok(), Some);
        self.architectures.iter().filter_map(deb)
    }

    /// Its architectures as dnf spells them.
    pub fn basearches(&self) -> impl Iterator<Item = BaseArch> {
        let rpm = |arch: &String| RpmArch::twin_of(arch).map_or_else(|| RpmArch::parse(arch).ok(), Some);
        self.architectures
            .iter()
            .filter_map(rpm)
            .filter_map(|a| a.basearch())
    }

    /// Whether a name means this distribution: its own, an alias, or an alias after the letters that its name begins
    /// with, so that `el$releasever` finds `el9` by the alias `9Server`.
    pub fn answers_to(&self, own: &DistributionName, name: &str) -> bool {
        let letters = own.as_str().trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        let letters = if letters.bytes().all(|b| b.is_ascii_alphabetic()) {
            letters
        } else {
            ""
        };
        let rest = name
            .strip_prefix(letters)
            .filter(|_| !letters.is_empty() && letters.len() < own.as_str().len());
        let alias = |n: &str| self.aliases.iter().any(|a| a.as_str() == n);
        own.as_str() == name || alias(name) || rest.is_some_and(alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_are_spelt_as_the_family_spells_them() {
        let of = |family, arch: &str| DistributionSettings {
            family,
            architectures: [arch.to_owned()].into(),
            ..DistributionSettings::default()
        };
        for (family, arch) in [
            (Some(Family::Deb), "riscv64"),
            (Some(Family::Rpm), "i686"),
            (None, "x86_64"),
            (None, "amd64"),
        ] {
            of(family, arch).check().unwrap();
        }
        for (family, arch, right) in [
            (Some(Family::Deb), "x86_64", "amd64"),
            (Some(Family::Deb), "aarch64", "arm64"),
            (Some(Family::Rpm), "amd64", "x86_64"),
            (Some(Family::Rpm), "ppc64el", "ppc64le"),
        ] {
            let error = of(family, arch).check().unwrap_err().to_string();
            assert!(error.contains(&format!("`{right}`")), "{error}");
        }
        let both = of(None, "x86_64");
        assert_eq!(both.deb_architectures().next().unwrap().as_str(), "amd64");
        assert_eq!(both.basearches().next().unwrap().as_str(), "x86_64");
        assert!(of(None, "noarch").check().is_err());
    }

    #[test]
    fn what_a_release_file_says_is_one_line() {
        let of = |text: &str| DistributionSettings {
            label: Some(text.to_owned()),
            ..DistributionSettings::default()
        };
        of("Ærøskøbing tools").check().unwrap();
        for text in ["", " x", "a\nTrusted: yes", "a\rb", "a\u{7f}b"] {
            assert!(of(text).check().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_distribution_answers_to_its_aliases_also_after_its_letters() {
        let of = |aliases: &[&str]| DistributionSettings {
            aliases: aliases.iter().map(|a| Alias::parse(a).unwrap()).collect(),
            ..DistributionSettings::default()
        };
        let el9 = DistributionName::parse("el9").unwrap();
        let settings = of(&["9", "9Server"]);
        for name in ["el9", "9", "9Server", "el9Server"] {
            assert!(settings.answers_to(&el9, name), "{name}");
        }
        for name in ["el8", "Server", "el", "el9server"] {
            assert!(!settings.answers_to(&el9, name), "{name}");
        }
        let bookworm = DistributionName::parse("bookworm").unwrap();
        assert!(of(&["stable"]).answers_to(&bookworm, "stable"));
        assert!(!of(&["stable"]).answers_to(&bookworm, "bookwormstable"));
    }
}
