//! The facts of an .rpm, derived from its header as createrepo_c's src/parsehdr.c does, so that the same package has
//! the same primary.xml. Control characters stay as they are; what writes XML drops them.

use super::files;
use super::header::Header;
use super::read::Rpm;
use super::tag::{self, Triple, sense};
use crate::fault::{DAMAGED, Fault};
use packyard_types::{RpmChangelogEntry, RpmDependency, RpmFacts, RpmFile, RpmFileKind, RpmFlags, Timestamp};
use std::collections::HashSet;

/// The facts of a package.
pub fn facts(rpm: &Rpm) -> Result<RpmFacts, Fault> {
    let header = &rpm.header;
    let text = |tag| header.string(tag).unwrap_or_default();
    let needed = |tag, name: &str| {
        let value = header.string(tag).filter(|v| !v.is_empty());
        value.ok_or_else(|| Fault::new(format!("it has no {name}"), DAMAGED).at("main header"))
    };
    let files = file_list(rpm)?;
    let provides = dependencies(header, tag::PROVIDES);
    let (requires, weak) = requires(header, &provides, &files);
    let mut recommends = dependencies(header, tag::RECOMMENDS);
    recommends.extend(weak);
    let header_end = rpm.header_start + header.bytes().len() as u64;
    Ok(RpmFacts {
        name: needed(tag::NAME, "NAME")?,
        epoch: header
            .integer(tag::EPOCH)
            .and_then(|e| u32::try_from(e).ok())
            .unwrap_or(0),
        version: needed(tag::VERSION, "VERSION")?,
        release: needed(tag::RELEASE, "RELEASE")?,
        arch: if is_source(header) {
            "src".to_owned()
        } else {
            needed(tag::ARCH, "ARCH")?
        },
        summary: text(tag::SUMMARY),
        description: text(tag::DESCRIPTION),
        packager: text(tag::PACKAGER),
        url: text(tag::URL),
        license: text(tag::LICENSE),
        vendor: text(tag::VENDOR),
        group: text(tag::GROUP),
        build_host: text(tag::BUILD_HOST),
        source_rpm: text(tag::SOURCE_RPM),
        build_time: header
            .integer(tag::BUILD_TIME)
            .and_then(|t| i64::try_from(t).ok())
            .unwrap_or(0),
        installed_size_bytes: header
            .integer(tag::LONG_SIZE)
            .or_else(|| header.integer(tag::SIZE))
            .unwrap_or(0),
        archive_size_bytes: archive_size(rpm),
        header_start: rpm.header_start,
        header_end,
        provides,
        requires,
        conflicts: dependencies(header, tag::CONFLICTS),
        obsoletes: dependencies(header, tag::OBSOLETES),
        suggests: dependencies(header, tag::SUGGESTS),
        enhances: dependencies(header, tag::ENHANCES),
        recommends,
        supplements: dependencies(header, tag::SUPPLEMENTS),
        files,
        changelog: changelog(header),
        signed_by: rpm.signed_by.clone(),
    })
}

/// Whether a header is a source package's.
pub fn is_source(header: &Header) -> bool {
    header.has(tag::SOURCE_PACKAGE) || !header.has(tag::SOURCE_RPM)
}

fn archive_size(rpm: &Rpm) -> u64 {
    let (header, signature) = (&rpm.header, &rpm.signature);
    let said = [
        signature.integer(tag::sig::LONG_ARCHIVE_SIZE),
        signature.integer(tag::sig::PAYLOAD_SIZE),
        header.integer(tag::ARCHIVE_SIZE),
        header.integer(tag::PAYLOAD_LEN_UNPACKED),
    ];
    said.into_iter().flatten().next().unwrap_or(rpm.payload_bytes)
}

fn file_list(rpm: &Rpm) -> Result<Vec<RpmFile>, Fault> {
    const DIR: u64 = 0o040_000;
    let modes = rpm.header.integers(tag::FILE_MODES);
    let kind = |at: usize| match (modes.get(at), rpm.file_flags.get(at)) {
        (Some(mode), _) if mode & 0o170_000 == DIR => RpmFileKind::Dir,
        (_, Some(flags)) if flags & tag::file_flag::GHOST != 0 => RpmFileKind::Ghost,
        _ => RpmFileKind::File,
    };
    let paths = files::paths(&rpm.header)?.into_iter().enumerate();
    Ok(paths.map(|(at, path)| RpmFile { kind: kind(at), path }).collect())
}

