//! Writes a Debian source package: dpkg-source(1) formats `3.0 (quilt)` and `3.0 (native)`, dsc(5), and what an upload
//! of it consists of beside it, deb-changes(5) and deb-buildinfo(5). None of it is signed; debsign(1) does that.
//!
//! | file | holds |
//! |---|---|
//! | `NAME_UPSTREAM.orig.tar.gz` | the project's own files in one directory (quilt only) |
//! | `NAME_VERSION.debian.tar.xz` | `debian/` (quilt only) |
//! | `NAME_VERSION.tar.xz` | both (native only) |
//! | `NAME_VERSION.dsc` | what the package is, and the sums of the above |
//! | `NAME_VERSION_source.buildinfo` | what it was made with, and the sums of the .dsc |
//! | `NAME_VERSION_source.changes` | the newest entry of the changelog, and the sums of all the others |
//! | `NAME_VERSION_ARCH.buildinfo`, `NAME_VERSION_ARCH.changes` | the same of an upload that has the packages, too |
//!
//! A version in a filename is without its epoch. The fields and their order are those of dpkg-dev 1.21.

mod entry;
mod sums;
mod upload;

pub use entry::NewestEntry;
pub use sums::{Summed, Summing};
pub use upload::{Upload, buildinfo, changes};

use crate::{
    compress::{Compression, Encoder},
    content::{Content, SourceFile},
    sdist::write::{self as sdist, SdistSpec},
    tarball::{Tarball, size_estimate},
};
use packyard_types::{DebArch, DebName, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

/// How the tarballs of a source package are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFormat {
    /// The upstream tarball and `debian/` beside it: a version with a revision.
    Quilt,
    /// One tarball: a version without one.
    Native,
}

impl SourceFormat {
    /// The text of `debian/source/format`, without its line end.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quilt => "3.0 (quilt)",
            Self::Native => "3.0 (native)",
        }
    }
}

/// A binary package that is built from it, as `Package-List` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Its name.
    pub name: DebName,
    /// Its section.
    pub section: String,
    /// Its priority.
    pub priority: String,
    /// Its architecture.
    pub arch: DebArch,
    /// The first line of its description.
    pub synopsis: String,
}

/// What a Debian source package is made of.
#[derive(Debug, Clone)]
pub struct DscSpec {
    /// The source package's name.
    pub source: DebName,
    /// The whole version: `[EPOCH:]UPSTREAM[-REVISION]`.
    pub version: String,
    /// How the tarballs are cut.
    pub format: SourceFormat,
    /// The project's own files; none of them below `debian/` in a native package.
    pub tree: SdistSpec,
    /// `debian/`: its files by their path below it.
    pub debian: BTreeMap<String, SourceFile>,
    /// What is built from it.
    pub binaries: Vec<Binary>,
    /// `Name <mail>`.
    pub maintainer: String,
    /// The homepage, where there is one.
    pub homepage: Option<String>,
    /// `Standards-Version`.
    pub standards: String,
    /// `Build-Depends`.
    pub build_depends: String,
    /// The newest entry of `debian/changelog`.
    pub newest: NewestEntry,
    /// Where the upload goes, if not where the changelog says.
    pub distribution: Option<String>,
    /// The program that makes it, as a dependency: `packyard (= 1.0)`.
    pub made_with: String,
}

/// One file of a source package that is an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// `.orig.tar.gz`.
    Orig,
    /// `.debian.tar.xz`.
    Debian,
    /// `.tar.xz`.
    Native,
}

impl DscSpec {
    /// The archives in the order in which the .dsc names them.
    pub fn archives(&self) -> &'static [Archive] {
        match self.format {
            SourceFormat::Quilt => &[Archive::Orig, Archive::Debian],
            SourceFormat::Native => &[Archive::Native],
        }
    }

    /// The name of an archive.
    pub fn archive_name(&self, archive: Archive) -> String {
        let version = self.plain_version();
        match archive {
            Archive::Orig => {
                let upstream = version.rsplit_once('-').map_or(version, |(upstream, _)| upstream);
                format!("{}_{upstream}.orig.tar.gz", self.source)
            }
            Archive::Debian => format!("{}_{version}.debian.tar.xz", self.source),
            Archive::Native => format!("{}_{version}.tar.xz", self.source),
        }
    }

    /// `NAME_VERSION.dsc`.
    pub fn dsc_name(&self) -> String {
        format!("{}_{}.dsc", self.source, self.plain_version())
    }

    /// The version without its epoch.
    pub fn plain_version(&self) -> &str {
        self.version.split_once(':').map_or(&self.version, |(_, v)| v)
    }
}

