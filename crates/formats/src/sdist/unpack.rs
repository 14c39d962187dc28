//! Takes an sdist apart that was just built on this machine, to be packed again. Not for uploads: there are no limits.

use crate::content::SourceFile;
use std::{
    collections::BTreeMap,
    io::{self, Read as _},
};

/// The files by path below the top directory.
pub fn unpack(bytes: &[u8]) -> io::Result<BTreeMap<String, SourceFile>> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut files = BTreeMap::new();
    for entry in tar.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path()?.to_string_lossy().into_owned();
        let Some((_top, path)) = name.split_once('/') else {
            continue;
        };
        let executable = entry.header().mode()? & 0o100 != 0;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(
            path.to_owned(),
            SourceFile {
                content: bytes.into(),
                executable,
            },
        );
    }
    Ok(files)
}
