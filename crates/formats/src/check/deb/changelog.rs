//! The newest entry of a Debian changelog (deb-changelog(5)). Older ones are history, which nobody rewrites.

use super::{field, source_version};
use crate::check::Finding;
use crate::check::rules::deb_documents as rules;
use crate::deb::read::Deb;
use crate::deb::version::is_version;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Checks the newest entry.
pub fn check(deb: &Deb, path: &str, text: &str, findings: &mut Vec<Finding>) {
    let mut lines = text
        .lines()
        .zip(1..)
        .skip_while(|(line, _)| line.trim().is_empty());
    let Some((heading, at)) = lines.next() else {
        findings.push(Finding::of(&rules::CHANGELOG_SYNTAX, path, "it is empty"));
        return;
    };
    let bad =
        |at: usize, message: &str| Finding::of(&rules::CHANGELOG_SYNTAX, format!("{path}:{at}"), message);
    match Heading::parse(heading) {
        Err(why) => findings.push(bad(at, why)),
        Ok(heading) => findings.extend(judge(deb, path, &heading)),
    }
    for (line, at) in lines {
        if let Some(trailer) = line.strip_prefix(" --") {
            findings.extend(bad_trailer(trailer).map(|why| bad(at, why)));
            return;
        }
        if !line.trim().is_empty() && !line.starts_with("  ") {
            let why = if line.trim_start().starts_with("--") {
                "the trailer does not begin with one blank and ` -- `"
            } else {
                "a line of the entry is not indented by two blanks, or the trailer is missing"
            };
            findings.push(bad(at, why));
            return;
        }
    }
    findings.push(bad(at, "the newest entry has no trailer ` -- Name <mail>  date`"));
}

fn judge(deb: &Deb, path: &str, heading: &Heading<'_>) -> Option<Finding> {
    let source = field(deb, "Source")
        .split_whitespace()
        .next()
        .unwrap_or(field(deb, "Package"));
    // A binary rebuild has a version of its own and only one entry that says so.
    let versions = [source_version(deb), field(deb, "Version")];
    let message = if heading.distribution == "UNRELEASED" {
        "its newest entry is not released".to_owned()
    } else if heading.source == source && !versions.contains(&heading.version) {
        let shown = heading.version.escape_debug();
        format!(
            "its newest entry is of `{shown}`, the package of `{}`",
            versions[1].escape_debug()
        )
    } else {
        return None;
    };
    Some(Finding::of(&rules::CHANGELOG_VERSION, path, message))
}

/// `source (version) distributions; urgency=…`
struct Heading<'a> {
    source: &'a str,
    version: &'a str,
    distribution: &'a str,
}

impl<'a> Heading<'a> {
    fn parse(line: &'a str) -> Result<Self, &'static str> {
        const SHAPE: &str = "the heading is not `SOURCE (VERSION) DISTRIBUTION; urgency=medium`";
        let (source, rest) = line.split_once(" (").ok_or(SHAPE)?;
        let (version, rest) = rest.split_once(')').ok_or(SHAPE)?;
        let (distributions, keys) = rest.split_once(';').ok_or(SHAPE)?;
        let good = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        if source.is_empty() || !source.chars().all(good) || !keys.contains('=') {
            return Err(SHAPE);
        }
        if !is_version(version) {
            return Err("the version of the heading is none");
        }
        let distribution = distributions.split_whitespace().next().ok_or(SHAPE)?;
        Ok(Self {
            source,
            version,
            distribution,
        })
    }
}

/// What follows ` --`: ` Name <mail>  Ddd, DD Mon YYYY HH:MM:SS +ZZZZ`.
fn bad_trailer(text: &str) -> Option<&'static str> {
    let Some(name) = text.strip_prefix(' ') else {
        return Some("there is no blank after the dashes of the trailer");
    };
    let Some((who, date)) = name.split_once(">  ") else {
        return Some("there are not two blanks between the trailer's address and its date");
    };
    if !who.contains('<') || !who.contains('@') {
        return Some("the trailer has no `Name <mail>`");
    }
    match seconds(date) {
        None => Some("the trailer's date is not like `Sat, 11 May 2013 02:12:00 -0800`"),
        Some((_, false)) => Some("the trailer's day of the week is not that of its date"),
        Some((_, true)) => None,
    }
}

/// When the newest entry that has a date was written, in seconds since 1970.
pub fn changed_at(text: &str) -> Option<i64> {
    let trailer = text.lines().find_map(|line| line.strip_prefix(" -- "))?;
    Some(seconds(trailer.split_once(">  ")?.1)?.0)
}

/// Seconds since 1970, and whether the day of the week is right.
fn seconds(date: &str) -> Option<(i64, bool)> {
    let (weekday, rest) = date.trim_end().split_once(", ")?;
    let mut words = rest.split_whitespace();
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (time, zone) = (words.next()?, words.next()?);
    let (day, year): (i64, i64) = (day.parse().ok()?, year.parse().ok()?);
    let month = i64::try_from(MONTHS.iter().position(|m| *m == month)?).ok()? + 1;
    let clock: Vec<i64> = time.split(':').filter_map(|part| part.parse().ok()).collect();
    let &[hour, minute, second] = &clock[..] else {
        return None;
    };
    let limits = (1..=31).contains(&day) && (1970..=9999).contains(&year);
    if !limits || !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..61).contains(&second) {
        return None;
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: i64 = zone
        .get(1..5)
        .filter(|_| zone.len() == 5 && zone.starts_with(['+', '-']))?
        .parse()
        .ok()?;
    let days = days(year, month, day);
    let at =
        days * 86_400 + hour * 3600 + minute * 60 + second - sign * (digits / 100 * 3600 + digits % 100 * 60);
    let named = usize::try_from(days.rem_euclid(7))
        .ok()
        .and_then(|at| DAYS.get(at));
    Some((at, named == Some(&weekday)))
}

/// Days since 1970-01-01 of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
