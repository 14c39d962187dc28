//! Dates as people write them in changelogs.

mod slips;

use packyard_types::Timestamp;
use slips::{dotted, no_date, no_month, only_numbers};
use std::ops::Range;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Months of other languages that slip in, for the corrected line.
const FOREIGN: [(&str, i8); 9] = [
    ("mrz", 3),
    ("mär", 3),
    ("maerz", 3),
    ("märz", 3),
    ("mai", 5),
    ("juin", 6),
    ("okt", 10),
    ("dez", 12),
    ("déc", 12),
];

/// How a date is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateFormat {
    /// `2019-03-22`
    Iso,
    /// `22-Mar-2019`
    Dashed,
    /// `March 22, 2019`, or `Mar 22, 2019`
    MonthFirst { short: bool },
    /// `22 March 2019`, or `22 Mar 2019`
    DayFirst { short: bool },
}

impl DateFormat {
    /// The day in this spelling.
    pub fn write(self, at: Timestamp) -> String {
        at.strftime(match self {
            Self::Iso => "%Y-%m-%d",
            Self::Dashed => "%d-%b-%Y",
            Self::MonthFirst { short: true } => "%b %-d, %Y",
            Self::MonthFirst { short: false } => "%B %-d, %Y",
            Self::DayFirst { short: true } => "%-d %b %Y",
            Self::DayFirst { short: false } => "%-d %B %Y",
        })
    }
}

/// A date in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Midnight UTC.
    pub at: Timestamp,
    pub format: DateFormat,
    pub span: Range<usize>,
}

/// What has the shape of a date and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoDate {
    pub span: Range<usize>,
    /// Why, in one sentence.
    pub reason: String,
    /// What was meant, where that is clear.
    pub meant: Option<String>,
}

/// The first date in a text, or what looks like one.
pub(super) fn find(text: &str) -> Option<Result<Found, NoDate>> {
    let words = words(text);
    (0..words.len()).find_map(|i| judge(&words[i..]))
}

/// The date that a whole line is, but for brackets and words such as `Released`.
pub(super) fn only(text: &str) -> Option<Result<Found, NoDate>> {
    let found = find(text)?;
    let span = match &found {
        Ok(found) => &found.span,
        Err(bad) => &bad.span,
    };
    let plain = |s: &str| {
        let s = s.to_ascii_lowercase();
        s.split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .all(|w| WRAPPING.contains(&w))
    };
    let (before, after) = (&text[..span.start], &text[span.end..]);
    (plain(before) && plain(after)).then_some(found)
}

/// Words that may stand around a date that has a line to itself.
const WRAPPING: [&str; 20] = [
    "released",
    "release",
    "date",
    "on",
    "the",
    "published",
    "of",
    "yanked",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "utc",
    "at",
    "day",
    "was",
    "this",
];

/// The number of a month, by its English name or at least three letters of it.
pub(super) fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    if word.len() < 3 {
        return None;
    }
    let found = MONTHS.iter().position(|month| month.starts_with(&word))?;
    i8::try_from(found + 1).ok()
}

/// The month that a word of another language, or a slip of the fingers, means.
pub(super) fn meant_month(word: &str) -> Option<i8> {
    let lower = word.to_lowercase();
    let foreign = FOREIGN.iter().find(|(w, _)| *w == lower).map(|(_, m)| *m);
    let slip = || {
        let short: Vec<&str> = MONTHS.iter().map(|m| &m[..3]).collect();
        let all = MONTHS.iter().copied().chain(short);
        crate::nearest::nearest(&lower, all).and_then(month)
    };
    foreign.or_else(|| month(word)).or_else(slip)
}

/// Why there is no such day; none if there is.
pub(super) fn impossible(year: i16, month: i8, day: i8) -> Option<String> {
    if !(1..=12).contains(&month) {
        return Some(format!("there is no month {month}"));
    }
    let Ok(first) = jiff::civil::Date::new(year, month, 1) else {
        return Some(format!("there is no year {year}"));
    };
    let name = first.strftime("%B %Y");
    let days = first.days_in_month();
    (day < 1 || day > days).then(|| format!("{name} has {days} days"))
}

