//! debian/changelog (deb-changelog(5)), strictly: whatever dpkg-parsechangelog would warn about is an error here, and
//! so is what it lets pass by mistake (a wrong weekday, an unknown urgency, an hour of one digit).

mod heading;
mod moment;
mod trailer;

pub(super) use heading::Heading;
pub(super) use trailer::Trailer;

use super::{Entry, EntryVersion, Reading, items::Items};
use crate::{Diagnostic, Fix, SourceText};
use packyard_types::ReleaseVersion;

const HEADING: &str = "expected `package (version) distribution; urgency=medium`";
const TRAILER: &str = "expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, \
                       two before the date";

/// Reads a whole file.
pub(super) fn read(file: &SourceText) -> Reading {
    let mut reader = Reader {
        file,
        reading: Reading::default(),
        open: None,
        begun: false,
    };
    for (number, line) in (1..).zip(file.text().lines()) {
        if reader.open.is_none() && reader.begun && is_editor_setting(line) {
            break;
        }
        reader.line(number, line);
    }
    reader.finish()
}

/// Whether a line is a heading of this dialect and of no other.
pub(super) fn is_heading(line: &str) -> bool {
    heading::is_formal(line)
}

/// vim and Emacs settings may follow the last entry.
fn is_editor_setting(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    lower.starts_with("vim:")
        || lower
            .trim_start_matches(";;")
            .trim_start()
            .starts_with("local variables:")
}

/// dpkg takes no blank but ASCII's for one.
fn is_blank(line: &str) -> bool {
    line.chars()
        .all(|c| matches!(c, ' ' | '\t' | '\r' | '\x0b' | '\x0c'))
}

/// What dpkg reads over: comments and keywords of old version control systems.
fn is_comment(line: &str) -> bool {
    let keyword = line
        .strip_prefix('$')
        .and_then(|rest| rest.split_once(':'))
        .is_some_and(|(word, rest)| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric()) && rest.contains('$')
        });
    line.starts_with("# ") || (line.starts_with("/*") && line.contains("*/")) || keyword
}

/// An entry whose trailer has not come yet.
struct Open {
    entry: Option<Entry>,
    heading_line: usize,
    items: Items,
    /// The last line that holds anything.
    last_text: usize,
}

struct Reader<'a> {
    file: &'a SourceText,
    reading: Reading,
    open: Option<Open>,
    begun: bool,
}

