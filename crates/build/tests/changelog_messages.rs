//! What is said about changelogs of sections and of RPM, word for word: message, place, the line, what was expected, the corrected line.
#![allow(clippy::unwrap_used)]

use packyard_build::{SourceText, changelog::Dialect};

/// All that is said about a file, as the command line prints it.
fn said(file: &str, text: &str) -> String {
    let diagnosis = Dialect::of(file, text).diagnose(&SourceText::new(file, text));
    let problems = diagnosis.problems.iter();
    let texts: Vec<String> = problems
        .map(|problem| format!("{}: {problem}", problem.severity))
        .collect();
    texts.join("\n\n")
}

#[test]
fn an_underline_that_is_too_short() {
    let text = "1.1.3\n^^^\n22-Mar-2019\n\n* x\n";
    let expected = "\
error: the underline is shorter than its title
 --> CHANGELOG.rst:2:1
  |
2 | ^^^
  | ^^^
hint: expected ^^^^^
hint: write
2 | ^^^^^";
    assert_eq!(said("CHANGELOG.rst", text), expected);
}

#[test]
fn rules_above_and_below_that_are_too_short() {
    let text = "=====\n1.1.3 (2019-03-22)\n=====\n\n* x\n";
    let expected = "\
error: the underline is shorter than its title
 --> CHANGELOG.rst:3:1
  |
3 | =====
  | ^^^^^
hint: expected ==================
hint: write
1 | ==================
2 | 1.1.3 (2019-03-22)
3 | ==================";
    assert_eq!(said("CHANGELOG.rst", text), expected);
}

#[test]
fn versions_that_no_ecosystem_can_express_in_markdown() {
    let text = "# Changelog\n\n## [1.0.0-SNAPSHOT] - 2019-03-22\n\n- x\n\n## 1.0-foo!\n\n- y\n";
    let expected = "\
error: `1.0.0-SNAPSHOT` is not a version that every ecosystem can express
 --> CHANGELOG.md:3:5
  |
3 | ## [1.0.0-SNAPSHOT] - 2019-03-22
  |     ^^^^^^^^^^^^^^
hint: expected a version such as `1.1.3`, `1.1.3rc1` or `1.1.3.post1`, with a date on its line or the next, or `Unreleased`
hint: write
3 | ## [1.0.0.dev0] - 2019-03-22

error: `1.0-foo!` is not a version that every ecosystem can express
 --> CHANGELOG.md:7:4
  |
7 | ## 1.0-foo!
  |    ^^^^^^^^
hint: expected a version such as `1.1.3`, `1.1.3rc1` or `1.1.3.post1`, with a date on its line or the next, or `Unreleased`
hint: write
7 | ## 1.0";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn a_thirteenth_month_and_the_31st_of_february() {
    let text = "## 1.1 (2019-13-01)\n\n- x\n\n## 1.0 (2019-02-31)\n\n- y\n";
    let expected = "\
error: `2019-13-01` is not a date: there is no month 13
 --> CHANGELOG.md:1:9
  |
1 | ## 1.1 (2019-13-01)
  |         ^^^^^^^^^^
hint: expected a date such as `22-Mar-2019`, `2019-03-22` or `March 22, 2019`
hint: write
1 | ## 1.1 (2019-01-13)

error: `2019-02-31` is not a date: February 2019 has 28 days
 --> CHANGELOG.md:5:9
  |
5 | ## 1.0 (2019-02-31)
  |         ^^^^^^^^^^
hint: expected a date such as `22-Mar-2019`, `2019-03-22` or `March 22, 2019`";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn a_month_in_another_language() {
    let text = "1.0\n^^^\n22-Mrz-2019\n\n* x\n";
    let expected = "\
error: `22-Mrz-2019` is not a date: `Mrz` is not an English month
 --> CHANGELOG.rst:3:1
  |
3 | 22-Mrz-2019
  | ^^^^^^^^^^^
hint: expected a date such as `22-Mar-2019`, `2019-03-22` or `March 22, 2019`
hint: write
3 | 22-Mar-2019";
    assert_eq!(said("CHANGELOG.rst", text), expected);
}

