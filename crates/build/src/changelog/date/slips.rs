//! What was meant as a date and cannot be read as one.

use super::{DateFormat, Found, NoDate, digits, made, meant_month, year};
use std::ops::Range;

pub(super) fn no_date(span: Range<usize>, reason: String, meant: Option<String>) -> NoDate {
    NoDate { span, reason, meant }
}

/// `01/10/2026`: which of the two numbers is the month is told by a number above 12 only.
pub(super) fn only_numbers(span: Range<usize>, year: i16, first: i8, second: i8) -> NoDate {
    let written = |month, day| {
        let found = made(span.clone(), year, month, day, DateFormat::Iso).ok()?;
        Some(found.format.write(found.at))
    };
    match (written(first, second), written(second, first)) {
        (Some(american), Some(british)) if american != british => {
            let reason = format!("it may be `{american}` or `{british}`; write the one that was meant");
            no_date(span, reason, None)
        }
        (None, None) => no_date(span, "there is no such day".into(), None),
        (american, british) => {
            let reason = "a date of numbers begins with the year";
            no_date(span, reason.into(), american.or(british))
        }
    }
}

/// `1.10.2026`, where the day is first; a version of a calendar begins with the year.
pub(super) fn dotted(span: &Range<usize>, word: &str) -> Option<Result<Found, NoDate>> {
    let parts: Vec<&str> = word.split('.').collect();
    let [a, b, c] = parts[..] else { return None };
    let (day, month, year) = (digits(a)?, digits(b)?, year(c)?);
    let meant = made(span.clone(), year, month, day, DateFormat::Iso).ok();
    let meant = meant.map(|found| found.format.write(found.at));
    let reason = match meant {
        Some(_) => "a date of numbers begins with the year",
        None => "there is no such day",
    };
    Some(Err(no_date(span.clone(), reason.into(), meant)))
}

/// `Octobr 1, 2026`: a slip of the fingers, or a month of another language.
pub(super) fn no_month(
    span: Range<usize>,
    name: &str,
    year: i16,
    day: i8,
    month_first: bool,
) -> Option<Result<Found, NoDate>> {
    let month = meant_month(name).filter(|_| name.len() >= 3)?;
    let format = if month_first {
        DateFormat::MonthFirst { short: false }
    } else {
        DateFormat::DayFirst { short: false }
    };
    let meant = made(span.clone(), year, month, day, format).ok();
    let meant = meant.map(|found| format.write(found.at));
    let reason = format!("`{name}` is not an English month");
    Some(Err(no_date(span, reason, meant)))
}
