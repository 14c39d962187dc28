//! Names that are not what they seem, as text and as a URL spells them.

/// What a text may be that stands where a name is asked for. None of them is the name of anything.
pub const TEXTS: &[&str] = &[
    "",
    " ",
    ".",
    "..",
    "../../../../../../tmp/packyard-outside",
    "/tmp/packyard-outside",
    "..\\..\\packyard-outside",
    "%2e%2e%2fpackyard-outside",
    "%252e%252e%252fpackyard-outside",
    "a/../../b",
    "a\0b",
    "a\nX-Evil: 1",
    "a\r\nX-Evil: 1",
    "a\tb",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{9b}31m",
    "\u{7f}",
    "gnp.\u{202e}fdp",
    "a\u{200f}b",
    "a\u{2066}b\u{2069}",
    "a\u{2028}b",
    "\u{feff}hello-world",
    "a\u{e0041}b",
    "hello-w\u{43e}rld",  // Cyrillic о
    "hello\u{2010}world", // a hyphen that is none
    "\u{ff48}ello-world", // full width
    "hello-worl\u{64}\u{301}",
    "\u{e9}tude",
    "e\u{301}tude",
    "\u{130}stanbul", // its lower case is two letters
    "\u{212a}elvin",  // its lower case is k
    "stra\u{df}e",
    "-rf",
    "--help",
    " hello-world ",
    "hello world",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}",
    "';DROP TABLE x;--",
    "$(id)`id`;id",
];

/// What only a URL can spell: bytes that are no text, escapes of escapes, and the other ways to write a dot.
pub const SPELLINGS: &[&str] = &[
    "%",
    "%0",
    "%zz",
    "%00",
    "%ff%fe",
    "%c0%ae%c0%ae%c0%af",
    "%2e%2e",
    "%2E%2E%2Fpackyard-outside",
    "..%2f..%2f..%2fpackyard-outside",
    "..%5c..%5cpackyard-outside",
    "..;",
    "%u002e%u002e",
    "a%0d%0aX-Evil:%201",
    "@",
    "@1",
    "a@@1",
    "a@..",
    "a@%2e%2e",
    "a@-1",
    "a@99999999999999999999",
    "a@2026-13-45",
    "~root",
    "*",
];

/// A name that is far too long.
pub fn endless() -> String {
    "a".repeat(5000)
}

/// Each byte of a text as a URL writes it.
pub fn escaped(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
