//! How large the fields of a Debian package may be. apt keeps words in records of 65,535 bytes and aborts beyond that,
//! and it refuses a whole index of which one stanza is larger than about a MiB: a package must not be able to do that
//! to everybody who has its channel. Real packages are far below: the largest field of Debian 12 has 76 KB.

/// Longest name of a field, in bytes.
pub const MAX_FIELD_NAME: usize = 100;
/// Longest section, priority or architecture, in bytes.
pub const MAX_SHORT_WORD: usize = 200;
/// Longest name of a package and longest version, in bytes.
pub const MAX_WORD: usize = 1_000;
/// Largest value of a field, in bytes.
pub const MAX_VALUE: usize = 256 << 10;
/// Largest paragraph, in bytes.
pub const MAX_PARAGRAPH: usize = 512 << 10;
/// Largest stanza of an index, in bytes.
pub const MAX_STANZA: usize = 900 << 10;

/// Fields whose words are kept one by one by who reads an index.
const WORDS: [&str; 24] = [
    "package",
    "source",
    "version",
    "pre-depends",
    "depends",
    "recommends",
    "suggests",
    "enhances",
    "breaks",
    "conflicts",
    "replaces",
    "provides",
    "obsoletes",
    "built-using",
    "static-built-using",
    "binary",
    "build-depends",
    "build-depends-indep",
    "build-depends-arch",
    "build-conflicts",
    "build-conflicts-indep",
    "build-conflicts-arch",
    "package-list",
    "testsuite-triggers",
];
/// Fields of words of which there are few.
const SHORT_WORDS: [&str; 6] = [
    "section",
    "priority",
    "architecture",
    "multi-arch",
    "essential",
    "testsuite",
];

/// In what a field is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge {
    /// What of it: its name, a word of it, its value.
    pub part: &'static str,
    /// How large that is, in bytes.
    pub found: usize,
    /// How large it may be, in bytes.
    pub allowed: usize,
}

/// In what a field is too large for apt, if it is.
pub fn too_large(name: &str, value: &str) -> Option<TooLarge> {
    let over = |part, found, allowed| (found > allowed).then_some(TooLarge { part, found, allowed });
    let is_of = |names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let longest = || {
        value
            .split([' ', '\t', '\n', ',', '|', '(', ')', ':'])
            .map(str::len)
            .max()
    };
    let of_words = if is_of(&SHORT_WORDS) {
        over("a word of it", longest().unwrap_or_default(), MAX_SHORT_WORD)
    } else if is_of(&WORDS) {
        over("a word of it", longest().unwrap_or_default(), MAX_WORD)
    } else {
        None
    };
    over("its name", name.len(), MAX_FIELD_NAME)
        .or(of_words)
        .or_else(|| over("its value", value.len(), MAX_VALUE))
}
