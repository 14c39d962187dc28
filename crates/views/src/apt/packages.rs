//! The Packages file: stanzas, each ended by an empty line, with a package's control fields and where its file is.
//!
//! Of the description it has the first line, and the digest by which the rest is found in Translation-en.

use super::{
    description::Description,
    stanza::{copy, field},
};
use crate::rope::{Document, Identity, between};
use packyard_types::{Artifact, DebFacts};
use std::borrow::Cow;

/// Fields of a control file that are not copied: the first three are written from what the artifact is called, the
/// others say where and what the file is, or what is computed here.
const OWN: [&str; 14] = [
    "package",
    "version",
    "architecture",
    "filename",
    "msdos-filename",
    "size",
    "md5sum",
    "sha1",
    "sha256",
    "sha512",
    "status",
    "config-version",
    "conffiles",
    "description-md5",
];

/// A Packages file. Fields have no empty lines, so that an empty line ends a stanza.
pub(super) struct Packages;

impl Document for Packages {
    fn entry_end(&self) -> &'static str {
        "\n\n"
    }

    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        let name = entry.strip_prefix("Package: ")?.lines().next()?;
        Some(Identity {
            name,
            version: Cow::Borrowed(between(entry, "\nVersion: ", "\n")?),
            digest: between(entry, "\nSHA256: ", "\n")?,
        })
    }

    fn head(&self, _entries: u64) -> String {
        String::new()
    }

    fn foot(&self) -> &'static str {
        ""
    }

    fn is_hashed_open(&self) -> bool {
        true
    }

    fn is_offered_tighter(&self) -> bool {
        true
    }
}

/// The stanza, with the empty line that ends it.
pub(super) fn stanza(artifact: &Artifact, facts: &DebFacts) -> String {
    let mut out = String::new();
    field(&mut out, "Package", &artifact.package);
    field(&mut out, "Version", &artifact.version);
    field(&mut out, "Architecture", &artifact.arch);
    copy(&mut out, &facts.control, &OWN, |out, name, value| {
        let is_description = name.eq_ignore_ascii_case("description");
        if is_description {
            let description = Description::of(value);
            field(out, "Description", description.synopsis());
            field(out, "Description-md5", &description.md5());
        }
        is_description
    });
    let digest = artifact.served.digest;
    // The canonical name of a .deb has letters, digits and `. _ + - ~` only: apt encodes what it must.
    field(&mut out, "Filename", &format!("pool/{digest}/{}", artifact.name));
    field(&mut out, "Size", &artifact.served.size_bytes.to_string());
    field(&mut out, "MD5sum", &facts.md5);
    field(&mut out, "SHA256", &digest.to_string());
    out.push('\n');
    out
}
