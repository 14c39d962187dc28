//! Writes a .deb: deb(5), deb-control(5), deb-conffiles(5).
//!
//! `debian-binary`, `control.tar.xz`, `data.tar.xz`, in that order and nothing else. xz, because dpkg before 1.21.18
//! (bullseye) reads no zstd. Everything that follows from the files (Installed-Size, md5sums, conffiles) is worked out
//! here, so that it cannot disagree with them.

use crate::{
    compress::xz,
    entries::{Entries, EntryKind, Role},
    hex,
    tarball::Tarball,
};
use packyard_types::InstallPath;
use std::io;

/// A maintainer script's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScriptName {
    /// After unpacking.
    Postinst,
    /// After removal.
    Postrm,
    /// Before unpacking.
    Preinst,
    /// Before removal.
    Prerm,
}

impl ScriptName {
    /// The member's name in control.tar.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postinst => "postinst",
            Self::Postrm => "postrm",
            Self::Preinst => "preinst",
            Self::Prerm => "prerm",
        }
    }
}

/// What a .deb is made of.
#[derive(Debug, Clone)]
pub struct DebSpec {
    /// The fields of `control` in their order, without Installed-Size, which is put after Maintainer. Values are
    /// unfolded: continuation lines begin with a space.
    pub control: Vec<(String, String)>,
    /// Maintainer scripts, whole.
    pub scripts: Vec<(ScriptName, String)>,
    /// What it installs.
    pub entries: Entries,
}

/// The bytes of the .deb.
pub fn write(spec: &DebSpec) -> io::Result<Vec<u8>> {
    let mtime = spec.entries.mtime();
    let mut archive = ar::Builder::new(Vec::new());
    let mut member = |name: &str, bytes: &[u8]| {
        let mut header = ar::Header::new(name.as_bytes().to_vec(), bytes.len() as u64);
        header.set_mode(0o100_644);
        header.set_mtime(u64::try_from(mtime.unix_seconds()).unwrap_or(0));
        archive.append(&header, bytes)
    };
    member("debian-binary", b"2.0\n")?;
    member("control.tar.xz", &xz(&control_tar(spec)?)?)?;
    member("data.tar.xz", &xz(&data_tar(&spec.entries)?)?)?;
    archive.into_inner()
}

/// The members of control.tar with their modes, in their order.
pub fn control_members(spec: &DebSpec) -> io::Result<Vec<(&'static str, u16, Vec<u8>)>> {
    let mut members = Vec::new();
    let conffiles = conffiles(&spec.entries);
    if !conffiles.is_empty() {
        members.push(("conffiles", 0o644, conffiles.into_bytes()));
    }
    members.push(("control", 0o644, control(spec).into_bytes()));
    members.push(("md5sums", 0o644, md5sums(&spec.entries)?.into_bytes()));
    for (name, text) in &spec.scripts {
        members.push((name.as_str(), 0o755, text.clone().into_bytes()));
    }
    members.sort();
    Ok(members)
}

fn control_tar(spec: &DebSpec) -> io::Result<Vec<u8>> {
    let mut tar = Tarball::new(spec.entries.mtime());
    tar.directory("./", 0o755)?;
    for (name, mode, bytes) in control_members(spec)? {
        tar.file(&format!("./{name}"), mode, &bytes)?;
    }
    tar.finish()
}

fn data_tar(entries: &Entries) -> io::Result<Vec<u8>> {
    let mut tar = Tarball::new(entries.mtime());
    tar.directory("./", 0o755)?;
    for (path, entry) in entries.iter() {
        let name = format!(".{path}");
        match &entry.kind {
            EntryKind::Directory => tar.directory(&format!("{name}/"), entry.mode)?,
            EntryKind::File(content) => tar.file(&name, entry.mode, &content.read()?)?,
            EntryKind::Symlink(target) => tar.symlink(&name, target)?,
            EntryKind::Ghost => {}
        }
    }
    tar.finish()
}

