//! Changelogs as they are found in packages.

use super::{debian, is_version_of, rpm};
use packyard_types::{RpmChangelogEntry, Timestamp};

#[test]
fn a_debian_changelog_is_read_entry_by_entry() {
    let text = "foo (1:1.1~rc1-1) unstable; urgency=medium\n\n  * First item,\n    on two lines.\n  [ Jane ]\n  * \u{1b}[31mSecond.\n\n \
                -- Jane Roe, Inc. <jane@example.org>  Fri, 02 Jan 2026 00:00:00 +0000\n\nfoo (1:1.0-1) unstable; urgency=low\n\n  * Old.\n";
    let entries = debian(text);
    assert_eq!(entries.len(), 2);
    assert_eq!(
        (entries[0].version.as_str(), entries[0].native.as_str()),
        ("1!1.1rc1", "1:1.1~rc1-1")
    );
    assert_eq!(entries[0].date.as_deref(), Some("2026-01-02"));
    assert_eq!(entries[0].items, ["First item, on two lines.", "[31mSecond."]);
    assert_eq!(
        (entries[1].version.as_str(), entries[1].date.as_deref()),
        ("1!1.0", None)
    );
    for odd in [
        "",
        "no heading\n  * item\n",
        "foo (1.0\n",
        "foo 1.0) x;\n",
        " -- x  Fri\n",
        "é (é) é;\n",
    ] {
        assert_eq!(debian(odd), [], "{odd}");
    }
}

#[test]
fn an_rpm_changelog_has_its_version_behind_the_author_or_none() {
    let entry = |author: &str| {
        let at = Timestamp::from_unix_seconds(1_700_000_000);
        let text = "- One\n  more\n- Two".to_owned();
        rpm(
            &RpmChangelogEntry {
                author: author.to_owned(),
                at,
                text,
            },
            0,
        )
    };
    let first = entry("Jane <jane@example.org> - 1.1~rc1-1");
    assert_eq!(
        (first.version.as_str(), first.native.as_str()),
        ("1.1rc1", "1.1~rc1-1")
    );
    assert_eq!(first.items, ["One more", "Two"]);
    assert_eq!(first.date.as_deref(), Some("2023-11-14"));
    assert_eq!(entry("Jane <jane@example.org> 2:1.0-1").version, "2!1.0");
    assert_eq!(entry("Jane <jane@example.org>").version, "");
    assert_eq!(entry("").version, "");
}

#[test]
fn an_entry_is_of_a_package_whatever_epoch_and_dist_are_left_out() {
    for (entry, version) in [
        ("1.0-1", "1.0-1"),
        ("1.0-1", "3:1.0-1.el9"),
        ("3:1.0-1", "3:1.0-1.fc42"),
    ] {
        assert!(is_version_of(entry, version), "{entry} {version}");
    }
    for (entry, version) in [("1.0-1", "1.0-10"), ("1.0", "1.0.1-1"), ("1.0-2", "1.0-1")] {
        assert!(!is_version_of(entry, version), "{entry} {version}");
    }
}
