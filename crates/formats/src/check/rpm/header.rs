//! The tags of the main header: texts, licence, version, changelog.

use crate::check::licence::is_spdx;
use crate::check::rules::rpm_header as rules;
use crate::check::{Finding, Rule};
use crate::rpm::facts::is_source;
use crate::rpm::read::Rpm;
use crate::rpm::tag;

const PLACE: &str = "main header";
const DAY: u64 = 86_400;

/// Checks the tags.
pub fn check(rpm: &Rpm, findings: &mut Vec<Finding>) {
    let text = |tag| rpm.header.string(tag).unwrap_or_default();
    let mut say = |rule: &'static Rule, message: String| findings.push(Finding::of(rule, PLACE, message));
    for (name, tag) in [
        ("SUMMARY", tag::SUMMARY),
        ("DESCRIPTION", tag::DESCRIPTION),
        ("LICENSE", tag::LICENSE),
    ] {
        if text(tag).is_empty() {
            say(&rules::REQUIRED, format!("it has no {name}"));
        }
    }
    for (name, tag) in [("URL", tag::URL), ("GROUP", tag::GROUP)] {
        // rpmbuild writes `Unspecified` where the spec has no group.
        if text(tag).is_empty() {
            say(&rules::RECOMMENDED, format!("it has no {name}"));
        }
    }
    let url = text(tag::URL);
    if !url.is_empty()
        && !["https://", "http://", "ftp://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
    {
        say(
            &rules::RECOMMENDED,
            format!("its URL `{}` is none", url.escape_debug()),
        );
    }
    let texts = [
        ("SUMMARY", tag::SUMMARY),
        ("DESCRIPTION", tag::DESCRIPTION),
        ("URL", tag::URL),
        ("VENDOR", tag::VENDOR),
    ];
    for (name, tag) in texts {
        let control = |c: &char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
        if let Some(c) = text(tag).chars().find(control) {
            let shown = c.escape_unicode();
            say(
                &rules::CONTROL_CHARACTER,
                format!("{name} has the control character {shown}, which no XML can hold"),
            );
        }
    }
    licence(&text(tag::LICENSE), &mut say);
    summary(&text(tag::NAME), &text(tag::SUMMARY), &mut say);
    description(&text(tag::SUMMARY), &text(tag::DESCRIPTION), &mut say);
    version(rpm, &mut say);
    if !rpm.header.has(tag::PAYLOAD_DIGEST) {
        say(
            &rules::NO_PAYLOAD_DIGEST,
            "a header signature does not cover its payload".to_owned(),
        );
    }
    if rpm.signed_by.is_empty() && !is_source(&rpm.header) {
        say(&rules::NO_SIGNATURE, "it is not signed".to_owned());
    }
    changelog(rpm, &mut say);
}

type Say<'a> = dyn FnMut(&'static Rule, String) + 'a;

fn licence(licence: &str, say: &mut Say<'_>) {
    // Joining words in small letters are common, and SPDX 3 takes them.
    let words = licence.split(' ').map(|word| match word {
        "and" => "AND",
        "or" => "OR",
        "with" => "WITH",
        word => word,
    });
    let spelt = words.collect::<Vec<_>>().join(" ");
    if !licence.is_empty() && !is_spdx(&spelt) {
        say(
            &rules::LICENCE,
            format!("`{}` is no SPDX expression", licence.escape_debug()),
        );
    }
}

fn summary(name: &str, summary: &str, say: &mut Say<'_>) {
    let length = summary.chars().count();
    if length > 79 {
        say(&rules::SUMMARY, format!("the summary has {length} characters"));
    } else if summary.contains('\n') {
        say(&rules::SUMMARY, "the summary has several lines".to_owned());
    } else if summary.starts_with(char::is_whitespace) {
        say(&rules::SUMMARY, "the summary begins with a blank".to_owned());
    }
    if summary.ends_with('.') {
        say(&rules::SUMMARY_DOT, "the summary ends with a dot".to_owned());
    }
    if summary.starts_with(char::is_lowercase) {
        say(
            &rules::SUMMARY_CASE,
            "the summary begins with a small letter".to_owned(),
        );
    }
    let (summary, name) = (summary.to_lowercase(), name.to_lowercase());
    let mut parts = summary.split(|c: char| c.is_whitespace() || ",;:()".contains(c));
    if name.len() > 1 && parts.any(|word| word == name) {
        say(&rules::SUMMARY_NAME, format!("the summary says `{name}`"));
    }
}

fn description(summary: &str, description: &str, say: &mut Say<'_>) {
    let longest = description
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default();
    if longest > 79 {
        say(
            &rules::DESCRIPTION,
            format!("the description has a line of {longest} characters"),
        );
    } else if !description.is_empty() && description.chars().count() < summary.chars().count() {
        say(
            &rules::DESCRIPTION,
            "the description is shorter than the summary".to_owned(),
        );
    }
}

fn version(rpm: &Rpm, say: &mut Say<'_>) {
    let good = |c: char| c.is_ascii_alphanumeric() || "._+~^".contains(c);
    for (name, tag) in [("VERSION", tag::VERSION), ("RELEASE", tag::RELEASE)] {
        let value = rpm.header.string(tag).unwrap_or_default();
        if !value.chars().all(good) {
            say(&rules::VERSION, format!("{name} is `{}`", value.escape_debug()));
        }
    }
    if let Some(epoch) = rpm.header.integer(tag::EPOCH).filter(|epoch| *epoch > 99) {
        say(&rules::EPOCH, format!("the epoch is {epoch}"));
    }
}

fn changelog(rpm: &Rpm, say: &mut Say<'_>) {
    let (times, names) = (
        rpm.header.integers(tag::CHANGELOG_TIMES),
        rpm.header.strings(tag::CHANGELOG_NAMES),
    );
    let (Some(newest), Some(name)) = (times.first(), names.first()) else {
        say(&rules::NO_CHANGELOG, "it has no changelog".to_owned());
        return;
    };
    // Entries are of noon, builds of any hour and zone.
    let built = rpm.header.integer(tag::BUILD_TIME).unwrap_or(u64::MAX);
    if *newest > built.saturating_add(DAY) {
        say(
            &rules::CHANGELOG_FUTURE,
            "its newest entry is later than the build".to_owned(),
        );
    }
    if times.windows(2).any(|pair| pair[1] > pair[0].saturating_add(DAY)) {
        say(
            &rules::CHANGELOG_FUTURE,
            "an entry is later than the one above it".to_owned(),
        );
    }
    let said = name
        .rsplit_once('>')
        .map_or("", |(_, rest)| rest)
        .trim_start_matches([' ', '-'])
        .trim();
    let text = |tag| rpm.header.string(tag).unwrap_or_default();
    let release = text(tag::RELEASE);
    // The distribution's tag is added by the build: `1.fc42` is written as `1`.
    let stem = release.split_once('.').map_or(&*release, |(stem, _)| stem);
    let plain = format!("{}-", text(tag::VERSION));
    let said = said.split_once(':').map_or(said, |(_, rest)| rest);
    let same = said
        .strip_prefix(&plain)
        .is_some_and(|r| r == release || release.starts_with(&format!("{r}.")) || r == stem);
    if said.is_empty() {
        say(
            &rules::CHANGELOG_VERSION,
            "its newest entry names no version".to_owned(),
        );
    } else if !same && said != text(tag::VERSION) {
        let message = format!(
            "its newest entry is of `{}`, the package of `{plain}{release}`",
            said.escape_debug()
        );
        say(&rules::CHANGELOG_VERSION, message);
    }
}
