//! Writes a .deb: deb(5), deb-control(5), deb-conffiles(5).
//!
//! `debian-binary`, `control.tar.*`, `data.tar.*`, in that order and nothing else. xz is what every dpkg reads best;
//! zstd wants dpkg 1.21.18 (bookworm), or Ubuntu's since 18.04. Everything that follows from the files (Installed-Size, md5sums, conffiles, triggers) is worked out
//! here, so that it cannot disagree with them.

use crate::{
    compress::{Compression, Encoder},
    content::Content,
    deb::ldconfig,
    entries::{Entries, EntryKind, Role},
    hex,
    tarball::{Tarball, size_estimate},
};
use packyard_types::{InstallPath, Timestamp};
use std::io::{self, Seek, SeekFrom, Write};

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
    /// How both archives in it are compressed.
    pub compression: Compression,
}

/// Writes the .deb. Nothing of the payload is in memory as a whole: the size of `data.tar` is filled in afterwards.
pub fn write(spec: &DebSpec, mut out: impl Write + Seek) -> io::Result<()> {
    let mtime = spec.entries.mtime();
    let extension = spec.compression.extension();
    let control = control_tar(spec)?;
    out.write_all(b"!<arch>\n")?;
    out.write_all(&member_header("debian-binary", mtime, 4))?;
    out.write_all(b"2.0\n")?;
    out.write_all(&member_header(
        &format!("control.tar.{extension}"),
        mtime,
        control.len() as u64,
    ))?;
    out.write_all(&control)?;
    pad(&mut out, control.len() as u64)?;

    let name = format!("data.tar.{extension}");
    let header_at = out.stream_position()?;
    out.write_all(&member_header(&name, mtime, 0))?;
    let data_at = out.stream_position()?;
    data_tar(spec, &mut out)?;
    let size = out.stream_position()? - data_at;
    pad(&mut out, size)?;
    out.seek(SeekFrom::Start(header_at))?;
    out.write_all(&member_header(&name, mtime, size))?;
    out.seek(SeekFrom::End(0))?;
    out.flush()
}

/// The 60 bytes before a member: name, time, owner, group, mode, size, each padded with spaces (ar(5); dpkg writes no
/// slash behind the name).
fn member_header(name: &str, mtime: Timestamp, size: u64) -> Vec<u8> {
    let mtime = mtime.unix_seconds().max(0);
    let mode = "100644";
    format!("{name:<16}{mtime:<12}{:<6}{:<6}{mode:<8}{size:<10}`\n", 0, 0).into_bytes()
}

/// A member begins at an even place.
fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    if size % 2 == 1 {
        out.write_all(b"\n")
    } else {
        Ok(())
    }
}

/// The members of control.tar with their modes, in their order.
pub fn control_members(spec: &DebSpec) -> io::Result<Vec<(&'static str, u16, Vec<u8>)>> {
    let mut members = Vec::new();
    let conffiles = conffiles(&spec.entries);
    if !conffiles.is_empty() {
        members.push(("conffiles", 0o644, conffiles.into_bytes()));
    }
    members.push(("control", 0o644, control(spec)?.into_bytes()));
    members.push(("md5sums", 0o644, md5sums(&spec.entries)?.into_bytes()));
    if ldconfig::reason(&spec.entries)?.is_some() {
        members.push(("triggers", 0o644, ldconfig::TRIGGER.into()));
    }
    for (name, text) in &spec.scripts {
        members.push((name.as_str(), 0o755, text.clone().into_bytes()));
    }
    members.sort();
    Ok(members)
}

fn control_tar(spec: &DebSpec) -> io::Result<Vec<u8>> {
    let members: Vec<_> = control_members(spec)?
        .into_iter()
        .map(|(name, mode, bytes)| (name, mode, Content::from(bytes)))
        .collect();
    let size = size_estimate(members.iter().map(|(_, _, content)| Some(content)));
    let mut tar = Tarball::new(
        spec.entries.mtime(),
        Encoder::new(spec.compression, size, Vec::new())?,
    );
    tar.directory("./", 0o755)?;
    for (name, mode, content) in &members {
        tar.file(&format!("./{name}"), *mode, content)?;
    }
    tar.finish()?.finish()
}

