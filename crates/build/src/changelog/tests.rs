use super::*;
use packyard_types::{ReleaseVersion, Timestamp};

const RST: &str = "Changelog\n=========\n\nUnreleased\n^^^^^^^^^^\n\n* Soon.\n\n1.1.3\n^^^^^\n22-Mar-2019\n\n* One\n  and a half.\n* Two.\n\n1.1.2\n^^^^^\n04-Feb-2019\n\n* Old.\n";
const DEB: &str = "hello (1.0~rc1-2) unstable; urgency=high\n\n  * One\n    more.\n  * Two.\n\n -- Ada Sample <ada@example.org>  Fri, 22 Mar 2019 12:00:00 +0100\n";

fn texts(entry: &Entry) -> Vec<&str> {
    entry.items.iter().map(|item| item.text.as_str()).collect()
}

fn rst(text: &str) -> Result<Changelog, Vec<Diagnostic>> {
    Dialect::Rst.parse(&SourceText::new("CHANGELOG.rst", text))
}

fn deb(text: &str) -> Result<Changelog, Vec<Diagnostic>> {
    Dialect::Debian.parse(&SourceText::new("debian/changelog", text))
}

#[test]
fn headings_dates_and_items_are_read() {
    let changelog = rst(RST).unwrap();
    assert_eq!(texts(changelog.unreleased().unwrap()), ["Soon."]);
    let newest = changelog.newest().unwrap();
    assert_eq!(newest.released().unwrap().to_string(), "1.1.3");
    assert_eq!(newest.date.unwrap().to_string(), "2019-03-22T00:00:00Z");
    assert_eq!(texts(newest), ["One and a half.", "Two."]);
    assert_eq!(
        (newest.place.line, newest.place.column, newest.place.width),
        (9, 1, 5)
    );
}

#[test]
fn debian_changelogs_are_read() {
    let changelog = deb(DEB).unwrap();
    let newest = changelog.newest().unwrap();
    assert_eq!(newest.released().unwrap().to_string(), "1.0rc1");
    assert_eq!(newest.date.unwrap().to_string(), "2019-03-22T11:00:00Z");
    assert_eq!(texts(newest), ["One more.", "Two."]);
    assert_eq!(
        (newest.place.line, newest.place.column, newest.place.width),
        (1, 8, 9)
    );
}

#[test]
fn a_wrong_date_is_shown_where_it_is() {
    let problems = rst("1.0\n^^^\n31-Feb-2019\n\n* x\n").unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "`31-Feb-2019` is not a date: February 2019 has 28 days\n --> CHANGELOG.rst:3:1\n  |\n3 | 31-Feb-2019\n  | ^^^^^^^^^^^\n\
         hint: expected a date such as `22-Mar-2019`, `2019-03-22` or `March 22, 2019`"
    );
}

#[test]
fn what_is_wrong_in_rst_is_an_error() {
    let cases = [
        ("", "has no entry"),
        ("1.0.0\n^^^\n\n* x\n", "underline is shorter"),
        ("1.0\n^^^\n\n2.0\n^^^\n\n* x\n", "is empty"),
        ("1.0\n^^^\n\n* x\n\n2.0\n^^^\n\n* x\n", "stands below 1.0"),
        ("1.0\n^^^\n\n* x\n\n1.0\n^^^\n\n* x\n", "two entries"),
        ("1.0\n^^^\n\n* x\n\n1foo\n^^^^\n\n* x\n", "is not a version"),
        (
            "Unrelased\n^^^^^^^^^\n\n* x\n\n1.0\n^^^\n\n* x\n",
            "is not a version",
        ),
        ("* x\n\n1.0\n^^^\n\n* x\n", "above the first version"),
    ];
    for (text, expected) in cases {
        let problems = rst(text).unwrap_err();
        assert!(
            problems.iter().any(|p| p.message.contains(expected)),
            "{text:?}: {problems:?}"
        );
    }
}

