//! Reading a .deb (deb(5)): `debian-binary`, `control.tar.*`, `data.tar.*` in this order; then only members whose
//! names begin with `_`. Everything is one pass over the stream.

use crate::archive::ar::Ar;
use crate::archive::budget::{Budget, Metered, fault_of};
use crate::archive::codec::Codec;
use crate::archive::contents::{Contents, DigestKind, Links, MemberKind, Reading};
use crate::archive::hashed::Hashed;
use crate::archive::tar;
use crate::deb822::{self, Paragraph};
use crate::fault::{DAMAGED, Fault};
use crate::intake::Limits;
use std::io::Read;

const ORDER: &str = "a .deb holds `debian-binary`, `control.tar.*` and `data.tar.*`, in this order (deb(5))";
/// What `control.tar` may hold: scripts, lists and templates, not data.
const CONTROL_ENTRIES: u64 = 10_000;
const CONTROL_BYTES: u64 = 256 << 20;

/// A .deb, read whole.
#[derive(Debug, Clone)]
pub struct Deb {
    /// The fields of `control`.
    pub control: Paragraph,
    /// The files of `control.tar`, all kept.
    pub control_files: Contents,
    /// The files of `data.tar`; see [`is_kept`].
    pub data: Contents,
    /// MD5 of the whole file.
    pub md5: String,
    /// The text of the package's changelog.
    pub changelog: Option<String>,
}

/// Whether a file of a package is kept whole for later questions: changelogs, copyright, units.
pub fn is_kept(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let document = path.starts_with("usr/share/doc/")
        && path.matches('/').count() == 4
        && (matches!(name, "copyright" | "changelog.gz" | "changelog.Debian.gz"));
    document || is_unit(path)
}

/// Whether a path is a systemd unit's.
pub fn is_unit(path: &str) -> bool {
    const KINDS: [&str; 8] = [
        "service",
        "timer",
        "socket",
        "path",
        "target",
        "mount",
        "slice",
        "automount",
    ];
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
    path.contains("systemd/system/") && KINDS.contains(&kind) && !path.contains(".d/")
}

/// Reads a .deb of `file_bytes` bytes.
pub fn read<R: Read>(reader: &mut R, file_bytes: u64, limits: &Limits) -> Result<Deb, Fault> {
    let mut ar = Ar::new(Hashed::new(reader, &[DigestKind::Md5]))?;
    version(&mut ar)?;
    let control_files = control_tar(&mut ar, limits)?;
    let control = control(&control_files)?;
    let data = data_tar(&mut ar, limits)?;
    while let Some(member) = ar.next_member()? {
        if !member.name.starts_with('_') {
            return Err(Fault::new(
                "it follows `data.tar`, where only names with a leading `_` may be",
                ORDER,
            )
            .at(member.name));
        }
        skip(&mut ar, member.size_bytes)?;
    }
    let (md5, size) = ar.into_inner().finish().map_err(|e| fault_of(&e))?;
    if size != file_bytes {
        return Err(Fault::new(
            format!("{size} of its {file_bytes} bytes could be read"),
            DAMAGED,
        ));
    }
    let changelog = changelog(&data, control.get("Package").unwrap_or_default(), limits)?;
    Ok(Deb {
        control,
        control_files,
        data,
        md5: md5.into_iter().flatten().next().unwrap_or_default(),
        changelog,
    })
}

impl Deb {
    /// A file of `control.tar` as text.
    pub fn control_text(&self, name: &str) -> Option<String> {
        self.control_files
            .kept
            .get(name)
            .map(|b| String::from_utf8_lossy(b).into_owned())
    }

    /// What is wrong with the paths and kinds of its entries.
    pub fn bad_entries(&self) -> impl Iterator<Item = &Fault> {
        self.control_files.faults.iter().chain(&self.data.faults)
    }

