//! Damaged and hostile .rpm files: each is refused with the tag or the file named, and none makes the reader panic.

use crate::make::{self, RPM, read, refusal};
use crate::raw_rpm::RawRpm;
use packyard_formats::rpm::header::kind;
use packyard_formats::rpm::tag;

pub fn good() -> RawRpm {
    RawRpm::of(&make::rpm())
}

#[track_caller]
pub fn refused(bytes: &[u8], with: &[&str]) {
    let said = refusal(RPM, bytes);
    for part in with {
        assert!(said.contains(part), "`{part}` in:\n{said}");
    }
}

#[test]
fn a_package_cut_at_any_byte_is_refused() {
    let bytes = good().sealed();
    read(RPM, &bytes).unwrap();
    for cut in 0..bytes.len() {
        assert!(
            read(RPM, &bytes[..cut]).is_err(),
            "cut to {cut} of {}",
            bytes.len()
        );
    }
}

/// What no entry may have, by word of the index: 1 type, 2 offset, 3 count.
const NEVER: [(usize, &[u32]); 3] = [
    (1, &[0, 10, 255, u32::MAX]),
    (2, &[0x7fff_ffff, u32::MAX]),
    (3, &[0, 0x7fff_ffff, u32::MAX]),
];

#[test]
fn every_tag_with_an_impossible_type_offset_or_count_is_refused_by_its_name() {
    let rpm = good();
    for entry in 1..rpm.entries() {
        let named = format!("tag {}", rpm.word(entry, 0));
        for (word, values) in NEVER {
            for value in values {
                let place = format!("entry {entry} of its index");
                refused(
                    &rpm.with_word(entry, word, *value),
                    &[&named, &place, "main header"],
                );
            }
        }
    }
}

#[test]
fn every_known_tag_with_values_of_another_type_is_refused_by_its_name() {
    let rpm = good();
    let strings = [kind::STRING, kind::STRING_ARRAY, kind::I18N_STRING];
    for entry in 1..rpm.entries() {
        let named = format!("tag {}", rpm.word(entry, 0));
        let own = rpm.word(entry, 1);
        for other in 1..=9 {
            let both_text = strings.contains(&own) && strings.contains(&other);
            if other != own && !both_text {
                refused(&rpm.with_word(entry, 1, other), &[&named, "main header"]);
            }
        }
    }
}

/// One more or one less, half or double: the values of the next tag are reached into, rows no longer pair, or what is
/// said is another package; but it is never a panic, and a refusal names something.
#[test]
fn every_tag_with_a_count_or_offset_that_is_a_little_wrong_is_refused_or_another_package() {
    let rpm = good();
    for entry in 0..rpm.entries() {
        for word in 0..4 {
            let right = rpm.word(entry, word);
            for wrong in [
                right + 1,
                right.wrapping_sub(1),
                right / 2,
                right.wrapping_mul(2),
                right + 8,
            ] {
                match read(RPM, &rpm.with_word(entry, word, wrong)) {
                    Ok(other) => assert!(!other.package.is_empty()),
                    Err(refused) => {
                        assert!(!refused.rule.is_empty() && !refused.hint.is_empty());
                    }
                }
            }
        }
    }
}

#[test]
fn overlapping_values_and_a_tag_that_is_there_twice_are_refused() {
    let rpm = good();
    let before = rpm.word(2, 2);
    refused(
        &rpm.with_word(3, 2, before),
        &["overlaps the values of the tag before it"],
    );
    let first = rpm.word(2, 0);
    refused(
        &rpm.with_word(3, 0, first),
        &["is there twice", &format!("tag {first}")],
    );
}

#[test]
fn a_region_that_lies_is_refused() {
    let rpm = good();
    refused(&rpm.with_word(0, 3, 17), &["tag 63", "is the region"]);
    refused(&rpm.with_word(0, 1, kind::STRING), &["tag 63", "is the region"]);
    refused(
        &rpm.with_word(0, 2, rpm.word(0, 2) - 16),
        &["tag 63", "does not end the values"],
    );
    let trailer = rpm.main.len() - 16;
    for (at, value, said) in [
        (0, 62_u32, "its trailer says tag 62"),
        (4, 6, "its trailer says tag 63, type 6"),
        (
            8,
            16_u32.wrapping_neg(),
            "its trailer says that the index has 16 bytes",
        ),
        (8, 0, "its trailer says that the index has 0 bytes"),
        (12, 0, "count 0"),
    ] {
        let mut main = rpm.main.clone();
        main[trailer + at..trailer + at + 4].copy_from_slice(&value.to_be_bytes());
        refused(&rpm.seal(&main, &rpm.payload), &["tag 63", said]);
    }
}

