//! The date of a trailer: `Fri, 22 Mar 2019 12:00:00 +0000` (RFC 5322, section 3.3), and what people write instead.

use crate::changelog::date;
use packyard_types::Timestamp;

/// A point in time as a trailer says it, however it is written.
pub(super) struct Moment {
    pub at: Timestamp,
    /// As it should be written.
    pub text: String,
    zoned: jiff::Zoned,
    zone_name: Option<String>,
    has_weekday: bool,
}

/// Names of time zones that people write, in minutes east of Greenwich.
const ZONES: [(&str, i32); 22] = [
    ("UTC", 0),
    ("GMT", 0),
    ("UT", 0),
    ("Z", 0),
    ("WET", 0),
    ("BST", 60),
    ("WEST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("JST", 540),
    ("KST", 540),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
];

impl Moment {
    pub fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it has no date".into());
        }
        let iso = text.replacen(
            'T',
            " ",
            usize::from(text.starts_with(|c: char| c.is_ascii_digit())),
        );
        let words: Vec<&str> = iso.split([' ', '\t', ',']).filter(|w| !w.is_empty()).collect();
        let no_date = || format!("`{text}` is not a date");
        let year = |w: &str| if w.len() == 4 { w.parse::<i16>().ok() } else { None };
        let day = |w: &str| if w.len() <= 2 { w.parse::<i8>().ok() } else { None };
        let has_weekday = words.first().is_some_and(|w| is_weekday(w));
        let words = &words[usize::from(has_weekday)..];
        let (date, rest) = match words {
            [iso, rest @ ..]
                if iso.split('-').count() == 3 && year(&iso[..iso.find('-').unwrap_or(0)]).is_some() =>
            {
                let parts: Vec<&str> = iso.split('-').collect();
                ((year(parts[0]), day(parts[1]), day(parts[2])), rest)
            }
            [d, m, y, rest @ ..] if day(d).is_some() => {
                let Some(month) = date::meant_month(m) else {
                    return Err(format!("`{m}` is not a month"));
                };
                ((year(y), Some(month), day(d)), rest)
            }
            // As `date` prints it: Fri Mar 22 12:00:00 UTC 2019
            [m, d, time, middle @ .., y] if date::month(m).is_some() && time.contains(':') => {
                let civil = civil(
                    year(y).ok_or_else(no_date)?,
                    date::month(m).ok_or_else(no_date)?,
                    day(d).ok_or_else(no_date)?,
                )?;
                return Self::at(civil, time, middle.first().copied(), has_weekday);
            }
            [m, d, y, rest @ ..] if date::month(m).is_some() => ((year(y), date::month(m), day(d)), rest),
            _ => return Err(no_date()),
        };
        let (Some(y), Some(m), Some(d)) = date else {
            return Err(no_date());
        };
        let civil = civil(y, m, d)?;
        let (time, zone) = match rest {
            [] => ("00:00:00", None),
            [time] => match time.find(['+', 'Z']).filter(|i| *i > 3) {
                Some(at) => (&time[..at], Some(&time[at..])),
                None => (*time, None),
            },
            [time, zone, ..] => (*time, Some(*zone)),
        };
        Self::at(civil, time, zone, has_weekday)
    }

    fn at(
        date: jiff::civil::Date,
        time: &str,
        zone: Option<&str>,
        has_weekday: bool,
    ) -> Result<Self, String> {
        let bad_time = || format!("`{time}` is not a time of the day");
        let mut numbers = Vec::new();
        for part in time.split('.').next().unwrap_or(time).split(':') {
            let plain = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            numbers.push(if plain {
                part.parse::<i8>().map_err(|_| bad_time())?
            } else {
                return Err(bad_time());
            });
        }
        let (hour, minute, second) = match numbers[..] {
            [h, m] => (h, m, 0),
            [h, m, s] => (h, m, s),
            _ => return Err(bad_time()),
        };
        let clock = jiff::civil::Time::new(hour, minute, second, 0).map_err(|_| bad_time())?;
        let (offset, zone_name) = match zone {
            None => (0, Some(String::new())),
            Some(text) => offset(text)?,
        };
        let offset =
            jiff::tz::Offset::from_seconds(offset * 60).map_err(|_| "there is no such offset".to_owned())?;
        let zoned = date
            .to_datetime(clock)
            .to_zoned(jiff::tz::TimeZone::fixed(offset));
        let zoned = zoned.map_err(|e| e.to_string())?;
        Ok(Self {
            at: Timestamp::from_unix_seconds(zoned.timestamp().as_second()),
            text: zoned.strftime("%a, %d %b %Y %H:%M:%S %z").to_string(),
            zoned,
            zone_name,
            has_weekday,
        })
    }

    /// What is wrong with the date as it is written.
    pub fn flaws(&self, text: &str) -> Vec<(usize, usize, String)> {
        let mut flaws = Vec::new();
        let mut flaw = |at: usize, width: usize, what: String| flaws.push((at, width, what));
        let weekday = self.zoned.strftime("%a").to_string();
        let first = text.split([' ', ',']).next().unwrap_or(text);
        if !self.has_weekday {
            flaw(
                0,
                first.len(),
                format!("the date does not begin with a weekday (`{weekday}, `)"),
            );
        } else if !first.get(..3).is_some_and(|f| f.eq_ignore_ascii_case(&weekday)) {
            let long = self.zoned.strftime("%-d %B %Y is a %A");
            flaw(0, first.len(), format!("{long}, not a {first}"));
        } else if first != weekday {
            flaw(
                0,
                first.len(),
                format!("the weekday is written `{weekday}`, not `{first}`"),
            );
        }
        let month = self.zoned.strftime("%b").to_string();
        let written = text
            .split([' ', ','])
            .find(|w| w.len() >= 3 && date::meant_month(w).is_some() && !is_weekday(w));
        match written {
            Some(word) if word != month => {
                flaw(
                    text.find(word).unwrap_or(0),
                    word.len(),
                    format!("the month is written `{month}`, not `{word}`"),
                );
            }
            None if text.contains('-') => flaw(
                0,
                first.len(),
                "an ISO date, where an RFC 5322 date is wanted".into(),
            ),
            _ => {}
        }
        match text.split_whitespace().find(|w| w.contains(':')) {
            None => flaw(
                text.len().saturating_sub(1),
                1,
                "the date has no time of the day".into(),
            ),
            Some(time) => {
                let at = text.find(time).unwrap_or(0);
                if time.find(':') == Some(1) {
                    flaw(at, 1, "an hour of one digit".into());
                } else if time.matches(':').count() == 1 {
                    flaw(at, time.len(), "the time has no seconds".into());
                }
            }
        }
        match self.zone_name.as_deref() {
            None => {}
            Some("") => flaw(
                text.len().saturating_sub(1),
                1,
                "the date has no offset such as +0000".into(),
            ),
            Some(name) => {
                let at = text.rfind(name).unwrap_or(0);
                flaw(
                    at,
                    name.len(),
                    format!("the time zone is a number such as +0000, not `{name}`"),
                );
            }
        }
        flaws
    }

    /// As it should be, or with a day of one digit, which deb-changelog(5) allows.
    pub fn is_written_as(&self, corrected: &str, line: &str) -> bool {
        let short = self.zoned.strftime("%a, %-d %b %Y %H:%M:%S %z").to_string();
        let padded = self.zoned.strftime("%a, %e %b %Y %H:%M:%S %z").to_string();
        // `-0000` is an offset too, of a clock that does not know where it is (RFC 5322, 3.3).
        let line = line
            .strip_suffix("-0000")
            .map_or(line.to_owned(), |line| format!("{line}+0000"));
        [self.text.clone(), short, padded]
            .iter()
            .any(|date| corrected.replace(&self.text, date) == line)
    }
}