#[test]
fn versions_out_of_order_and_twice() {
    let text = "## 1.0 (2019-03-22)\n\n- x\n\n## 1.1 (2019-03-23)\n\n- y\n\n## 1.0\n\n- z\n";
    let expected = "\
error: version 1.1 stands below 1.0, which is older
 --> CHANGELOG.md:5:4
  |
5 | ## 1.1 (2019-03-23)
  |    ^^^
note: the entry above
 --> CHANGELOG.md:1:4
  |
1 | ## 1.0 (2019-03-22)
  |    ^^^
hint: entries go from the newest to the oldest, one for each version: move this entry above line 1

warning: the entry of 2019-03-23 is newer than the one above it, of 2019-03-22
 --> CHANGELOG.md:5:4
  |
5 | ## 1.1 (2019-03-23)
  |    ^^^
note: the entry above
 --> CHANGELOG.md:1:4
  |
1 | ## 1.0 (2019-03-22)
  |    ^^^
hint: dates go down with the entries; one of the two is wrong, or they must change places

error: version 1.0 has two entries
 --> CHANGELOG.md:9:4
  |
9 | ## 1.0
  |    ^^^
note: the entry above
 --> CHANGELOG.md:1:4
  |
1 | ## 1.0 (2019-03-22)
  |    ^^^
hint: join them, or give one of them its own version";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn a_file_without_any_version() {
    let text = "# Changelog\n\nSee the web site.\n";
    let expected = "\
error: `CHANGELOG.md` has no entry: no heading of it is a version
 --> CHANGELOG.md:1:1
  |
1 | # Changelog
  | ^^^^^^^^^^^
hint: expected a version such as `## 1.1.3`";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn a_heading_without_its_blank() {
    let text = "##1.1.3\n\n- x\n";
    let expected = "\
error: no blank between `#` and the title: this is no heading of Markdown
 --> CHANGELOG.md:1:1
  |
1 | ##1.1.3
  | ^^
hint: expected `## 1.1.3`
hint: write
1 | ## 1.1.3";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn a_slip_in_unreleased() {
    let text = "## [Unrelased]\n\n- x\n\n## [1.0] - 2019-03-22\n\n- y\n";
    let expected = "\
error: `[Unrelased]` is not a version
 --> CHANGELOG.md:1:4
  |
1 | ## [Unrelased]
  |    ^^^^^^^^^^^
hint: expected a version such as `1.1.3`, with a date on its line or the next, or `Unreleased`
hint: write
1 | ## [Unreleased]

error: an item stands above the first version
 --> CHANGELOG.md:3:1
  |
3 | - x
  | ^^^
hint: expected a version such as `## 1.1.3`";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn an_empty_newest_entry() {
    let text = "## 1.1\n\n## 1.0\n\n- y\n";
    let expected = "\
error: the entry of version 1.1 is empty
 --> CHANGELOG.md:1:4
  |
1 | ## 1.1
  |    ^^^
hint: expected at least one line `* what changed`";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn a_section_of_something_else() {
    let text = "## 1.1\n2019-03-22\n\n- x\n\n## Credits\n\n- y\n";
    let expected = "\
warning: `Credits` is not a version: what stands below it is left out
 --> CHANGELOG.md:6:4
  |
6 | ## Credits
  |    ^^^^^^^
hint: expected a version such as `1.1.3`, with a date on its line or the next, or `Unreleased`";
    assert_eq!(said("CHANGELOG.md", text), expected);
}

#[test]
fn a_wrong_weekday_in_rpm() {
    let text = "%changelog\n* Thu Mar 22 2019 Ada Sample <ada@example.org> - 1.1.3-1\n- x\n";
    let expected = "\
error: bogus date: 22 March 2019 is a Friday, written `Fri Mar`, not `Thu Mar`
 --> hello.spec:2:3
  |
2 | * Thu Mar 22 2019 Ada Sample <ada@example.org> - 1.1.3-1
  |   ^^^
hint: expected `* Fri Mar 22 2019 Name <mail@example.org> - 1.1.3-1`
hint: write
2 | * Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.1.3-1";
    assert_eq!(said("hello.spec", text), expected);
}

#[test]
fn an_rpm_heading_without_a_version() {
    let text = "Version: 1.1.3\nRelease: 2%{?dist}\n%changelog\n* Fri Mar 22 2019 Ada Sample <ada@example.org>\n- x\n";
    let expected = "\
warning: the heading names no version: it counts as not released
 --> hello.spec:4:1
  |
4 | * Fri Mar 22 2019 Ada Sample <ada@example.org>
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: expected `* Fri Mar 22 2019 Name <mail@example.org> - 1.1.3-1`
hint: write
4 | * Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.1.3-2";
    assert_eq!(said("hello.spec", text), expected);
}

#[test]
fn an_rpm_version_that_no_ecosystem_can_express() {
    let text = "* Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.0-SNAPSHOT\n- x\n";
    let expected = "\
error: `1.0-SNAPSHOT` is not the RPM form of a version that every ecosystem can express
 --> CHANGES:1:50
  |
1 | * Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.0-SNAPSHOT
  |                                                  ^^^^^^^^^^^^
hint: expected `V-R`, such as 1.1.3-1, 1.1.3~rc1-1 or 1:1.1.3-2
hint: write
1 | * Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.0~~dev0-1";
    assert_eq!(said("CHANGES", text), expected);
}

#[test]
fn rpm_entries_in_the_wrong_order() {
    let text = "* Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.1-1\n- x\n* Sat Mar 23 2019 Ada Sample <ada@example.org> - 1.0-1\n- y\n";
    let expected = "\
error: the entry of 2019-03-23 is newer than the one above it, of 2019-03-22
 --> CHANGES:3:50
  |
3 | * Sat Mar 23 2019 Ada Sample <ada@example.org> - 1.0-1
  |                                                  ^^^^^
note: the entry above
 --> CHANGES:1:50
  |
1 | * Fri Mar 22 2019 Ada Sample <ada@example.org> - 1.1-1
  |                                                  ^^^^^
hint: dates go down with the entries; one of the two is wrong, or they must change places";
    assert_eq!(said("CHANGES", text), expected);
}

#[test]
fn a_date_of_numbers_that_can_be_read_in_two_ways() {
    let text = "## [0.3.0] - 01/10/2026\n\n- x\n";
    let expected = "\
error: `01/10/2026` is not a date: it may be `2026-01-10` or `2026-10-01`; write the one that was meant
 --> CHANGELOG.md:1:14
  |
1 | ## [0.3.0] - 01/10/2026
  |              ^^^^^^^^^^
hint: expected a date such as `22-Mar-2019`, `2019-03-22` or `March 22, 2019`";
    assert_eq!(said("CHANGELOG.md", text), expected);
    assert_eq!(said("CHANGELOG.md", "## 0.3.0 - October 1st, 2026\n\n- x\n"), "");
}

#[test]
fn the_newest_release_without_a_date() {
    let text = "## Unreleased\n\n- z\n\n## 1.1\n\n- x\n\n## 1.0\n\n- y\n";
    let expected = "\
warning: the newest release, 1.1, has no date
 --> CHANGELOG.md:5:4
  |
5 | ## 1.1
  |    ^^^
hint: write it behind the version or on the next line, such as `2019-03-22`";
    assert_eq!(said("CHANGELOG.md", text), expected);
}
