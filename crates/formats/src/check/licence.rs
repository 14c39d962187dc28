//! Whether a text is an SPDX licence expression (SPDX specification, annex D). Identifiers that SPDX has renamed are
//! still taken, as indexes take them.

use spdx::{Expression, ParseMode};

/// Whether all identifiers are SPDX's or `LicenseRef-…`, and the operators are upper case.
pub fn is_spdx(text: &str) -> bool {
    let mode = ParseMode {
        allow_deprecated: true,
        ..ParseMode::STRICT
    };
    // The parser recurses; real expressions have some dozens of words.
    text.len() < 4096 && Expression::parse_mode(text, mode).is_ok()
}
