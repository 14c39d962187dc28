//! Changelogs against dpkg's own reader: what it warns about is refused, and what is made here it reads in silence.
//!
//! dpkg is asked through the Perl module that `dpkg-parsechangelog` is a thin shell around, for all files in one process.
#![allow(clippy::unwrap_used)]

use packyard_build::{
    Diagnostic, SourceText,
    changelog::{Author, Changelog, Defaults, Dialect, deb_text, rpm_text},
};
use packyard_types::{ReleaseVersion, Timestamp};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What dpkg has to say about each file; nothing for one that it reads in silence.
const ASK_DPKG: &str = r#"
use strict; use warnings; use Dpkg::Changelog::Debian;
for my $file (@ARGV) {
    my $log = Dpkg::Changelog::Debian->new(verbose => 0);
    my $count = eval { $log->load($file) };
    my @errors = map { "$_->[1]: $_->[2]" } $log->get_parse_errors();
    push @errors, "no entry" unless $count;
    my $said = join("; ", @errors); $said =~ s/\s+/ /g;
    print "$said\n";
}
"#;

fn dpkg_on(texts: &[String]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    for (chunk_number, chunk) in texts.chunks(500).enumerate() {
        let paths: Vec<PathBuf> = (0..chunk.len())
            .map(|i| dir.path().join(format!("{chunk_number}-{i}")))
            .collect();
        for (path, text) in paths.iter().zip(chunk) {
            fs::write(path, text).unwrap();
        }
        let output = Command::new("perl")
            .args(["-e", ASK_DPKG])
            .args(&paths)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            text.lines().count(),
            chunk.len(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said.extend(text.lines().map(str::to_owned));
    }
    said
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/changelogs")
}

fn debian(text: &str) -> Result<Changelog, Vec<Diagnostic>> {
    Dialect::Debian.parse(&SourceText::new("debian/changelog", text))
}

/// A generator of numbers that gives the same ones each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    /// A slip of an editor's fingers.
    fn mutate(&mut self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = self.roll(lines.len());
        match self.roll(10) {
            0 => {
                lines.remove(at);
            }
            1 => lines.insert(at, lines[at].clone()),
            2 => {
                let other = self.roll(lines.len());
                lines.swap(at, other);
            }
            3 => {
                let blanks = ["", " ", " \u{a0}", "\u{3000}", "\x0c", " \x0b"];
                lines.insert(at, blanks[self.roll(blanks.len())].to_owned());
            }
            4 if at > 0 => {
                let line = lines.remove(at);
                lines[at - 1].push_str(&line);
            }
            _ => lines[at] = self.mutate_line(&lines[at]),
        }
        lines.join("\n") + "\n"
    }

    fn mutate_line(&mut self, line: &str) -> String {
        let mut chars: Vec<char> = line.chars().collect();
        let at = self.roll(chars.len());
        let signs: Vec<char> = " \t  -<>();:,.=~+*#$09azAZé/'\"\u{a0}\u{3000}\x0b\x0c"
            .chars()
            .collect();
        let sign = signs[self.roll(signs.len())];
        match self.roll(5) {
            _ if chars.is_empty() => chars.push(sign),
            0 => {
                chars.remove(at);
            }
            1 => chars.insert(at, chars[at]),
            2 => chars.insert(at, sign),
            3 => chars[at] = sign,
            _ => {
                let other = (at + 1) % chars.len();
                chars.swap(at, other);
            }
        }
        chars.into_iter().collect()
    }
}

fn mutations(count: usize) -> Vec<String> {
    let base = fs::read_to_string(fixtures().join("debian")).unwrap();
    let mut dice = Dice(3);
    let mutate = |_| {
        let times = 1 + dice.roll(2);
        (0..times).fold(base.clone(), |text, _| dice.mutate(&text))
    };
    (0..count).map(mutate).collect()
}

