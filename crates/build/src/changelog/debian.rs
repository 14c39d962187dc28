//! debian/changelog (deb-changelog(5)), strictly: whatever dpkg-parsechangelog would warn about is an error here, and
//! so is what it lets pass by mistake (a wrong weekday, an unknown urgency).

use super::{Author, Changelog, Dialect, Entry, EntryVersion};
use crate::{Diagnostic, SourceText};
use packyard_types::{DebName, ReleaseVersion, Timestamp};

const HEADING: &str = "expected `package (version) distribution; urgency=medium`";
const TRAILER: &str =
    "expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, two before the date";
const URGENCIES: [&str; 5] = ["low", "medium", "high", "emergency", "critical"];

/// What the next line may be.
enum Expect {
    Heading,
    Changes(Box<Entry>),
}

pub(super) fn parse(file: &SourceText) -> Result<Changelog, Vec<Diagnostic>> {
    let mut reader = Reader {
        file,
        entries: Vec::new(),
        problems: Vec::new(),
    };
    let mut state = Expect::Heading;
    for (number, line) in (1..).zip(file.text().lines()) {
        if matches!(state, Expect::Heading) && is_editor_setting(line) {
            break;
        }
        state = reader.line(number, line, state);
    }
    let last = file.text().lines().count().max(1);
    if let Expect::Changes(entry) = state {
        let message = "the file ends before the trailer of the entry";
        reader.problem(last, message, TRAILER);
        reader.entries.push(*entry);
    }
    if reader.entries.is_empty() && reader.problems.is_empty() {
        reader.problem(1, "the changelog has no entry", HEADING);
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    Ok(Changelog {
        file: file.file().to_owned(),
        dialect: Dialect::Debian,
        entries: reader.entries,
    })
}

/// vim and Emacs settings may follow the last entry.
fn is_editor_setting(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    lower.starts_with("vim:") || lower.starts_with("local variables:") || lower.starts_with("/* vim:")
}

struct Reader<'a> {
    file: &'a SourceText,
    entries: Vec<Entry>,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn problem(&mut self, line: usize, message: impl Into<String>, hint: &str) {
        self.problems
            .push(Diagnostic::new(message).at(self.file.line(line)).hint(hint));
    }

    fn line(&mut self, number: usize, line: &str, state: Expect) -> Expect {
        match state {
            Expect::Heading if line.trim().is_empty() => Expect::Heading,
            Expect::Heading => match self.heading(number, line) {
                Some(entry) => Expect::Changes(Box::new(entry)),
                None => Expect::Heading,
            },
            Expect::Changes(entry) => self.change(number, line, entry),
        }
    }

    fn heading(&mut self, number: usize, line: &str) -> Option<Entry> {
        if line.starts_with(' ') {
            let message = if line.starts_with(" -- ") {
                "a trailer without an entry"
            } else {
                "a change without an entry"
            };
            self.problem(number, message, HEADING);
            return None;
        }
        let Some((package, version, distributions, settings)) = split_heading(line) else {
            self.problem(number, "badly formed heading", HEADING);
            return None;
        };
        if let Err(e) = DebName::parse(package) {
            self.problem(number, e.to_string(), HEADING);
        }
        let distributions: Vec<String> = distributions.split_whitespace().map(str::to_owned).collect();
        let urgency = self.settings(number, settings);
        let version = self.version(number, version, &distributions)?;
        let mut place = self.file.line(number);
        place.column = 1 + line.find('(').map_or(0, |i| line[..=i].chars().count());
        place.width = line
            .find(')')
            .zip(line.find('('))
            .map_or(1, |(end, start)| end - start - 1);
        Some(Entry {
            version,
            place,
            date: None,
            items: Vec::new(),
            author: None,
            distributions,
            urgency,
        })
    }

    fn settings(&mut self, number: usize, settings: &str) -> Option<String> {
        let mut urgency = None;
        for setting in settings.split(',') {
            let Some((key, value)) = setting.trim().split_once('=') else {
                self.problem(number, "expected KEY=VALUE after the `;`", HEADING);
                continue;
            };
            match key.to_ascii_lowercase().as_str() {
                "urgency" if URGENCIES.contains(&value.to_ascii_lowercase().as_str()) => {
                    urgency = Some(value.to_ascii_lowercase());
                }
                "urgency" => self.problem(
                    number,
                    format!("`{value}` is not an urgency"),
                    "expected low, medium, high, emergency or critical",
                ),
                "binary-only" => {}
                other if other.starts_with("x-") => {}
                other => self.problem(number, format!("unknown key `{other}` in the heading"), HEADING),
            }
        }
        urgency
    }

    fn version(&mut self, number: usize, text: &str, distributions: &[String]) -> Option<EntryVersion> {
        let (upstream, revision) = match text.rsplit_once('-') {
            Some((upstream, revision)) => (upstream, Some(revision.to_owned())),
            None => (text, None),
        };
        let Some(version) = from_deb_upstream(upstream) else {
            let message = format!("`{upstream}` is not the Debian form of a PEP 440 version");
            self.problem(
                number,
                message,
                "expected a version such as 1.1.3, 1.1.3~rc1, 1.1.3+post1 or 1.1.3-1",
            );
            return None;
        };
        if distributions == ["UNRELEASED"] {
            return Some(EntryVersion::Unreleased);
        }
        Some(EntryVersion::Released { version, revision })
    }

    fn change(&mut self, number: usize, line: &str, mut entry: Box<Entry>) -> Expect {
        if line.trim().is_empty() {
            return Expect::Changes(entry);
        }
        if let Some(text) = line.strip_prefix("  ") {
            add_change(&mut entry.items, text);
            return Expect::Changes(entry);
        }
        if line.trim_start().starts_with("--") {
            return self.trailer(number, line, entry);
        }
        if split_heading(line).is_some() {
            self.problem(
                number,
                "a new entry begins before the trailer of the last one",
                TRAILER,
            );
            self.entries.push(*entry);
            return match self.heading(number, line) {
                Some(entry) => Expect::Changes(Box::new(entry)),
                None => Expect::Heading,
            };
        }
        self.problem(
            number,
            "a change must be indented by two spaces or more",
            "expected `  * what changed`",
        );
        Expect::Changes(entry)
    }

    fn trailer(&mut self, number: usize, line: &str, mut entry: Box<Entry>) -> Expect {
        let parsed = line.strip_prefix(" -- ").and_then(|rest| {
            let (author, date) = rest.split_once(">  ")?;
            Some((Author::parse(&format!("{author}>"))?, date))
        });
        match parsed {
            None => self.problem(number, "badly formed trailer", TRAILER),
            Some((author, date)) => {
                entry.author = Some(author);
                match parse_date(date) {
                    Ok(at) => entry.date = Some(at),
                    Err(message) => self.problem(number, message, TRAILER),
                }
            }
        }
        if entry.items.is_empty() {
            self.problem(
                number,
                "the entry has no change",
                "expected `  * what changed` above the trailer",
            );
        }
        self.entries.push(*entry);
        Expect::Heading
    }
}