fn data_tar(spec: &DebSpec, out: impl Write) -> io::Result<()> {
    let entries = &spec.entries;
    let contents = entries.iter().map(|(_, entry)| match &entry.kind {
        EntryKind::File(content) => Some(content),
        _ => None,
    });
    let encoder = Encoder::new(spec.compression, size_estimate(contents), out)?;
    let mut tar = Tarball::new(entries.mtime(), encoder);
    tar.directory("./", 0o755)?;
    for (path, entry) in entries.iter() {
        let name = format!(".{path}");
        match &entry.kind {
            EntryKind::Directory => tar.directory(&format!("{name}/"), entry.mode_until_owned())?,
            EntryKind::File(content) => tar.file(&name, entry.mode_until_owned(), content)?,
            EntryKind::Symlink(target) => tar.symlink(&name, target)?,
            EntryKind::Ghost => {}
        }
    }
    tar.finish()?.finish()?;
    Ok(())
}

/// The control file's text. A value that would begin a field of its own is an error.
pub fn control(spec: &DebSpec) -> io::Result<String> {
    let size = format!("Installed-Size: {}\n", installed_size_kib(&spec.entries));
    let mut text = String::new();
    for (key, value) in &spec.control {
        let is_continued = |line: &str| line.starts_with([' ', '\t']) && !line.trim().is_empty();
        if value.contains('\r') || !value.split('\n').skip(1).all(is_continued) {
            let reason = format!("the field `{key}` has a line break that does not continue it");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        text.push_str(&format!("{key}: {value}\n"));
        if key == "Maintainer" {
            text.push_str(&size);
        }
    }
    Ok(text)
}

/// As dpkg-gencontrol counts: each file and link rounded up to a KiB, one for everything else, the root directory too.
fn installed_size_kib(entries: &Entries) -> u64 {
    let of = |kind: &EntryKind| match kind {
        EntryKind::File(content) => content.size_bytes().div_ceil(1024),
        EntryKind::Symlink(target) => (target.len() as u64).div_ceil(1024),
        EntryKind::Directory => 1,
        EntryKind::Ghost => 0,
    };
    1 + entries.iter().map(|(_, entry)| of(&entry.kind)).sum::<u64>()
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
            hex::encode(&content.md5()?),
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
            compression: Compression::Xz,
        }
    }

    fn written(spec: &DebSpec) -> Vec<u8> {
        let mut out = io::Cursor::new(Vec::new());
        write(spec, &mut out).unwrap();
        out.into_inner()
    }

    #[test]
    fn what_follows_from_the_files_is_worked_out() {
        let spec = spec();
        assert_eq!(
            control(&spec).unwrap(),
            "Package: x1\nMaintainer: A <a@b.c>\nInstalled-Size: 6\nDescription: d\n more\n"
        );
        assert_eq!(conffiles(&spec.entries), "/etc/x.conf\n");
        assert_eq!(
            md5sums(&spec.entries).unwrap(),
            "3e2b31c72181b87149ff995e7202c0e3  usr/bin/x\n"
        );
    }

    #[test]
    fn a_value_cannot_begin_a_field_or_a_paragraph_of_its_own() {
        for value in [
            "web\nX-Y: z",
            "web\n\nPackage: evil",
            "web\n",
            "web\r\n more",
            "web\n \n more",
        ] {
            let mut spec = spec();
            spec.control.push(("Section".into(), value.into()));
            let error = write(&spec, io::Cursor::new(Vec::new())).unwrap_err();
            assert!(error.to_string().contains("`Section`"), "{value:?}: {error}");
        }
    }

    #[test]
    fn the_members_come_in_dpkgs_order_and_the_bytes_are_stable() {
        let bytes = written(&spec());
        let mut archive = ar::Archive::new(&*bytes);
        let mut names = Vec::new();
        while let Some(member) = archive.next_entry() {
            names.push(String::from_utf8(member.unwrap().header().identifier().to_vec()).unwrap());
        }
        assert_eq!(names, ["debian-binary", "control.tar.xz", "data.tar.xz"]);
        assert_eq!(Digest::of(&bytes), Digest::of(&written(&spec())));
    }
}