#[test]
fn lengths_of_index_and_store_that_lie_are_refused() {
    let rpm = good();
    for (at, part) in [(8, "entries"), (12, "bytes of values")] {
        let right = u32::from_be_bytes(rpm.main[at..at + 4].try_into().unwrap());
        for wrong in [0, 1, right - 1, right + 1, 0x0fff_ffff, 0x1000_0000, u32::MAX] {
            let mut main = rpm.main.clone();
            main[at..at + 4].copy_from_slice(&wrong.to_be_bytes());
            assert!(
                read(RPM, &rpm.seal(&main, &rpm.payload)).is_err(),
                "{wrong} {part}"
            );
        }
    }
    let mut main = rpm.main.clone();
    main[12..16].copy_from_slice(&u32::MAX.to_be_bytes());
    refused(&rpm.seal(&main, &rpm.payload), &["outside rpm's limits"]);
}

#[test]
fn a_signature_header_of_garbage_is_refused() {
    let rpm = good();
    for garbage in [&[0xff; 64][..], &[0; 64], b"signature"] {
        let mut bytes = rpm.lead.clone();
        bytes.extend(garbage);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend(&rpm.main);
        bytes.extend(&rpm.payload);
        refused(&bytes, &["signature header"]);
    }
    let mut many = good();
    many.signature = (2000..2040).map(|tag| (tag, kind::BIN, 1, vec![0])).collect();
    refused(&many.sealed(), &["the signature header claims 43 entries"]);
    // A signature that is none hides nothing: it is no signature.
    let mut odd = good();
    odd.signature = vec![
        (268, kind::BIN, 3, b"odd".to_vec()),
        (1002, kind::STRING, 1, b"\0".to_vec()),
    ];
    read(RPM, &odd.sealed()).unwrap();
}

#[test]
fn a_second_main_header_is_no_payload() {
    let rpm = good();
    let payload = [&rpm.main[..], &rpm.payload].concat();
    let twice = rpm.seal(&rpm.main, &payload);
    assert!(
        refusal(RPM, &twice).contains("payload"),
        "{}",
        refusal(RPM, &twice)
    );
}

#[test]
fn a_lead_of_another_age_is_refused() {
    let bent = |at: usize, value: u8| {
        let mut rpm = good();
        rpm.lead[at] = value;
        rpm.sealed()
    };
    for version in [0, 1, 2, 5, 255] {
        refused(
            &bent(4, version),
            &[&format!("its lead says package format {version}")],
        );
    }
    for kind in [0, 1, 4] {
        refused(&bent(79, kind), &["no signature header follows"]);
    }
    refused(&bent(0, 0), &["magic number of an .rpm"]);
    // Name, type, architecture and system are read by nobody.
    for at in [5, 7, 9, 10, 60, 77, 95] {
        read(RPM, &bent(at, 0xff)).unwrap();
    }
}

#[test]
fn lists_of_different_lengths_are_refused_with_both_tags() {
    for (short, long) in [
        (tag::FILE_MODES, tag::BASE_NAMES),
        (tag::FILE_DIGESTS, tag::BASE_NAMES),
        (tag::DIR_INDEXES, tag::BASE_NAMES),
        (tag::REQUIRES.1, tag::REQUIRES.0),
        (tag::PROVIDES.2, tag::PROVIDES.0),
    ] {
        let rpm = good().rewrite(|entries| {
            let entry = entries.iter_mut().find(|e| e.0 == short).unwrap();
            let last = match entry.1 {
                kind::INT16 => 2,
                kind::INT32 => 4,
                _ => {
                    entry.3[..entry.3.len() - 1]
                        .iter()
                        .rev()
                        .take_while(|b| **b != 0)
                        .count()
                        + 1
                }
            };
            entry.2 -= 1;
            entry.3.truncate(entry.3.len() - last);
            if entry.2 == 0 {
                entry.2 = 2;
                entry.3 = entry.3.repeat(2);
                entry.3.resize(8, 0);
            }
        });
        let named = [format!("tag {short} ("), format!("tag {long} (")];
        refused(&rpm.sealed(), &[&named[0], &named[1], "values"]);
    }
    let rpm = good().rewrite(|entries| entries.retain(|e| e.0 != tag::FILE_MODES));
    refused(&rpm.sealed(), &["lists files and has no tag 1030 (FILEMODES)"]);
    let rpm = good().rewrite(|entries| entries.retain(|e| e.0 != tag::BASE_NAMES));
    refused(&rpm.sealed(), &["lists no files"]);
}

#[test]
fn a_directory_that_does_not_exist_is_refused() {
    let rpm = good().rewrite(|entries| {
        let indexes = entries.iter_mut().find(|e| e.0 == tag::DIR_INDEXES).unwrap();
        indexes.3[..4].copy_from_slice(&u32::MAX.to_be_bytes());
    });
    refused(&rpm.sealed(), &["directory 4294967295", "DIRNAMES"]);
}
