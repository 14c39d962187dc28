//! Writing XML as createrepo_c (libxml2) formats it: two blanks a level.
//!
//! XML 1.0 forbids most control characters even when they are escaped, so they are replaced by U+FFFD: createrepo_c
//! drops the whole package for one of them.

/// Text between tags.
pub(super) fn text(s: &str) -> String {
    escape(s, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// An attribute's value, without the quotes.
pub(super) fn attribute(s: &str) -> String {
    escape(s, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// `<name>value</name>` on a line of its own.
pub(super) fn element(out: &mut String, indent: usize, name: &str, value: &str) {
    let value = text(value);
    out.push_str(&format!("{:indent$}<{name}>{value}</{name}>\n", ""));
}

fn escape(s: &str, entity: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match entity(c) {
            Some(entity) => out.push_str(entity),
            None if is_xml_char(c) => out.push(c),
            None => out.push('\u{fffd}'),
        }
    }
    out
}

/// `Char` of XML 1.0, section 2.2.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}
