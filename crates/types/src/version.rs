//! Release versions: PEP 440, with Debian and RPM images that keep the order.
//!
//! | PEP 440 | Debian | RPM |
//! |---|---|---|
//! | `1.0.dev1` | `1.0~~dev1` | `1.0~~dev1` |
//! | `1.0a1`, `1.0b1`, `1.0rc1` | `1.0~a1`, … | `1.0~a1`, … |
//! | `1.0` | `1.0` | `1.0` |
//! | `1.0.post1` | `1.0+post1` | `1.0^post1` |
//! | `1.0a1.dev2`, `1.0.post1.dev2` | `1.0~a1~dev2`, `1.0+post1~dev2` | `1.0~a1~dev2`, `1.0^post1~dev2` |
//! | `1!2.0` | `1:2.0` | epoch 1, `2.0` |
//!
//! The order is kept for versions of equal release width. PEP 440 says 1.0 = 1.0.0; dpkg and rpm say 1.0 < 1.0.0.

use crate::Invalid;
use pep440_rs::{Prerelease, PrereleaseKind, Version};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A PEP 440 version that has a Debian and an RPM image.
///
/// ```
/// # use packyard_types::ReleaseVersion;
/// let v: ReleaseVersion = "1!2.0rc1".parse().unwrap();
/// assert_eq!(v.deb_upstream(), "1:2.0~rc1");
/// assert_eq!((v.epoch(), v.rpm_version().as_str()), (1, "2.0~rc1"));
/// assert!("1.0+local.1".parse::<ReleaseVersion>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseVersion(Version);

/// dpkg keeps an epoch in a C `int`; rpm has 32 bits without a sign.
const MAX_EPOCH: u64 = 0x7fff_ffff;

