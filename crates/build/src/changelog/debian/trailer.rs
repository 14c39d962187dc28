//! The trailer of a Debian entry: ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`.

use super::TRAILER;
use crate::{
    Diagnostic, Fix, SourceText,
    changelog::{Author, date},
};
use packyard_types::Timestamp;

/// A trailer, and what is wrong with it.
#[derive(Debug)]
pub(in crate::changelog) struct Trailer {
    pub author: Option<Author>,
    pub date: Option<Timestamp>,
    pub problem: Option<Diagnostic>,
}

/// A line that is a trailer with nothing wrong.
pub(super) fn whole(line: &str) -> Option<&str> {
    let parts = Parts::read(line)?;
    let moment = Moment::read(parts.date).ok()?;
    (parts.author()?.to_string() == format!("{} <{}>", parts.name, parts.mail)
        && parts.corrected(&moment) == line)
        .then_some(line)
}

impl Trailer {
    /// Whether a text that begins with dashes is a trailer, and not a point of a list.
    pub fn is_meant(text: &str) -> bool {
        Parts::read(text).is_some_and(|parts| Moment::read(parts.date).is_ok() && parts.mail.contains('@'))
    }

    /// Reads a line that begins with dashes.
    pub fn read(file: &SourceText, number: usize, line: &str) -> Self {
        let badly = |message: String| Diagnostic::new(message).at(file.line(number)).hint(TRAILER);
        let bad = |message: &str| Self {
            author: None,
            date: None,
            problem: Some(badly(format!("badly formed trailer: {message}"))),
        };
        let Some(parts) = Parts::read(line) else {
            return bad("it names no mail address in `<…>`");
        };
        let Some(author) = parts.author() else {
            return bad(if parts.name.is_empty() {
                "it names nobody"
            } else {
                "what stands in `<…>` is not a mail address"
            });
        };
        let (moment, mut flaws) = match Moment::read(parts.date) {
            Ok(moment) => (moment, parts.flaws()),
            Err(reason) => {
                let mut problem = badly(format!("badly formed trailer: {reason}"));
                if let Some(place) = &mut problem.place
                    && let Some(at) = line.rfind(parts.date).filter(|_| !parts.date.is_empty())
                {
                    place.column = 1 + line[..at].chars().count();
                    place.width = parts.date.chars().count();
                }
                return Self {
                    author: Some(author),
                    date: None,
                    problem: Some(problem),
                };
            }
        };
        let date_at = parts.date_start;
        flaws.extend(
            moment
                .flaws(parts.date)
                .into_iter()
                .map(|(at, width, text)| (date_at + at, width, text)),
        );
        let corrected = parts.corrected(&moment);
        if flaws.is_empty() && !moment.is_written_as(&corrected, line) {
            flaws.push((0, line.len(), "it is not written as dpkg wants it".into()));
        }
        flaws.sort_by_key(|(at, ..)| *at);
        let problem = flaws.first().map(|(at, width, _)| {
            let texts: Vec<&str> = flaws.iter().map(|(_, _, text)| text.as_str()).collect();
            let mut problem = badly(format!("badly formed trailer: {}", texts.join(", ")));
            if let Some(place) = &mut problem.place {
                let at = (0..=*at).rev().find(|i| line.is_char_boundary(*i)).unwrap_or(0);
                place.column = 1 + line[..at].chars().count();
                place.width = (*width).max(1).min(line[at..].chars().count().max(1));
            }
            problem.fix(Fix::line(number, corrected.clone()))
        });
        Self {
            author: Some(author),
            date: Some(moment.at),
            problem,
        }
    }
}

/// The parts of a line that is meant as a trailer.
struct Parts<'a> {
    line: &'a str,
    name: &'a str,
    mail: &'a str,
    date: &'a str,
    date_start: usize,
}

