//! Takes a wheel apart that was just built on this machine, to be packed again. Not for uploads: there are no limits.

use crate::content::SourceFile;
use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};
use zip::{ZipArchive, result::ZipError};

/// The files by path, without RECORD and its signatures.
pub fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, SourceFile>, ZipError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes))?;
    let mut files = BTreeMap::new();
    for i in 0..zip.len() {
        let mut entry = zip.by_index(i)?;
        let name = entry.name()?.into_owned();
        let is_record = name
            .split_once(".dist-info/")
            .is_some_and(|(_, rest)| rest.starts_with("RECORD"));
        if entry.is_dir() || is_record {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
        files.insert(
            name,
            SourceFile {
                content: bytes.into(),
                executable,
            },
        );
    }
    Ok(files)
}