    /// Every entry of `md5sums` that is malformed or that the files contradict.
    pub fn verify(&self) -> Vec<Fault> {
        let Some(text) = self.control_text("md5sums") else {
            return Vec::new();
        };
        text.lines()
            .filter_map(|line| self.verify_sum(line).err())
            .collect()
    }

    fn verify_sum(&self, line: &str) -> Result<(), Fault> {
        let shape = || {
            Fault::new(
                format!("the line `{}` is not `MD5  PATH`", line.escape_debug()),
                "write 32 hexadecimal digits, two blanks and the path without a leading slash",
            )
            .at("md5sums")
        };
        let (sum, path) = line.split_once("  ").ok_or_else(shape)?;
        if sum.len() != 32 || !sum.bytes().all(|b| b.is_ascii_hexdigit()) || path.starts_with(['/', ' ']) {
            return Err(shape());
        }
        let path = path.strip_prefix("./").unwrap_or(path);
        let Some(actual) = self.data.member(path).and_then(|m| m.digest.as_deref()) else {
            return Err(Fault::new("md5sums names it, but the package has no such file", DAMAGED).at(path));
        };
        if !actual.eq_ignore_ascii_case(sum) {
            return Err(Fault::new(format!("its MD5 is `{actual}`, md5sums says `{sum}`"), DAMAGED).at(path));
        }
        Ok(())
    }

    /// Paths of files and links, relative, sorted.
    pub fn file_paths(&self) -> Vec<String> {
        let files = self.data.members.iter().filter(|m| m.kind != MemberKind::Dir);
        let mut paths: Vec<String> = files.map(|m| m.path.clone()).collect();
        paths.sort();
        paths
    }
}

type Stream<'a, R> = Ar<Hashed<&'a mut R>>;

fn version<R: Read>(ar: &mut Stream<'_, R>) -> Result<(), Fault> {
    let first = ar.next_member()?.filter(|m| m.name == "debian-binary");
    let first = first.ok_or_else(|| Fault::new("its first member is not `debian-binary`", ORDER))?;
    let mut text = String::new();
    let taken = ar
        .inner()
        .take(first.size_bytes.min(100))
        .read_to_string(&mut text);
    if taken.is_err() || first.size_bytes > 100 || !text.starts_with("2.") || !text.ends_with('\n') {
        return Err(Fault::new(
            "it is not a version 2 of the format",
            "it must say `2.0` and a newline",
        )
        .at("debian-binary"));
    }
    Ok(())
}

/// The next member, which must be `STEM.tar` in some compression.
fn tar_member<R: Read>(ar: &mut Stream<'_, R>, stem: &str) -> Result<(String, u64, Codec), Fault> {
    let missing = || Fault::new(format!("it has no `{stem}.tar.*` where that must be"), ORDER);
    let member = ar.next_member()?.ok_or_else(missing)?;
    let suffix = member
        .name
        .strip_prefix(stem)
        .and_then(|s| s.strip_prefix(".tar"))
        .ok_or_else(missing)?;
    let codec = codec(stem, suffix).ok_or_else(|| {
        Fault::new(
            "it is compressed in a way that is not known",
            "use xz, gz, zst or none (deb(5)); `dpkg-deb -Zxz` builds such a package",
        )
        .at(&member.name)
    })?;
    Ok((member.name, member.size_bytes, codec))
}

/// The compressions of deb(5).
fn codec(stem: &str, suffix: &str) -> Option<Codec> {
    Some(match suffix {
        "" => Codec::Plain,
        ".gz" => Codec::Gzip,
        ".xz" => Codec::Xz,
        ".zst" => Codec::Zstd,
        ".lzma" if stem == "data" => Codec::Lzma,
        ".bz2" if stem == "data" => Codec::Bzip2,
        _ => return None,
    })
}