impl Reader<'_> {
    fn problem(&mut self, problem: Diagnostic) {
        self.reading.problems.push(problem);
    }

    fn at(&self, number: usize, message: impl Into<String>, hint: &str) -> Diagnostic {
        Diagnostic::new(message).at(self.file.line(number)).hint(hint)
    }

    fn line(&mut self, number: usize, line: &str) {
        if is_blank(line) {
            if let Some(open) = &mut self.open {
                open.items.blank();
            } else if !self.begun {
                let problem = self.at(number, "a blank line above the first entry", HEADING);
                self.problem(problem.fix(Fix::delete(number)));
            }
        } else if line.trim().is_empty() {
            let what = "the line looks blank and is not: it holds a blank that is not ASCII, such as U+00A0";
            let mut problem = self.at(number, what, "expected a line that is empty");
            if let Some(place) = &mut problem.place {
                (place.column, place.width) = (1, 1);
            }
            self.problem(problem.fix(Fix::delete(number)));
        } else if is_comment(line) {
        } else if self.open.is_some() {
            self.change(number, line);
        } else {
            self.heading(number, line);
        }
    }

    /// A line where a heading is expected.
    fn heading(&mut self, number: usize, line: &str) {
        self.begun = true;
        let heading = Heading::read(self.file, number, line);
        if let Some(heading) = heading {
            return self.begin(number, heading);
        }
        let is_trailer = line.trim_start().starts_with("--");
        let is_change = line.starts_with([' ', '\t']) && !is_trailer;
        let problem = if is_trailer && line.starts_with(' ') {
            self.at(number, "a trailer without an entry", HEADING)
        } else if is_change {
            self.at(
                number,
                "a change without an entry: it stands below a trailer, or its heading is missing",
                HEADING,
            )
        } else {
            self.at(number, "badly formed heading", HEADING)
        };
        self.problem(problem);
    }

    fn begin(&mut self, number: usize, heading: Heading) {
        self.begun = true;
        let Heading {
            version,
            planned,
            place,
            distributions,
            urgency,
            problems,
        } = heading;
        self.reading.problems.extend(problems);
        let mut entry = version.map(|version| {
            let mut entry = Entry::new(version, place);
            (entry.planned, entry.distributions, entry.urgency) = (planned, distributions, urgency);
            entry
        });
        if let Some(entry) = &mut entry
            && let Some(version) = entry.planned.clone()
            && !self.reading.entries.is_empty()
        {
            entry.planned = None;
            let written = &self.file.text().lines().nth(number - 1).unwrap_or("");
            let revision = revision_in(written);
            entry.version = EntryVersion::Released { version, revision };
            let hint = "close it: write a distribution in place of UNRELEASED";
            let place = self.file.line(number);
            let text = place.source.replacen("UNRELEASED", "unstable", 1);
            let problem =
                Diagnostic::warning("only the first entry can be UNRELEASED: this one counts as released")
                    .at(place);
            self.problem(problem.hint(hint).fix(Fix::line(number, text)));
        }
        self.open = Some(Open {
            entry,
            heading_line: number,
            items: Items::default(),
            last_text: number,
        });
    }

    /// A line within an entry.
    fn change(&mut self, number: usize, line: &str) {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        let two_blanks = line.starts_with("  ");
        let trailer_like = text.starts_with("--") || text.starts_with('–') || text.starts_with('—');
        if trailer_like && (!two_blanks || Trailer::is_meant(text)) {
            return self.trailer(number, line);
        }
        if two_blanks && !line[..indent].contains('\t') {
            return self.item(number, indent, text);
        }
        if !line.starts_with([' ', '\t'])
            && let Some(heading) = Heading::read(self.file, number, line)
        {
            self.no_trailer(number, true);
            return self.begin(number, heading);
        }
        let mark = if super::items::bullet(text).is_some() {
            ""
        } else {
            "* "
        };
        let (message, fixed) = if line[..indent].contains('\t') {
            let width: usize = line[..indent]
                .chars()
                .map(|c| if c == '\t' { 4 } else { 1 })
                .sum();
            let width = if super::items::bullet(text).is_some() {
                2
            } else {
                width.max(2)
            };
            (
                "a tab in the indentation; dpkg wants blanks",
                format!("{}{text}", " ".repeat(width)),
            )
        } else {
            (
                "a change must be indented by two blanks or more",
                format!("  {mark}{text}"),
            )
        };
        let problem = self.at(number, message, "expected `  * what changed`");
        self.problem(problem.fix(Fix::line(number, fixed)));
        self.item(number, 2, text);
    }

    fn item(&mut self, number: usize, indent: usize, text: &str) {
        let Some(open) = &mut self.open else { return };
        open.last_text = number;
        let person = text.starts_with("[ ") && text.ends_with(" ]");
        if person {
            open.items.group(text);
        } else {
            open.items.line(indent, text);
        }
    }

    fn trailer(&mut self, number: usize, line: &str) {
        let trailer = Trailer::read(self.file, number, line);
        let Some(mut open) = self.open.take() else { return };
        self.reading.problems.extend(trailer.problem);
        if open.items.is_empty() {
            let hint = "expected `  * what changed` above the trailer";
            let problem = self.at(number, "the entry has no change", hint);
            self.problem(problem.fix(Fix::above(number, "  * what changed\n")));
        }
        if let Some(mut entry) = open.entry.take() {
            (entry.author, entry.date) = (trailer.author, trailer.date);
            entry.lines = open.heading_line..number + 1;
            entry.items = open.items.take();
            self.reading.entries.push(entry);
        }
    }

    /// The entry ends, by another heading or with the file, before its trailer.
    fn no_trailer(&mut self, number: usize, by_heading: bool) {
        let Some(mut open) = self.open.take() else { return };
        let message = match (by_heading, open.items.is_empty()) {
            (true, true) => "two headings in a row: the entry above has neither a change nor a trailer",
            (true, false) => "a new entry begins before the trailer of the one above",
            (false, _) => "the file ends before the trailer of the last entry",
        };
        let shown = if by_heading { number } else { open.last_text };
        let mut problem = self.at(shown, message, TRAILER);
        if by_heading {
            problem = problem.related("the entry above", self.file.line(open.heading_line));
        }
        let fix = if open.items.is_empty() {
            by_heading.then(|| Fix::delete(open.heading_line))
        } else {
            let known = self
                .file
                .text()
                .lines()
                .find_map(trailer::whole)
                .unwrap_or(" -- Name <name@example.org>  Fri, 22 Mar 2019 12:00:00 +0000");
            let below = self.file.text().lines().nth(open.last_text);
            let gap = below.is_some_and(is_blank);
            let above = open.last_text + 1 + usize::from(gap);
            let (before, after) = (if gap { "" } else { "\n" }, if by_heading { "\n" } else { "" });
            Some(Fix::above(above, format!("{before}{known}{after}")))
        };
        self.problem(problem.fix(fix));
        if let Some(mut entry) = open.entry.take() {
            entry.lines = open.heading_line..open.last_text + 1;
            entry.items = open.items.take();
            self.reading.entries.push(entry);
        }
    }

    fn finish(mut self) -> Reading {
        let last = self.file.text().lines().count().max(1);
        if self.open.is_some() {
            self.no_trailer(last, false);
        }
        if !self.begun {
            let empty = self.file.text().trim().is_empty();
            let message = if empty {
                "the file is empty: it has no entry"
            } else {
                "the changelog has no entry"
            };
            let problem = self.at(1, message, HEADING);
            self.problem(problem);
        }
        self.line_ends();
        self.reading
    }

    /// dpkg reads over carriage returns, but packages with them are wrong for lintian.
    fn line_ends(&mut self) {
        let crlf = self
            .file
            .text()
            .split_inclusive('\n')
            .position(|l| l.ends_with("\r\n"));
        if let Some(line) = crlf {
            let count = self.file.text().matches("\r\n").count();
            let problem = Diagnostic::warning(format!(
                "{count} lines end in CR LF, as on Windows; in debian/ they must end in LF"
            ));
            let hint = "convert it: sed -i 's/\\r$//' debian/changelog";
            let place = self.file.line(line + 1);
            self.problem(problem.at(place).hint(hint));
        }
    }
}

