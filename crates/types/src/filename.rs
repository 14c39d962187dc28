//! Artifact filenames: every spelling that clients and tools use is read, the canonical one is written.

use crate::{DebArch, DebName, Invalid, ProjectName, RpmArch, RpmName};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which package manager's world an artifact belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// Wheels and sdists, for pip, uv, poetry.
    Pip,
    /// Debian packages, for apt.
    Apt,
    /// RPM packages, for dnf and zypper.
    Yum,
}

/// What kind of file an artifact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// A Python source distribution, `.tar.gz`.
    Sdist,
    /// A Python wheel, `.whl`.
    Wheel,
    /// A Debian binary package, `.deb`.
    Deb,
    /// A Debian source package: a `.dsc`, and the files that it names.
    Dsc,
    /// An RPM binary package, `.rpm`.
    Rpm,
    /// An RPM source package, `.src.rpm`.
    Srpm,
}

impl ArtifactKind {
    /// Whose package manager reads it.
    pub fn ecosystem(self) -> Ecosystem {
        match self {
            Self::Sdist | Self::Wheel => Ecosystem::Pip,
            Self::Deb | Self::Dsc => Ecosystem::Apt,
            Self::Rpm | Self::Srpm => Ecosystem::Yum,
        }
    }

    /// The word of the command line and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sdist => "sdist",
            Self::Wheel => "wheel",
            Self::Deb => "deb",
            Self::Dsc => "dsc",
            Self::Rpm => "rpm",
            Self::Srpm => "srpm",
        }
    }
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pip => "pip",
            Self::Apt => "apt",
            Self::Yum => "yum",
        })
    }
}

/// What a filename says. Reads `%3a`, `%2b`, `%7e`; writes the canonical spelling, which every store and index uses.
///
/// ```
/// # use packyard_types::{ArtifactName, ArtifactKind};
/// let deb: ArtifactName = "foo_1%3a1.0%7erc1-1_all.deb".parse().unwrap();
/// assert_eq!(deb.to_string(), "foo_1.0~rc1-1_all.deb");
/// let rpm: ArtifactName = "foo-bar-1.0-1.noarch.rpm".parse().unwrap();
/// assert_eq!((rpm.kind(), rpm.package(), rpm.version()), (ArtifactKind::Rpm, "foo-bar", "1.0-1"));
/// assert!("foo.zip".parse::<ArtifactName>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArtifactName {
    canonical: String,
    kind: ArtifactKind,
    package: String,
    version: String,
    arch: String,
}

impl ArtifactName {
    /// Reads a filename.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        if s.len() > 250 {
            return Err(bad(s, "it must not be longer than 250 bytes"));
        }
        let spelt = percent_decode(s)?;
        if spelt.contains(['/', '\\']) || spelt.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(bad(s, "slashes, blanks and control characters are not allowed"));
        }
        if !spelt.is_ascii() {
            return Err(bad(
                s,
                "only ASCII is allowed: other letters look alike, or are spelt in several ways",
            ));
        }
        if let Some(stem) = spelt.strip_suffix(".deb") {
            deb(s, stem)
        } else if let Some(stem) = spelt.strip_suffix(".dsc") {
            dsc(s, stem)
        } else if let Some(stem) = spelt.strip_suffix(".rpm") {
            rpm(s, stem)
        } else if let Some(stem) = spelt.strip_suffix(".whl") {
            wheel(s, stem)
        } else if let Some(stem) = spelt.strip_suffix(".tar.gz") {
            sdist(s, stem)
        } else {
            Err(bad(s, "it must end in .whl, .tar.gz, .deb, .dsc or .rpm"))
        }
    }

    /// What kind of file this is.
    pub fn kind(&self) -> ArtifactKind {
        self.kind
    }
    /// The package name as its ecosystem spells it (PEP 503-normalised for wheels and sdists).
    pub fn package(&self) -> &str {
        &self.package
    }
    /// The version as the filename has it: without epoch for deb and rpm; `VERSION-RELEASE` for rpm.
    pub fn version(&self) -> &str {
        &self.version
    }
    /// deb: `all`, `amd64`; rpm: `noarch`, `x86_64`, `src`; wheel: the whole tag, `py3-none-any`; sdist and dsc: `source`.
    pub fn arch(&self) -> &str {
        &self.arch
    }
    /// The canonical filename.
    pub fn as_str(&self) -> &str {
        &self.canonical
    }
    /// The filename for use in a URL's path: `+` and everything outside the unreserved set and `~` percent-encoded.
    pub fn url_segment(&self) -> String {
        let mut out = String::with_capacity(self.canonical.len());
        for b in self.canonical.bytes() {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                out.push(char::from(b));
            } else {
                out.push_str(&format!("%{b:02X}"));
            }
        }
        out
    }
}