fn words(text: &str) -> Vec<(Range<usize>, &str)> {
    let separates = |c: char| c.is_whitespace() || ",()*_[]`\"{}<>:".contains(c);
    let mut words = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, separates(c)) {
            (None, false) => start = Some(i),
            (Some(from), true) => {
                words.push((from..i, &text[from..i]));
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// The date that these words begin with.
fn judge(words: &[(Range<usize>, &str)]) -> Option<Result<Found, NoDate>> {
    let (span, word) = words.first()?;
    if let Some(found) = joined(span, word) {
        return Some(found);
    }
    // `1st of October 2026`
    let ([(first, a), (_, "of"), (_, b), (last, c), ..] | [(first, a), (_, b), (last, c), ..]) = words else {
        return None;
    };
    let span = first.start..last.end - (c.len() - c.trim_end_matches('.').len());
    let year = year(c.trim_end_matches('.'))?;
    let (name, day, month_first) = if day(a).is_some() {
        (b, day(a)?, false)
    } else {
        (a, day(b)?, true)
    };
    let Some(month) = month(name) else {
        return no_month(span, name, year, day, month_first);
    };
    let short = name.trim_end_matches('.').len() <= 4 && month != 5;
    let format = if month_first {
        DateFormat::MonthFirst { short }
    } else {
        DateFormat::DayFirst { short }
    };
    Some(made(span, year, month, day, format))
}

/// `2019-03-22`, `2019/3/22`, `22-Mar-2019`: one word.
fn joined(span: &Range<usize>, word: &str) -> Option<Result<Found, NoDate>> {
    let word = word.split('T').next().filter(|w| w.len() >= 8).unwrap_or(word);
    let word = word.trim_end_matches(['.', ';', ':']);
    let span = span.start..span.start + word.len();
    let mark = if word.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = word.split(mark).collect();
    let [a, b, c] = parts[..] else {
        return dotted(&span, word);
    };
    if let (Some(year), Some(day)) = (year(a), digits(c)) {
        let month = digits(b).or_else(|| month(b))?;
        return Some(made(span, year, month, day, DateFormat::Iso));
    }
    if let (Some(first), Some(second), None) = (digits(a), digits(b), year(c)) {
        let reason = format!("the year of `{word}` must be written with four digits");
        let is_short = mark == '/' && c.len() == 2 && digits(c).is_some() && (first <= 12 || second <= 12);
        return is_short.then(|| Err(no_date(span, reason, None)));
    }
    let (day, year) = (digits(a)?, year(c)?);
    if let Some(second) = digits(b) {
        return Some(Err(only_numbers(span, year, day, second)));
    }
    if let Some(month) = month(b) {
        return Some(made(span, year, month, day, DateFormat::Dashed));
    }
    if b.chars().all(char::is_alphabetic) && !b.is_empty() {
        let meant = meant_month(b).and_then(|month| {
            let found = made(span.clone(), year, month, day, DateFormat::Dashed).ok()?;
            Some(found.format.write(found.at))
        });
        let reason = format!("`{b}` is not an English month");
        return Some(Err(no_date(span, reason, meant)));
    }
    None
}

fn made(span: Range<usize>, year: i16, month: i8, day: i8, format: DateFormat) -> Result<Found, NoDate> {
    if let Some(reason) = impossible(year, month, day) {
        // 2019-22-03: the two have changed places.
        let meant = (month > 12 && impossible(year, day, month).is_none()).then(|| {
            let found = made(span.clone(), year, day, month, format);
            found.map(|found| format.write(found.at)).ok()
        });
        return Err(NoDate {
            span,
            reason,
            meant: meant.flatten(),
        });
    }
    let midnight = jiff::civil::date(year, month, day).to_zoned(jiff::tz::TimeZone::UTC);
    let seconds = midnight.map_or(0, |z| z.timestamp().as_second());
    Ok(Found {
        at: Timestamp::from_unix_seconds(seconds),
        format,
        span,
    })
}

fn digits(word: &str) -> Option<i8> {
    let plain = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| word.parse().ok()).flatten()
}

/// `22`, `22nd`.
fn day(word: &str) -> Option<i8> {
    let ends = ["st", "nd", "rd", "th"];
    digits(ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word))
}

fn year(word: &str) -> Option<i16> {
    let plain = word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| word.parse().ok()).flatten().filter(|y| *y >= 1900)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promised_spelling_is_the_same_day_and_is_written_again() {
        for text in [
            "22-Mar-2019",
            "2019-03-22",
            "March 22, 2019",
            "Mar 22, 2019",
            "22 March 2019",
            "22 Mar 2019",
        ] {
            let found = only(text).unwrap().unwrap();
            assert_eq!(found.at.to_string(), "2019-03-22T00:00:00Z", "{text}");
            assert_eq!(found.format.write(found.at), text);
        }
        for text in [
            "(2019-03-22)",
            "Released 2019-03-22",
            "Released on March 22nd, 2019.",
            "*2019-03-22*",
            ":Date: 2019-03-22",
            "- 2019-03-22",
            "the 22nd of March 2019",
            "**Release date:** 2019-03-22",
        ] {
            let found = only(text).unwrap_or_else(|| panic!("{text}")).unwrap();
            assert_eq!(found.at.to_string(), "2019-03-22T00:00:00Z", "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_date_and_is_none_says_why() {
        let why = |text: &str| {
            let bad = find(text).unwrap().unwrap_err();
            (bad.reason, bad.meant)
        };
        assert_eq!(why("31-Feb-2019"), ("February 2019 has 28 days".into(), None));
        assert_eq!(
            why("(2019-13-01)"),
            ("there is no month 13".into(), Some("2019-01-13".into()))
        );
        assert_eq!(
            why("22-Mrz-2019"),
            ("`Mrz` is not an English month".into(), Some("22-Mar-2019".into()))
        );
        assert_eq!(
            why("01/10/2026"),
            (
                "it may be `2026-01-10` or `2026-10-01`; write the one that was meant".into(),
                None
            )
        );
        let numbers = "a date of numbers begins with the year";
        for text in ["25/12/2026", "12/25/2026", "12-25-2026", "25.12.2026"] {
            assert_eq!(why(text), (numbers.into(), Some("2026-12-25".into())), "{text}");
        }
        assert_eq!(why("31/02/2026"), ("there is no such day".into(), None));
        assert_eq!(
            why("1/10/26").0,
            "the year of `1/10/26` must be written with four digits"
        );
        assert_eq!(
            why("Octobr 1st, 2026"),
            (
                "`Octobr` is not an English month".into(),
                Some("October 1, 2026".into())
            )
        );
        for text in [
            "",
            "* item",
            "1.0",
            "1.2-3",
            "1/2/3",
            "2019.3.22",
            "a b c",
            "Issue 12 2019",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
        assert_eq!(only("Support for 2019-03-22 as a date."), None);
    }
}