fn civil(year: i16, month: i8, day: i8) -> Result<jiff::civil::Date, String> {
    if day == 0 {
        return Err("a month has no day 0".into());
    }
    if let Some(reason) = date::impossible(year, month, day) {
        return Err(reason);
    }
    jiff::civil::Date::new(year, month, day).map_err(|e| e.to_string())
}

/// Minutes east of Greenwich, and the text where it is not written as `+0100`.
fn offset(text: &str) -> Result<(i32, Option<String>), String> {
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Ok((*minutes, Some(text.to_owned())));
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let sign = match text.chars().next() {
        Some('+') => 1,
        Some('-' | '−') => -1,
        _ => return Err(format!("`{text}` is not an offset such as +0100")),
    };
    if digits.len() != 4 {
        return Err(format!("`{text}` is not an offset such as +0100"));
    }
    let number = |s: &str| s.parse::<i32>().unwrap_or(0);
    let (hours, minutes) = (number(&digits[..2]), number(&digits[2..]));
    if hours > 14 || minutes > 59 {
        return Err(format!("there is no offset `{text}`"));
    }
    let odd = text.len() != 5 || !text.is_ascii();
    Ok((sign * (hours * 60 + minutes), odd.then(|| text.to_owned())))
}

fn is_weekday(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    lower.len() >= 3
        && days
            .iter()
            .any(|day| day.starts_with(lower.trim_end_matches('.')))
}
