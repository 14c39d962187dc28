//! Memory that hostile packages make the reader ask for: the most that a process has mapped, touched or not, which reads
//! nothing but the package. That process is this test binary again, with the package named in its environment.

#![allow(clippy::unwrap_used, missing_docs, reason = "these are tests")]

#[path = "packages/make.rs"]
#[allow(dead_code, reason = "other tests use what this does not")]
mod make;
#[path = "packages/raw_rpm.rs"]
#[allow(dead_code, reason = "other tests use what this does not")]
mod raw_rpm;

use packyard_formats::intake::{self, Limits};
use packyard_formats::rpm::header::kind;
use packyard_formats::rpm::tag;
use raw_rpm::RawRpm;
use std::process::Command;

const MIB: u64 = 1 << 20;
/// What as many rows as are taken may take.
const MOST_MIB: u64 = 256;
const PACKAGE: &str = "PACKYARD_TEST_PACKAGE";

/// The other process: reads the package that it was started for, and says its peak.
#[test]
fn the_process_that_is_measured() {
    let Some(file) = std::env::var_os(PACKAGE) else {
        return;
    };
    let mut file = std::fs::File::open(file).unwrap();
    let read = intake::read(&make::RPM.parse().unwrap(), &mut file, &Limits::default());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kib = |name: &str| {
        let value = status.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        value.trim().trim_end_matches(" kB").to_owned()
    };
    let why = read.map_or_else(|wrong| format!("{wrong:?}"), |_| "taken".to_owned());
    println!("mapped={} touched={} {why}", kib("VmPeak:"), kib("VmHWM:"));
}

/// What reading a package took, in bytes: what was mapped (which every process has a lot of) and what was touched.
struct Took {
    mapped: u64,
    touched: u64,
    why: String,
}

impl Took {
    /// By how much the larger of its growths is more than `usual`.
    fn more_than(&self, usual: &Self) -> u64 {
        let mapped = self.mapped.saturating_sub(usual.mapped);
        mapped.max(self.touched.saturating_sub(usual.touched))
    }
}

