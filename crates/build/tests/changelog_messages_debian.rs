//! What is said about a debian/changelog, word for word: message, place, the line, what was expected, the corrected line.
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
fn the_line_with_no_space_after_the_dashes() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n--Name <mail@example.org> Sat, 11 May 2013 2:12:00 -0800\n";
    let expected = "\
error: badly formed trailer: no space before `--`, no space after `--`, one space before the date (two are wanted), an hour of one digit
 --> debian/changelog:5:1
  |
5 | --Name <mail@example.org> Sat, 11 May 2013 2:12:00 -0800
  | ^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: write
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn the_repaired_line_of_the_old_text_which_dpkg_still_refuses() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org> Sat, 11 May 2013 2:12:00 -0800\n";
    let expected = "\
error: badly formed trailer: one space before the date (two are wanted), an hour of one digit
 --> debian/changelog:5:28
  |
5 |  -- Name <mail@example.org> Sat, 11 May 2013 2:12:00 -0800
  |                            ^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: write
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn a_wrong_weekday() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sun, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: badly formed trailer: 11 May 2013 is a Saturday, not a Sun
 --> debian/changelog:5:30
  |
5 |  -- Name <mail@example.org>  Sun, 11 May 2013 02:12:00 -0800
  |                              ^^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: write
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn one_space_before_the_date() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org> Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: badly formed trailer: one space before the date (two are wanted)
 --> debian/changelog:5:28
  |