impl ReleaseVersion {
    /// Parses a PEP 440 version; a local part (`+…`) is refused, for Debian and RPM have no image of it.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let version: Version = s.parse().map_err(|_| {
            Invalid::new(
                "version",
                s,
                "it must be a PEP 440 version, such as 1.2.3, 1.2.3rc1 or 1.2.3.post1",
            )
        })?;
        Self::from_pep440(version)
    }

    /// Takes a parsed PEP 440 version.
    pub fn from_pep440(version: Version) -> Result<Self, Invalid> {
        if version.is_local() {
            let rule = "a local version (`+…`) has no Debian or RPM image; use .postN or .devN";
            return Err(Invalid::new("version", &version.to_string(), rule));
        }
        if version.epoch() > MAX_EPOCH {
            let rule = "its epoch is too great: dpkg reads epochs up to 2147483647";
            return Err(Invalid::new("version", &version.to_string(), rule));
        }
        Ok(Self(version))
    }

    /// A semantic version (Cargo, npm) as a release version: `1.2.3-alpha.1` becomes `1.2.3a1`. Build metadata and
    /// pre-release words other than alpha, beta, rc, dev and pre are refused.
    pub fn from_semver(s: &str) -> Result<Self, Invalid> {
        let bad = |rule: &str| Invalid::new("semantic version", s, rule);
        let v = semver::Version::parse(s).map_err(|e| bad(&e.to_string()))?;
        if !v.build.is_empty() {
            return Err(bad("build metadata (`+…`) has no image in other ecosystems"));
        }
        let core = format!("{}.{}.{}", v.major, v.minor, v.patch);
        if v.pre.is_empty() {
            return Self::parse(&core);
        }
        let word: String = v.pre.chars().take_while(char::is_ascii_alphabetic).collect();
        let number = v.pre[word.len()..].trim_start_matches(['.', '-']);
        let number = if number.is_empty() { "0" } else { number };
        let mark = match word.as_str() {
            "alpha" | "a" => "a",
            "beta" | "b" => "b",
            "rc" | "pre" => "rc",
            "dev" => ".dev",
            _ => {
                return Err(bad(
                    "a pre-release must be alpha.N, beta.N, rc.N or dev.N to be ordered everywhere",
                ));
            }
        };
        Self::parse(&format!("{core}{mark}{number}"))
    }

    /// The PEP 440 version.
    pub fn pep440(&self) -> &Version {
        &self.0
    }

    /// The epoch, 0 mostly.
    pub fn epoch(&self) -> u32 {
        u32::try_from(self.0.epoch()).expect("checked when it was made")
    }

    /// How many numbers the release part has; it must not change within a project.
    pub fn release_width(&self) -> usize {
        self.0.release().len()
    }

    /// Whether every upgrade from `older` to this version is one for dpkg and rpm too. It is not where the release width
    /// differs and one release is the other with zeros after it: PEP 440 takes 1.0 and 1.0.0 for one, dpkg and rpm put
    /// 1.0 (and its post-releases) before 1.0.0 (and its pre-releases behind 1.0).
    ///
    /// ```
    /// # use packyard_types::ReleaseVersion;
    /// let v = |text| ReleaseVersion::parse(text).unwrap();
    /// assert!(v("1.0.1").upgrades_safely_from(&v("1.0")));
    /// assert!(!v("1.0.0.post1").upgrades_safely_from(&v("1.0")));
    /// assert!(!v("1.0").upgrades_safely_from(&v("1.0.0rc1")));
    /// ```
    pub fn upgrades_safely_from(&self, older: &Self) -> bool {
        fn significant(version: &ReleaseVersion) -> &[u64] {
            let release = version.0.release();
            let zeros = release.iter().rev().take_while(|n| **n == 0).count();
            &release[..release.len() - zeros]
        }
        self.release_width() == older.release_width()
            || self.epoch() != older.epoch()
            || significant(self) != significant(older)
    }

    /// A version behind this one and before whatever may follow it: the development version `number` of its successor.
    /// A larger number gives a later version.
    ///
    /// ```
    /// # use packyard_types::ReleaseVersion;
    /// let v = |text| ReleaseVersion::parse(text).unwrap();
    /// assert_eq!(v("1!1.2.9").snapshot_after(7), v("1!1.2.10.dev7"));
    /// assert_eq!(v("1.2.post3").snapshot_after(7), v("1.3.dev7"));
    /// assert_eq!(v("1.2rc1").snapshot_after(7), v("1.2rc2.dev7"));
    /// assert_eq!(v("1.2.dev4").snapshot_after(7), v("1.2.dev11"));
    /// ```
    #[must_use]
    pub fn snapshot_after(&self, number: u64) -> Self {
        if let Some(dev) = self.0.dev() {
            return self.snapshot_before(dev.saturating_add(number));
        }
        let mut release = self.0.release().to_vec();
        let next = self.0.pre().map(|pre| Prerelease {
            kind: pre.kind,
            number: pre.number.saturating_add(1),
        });
        if let (None, Some(last)) = (next, release.last_mut()) {
            *last = last.saturating_add(1);
        }
        let next = Version::new(release).with_epoch(self.0.epoch()).with_pre(next);
        Self(next.with_dev(Some(number)))
    }

    /// The development version `number` before this one.
    ///
    /// ```
    /// # use packyard_types::ReleaseVersion;
    /// let v = |text| ReleaseVersion::parse(text).unwrap();
    /// assert_eq!(v("1.3").snapshot_before(7), v("1.3.dev7"));
    /// assert_eq!(v("1.3.dev0").snapshot_before(7), v("1.3.dev7"));
    /// ```
    #[must_use]
    pub fn snapshot_before(&self, number: u64) -> Self {
        Self(self.0.clone().with_dev(Some(number)))
    }

    /// The Debian upstream version, with the epoch.
    pub fn deb_upstream(&self) -> String {
        match self.epoch() {
            0 => self.image("+"),
            e => format!("{e}:{}", self.image("+")),
        }
    }

    /// The RPM version, without the epoch.
    pub fn rpm_version(&self) -> String {
        self.image("^")
    }

    /// The release version whose Debian image this upstream version (with its epoch) is; none where it is no image.
    ///
    /// ```
    /// # use packyard_types::ReleaseVersion;
    /// assert_eq!(ReleaseVersion::from_deb_upstream("1:2.0~rc1").unwrap().to_string(), "1!2.0rc1");
    /// assert_eq!(ReleaseVersion::from_deb_upstream("2.0+dfsg"), None);
    /// ```
    pub fn from_deb_upstream(upstream: &str) -> Option<Self> {
        let (epoch, image) = upstream.split_once(':').unwrap_or(("0", upstream));
        Self::from_image(image, epoch, "+post").filter(|v| v.deb_upstream() == upstream)
    }

    /// The release version whose RPM image this version and epoch are; none where they are no image.
    ///
    /// ```
    /// # use packyard_types::ReleaseVersion;
    /// assert_eq!(ReleaseVersion::from_rpm_version("2.0^post1", 0).unwrap().to_string(), "2.0.post1");
    /// assert_eq!(ReleaseVersion::from_rpm_version("2.0~beta", 0), None);
    /// ```
    pub fn from_rpm_version(version: &str, epoch: u32) -> Option<Self> {
        Self::from_image(version, &epoch.to_string(), "^post").filter(|v| v.rpm_version() == version)
    }

    /// PEP 440 text out of an image; whether it really was one shows when the image is made again.
    fn from_image(image: &str, epoch: &str, post: &str) -> Option<Self> {
        let text = image
            .replace("~~dev", ".dev")
            .replace("~dev", ".dev")
            .replace(post, ".post")
            .replace('~', "");
        Self::parse(&format!("{epoch}!{text}")).ok()
    }

    fn image(&self, post_mark: &str) -> String {
        let release: Vec<String> = self.0.release().iter().map(u64::to_string).collect();
        let mut out = release.join(".");
        if let Some(pre) = self.0.pre() {
            let word = match pre.kind {
                PrereleaseKind::Alpha => "a",
                PrereleaseKind::Beta => "b",
                PrereleaseKind::Rc => "rc",
            };
            out.push_str(&format!("~{word}{}", pre.number));
        }
        if let Some(post) = self.0.post() {
            out.push_str(&format!("{post_mark}post{post}"));
        }
        if let Some(dev) = self.0.dev() {
            let plain = self.0.pre().is_none() && self.0.post().is_none();
            out.push_str(&format!("{}dev{dev}", if plain { "~~" } else { "~" }));
        }
        out
    }
}

impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ReleaseVersion {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        Self::parse(s)
    }
}

impl TryFrom<String> for ReleaseVersion {
    type Error = Invalid;
    fn try_from(s: String) -> Result<Self, Invalid> {
        Self::parse(&s)
    }
}

impl From<ReleaseVersion> for String {
    fn from(v: ReleaseVersion) -> String {
        v.to_string()
    }
}

/// A PEP 440 version in its normal form; none for a text that is none. Local versions are allowed here.
pub fn normal_pep440(s: &str) -> Option<String> {
    s.parse::<Version>().ok().map(|v| v.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_gives_its_version_back() {
        let ends = [
            "",
            "a1",
            "b2",
            "rc3",
            ".dev4",
            ".post5",
            "a1.dev2",
            "a1.post2",
            ".post1.dev2",
            "a1.post2.dev3",
        ];
        for (epoch, release) in [("", "1"), ("", "1.0"), ("2!", "1.10.3")] {
            for end in ends {
                let version: ReleaseVersion = format!("{epoch}{release}{end}").parse().unwrap();
                assert_eq!(
                    ReleaseVersion::from_deb_upstream(&version.deb_upstream()),
                    Some(version.clone())
                );
                let rpm = ReleaseVersion::from_rpm_version(&version.rpm_version(), version.epoch());
                assert_eq!(rpm, Some(version));
            }
        }
    }

    #[test]
    fn what_is_no_image_is_no_release_version() {
        for foreign in [
            "",
            "1.0+dfsg",
            "1.0-rc1",
            "1.0rc1",
            "1.0~~rc1",
            "v1.0",
            "1.0~beta1",
            "1.0^post1",
            "20!1.0",
            "é",
        ] {
            assert_eq!(ReleaseVersion::from_deb_upstream(foreign), None, "{foreign}");
        }
        assert_eq!(ReleaseVersion::from_rpm_version("1.0+post1", 0), None);
    }
}