/// A dependency with the bits of its flags that decide more than the comparison.
fn raw(header: &Header, (names, flags, versions): Triple) -> Vec<(RpmDependency, u64)> {
    let (flags, versions) = (header.integers(flags), header.strings(versions));
    let names = header.strings(names).into_iter().enumerate();
    let dependency = |(at, name): (usize, std::borrow::Cow<'_, str>)| {
        let bits = flags.get(at).copied().unwrap_or(0);
        let version = versions
            .get(at)
            .map(|v| v.clone().into_owned())
            .unwrap_or_default();
        (
            RpmDependency {
                name: name.into_owned(),
                flags: comparison(bits),
                version,
                pre: false,
            },
            bits,
        )
    };
    names.map(dependency).collect()
}

fn comparison(bits: u64) -> Option<RpmFlags> {
    Some(match bits & sense::COMPARISON {
        2 => RpmFlags::Less,
        4 => RpmFlags::Greater,
        8 => RpmFlags::Equal,
        10 => RpmFlags::LessOrEqual,
        12 => RpmFlags::GreaterOrEqual,
        _ => return None,
    })
}

pub(crate) fn dependencies(header: &Header, tags: Triple) -> Vec<RpmDependency> {
    raw(header, tags)
        .into_iter()
        .map(|(dependency, _)| dependency)
        .collect()
}

/// Requirements as createrepo_c filters them, and those that are only recommendations (`MISSINGOK`).
fn requires(
    header: &Header,
    provides: &[RpmDependency],
    files: &[RpmFile],
) -> (Vec<RpmDependency>, Vec<RpmDependency>) {
    let own_files: HashSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
    let own: HashSet<&RpmDependency> = provides.iter().collect();
    let (mut kept, mut weak, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let mut libc: Option<RpmDependency> = None;
    for (mut dependency, bits) in raw(header, tag::REQUIRES) {
        let name = dependency.name.as_str();
        if name.starts_with("rpmlib(")
            || (is_primary(name) && own_files.contains(name))
            || own.contains(&dependency)
        {
            continue;
        }
        let pre = sense::PREREQ | sense::SCRIPT_PRE | sense::SCRIPT_POST | sense::PRETRANS | sense::POSTTRANS;
        dependency.pre = bits & pre != 0;
        if !seen.insert(dependency.clone()) {
            continue;
        }
        if name.starts_with("libc.so.6") {
            if libc
                .as_ref()
                .is_none_or(|best| libc_version(&best.name) < libc_version(name))
            {
                libc = Some(dependency);
            }
        } else if bits & sense::MISSING_OK != 0 {
            weak.push(dependency);
        } else {
            kept.push(dependency);
        }
    }
    kept.extend(libc);
    (kept, weak)
}

/// `libc.so.6(GLIBC_2.34)(64bit)` as [2, 34]; without a version, nothing, which is the lowest.
fn libc_version(name: &str) -> Vec<u64> {
    let version = name
        .split_once("GLIBC_")
        .map_or("", |(_, rest)| rest)
        .split(')')
        .next()
        .unwrap_or_default();
    version.split('.').map_while(|n| n.parse().ok()).collect()
}

/// Whether a path is listed in primary.xml. yum and dnf resolve file requirements with just this rule
/// (createrepo_c, src/misc.h, `cr_is_primary`).
pub fn is_primary(path: &str) -> bool {
    path.starts_with("/etc/")
        || path == "/usr/lib/sendmail"
        || (path.starts_with('/') && path.contains("bin/"))
}

fn changelog(header: &Header) -> Vec<RpmChangelogEntry> {
    let (times, names) = (
        header.integers(tag::CHANGELOG_TIMES),
        header.strings(tag::CHANGELOG_NAMES),
    );
    let texts = header.strings(tag::CHANGELOG_TEXTS);
    let entries = times.iter().zip(names).zip(texts);
    let entry = |((time, author), text): ((&u64, std::borrow::Cow<'_, str>), std::borrow::Cow<'_, str>)| {
        RpmChangelogEntry {
            author: author.into_owned(),
            at: Timestamp::from_unix_seconds(i64::try_from(*time).unwrap_or(i64::MAX)),
            text: text.into_owned(),
        }
    };
    entries.map(entry).collect()
}