impl<'a> Parts<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let dashes = line.trim_start().trim_start_matches(['-', '–', '—']);
        let (name, mail, rest) = match (dashes.find('<'), dashes.rfind('>')) {
            (Some(open), Some(close)) if open < close => {
                (&dashes[..open], &dashes[open + 1..close], &dashes[close + 1..])
            }
            _ => {
                let mail = dashes.split_whitespace().find(|w| w.contains('@'))?;
                let at = dashes.find(mail)?;
                (
                    &dashes[..at],
                    mail.trim_matches(['<', '>', '(', ')', ',']),
                    &dashes[at + mail.len()..],
                )
            }
        };
        let date = rest.trim();
        Some(Self {
            line,
            name: name.trim(),
            mail: mail.trim(),
            date,
            date_start: line.len() - rest.len() + (rest.len() - rest.trim_start().len()),
        })
    }

    fn author(&self) -> Option<Author> {
        Author::parse(&format!("{} <{}>", self.name, self.mail))
    }

    fn corrected(&self, moment: &Moment) -> String {
        format!(" -- {} <{}>  {}", self.name, self.mail, moment.text)
    }

    /// What is wrong before the date: from where, how wide, what.
    fn flaws(&self) -> Vec<(usize, usize, String)> {
        let line = self.line;
        let mut flaws = Vec::new();
        let mut flaw = |at: usize, width: usize, text: &str| flaws.push((at, width, text.to_owned()));
        let indent = &line[..line.len() - line.trim_start().len()];
        match indent {
            " " => {}
            "" => flaw(0, 2, "no space before `--`"),
            tab if tab.contains('\t') => flaw(0, tab.len(), "a tab before `--`, not one space"),
            more => flaw(
                0,
                more.len(),
                &format!("{} spaces before `--`, not one", more.len()),
            ),
        }
        let rest = line.trim_start();
        let dashes = rest.len() - rest.trim_start_matches(['-', '–', '—']).len();
        if &rest[..dashes] != "--" {
            flaw(
                indent.len(),
                rest[..dashes].chars().count(),
                "the dashes are not `--`",
            );
        }
        let after = &rest[dashes..];
        let gap = after.len() - after.trim_start().len();
        let at = indent.len() + dashes;
        match gap {
            0 => flaw(at - 1, 2, "no space after `--`"),
            1 if after.starts_with(' ') => {}
            _ => flaw(at, gap, "not one space after `--`"),
        }
        if !line.contains(&format!("{} <{}>", self.name, self.mail)) {
            flaw(
                at,
                after.len(),
                "the name and the mail address are not written `Name <mail>`",
            );
        }
        let before = &line[..self.date_start];
        let blanks = before.len() - before.trim_end().len();
        match blanks {
            _ if before[before.len() - blanks..].contains('\t') => {
                flaw(
                    self.date_start - blanks,
                    blanks,
                    "a tab before the date, not two spaces",
                );
            }
            2 if before.ends_with("  ") => {}
            0 => flaw(self.date_start, 1, "no space before the date (two are wanted)"),
            1 => flaw(
                self.date_start - 1,
                1,
                "one space before the date (two are wanted)",
            ),
            _ => flaw(
                self.date_start - blanks,
                blanks,
                "more than two spaces before the date",
            ),
        }
        if line.trim_end() != line {
            flaw(line.trim_end().len(), 1, "blanks at the end of the line");
        }
        flaws
    }
}

/// A point in time as a trailer says it, however it is written.
struct Moment {
    at: Timestamp,
    /// As it should be written.
    text: String,
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
    fn read(text: &str) -> Result<Self, String> {
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
    fn flaws(&self, text: &str) -> Vec<(usize, usize, String)> {
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
    fn is_written_as(&self, corrected: &str, line: &str) -> bool {
        let short = self.zoned.strftime("%a, %-d %b %Y %H:%M:%S %z").to_string();
        let padded = self.zoned.strftime("%a, %e %b %Y %H:%M:%S %z").to_string();
        [self.text.clone(), short, padded]
            .iter()
            .any(|date| corrected.replace(&self.text, date) == line)
    }
}

fn civil(year: i16, month: i8, day: i8) -> Result<jiff::civil::Date, String> {
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
