//! Calendar events (systemd.time(7), "Calendar Events"): `Mon..Fri *-*-1..7 08:00:00 Europe/Berlin`, and the names of
//! the frequent ones. Whether a time zone exists is not looked up: only its shape is judged.

use crate::nearest::nearest;

const NAMED: [&str; 12] = [
    "minutely",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "semiannually",
    "semi-annually",
    "biannually",
    "bi-annually",
    "annually",
    "yearly",
];
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// What a number of a date or time can be.
#[derive(Clone, Copy)]
struct Field {
    name: &'static str,
    least: u64,
    most: u64,
    fraction: bool,
}

const YEAR: Field = field("year", 1970, 2199);
const MONTH: Field = field("month", 1, 12);
const DAY: Field = field("day", 1, 31);
const HOUR: Field = field("hour", 0, 23);
const MINUTE: Field = field("minute", 0, 59);
const SECOND: Field = Field {
    fraction: true,
    ..field("second", 0, 59)
};

const fn field(name: &'static str, least: u64, most: u64) -> Field {
    Field {
        name,
        least,
        most,
        fraction: false,
    }
}

/// Says what is wrong with a calendar event.
pub fn check(text: &str) -> Result<(), String> {
    let mut words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    if words.len() > 1 && words.last().is_some_and(|word| is_zone(word)) {
        words.pop();
    }
    let [first, rest @ ..] = &words[..] else {
        return Err("it is empty".into());
    };
    if let Some(seconds) = first.strip_prefix('@') {
        let is_number = !seconds.is_empty() && seconds.bytes().all(|b| b.is_ascii_digit());
        return if is_number && rest.is_empty() {
            Ok(())
        } else {
            Err("`@` is followed by a number of seconds".into())
        };
    }
    if rest.is_empty() && NAMED.contains(&first.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    let rest = if first.starts_with(|c: char| c.is_ascii_alphabetic()) {
        weekdays(first, rest.is_empty())?;
        rest
    } else {
        &words[..]
    };
    match rest {
        [] => Ok(()),
        [one] if one.contains(':') => time(one),
        [one] => date(one),
        [day, hour] => date(day).and_then(|()| time(hour)),
        _ => Err("it has more parts than weekdays, a date, a time and a time zone".into()),
    }
}

/// A time zone of the database, by its area.
fn is_zone(word: &str) -> bool {
    const AREAS: &str = "Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian \
        Mexico Pacific US";
    const ALONE: &str = "UTC GMT UCT Zulu Universal Greenwich CET EET MET WET EST MST HST EST5EDT CST6CDT MST7MDT PST8PDT \
        Cuba Egypt Eire GB Hongkong Iceland Iran Israel Jamaica Japan Libya NZ Navajo Poland Portugal PRC ROC ROK \
        Singapore Turkey";
    let known = |list: &str, word| list.split_whitespace().any(|name| name == word);
    match word.split_once('/') {
        Some((area, city)) => known(AREAS, area) && !city.is_empty(),
        None => known(ALONE, word),
    }
}

/// The number of a day of the week, from Monday.
fn day(name: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    DAYS.iter().position(|day| *day == name || day[..3] == name)
}

fn weekdays(text: &str, alone: bool) -> Result<(), String> {
    for part in text.trim_end_matches(',').split(',') {
        let (from, to) = part
            .split_once("..")
            .or_else(|| part.split_once('-'))
            .unwrap_or((part, part));
        for name in [from, to] {
            if day(name).is_some() {
                continue;
            }
            let lower = name.to_ascii_lowercase();
            let known = NAMED.iter().filter(|_| alone).chain(&DAYS).copied();
            return Err(match nearest(&lower, known) {
                Some(near) => format!("`{name}` is no day of the week; did you mean `{near}`?"),
                None => format!("`{name}` is neither a day of the week nor a name such as `daily`"),
            });
        }
        if day(from) > day(to) {
            return Err(format!(
                "the range `{part}` runs backwards over the end of the week"
            ));
        }
    }
    Ok(())
}

fn date(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split(['-', '~']).collect();
    let from_end = text.contains('~');
    if from_end && text.rfind('~').is_none_or(|at| text[at..].contains('-')) || text.matches('~').count() > 1
    {
        return Err("`~` stands before the day only".into());
    }
    match parts[..] {
        [month, day] => chain(month, MONTH, false).and_then(|()| chain(day, DAY, from_end)),
        [year, month, day] => {
            years(year)?;
            chain(month, MONTH, false)?;
            chain(day, DAY, from_end)
        }
        _ => Err(format!("`{text}` is no date such as `*-*-01`")),
    }
}

/// Years of two digits are of 1970 to 2069.
fn years(text: &str) -> Result<(), String> {
    let number = text.parse::<u64>().ok().filter(|year| *year < 100);
    if number.is_some() {
        Ok(())
    } else {
        chain(text, YEAR, false)
    }
}

fn time(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts[..] {
        [hour, minute] => chain(hour, HOUR, false).and_then(|()| chain(minute, MINUTE, false)),
        [hour, minute, second] => {
            chain(hour, HOUR, false)?;
            chain(minute, MINUTE, false)?;
            chain(second, SECOND, false)
        }
        _ => Err(format!("`{text}` is no time such as `08:30`")),
    }
}

/// `*`, or values and ranges with repetitions, between commas.
fn chain(text: &str, field: Field, from_end: bool) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    text.split(',')
        .try_for_each(|part| component(part, field, from_end))
}

fn component(text: &str, field: Field, from_end: bool) -> Result<(), String> {
    let name = field.name;
    let (values, repeat) = text
        .split_once('/')
        .map_or((text, None), |(values, repeat)| (values, Some(repeat)));
    if values == "*" {
        return Err(format!(
            "a {name} of `{text}` is written `{}/{}`",
            field.least,
            repeat.unwrap_or("1")
        ));
    }
    let (start, stop) = values
        .split_once("..")
        .map_or((values, None), |(start, stop)| (start, Some(stop)));
    let value = |text: &str| number(text, field);
    let inside = |value: f64| {
        #[allow(clippy::cast_precision_loss)] // years are the largest
        let (least, most) = (field.least as f64, field.most as f64);
        if value < least || value > most {
            return Err(format!("a {name} is between {least} and {most}, not {value}"));
        }
        Ok(most)
    };
    let start = value(start)?;
    let most = inside(start)?;
    let stop = stop.map(value).transpose()?;
    if let Some(stop) = stop {
        inside(stop)?;
        if stop < start {
            return Err(format!("the range `{values}` of the {name} runs backwards"));
        }
    }
    let Some(repeat) = repeat else { return Ok(()) };
    let repeat = value(repeat)?;
    if repeat <= 0.0 {
        return Err(format!("`{text}` repeats after 0"));
    }
    // systemd lets a range repeat however it likes.
    let fits = stop.is_some()
        || if from_end {
            start - repeat >= 1.0
        } else {
            start + repeat <= most
        };
    if fits {
        Ok(())
    } else {
        Err(format!("`{text}` of the {name} never repeats"))
    }
}

fn number(text: &str, field: Field) -> Result<f64, String> {
    let digits = |c: char| c.is_ascii_digit() || (field.fraction && c == '.');
    let plain = text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(digits);
    let parsed = text.parse::<f64>().ok().filter(|_| plain);
    parsed.ok_or_else(|| format!("`{text}` is no {}", field.name))
}