/// A line that begins with `*`, `-` or `+` is a new item; others go on with the last one.
fn add_change(items: &mut Vec<String>, text: &str) {
    let trimmed = text.trim();
    let bullet = ["* ", "+ ", "- "]
        .iter()
        .find_map(|mark| trimmed.strip_prefix(mark));
    match (bullet, items.last_mut()) {
        (None, Some(item)) => {
            item.push(' ');
            item.push_str(trimmed);
        }
        _ => items.push(bullet.unwrap_or(trimmed).trim().to_owned()),
    }
}

/// Package, version, distributions, settings.
fn split_heading(line: &str) -> Option<(&str, &str, &str, &str)> {
    let (package, rest) = line.split_once(" (")?;
    let (version, rest) = rest.split_once(')')?;
    let (distributions, settings) = rest.split_once(';')?;
    let ok = !package.is_empty()
        && !version.is_empty()
        && !version.contains([' ', '('])
        && distributions.starts_with(' ')
        && !distributions.trim().is_empty()
        && distributions
            .trim()
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-. ".contains(&b));
    ok.then_some((package, version, distributions, settings))
}

/// The PEP 440 version whose Debian image this is.
pub(crate) fn from_deb_upstream(text: &str) -> Option<ReleaseVersion> {
    let (epoch, rest) = text
        .split_once(':')
        .map_or(("", text), |(epoch, rest)| (epoch, rest));
    let mut pep = rest
        .replace("~~dev", ".dev")
        .replace("~dev", ".dev")
        .replace("+post", ".post")
        .replace('~', "");
    if !epoch.is_empty() {
        pep = format!("{epoch}!{pep}");
    }
    ReleaseVersion::parse(&pep)
        .ok()
        .filter(|version| version.deb_upstream() == text)
}

fn parse_date(text: &str) -> Result<Timestamp, String> {
    let parsed =
        jiff::fmt::rfc2822::parse(text).map_err(|e| format!("`{text}` is not an RFC 5322 date ({e})"))?;
    let weekday = parsed.strftime("%a").to_string();
    if !text.starts_with(&weekday) {
        return Err(format!(
            "`{text}` is a {weekday}, not a {}",
            text.get(..3).unwrap_or(text)
        ));
    }
    let offset_is_numeric = text
        .rsplit(' ')
        .next()
        .is_some_and(|z| z.len() == 5 && z.starts_with(['+', '-']));
    if !offset_is_numeric {
        return Err(format!("`{text}` must end in an offset such as +0000"));
    }
    Ok(Timestamp::from_unix_seconds(parsed.timestamp().as_second()))
}
