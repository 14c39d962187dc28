//! Specifiers (systemd.unit(5), "Specifiers"): `%` and a letter. systemd leaves an unknown one as it stands, which is
//! hardly ever what was meant.

use super::value::Wrong;

const LETTERS: &str = "aAbBCdDEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY%";

/// Keys whose values are taken literally.
const LITERAL: [&str; 5] = [
    "Type",
    "Restart",
    "OnCalendar",
    "SuccessExitStatus",
    "TemporaryFileSystem",
];
/// Keys in whose values `%` means percent.
const PERCENT: [&str; 5] = ["Quota", "Memory", "TasksMax", "OOM", "ThresholdSec"];

pub(super) fn check(key: &str, value: &str) -> Option<Wrong> {
    if LITERAL.contains(&key) || PERCENT.iter().any(|part| key.contains(part)) {
        return None;
    }
    let mut chars = value.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '%' {
            continue;
        }
        match chars.next() {
            Some((_, letter)) if LETTERS.contains(letter) => {}
            Some((end, letter)) => {
                return Some(Wrong {
                    part: at..end + letter.len_utf8(),
                    message: format!("`%{letter}` in `{key}=` is no specifier of systemd"),
                    hint: "write `%%` for a percent sign".into(),
                });
            }
            None => {
                return Some(Wrong {
                    part: at..at + 1,
                    message: format!("a single `%` ends `{key}=`"),
                    hint: "write `%%` for a percent sign".into(),
                });
            }
        }
    }
    None
}
