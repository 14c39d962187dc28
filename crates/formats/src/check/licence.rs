//! Whether a text is an SPDX licence expression (SPDX specification, annex D). Identifiers that SPDX has renamed are
//! still taken, as indexes take them.

use spdx::{Expression, ParseMode};

/// The parser recurses; real expressions have some dozens of words.
const LONGEST: usize = 4096;

/// Whether all identifiers are SPDX's or `LicenseRef-…`, and the operators are upper case.
pub fn is_spdx(text: &str) -> bool {
    let mode = ParseMode {
        allow_deprecated: true,
        ..ParseMode::STRICT
    };
    text.len() < LONGEST && Expression::parse_mode(text, mode).is_ok()
}

/// The same, whatever the case of identifiers and operators: an index takes `mit or apache-2.0`.
pub fn is_spdx_in_any_case(text: &str) -> bool {
    if text.len() >= LONGEST {
        return false;
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<String> = spaced.split_whitespace().map(canonical).collect();
    is_spdx(text) || is_spdx(&words.join(" "))
}

fn canonical(word: &str) -> String {
    let (name, plus) = word.strip_suffix('+').map_or((word, ""), |name| (name, "+"));
    let known = spdx::identifiers::LICENSES.iter().map(|licence| licence.name);
    let mut known = known.chain(
        spdx::identifiers::EXCEPTIONS
            .iter()
            .map(|exception| exception.name),
    );
    match known.find(|id| id.eq_ignore_ascii_case(name)) {
        Some(id) => format!("{id}{plus}"),
        None if ["and", "or", "with"].iter().any(|o| o.eq_ignore_ascii_case(word)) => word.to_uppercase(),
        None => word.to_owned(),
    }
}
