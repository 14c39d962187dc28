//! Facts: what was read from an artifact's bytes, once, at intake. They are stored as a blob of their own, so that a
//! replay of the log opens no package, and views are rendered from them and from nothing else.

use crate::{Blob, Timestamp};
use serde::{Deserialize, Serialize};

/// The stored form of [`Facts`]: JSON with the keys in the order of these types, and who read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsRecord {
    /// Version of packyard's reader that made them.
    pub reader: String,
    /// The facts.
    pub facts: Facts,
}

/// What an artifact says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Facts {
    /// A wheel.
    Wheel(PythonFacts),
    /// A Python source distribution.
    Sdist(PythonFacts),
    /// A Debian binary package.
    Deb(DebFacts),
    /// A Debian source package.
    Dsc(DscFacts),
    /// An RPM binary package.
    Rpm(RpmFacts),
    /// An RPM source package.
    Srpm(RpmFacts),
}

/// The core metadata of a wheel or sdist, and where its bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonFacts {
    /// The parsed fields.
    pub metadata: CoreMetadata,
    /// The bytes of METADATA, or of an sdist's PKG-INFO whose dependencies are static (PEP 643), served beside the file
    /// as `.metadata` (PEP 658); none for any other sdist.
    pub metadata_blob: Option<Blob>,
}

/// Core metadata 1.0 to 2.6, the fields that pages and resolvers use.
/// <https://packaging.python.org/en/latest/specifications/core-metadata/>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CoreMetadata {
    /// `Metadata-Version`.
    pub metadata_version: String,
    /// `Name`, as spelt.
    pub name: String,
    /// `Version`, normalised.
    pub version: String,
    /// `Summary`.
    pub summary: Option<String>,
    /// The long description, from the body or the header.
    pub description: Option<String>,
    /// `Description-Content-Type`.
    pub description_content_type: Option<String>,
    /// `Keywords`, one string.
    pub keywords: Option<String>,
    /// `Home-page`.
    pub home_page: Option<String>,
    /// `Author`.
    pub author: Option<String>,
    /// `Author-email`.
    pub author_email: Option<String>,
    /// `Maintainer`.
    pub maintainer: Option<String>,
    /// `Maintainer-email`.
    pub maintainer_email: Option<String>,
    /// `License`, free text.
    pub license: Option<String>,
    /// `License-Expression` (PEP 639).
    pub license_expression: Option<String>,
    /// `License-File`, each.
    pub license_files: Vec<String>,
    /// `Classifier`, each.
    pub classifiers: Vec<String>,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
    /// `Requires-Dist`, each.
    pub requires_dist: Vec<String>,
    /// `Provides-Extra`, each.
    pub provides_extra: Vec<String>,
    /// `Project-URL`, each as (label, URL).
    pub project_urls: Vec<(String, String)>,
    /// `Dynamic`, each.
    pub dynamic: Vec<String>,
    /// `Import-Name`, each (2.5).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub import_names: Vec<String>,
    /// `Import-Namespace`, each (2.5).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub import_namespaces: Vec<String>,
}

/// What a .deb says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebFacts {
    /// The fields of `control`, in their order, values unfolded as dpkg writes them (continuation lines keep their
    /// newline and leading space).
    pub control: Vec<(String, String)>,
    /// MD5 of the file, 32 hexadecimal digits (apt lists it beside the SHA-256).
    pub md5: String,
    /// Paths of regular files and symlinks, relative, sorted (for Contents).
    pub files: Vec<String>,
    /// The text of `changelog.Debian.gz` or `changelog.gz`, where the package has one.
    pub changelog: Option<String>,
}

impl DebFacts {
    /// A field's value, its name compared without case.
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.control, name)
    }
}

/// What a .dsc says of itself (dsc(5)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DscFacts {
    /// Its fields, in their order, without the signature around them; values as in [`DebFacts::control`].
    pub control: Vec<(String, String)>,
    /// MD5 of the .dsc itself, 32 hexadecimal digits.
    pub md5: String,
    /// The paths in its tarballs without their first directory, sorted (for Contents); those of `debian/` included.
    pub files: Vec<String>,
    /// The text of `debian/changelog`.
    pub changelog: Option<String>,
}

impl DscFacts {
    /// A field's value, its name compared without case.
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.control, name)
    }
}

fn field<'a>(control: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = control.iter().find(|(k, _)| k.eq_ignore_ascii_case(name));
    found.map(|(_, v)| v.as_str())
}

