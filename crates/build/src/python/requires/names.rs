//! PyPI names and the Debian packages that hold them, release by release: a table that `data/generate` makes from
//! Debian's own indexes (its head says what a line means), searched as it lies, without being parsed.

use pep508_rs::pep440_rs::Version;
use std::collections::BTreeSet;

const TABLE: &str = include_str!("../../../data/deb-names.tsv");

/// A release of Debian that the table knows, oldest first. Which of them a release of Ubuntu takes its names from is
/// said by the table of known distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DebRelease {
    Bullseye,
    Bookworm,
    Trixie,
    Forky,
    Sid,
}

impl DebRelease {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Bullseye,
        Self::Bookworm,
        Self::Trixie,
        Self::Forky,
        Self::Sid,
    ];

    /// Those that a package for `any` is meant for.
    pub const SUPPORTED: [Self; 4] = [Self::Bookworm, Self::Trixie, Self::Forky, Self::Sid];

    /// The release of that code name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|release| release.name() == name)
    }

    /// Its code name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Forky => "forky",
            Self::Sid => "sid",
        }
    }

    /// Its letter in the table.
    pub fn letter(self) -> char {
        match self {
            Self::Bullseye => 'l',
            Self::Bookworm => 'b',
            Self::Trixie => 't',
            Self::Forky => 'f',
            Self::Sid => 's',
        }
    }
}

/// A Debian package that holds a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holder {
    /// The package's name.
    pub package: String,
    /// The epoch of its versions, 0 mostly.
    pub epoch: u32,
    /// The project's version in it, where that of the package says something else.
    pub holds: Option<Version>,
}

/// The Debian package that holds a project in a release; `project` is a PEP 503 name.
pub(crate) fn holder(project: &str, release: DebRelease) -> Option<Holder> {
    entries(project)?
        .filter(|(_, releases)| releases.is_none_or(|letters| letters.contains(release.letter())))
        .map(|(entry, _)| parse(entry))
        .next()
}

/// The releases that hold a project.
pub(crate) fn releases(project: &str) -> Vec<DebRelease> {
    let known = |release: &DebRelease| holder(project, *release).is_some();
    DebRelease::ALL.into_iter().filter(known).collect()
}

/// The newest epoch under which a Debian package is known, by the package's own name.
pub(crate) fn epoch_of(package: &str) -> u32 {
    let found = TABLE.lines().flat_map(|line| line.split(['\t', ' ']).skip(1));
    let entries = found.filter(|entry| entry.starts_with(package)).map(|entry| {
        let entry = entry.split_once('@').map_or(entry, |(entry, _)| entry);
        parse(entry)
    });
    entries
        .filter(|holder| holder.package == package)
        .map(|holder| holder.epoch)
        .max()
        .unwrap_or(0)
}

/// Projects that may have been meant by a name that is none, with their packages: those whose Debian package has that
/// name, then slips of the fingers, then names that hold it or that it holds.
pub(crate) fn nearest(project: &str, release: Option<DebRelease>) -> Vec<(&'static str, String)> {
    let known = TABLE.lines().filter_map(|line| line.split_once('\t'));
    let mut found = BTreeSet::new();
    for (name, _) in known {
        let Some(rank) = likeness(project, name) else {
            continue;
        };
        let held = match release {
            Some(release) => holder(name, release),
            None => DebRelease::SUPPORTED.into_iter().find_map(|r| holder(name, r)),
        };
        if let Some(held) = held {
            let same_package = held.package.trim_start_matches("python3-") == project;
            found.insert((if same_package { 0 } else { rank }, name, held.package));
        }
    }
    found
        .into_iter()
        .take(3)
        .map(|(_, name, package)| (name, package))
        .collect()
}

/// How far a known name is from the one that was written; none where it is too far.
fn likeness(written: &str, known: &str) -> Option<usize> {
    let plain = |name: &str| {
        let name = name
            .strip_prefix("python-")
            .or(name.strip_prefix("py"))
            .unwrap_or(name);
        name.strip_prefix('-').unwrap_or(name).to_owned()
    };
    if plain(written) == plain(known) {
        return Some(1);
    }
    if written.len().abs_diff(known.len()) <= 2 {
        let slips = crate::nearest::distance(written, known);
        if slips <= (written.len() / 3).clamp(1, 2) {
            return Some(1 + slips);
        }
    }
    let (short, long) = if written.len() < known.len() {
        (written, known)
    } else {
        (known, written)
    };
    let part = short.len() >= 4 && long.split('-').any(|part| part == short) || long.starts_with(short);
    (part && short.len() >= 4).then(|| 4 + long.len() - short.len())
}

