//! Takes a wheel apart that was just built on this machine, to be packed again. Not for uploads: there are no limits, but
//! what cannot be packed again is refused.

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
        let refuse = |what: &str| {
            Err(ZipError::InvalidArchive(
                format!("its entry `{name}` {what}").into(),
            ))
        };
        if name.starts_with('/') || name.split('/').any(|part| part.is_empty() || part == "..") {
            return refuse("leads out of it");
        }
        if entry.is_symlink() {
            return refuse("is a symbolic link, which no installer makes");
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
        let file = SourceFile {
            content: bytes.into(),
            executable,
        };
        if files.contains_key(&name) {
            return refuse("is there twice");
        }
        files.insert(name, file);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn refusal(name: &str, mode: u32) -> String {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(mode))
            .unwrap();
        zip.write_all(b"x").unwrap();
        match unpack(&zip.finish().unwrap().into_inner()) {
            Ok(files) => format!("{:?}", files.keys()),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn what_leads_out_of_a_wheel_is_refused() {
        assert_eq!(refusal("a/b.py", 0o644), "[\"a/b.py\"]");
        for name in ["../x", "/x", "a//b"] {
            assert!(refusal(name, 0o644).contains("leads out of it"), "{name}");
        }
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        assert!(unpack(b"not a zip").is_err());
    }
}
