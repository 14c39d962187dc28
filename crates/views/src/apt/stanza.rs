//! A package's stanza in Packages: its control fields, and where its file is.
//!
//! Syntax: deb822(5). Control files are hostile. A value cannot add a field or end the stanza: each of its lines but
//! the first begins with a blank, and an empty line is written ` .`. A field that the index itself writes, and one
//! that repeats another, is left out.

use packyard_types::{Artifact, DebFacts};
use std::collections::BTreeSet;

/// Fields of a control file that are not copied: the first three are written from what the artifact is called, the
/// others say where and what the file is.
const OWN: [&str; 13] = [
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
];

/// The stanza, with the empty line that ends it.
pub(super) fn stanza(artifact: &Artifact, facts: &DebFacts) -> String {
    let mut out = String::new();
    field(&mut out, "Package", &artifact.package);
    field(&mut out, "Version", &artifact.version);
    field(&mut out, "Architecture", &artifact.arch);
    let mut seen: BTreeSet<String> = OWN.map(str::to_owned).into();
    for (name, value) in &facts.control {
        if is_field_name(name) && !value.trim().is_empty() && seen.insert(name.to_ascii_lowercase()) {
            field(&mut out, name, value);
        }
    }
    let digest = artifact.served.digest;
    // The canonical name of a .deb has letters, digits and `. _ + - ~` only: apt encodes what it must.
    field(&mut out, "Filename", &format!("pool/{digest}/{}", artifact.name));
    field(&mut out, "Size", &artifact.served.size_bytes.to_string());
    field(&mut out, "MD5sum", &facts.md5);
    field(&mut out, "SHA256", &digest.to_string());
    out.push('\n');
    out
}

/// deb822(5): printable ASCII but for the colon; not begun with `#` or `-`.
fn is_field_name(name: &str) -> bool {
    let printable = name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    printable && !name.is_empty() && !name.starts_with(['#', '-'])
}

fn field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push(':');
    let mut lines = value.trim_end().split('\n').map(clean);
    let first = lines.next().unwrap_or_default();
    if !first.trim().is_empty() {
        out.push(' ');
        out.push_str(first.trim());
    }
    for line in lines {
        let line = line.trim_end();
        match line.trim_start() {
            "" => out.push_str("\n ."),
            _ if line.starts_with([' ', '\t']) => out.push_str(&format!("\n{line}")),
            text => out.push_str(&format!("\n {text}")),
        }
    }
    out.push('\n');
}

/// A line without control characters, some of which readers take for the end of a line.
fn clean(line: &str) -> String {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let plain = |c: char| {
        if c.is_control() && c != '\t' {
            '\u{fffd}'
        } else {
            c
        }
    };
    line.chars().map(plain).collect()
}