/// Writes an archive. The upstream tarball has the very bytes of the sdist of the same files.
pub fn archive(spec: &DscSpec, archive: Archive, out: impl Write) -> io::Result<()> {
    let mtime = spec.tree.mtime;
    let debian = |top: &str| {
        let at = |(path, file): (&String, &SourceFile)| (format!("{top}debian/{path}"), file.clone());
        spec.debian.iter().map(at).collect::<BTreeMap<_, _>>()
    };
    match archive {
        Archive::Orig => sdist::write(&spec.tree, out),
        Archive::Debian => tar_xz(&debian(""), mtime, out),
        Archive::Native => {
            let top = format!("{}/", spec.tree.top);
            let mut files = debian(&top);
            let own = spec.tree.files.iter();
            files.extend(own.map(|(path, file)| (format!("{top}{path}"), file.clone())));
            tar_xz(&files, mtime, out)
        }
    }
}

/// As dpkg-source writes it: every directory before what lies in it.
fn tar_xz(files: &BTreeMap<String, SourceFile>, mtime: Timestamp, out: impl Write) -> io::Result<()> {
    let mut entries: BTreeMap<String, Option<&SourceFile>> = BTreeMap::new();
    for (path, file) in files {
        let slashes = path.match_indices('/');
        entries.extend(slashes.map(|(at, _)| (path[..=at].to_owned(), None)));
        entries.insert(path.clone(), Some(file));
    }
    let contents = entries.values().map(|file| file.map(|file| &file.content));
    let size = size_estimate(contents);
    let mut tar = Tarball::new(mtime, Encoder::new(Compression::Xz, size, out)?);
    for (path, file) in entries {
        match file {
            None => tar.directory(&path, 0o755)?,
            Some(file) => tar.file(&path, mode(file), &file.content)?,
        }
    }
    tar.finish()?.finish()?.flush()
}

fn mode(file: &SourceFile) -> u16 {
    if file.executable { 0o755 } else { 0o644 }
}

/// The files of the archives with their modes, as they are spelled in there.
pub fn files(spec: &DscSpec) -> impl Iterator<Item = (String, u16, &Content)> {
    let native = format!("{}/debian", spec.tree.top);
    let below = match spec.format {
        SourceFormat::Quilt => "debian".to_owned(),
        SourceFormat::Native => native,
    };
    let top = &spec.tree.top;
    let own = spec.tree.files.iter();
    let own = own.map(move |(path, file)| (format!("{top}/{path}"), mode(file), &file.content));
    let debian = spec.debian.iter();
    own.chain(debian.map(move |(path, file)| (format!("{below}/{path}"), mode(file), &file.content)))
}

/// The text of the .dsc. `archives` are those that were written, in their order.
pub fn dsc(spec: &DscSpec, archives: &[Summed]) -> io::Result<String> {
    let names: Vec<&str> = spec.binaries.iter().map(|binary| binary.name.as_str()).collect();
    let arches: BTreeSet<&str> = spec.binaries.iter().map(|binary| binary.arch.as_str()).collect();
    let list = |binary: &Binary| {
        format!(
            "\n {} deb {} {} arch={}",
            binary.name, binary.section, binary.priority, binary.arch
        )
    };
    let list: String = spec.binaries.iter().map(list).collect();
    paragraph(&[
        ("Format", spec.format.as_str()),
        ("Source", spec.source.as_str()),
        ("Binary", &names.join(", ")),
        ("Architecture", &arches.into_iter().collect::<Vec<_>>().join(" ")),
        ("Version", &spec.version),
        ("Maintainer", &spec.maintainer),
        ("Homepage", spec.homepage.as_deref().unwrap_or_default()),
        ("Standards-Version", &spec.standards),
        ("Build-Depends", &spec.build_depends),
        ("Package-List", &list),
        ("Checksums-Sha1", &lines(archives, Summed::sha1_line)),
        ("Checksums-Sha256", &lines(archives, Summed::sha256_line)),
        ("Files", &lines(archives, Summed::md5_line)),
    ])
}

fn lines(files: &[Summed], line: impl Fn(&Summed) -> String) -> String {
    files.iter().map(|file| format!("\n {}", line(file))).collect()
}

/// One paragraph of deb822, without the fields that are empty. A value that would begin a field of its own is an error.
fn paragraph(fields: &[(&str, &str)]) -> io::Result<String> {
    let mut text = String::new();
    for (key, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let is_continued = |line: &str| line.starts_with(' ') && !line.trim().is_empty();
        if value.contains('\r') || !value.split('\n').skip(1).all(is_continued) {
            let reason = format!("the field `{key}` has a line break that does not continue it");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let blank = if value.starts_with('\n') { "" } else { " " };
        text.push_str(&format!("{key}:{blank}{value}\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
