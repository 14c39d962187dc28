//! The Release file: what the index files of a distribution hash to.
//!
//! Fields as apt reads them (apt's `debmetaindex.cc`). Origin, Label, Suite and Codename must never change, or apt asks
//! its user. The uncompressed Packages is always listed, or apt silently ignores the index.

use super::{Layout, Scope};
use packyard_types::Blob;
use std::{collections::BTreeMap, fmt::Display};

/// The text of Release; `hashed` are the index files by their path below the distribution's directory.
pub(super) fn release(scope: &Scope, layout: &Layout, hashed: &BTreeMap<String, Blob>) -> String {
    let Scope {
        channel,
        distribution,
        ..
    } = scope;
    let date = scope.at.release_date();
    let architectures = words(&layout.architectures);
    let components = words(&layout.components);
    let mut out = format!(
        "Origin: packyard {channel}\n\
         Label: packyard {channel}\n\
         Suite: {distribution}\n\
         Codename: {distribution}\n\
         Date: {date}\n\
         Acquire-By-Hash: yes\n\
         No-Support-for-Architecture-all: Packages\n\
         Architectures: all {architectures}\n\
         Components: {components}\n\
         Description: Packages of channel {channel} for {distribution}\n\
         SHA256:\n"
    );
    for (path, blob) in hashed {
        out.push_str(&format!(" {} {:>16} {path}\n", blob.digest, blob.size_bytes));
    }
    out
}

fn words<T: Display>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(" ")
}