/// The control file's text.
pub fn control(spec: &DebSpec) -> String {
    let size = format!("Installed-Size: {}\n", installed_size_kib(&spec.entries));
    let mut text = String::new();
    for (key, value) in &spec.control {
        text.push_str(&format!("{key}: {value}\n"));
        if key == "Maintainer" {
            text.push_str(&size);
        }
    }
    text
}

/// As dpkg-gencontrol counts: each file and link rounded up to a KiB, one for everything else.
fn installed_size_kib(entries: &Entries) -> u64 {
    let of = |kind: &EntryKind| match kind {
        EntryKind::File(content) => content.size_bytes().div_ceil(1024),
        EntryKind::Symlink(target) => (target.len() as u64).div_ceil(1024),
        EntryKind::Directory => 1,
        EntryKind::Ghost => 0,
    };
    entries.iter().map(|(_, entry)| of(&entry.kind)).sum()
}

fn is_conffile(path: &InstallPath, role: Role) -> bool {
    matches!(role, Role::Config { .. }) || path.as_str().starts_with("/etc/")
}

/// Every configuration file, and everything in /etc (Debian Policy 10.7.2).
fn conffiles(entries: &Entries) -> String {
    let listed = entries
        .iter()
        .filter(|(path, entry)| matches!(entry.kind, EntryKind::File(_)) && is_conffile(path, entry.role));
    let lines: Vec<&str> = listed.flat_map(|(path, _)| [path.as_str(), "\n"]).collect();
    lines.concat()
}

/// All regular files but the conffiles, as dh_md5sums does.
fn md5sums(entries: &Entries) -> io::Result<String> {
    let mut text = String::new();
    for (path, content) in entries.files() {
        let role = entries.get(path).map_or(Role::Plain, |entry| entry.role);
        if is_conffile(path, role) {
            continue;
        }
        text.push_str(&format!(
            "{}  {}\n",
            hex::encode(&content.sums()?.md5),
            path.relative()
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::Entry;
    use packyard_types::{Digest, Timestamp};

    fn spec() -> DebSpec {
        let mut entries = Entries::new(Timestamp::from_unix_seconds(1_553_212_800));
        let path = |s| InstallPath::parse(s).unwrap();
        entries
            .insert(path("/etc/x.conf"), Entry::file(&b"a=1\n"[..]))
            .unwrap();
        entries
            .insert(path("/usr/bin/x"), Entry::program(&b"#!/bin/sh\n"[..]))
            .unwrap();
        let control = [
            ("Package", "x1"),
            ("Maintainer", "A <a@b.c>"),
            ("Description", "d\n more"),
        ];
        DebSpec {
            control: control.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(),
            scripts: vec![],
            entries,
        }
    }

    #[test]
    fn what_follows_from_the_files_is_worked_out() {
        let spec = spec();
        assert_eq!(
            control(&spec),
            "Package: x1\nMaintainer: A <a@b.c>\nInstalled-Size: 5\nDescription: d\n more\n"
        );
        assert_eq!(conffiles(&spec.entries), "/etc/x.conf\n");
        assert_eq!(
            md5sums(&spec.entries).unwrap(),
            "3e2b31c72181b87149ff995e7202c0e3  usr/bin/x\n"
        );
    }

    #[test]
    fn the_members_come_in_dpkgs_order_and_the_bytes_are_stable() {
        let bytes = write(&spec()).unwrap();
        let mut archive = ar::Archive::new(&*bytes);
        let mut names = Vec::new();
        while let Some(member) = archive.next_entry() {
            names.push(String::from_utf8(member.unwrap().header().identifier().to_vec()).unwrap());
        }
        assert_eq!(names, ["debian-binary", "control.tar.xz", "data.tar.xz"]);
        assert_eq!(Digest::of(&bytes), Digest::of(&write(&spec()).unwrap()));
    }
}
