//! Builds between releases: the next version with `.devN`, and a changelog that says so.

use super::ChangelogTrouble;
use crate::{
    Checkout, Diagnostic, Place,
    changelog::{Changelog, Dialect, Entry, EntryVersion, Item},
};
use packyard_types::{ReleaseVersion, Timestamp};

/// The version of the commit that is checked out. Every commit on top of it gives a greater one, and so does the next
/// release.
///
/// The newest tag says what was released last; where there is none, the changelog and the metadata do. What they name
/// above the newest tag is the release to come, if the project tags its releases; else it is the last one.
pub(super) fn version(
    checkout: &Checkout,
    said: Option<&ReleaseVersion>,
    changelog: Option<&Changelog>,
) -> ReleaseVersion {
    let mut logged = changelog
        .into_iter()
        .flat_map(|log| log.entries.iter().filter_map(Entry::released));
    let newest = logged.next();
    let named = newest.max(said);
    let Some(tag) = &checkout.tag else {
        return match named {
            None => first(checkout.commits),
            Some(next) if newest.is_some_and(|newest| newest < next) => {
                next.snapshot_before(checkout.commits)
            }
            Some(last) => last.snapshot_after(checkout.commits),
        };
    };
    let Some(above) = named.filter(|named| **named > tag.version) else {
        return tag.version.snapshot_after(tag.distance);
    };
    let is_logged_above = newest.is_some_and(|newest| *newest > tag.version);
    let before = logged.find(|version| Some(*version) != newest);
    let tags_its_releases = before.is_none_or(|before| *before <= tag.version);
    if !is_logged_above || tags_its_releases {
        above.snapshot_before(tag.distance)
    } else {
        above.snapshot_after(checkout.commits)
    }
}

/// What comes before the first release of a project that names no version at all.
fn first(commits: u64) -> ReleaseVersion {
    let zero = ReleaseVersion::parse("0.1").expect("the constant is a version");
    zero.snapshot_before(commits)
}

/// Nobody can count what is not there.
pub(super) fn check_depth(checkout: &Checkout) -> Result<(), Diagnostic> {
    if !checkout.is_shallow {
        return Ok(());
    }
    let problem =
        Diagnostic::new("git has only the last commits of this repository, so its history cannot be counted");
    Err(problem.hint("fetch the rest: git fetch --unshallow --tags; in CI, check out with `fetch-depth: 0`"))
}

/// The changelog with an entry for the snapshot on top. What is open or still to be released goes into it.
pub(super) fn changelog(
    changelog: Result<Changelog, ChangelogTrouble>,
    version: &ReleaseVersion,
    checkout: &Checkout,
) -> Result<Changelog, ChangelogTrouble> {
    let mut log = match changelog {
        Ok(log) => log,
        Err(ChangelogTrouble::Missing) => Changelog {
            file: String::new(),
            dialect: Dialect::Debian,
            entries: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
        },
        Err(trouble) => return Err(trouble),
    };
    let is_older = |entry: &Entry| entry.released().is_some_and(|released| released < version);
    let kept = log.entries.iter().position(is_older).unwrap_or(log.entries.len());
    let coming: Vec<Entry> = log.entries.drain(..kept).collect();
    let mut items = vec![Item {
        group: None,
        text: format!("Snapshot of commit {}.", checkout.short_commit()),
    }];
    items.extend(coming.iter().flat_map(|entry| entry.items.iter().cloned()));
    let place = coming
        .first()
        .map_or_else(|| commit_place(checkout), |entry| entry.place.clone());
    let version = EntryVersion::Released {
        version: version.clone(),
        revision: None,
    };
    let entry = Entry {
        date: Some(date(checkout, log.entries.first())),
        items,
        ..Entry::new(version, place)
    };
    log.entries.insert(0, entry);
    Ok(log)
}

/// The commit's, but later than the entry below: both worlds want their entries in order.
fn date(checkout: &Checkout, below: Option<&Entry>) -> Timestamp {
    let after = |date: Timestamp| Timestamp::from_unix_seconds(date.unix_seconds() + 1);
    match below.and_then(|entry| entry.date) {
        Some(below) => checkout.date.max(after(below)),
        None => checkout.date,
    }
}

