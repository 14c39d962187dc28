//! What of a package should be told to who uploads it, though the package is good: what an index cannot say as the
//! header says it. createrepo_c drops such packages, or leaves out a part of them, without an error.

use super::dependencies::has_epoch_or_none;
use super::header::{Header, indexed};
use super::known::known;
use super::read::Rpm;
use super::tag::{self, sig};
use crate::archive::contents::MemberKind;

/// What goes into an index.
const LISTED: [u32; 29] = [
    tag::NAME,
    tag::VERSION,
    tag::RELEASE,
    tag::SUMMARY,
    tag::DESCRIPTION,
    tag::BUILD_HOST,
    tag::VENDOR,
    tag::LICENSE,
    tag::PACKAGER,
    tag::GROUP,
    tag::URL,
    tag::ARCH,
    tag::SOURCE_RPM,
    tag::OLD_FILE_NAMES,
    tag::BASE_NAMES,
    tag::DIR_NAMES,
    tag::CHANGELOG_NAMES,
    tag::CHANGELOG_TEXTS,
    tag::PROVIDES.0,
    tag::REQUIRES.0,
    tag::CONFLICTS.0,
    tag::OBSOLETES.0,
    tag::RECOMMENDS.0,
    tag::SUGGESTS.0,
    tag::SUPPLEMENTS.0,
    tag::ENHANCES.0,
    tag::PROVIDES.2,
    tag::REQUIRES.2,
    tag::OBSOLETES.2,
];
const VERSIONS: [u32; 8] = [
    tag::PROVIDES.2,
    tag::REQUIRES.2,
    tag::CONFLICTS.2,
    tag::OBSOLETES.2,
    tag::RECOMMENDS.2,
    tag::SUGGESTS.2,
    tag::SUPPLEMENTS.2,
    tag::ENHANCES.2,
];

/// What to tell of a package, in sentences.
pub fn cautions(rpm: &Rpm) -> Vec<String> {
    let header = &rpm.header;
    let mut out = Vec::new();
    let with = |is: &dyn Fn(&[u8]) -> bool, tags: &[u32]| {
        let found = tags
            .iter()
            .filter(|tag| header.raw_strings(**tag).into_iter().any(is));
        let names: Vec<&str> = found
            .filter_map(|tag| known(*tag).map(|(name, _)| name))
            .collect();
        names.join(", ")
    };
    let odd = with(&|raw| std::str::from_utf8(raw).is_err(), &LISTED);
    if !odd.is_empty() {
        out.push(format!(
            "{odd}: not UTF-8; the repository lists it as Latin-1, without what Latin-1 has no letter for"
        ));
    }
    let controls = with(&has_forbidden, &LISTED);
    if !controls.is_empty() {
        out.push(format!(
            "{controls}: control characters, which XML forbids; the repository lists U+FFFD in their place"
        ));
    }
    let versions = with(&|raw| !has_epoch_or_none(&indexed(raw)), &VERSIONS);
    if !versions.is_empty() {
        out.push(format!(
            "{versions}: a version whose epoch is no number; the repository leaves that dependency out, as no client \
             could compare it"
        ));
    }
    let special = rpm
        .contents
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::Special);
    let special: Vec<&str> = special.map(|m| m.path.as_str()).collect();
    if let Some(first) = special.first() {
        out.push(format!(
            "{} device nodes, pipes or sockets, the first is `/{first}`: rpm makes them when it installs, which fails in \
             most containers, and an attacker could do harm with them",
            special.len()
        ));
    }
    if let Some(said) = classic_unpacked_size(&rpm.signature, header)
        && said != rpm.payload_bytes
        && rpm.payload_bytes > 0
    {
        out.push(format!(
            "PAYLOADSIZE: the package says {said} bytes, and its payload unpacks to {}",
            rpm.payload_bytes
        ));
    }
    out
}

/// Whether a text that will be listed holds what XML 1.0 forbids even when it is escaped.
fn has_forbidden(raw: &[u8]) -> bool {
    let forbidden =
        |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    indexed(raw).contains(forbidden)
}

/// The size of the unpacked payload, as packages before version 6 say it.
pub(super) fn classic_unpacked_size(signature: &Header, header: &Header) -> Option<u64> {
    signature
        .integer(sig::LONG_ARCHIVE_SIZE)
        .or_else(|| signature.integer(sig::PAYLOAD_SIZE))
        .or_else(|| header.integer(tag::ARCHIVE_SIZE))
}
