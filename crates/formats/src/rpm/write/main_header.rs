//! The main header: everything that is known of a package.

use super::{
    CannotWrite, RpmKind, RpmScripts, RpmSpec,
    payload::{self, Payload},
    relation,
    rows::{Rows, seconds},
    table::Table,
};
use crate::rpm::tag;
use packyard_types::RpmArch;

/// SHA-256 in rpm's numbers, which are OpenPGP's (RFC 9580, 9.5).
const SHA256: u32 = 8;

/// The header's bytes; their number is the same for every payload.
pub(super) fn main_header(
    spec: &RpmSpec,
    rows: &Rows<'_>,
    payload: &Payload,
) -> Result<Vec<u8>, CannotWrite> {
    let mut table = Table::default();
    put_fields(spec, &mut table);
    table.u32(tag::BUILD_TIME, rows.mtime);
    put_scripts(&spec.scripts, &mut table);
    put_changelog(spec, &mut table)?;
    relation::put(spec, rows, &mut table)?;
    rows.put(&mut table)?;
    put_payload(spec, payload, &mut table);
    table.into_header(tag::HEADER_IMMUTABLE)
}

fn put_fields(spec: &RpmSpec, table: &mut Table) {
    table.strings(tag::HEADER_LOCALES, ["C"]);
    table.string(tag::ENCODING, "utf-8");
    table.string(tag::RPM_VERSION, concat!("packyard ", env!("CARGO_PKG_VERSION")));
    table.string(tag::NAME, spec.name.as_str());
    table.string(tag::VERSION, &spec.version);
    table.string(tag::RELEASE, &spec.release);
    if spec.epoch > 0 {
        table.u32(tag::EPOCH, spec.epoch);
    }
    table.translated(tag::SUMMARY, &spec.summary);
    table.translated(tag::DESCRIPTION, &spec.description);
    table.translated(tag::GROUP, &spec.group);
    table.string(tag::LICENSE, &spec.license);
    put_kind(spec, table);
    table.string(tag::ARCH, spec.arch.as_str());
    table.string(tag::OS, "linux");
    table.string(tag::PLATFORM, &format!("{}-redhat-linux-gnu", spec.arch));
    table.string(tag::BUILD_HOST, "localhost");
    let optional = [
        (tag::URL, &spec.url),
        (tag::PACKAGER, &spec.packager),
        (tag::VENDOR, &spec.vendor),
    ];
    for (tag, text) in optional {
        if let Some(text) = text {
            table.string(tag, text);
        }
    }
}

/// Which source package it comes from; or that it is one, and which of its files are the sources.
fn put_kind(spec: &RpmSpec, table: &mut Table) {
    match &spec.kind {
        RpmKind::Binary { source } => {
            let file = format!("{source}-{}-{}.src.rpm", spec.version, spec.release);
            table.string(tag::SOURCE_RPM, &file);
        }
        RpmKind::Source { spec_file } => {
            table.u32(tag::SOURCE_PACKAGE, 1);
            let names = spec.entries.iter().map(|(path, _)| path.relative());
            table.strings(tag::SOURCE, names.filter(|name| name != spec_file));
            if spec.arch == RpmArch::noarch() {
                table.strings(tag::BUILD_ARCHS, [spec.arch.as_str()]);
            }
        }
    }
}

fn put_scripts(scripts: &RpmScripts, table: &mut Table) {
    let texts = [
        ("pretrans", &scripts.pretrans),
        ("preinstall", &scripts.pre),
        ("postinstall", &scripts.post),
        ("preuninstall", &scripts.preun),
        ("postuninstall", &scripts.postun),
        ("posttrans", &scripts.posttrans),
    ];
    for (name, text, program) in tag::SCRIPTS {
        let found = texts.iter().find(|(known, _)| *known == name);
        if let Some(script) = found.and_then(|(_, script)| script.as_ref()) {
            table.string(text, script.trim_end());
            table.string(program, "/bin/sh");
        }
    }
}

fn put_changelog(spec: &RpmSpec, table: &mut Table) -> Result<(), CannotWrite> {
    let times: Result<Vec<u32>, _> = spec
        .changelog
        .iter()
        .map(|entry| seconds(entry.at.noon()))
        .collect();
    table.u32s(tag::CHANGELOG_TIMES, times?);
    table.strings(
        tag::CHANGELOG_NAMES,
        spec.changelog.iter().map(|entry| &entry.author),
    );
    table.strings(
        tag::CHANGELOG_TEXTS,
        spec.changelog.iter().map(|entry| &entry.text),
    );
    Ok(())
}

fn put_payload(spec: &RpmSpec, written: &Payload, table: &mut Table) {
    table.string(tag::PAYLOAD_FORMAT, "cpio");
    let (compressor, level) = payload::name(spec.compression);
    table.string(tag::PAYLOAD_COMPRESSOR, compressor);
    table.string(tag::PAYLOAD_FLAGS, level);
    table.u32(tag::FILE_DIGEST_ALGORITHM, SHA256);
    table.u32(tag::PAYLOAD_DIGEST_ALGORITHM, SHA256);
    table.strings(tag::PAYLOAD_DIGEST, [written.packed.digest.to_string()]);
    table.strings(
        tag::PAYLOAD_DIGEST_UNPACKED,
        [written.unpacked.digest.to_string()],
    );
}
