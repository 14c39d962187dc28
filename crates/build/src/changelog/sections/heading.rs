//! Titles of sections that are versions: `1.2.3`, `v1.2.3`, `[1.2.3] - 2019-03-22`, `Version 1.2.3`, `NAME 1.2.3
//! (March 22, 2019)`, `Unreleased`, `1.2.0 (unreleased)`.

use crate::changelog::{
    date::{self, Found, NoDate},
    version,
};
use packyard_types::ReleaseVersion;
use std::ops::Range;

/// A title that names a version.
#[derive(Debug, Clone)]
pub(in crate::changelog) struct Title {
    pub version: TitleVersion,
    /// Where the version is within the title, in bytes.
    pub span: Range<usize>,
    /// A date, or what looks like one.
    pub date: Option<Result<Found, NoDate>>,
    /// It says that it is not released.
    pub open: bool,
    /// `[YANKED]`
    pub yanked: bool,
    /// Nothing stands before the version but `v`, `[`, `Version` or `Release`.
    pub bare: bool,
}

/// What it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::changelog) enum TitleVersion {
    Release(ReleaseVersion),
    Unreleased,
    /// It begins as a version does, and is none.
    Bad,
}

/// Titles of what is not released yet.
const OPEN: [&str; 15] = [
    "unreleased",
    "next",
    "next release",
    "next version",
    "upcoming",
    "upcoming release",
    "dev",
    "development",
    "in development",
    "master",
    "main",
    "trunk",
    "head",
    "tbd",
    "pending",
];

/// What stands in a date's place while there is none.
const NO_DATE_YET: [&str; 14] = [
    "unreleased",
    "not released",
    "not yet released",
    "in development",
    "in progress",
    "wip",
    "tbd",
    "tba",
    "xxxx-xx-xx",
    "yyyy-mm-dd",
    "????-??-??",
    "pending",
    "upcoming",
    "not released yet",
];

/// Whether a text between brackets or behind a version says that there is no release yet.
pub(in crate::changelog) fn says_unreleased(text: &str) -> bool {
    let plain = plain(text);
    let plain = plain
        .strip_prefix("released")
        .map_or(plain.as_str(), |rest| rest.trim_start_matches([':', ' ']));
    NO_DATE_YET.contains(&plain) || plain.starts_with("unreleased")
}

fn plain(text: &str) -> String {
    let edges = |c: char| c.is_whitespace() || "()[]*_`:,.-–—~".contains(c);
    text.trim_matches(edges).to_ascii_lowercase()
}

/// Whether a title names a version, for the scanner.
pub(super) fn is_version(text: &str) -> bool {
    Title::read(text).is_some_and(|title| title.version != TitleVersion::Bad && title.bare)
}

/// Whether a line is meant as a Markdown heading of a version, but for the blank behind its `#`. `#12 and #14` is not:
/// so the numbers of issues are written.
pub(super) fn lacks_blank(line: &str) -> bool {
    let text = line.trim_start_matches('#');
    let hashes = line.len() - text.len();
    if hashes == 0 || text.starts_with([' ', '\t']) || !is_version(text) {
        return false;
    }
    Title::read(text).is_some_and(|title| {
        let alone = text[title.span.end..].trim().is_empty() || title.date.is_some() || title.open;
        let pointed = title.version == TitleVersion::Unreleased || text[title.span.clone()].contains('.');
        hashes > 1 || (alone && (pointed || title.date.is_some()))
    })
}

impl Title {
    /// Reads a title; none if it is about something else.
    pub fn read(title: &str) -> Option<Self> {
        if let Some(open) = Self::read_open(title) {
            return Some(open);
        }
        let (span, before) = version_word(title)?;
        let word = &title[span.clone()];
        let version = match version::parse(word) {
            Some(version) => TitleVersion::Release(version),
            None => TitleVersion::Bad,
        };
        let bare = before
            .iter()
            .all(|w| matches!(plain(w).as_str(), "version" | "release" | "v" | "ver" | ""));
        let rest = &title[span.end..];
        let rest = skip_link(rest);
        let offset = title.len() - rest.len();
        let lower = rest.to_ascii_lowercase();
        let shift = |span: Range<usize>| span.start + offset..span.end + offset;
        let date = date::find(rest).map(|found| match found {
            Ok(found) => Ok(Found {
                span: shift(found.span.clone()),
                ..found
            }),
            Err(bad) => Err(NoDate {
                span: shift(bad.span.clone()),
                ..bad
            }),
        });
        let open = says_unreleased(rest);
        let separated = rest.trim().is_empty()
            || date.is_some()
            || rest.trim_start().starts_with([
                '(', '[', '-', '–', '—', ':', ',', '"', '\'', '“', ']', '*', '`', '_',
            ]);
        if !bare && (!separated || version == TitleVersion::Bad)
            || (before.len() > 1 && !bare && rest.contains(char::is_alphabetic) && date.is_none() && !open)
        {
            return None;
        }
        Some(Self {
            version,
            span,
            date,
            open,
            yanked: lower.contains("yanked") || title.trim_start().starts_with("~~"),
            bare,
        })
    }

    fn read_open(title: &str) -> Option<Self> {
        let name = plain(skip_target(title));
        let known = OPEN.contains(&name.as_str()) || name.starts_with("unreleased");
        let named = || {
            let last = name
                .rsplit_once(' ')
                .map(|(_, last)| last.trim_matches(['[', ']', '(', ')']))?;
            matches!(last, "unreleased" | "next").then_some(())
        };
        if !known && (named().is_none() || name.contains(|c: char| c.is_ascii_digit())) {
            return None;
        }
        Some(Self {
            version: TitleVersion::Unreleased,
            span: 0..title.len(),
            date: None,
            open: true,
            yanked: false,
            bare: true,
        })
    }
}

