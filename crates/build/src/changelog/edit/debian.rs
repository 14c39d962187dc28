//! debian/changelog as `dch` edits it.

use super::{Closing, NewItems, Text, author, point};
use crate::{
    Diagnostic,
    changelog::{Author, Changelog, Entry},
};
use packyard_types::ReleaseVersion;

/// dch breaks lines before this column.
const WIDTH: usize = 74;

/// The first entry of a new file.
pub(super) fn create(new: &NewItems) -> Result<String, Diagnostic> {
    let Some(version) = &new.version else {
        return Err(Diagnostic::new("the first entry needs a version").hint("add --version V"));
    };
    let distribution = new.distribution.as_deref().unwrap_or("unstable");
    let lines = entry(
        new,
        &new.package,
        &written(version, new.revision.as_ref(), ""),
        distribution,
    )?;
    Ok(lines.join("\n") + "\n")
}

/// Adds to the open entry, or begins the next one.
pub(super) fn add(
    text: &mut Text,
    changelog: &Changelog,
    top: &Entry,
    new: &NewItems,
) -> Result<(), Diagnostic> {
    let open = top.released().is_none();
    let other = new.revision.is_some() && new.revision.as_deref() != top.revision();
    if open || (super::fits(top, new.version.as_ref()) && !other) {
        return append(text, top, new, open);
    }
    let heading = Heading::read(&text.lines[top.place.line - 1]);
    let version = match &new.version {
        Some(version) => written(version, new.revision.as_ref(), &heading.version),
        None => next(&heading.version),
    };
    let usual = match (&new.version, changelog.newest()) {
        (None, _) => "UNRELEASED".to_owned(),
        (Some(_), Some(newest)) => newest.distributions.join(" "),
        (Some(_), None) => "unstable".to_owned(),
    };
    let distribution = new.distribution.clone().unwrap_or(usual);
    let mut lines = entry(new, &heading.package, &version, &distribution)?;
    lines.push(String::new());
    text.insert(top.lines.start - 1, lines);
    Ok(())
}

fn entry(
    new: &NewItems,
    package: &str,
    version: &str,
    distribution: &str,
) -> Result<Vec<String>, Diagnostic> {
    let author = author(new.author.as_ref())?;
    let urgency = new.urgency.as_deref().unwrap_or("medium");
    let mut lines = vec![
        format!("{package} ({version}) {distribution}; urgency={urgency}"),
        String::new(),
    ];
    lines.extend(
        new.items
            .iter()
            .flat_map(|item| point(WIDTH, item, "  * ", "    ")),
    );
    lines.push(String::new());
    lines.push(format!(" -- {author}  {}", new.date.rfc2822()));
    Ok(lines)
}

/// Behind the last item; under the author's name if somebody else began the entry.
fn append(text: &mut Text, top: &Entry, new: &NewItems, open: bool) -> Result<(), Diagnostic> {
    let heading_at = top.place.line - 1;
    let trailer_at = top.lines.end - 2;
    let items: Vec<String> = new
        .items
        .iter()
        .flat_map(|item| point(WIDTH, item, "  * ", "    "))
        .collect();
    if open {
        let mut heading = Heading::read(&text.lines[heading_at]);
        let planned = |v: &&ReleaseVersion| new.revision.is_none() && top.planned.as_ref() == Some(*v);
        if let Some(version) = new.version.as_ref().filter(|v| !planned(v)) {
            heading.version = written(version, new.revision.as_ref(), &heading.version);
        }
        heading.set(new.distribution.as_deref(), new.urgency.as_deref());
        text.lines[heading_at] = heading.write();
        let began = top.author.as_ref().map(|a| a.name.clone()).unwrap_or_default();
        text.lines[trailer_at] = match &top.author {
            Some(author) => format!(" -- {author}  {}", new.date.rfc2822()),
            None => text.lines[trailer_at].clone(),
        };
        sections(text, top, &began, author(new.author.as_ref())?, trailer_at, items);
        return Ok(());
    }
    let at = last_text(text, heading_at, trailer_at) + 1;
    text.insert(at, items);
    Ok(())
}

