//! The heading of an RPM entry: `* Fri Mar 22 2019 Name <mail@example.org> - 1.1.3-1`.

use crate::changelog::{Author, date, version};
use packyard_types::ReleaseVersion;
use std::ops::Range;

/// The parts of a heading, in bytes of its line.
#[derive(Debug, Clone)]
pub(in crate::changelog) struct Heading<'a> {
    pub weekday: &'a str,
    pub month: &'a str,
    day: &'a str,
    pub year: &'a str,
    /// Behind the date: `Name <mail> - V-R`.
    rest: &'a str,
    pub rest_at: usize,
}

impl<'a> Heading<'a> {
    /// Reads `* Fri Mar 22 2019 …` and `* Fri Mar 22 12:00:00 UTC 2019 …`.
    pub fn read(line: &'a str) -> Option<Self> {
        let text = line.strip_prefix('*')?;
        let mut words = text.split_whitespace();
        let (weekday, month, day) = (words.next()?, words.next()?, words.next()?);
        date::meant_month(month)?;
        let mut year = words.next()?;
        if year.contains(':') {
            year = words.next()?;
            if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
                year = words.next()?;
            }
        }
        let numbers = [day, year].iter().all(|w| w.bytes().all(|b| b.is_ascii_digit()));
        if weekday.len() < 3 || !weekday.chars().all(char::is_alphabetic) || !numbers {
            return None;
        }
        let at = year.as_ptr() as usize - line.as_ptr() as usize + year.len();
        let rest = line[at..].trim();
        Some(Self {
            weekday,
            month,
            day,
            year,
            rest,
            rest_at: line.len() - line[at..].trim_start().len(),
        })
    }

    /// The author, and the bytes of `V-R` within the line.
    pub fn author_and_version(&self) -> (Option<Author>, Option<Range<usize>>) {
        let Some(end) = self.rest.rfind('>') else {
            let version = self.rest.rsplit_once(" - ").map(|(before, v)| {
                let start = self.rest_at + before.len() + 3;
                start..start + v.trim_end().len()
            });
            return (None, version);
        };
        let author = Author::parse(&self.rest[..=end]);
        let tail = &self.rest[end + 1..];
        let text = tail.trim_start_matches([' ', '\t', '-', ':', '–']);
        let start = self.rest_at + end + 1 + (tail.len() - text.len());
        let text = text.trim_end();
        (author, (!text.is_empty()).then(|| start..start + text.len()))
    }

    pub fn date(&self) -> Result<jiff::civil::Date, String> {
        let (Ok(year), Ok(day)) = (self.year.parse(), self.day.parse()) else {
            return Err(format!(
                "`{} {} {}` is not a date",
                self.month, self.day, self.year
            ));
        };
        let month = date::meant_month(self.month).unwrap_or(0);
        if let Some(reason) = date::impossible(year, month, day) {
            return Err(reason);
        }
        jiff::civil::Date::new(year, month, day).map_err(|e| e.to_string())
    }
}

/// `[E:]V-R` as a version and the number of its release.
pub(in crate::changelog) fn read_version(
    text: &str,
) -> Result<(ReleaseVersion, Option<String>), Option<String>> {
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let (version, release) = match rest.rsplit_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    let number: Option<String> = release
        .map(|r| {
            r.chars()
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect::<String>()
        })
        .map(|r| r.trim_end_matches('.').to_owned())
        .filter(|r| !r.is_empty());
    if let Some(read) = epoch
        .parse()
        .ok()
        .and_then(|epoch| ReleaseVersion::from_rpm_version(version, epoch))
        && (release.is_none() || number.is_some())
    {
        return Ok((read, number));
    }
    let whole = if number.is_some() { version } else { rest };
    let kept = release.filter(|_| number.is_some()).unwrap_or("1");
    let prefix = if epoch == "0" {
        String::new()
    } else {
        format!("{epoch}:")
    };
    Err(version::nearest(whole).map(|v| format!("{prefix}{}-{kept}", v.rpm_version())))
}
