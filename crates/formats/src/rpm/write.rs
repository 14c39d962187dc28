//! Writes an .rpm: package format v4 ("RPM V4 Package format", rpm's docs/manual/format_v4.md), which every rpm since
//! 4.14 reads whole.
//!
//! A file is a lead, the signature header, the main header and a compressed cpio. The headers hold digests of what
//! follows them, but their lengths do not depend on these: room is left for them, the payload streams past, and then
//! they are written. So nothing is in memory but the headers and one buffer of the compressor.
//!
//! What this does not write, which rpmbuild does: see `docs/decisions/0009-own-rpm-writer.md`.

use crate::compress::Compression;
use crate::entries::{Entries, Entry};
use packyard_types::{InstallPath, RpmArch, RpmChangelogEntry, RpmDependency, RpmName};
use std::io::{self, Cursor, Seek, SeekFrom, Write};

mod directories;
mod language;
mod main_header;
mod payload;
mod prefix;
mod relation;
mod rows;
mod sysusers;
mod table;

pub use directories::belongs_to_the_system;
pub use language::language;
use payload::Payload;
use rows::Rows;

/// The scriptlets of an .rpm; each is a whole `/bin/sh` script.
#[derive(Debug, Clone, Default)]
pub struct RpmScripts {
    /// Before the transaction; on a new system there is no shell yet.
    pub pretrans: Option<String>,
    /// Before the files are there.
    pub pre: Option<String>,
    /// After the files are there.
    pub post: Option<String>,
    /// Before the files go.
    pub preun: Option<String>,
    /// After the files are gone.
    pub postun: Option<String>,
    /// After the transaction.
    pub posttrans: Option<String>,
}

/// What an .rpm is installed as, or built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RpmKind {
    /// A package that is installed.
    Binary {
        /// The name of the source package; `SOURCERPM` is made of it.
        source: String,
    },
    /// A source package. Its entries lie at the top, below `/`, and are unpacked to wherever rpmbuild keeps sources.
    Source {
        /// Which of the entries is the .spec; the others are its sources.
        spec_file: String,
    },
}

/// What an .rpm is made of.
#[derive(Debug, Clone)]
pub struct RpmSpec {
    /// `Name`.
    pub name: RpmName,
    /// Binary or source.
    pub kind: RpmKind,
    /// `Epoch`, 0 for none.
    pub epoch: u32,
    /// `Version`.
    pub version: String,
    /// `Release`.
    pub release: String,
    /// `Architecture`; of a source package what is built from it has.
    pub arch: RpmArch,
    /// `License`, an SPDX expression.
    pub license: String,
    /// `Summary`, one line.
    pub summary: String,
    /// `Description`.
    pub description: String,
    /// `URL`.
    pub url: Option<String>,
    /// `Packager`, `Name <mail>`.
    pub packager: Option<String>,
    /// `Vendor`.
    pub vendor: Option<String>,
    /// `Group`.
    pub group: String,
    /// `Requires`; `pre` marks what the scriptlets need.
    pub requires: Vec<RpmDependency>,
    /// `Recommends`.
    pub recommends: Vec<RpmDependency>,
    /// `Suggests`.
    pub suggests: Vec<RpmDependency>,
    /// `Supplements`.
    pub supplements: Vec<RpmDependency>,
    /// `Enhances`.
    pub enhances: Vec<RpmDependency>,
    /// `Conflicts`.
    pub conflicts: Vec<RpmDependency>,
    /// `Provides`, besides the package's own name, which is always there.
    pub provides: Vec<RpmDependency>,
    /// `Obsoletes`.
    pub obsoletes: Vec<RpmDependency>,
    /// Scriptlets.
    pub scripts: RpmScripts,
    /// The changelog, newest first.
    pub changelog: Vec<RpmChangelogEntry>,
    /// How the payload is compressed.
    pub compression: Compression,
    /// What it installs.
    pub entries: Entries,
}

impl RpmSpec {
    /// `[E:]V-R`: the whole version.
    pub fn evr(&self) -> String {
        match self.epoch {
            0 => format!("{}-{}", self.version, self.release),
            epoch => format!("{epoch}:{}-{}", self.version, self.release),
        }
    }

    /// The .spec, of a source package.
    fn spec_file(&self) -> Option<&str> {
        match &self.kind {
            RpmKind::Source { spec_file } => Some(spec_file),
            RpmKind::Binary { .. } => None,
        }
    }

    /// What an .rpm of these entries lists: everything but the directories that belong to the system.
    pub fn listed(&self) -> impl Iterator<Item = (&InstallPath, &Entry)> {
        let is_listed =
            |(path, entry): &(&InstallPath, &Entry)| !entry.implied || !belongs_to_the_system(path.as_str());
        self.entries.iter().filter(is_listed)
    }

    /// What the files of sysusers.d provide, each with the version that tells rpm how to make it.
    pub fn users(&self) -> Result<Vec<(String, String)>, CannotWrite> {
        sysusers::provides(&Rows::of(self)?)
    }
}

/// Why the .rpm cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CannotWrite {
    /// A file could not be read, or the .rpm not be written.
    #[error("the .rpm cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The format cannot say it.
    #[error("the .rpm cannot be written: {0}")]
    Format(String),
}

/// Writes the .rpm from where `out` stands, and leaves it at the end of the package.
pub fn write<W: Write + Seek>(spec: &RpmSpec, out: &mut W) -> Result<(), CannotWrite> {
    let rows = Rows::of(spec)?;
    let begin = out.stream_position()?;
    let unknown = Payload::default();
    let room = headers(spec, &rows, &unknown)?;
    out.write_all(&vec![0; room.len()])?;
    let payload = payload::write(&rows, spec.compression, &mut *out)?;
    let headers = headers(spec, &rows, &payload)?;
    if headers.len() != room.len() {
        // A proof is in `prefix`: whatever the sizes are, the reserved space takes up the difference.
        return Err(CannotWrite::Format("its headers changed their length".to_owned()));
    }
    let end = out.stream_position()?;
    out.seek(SeekFrom::Start(begin))?;
    out.write_all(&headers)?;
    out.seek(SeekFrom::Start(end))?;
    out.flush()?;
    Ok(())
}

/// The .rpm in memory.
pub fn to_bytes(spec: &RpmSpec) -> Result<Vec<u8>, CannotWrite> {
    let mut out = Cursor::new(Vec::new());
    write(spec, &mut out)?;
    Ok(out.into_inner())
}

/// Everything before the payload.
fn headers(spec: &RpmSpec, rows: &Rows<'_>, payload: &Payload) -> Result<Vec<u8>, CannotWrite> {
    let header = main_header::main_header(spec, rows, payload)?;
    let mut bytes = prefix::prefix(spec, &header, payload)?;
    bytes.extend(header);
    Ok(bytes)
}

#[cfg(test)]
mod tests;
