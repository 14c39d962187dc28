//! Dates as people write them in changelogs.

use packyard_types::Timestamp;

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

/// Reads `22-Mar-2019`, `2019-03-22`, `March 22, 2019` and `22 March 2019`, also in parentheses or after `Released`.
/// The time is midnight UTC.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_matches(['(', ')', '*', '_']).trim();
    let lower = text.to_ascii_lowercase();
    let text = lower.strip_prefix("released").unwrap_or(&lower);
    let text = text.trim_start_matches(':').trim().trim_start_matches("on ");
    let words: Vec<&str> = text
        .split([' ', '-', ',', '/'])
        .filter(|w| !w.is_empty())
        .collect();
    let [a, b, c] = words[..] else { return None };
    let (year, month, day) = if a.len() == 4 && number(a).is_some() {
        (number(a)?, number(b).or_else(|| month(b))?, number(c)?)
    } else if let Some(month) = month(a) {
        (number(c)?, month, number(b)?)
    } else {
        (number(c)?, month(b)?, number(a)?)
    };
    let date = jiff::civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    let midnight = date.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_unix_seconds(midnight.timestamp().as_second()))
}

/// Whether a line is meant as a date: it begins with a number and dashes, a month, or `Released`.
pub(super) fn looks_like_one(text: &str) -> bool {
    let lower = text.trim().trim_start_matches('(').to_ascii_lowercase();
    let first = lower.split([' ', '-', ',']).next().unwrap_or("");
    let dashed = first.len() <= 4 && number(first).is_some() && lower.matches('-').count() == 2;
    let dashed = dashed && lower.split_whitespace().count() == 1;
    dashed
        || (month(first).is_some() && lower.split_whitespace().count() == 3)
        || lower.starts_with("released ")
}

fn number(word: &str) -> Option<u32> {
    if word.bytes().all(|b| b.is_ascii_digit()) {
        word.parse().ok()
    } else {
        None
    }
}

fn month(word: &str) -> Option<u32> {
    if word.len() < 3 {
        return None;
    }
    let found = MONTHS
        .iter()
        .position(|month| month.starts_with(word.trim_end_matches('.')))?;
    u32::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promised_spelling_is_the_same_day() {
        let day = parse("22-Mar-2019").unwrap();
        assert_eq!(day.to_string(), "2019-03-22T00:00:00Z");
        for text in [
            "2019-03-22",
            "March 22, 2019",
            "(2019-03-22)",
            "Released 2019-03-22",
            "22 March 2019",
        ] {
            assert_eq!(parse(text), Some(day), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "22-Mrz-2019", "31-Feb-2019", "* item", "1.0"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(looks_like_one("31-Feb-2019") && looks_like_one("22-Mrz-2019") && !looks_like_one("a b c"));
    }
}
