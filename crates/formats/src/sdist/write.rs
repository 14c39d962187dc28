//! Writes an sdist: the source distribution format specification (PEP 517, 625): one top directory
//! `NAME-VERSION/`, GNU tar, gzip. Sorted, root-owned, one time stamp, no name or time in the gzip header.

use crate::{
    compress::{Compression, Encoder},
    content::SourceFile,
    tarball::{Tarball, size_estimate},
};
use packyard_types::Timestamp;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// What an sdist is made of.
#[derive(Debug, Clone)]
pub struct SdistSpec {
    /// `NAME-VERSION`.
    pub top: String,
    /// Every file by its path below the top directory, PKG-INFO included.
    pub files: BTreeMap<String, SourceFile>,
    /// The one time stamp.
    pub mtime: Timestamp,
}

/// Writes the .tar.gz.
pub fn write(spec: &SdistSpec, out: impl Write) -> io::Result<()> {
    let size = size_estimate(spec.files.values().map(|file| Some(&file.content)));
    let mut tar = Tarball::new(spec.mtime, Encoder::new(Compression::Gzip, size, out)?);
    for (path, file) in &spec.files {
        let mode = if file.executable { 0o755 } else { 0o644 };
        tar.file(&format!("{}/{path}", spec.top), mode, &file.content)?;
    }
    tar.finish()?.finish()?.flush()
}
