//! Descriptions: the synopsis in Packages, all of it in `i18n/Translation-en`, found by its MD5.
//!
//! The MD5 is that of the value of `Description-en` as it is written, from behind the colon and its blank to the end of
//! its last line. So it is that of the description of an installed package, which apt computes in the same way.

use super::stanza::{field, folded};
use crate::rope::{Document, Identity, between};
use md5::{Digest, Md5};
use packyard_types::{Artifact, DebFacts, stanza::too_large};
use std::borrow::Cow;

/// A package's description.
pub(super) struct Description {
    /// Folded: the first line is the synopsis, the others begin with a blank.
    text: String,
}

impl Description {
    /// The description that a control field holds.
    pub(super) fn of(value: &str) -> Self {
        let text = folded(value);
        let text = text.strip_prefix(' ').unwrap_or(&text).to_owned();
        Self { text }
    }

    /// Its first line.
    pub(super) fn synopsis(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// What it is found by, 32 hexadecimal digits.
    pub(super) fn md5(&self) -> String {
        let mut hasher = Md5::new();
        hasher.update(self.text.as_bytes());
        hasher.update(b"\n");
        hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The stanza of a package's description; none where it has none, or one that is too large for apt.
pub(super) fn stanza(artifact: &Artifact, facts: &DebFacts) -> Option<String> {
    let is_one =
        |name: &str, value: &str| name.eq_ignore_ascii_case("description") && !value.trim().is_empty();
    let (name, value) = facts.control.iter().find(|(name, value)| is_one(name, value))?;
    if too_large(name, value).is_some() {
        return None;
    }
    let description = Description::of(value);
    let mut out = String::new();
    field(&mut out, "Package", &artifact.package);
    field(&mut out, "Description-md5", &description.md5());
    field(&mut out, "Description-en", &description.text);
    out.push('\n');
    Some(out)
}

/// A Translation file: stanzas, one for each description that a package of a name has in some version.
pub(super) struct Translations;

impl Document for Translations {
    fn entry_end(&self) -> &'static str {
        "\n\n"
    }

    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        Some(Identity {
            name: entry.strip_prefix("Package: ")?.lines().next()?,
            version: Cow::Borrowed(between(entry, "\nDescription-md5: ", "\n")?),
            digest: "",
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

    // Not tighter: of Debian's own descriptions, in blocks, xz saves less than a tenth.
    fn is_offered_as_zstd(&self) -> bool {
        true
    }
}
