//! The Packages file: stanzas, each ended by an empty line.

use crate::rope::{Document, Identity, between};
use std::borrow::Cow;

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
}
