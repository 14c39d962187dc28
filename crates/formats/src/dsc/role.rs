//! What each file of a source package is for: its name says it (dpkg-source(1), SOURCE PACKAGE FORMATS).

use super::Listed;
use crate::archive::codec::Codec;
use crate::fault::{Fault, shown};
use packyard_types::PartName;
use std::collections::BTreeSet;

/// How a source package is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `1.0`
    One,
    /// `3.0 (native)`
    Native,
    /// `3.0 (quilt)`
    Quilt,
}

/// What a file of a source package is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The whole package in one tarball.
    Native(Codec),
    /// The upstream's tarball.
    Orig(Codec),
    /// Another tarball of the upstream's, which goes into a directory of this name.
    Component(String, Codec),
    /// The tarball of `debian/`.
    Debian(Codec),
    /// What a package of format 1.0 changes in the upstream's tarball.
    Diff,
    /// The upstream's signature of the file of this name.
    Signature(String),
}

const HINT: &str = "let dpkg-source build it anew";

impl Format {
    /// Reads the field `Format`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            "1.0" => Ok(Self::One),
            "3.0 (native)" => Ok(Self::Native),
            "3.0 (quilt)" => Ok(Self::Quilt),
            other => {
                let rule = format!("its format is `{}`, which is not taken", shown(other));
                Err(Fault::new(rule, "use 3.0 (quilt) or 3.0 (native)").at("Format"))
            }
        }
    }

    /// What a file is for, in a package of this name and version; none where it has no place in it.
    pub fn role(self, source: &str, version: &str, file: &PartName) -> Option<Role> {
        let full = version.split_once(':').map_or(version, |(_, rest)| rest);
        let upstream = full.rsplit_once('-').map_or(full, |(upstream, _)| upstream);
        if let Some(of) = file.as_str().strip_suffix(".asc") {
            let signed = self.role(source, version, &PartName::parse(of).ok()?)?;
            return match signed {
                Role::Orig(_) | Role::Component(..) | Role::Native(_) => Some(Role::Signature(of.to_owned())),
                _ => None,
            };
        }
        let rest = file.as_str().strip_prefix(source)?.strip_prefix('_')?;
        if let Some(tail) = rest.strip_prefix(upstream).and_then(|t| t.strip_prefix(".orig"))
            && self != Self::Native
        {
            if let Some(codec) = self.tarball(tail) {
                return Some(Role::Orig(codec));
            }
            let (component, _) = tail.strip_prefix('-')?.split_once(".tar.")?;
            let name_ok =
                !component.is_empty() && component.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            let codec = self.tarball(tail.strip_prefix('-')?.strip_prefix(component)?)?;
            return (name_ok && self == Self::Quilt).then(|| Role::Component(component.to_owned(), codec));
        }
        let tail = rest.strip_prefix(full)?;
        match self {
            Self::One if tail == ".diff.gz" => Some(Role::Diff),
            Self::One | Self::Native => self.tarball(tail).map(Role::Native),
            Self::Quilt => self.tarball(tail.strip_prefix(".debian")?).map(Role::Debian),
        }
    }

    /// The compression of `.tar.EXT`; format 1.0 knows gzip only.
    fn tarball(self, tail: &str) -> Option<Codec> {
        let extension = tail.strip_prefix(".tar.")?;
        let known = ["gz", "xz", "bz2", "lzma", "zst"].contains(&extension);
        let codec = Codec::named(extension).filter(|_| known)?;
        (self != Self::One || codec == Codec::Gzip).then_some(codec)
    }

    /// Whether exactly those files are there that the format wants.
    pub(super) fn agrees(self, source: &str, version: &str, files: &[Listed]) -> Result<(), Fault> {
        let mut count = [0_usize; 4];
        let mut components = BTreeSet::new();
        for file in files {
            let Some(role) = self.role(source, version, &file.name) else {
                let broken = format!(
                    "`{}` has no place in a source package of its format, name and version",
                    file.name
                );
                return Err(Fault::new(broken, HINT).at("Files"));
            };
            match role {
                Role::Native(_) => count[0] += 1,
                Role::Orig(_) => count[1] += 1,
                Role::Debian(_) => count[2] += 1,
                Role::Diff => count[3] += 1,
                Role::Component(component, _) if components.insert(component.clone()) => {}
                Role::Component(component, _) => {
                    let broken = format!("it names two tarballs of the component `{}`", shown(&component));
                    return Err(Fault::new(broken, HINT).at("Files"));
                }
                Role::Signature(of) if files.iter().any(|f| f.name.as_str() == of) => {}
                Role::Signature(of) => {
                    let broken = format!("it names the signature of `{of}`, and not that file");
                    return Err(Fault::new(broken, HINT).at("Files"));
                }
            }
        }
        let whole = match self {
            Self::One => count == [1, 0, 0, 0] || count == [0, 1, 0, 1],
            Self::Native => count == [1, 0, 0, 0],
            Self::Quilt => count == [0, 1, 1, 0],
        };
        if whole {
            return Ok(());
        }
        let wanted = match self {
            Self::One => "one native tarball, or an orig tarball and a diff",
            Self::Native => "one tarball",
            Self::Quilt => "one orig tarball and one debian tarball",
        };
        let rule = format!("a source package of its format has {wanted}, and it names other files");
        Err(Fault::new(rule, HINT).at("Files"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_types::Digest;

    fn judged(names: &[&str]) -> Result<(), Fault> {
        let listed = |name: &&str| Listed {
            name: PartName::parse(name).unwrap(),
            size_bytes: 1,
            md5: String::new(),
            sha1: None,
            sha256: Digest::of(b""),
        };
        let files: Vec<Listed> = names.iter().map(listed).collect();
        Format::Quilt.agrees("a1", "1-1", &files)
    }

    #[test]
    fn a_component_has_one_tarball() {
        let package = ["a1_1.orig.tar.gz", "a1_1-1.debian.tar.xz"];
        let with = |more: &[&'static str]| judged(&[&package, more].concat());
        with(&[
            "a1_1.orig-c.tar.gz",
            "a1_1.orig-c.tar.gz.asc",
            "a1_1.orig-d.tar.xz",
        ])
        .unwrap();
        let fault = with(&["a1_1.orig-c.tar.gz", "a1_1.orig-c.tar.xz"]).unwrap_err();
        assert!(
            fault.rule.contains("two tarballs of the component `c`"),
            "{fault}"
        );
    }
}
