//! The facts of an .rpm, derived from its header as createrepo_c's src/parsehdr.c does, so that the same package has
//! the same primary.xml. Control characters stay as they are; what writes XML replaces them, and
//! [`super::cautions`] tells of them.

use super::cautions::classic_unpacked_size;
use super::dependencies::Dependencies;
pub(crate) use super::dependencies::dependencies;
use super::files;
use super::header::{Header, indexed};
use super::read::Rpm;
use super::tag;
use crate::fault::{DAMAGED, Fault};
use packyard_types::{RpmChangelogEntry, RpmFacts, RpmFile, RpmFileKind, Timestamp};

/// The facts of a package.
pub fn facts(rpm: &Rpm) -> Result<RpmFacts, Fault> {
    let header = &rpm.header;
    let string = |tag| {
        let first = header.raw_strings(tag).into_iter().next();
        first.map(|raw| indexed(raw).into_owned())
    };
    let text = |tag| string(tag).unwrap_or_default();
    let needed = |tag, name: &str| {
        let value = string(tag).filter(|v| !v.is_empty());
        value.ok_or_else(|| Fault::new(format!("it has no {name}"), DAMAGED).at("main header"))
    };
    let files = file_list(rpm)?;
    let has = Dependencies::of(header, &files);
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
        provides: has.provides,
        requires: has.requires,
        conflicts: has.conflicts,
        obsoletes: has.obsoletes,
        suggests: has.suggests,
        enhances: has.enhances,
        recommends: has.recommends,
        supplements: has.supplements,
        files,
        changelog: changelog(header),
        signed_by: rpm.signed_by.first().cloned(),
        also_signed_by: rpm.signed_by.iter().skip(1).cloned().collect(),
    })
}

/// Whether a header is a source package's.
pub fn is_source(header: &Header) -> bool {
    header.has(tag::SOURCE_PACKAGE) || !header.has(tag::SOURCE_RPM)
}

fn archive_size(rpm: &Rpm) -> u64 {
    let modern = || rpm.header.integer(tag::PAYLOAD_LEN_UNPACKED);
    let said = classic_unpacked_size(&rpm.signature, &rpm.header).or_else(modern);
    said.unwrap_or(rpm.payload_bytes)
}

fn file_list(rpm: &Rpm) -> Result<Vec<RpmFile>, Fault> {
    const DIR: u64 = 0o040_000;
    let modes = rpm.header.integers(tag::FILE_MODES);
    let kind = |at: usize| match (modes.get(at), rpm.file_flags.get(at)) {
        (Some(mode), _) if mode & 0o170_000 == DIR => RpmFileKind::Dir,
        (_, Some(flags)) if flags & tag::file_flag::GHOST != 0 => RpmFileKind::Ghost,
        _ => RpmFileKind::File,
    };
    let paths = files::raw_paths(&rpm.header)?.into_iter().enumerate();
    let file = |(at, path): (usize, Vec<u8>)| RpmFile {
        kind: kind(at),
        path: indexed(&path).into_owned(),
    };
    Ok(paths.map(file).collect())
}

/// Whether a path is listed in primary.xml. yum and dnf resolve file requirements with just this rule
/// (createrepo_c, src/misc.h, `cr_is_primary`).
pub fn is_primary(path: &str) -> bool {
    path.starts_with("/etc/")
        || path == "/usr/lib/sendmail"
        || (path.starts_with('/') && path.contains("bin/"))
}

/// The changelog, whose authors createrepo_c lists without the blanks at their end.
fn changelog(header: &Header) -> Vec<RpmChangelogEntry> {
    let times = header.integers(tag::CHANGELOG_TIMES).into_iter();
    let names = header.raw_strings(tag::CHANGELOG_NAMES).into_iter().map(indexed);
    let texts = header.raw_strings(tag::CHANGELOG_TEXTS).into_iter().map(indexed);
    let entries = times.zip(names).zip(texts);
    let entry = |((time, author), text): ((u64, std::borrow::Cow<'_, str>), std::borrow::Cow<'_, str>)| {
        RpmChangelogEntry {
            author: author.trim_end_matches(' ').to_owned(),
            at: Timestamp::from_unix_seconds(i64::try_from(time).unwrap_or(i64::MAX)),
            text: text.into_owned(),
        }
    };
    entries.map(entry).collect()
}
