//! Whether the loader's cache is out of date once a package is there: ldconfig(8), Debian Policy 8.1.1.
//!
//! libc-bin waits for the trigger `ldconfig` (deb-triggers(5)), and debhelper writes it for the same files. A program whose
//! library lies in a directory of the loader's own starts without, a directory of `/etc/ld.so.conf.d` or a new soname in
//! the cache does not.

use crate::{
    elf::{Elf, ElfError},
    entries::{Entries, EntryKind},
};
use packyard_types::InstallPath;
use std::io;

/// The member `triggers` of a package that changes what the cache holds.
pub const TRIGGER: &str = "activate-noawait ldconfig\n";

/// Why the cache is to be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A library lies where ldconfig looks.
    Library,
    /// A file says where else it looks, and no library lies where it looks anyway.
    Directories,
}

/// What of the entries changes the cache. The bytes of libraries are read, of nothing else.
pub fn reason(entries: &Entries) -> io::Result<Option<Reason>> {
    let mut reason = None;
    for (path, entry) in entries.iter() {
        let (directory, name) = path.as_str().rsplit_once('/').unwrap_or_default();
        if matches!(entry.kind, EntryKind::Directory | EntryKind::Ghost) {
            continue;
        }
        if directory == "/etc/ld.so.conf.d" && name.ends_with(".conf") {
            reason = Some(Reason::Directories);
        }
        if is_searched(directory) && has_soname(entries, path)? {
            return Ok(Some(Reason::Library));
        }
    }
    Ok(reason)
}

/// The directories of ldconfig on every architecture, with those for better processors in them.
fn is_searched(directory: &str) -> bool {
    let directory = match directory.split_once("/glibc-hwcaps/") {
        Some((directory, processor)) if !processor.contains('/') => directory,
        _ => directory,
    };
    let below = directory.strip_prefix("/usr").unwrap_or(directory);
    let triplet = |name: &str| !name.contains('/') && name.contains("-linux-gnu");
    matches!(below, "/lib" | "/lib32" | "/lib64" | "/libx32")
        || below.strip_prefix("/lib/").is_some_and(triplet)
}

/// Whether a path is a library with a name of its own, or leads to one in the same package.
fn has_soname(entries: &Entries, path: &InstallPath) -> io::Result<bool> {
    let mut path = path.clone();
    // As many links as Linux follows.
    for _ in 0..40 {
        match entries.get(&path).map(|entry| &entry.kind) {
            Some(EntryKind::File(content)) => {
                return match Elf::read(content) {
                    Ok(elf) => Ok(elf.is_some_and(|elf| elf.soname.is_some())),
                    Err(ElfError::Read(e)) => Err(e),
                    // ldconfig takes no notice of a damaged file.
                    Err(_) => Ok(false),
                };
            }
            Some(EntryKind::Symlink(to)) => match followed(&path, to) {
                Some(to) => path = to,
                None => return Ok(false),
            },
            _ => return Ok(false),
        }
    }
    Ok(false)
}

/// Where a link at a path leads, by its words alone.
fn followed(path: &InstallPath, to: &str) -> Option<InstallPath> {
    let mut parts: Vec<&str> = Vec::new();
    if !to.starts_with('/') {
        parts.extend(path.relative().split('/'));
        parts.pop();
    }
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    InstallPath::parse(&format!("/{}", parts.join("/"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::Entry;
    use packyard_types::Timestamp;

    /// A library of the machine that the tests run on.
    fn library() -> Entry {
        let library = "/usr/lib/x86_64-linux-gnu/libz.so.1";
        Entry::file(std::fs::read(library).unwrap())
    }

    fn of(list: &[(&str, Entry)]) -> Option<Reason> {
        let mut entries = Entries::new(Timestamp::from_unix_seconds(0));
        for (path, entry) in list {
            entries
                .insert(InstallPath::parse(path).unwrap(), entry.clone())
                .unwrap();
        }
        reason(&entries).unwrap()
    }

    #[test]
    fn a_library_counts_where_ldconfig_looks_and_nowhere_else() {
        for path in [
            "/lib/libz.so.1",
            "/usr/lib/libz.so.1.2",
            "/usr/lib64/libz.so.1",
            "/lib/x86_64-linux-gnu/libz.so",
            "/usr/lib/arm-linux-gnueabihf/libz.so.1",
            "/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libz.so.1",
        ] {
            assert_eq!(of(&[(path, library())]), Some(Reason::Library), "{path}");
        }
        for path in [
            "/usr/lib/x/libz.so.1",
            "/opt/x/lib/libz.so.1",
            "/usr/lib/x86_64-linux-gnu/x/libz.so.1",
            "/usr/local/lib/libz.so.1",
        ] {
            assert_eq!(of(&[(path, library())]), None, "{path}");
        }
        // Neither a script nor a program has the name of a library.
        let program = Entry::program(std::fs::read("/bin/true").unwrap());
        let script = Entry::file(&b"INPUT(-lz)\n"[..]);
        assert_eq!(of(&[("/usr/lib/x", program), ("/usr/lib/libz.so", script)]), None);
    }

    #[test]
    fn a_link_there_to_a_library_of_the_package_counts() {
        let link = |to: &str| {
            of(&[
                ("/opt/x/lib/libz.so.1.2", library()),
                ("/opt/x/lib/libz.so.1", Entry::symlink("./libz.so.1.2")),
                ("/usr/lib/libz.so.1", Entry::symlink(to)),
            ])
        };
        assert_eq!(link("../../opt/x/lib/libz.so.1"), Some(Reason::Library));
        assert_eq!(link("/opt/x/lib/libz.so.1.2"), Some(Reason::Library));
        for nowhere in ["/opt/x/lib/libz.so", "libz.so.1", "../../../../.."] {
            assert_eq!(link(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn a_file_of_directories_counts_and_a_library_more() {
        let conf = || Entry::file(&b"/usr/lib/x\n"[..]);
        let file = "/etc/ld.so.conf.d/x.conf";
        assert_eq!(of(&[(file, conf())]), Some(Reason::Directories));
        assert_eq!(
            of(&[(file, conf()), ("/usr/lib/libz.so.1", library())]),
            Some(Reason::Library)
        );
        for other in [
            "/etc/ld.so.conf.d/README",
            "/etc/x/ld.so.conf.d/x.conf",
            "/etc/x.conf",
        ] {
            assert_eq!(of(&[(other, conf())]), None, "{other}");
        }
    }
}
