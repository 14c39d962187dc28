//! Takes an sdist apart that was just built on this machine, to be packed again. Not for uploads: there are no limits.
//!
//! A link to another file of the sdist becomes a file with the same bytes; one that leads elsewhere is refused.

use crate::content::SourceFile;
use std::{
    collections::BTreeMap,
    io::{self, Read as _},
};

/// How many links may lead from one to the next.
const LINKS: usize = 8;

/// The files by path below the top directory.
pub fn unpack(bytes: &[u8]) -> io::Result<BTreeMap<String, SourceFile>> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut files = BTreeMap::new();
    let mut links = BTreeMap::new();
    for entry in tar.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let Some((_top, path)) = name.split_once('/').filter(|(_, path)| !path.is_empty()) else {
            continue;
        };
        let kind = entry.header().entry_type();
        if kind.is_symlink() || kind.is_hard_link() {
            let to = entry
                .link_name()?
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let below = if kind.is_symlink() { parent(path) } else { "" };
            // A hard link names the whole path in the archive.
            let to = if kind.is_symlink() {
                to
            } else {
                to.split_once('/').unwrap_or(("", "")).1.to_owned()
            };
            links.insert(
                path.to_owned(),
                plain(below, &to).ok_or_else(|| leads_out(path, &to))?,
            );
        }
        if !kind.is_file() {
            continue;
        }
        plain("", path).ok_or_else(|| leads_out(path, path))?;
        let executable = entry.header().mode()? & 0o100 != 0;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        let file = SourceFile {
            content: bytes.into(),
            executable,
        };
        files.insert(path.to_owned(), file);
    }
    for (path, to) in &links {
        let mut end = to;
        for _ in 0..LINKS {
            end = links.get(end).unwrap_or(end);
        }
        let file: Option<&SourceFile> = files.get(end);
        let file = file.cloned().ok_or_else(|| leads_out(path, to))?;
        files.insert(path.clone(), file);
    }
    Ok(files)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// A path without `.` and `..`; none for one that leads out.
fn plain(below: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in below.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn leads_out(path: &str, to: &str) -> io::Error {
    let message = format!("its link `{path}` leads to `{to}`, which is no file of it");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdist(link: &str) -> Vec<u8> {
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
            Vec::new(),
            flate2::Compression::fast(),
        ));
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(1);
        tar.append_data(&mut header, "a-1/bin/run", &b"x"[..]).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, "a-1/docs/run", link).unwrap();
        tar.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn a_link_becomes_what_it_stands_for() {
        let files = unpack(&sdist("../bin/run")).unwrap();
        assert_eq!(files["docs/run"], files["bin/run"]);
        assert!(files["docs/run"].executable);
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_refused() {
        for link in ["/etc/passwd", "../../x", "none", "run"] {
            let error = unpack(&sdist(link)).unwrap_err().to_string();
            assert!(error.contains("its link `docs/run` leads to"), "{error}");
        }
    }
}
