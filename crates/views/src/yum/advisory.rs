//! Advisories: what a package's newest changelog entry says of why to update.
//!
//! An entry becomes an advisory where one of its items begins with `[security]`, `[security: important]`, `[bugfix]` or
//! `[enhancement]`, or where it names a CVE, which makes it one of security. The gravest mark is the advisory's type.

use packyard_types::{RpmFacts, Timestamp};
use std::collections::BTreeSet;

/// Why to update: `type` of an `update`. The later, the graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    Enhancement,
    Bugfix,
    Security,
}

impl Why {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Enhancement => "enhancement",
            Self::Bugfix => "bugfix",
            Self::Security => "security",
        }
    }
}

/// How grave a security advisory is, in the words that dnf and zypper know. The later, the graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Low,
    Moderate,
    Important,
    Critical,
}

impl Severity {
    const ALL: [Self; 4] = [Self::Low, Self::Moderate, Self::Important, Self::Critical];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Moderate => "Moderate",
            Self::Important => "Important",
            Self::Critical => "Critical",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|s| s.as_str().eq_ignore_ascii_case(word))
    }
}

/// What an advisory says, but for the packages that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advisory {
    /// `{source}-{version}-{release}`: all packages of one build share it.
    pub(super) id: String,
    pub(super) why: Why,
    /// None where nobody said.
    pub(super) severity: Option<Severity>,
    /// The mail address of who wrote the entry; empty where there is none.
    pub(super) from: String,
    pub(super) title: String,
    /// The first of the items that make it what it is.
    pub(super) summary: String,
    /// The whole entry.
    pub(super) description: String,
    pub(super) issued: Timestamp,
    pub(super) cves: BTreeSet<String>,
    /// Pages of bugs: their ids and addresses.
    pub(super) bugs: BTreeSet<(String, String)>,
}

impl Advisory {
    /// The advisory of a package; none where its newest changelog entry is of another version, or marks nothing.
    pub(super) fn of(facts: &RpmFacts) -> Option<Self> {
        let entry = facts.changelog.first()?;
        if !is_of_version(&entry.author, &facts.version) {
            return None;
        }
        let items: Vec<Item> = items(&entry.text).iter().map(|text| Item::of(text)).collect();
        let cves: BTreeSet<String> = items.iter().flat_map(|i| i.cves.clone()).collect();
        let why = items.iter().filter_map(|i| i.why).max()?;
        let reason = items.iter().find(|i| i.why == Some(why))?;
        let build = source(facts);
        Some(Self {
            title: format!("{build}: {} update", why.as_str()),
            id: build,
            why,
            severity: items.iter().filter_map(|i| i.severity).max(),
            from: mail(&entry.author).unwrap_or_default().to_owned(),
            summary: reason.text.clone(),
            description: entry.text.trim().to_owned(),
            issued: entry.at,
            cves,
            bugs: items.iter().flat_map(|i| bugs(&i.text)).collect(),
        })
    }
}

/// One item of an entry.
struct Item {
    why: Option<Why>,
    severity: Option<Severity>,
    cves: BTreeSet<String>,
    /// Without the mark.
    text: String,
}

impl Item {
    fn of(text: &str) -> Self {
        let (mark, rest) = marked(text).unwrap_or((None, text));
        let cves = cves(text);
        let (said, severity) = mark.map_or((None, None), |(why, severity)| (Some(why), severity));
        let why = said.max((!cves.is_empty()).then_some(Why::Security));
        Self {
            why,
            severity,
            cves,
            text: rest.to_owned(),
        }
    }
}

type Mark = (Why, Option<Severity>);

/// The mark that an item begins with, and what follows it.
fn marked(item: &str) -> Option<(Option<Mark>, &str)> {
    let (mark, rest) = item.strip_prefix('[')?.split_once(']')?;
    let (word, severity) = mark.split_once(':').unwrap_or((mark, ""));
    let why = [Why::Security, Why::Bugfix, Why::Enhancement]
        .into_iter()
        .find(|why| why.as_str().eq_ignore_ascii_case(word.trim()))?;
    Some((Some((why, Severity::parse(severity.trim()))), rest.trim_start()))
}

/// The items of an entry, each in one line: they begin with `-` or `*`, and lines that do not go on with the one before.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let bullet = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        match (bullet, items.last_mut()) {
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line);
            }
            (bullet, _) => items.push(bullet.unwrap_or(line).trim_start().to_owned()),
        }
    }
    items
}

/// `CVE-YEAR-NUMBER`, four digits or more (the CVE rules, since 2014).
fn cves(text: &str) -> BTreeSet<String> {
    let upper = text.to_ascii_uppercase();
    let after = upper.match_indices("CVE-").filter(|(at, _)| {
        let before = upper[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_ascii_alphanumeric())
    });
    let found = after.filter_map(|(at, _)| {
        let (year, rest) = upper[at + 4..].split_once('-')?;
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let plain = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
        (plain && (4..=19).contains(&number.len())).then(|| format!("CVE-{year}-{number}"))
    });
    found.collect()
}