fn commit_place(checkout: &Checkout) -> Place {
    Place {
        file: "git".to_owned(),
        line: 1,
        column: 1,
        width: 1,
        source: checkout.commit.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReleaseTag, SourceText};

    fn v(text: &str) -> ReleaseVersion {
        ReleaseVersion::parse(text).unwrap()
    }

    fn checkout(commits: u64, tag: Option<(&str, u64)>) -> Checkout {
        Checkout {
            commit: "0123456789".into(),
            date: Timestamp::from_unix_seconds(1_700_000_000),
            commits,
            tag: tag.map(|(version, distance)| ReleaseTag {
                name: format!("v{version}"),
                version: v(version),
                distance,
            }),
            is_dirty: false,
            is_shallow: false,
        }
    }

    fn log(versions: &[&str]) -> Changelog {
        let entry = |v: &&str| match *v {
            "Unreleased" => "Unreleased\n==========\n\n* New.\n".to_owned(),
            v => format!("{v}\n=======\n22-Mar-2019\n\n* In {v}.\n"),
        };
        let text: Vec<String> = versions.iter().map(entry).collect();
        let file = SourceText::new("CHANGELOG.rst", text.join("\n"));
        Dialect::Rst.parse(&file).unwrap()
    }

    #[test]
    fn the_life_of_a_project_gives_ever_greater_versions() {
        // (commits, newest tag and commits since, metadata, changelog) -> version; a release among them as it is.
        type Step<'a> = (u64, Option<(&'a str, u64)>, &'a str, &'a [&'a str], &'a str);
        let tagging: [Step<'_>; 8] = [
            (3, None, "", &[], "0.1.dev3"),
            (9, None, "1.0", &[], "1.1.dev9"),
            (10, Some(("1.1", 0)), "1.1", &["1.1"], "1.2.dev0"),
            (12, Some(("1.1", 2)), "1.1", &["Unreleased", "1.1"], "1.2.dev2"),
            // The metadata names what comes, then the changelog does, then the tag is set.
            (13, Some(("1.1", 3)), "1.2", &["Unreleased", "1.1"], "1.2.dev3"),
            (14, Some(("1.1", 4)), "1.2", &["1.2", "1.1"], "1.2.dev4"),
            (14, Some(("1.2", 0)), "1.2", &["1.2", "1.1"], "1.3.dev0"),
            (15, Some(("1.2", 1)), "2.0.dev0", &["1.2", "1.1"], "2.0.dev1"),
        ];
        let without_tags: [Step<'_>; 4] = [
            (5, None, "1.0", &["1.0"], "1.1.dev5"),
            (6, None, "1.0", &["Unreleased", "1.0"], "1.1.dev6"),
            (7, None, "1.1", &["Unreleased", "1.0"], "1.1.dev7"),
            (8, None, "1.1", &["1.1", "1.0"], "1.2.dev8"),
        ];
        // A project that tagged once and gave it up: its changelog is what counts.
        let gave_up: [Step<'_>; 2] = [
            (50, Some(("0.1", 40)), "3.0", &["3.0", "2.0", "0.1"], "3.1.dev50"),
            (
                51,
                Some(("0.1", 41)),
                "3.0",
                &["Unreleased", "3.0", "2.0", "0.1"],
                "3.1.dev51",
            ),
        ];
        for life in [&tagging[..], &without_tags, &gave_up] {
            let mut last = None;
            for (commits, tag, said, entries, expected) in life {
                let said = ReleaseVersion::parse(said).ok();
                let log = (!entries.is_empty()).then(|| log(entries));
                let version = version(&checkout(*commits, *tag), said.as_ref(), log.as_ref());
                assert_eq!(version.to_string(), *expected);
                assert!(last < Some(version.clone()), "{last:?} is before {version}");
                last = Some(version);
            }
        }
    }

    #[test]
    fn what_is_open_or_still_to_come_is_told_by_the_snapshot() {
        let checkout = checkout(5, None);
        for (entries, told) in [(["Unreleased", "1.0"], "New."), (["1.1", "1.0"], "In 1.1.")] {
            let log = changelog(Ok(log(&entries)), &v("1.1.dev5"), &checkout).unwrap();
            let released: Vec<String> = log
                .entries
                .iter()
                .map(|e| e.released().unwrap().to_string())
                .collect();
            assert_eq!(released, ["1.1.dev5", "1.0"]);
            let items: Vec<&str> = log.entries[0]
                .items
                .iter()
                .map(|item| item.text.as_str())
                .collect();
            assert_eq!(items, ["Snapshot of commit 0123456.", told]);
        }
        let log = changelog(Err(ChangelogTrouble::Missing), &v("0.1.dev5"), &checkout).unwrap();
        assert_eq!(log.entries.len(), 1);
    }

    #[test]
    fn a_snapshot_is_dated_after_the_entry_below() {
        let mut checkout = checkout(5, None);
        checkout.date = Timestamp::from_unix_seconds(0);
        let log = changelog(Ok(log(&["1.0"])), &v("1.1.dev5"), &checkout).unwrap();
        assert!(log.entries[0].date > log.entries[1].date);
    }
}