#[test]
fn what_dpkg_warns_about_is_an_error() {
    let cases = [
        ("", "no entry"),
        ("hello 1.0 unstable\n", "badly formed heading"),
        (
            "hello (1.0) unstable\n\n  * x\n\n -- A <a@b.c>  Fri, 22 Mar 2019 12:00:00 +0000\n",
            "badly formed heading",
        ),
        (
            "hello (x) unstable; urgency=low\n\n  * x\n",
            "not the Debian form",
        ),
        (
            "hello (1.0) unstable; urgency=mid\n\n  * x\n\n -- A <a@b.c>  Fri, 22 Mar 2019 12:00:00 +0000\n",
            "not an urgency",
        ),
        (
            "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- A <a@b.c> Fri, 22 Mar 2019 12:00:00 +0000\n",
            "badly formed trailer",
        ),
        (
            "hello (1.0) unstable; urgency=low\n\n  * x\n\n-- A <a@b.c>  Fri, 22 Mar 2019 12:00:00 +0000\n",
            "badly formed trailer",
        ),
        (
            "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- A <a@b.c>  Thu, 22 Mar 2019 12:00:00 +0000\n",
            "22 March 2019 is a Friday, not a Thu",
        ),
        (
            "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- A <a@b.c>  2019-03-22\n",
            "an ISO date, where an RFC 5322 date is wanted",
        ),
        ("hello (1.0) unstable; urgency=low\n\n* x\n", "indented"),
        (
            "hello (1.0) unstable; urgency=low\n\n  * x\n",
            "ends before the trailer",
        ),
        (
            "Hello (1.0) unstable; urgency=low\n\n  * x\n\n -- A <a@b.c>  Fri, 22 Mar 2019 12:00:00 +0000\n",
            "Debian package name",
        ),
    ];
    for (text, expected) in cases {
        let problems = deb(text).unwrap_err();
        assert!(
            problems.iter().any(|p| p.message.contains(expected)),
            "{text:?}: {problems:?}"
        );
    }
}

fn defaults() -> Defaults {
    Defaults {
        package: "hello".into(),
        author: Author::parse("Ada Sample <ada@example.org>").unwrap(),
        date: Timestamp::from_unix_seconds(1_600_000_000),
        deb_revision: "1".into(),
        rpm_release: "1".into(),
        rpm_epoch: None,
        version: ReleaseVersion::parse("1.1.3").unwrap(),
    }
}

#[test]
fn what_is_rendered_for_debian_is_read_back() {
    let text = deb_text(&rst(RST).unwrap(), &defaults());
    assert!(
        text.starts_with(
            "hello (1.1.3-1) unstable; urgency=medium\n\n  * One and a half.\n  * Two.\n\n -- Ada"
        )
    );
    assert_eq!(deb(&text).unwrap().entries.len(), 2);
}

#[test]
fn rpm_entries_are_at_noon_and_name_the_version() {
    let text = rpm_text(&rst(RST).unwrap(), &defaults());
    assert!(text.starts_with(
        "* Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.1.3-1\n- One and a half.\n- Two.\n"
    ));
}

fn new(version: Option<&str>) -> NewItems {
    NewItems {
        items: vec!["New.".into()],
        version: version.map(|v| ReleaseVersion::parse(v).unwrap()),
        revision: None,
        package: "hello".into(),
        distribution: None,
        urgency: None,
        author: Author::parse("Ada Sample <ada@example.org>"),
        date: Timestamp::from_unix_seconds(1_553_212_800),
    }
}

#[test]
fn items_go_to_the_open_entry_or_to_a_new_one_above() {
    let added = |text: &str, version| {
        let file = SourceText::new("CHANGELOG.rst", text);
        add(&file, &rst(text).unwrap(), &new(version)).unwrap()
    };
    assert_eq!(added(RST, None), RST.replace("* Soon.\n", "* Soon.\n* New.\n"));
    let closed = &RST[RST.find("1.1.3").unwrap()..];
    assert_eq!(
        added(closed, None),
        format!("Unreleased\n^^^^^^^^^^\n\n* New.\n\n{closed}")
    );
    assert_eq!(
        added(closed, Some("1.2.0")),
        format!("1.2.0\n^^^^^\n22-Mar-2019\n\n* New.\n\n{closed}")
    );
    assert_eq!(
        added(closed, Some("1.1.3")),
        closed.replace("* Two.\n", "* Two.\n* New.\n")
    );
}

#[test]
fn debian_entries_are_added_in_their_dialect() {
    let file = SourceText::new("debian/changelog", DEB);
    let parsed = deb(DEB).unwrap();
    let appended = add(&file, &parsed, &new(Some("1.0rc1"))).unwrap();
    assert_eq!(appended, DEB.replace("  * Two.\n", "  * Two.\n  * New.\n"));
    let above = add(&file, &parsed, &new(Some("1.0"))).unwrap();
    assert!(above.starts_with("hello (1.0-1) unstable; urgency=medium\n\n  * New.\n\n -- Ada Sample <ada@example.org>  Fri, 22 Mar 2019 00:00:00 +0000\n\nhello (1.0~rc1-2)"));
    deb(&above).unwrap();
    deb(&create(Dialect::Debian, &new(Some("1.0"))).unwrap()).unwrap();
}