/// The pages of bugs that a text names plainly: `…/issues/12`, `…/bugs/12`, `…show_bug.cgi?id=12`.
fn bugs(text: &str) -> Vec<(String, String)> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | ','));
    let urls = words.filter(|w| w.starts_with("https://") || w.starts_with("http://"));
    let found = urls.filter_map(|word| {
        let url = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/');
        let places = ["/issues/", "/bugs/", "/bug/", "show_bug.cgi?id="];
        let (_, rest) = places.iter().find_map(|place| url.split_once(place))?;
        let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!id.is_empty()).then(|| (id, url.to_owned()))
    });
    found.collect()
}

/// Whether an entry is of a version: `Name <mail> - [E:]V[-R]`. One that names none is taken for the package's.
fn is_of_version(author: &str, version: &str) -> bool {
    let behind = author.rsplit_once('>').map_or(author, |(_, rest)| rest);
    let Some(word) = behind.split_whitespace().next_back() else {
        return true;
    };
    let evr = word
        .trim_start_matches(['-', '(', '['])
        .trim_end_matches([')', ']']);
    if !evr.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let without_epoch = evr.split_once(':').map_or(evr, |(_, rest)| rest);
    let named = without_epoch.rsplit_once('-').map_or(without_epoch, |(v, _)| v);
    named == version || without_epoch == version
}

fn mail(author: &str) -> Option<&str> {
    let (_, rest) = author.split_once('<')?;
    Some(rest.split_once('>')?.0)
}

/// `{source}-{version}-{release}` of the source package; where there is none, of the package itself.
fn source(facts: &RpmFacts) -> String {
    let file = facts.source_rpm.as_str();
    let build = file
        .strip_suffix(".src.rpm")
        .or_else(|| file.strip_suffix(".nosrc.rpm"));
    match build.filter(|build| !build.is_empty()) {
        Some(build) => build.to_owned(),
        None => format!("{}-{}-{}", facts.name, facts.version, facts.release),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, author: &str) -> Option<Advisory> {
        let (_, mut facts) = crate::tests::yard::rpm("foo", "1.2", "noarch", "any");
        facts.changelog = vec![packyard_types::RpmChangelogEntry {
            author: author.to_owned(),
            at: Timestamp::from_unix_seconds(0),
            text: text.to_owned(),
        }];
        Advisory::of(&facts)
    }

    fn marks(text: &str) -> Option<(Why, Option<Severity>, Vec<String>)> {
        let advisory = of(text, "Jo <jo@example.org> - 1.2-1")?;
        Some((
            advisory.why,
            advisory.severity,
            advisory.cves.into_iter().collect(),
        ))
    }

    #[test]
    fn the_gravest_mark_of_an_entry_is_its_type() {
        assert_eq!(marks("- Plain words"), None);
        assert_eq!(
            marks("- [enhancement] More"),
            Some((Why::Enhancement, None, vec![]))
        );
        assert_eq!(
            marks("- [enhancement] More\n- [Bugfix] Less"),
            Some((Why::Bugfix, None, vec![]))
        );
        assert_eq!(
            marks("* [security: Important] Hole\n* [bugfix] x"),
            Some((Why::Security, Some(Severity::Important), vec![]))
        );
        assert_eq!(marks("- [securities] are traded"), None);
        assert_eq!(marks("- An index [bugfix] of marks"), None);
    }

    #[test]
    fn a_cve_makes_an_entry_one_of_security() {
        let two = vec!["CVE-2026-1234".to_owned(), "CVE-2026-99999".to_owned()];
        let text = "- [bugfix] Escapes (CVE-2026-1234,\n  cve-2026-99999)";
        assert_eq!(marks(text), Some((Why::Security, None, two)));
        for no in [
            "- CVE-2026-12",
            "- CVE-26-1234",
            "- XCVE-2026-1234",
            "- CVE-2026",
            "- CVE-",
        ] {
            assert_eq!(marks(no), None, "{no}");
        }
    }

    #[test]
    fn an_entry_of_another_version_says_nothing_of_this_one() {
        for own in [
            "Jo <jo@example.org> - 1.2-1",
            "Jo <jo@example.org> 1:1.2-7.el9",
            "Jo <jo@example.org> - 1.2",
            "Jo <jo@example.org>",
        ] {
            assert!(of("- [bugfix] x", own).is_some(), "{own}");
        }
        for other in ["Jo <jo@example.org> - 1.1-1", "Jo <jo@example.org> - 1.2.1-1"] {
            assert!(of("- [bugfix] x", other).is_none(), "{other}");
        }
    }

    #[test]
    fn pages_of_bugs_are_named() {
        let advisory = of(
            "- [bugfix] See https://bugs.example.org/foo/issues/12.\n- (https://bugzilla.example.org/show_bug.cgi?id=3)",
            "Jo <jo@example.org> - 1.2-1",
        );
        let bugs = advisory.unwrap().bugs;
        let ids: Vec<&str> = bugs.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["12", "3"]);
        assert!(
            bugs.iter()
                .any(|(_, url)| url == "https://bugs.example.org/foo/issues/12")
        );
    }
}
