//! Memory that hostile packages make the reader ask for. A test binary of its own with one test, because what is
//! measured is the whole process: the most memory that it ever had mapped, touched or not.

#![allow(clippy::unwrap_used, reason = "these are tests")]

#[path = "packages/make.rs"]
#[allow(dead_code)]
mod make;
#[path = "packages/raw_rpm.rs"]
#[allow(dead_code)]
mod raw_rpm;

use packyard_formats::rpm::header::kind;
use packyard_formats::rpm::tag;
use raw_rpm::RawRpm;

const MIB: u64 = 1 << 20;

/// The most memory that this process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmPeak:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Reads a package that must be refused, and gives how much further the peak went.
fn refused(what: &str, bytes: &[u8]) -> u64 {
    let before = peak();
    make::read(make::RPM, bytes).expect_err(what);
    peak() - before
}

#[test]
fn a_package_takes_memory_by_its_bytes_and_not_by_what_it_claims() {
    let rpm = RawRpm::of(&make::rpm());
    make::read(make::RPM, &rpm.sealed()).unwrap();

    // Claims that no bytes back.
    for entry in 1..rpm.entries() {
        for count in [0x000f_ffff, 0x7fff_ffff, u32::MAX] {
            let grew = refused("a huge count", &rpm.with_word(entry, 3, count));
            assert!(grew < MIB, "entry {entry}, count {count}: {grew} bytes");
        }
    }
    for at in [8, 12] {
        let mut main = rpm.main.clone();
        main[at..at + 4].copy_from_slice(&0x0000_ffff_u32.to_be_bytes());
        main[12] = if at == 12 { 0x0f } else { main[12] };
        let grew = refused("a huge header", &rpm.seal(&main, &rpm.payload));
        assert!(grew < 4 * MIB, "word {at} of the intro: {grew} bytes");
    }

    // Many empty strings: each is one byte in the file, and many in memory.
    let none: Vec<&[u8]> = vec![b""; 0x000f_ffff];
    for of in [tag::REQUIRES.0, tag::CHANGELOG_TEXTS, tag::BASE_NAMES] {
        let many = RawRpm::of(&make::rpm()).with_strings(of, kind::STRING_ARRAY, &none);
        let many = many.rewrite(|entries| {
            let numbers = match of {
                tag::BASE_NAMES => vec![tag::DIR_INDEXES, tag::FILE_MODES, tag::FILE_FLAGS],
                tag::CHANGELOG_TEXTS => vec![tag::CHANGELOG_TIMES],
                _ => vec![tag::REQUIRES.1],
            };
            let also = [
                tag::REQUIRES.2,
                tag::CHANGELOG_NAMES,
                tag::FILE_SIZES,
                tag::LONG_FILE_SIZES,
            ];
            entries.retain(|e| !numbers.contains(&e.0) && !also.contains(&e.0));
            entries.retain(|e| {
                of != tag::BASE_NAMES || !(1028..=1045).contains(&e.0) && !(1095..=1097).contains(&e.0)
            });
            for number in numbers {
                let width = if number == tag::FILE_MODES { 2 } else { 4 };
                let kind = if width == 2 { kind::INT16 } else { kind::INT32 };
                entries.push((number, kind, 0x000f_ffff, vec![0; 0x000f_ffff * width]));
            }
        });
        let bytes = many.sealed();
        let before = peak();
        let _ = make::read(make::RPM, &bytes);
        let grew = peak() - before;
        assert!(
            grew < 512 * MIB,
            "tag {of}: {} MiB for {} MiB",
            grew / MIB,
            bytes.len() as u64 / MIB
        );
        println!(
            "tag {of}: {} MiB more for a file of {} MiB",
            grew / MIB,
            bytes.len() as u64 / MIB
        );
    }

    // A small payload that unpacks to a lot.
    let bomb = rpm.seal(&rpm.main, &make::gzip(&vec![0; 256 << 20]));
    let grew = refused("a bomb", &bomb);
    assert!(grew < 16 * MIB, "a bomb: {grew} bytes");
}