/// dch's sections of an entry by several people: `[ Name ]`.
fn sections(
    text: &mut Text,
    top: &Entry,
    began: &str,
    author: &Author,
    trailer_at: usize,
    mut items: Vec<String>,
) {
    let heading_at = top.place.line - 1;
    let person = |line: &String| {
        let name = line.trim().strip_prefix("[ ")?.strip_suffix(" ]")?;
        Some(name.to_owned())
    };
    let last = text.lines[heading_at + 1..trailer_at]
        .iter()
        .rev()
        .find_map(person);
    let at = last_text(text, heading_at, trailer_at) + 1;
    let alone = last.is_none();
    let current = last.unwrap_or_else(|| began.to_owned());
    if current != author.name {
        items.splice(0..0, [String::new(), format!("  [ {} ]", author.name)]);
    }
    text.insert(at, items);
    if alone && current != author.name {
        let first = (heading_at + 1..trailer_at).find(|i| !text.lines[*i].trim().is_empty());
        text.insert(first.unwrap_or(heading_at + 1), [format!("  [ {began} ]")]);
    }
}

fn last_text(text: &Text, heading_at: usize, trailer_at: usize) -> usize {
    let last = (heading_at + 1..trailer_at)
        .rev()
        .find(|i| !text.lines[*i].trim().is_empty());
    last.unwrap_or(heading_at + 1)
}

/// Closes the open entry.
pub(super) fn release(
    text: &mut Text,
    changelog: &Changelog,
    open: &Entry,
    closing: &Closing,
) -> Result<(), Diagnostic> {
    let author = author(closing.author.as_ref())?;
    let heading_at = open.place.line - 1;
    let mut heading = Heading::read(&text.lines[heading_at]);
    if closing.revision.is_some() || open.planned.as_ref() != Some(&closing.version) {
        heading.version = written(&closing.version, closing.revision.as_ref(), &heading.version);
    }
    let before = changelog.newest().map(|entry| entry.distributions.join(" "));
    let distribution = closing
        .distribution
        .clone()
        .or(before)
        .unwrap_or_else(|| "unstable".into());
    heading.set(Some(&distribution), closing.urgency.as_deref());
    text.lines[heading_at] = heading.write();
    text.lines[open.lines.end - 2] = format!(" -- {author}  {}", closing.date.rfc2822());
    Ok(())
}

/// A version as it is said; without a revision, with the first one where the version above has one.
fn written(version: &ReleaseVersion, revision: Option<&String>, above: &str) -> String {
    let revision = match revision {
        Some(revision) => format!("-{revision}"),
        None if above.contains('-') => "-1".to_owned(),
        None => String::new(),
    };
    version.deb_upstream() + &revision
}

/// The parts of a heading that is known to be sound.
struct Heading {
    package: String,
    version: String,
    distributions: String,
    settings: String,
}

impl Heading {
    fn read(line: &str) -> Self {
        let (package, rest) = line.split_once(" (").unwrap_or((line, ""));
        let (version, rest) = rest.split_once(')').unwrap_or((rest, ""));
        let (distributions, settings) = rest.split_once(';').unwrap_or((rest, ""));
        Self {
            package: package.to_owned(),
            version: version.to_owned(),
            distributions: distributions.trim().to_owned(),
            settings: settings.trim().to_owned(),
        }
    }

    fn set(&mut self, distribution: Option<&str>, urgency: Option<&str>) {
        if let Some(distribution) = distribution {
            distribution.clone_into(&mut self.distributions);
        }
        if let Some(urgency) = urgency {
            let others = self
                .settings
                .split(',')
                .map(str::trim)
                .filter(|s| !s.starts_with("urgency="));
            let settings: Vec<String> = [format!("urgency={urgency}")]
                .into_iter()
                .chain(others.map(str::to_owned))
                .collect();
            self.settings = settings.join(", ");
        }
    }

    fn write(&self) -> String {
        format!(
            "{} ({}) {}; {}",
            self.package, self.version, self.distributions, self.settings
        )
    }
}

/// The version with its last number counted up, as `dch -i` does.
fn next(version: &str) -> String {
    let start = version.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |i| i + 1);
    match version[start..].parse::<u64>() {
        Ok(number) => format!("{}{}", &version[..start], number + 1),
        Err(_) => format!("{version}1"),
    }
}