/// `[text](target)` without the target.
fn skip_target(title: &str) -> &str {
    title.find("](").map_or(title, |at| &title[..at])
}

/// What follows a version in a title, without the rest of a link: `](https://…)`, `][1.2.3]`, `]`.
fn skip_link(rest: &str) -> &str {
    let Some(inner) = rest.strip_prefix(']') else {
        return rest;
    };
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((_, after)) = inner.strip_prefix(open).and_then(|s| s.split_once(close))
            && !inner[1..].to_ascii_lowercase().starts_with("yanked")
        {
            return after;
        }
    }
    inner
}

/// The first word that begins with a digit, at most three words in, and the words before it.
fn version_word(title: &str) -> Option<(Range<usize>, Vec<&str>)> {
    let mut before = Vec::new();
    let mut at = 0;
    for word in title.split_whitespace().take(4) {
        let start = at + title[at..].find(word)?;
        at = start + word.len();
        let edge = |c: char| "[(*_`:,\"'“~".contains(c);
        let open = word.len() - word.trim_start_matches(edge).len();
        let text = &word[open..];
        let text = text.split_once(']').map_or(text, |(text, _)| text);
        let text = text.trim_end_matches(|c: char| ")*_`:,;\"'”~".contains(c));
        let number = text.strip_prefix(['v', 'V']).unwrap_or(text);
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((start + open..start + open + text.len(), before));
        }
        let lower = plain(word);
        let after_changes = before.first().is_some_and(|first: &&str| {
            ["change", "new", "note", "release"]
                .iter()
                .any(|w| plain(first).starts_with(w))
        });
        if lower == "for" && !after_changes {
            return None;
        }
        if matches!(
            lower.as_str(),
            "the" | "to" | "with" | "and" | "since" | "python" | "removed" | "changed"
        ) {
            return None;
        }
        before.push(word);
    }
    None
}

/// Headings that people give to groups of items.
pub(super) fn is_group(title: &str) -> bool {
    const WORDS: [&str; 18] = [
        "add",
        "chang",
        "deprecat",
        "remov",
        "fix",
        "security",
        "bug",
        "feature",
        "breaking",
        "improve",
        "enhance",
        "misc",
        "documentation",
        "docs",
        "performance",
        "refactor",
        "internal",
        "what's new",
    ];
    let lower = title.to_ascii_lowercase().replace('’', "'");
    let plain = !title.contains(|c: char| c.is_ascii_digit()) && !lower.contains("changelog");
    plain && (WORDS.iter().any(|word| lower.contains(word)))
}

/// `**Bugfixes**` alone on its line is a heading of a group.
pub(super) fn bold(text: &str) -> Option<&str> {
    let inner = text
        .strip_prefix("**")?
        .trim_end_matches(':')
        .strip_suffix("**")?;
    let inner = inner.trim_end_matches(':');
    (!inner.contains("**") && !inner.is_empty() && inner.chars().count() < 40).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let Some(title) = Title::read(text) else {
            return "none".into();
        };
        let date = match &title.date {
            None => String::new(),
            Some(Ok(found)) => format!(" {}", found.at.strftime("%F")),
            Some(Err(_)) => " bad date".into(),
        };
        let version = match &title.version {
            TitleVersion::Release(version) => version.to_string(),
            TitleVersion::Unreleased => "unreleased".into(),
            TitleVersion::Bad => "bad".into(),
        };
        let open = if title.open && title.version != TitleVersion::Unreleased {
            " open"
        } else {
            ""
        };
        let yanked = if title.yanked { " yanked" } else { "" };
        format!("{version}{date}{open}{yanked}")
    }

    #[test]
    fn titles_of_versions_are_read_as_people_write_them() {
        for (title, expected) in [
            ("1.2.3", "1.2.3"),
            ("v1.2.3", "1.2.3"),
            ("[1.2.3] - 2019-03-22", "1.2.3 2019-03-22"),
            (
                "[1.2.3](https://example.org/v1.2.3) (2019-03-22)",
                "1.2.3 2019-03-22",
            ),
            ("[1.2.3][] - 2019-03-22 [YANKED]", "1.2.3 2019-03-22 yanked"),
            ("Version 1.2.3", "1.2.3"),
            ("Release 1.2.3, March 22, 2019", "1.2.3 2019-03-22"),
            ("hello 1.2.3 (2019-03-22)", "1.2.3 2019-03-22"),
            ("1.2.0 (unreleased)", "1.2.0 open"),
            ("1.2.0.dev0", "1.2.0.dev0"),
            ("1.2.0 \"Codename\" (2019-03-22)", "1.2.0 2019-03-22"),
            ("1.2.0 - The big one", "1.2.0"),
            ("**1.2.0**", "1.2.0"),
            ("2.0.0-beta.1 - 2019-03-22", "2.0.0b1 2019-03-22"),
            ("[Unreleased]", "unreleased"),
            (
                "[Unreleased](https://example.org/compare/v1...HEAD)",
                "unreleased",
            ),
            ("UNRELEASED", "unreleased"),
            ("Next release", "unreleased"),
            ("1.0-foo!", "bad"),
            ("1.0.0-SNAPSHOT", "bad"),
            ("1.0 (2019-02-31)", "1.0 bad date"),
            ("Added", "none"),
            ("Bug fixes", "none"),
            ("Changelog", "none"),
            ("Support for Python 3.12", "none"),
            ("Python 3.12", "none"),
        ] {
            assert_eq!(read(title), expected, "{title}");
        }
    }
}