/// The version, and the revision, that a Debian version text says; or the nearest such text.
pub(super) fn version(text: &str) -> Result<(ReleaseVersion, Option<String>), (String, Option<String>)> {
    let (upstream, revision) = match text.rsplit_once('-') {
        Some((upstream, revision)) => (upstream, Some(revision)),
        None => (text, None),
    };
    let sound = |r: &str| {
        r.starts_with(|c: char| c.is_ascii_digit())
            && r.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+.~".contains(&b))
    };
    let read = ReleaseVersion::from_deb_upstream(upstream);
    match (read, revision) {
        (Some(version), None) => return Ok((version, None)),
        (Some(version), Some(revision)) if sound(revision) => {
            return Ok((version, Some(revision.to_owned())));
        }
        _ => {}
    }
    let (upstream, kept) = match revision.filter(|r| sound(r)) {
        Some(revision) => (upstream, format!("-{revision}")),
        None => (text, String::new()),
    };
    let (epoch, rest) = upstream.split_once(':').unwrap_or(("", upstream));
    let epoch = if epoch.is_empty() {
        String::new()
    } else {
        format!("{epoch}!")
    };
    let nearest = super::version::nearest(rest)
        .and_then(|v| ReleaseVersion::parse(&format!("{epoch}{v}")).ok())
        .map(|v| v.deb_upstream() + &kept);
    let reason = format!("`{text}` is not the Debian form of a version that every ecosystem can express");
    Err((reason, nearest))
}

/// The revision of a sound heading.
fn revision_in(heading: &str) -> Option<String> {
    let (_, rest) = heading.split_once('(')?;
    let (text, _) = rest.split_once(')')?;
    version(text).ok()?.1
}

/// Whether an entry for these distributions is still open.
fn is_open(distributions: &[String]) -> bool {
    distributions.iter().any(|d| d.eq_ignore_ascii_case("UNRELEASED"))
}

/// An [`EntryVersion`] and what an open one is planned to be.
fn entry_version(
    version: ReleaseVersion,
    revision: Option<String>,
    distributions: &[String],
) -> (EntryVersion, Option<ReleaseVersion>) {
    if is_open(distributions) {
        (EntryVersion::Unreleased, Some(version))
    } else {
        (EntryVersion::Released { version, revision }, None)
    }
}