fn bad(s: &str, rule: impl Into<String>) -> Invalid {
    Invalid::new("artifact filename", s, rule)
}

fn percent_decode(s: &str) -> Result<String, Invalid> {
    let mut out = Vec::with_capacity(s.len());
    let mut bytes = s.bytes();
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        let digits = [bytes.next(), bytes.next()].map(|d| d.and_then(|d| char::from(d).to_digit(16)));
        let [Some(high), Some(low)] = digits else {
            return Err(bad(s, "a `%` must be followed by two hexadecimal digits"));
        };
        out.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits fit a byte"));
    }
    String::from_utf8(out).map_err(|_| bad(s, "it must be UTF-8"))
}

/// `NAME_VERSION_ARCH.deb`, the epoch left out (dpkg-deb(1), dpkg-name(1)).
fn deb(whole: &str, stem: &str) -> Result<ArtifactName, Invalid> {
    let parts: Vec<&str> = stem.split('_').collect();
    let [name, version, arch] = parts[..] else {
        return Err(bad(whole, "a .deb is called NAME_VERSION_ARCH.deb"));
    };
    let name = DebName::parse(name)?;
    let arch = DebArch::parse(arch)?;
    let version = debian_version(whole, version)?;
    Ok(ArtifactName {
        canonical: format!("{name}_{version}_{arch}.deb"),
        kind: ArtifactKind::Deb,
        package: name.into(),
        version,
        arch: arch.into(),
    })
}

/// `NAME_VERSION.dsc`, the epoch left out (dpkg-source(1)).
fn dsc(whole: &str, stem: &str) -> Result<ArtifactName, Invalid> {
    let parts: Vec<&str> = stem.split('_').collect();
    let [name, version] = parts[..] else {
        return Err(bad(whole, "a .dsc is called NAME_VERSION.dsc"));
    };
    let name = DebName::parse(name)?;
    let version = debian_version(whole, version)?;
    Ok(ArtifactName {
        canonical: format!("{name}_{version}.dsc"),
        kind: ArtifactKind::Dsc,
        package: name.into(),
        version,
        arch: "source".to_owned(),
    })
}

/// A Debian version as filenames have it, without its epoch.
fn debian_version(whole: &str, version: &str) -> Result<String, Invalid> {
    let version = version.split_once(':').map_or(version, |(_epoch, rest)| rest);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".+-~".contains(&b);
    if version.is_empty() || !version.bytes().all(plain) {
        let rule = "a Debian version has only letters, digits and `. + - ~`";
        return Err(bad(whole, rule));
    }
    Ok(version.to_owned())
}

