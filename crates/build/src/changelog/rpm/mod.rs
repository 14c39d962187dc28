//! The `%changelog` of RPM: in a .spec file, or a file of such entries.
//!
//! ```text
//! * Fri Mar 22 2019 Name <mail@example.org> - 1.1.3-1
//! - item
//! ```
//!
//! rpmbuild refuses a wrong order of dates and warns about a wrong weekday; it does not look at the version, which is an
//! error here where it is missing below the first entry. An entry on top without a version is one that is not released.

mod heading;

pub(super) use heading::Heading;

use super::{Entry, EntryVersion, Reading, items::Items};
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
        if entry.released().is_none() {
            entry.planned = self.planned();
        }
        self.reading.entries.push(entry);
    }

    fn version(&mut self, number: usize, line: &str, span: Range<usize>) -> Option<EntryVersion> {
        let text = &line[span.clone()];
        match heading::read_version(text) {
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
        let on_top = self.reading.entries.is_empty();
        let message = "the heading names no version";
        let problem = if on_top {
            Diagnostic::warning(format!("{message}: it counts as not released"))
        } else {
            Diagnostic::new(message)
        };
        let said = self.tag("Version").filter(|_| on_top);
        let release = self.tag("Release").unwrap_or_else(|| "1".into());
        let release = release.replace("%{?dist}", "");
        let fix =
            said.map(|version| Fix::line(number + 1, format!("{} - {version}-{release}", line.trim_end())));
        self.problem(problem.at(self.whole(number)).hint(HEADING).fix(fix));
        on_top.then_some(EntryVersion::Unreleased)
    }

    /// The version of the .spec, as that of an open entry.
    fn planned(&self) -> Option<ReleaseVersion> {
        let epoch = self.tag("Epoch").and_then(|text| text.parse().ok()).unwrap_or(0);
        ReleaseVersion::from_rpm_version(&self.tag("Version")?, epoch)
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