/// Reads a package in a process of its own.
fn read(bytes: &[u8]) -> Took {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(make::RPM);
    std::fs::write(&file, bytes).unwrap();
    let out = Command::new(std::env::current_exe().unwrap())
        .args([
            "the_process_that_is_measured",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PACKAGE, &file)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{text}");
    let line = text.lines().find_map(|line| line.split_once("mapped="));
    let (mapped, rest) = line
        .unwrap_or_else(|| panic!("{text}"))
        .1
        .split_once(" touched=")
        .unwrap();
    let (touched, why) = rest.split_once(' ').unwrap();
    Took {
        mapped: mapped.parse::<u64>().unwrap() * 1024,
        touched: touched.parse::<u64>().unwrap() * 1024,
        why: why.to_owned(),
    }
}

/// Nearly as many rows as are taken: some are there already.
const MOST: u32 = (1 << 18) - 100;

/// An entry of as many numbers, all of them this one.
fn numbers(tag: u32, of: u32, value: u32) -> (u32, u32, u32, Vec<u8>) {
    let raw = value.to_be_bytes();
    let raw = if of == kind::INT16 { &raw[2..] } else { &raw };
    (tag, of, MOST, raw.repeat(MOST as usize))
}

/// The good package with these entries in the place of those that pair with them.
fn with(related: &[u32], entries: Vec<(u32, u32, u32, Vec<u8>)>) -> Vec<u8> {
    let rpm = RawRpm::of(&make::rpm()).rewrite(|all| {
        all.retain(|e| !related.contains(&e.0));
        all.extend(entries);
    });
    rpm.sealed()
}

/// As many files, which are only named: each is a ghost.
fn ghosts() -> Vec<u8> {
    let of_files: Vec<u32> = (1027..=1045)
        .filter(|tag| *tag != tag::SOURCE_RPM)
        .chain(1095..=1097)
        .chain([
            1116,
            1117,
            1140,
            5008,
            tag::PAYLOAD_DIGEST,
            tag::PAYLOAD_DIGEST_UNPACKED,
        ])
        .collect();
    let names: Vec<u8> = (0..MOST).flat_map(|n| format!("{n}\0").into_bytes()).collect();
    let ghost = u32::try_from(tag::file_flag::GHOST).unwrap();
    let bytes = with(
        &of_files,
        vec![
            (tag::BASE_NAMES, kind::STRING_ARRAY, MOST, names),
            numbers(tag::DIR_INDEXES, kind::INT32, 0),
            numbers(tag::FILE_MODES, kind::INT16, 0o100_644),
            numbers(tag::FILE_FLAGS, kind::INT32, ghost),
        ],
    );
    let rpm = RawRpm::of(&bytes);
    let trailer = b"07070100000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000b00000000TRAILER!!!\0\0\0\0";
    rpm.seal(&rpm.main, &make::gzip(trailer))
}

#[test]
fn a_package_takes_memory_by_its_bytes_and_not_by_what_it_claims() {
    let rpm = RawRpm::of(&make::rpm());
    let usual = read(&rpm.sealed());
    assert_eq!(usual.why, "taken");

    // Claims that no bytes back.
    let entry = (1..rpm.entries())
        .find(|e| rpm.word(*e, 0) == tag::BASE_NAMES)
        .unwrap();
    let mut liars: Vec<Vec<u8>> = [0x000f_ffff, 0x7fff_ffff, u32::MAX]
        .map(|count| rpm.with_word(entry, 3, count))
        .into();
    for intro in [[0, 0, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff], [0xff; 8]] {
        let mut main = rpm.main.clone();
        main[8..16].copy_from_slice(&intro);
        liars.push(rpm.seal(&main, &rpm.payload));
    }
    // A payload that unpacks to a lot.
    liars.push(rpm.seal(&rpm.main, &make::gzip(&vec![0; 256 << 20])));
    for (n, liar) in liars.iter().enumerate() {
        let took = read(liar);
        assert_ne!(took.why, "taken", "liar {n}");
        let more = took.more_than(&usual);
        assert!(
            more < 4 * MIB,
            "liar {n}: {more} bytes more than usual, {}",
            took.why
        );
    }

    // Rows of next to nothing, as many as are taken: a byte or a few in the file, and a value each in memory.
    let empty = |tag| (tag, kind::STRING_ARRAY, MOST, vec![0; MOST as usize]);
    let required = [tag::REQUIRES.0, tag::REQUIRES.1, tag::REQUIRES.2];
    let logged = [tag::CHANGELOG_TIMES, tag::CHANGELOG_NAMES, tag::CHANGELOG_TEXTS];
    // As many as rpm itself would take are more than that.
    let (too_many, raw) = (0x000f_ffff, vec![0; 0x000f_ffff]);
    let bytes = with(&required, vec![(required[0], kind::STRING_ARRAY, too_many, raw)]);
    let took = read(&bytes);
    assert!(
        took.why.contains("REQUIRENAME") && took.more_than(&usual) < 16 * MIB,
        "{}",
        took.why
    );
    let requirements = with(
        &required,
        vec![
            empty(required[0]),
            numbers(required[1], kind::INT32, 8),
            empty(required[2]),
        ],
    );
    let changelog = with(
        &logged,
        vec![
            numbers(logged[0], kind::INT32, 7),
            empty(logged[1]),
            empty(logged[2]),
        ],
    );
    for (what, bytes) in [
        ("requirements", requirements),
        ("changelog", changelog),
        ("files", ghosts()),
    ] {
        let took = read(&bytes);
        let (more, len) = (took.more_than(&usual) / MIB, bytes.len() as u64 / MIB);
        println!(
            "{what}: {more} MiB more than usual for a file of {len} MiB, {}",
            took.why
        );
        assert_eq!(took.why, "taken", "{what}");
        assert!(more < MOST_MIB, "{what}: {more} MiB more than usual");
    }
}
