//! Versions that are said when items are added and entries closed.
#![allow(clippy::unwrap_used)]

use packyard_build::{
    Diagnostic, SourceText,
    changelog::{Author, Closing, Dialect, NewItems, add, open_entry, release, said_version},
};
use packyard_types::Timestamp;

const DEBIAN: &str = "hello (1.0-1) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
const NATIVE: &str = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
const MARKDOWN: &str = "# Changelog\n\n## 1.0 - 2024-01-01\n\n- x\n";

fn added(dialect: Dialect, text: &str, version: Option<&str>) -> Result<String, Diagnostic> {
    let source = SourceText::new("changelog", text);
    let said = version.map(|version| said_version(dialect, version).unwrap());
    let (version, revision) = said.unzip();
    let new = NewItems {
        items: vec!["y".into()],
        version,
        revision: revision.flatten(),
        package: "hello".into(),
        distribution: None,
        urgency: None,
        author: Author::parse("Ada <ada@example.org>"),
        date: Timestamp::from_unix_seconds(1_717_200_000),
    };
    add(&source, &dialect.parse(&source).unwrap(), &new)
}

fn released(text: &str, version: &str) -> String {
    let source = SourceText::new("changelog", text);
    let (version, revision) = said_version(Dialect::Debian, version).unwrap();
    let closing = Closing {
        version,
        revision,
        distribution: None,
        urgency: None,
        author: Author::parse("Ada <ada@example.org>"),
        date: Timestamp::from_unix_seconds(1_717_200_000),
    };
    release(&source, &Dialect::Debian.parse(&source).unwrap(), &closing).unwrap()
}

#[test]
fn a_debian_version_is_written_as_it_is_said() {
    for (said, written) in [
        ("1.1-1", "1.1-1"),
        ("1:1.2-1", "1:1.2-1"),
        ("1.0-2", "1.0-2"),
        ("1.1~rc1-0ubuntu1", "1.1~rc1-0ubuntu1"),
        ("1.1rc1", "1.1~rc1-1"),
        ("1.1", "1.1-1"),
    ] {
        let text = added(Dialect::Debian, DEBIAN, Some(said)).unwrap();
        assert!(text.starts_with(&format!("hello ({written}) ")), "{said}: {text}");
        let open = added(Dialect::Debian, DEBIAN, None).unwrap();
        let text = released(&open, said);
        assert!(
            text.starts_with(&format!("hello ({written}) unstable")),
            "{said}: {text}"
        );
    }
    let text = added(Dialect::Debian, NATIVE, Some("1.1-1")).unwrap();
    assert!(text.starts_with("hello (1.1-1) "), "{text}");
}

#[test]
fn an_older_version_is_refused_at_the_newest_entry() {
    let problem = added(Dialect::Markdown, MARKDOWN, Some("0.9")).unwrap_err();
    assert_eq!(problem.message, "version 0.9 is older than the newest entry, 1.0");
    let place = problem.place.unwrap();
    assert_eq!((place.line, place.source.as_str()), (3, "## 1.0 - 2024-01-01"));
    let problem = added(Dialect::Debian, DEBIAN, Some("0.9-3")).unwrap_err();
    assert_eq!(
        problem.message,
        "version 0.9-3 is older than the newest entry, 1.0-1"
    );
}

#[test]
fn without_an_open_entry_there_is_nothing_to_release() {
    let source = SourceText::new("CHANGELOG.md", MARKDOWN);
    let log = Dialect::Markdown.parse(&source).unwrap();
    let problem = open_entry(&log).unwrap_err().to_string();
    assert!(
        problem.starts_with("there is no open entry to release"),
        "{problem}"
    );
    assert!(problem.contains("packyard changelog add"), "{problem}");
}
