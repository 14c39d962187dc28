//! The `%changelog` of RPM: in a .spec file, or a file of such entries.
//!
//! ```text
//! * Fri Mar 22 2019 Name <mail@example.org> - 1.1.3-1
//! - item
//! ```
//!
//! rpmbuild refuses a wrong order of dates and warns about a wrong weekday; it does not look at the version, which is an
//! error here where it is missing below the first entry. An entry on top without a version is one that is not released.

use super::{Author, Entry, EntryVersion, Reading, date, items::Items};
use crate::{Diagnostic, Fix, Place, SourceText};
use packyard_types::{ReleaseVersion, Timestamp};
use std::ops::Range;

const HEADING: &str = "expected `* Fri Mar 22 2019 Name <mail@example.org> - 1.1.3-1`";

/// The lines of the `%changelog`, from 0: of a .spec those of the section, else all.
pub(super) fn section(text: &str) -> Option<Range<usize>> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(start) = lines.iter().position(|line| line.trim_end() == "%changelog") else {
        return lines
            .iter()
            .any(|line| Heading::read(line).is_some())
            .then_some(0..lines.len());
    };
    let next = lines[start + 1..].iter().position(|line| is_section(line));
    Some(start + 1..next.map_or(lines.len(), |i| start + 1 + i))
}

/// Whether a .spec has a `%changelog` with entries of its own.
pub(super) fn has_entries(text: &str) -> bool {
    let section = text
        .lines()
        .skip_while(|line| line.trim_end() != "%changelog")
        .skip(1);
    section
        .take_while(|line| !is_section(line))
        .any(|line| line.starts_with('*'))
}

fn is_section(line: &str) -> bool {
    let Some(name) = line.strip_prefix('%') else {
        return false;
    };
    let name = name.split_whitespace().next().unwrap_or("");
    let known = [
        "prep",
        "build",
        "install",
        "check",
        "clean",
        "files",
        "package",
        "description",
        "pre",
        "post",
        "preun",
        "postun",
        "pretrans",
        "posttrans",
        "triggerin",
        "triggerun",
        "sourcelist",
        "patchlist",
        "verifyscript",
        "generate_buildrequires",
    ];
    known.contains(&name)
}

/// Reads a whole file.
pub(super) fn read(file: &SourceText) -> Reading {
    let mut reader = Reader {
        file,
        lines: file.text().lines().collect(),
        reading: Reading::default(),
        items: Items::default(),
        current: false,
    };
    let section = section(file.text()).unwrap_or(0..reader.lines.len());
    for number in section.clone() {
        reader.line(number);
    }
    reader.close(section.end);
    reader.finish(section.start)
}

/// The parts of a heading, in bytes of its line.
#[derive(Debug, Clone)]
pub(super) struct Heading<'a> {
    weekday: &'a str,
    month: &'a str,
    day: &'a str,
    year: &'a str,
    /// Behind the date: `Name <mail> - V-R`.
    rest: &'a str,
    rest_at: usize,
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

    fn date(&self) -> Result<jiff::civil::Date, String> {
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
pub(super) fn version(text: &str) -> Result<(ReleaseVersion, Option<String>), Option<String>> {
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
    Err(super::version::nearest(whole).map(|v| format!("{prefix}{}-{kept}", v.rpm_version())))
}

struct Reader<'a> {
    file: &'a SourceText,
    lines: Vec<&'a str>,
    reading: Reading,
    items: Items,
    current: bool,
}

