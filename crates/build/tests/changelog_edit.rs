//! Adding to every sample and closing what was added: the rest of the file stays, and the result is read again.
#![allow(clippy::unwrap_used)]

use packyard_build::{
    SourceText,
    changelog::{Author, Bump, Changelog, Closing, Dialect, NewItems, add, bump, release},
};
use packyard_types::{ReleaseVersion, Timestamp};
use std::{fs, path::Path};

struct Sample {
    name: String,
    source: SourceText,
    log: Changelog,
}

fn read(name: &str, file: &str, text: String) -> Sample {
    let source = SourceText::new(file, text);
    let log = Dialect::of(file, source.text()).parse(&source);
    let log = log.unwrap_or_else(|problems| panic!("{name}: {}\n{}", problems[0], source.text()));
    Sample {
        name: name.to_owned(),
        source,
        log,
    }
}

fn samples() -> Vec<Sample> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/changelogs");
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    let sample = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        let file = if name == "debian" {
            "debian/changelog"
        } else {
            name.as_str()
        };
        read(&name, file, fs::read_to_string(entry.path()).unwrap())
    };
    entries.into_iter().map(sample).collect()
}

fn author() -> Option<Author> {
    Author::parse("Grace Other <grace@example.org>")
}

/// The first of June 2024.
fn day() -> Timestamp {
    Timestamp::from_unix_seconds(1_717_200_000)
}

fn added(sample: &Sample, items: &[&str], version: Option<ReleaseVersion>) -> Sample {
    let new = NewItems {
        items: items.iter().map(|item| (*item).to_owned()).collect(),
        version,
        revision: None,
        package: "hello".into(),
        distribution: None,
        urgency: None,
        author: author(),
        date: day(),
    };
    let text =
        add(&sample.source, &sample.log, &new).unwrap_or_else(|problem| panic!("{}: {problem}", sample.name));
    read(&sample.name, sample.source.file(), text)
}

fn released(sample: &Sample, version: &ReleaseVersion) -> Sample {
    let closing = Closing {
        revision: None,
        version: version.clone(),
        distribution: None,
        urgency: None,
        author: author(),
        date: day(),
    };
    let text = release(&sample.source, &sample.log, &closing);
    let text = text.unwrap_or_else(|problem| panic!("{}: {problem}", sample.name));
    read(&sample.name, sample.source.file(), text)
}

/// What the entries below the first of the released ones say.
fn history(log: &Changelog, count: usize) -> Vec<(String, Vec<String>)> {
    let entries = log.entries.iter().rev().take(count);
    let texts = |e: &packyard_build::changelog::Entry| e.items.iter().map(|i| i.text.clone()).collect();
    entries.map(|e| (format!("{:?}", e.version), texts(e))).collect()
}

#[test]
fn an_item_is_added_and_every_line_stays_in_its_order() {
    for sample in samples() {
        let after = added(&sample, &["A first new item.", "And a second one."], None);
        let top = &after.log.entries[0];
        let texts: Vec<&str> = top.items.iter().map(|item| item.text.as_str()).collect();
        assert!(
            texts.ends_with(&["A first new item.", "And a second one."]),
            "{}: {texts:?}",
            sample.name
        );
        assert!(top.released().is_none(), "{}", sample.name);
        let open = usize::from(sample.log.unreleased().is_some());
        assert_eq!(
            after.log.entries.len(),
            sample.log.entries.len() + 1 - open,
            "{}",
            sample.name
        );
        let count = sample.log.entries.len() - open;
        assert_eq!(
            history(&after.log, count),
            history(&sample.log, count),
            "{}",
            sample.name
        );
        let mut lines = after.source.text().lines();
        for line in sample.source.text().lines() {
            assert!(
                lines.any(|new| new == line),
                "{}: `{line}` is gone\n{}",
                sample.name,
                after.source.text()
            );
        }
    }
}

#[test]
fn an_open_entry_is_closed_with_the_next_version_and_the_day() {
    for sample in samples() {
        let open = added(&sample, &["New."], None);
        let newest = open.log.newest().unwrap().released().unwrap().clone();
        let next = bump(&newest, Bump::Major).unwrap();
        let closed = released(&open, &next);
        let entry = closed.log.newest().unwrap();
        assert_eq!(entry.released(), Some(&next), "{}", sample.name);
        // A file in which no entry has a date is kept so.
        let dated = sample.log.entries.iter().any(|e| e.date.is_some());
        let date = entry.date.map(|at| at.strftime("%F"));
        assert_eq!(
            date,
            dated.then(|| "2024-06-01".into()),
            "{}\n{}",
            sample.name,
            closed.source.text()
        );
        assert_eq!(entry.items, open.log.entries[0].items, "{}", sample.name);
        let count = open.log.entries.len() - 1;
        assert_eq!(
            history(&closed.log, count),
            history(&open.log, count),
            "{}",
            sample.name
        );
        let again = added(&closed, &["After it."], None);
        assert_eq!(
            again.log.newest().unwrap().released(),
            Some(&next),
            "{}",
            sample.name
        );
    }
}

#[test]
fn an_item_of_a_version_begins_a_released_entry() {
    for sample in samples()
        .iter()
        .filter(|sample| sample.log.unreleased().is_none())
    {
        let newest = sample.log.newest().unwrap().released().unwrap();
        let next = bump(newest, Bump::Minor).unwrap();
        let after = added(sample, &["New."], Some(next.clone()));
        assert_eq!(after.log.entries[0].released(), Some(&next), "{}", sample.name);
        let more = added(&after, &["More."], Some(next.clone()));
        let texts: Vec<&str> = more.log.entries[0]
            .items
            .iter()
            .map(|item| item.text.as_str())
            .collect();
        assert_eq!(
            texts,
            ["New.", "More."],
            "{}\n{}",
            sample.name,
            more.source.text()
        );
    }
}