#[test]
fn whatever_dpkg_warns_about_is_refused() {
    let texts = mutations(3000);
    let said = dpkg_on(&texts);
    let wrong = said.iter().filter(|said| !said.is_empty()).count();
    assert!(wrong > 800, "the mutations are too tame: {wrong}");
    for (text, said) in texts.iter().zip(&said) {
        assert!(
            said.is_empty() || debian(text).is_err(),
            "dpkg says: {said}\n{text}"
        );
    }
}

/// The text with every corrected line in its place.
fn corrected(text: &str, problems: &[Diagnostic]) -> String {
    let mut fixes: Vec<_> = problems.iter().filter_map(|p| p.fix.clone()).collect();
    fixes.sort_by_key(|fix| (fix.line, fix.replaces));
    fixes.dedup();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for fix in fixes.into_iter().rev() {
        let start = fix.line - 1;
        let is_deletion = fix.text.is_empty() && fix.replaces > 0;
        let new: Vec<String> = if is_deletion {
            Vec::new()
        } else {
            fix.text.split('\n').map(str::to_owned).collect()
        };
        lines.splice(start..start + fix.replaces, new);
    }
    lines.join("\n") + "\n"
}

#[test]
fn corrected_lines_are_correct() {
    let mut corrected_ones = Vec::new();
    for text in mutations(1500) {
        let Err(problems) = debian(&text) else { continue };
        if problems.iter().all(|p| p.fix.is_some()) {
            corrected_ones.push((corrected(&text, &problems), text));
        }
    }
    assert!(corrected_ones.len() > 300, "too few: {}", corrected_ones.len());
    for (fixed, text) in &corrected_ones {
        let left: Vec<String> = debian(fixed)
            .err()
            .into_iter()
            .flatten()
            .map(|p| p.message)
            .collect();
        // Lines that were put right may show what stood behind them: an entry twice, or dates in the wrong order.
        let of_lines = |m: &&String| {
            !m.contains("has two entries") && !m.contains("stands below") && !m.contains("UNRELEASED")
        };
        assert_eq!(
            left.iter().filter(of_lines).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{text}\n---\n{fixed}"
        );
    }
}

#[test]
fn what_dpkg_does_not_see_is_refused_too() {
    let whole = "hello (1.0) unstable; urgency=low\n\n  * x\n\n -- A B <a@example.org>  Fri, 22 Mar 2019 12:00:00 +0000\n";
    let cases = [
        ("Fri, 22", "Thu, 22"),
        ("Fri, 22", "22"),
        ("urgency=low", "urgency=mid"),
        ("hello (", "Hello ("),
        ("22 Mar", "31 Feb"),
        (" 12:00:00", " 2:00:00"),
        ("12:00:00 ", "25:00:00 "),
        ("+0000", "+9900"),
        ("A B", ""),
        ("(1.0)", "(1.0-beta)"),
        ("(1.0)", "(1.0+dfsg.1)"),
        ("unstable", "unstable  testing"),
    ];
    assert!(debian(whole).is_ok());
    let texts: Vec<String> = cases
        .iter()
        .map(|(from, to)| whole.replacen(from, to, 1))
        .collect();
    for (text, (_, to)) in texts.iter().zip(cases) {
        assert!(debian(text).is_err(), "{to}\n{text}");
    }
    let odd = debian(&whole.replace("a@example.org", "nobody")).unwrap();
    assert!(odd.warnings[0].message.contains("`nobody` is not a mail address"));
    let silent = dpkg_on(&texts).iter().filter(|said| said.is_empty()).count();
    assert!(
        silent >= 8,
        "dpkg has learnt to see these: only {silent} are left"
    );
}

fn defaults(log: &Changelog) -> Defaults {
    let newest = log.newest().unwrap();
    Defaults {
        package: "hello".into(),
        author: Author::parse("Ada Sample <ada@example.org>").unwrap(),
        date: Timestamp::from_unix_seconds(1_600_000_000),
        deb_revision: newest.revision().unwrap_or("1").to_owned(),
        rpm_release: "1".into(),
        rpm_epoch: None,
        version: newest.released().unwrap().clone(),
    }
}