/// What the header of an .rpm says, as createrepo_c derives it, read from the file as served (after signing).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpmFacts {
    /// `NAME`.
    pub name: String,
    /// `EPOCH`, 0 where absent.
    pub epoch: u32,
    /// `VERSION`.
    pub version: String,
    /// `RELEASE`.
    pub release: String,
    /// `ARCH`; `src` for a source package.
    pub arch: String,
    /// `SUMMARY`.
    pub summary: String,
    /// `DESCRIPTION`.
    pub description: String,
    /// `PACKAGER`.
    pub packager: String,
    /// `URL`.
    pub url: String,
    /// `LICENSE`.
    pub license: String,
    /// `VENDOR`.
    pub vendor: String,
    /// `GROUP`.
    pub group: String,
    /// `BUILDHOST`.
    pub build_host: String,
    /// `SOURCERPM`, empty for a source package.
    pub source_rpm: String,
    /// `BUILDTIME`, seconds since 1970.
    pub build_time: i64,
    /// Installed size in bytes (`LONGSIZE`, else `SIZE`).
    pub installed_size_bytes: u64,
    /// Size of the uncompressed payload in bytes (`LONGARCHIVESIZE`, else `PAYLOADSIZE`).
    pub archive_size_bytes: u64,
    /// Where the main header begins in the file, in bytes.
    pub header_start: u64,
    /// Where the main header ends in the file, in bytes.
    pub header_end: u64,
    /// `PROVIDES`.
    pub provides: Vec<RpmDependency>,
    /// `REQUIRES`, filtered as createrepo_c does.
    pub requires: Vec<RpmDependency>,
    /// `CONFLICTS`.
    pub conflicts: Vec<RpmDependency>,
    /// `OBSOLETES`.
    pub obsoletes: Vec<RpmDependency>,
    /// `SUGGESTS`.
    pub suggests: Vec<RpmDependency>,
    /// `ENHANCES`.
    pub enhances: Vec<RpmDependency>,
    /// `RECOMMENDS`.
    pub recommends: Vec<RpmDependency>,
    /// `SUPPLEMENTS`.
    pub supplements: Vec<RpmDependency>,
    /// Every path of the package, in header order.
    pub files: Vec<RpmFile>,
    /// The changelog, newest first as in the header.
    pub changelog: Vec<RpmChangelogEntry>,
    /// The key id of the header signature, lower-case hexadecimal, where it is signed.
    pub signed_by: Option<String>,
    /// The key ids of its other signatures, of which a package of version 6 may have several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_signed_by: Vec<String>,
}

impl RpmFacts {
    /// `[E:]V-R`, the epoch only where it is not 0.
    pub fn evr(&self) -> String {
        match self.epoch {
            0 => format!("{}-{}", self.version, self.release),
            e => format!("{e}:{}-{}", self.version, self.release),
        }
    }
}

/// How a versioned dependency compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RpmFlags {
    /// `=`
    #[serde(rename = "EQ")]
    Equal,
    /// `<`
    #[serde(rename = "LT")]
    Less,
    /// `>`
    #[serde(rename = "GT")]
    Greater,
    /// `<=`
    #[serde(rename = "LE")]
    LessOrEqual,
    /// `>=`
    #[serde(rename = "GE")]
    GreaterOrEqual,
}

impl RpmFlags {
    /// As primary.xml spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "EQ",
            Self::Less => "LT",
            Self::Greater => "GT",
            Self::LessOrEqual => "LE",
            Self::GreaterOrEqual => "GE",
        }
    }
}

/// One dependency of an .rpm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RpmDependency {
    /// The capability's name, or a rich dependency.
    pub name: String,
    /// The comparison, where there is a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<RpmFlags>,
    /// `[EPOCH:]VERSION[-RELEASE]` as in the header, empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Needed before installation (`pre="1"`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pre: bool,
}

/// What kind of thing a path of an .rpm is, as filelists.xml knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RpmFileKind {
    /// A file or symlink.
    File,
    /// A directory.
    Dir,
    /// `%ghost`.
    Ghost,
}

/// A path of an .rpm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RpmFile {
    /// The absolute path.
    pub path: String,
    /// What it is.
    pub kind: RpmFileKind,
}

/// An entry of an RPM changelog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpmChangelogEntry {
    /// `Name <mail> - V-R`.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}
