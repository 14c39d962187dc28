//! Stanzas as all of apt's indexes write them.
//!
//! Syntax: deb822(5). Control files are hostile. A value cannot add a field or end the stanza: each of its lines but
//! the first begins with a blank, and an empty line is written ` .`.

use packyard_types::stanza::{MAX_STANZA, too_large};
use std::collections::BTreeSet;

/// Copies the fields of a control file, but for those in `own` (in lower case), which the index writes itself, those
/// that repeat another, those without a value, and those that are too large for apt, which an old yard may hold. `rewrite` may write a field in another way, and says whether it did.
pub(super) fn copy(
    out: &mut String,
    control: &[(String, String)],
    own: &[&str],
    mut rewrite: impl FnMut(&mut String, &str, &str) -> bool,
) {
    let mut seen: BTreeSet<String> = own.iter().map(|name| (*name).to_owned()).collect();
    for (name, value) in control {
        let is_one = is_field_name(name) && !value.trim().is_empty();
        let fits = too_large(name, value).is_none();
        let before = out.len();
        if is_one && fits && seen.insert(name.to_ascii_lowercase()) && !rewrite(out, name, value) {
            field(out, name, value);
        }
        if out.len() > MAX_STANZA {
            out.truncate(before);
        }
    }
}

/// deb822(5): printable ASCII but for the colon; not begun with `#` or `-`.
fn is_field_name(name: &str) -> bool {
    let printable = name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    printable && !name.is_empty() && !name.starts_with(['#', '-'])
}

/// Writes a field.
pub(super) fn field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push(':');
    out.push_str(&folded(value));
    out.push('\n');
}

/// A value as it stands behind the colon, without the end of its last line.
pub(super) fn folded(value: &str) -> String {
    let mut out = String::new();
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
    out
}

/// A line without control characters, some of which readers take for the end of a line.
pub(super) fn clean(line: &str) -> String {
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