/// Every sample, by its name.
fn samples() -> Vec<(String, Changelog)> {
    let mut names: Vec<String> = fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(fixtures().join(&name)).unwrap();
        let file = if name == "debian" {
            "debian/changelog"
        } else {
            name.as_str()
        };
        let source = SourceText::new(file, text);
        let diagnosis = Dialect::of(file, source.text()).diagnose(&source);
        // Some of them leave the dates out, of which one is told.
        let undated = |problem: &&Diagnostic| problem.message.ends_with("has no date");
        let others = diagnosis.problems.iter().filter(|problem| !undated(problem));
        let said: Vec<String> = others.map(ToString::to_string).collect();
        assert_eq!(said, Vec::<String>::new(), "{name}");
        (name, diagnosis.changelog.unwrap())
    };
    names.into_iter().map(read).collect()
}

#[test]
fn every_dialect_makes_a_debian_changelog_that_dpkg_reads_in_silence() {
    let samples = samples();
    assert!(samples.len() >= 16);
    let texts: Vec<String> = samples
        .iter()
        .map(|(_, log)| deb_text(log, &defaults(log)))
        .collect();
    for (((name, log), text), said) in samples.iter().zip(&texts).zip(dpkg_on(&texts)) {
        assert_eq!(said, "", "{name}\n{text}");
        let again = debian(text).unwrap_or_else(|problems| panic!("{name}: {}\n{text}", problems[0]));
        assert_eq!(
            again.entries.len(),
            log.released_entries(&defaults(log)).len(),
            "{name}"
        );
        let long = text
            .lines()
            .find(|line| line.chars().count() > 80 && line.split_whitespace().count() > 2);
        assert_eq!(long, None, "{name}");
        let dates: Vec<_> = again.entries.iter().map(|e| e.date.unwrap()).collect();
        assert!(
            dates.windows(2).all(|pair| pair[0] > pair[1]),
            "{name}: {dates:?}"
        );
    }
}

#[test]
fn every_dialect_makes_an_rpm_changelog_that_is_read_again() {
    for (name, log) in samples() {
        let text = rpm_text(&log, &defaults(&log));
        let again = Dialect::Rpm.parse(&SourceText::new("hello.spec", format!("%changelog\n{text}")));
        let again = again.unwrap_or_else(|problems| panic!("{name}: {}\n{text}", problems[0]));
        let versions = |log: &Changelog| -> Vec<ReleaseVersion> {
            let released = log.released_entries(&defaults(log));
            released.into_iter().map(|entry| entry.version).collect()
        };
        assert_eq!(versions(&again), versions(&log), "{name}");
    }
}

#[test]
fn slips_in_any_dialect_are_told_in_their_line_or_make_a_changelog_that_dpkg_reads() {
    let mut dice = Dice(11);
    let mut made = Vec::new();
    for (name, log) in samples() {
        let text = fs::read_to_string(fixtures().join(&name)).unwrap();
        for _ in 0..120 {
            let text = (0..3).fold(text.clone(), |text, _| dice.mutate(&text));
            let source = SourceText::new(name.as_str(), text.as_str());
            let diagnosis = log.dialect.diagnose(&source);
            for problem in &diagnosis.problems {
                let place = problem.place.as_deref().unwrap();
                let length = place.source.chars().count();
                assert!(
                    place.column + place.width <= length.max(1) + 2,
                    "{name}: {problem}\n{text}"
                );
                let line = text.lines().nth(place.line - 1).unwrap_or("");
                let line = line.replace(['\x0b', '\x0c'], "\u{fffd}");
                assert_eq!(place.source, line.trim_end(), "{name}: {problem}");
            }
            let released = diagnosis.changelog.filter(|log| log.newest().is_some());
            made.extend(released.map(|log| (deb_text(&log, &defaults(&log)), text)));
        }
    }
    assert!(made.len() > 800, "too few of them can be read: {}", made.len());
    let texts: Vec<String> = made.iter().map(|(deb, _)| deb.clone()).collect();
    for ((deb, text), said) in made.iter().zip(dpkg_on(&texts)) {
        assert_eq!(said, "", "{text}\n---\n{deb}");
    }
}
