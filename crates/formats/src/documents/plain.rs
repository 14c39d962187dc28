//! Documents that are no XML: `modules.yaml`, product ids, and what nobody knows. They are served as they came, so all that
//! is asked of one that says to be YAML is what a client of every kind needs to begin with it: text without control
//! characters, and no tab that indents (YAML 1.2, sections 5.1 and 6.1). What modules mean is not read.

use super::Wrong;
use crate::{intake::NotAPackage, repository::unpacked};
use packyard_types::{DocumentKind, DocumentName};

/// Largest YAML unpacked, in bytes.
const LARGEST: usize = 64 << 20;
/// How packed documents end.
const PACKED: [&str; 3] = [".gz", ".xz", ".zst"];

/// Checks a document that is no XML.
pub(super) fn check(kind: &DocumentKind, name: &DocumentName, bytes: &[u8]) -> Result<(), NotAPackage> {
    let file = name.as_str();
    let plain = PACKED.iter().find_map(|suffix| file.strip_suffix(suffix));
    let is_yaml = |name: &str| name.ends_with(".yaml") || name.ends_with(".yml");
    if !is_yaml(plain.unwrap_or(file)) && kind.as_str() != "modules" {
        return Ok(());
    }
    let packed = |rule: String| Wrong {
        rule,
        hint: "pack it anew with gzip, xz or zstd, or bring it as it is".to_owned(),
    };
    let text = unpacked(file, bytes).map_err(|e| packed(e.to_string()).at(name, &[], 0))?;
    if text.len() > LARGEST {
        let rule = format!("it unpacks to more than {} MiB", LARGEST >> 20);
        return Err(packed(rule).at(name, &[], 0));
    }
    yaml(name, &text)
}

fn yaml(name: &DocumentName, bytes: &[u8]) -> Result<(), NotAPackage> {
    let wrong = |rule: &str, hint: &str, at| Err(Wrong::new(rule, hint).at(name, bytes, at));
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            return wrong(
                "it is not UTF-8, so it is no YAML",
                "save it as UTF-8",
                e.valid_up_to(),
            );
        }
    };
    let forbidden =
        |c: char| (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')) || c == '\u{fffe}';
    if let Some(at) = text.find(forbidden) {
        return wrong("it has a control character, which YAML forbids", "remove it", at);
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let blank = line.trim().is_empty();
        if let (Some(tab), false) = (line[..indent].find('\t'), blank) {
            return wrong(
                "a tab indents this line, which YAML forbids",
                "indent with spaces",
                at + tab,
            );
        }
        at += line.len();
    }
    if text.trim().is_empty() {
        return wrong("it is empty", "take the document away instead (DELETE)", 0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn verdict(kind: &str, name: &str, bytes: &[u8]) -> Result<(), String> {
        let (kind, name) = (
            DocumentKind::parse(kind).unwrap(),
            DocumentName::parse(name).unwrap(),
        );
        check(&kind, &name, bytes).map_err(|e| e.to_string())
    }

    #[test]
    fn modules_must_be_text_also_where_they_are_packed() {
        let good = b"---\ndocument: modulemd\nversion: 2\ndata:\n  name: tool\n...\n";
        let packed = |bytes: &[u8]| {
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gz.write_all(bytes).unwrap();
            gz.finish().unwrap()
        };
        assert_eq!(verdict("modules", "modules.yaml", good), Ok(()));
        assert_eq!(verdict("modules", "modules.yaml.gz", &packed(good)), Ok(()));
        for (bytes, rule) in [
            (&b"a: 1\nb: \xff\n"[..], "line 2, column 4"),
            (b"a:\n\tb: 1\n", "a tab indents"),
            (b"a: \x07\n", "a control character"),
            (b"\n", "it is empty"),
        ] {
            for (name, bytes) in [
                ("modules.yaml", bytes.to_vec()),
                ("modules.yaml.gz", packed(bytes)),
            ] {
                let said = verdict("modules", name, &bytes).unwrap_err();
                assert!(said.contains(rule), "{name}: {said}");
            }
        }
        assert!(verdict("modules", "modules.yaml.gz", good).is_err());
        assert_eq!(verdict("productid", "productid", b"\xff\x00"), Ok(()));
    }
}
