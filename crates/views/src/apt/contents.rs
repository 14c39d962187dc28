//! The Contents files, which apt-file and command-not-found search: `PATH BLANKS SECTION/PACKAGE`, a line for each path
//! of a package, once for all of its versions.
//!
//! Lines are sorted by package and not by path, so that a package is in few chunks; a path that several packages have
//! has several lines. Readers take everything up to the last blanks for the path.
//!
//! How many versions of a package have a line is written in its blanks: it goes when the last one goes, and no version's
//! list of files has to be read for that but those that come and go. One version is one space. Of a greater number, the
//! binary digits behind the first one follow it: a space for 0, a tab for 1.
//!
//! A path is hostile. Control characters, line ends of any kind and blanks at its end are replaced, so that a line is
//! what it says.

use super::{sources::Placed, stanza::clean};
use crate::{
    Item,
    rope::{Document, Entry, Group, Identity},
};
use packyard_types::{ComponentName, Facts};
use std::borrow::Cow;

/// A Contents file.
pub(super) struct Contents;

impl Document for Contents {
    fn entry_end(&self) -> &'static str {
        "\n"
    }

    fn identity<'a>(&self, entry: &'a str) -> Option<Identity<'a>> {
        let line = Line::read(entry)?;
        let (section, package) = line.place.rsplit_once('/').unwrap_or(("", line.place));
        Some(Identity {
            name: package,
            version: Cow::Borrowed(line.path),
            digest: section,
        })
    }

    fn head(&self, _entries: u64) -> String {
        String::new()
    }

    fn foot(&self) -> &'static str {
        ""
    }

    fn is_hashed_open(&self) -> bool {
        true
    }

    fn chunk_factor(&self) -> usize {
        4
    }

    fn count(&self, entry: &str) -> u64 {
        Line::read(entry).map_or(0, |line| counted(line.blanks))
    }

    fn with_count(&self, entry: &str, count: u64) -> String {
        match Line::read(entry) {
            Some(line) => format!("{}{}{}\n", line.path, blanks(count), line.place),
            None => entry.to_owned(),
        }
    }
}

/// The parts of a line.
struct Line<'a> {
    path: &'a str,
    blanks: &'a str,
    place: &'a str,
}

impl<'a> Line<'a> {
    fn read(entry: &'a str) -> Option<Self> {
        let entry = entry.strip_suffix('\n')?;
        let place = entry.rfind([' ', '\t'])? + 1;
        let path = entry[..place].trim_end_matches([' ', '\t']);
        Some(Self {
            path,
            blanks: &entry[path.len()..place],
            place: &entry[place..],
        })
    }
}

/// A number from 1 on, in blanks.
fn blanks(count: u64) -> String {
    let digits = 64 - count.leading_zeros();
    let below_the_first = (0..digits.saturating_sub(1)).rev();
    let rest = below_the_first.map(|digit| if count >> digit & 1 == 1 { '\t' } else { ' ' });
    std::iter::once(' ').chain(rest).collect()
}

/// The number that blanks say.
fn counted(blanks: &str) -> u64 {
    let digits = blanks.bytes().skip(1);
    digits.fold(1, |count, blank| count << 1 | u64::from(blank == b'\t'))
}

/// The lines of a package, for one version each: a path that turns out like another one is there twice.
pub(super) fn lines(item: &Item, group: Group) -> Vec<Entry> {
    let artifact = &item.artifact;
    let (files, section) = match &item.facts {
        Facts::Deb(facts) => (&facts.files, facts.field("Section")),
        Facts::Dsc(facts) => (&facts.files, Placed::of(facts).section),
        _ => return Vec::new(),
    };
    let place = place(&artifact.component, section, &artifact.package);
    let line = |path: &String| Entry::new(&Contents, group, format!("{} {place}\n", written(path)));
    files.iter().filter_map(line).collect()
}

/// `SECTION/PACKAGE`, with the component before it where that is not `main`, as Debian has it. A package that says no
/// section is there alone.
fn place(component: &ComponentName, section: Option<&str>, package: &str) -> String {
    let plain = |s: &&str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    let Some(section) = section.map(str::trim).filter(plain) else {
        return package.to_owned();
    };
    let within = section
        .split_once('/')
        .is_some_and(|(first, _)| first == component.as_str());
    if *component == ComponentName::main() || within {
        format!("{section}/{package}")
    } else {
        format!("{component}/{section}/{package}")
    }
}

/// A path as it can stand in a line.
fn written(path: &str) -> String {
    let replace = |c: char| {
        if c.is_whitespace() && c != ' ' {
            '\u{fffd}'
        } else {
            c
        }
    };
    let mut line: String = clean(path).chars().map(replace).collect();
    let text = line.trim_end_matches(' ').len();
    let blanks = line.len() - text;
    line.truncate(text);
    line.extend(std::iter::repeat_n('\u{fffd}', blanks));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_blanks_is_read_back() {
        for count in (1..300).chain([1023, 1024, 1_000_000]) {
            let line = Contents.with_count("usr/a b\t x/y\n", count);
            assert_eq!(Contents.count(&line), count, "{line:?}");
            let identity = Contents.identity(&line).unwrap();
            assert_eq!(
                (identity.name, &*identity.version, identity.digest),
                ("y", "usr/a b", "x")
            );
        }
        assert_eq!(Contents.with_count("a b\n", 1), "a b\n");
    }

    #[test]
    fn a_path_cannot_end_its_line_or_move_its_end() {
        for (path, expected) in [
            ("usr/share/a b", "usr/share/a b"),
            ("a\nusr/bin/sh base/evil", "a\u{fffd}usr/bin/sh base/evil"),
            ("a\r\u{85}\u{2028}\tb", "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"),
            ("a  ", "a\u{fffd}\u{fffd}"),
            ("usr/ü", "usr/ü"),
        ] {
            assert_eq!(written(path), expected);
        }
    }
}