impl Reader<'_> {
    fn place(&self, number: usize, span: Range<usize>) -> Place {
        let source = self.lines[number];
        Place {
            file: self.file.file().to_owned(),
            line: number + 1,
            column: 1 + source[..span.start].chars().count(),
            width: source[span].chars().count().max(1),
            source: source.trim_end().to_owned(),
        }
    }

    fn whole(&self, number: usize) -> Place {
        self.file.line(number + 1)
    }

    fn problem(&mut self, problem: Diagnostic) {
        self.reading.problems.push(problem);
    }

    fn line(&mut self, number: usize) {
        let line = self.lines[number].trim_end_matches('\r');
        let text = line.trim();
        if text.is_empty() {
            return self.items.blank();
        }
        if text.starts_with('#') && self.lines.iter().any(|l| l.starts_with("%changelog")) {
            return;
        }
        if let Some(heading) = Heading::read(line) {
            return self.heading(number, line, &heading);
        }
        if text.starts_with("%autochangelog") {
            let problem = Diagnostic::new("`%autochangelog` is made of git's log by another tool")
                .at(self.whole(number))
                .hint("write the entries themselves, or name another file in [package] changelog");
            return self.problem(problem);
        }
        if line.starts_with('*') && line.contains('<') && line.contains('@') {
            let problem = Diagnostic::new("badly formed heading")
                .at(self.whole(number))
                .hint(HEADING);
            return self.problem(problem);
        }
        if !self.current {
            if self.reading.entries.is_empty() && self.reading.problems.is_empty() {
                let problem = Diagnostic::new("a change without an entry")
                    .at(self.whole(number))
                    .hint(HEADING);
                self.problem(problem);
            }
            return;
        }
        let indent = line.len() - line.trim_start().len();
        self.items.line(indent, &text.replace("%%", "%"));
    }

    fn heading(&mut self, number: usize, line: &str, heading: &Heading<'_>) {
        self.close(number);
        let (author, span) = heading.author_and_version();
        let at = self.date(number, line, heading);
        if author.is_none() {
            let problem = Diagnostic::new("the heading names nobody as `Name <mail>`")
                .at(self.place(number, heading.rest_at.min(line.len())..line.trim_end().len()))
                .hint(HEADING);
            self.problem(problem);
        }
        let (version, place) = match &span {
            None => (self.unversioned(number, line), self.whole(number)),
            Some(span) => (
                self.version(number, line, span.clone()),
                self.place(number, span.clone()),
            ),
        };
        self.current = true;
        let Some(version) = version else {
            self.current = false;
            return;
        };
        let mut entry = Entry::new(version, place);
        (entry.author, entry.date) = (author, at);
        self.reading.entries.push(entry);
    }

    fn version(&mut self, number: usize, line: &str, span: Range<usize>) -> Option<EntryVersion> {
        let text = &line[span.clone()];
        match version(text) {
            Ok((version, revision)) => Some(EntryVersion::Released { version, revision }),
            Err(nearest) => {
                let message =
                    format!("`{text}` is not the RPM form of a version that every ecosystem can express");
                let fix = nearest.map(|v| {
                    Fix::line(
                        number + 1,
                        format!("{}{v}{}", &line[..span.start], &line[span.end..]),
                    )
                });
                let problem = Diagnostic::new(message)
                    .at(self.place(number, span))
                    .hint("expected `V-R`, such as 1.1.3-1, 1.1.3~rc1-1 or 1:1.1.3-2")
                    .fix(fix);
                self.problem(problem);
                None
            }
        }
    }

    /// Only the first entry may lack a version: it is not released yet. In a .spec it is what the spec says.
    fn unversioned(&mut self, number: usize, line: &str) -> Option<EntryVersion> {
        if self.reading.entries.is_empty()
            && self.reading.problems.iter().all(|p| !p.is_error())
            && self.tag("Version").is_none()
        {
            return Some(EntryVersion::Unreleased);
        }
        let said = self.tag("Version").filter(|_| self.reading.entries.is_empty());
        let release = self.tag("Release").unwrap_or_else(|| "1".into());
        let release = release.replace("%{?dist}", "");
        let fix =
            said.map(|version| Fix::line(number + 1, format!("{} - {version}-{release}", line.trim_end())));
        let problem = Diagnostic::new("the heading names no version")
            .at(self.whole(number))
            .hint(HEADING)
            .fix(fix);
        self.problem(problem);
        None
    }

    /// What a tag of the .spec says, where it is no macro.
    fn tag(&self, name: &str) -> Option<String> {
        let lower = name.to_ascii_lowercase();
        let value = self.lines.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim().to_ascii_lowercase() == lower).then(|| value.trim().to_owned())
        })?;
        (!value.replace("%{?dist}", "").contains('%')).then_some(value)
    }

    fn date(&mut self, number: usize, line: &str, heading: &Heading<'_>) -> Option<Timestamp> {
        let start = heading.weekday.as_ptr() as usize - line.as_ptr() as usize;
        let end = heading.year.as_ptr() as usize - line.as_ptr() as usize + heading.year.len();
        let day = match heading.date() {
            Ok(day) => day,
            Err(reason) => {
                let problem = Diagnostic::new(format!("`{}` is not a date: {reason}", &line[start..end]))
                    .at(self.place(number, start..end))
                    .hint(HEADING);
                self.problem(problem);
                return None;
            }
        };
        let wanted = day.strftime("%a %b").to_string();
        let written = format!("{} {}", heading.weekday, heading.month);
        if wanted != written {
            let fixed = format!(
                "{}{}{}",
                &line[..start],
                day.strftime("%a %b %d %Y"),
                &line[end..]
            );
            let long = day.strftime("%-d %B %Y is a %A");
            let message = format!("bogus date: {long}, written `{wanted}`, not `{written}`");
            let problem = Diagnostic::new(message)
                .at(self.place(number, start..start + heading.weekday.len()))
                .hint(HEADING)
                .fix(Fix::line(number + 1, fixed));
            self.problem(problem);
        }
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Timestamp::from_unix_seconds(midnight.timestamp().as_second()))
    }

    fn close(&mut self, end: usize) {
        let items = self.items.take();
        if let Some(entry) = self.reading.entries.last_mut()
            && self.current
        {
            entry.lines.end = end + 1;
            entry.items = items;
        }
    }

    fn finish(mut self, start: usize) -> Reading {
        let mut empty = Vec::new();
        for entry in self.reading.entries.iter().filter(|e| e.items.is_empty()) {
            let problem = Diagnostic::new("the entry has no change").at(entry.place.clone());
            empty.push(problem.hint("expected at least one line `- what changed`"));
        }
        self.reading.problems.extend(empty);
        if self.reading.entries.is_empty() && self.reading.problems.is_empty() {
            let message = if self.file.text().trim().is_empty() {
                "the file is empty: it has no entry"
            } else {
                "the %changelog has no entry"
            };
            let problem = Diagnostic::new(message)
                .at(self.file.line(start.max(1)))
                .hint(HEADING);
            self.problem(problem);
        }
        self.reading
    }
}