/// The entries of a project, each with the letters of its releases, where not all have it.
fn entries(project: &str) -> Option<impl Iterator<Item = (&'static str, Option<&'static str>)>> {
    let line = line(project)?;
    Some(line.split(' ').map(|entry| match entry.split_once('@') {
        Some((entry, releases)) => (entry, Some(releases)),
        None => (entry, None),
    }))
}

/// What the table says about a project: a binary search over the lines of the text.
fn line(project: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = TABLE[..middle].rfind('\n').map_or(0, |at| at + 1).max(low);
        let end = TABLE[middle..].find('\n').map_or(TABLE.len(), |at| middle + at);
        let (name, rest) = TABLE[start..end].split_once('\t')?;
        match project.cmp(name) {
            std::cmp::Ordering::Equal => return Some(rest),
            std::cmp::Ordering::Less => high = start,
            std::cmp::Ordering::Greater => low = end + 1,
        }
    }
    None
}

/// `PACKAGE[:EPOCH][=VERSION]`.
fn parse(entry: &str) -> Holder {
    let (entry, holds) = match entry.split_once('=') {
        Some((entry, version)) => (entry, version.parse().ok()),
        None => (entry, None),
    };
    let (package, epoch) = entry.split_once(':').unwrap_or((entry, "0"));
    Holder {
        package: package.to_owned(),
        epoch: epoch.parse().unwrap_or(0),
        holds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_well_formed_and_found_by_its_name() {
        let mut names: Vec<&str> = Vec::new();
        for row in TABLE.lines() {
            let (name, rest) = row.split_once('\t').unwrap();
            assert_eq!(line(name), Some(rest), "{name}");
            assert!(!releases(name).is_empty(), "{name}");
            for entry in rest.split(' ') {
                let plain = entry.split('@').next().unwrap();
                assert_eq!(plain.contains('='), parse(plain).holds.is_some(), "{row}");
                packyard_types::DebName::parse(&parse(plain).package).unwrap();
            }
            assert_eq!(packyard_types::ProjectName::parse(name).unwrap().as_str(), name);
            names.push(name);
        }
        assert!(names.is_sorted(), "the table is not sorted");
        assert!(names.len() >= 3500, "the table holds only {} names", names.len());
    }

    #[test]
    fn names_that_no_rule_would_give_are_known() {
        let package = |name| holder(name, DebRelease::Bookworm).unwrap().package;
        assert_eq!(package("pyyaml"), "python3-yaml");
        assert_eq!(package("attrs"), "python3-attr");
        assert_eq!(package("pillow"), "python3-pil");
        assert_eq!(package("mysqlclient"), "python3-mysqldb");
        assert_eq!(package("psycopg2-binary"), "python3-psycopg2");
        assert_eq!(line("no-such-project"), None);
        assert_eq!(line(""), None);
        assert_eq!(line("zzzz"), None);
    }

    #[test]
    fn epochs_and_versions_that_differ_are_known() {
        let django = holder("django", DebRelease::Trixie).unwrap();
        assert_eq!((django.package.as_str(), django.epoch), ("python3-django", 3));
        let protobuf = holder("protobuf", DebRelease::Bookworm).unwrap();
        assert_eq!(protobuf.holds.unwrap().to_string(), "4.21.12");
        assert_eq!(epoch_of("python3-numpy"), 1);
        assert_eq!(epoch_of("python3-requests"), 0);
    }

    #[test]
    fn the_project_that_was_meant_is_among_the_nearest() {
        let first = |name| {
            nearest(name, Some(DebRelease::Bookworm))
                .into_iter()
                .map(|(n, _)| n)
                .next()
        };
        assert_eq!(first("yaml"), Some("pyyaml"));
        assert_eq!(first("requets"), Some("requests"));
        assert_eq!(first("python-jinja2"), Some("jinja2"));
        assert_eq!(first("qqqqqqqqqqqq"), None);
    }
}
