//! An upload of Debian packages, as dpkg-genchanges describes it: `NAME_VERSION_ARCH.changes` (deb-changes(5)), signed
//! or not. What it says of its files is compared with them elsewhere; what it says of itself must be whole here.

use crate::deb822::{self, Paragraph};
use crate::dsc::{Listed, listed, version as debian_version};
use crate::fault::{Fault, shown};
use crate::openpgp::unframe;
use packyard_types::{ArtifactKind, ArtifactName, DebName, PartName};

/// Largest .changes, in bytes.
pub const MAX_BYTES: u64 = 4 << 20;

const HINT: &str = "let dpkg-genchanges write it anew";

/// What a .changes says.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Its fields.
    pub control: Paragraph,
    /// Whether there is a signature around it.
    pub signed: bool,
    /// The source package.
    pub source: String,
    /// `Version`: that of the binary packages.
    pub version: String,
    /// The version of the source package; another one for a binary-only rebuild.
    pub source_version: String,
    /// The distribution that it is meant for.
    pub distribution: String,
    /// The files that it names.
    pub files: Vec<File>,
}

/// A file of an upload.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name and digests.
    pub listed: Listed,
    /// What it is.
    pub kind: FileKind,
}

/// What a file of an upload is, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// A package that is published: a .deb or a .dsc.
    Artifact(ArtifactName),
    /// How the packages were built.
    Buildinfo,
    /// A tarball, diff or signature that the .dsc names.
    Part,
}

impl Changes {
    /// Reads a .changes of this name.
    pub fn parse(name: &PartName, raw: &[u8]) -> Result<Self, Fault> {
        let bad = |rule: String| Fault::new(rule, HINT);
        let text = std::str::from_utf8(raw).map_err(|_| bad("it is not UTF-8".to_owned()))?;
        let inside = unframe(text)?;
        let control = deb822::parse_one(&inside.text).map_err(|e| bad(e.to_string()))?;
        for field in [
            "Format",
            "Source",
            "Version",
            "Architecture",
            "Distribution",
            "Maintainer",
        ] {
            if control.get(field).is_none_or(str::is_empty) {
                return Err(bad(format!("it has no field `{field}`")));
            }
        }
        let field = |name| control.get(name).unwrap_or_default();
        if !matches!(field("Format"), "1.8" | "1.7") {
            return Err(bad(format!(
                "its format is `{}`, not 1.8",
                shown(field("Format"))
            )));
        }
        let version = debian_version(field("Version"))?;
        let (source, source_version) = source(field("Source"), &version)?;
        if field("Distribution").split_whitespace().count() != 1 {
            let rule = format!("`{}` is not one distribution", shown(field("Distribution")));
            return Err(bad(rule).at("Distribution"));
        }
        let files = listed::listed(&control, 2)?;
        let files = files.into_iter().map(File::of).collect::<Result<Vec<_>, _>>()?;
        let changes = Self {
            distribution: field("Distribution").to_owned(),
            signed: inside.signed,
            source,
            source_version,
            version,
            files,
            control,
        };
        changes.is_called(name)?;
        Ok(changes)
    }

    /// The .dsc that it brings.
    pub fn dsc(&self) -> Option<&File> {
        self.files.iter().find(|f| f.is_of(ArtifactKind::Dsc))
    }

    /// Its filename, and that of what it says of the build, begin with the source and the version without its epoch;
    /// whether it has one .dsc at most.
    fn is_called(&self, name: &PartName) -> Result<(), Fault> {
        let own = |version: &str| {
            let plain = version.split_once(':').map_or(version, |(_, rest)| rest);
            format!("{}_{plain}_", self.source)
        };
        let begins = own(&self.version);
        if !name.as_str().starts_with(&begins) {
            let rule = format!(
                "it is called `{name}`, and says that it is of {} {}",
                self.source, self.version
            );
            return Err(Fault::new(rule, format!("call it {begins}ARCH.changes")));
        }
        let of_source = own(&self.source_version);
        let records = self.files.iter().filter(|f| f.kind == FileKind::Buildinfo);
        for File { listed, .. } in records {
            let called = listed.name.as_str();
            if !called.starts_with(&begins) && !called.starts_with(&of_source) {
                let rule = format!(
                    "`{called}` is not of the {} {} that it is about",
                    self.source, self.version
                );
                return Err(Fault::new(rule, format!("call it {begins}ARCH.buildinfo")).at(&listed.name));
            }
        }
        if self.files.iter().filter(|f| f.is_of(ArtifactKind::Dsc)).count() > 1 {
            return Err(Fault::new("it names more than one .dsc", HINT).at("Files"));
        }
        if !self.files.iter().any(|f| matches!(f.kind, FileKind::Artifact(_))) {
            let hint = "upload at least one .deb or .dsc with it";
            return Err(Fault::new("it names no package", hint).at("Files"));
        }
        Ok(())
    }
}

impl File {
    fn of(listed: Listed) -> Result<Self, Fault> {
        let name = listed.name.as_str();
        let kind = if name.ends_with(".deb") || name.ends_with(".dsc") {
            let parsed = ArtifactName::parse(name);
            let parsed = parsed.map_err(|e| Fault::new(e.to_string(), HINT).at("Files"))?;
            if parsed.as_str() != name {
                let rule = format!("`{name}` is usually called `{parsed}`");
                return Err(Fault::new(rule, "name it without the epoch").at("Files"));
            }
            FileKind::Artifact(parsed)
        } else if name.ends_with(".buildinfo") {
            FileKind::Buildinfo
        } else if is_part(name) {
            FileKind::Part
        } else {
            let rule = format!("`{name}` is no kind of file that is taken");
            let hint = "a .changes may name .deb, .dsc, what the .dsc names, and .buildinfo files";
            return Err(Fault::new(rule, hint).at("Files"));
        };
        Ok(Self { listed, kind })
    }

    /// Whether it is a package of this kind.
    pub fn is_of(&self, kind: ArtifactKind) -> bool {
        matches!(&self.kind, FileKind::Artifact(name) if name.kind() == kind)
    }
}

fn is_part(name: &str) -> bool {
    let name = name.strip_suffix(".asc").unwrap_or(name);
    name.ends_with(".diff.gz") || name.contains(".tar.")
}

/// `Source: NAME`, or `NAME (VERSION)` where the source has another version.
fn source(field: &str, version: &str) -> Result<(String, String), Fault> {
    let (name, of) = match field.split_once(" (") {
        Some((name, rest)) => (name, rest.strip_suffix(')').unwrap_or_default()),
        None => (field, version),
    };
    let name = DebName::parse(name).map_err(|e| Fault::new(e.to_string(), HINT).at("Source"))?;
    Ok((name.as_str().to_owned(), debian_version(of)?))
}