fn control_tar<R: Read>(ar: &mut Stream<'_, R>, limits: &Limits) -> Result<Contents, Fault> {
    let (name, size, codec) = tar_member(ar, "control")?;
    let small = Limits {
        entries: limits.entries.min(CONTROL_ENTRIES),
        unpacked_bytes: limits.unpacked_bytes.min(CONTROL_BYTES),
        ..limits.clone()
    };
    let how = Reading {
        digest: DigestKind::Absent,
        keep: &|_| true,
        keep_bytes: limits.metadata_bytes,
        links: Links::Inside,
        gather: true,
    };
    walk(ar, size, codec, &small, &how).map_err(|fault| named(fault, &name))
}

fn data_tar<R: Read>(ar: &mut Stream<'_, R>, limits: &Limits) -> Result<Contents, Fault> {
    let (name, size, codec) = tar_member(ar, "data")?;
    let how = Reading {
        digest: DigestKind::Md5,
        keep: &is_kept,
        keep_bytes: limits.metadata_bytes,
        links: Links::Rooted,
        gather: true,
    };
    walk(ar, size, codec, limits, &how).map_err(|fault| named(fault, &name))
}

fn walk<R: Read>(
    ar: &mut Stream<'_, R>,
    size: u64,
    codec: Codec,
    limits: &Limits,
    how: &Reading<'_>,
) -> Result<Contents, Fault> {
    let mut packed = ar.inner().take(size);
    let mut budget = Budget::new(limits, size);
    let mut plain = Metered::new(codec.decoder(&mut packed)?, budget.clone());
    let contents = tar::read(&mut plain, &mut budget, how)?;
    drop(plain);
    if packed.limit() > 0 {
        return Err(Fault::new(
            "data follows its compressed stream, or it was cut short",
            DAMAGED,
        ));
    }
    Ok(contents)
}

/// A fault that names no entry is the archive's own.
fn named(fault: Fault, archive: &str) -> Fault {
    if fault.entry.is_some() {
        fault
    } else {
        fault.at(archive)
    }
}

fn skip<R: Read>(ar: &mut Stream<'_, R>, size: u64) -> Result<(), Fault> {
    let got = std::io::copy(&mut ar.inner().take(size), &mut std::io::sink()).map_err(|e| fault_of(&e))?;
    if got == size {
        Ok(())
    } else {
        Err(Fault::new("it ends inside a member", DAMAGED))
    }
}

fn control(files: &Contents) -> Result<Paragraph, Fault> {
    let raw = files.kept.get("control");
    let raw = raw.ok_or_else(|| Fault::new("its `control.tar` has no file `control`", ORDER))?;
    let bad = |rule: String| Fault::new(rule, "write it as deb-control(5) says").at("control");
    let text = std::str::from_utf8(raw).map_err(|_| bad("it is not UTF-8".to_owned()))?;
    deb822::parse_one(text).map_err(|e| bad(e.to_string()))
}

/// The text of the Debian changelog, else of the upstream one, of the package's own documentation directory or of
/// any other.
fn changelog(data: &Contents, package: &str, limits: &Limits) -> Result<Option<String>, Fault> {
    let own = format!("usr/share/doc/{package}/");
    let mut found: Vec<&String> = data.kept.keys().filter(|p| p.contains("/changelog.")).collect();
    found.sort_by_key(|p| (!p.starts_with(&own), !p.ends_with("changelog.Debian.gz")));
    let Some(path) = found.first() else {
        return Ok(None);
    };
    let Some(raw) = data.kept.get(*path) else {
        return Ok(None);
    };
    let mut text = Vec::new();
    let taken = flate2::read::MultiGzDecoder::new(&raw[..])
        .take(limits.metadata_bytes + 1)
        .read_to_end(&mut text);
    taken.map_err(|e| fault_of(&e).at(path))?;
    if text.len() as u64 > limits.metadata_bytes {
        return Err(Fault::new(
            "it unpacks to more than the limit of metadata",
            "shorten the changelog",
        )
        .at(path));
    }
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}