/// `NAME-VERSION-RELEASE.ARCH.rpm`; an epoch that some tools put before the version is left out.
fn rpm(whole: &str, stem: &str) -> Result<ArtifactName, Invalid> {
    let shape = || bad(whole, "an .rpm is called NAME-VERSION-RELEASE.ARCH.rpm");
    let (nvr, arch) = stem.rsplit_once('.').ok_or_else(shape)?;
    let (nv, release) = nvr.rsplit_once('-').ok_or_else(shape)?;
    let (name, version) = nv.rsplit_once('-').ok_or_else(shape)?;
    let version = version.split_once(':').map_or(version, |(_epoch, rest)| rest);
    let (name, arch) = (RpmName::parse(name)?, RpmArch::parse(arch)?);
    let word_ok = |w: &str| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._+~^".contains(&b))
    };
    if !word_ok(version) || !word_ok(release) {
        return Err(bad(
            whole,
            "an RPM version and release have only letters, digits and `. _ + ~ ^`",
        ));
    }
    let kind = if matches!(arch.as_str(), "src" | "nosrc") {
        ArtifactKind::Srpm
    } else {
        ArtifactKind::Rpm
    };
    Ok(ArtifactName {
        canonical: format!("{name}-{version}-{release}.{arch}.rpm"),
        kind,
        package: name.into(),
        version: format!("{version}-{release}"),
        arch: arch.into(),
    })
}

/// `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl` (binary distribution format specification). The filename is kept as
/// it is, for it is what lock files name; the package and version are normalised.
fn wheel(whole: &str, stem: &str) -> Result<ArtifactName, Invalid> {
    let parts: Vec<&str> = stem.split('-').collect();
    let (name, version, build, tags) = match parts[..] {
        [name, version, py, abi, platform] => (name, version, None, [py, abi, platform]),
        [name, version, build, py, abi, platform] => (name, version, Some(build), [py, abi, platform]),
        _ => {
            return Err(bad(
                whole,
                "a wheel is called NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl",
            ));
        }
    };
    if build.is_some_and(|b| !b.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(bad(whole, "a wheel's build tag must begin with a digit"));
    }
    let tag_ok =
        |t: &&str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b));
    if !build.as_ref().is_none_or(tag_ok) {
        return Err(bad(
            whole,
            "a wheel's build tag has only letters, digits, `.` and `_`",
        ));
    }
    if !tags.iter().all(tag_ok) {
        return Err(bad(
            whole,
            "a wheel's tags have only letters, digits, `.` and `_`",
        ));
    }
    let package = ProjectName::parse(name)?;
    let version = pep440(whole, version)?;
    let arch = build.iter().copied().chain(tags).collect::<Vec<_>>().join("-");
    Ok(ArtifactName {
        canonical: format!("{stem}.whl"),
        kind: ArtifactKind::Wheel,
        package: package.into(),
        version,
        arch,
    })
}

/// `NAME-VERSION.tar.gz` (PEP 625; older spellings with `-` or `.` in the name are read too).
fn sdist(whole: &str, stem: &str) -> Result<ArtifactName, Invalid> {
    let (name, version) = stem
        .rsplit_once('-')
        .ok_or_else(|| bad(whole, "an sdist is called NAME-VERSION.tar.gz"))?;
    let package = ProjectName::parse(name)?;
    let version = pep440(whole, version)?;
    Ok(ArtifactName {
        canonical: format!("{stem}.tar.gz"),
        kind: ArtifactKind::Sdist,
        package: package.into(),
        version,
        arch: "source".to_owned(),
    })
}

fn pep440(whole: &str, version: &str) -> Result<String, Invalid> {
    // Wheels escape a local version's `-` as `_`.
    let spelt = version.replace('_', "-");
    let parsed: pep440_rs::Version = spelt
        .parse()
        .map_err(|_| bad(whole, format!("`{version}` is not a PEP 440 version")))?;
    Ok(parsed.to_string())
}

impl fmt::Display for ArtifactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.canonical)
    }
}

impl std::str::FromStr for ArtifactName {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        Self::parse(s)
    }
}

impl TryFrom<String> for ArtifactName {
    type Error = Invalid;
    fn try_from(s: String) -> Result<Self, Invalid> {
        Self::parse(&s)
    }
}

impl From<ArtifactName> for String {
    fn from(n: ArtifactName) -> String {
        n.canonical
    }
}
