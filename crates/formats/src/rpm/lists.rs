//! Lists of the main header that belong together: each file, dependency and changelog entry is one row of several tags,
//! so they all have as many values. Where they do not, every reader pairs the rows in its own way.

use super::header::Header;
use super::known::known;
use super::tag::{self, Triple};

/// What every file has.
const OF_EACH_FILE: [u32; 13] = [
    tag::DIR_INDEXES,
    tag::FILE_SIZES,
    tag::LONG_FILE_SIZES,
    tag::FILE_MODES,
    tag::FILE_MTIMES,
    tag::FILE_DIGESTS,
    tag::FILE_LINKS,
    tag::FILE_FLAGS,
    tag::FILE_OWNERS,
    tag::FILE_GROUPS,
    tag::FILE_DEVICES,
    tag::FILE_INODES,
    tag::FILE_CAPABILITIES,
];
/// What a header with files must have: without the first nobody knows where they are, without the others what.
const NEEDED_OF_FILES: [u32; 4] = [tag::DIR_INDEXES, tag::DIR_NAMES, tag::FILE_MODES, tag::FILE_FLAGS];
const DEPENDENCIES: [Triple; 10] = [
    tag::PROVIDES,
    tag::REQUIRES,
    tag::CONFLICTS,
    tag::OBSOLETES,
    tag::RECOMMENDS,
    tag::SUGGESTS,
    tag::SUPPLEMENTS,
    tag::ENHANCES,
    tag::OLD_SUGGESTS,
    tag::OLD_ENHANCES,
];

/// Most dependencies and changelog entries that a package may have, all kinds together. The largest kernels have some
/// ten thousand; rpm would take a million of each kind, which is gigabytes in a server's memory for megabytes in a file.
const MAX_ROWS: usize = 1 << 18;

/// Checks the lengths of all lists.
pub(super) fn check(header: &Header) -> Result<(), String> {
    let dependencies = DEPENDENCIES.into_iter().map(|(names, ..)| names);
    let mut rows = 0;
    for tag in dependencies.chain([tag::CHANGELOG_TIMES]) {
        rows += header.count(tag);
        if rows > MAX_ROWS {
            return Err(format!(
                "tag {} of the main header makes it more than {MAX_ROWS} dependencies and changelog entries",
                named(tag)
            ));
        }
    }
    if header.has(tag::BASE_NAMES) {
        if let Some(lacking) = NEEDED_OF_FILES.iter().find(|tag| !header.has(**tag)) {
            return Err(format!(
                "the main header lists files and has no tag {}",
                named(*lacking)
            ));
        }
        for tag in OF_EACH_FILE {
            as_long_as(header, tag, tag::BASE_NAMES)?;
        }
    } else if let Some(orphan) = OF_EACH_FILE.into_iter().find(|tag| header.has(*tag))
        && !header.has(tag::OLD_FILE_NAMES)
    {
        return Err(format!(
            "the main header has tag {} and lists no files",
            named(orphan)
        ));
    }
    for (names, flags, versions) in DEPENDENCIES {
        as_long_as(header, flags, names)?;
        as_long_as(header, versions, names)?;
    }
    as_long_as(header, tag::CHANGELOG_NAMES, tag::CHANGELOG_TIMES)?;
    as_long_as(header, tag::CHANGELOG_TEXTS, tag::CHANGELOG_TIMES)
}

fn as_long_as(header: &Header, tag: u32, first: u32) -> Result<(), String> {
    let (count, expected) = (header.count(tag), header.count(first));
    // Flags and versions came later than names.
    if !header.has(tag) || count == expected {
        return Ok(());
    }
    Err(format!(
        "tag {} of the main header has {count} values, and tag {} has {expected}",
        named(tag),
        named(first)
    ))
}

fn named(tag: u32) -> String {
    known(tag).map_or_else(|| tag.to_string(), |(name, _)| format!("{tag} ({name})"))
}