5 |  -- Name <mail@example.org> Sat, 11 May 2013 02:12:00 -0800
  |                            ^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: write
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn a_missing_trailer() {
    let text = "hello (1.1) unstable; urgency=low\n\n  * x\n\nhello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: a new entry begins before the trailer of the one above
 --> debian/changelog:5:1
  |
5 | hello (1.0) unstable; urgency=low
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
note: the entry above
 --> debian/changelog:1:1
  |
1 | hello (1.1) unstable; urgency=low
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: add the line
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800
6 | ";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn the_last_trailer_is_missing() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n";
    let expected = "\
error: the file ends before the trailer of the last entry
 --> debian/changelog:3:3
  |
3 |   * x
  |   ^^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: add the line
5 |  -- Name <name@example.org>  Fri, 22 Mar 2019 12:00:00 +0000";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn two_headings_in_a_row() {
    let text = "hello (1.1) unstable; urgency=low\n\nhello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: two headings in a row: the entry above has neither a change nor a trailer
 --> debian/changelog:3:1
  |
3 | hello (1.0) unstable; urgency=low
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
note: the entry above
 --> debian/changelog:1:1
  |
1 | hello (1.1) unstable; urgency=low
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: delete line 1";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn an_unknown_urgency() {
    let text = "hello (1.0) unstable; urgency=mid\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: `mid` is not an urgency
 --> debian/changelog:1:31
  |
1 | hello (1.0) unstable; urgency=mid
  |                               ^^^
hint: did you mean `medium`? it is one of low, medium, high, emergency, critical
hint: write
1 | hello (1.0) unstable; urgency=medium";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn versions_out_of_order() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n\nhello (1.1) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: version 1.1 stands below 1.0, which is older
 --> debian/changelog:7:8
  |
7 | hello (1.1) unstable; urgency=low
  |        ^^^
note: the entry above
 --> debian/changelog:1:8
  |
1 | hello (1.0) unstable; urgency=low
  |        ^^^
hint: entries go from the newest to the oldest, one for each version: move this entry above line 1";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn a_version_twice() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n\nhello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: version 1.0 has two entries
 --> debian/changelog:7:8
  |
7 | hello (1.0) unstable; urgency=low
  |        ^^^
note: the entry above
 --> debian/changelog:1:8
  |
1 | hello (1.0) unstable; urgency=low
  |        ^^^
hint: join them, or give one of them its own version";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn versions_that_no_ecosystem_can_express() {
    let text = "hello (1.0.0-SNAPSHOT) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n\nhello (1.0-foo!) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: `1.0.0-SNAPSHOT` is not the Debian form of a version that every ecosystem can express
 --> debian/changelog:1:8
  |
1 | hello (1.0.0-SNAPSHOT) unstable; urgency=low
  |        ^^^^^^^^^^^^^^
hint: expected a version such as 1.1.3, 1.1.3~rc1, 1.1.3+post1 or 1.1.3-1
hint: write
1 | hello (1.0.0~~dev0) unstable; urgency=low

error: `1.0-foo!` is not the Debian form of a version that every ecosystem can express
 --> debian/changelog:7:8
  |
7 | hello (1.0-foo!) unstable; urgency=low
  |        ^^^^^^^^
hint: expected a version such as 1.1.3, 1.1.3~rc1, 1.1.3+post1 or 1.1.3-1
hint: write
7 | hello (1.0) unstable; urgency=low";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn a_name_of_a_time_zone() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 PST\n";
    let expected = "\
error: badly formed trailer: the time zone is a number such as +0000, not `PST`
 --> debian/changelog:5:56
  |
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 PST
  |                                                        ^^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: write
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn an_iso_date_in_a_trailer() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  2013-05-11\n";
    let expected = "\
error: badly formed trailer: the date does not begin with a weekday (`Sat, `), an ISO date, where an RFC 5322 date is wanted, the date has no time of the day, the date has no offset such as +0000
 --> debian/changelog:5:30
  |
5 |  -- Name <mail@example.org>  2013-05-11
  |                              ^^^^^^^^^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date
hint: write
5 |  -- Name <mail@example.org>  Sat, 11 May 2013 00:00:00 +0000";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn a_day_that_does_not_exist() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 31 Feb 2013 02:12:00 -0800\n";
    let expected = "\
error: badly formed trailer: February 2013 has 28 days
 --> debian/changelog:5:30
  |
5 |  -- Name <mail@example.org>  Sat, 31 Feb 2013 02:12:00 -0800
  |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: expected ` -- Name <mail>  Fri, 22 Mar 2019 12:00:00 +0000`: one space before `--`, one after it, two before the date";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn tabs() {
    let text = "hello (1.0) unstable; urgency=low\n\n\t* x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: a tab in the indentation; dpkg wants blanks
 --> debian/changelog:3:2
  |
3 |  * x
  |  ^^^
hint: expected `  * what changed`
hint: write
3 |   * x";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn carriage_returns() {
    let text = "hello (1.0) unstable; urgency=low\r\n\r\n  * x\r\n\r\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\r\n";
    let expected = "\
warning: 5 lines end in CR LF, as on Windows; in debian/ they must end in LF
 --> debian/changelog:1:1
  |
1 | hello (1.0) unstable; urgency=low
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: convert it: sed -i 's/\\r$//' debian/changelog";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn an_empty_file() {
    let text = "";
    let expected = "\
error: the file is empty: it has no entry
 --> debian/changelog:1:1
  |
1 | 
  | ^
hint: expected `package (version) distribution; urgency=medium`";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn a_heading_without_its_parentheses() {
    let text = "hello 1.0 unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: badly formed heading: the version is not in parentheses
 --> debian/changelog:1:7
  |
1 | hello 1.0 unstable; urgency=low
  |       ^^^
hint: expected `package (version) distribution; urgency=medium`
hint: write
1 | hello (1.0) unstable; urgency=low";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn a_heading_without_its_semicolon_and_a_package_in_upper_case() {
    let text =
        "Hello (1.0) unstable\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n";
    let expected = "\
error: `Hello` is not a valid Debian package name: only lower-case letters, digits, `+`, `-` and `.` are allowed
 --> debian/changelog:1:1
  |
1 | Hello (1.0) unstable
  | ^^^^^
hint: expected `package (version) distribution; urgency=medium`
hint: write
1 | hello (1.0) unstable; urgency=medium

error: badly formed heading: there is no `;` behind the distribution
 --> debian/changelog:1:1
  |
1 | Hello (1.0) unstable
  | ^^^^^^^^^^^^^^^^^^^^
hint: expected `package (version) distribution; urgency=medium`
hint: write
1 | hello (1.0) unstable; urgency=medium";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn dates_out_of_order() {
    let text = "hello (1.1) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sat, 11 May 2013 02:12:00 -0800\n\nhello (1.0) unstable; urgency=low\n\n  * x\n\n -- Name <mail@example.org>  Sun, 11 May 2014 02:12:00 -0800\n";
    let expected = "\
warning: the entry of 2014-05-11 is newer than the one above it, of 2013-05-11
 --> debian/changelog:7:8
  |
7 | hello (1.0) unstable; urgency=low
  |        ^^^
note: the entry above
 --> debian/changelog:1:8
  |
1 | hello (1.1) unstable; urgency=low
  |        ^^^
hint: dates go down with the entries; one of the two is wrong, or they must change places";
    assert_eq!(said("debian/changelog", text), expected);
}

#[test]
fn the_famous_line_with_a_placeholder_for_the_mail_address() {
    let text = "hello (1.0) unstable; urgency=low\n\n  * x\n\n--Name <mail> Sat, 11 May 2013 2:12:00 -0800\n";
    let all = said("debian/changelog", text);
    assert!(
        all.contains("no space after `--`") && all.contains("`mail` is not a mail address"),
        "{all}"
    );
    assert!(
        all.ends_with("5 |  -- Name <mail>  Sat, 11 May 2013 02:12:00 -0800"),
        "{all}"
    );
}
