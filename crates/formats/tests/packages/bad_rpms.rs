//! Damaged, hostile and merely odd .rpm files: each is refused with the tag or the file named, and none makes the reader panic.

use crate::make::{self, RPM, gzip, read, refusal};
use crate::raw_rpm::RawRpm;
use packyard_formats::rpm::header::kind;
use packyard_formats::rpm::tag;

fn good() -> RawRpm {
    RawRpm::of(&make::rpm())
}

#[track_caller]
fn refused(bytes: &[u8], with: &[&str]) {
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

#[test]
fn paths_of_the_header_that_climb_are_refused() {
    for dir in [
        "../",
        "/usr/../../etc/",
        "/usr/./bin/",
        "/usr//bin/",
        "/us\u{1}r/",
    ] {
        let rpm = good().rewrite(|entries| {
            let dirs = entries.iter_mut().find(|e| e.0 == tag::DIR_NAMES).unwrap();
            let count = dirs.2 as usize;
            dirs.3 = [dir.as_bytes(), b"\0"].concat().repeat(count);
        });
        let said = refusal(RPM, &rpm.sealed());
        assert!(said.contains("hint:"), "{dir:?}: {said}");
    }
}

/// One entry of a cpio.
fn cpio(path: &str, mode: u32, data: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "07070100000000{mode:08x}000000000000000000000001{:08x}{:08x}{}{:08x}00000000",
        0,
        data.len(),
        "00000000".repeat(4),
        path.len() + 1
    )
    .into_bytes();
    out.extend(path.as_bytes());
    out.push(0);
    out.resize(out.len().next_multiple_of(4), 0);
    out.extend(data);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

/// The good package with another payload, and no digest of it.
fn with_payload(cpio: &[u8]) -> Vec<u8> {
    let rpm = good().rewrite(|entries| {
        let digests = [
            tag::PAYLOAD_DIGEST,
            tag::PAYLOAD_DIGEST_UNPACKED,
            tag::PAYLOAD_DIGEST_ALGORITHM,
        ];
        entries.retain(|e| !digests.contains(&e.0));
    });
    rpm.seal(&rpm.main, &gzip(cpio))
}

#[test]
fn a_payload_that_is_not_what_the_header_lists_is_refused() {
    let trailer = cpio("TRAILER!!!", 0, b"");
    let text = cpio("./usr/share/hello/text", 0o100_644, b"hello\n");
    for (path, said) in [
        (
            "./usr/share/hello/../../../etc/passwd",
            "the header does not name it",
        ),
        ("/etc/passwd", "the header does not name it"),
        ("../../etc/passwd", "the header does not name it"),
        ("", "the header does not name it"),
    ] {
        let payload = [&cpio(path, 0o100_644, b"x")[..], &trailer].concat();
        refused(&with_payload(&payload), &[said]);
    }
    let twice = [&text[..], &text, &trailer].concat();
    refused(&with_payload(&twice), &["usr/share/hello/text", "holds it twice"]);
    let short = [&cpio("./usr/share/hello/text", 0o100_644, b"h")[..], &trailer].concat();
    refused(
        &with_payload(&short),
        &["usr/share/hello/text", "1 bytes where the archive says 6"],
    );
    let other = [
        &cpio("./usr/share/hello/text", 0o100_644, b"HELLO\n")[..],
        &trailer,
    ]
    .concat();
    refused(&with_payload(&other), &["usr/share/hello/text", "its digest is"]);
    refused(&with_payload(&trailer), &["the payload lacks it"]);
    refused(&with_payload(&text), &["payload"]);
    let mut huge = cpio("./usr/share/hello/text", 0o100_644, b"");
    huge[54..62].copy_from_slice(b"ffffffff");
    refused(
        &with_payload(&[&huge[..], &trailer].concat()),
        &["usr/share/hello/text"],
    );
}

#[test]
fn digests_and_sizes_of_the_payload_that_lie_are_refused() {
    let rpm = good();
    let mut payload = rpm.payload.clone();
    let last = payload.len() - 1;
    payload[last] ^= 1;
    assert!(read(RPM, &rpm.seal(&rpm.main, &payload)).is_err());
    let wrong = "0".repeat(64);
    for (of, said) in [
        (tag::PAYLOAD_DIGEST, "digest of the payload"),
        (tag::PAYLOAD_DIGEST_UNPACKED, "digest of the unpacked payload"),
        (tag::PAYLOAD_SHA512, "SHA-512 of the payload"),
        (tag::PAYLOAD_SHA512_UNPACKED, "SHA-512 of the unpacked payload"),
        (tag::PAYLOAD_SHA3_256, "SHA3-256 of the payload"),
        (tag::PAYLOAD_SHA3_256_UNPACKED, "SHA3-256 of the unpacked payload"),
    ] {
        let bent = good().with_strings(of, kind::STRING_ARRAY, &[wrong.as_bytes()]);
        refused(&bent.sealed(), &[said, "the package says `0000"]);
    }
    for (of, said) in [
        (tag::PAYLOAD_LEN, "of the package"),
        (tag::PAYLOAD_LEN_UNPACKED, "tag 5113 (PAYLOADSIZEALT) says 1"),
    ] {
        let bent = good().rewrite(|entries| entries.push((of, kind::INT64, 1, 1_u64.to_be_bytes().to_vec())));
        let said_of_it = refusal(RPM, &bent.sealed());
        assert!(said_of_it.contains(said), "{said_of_it}");
    }
}

#[test]
fn a_digest_of_the_header_that_lies_is_refused() {
    for (of, said) in [(269, "SHA-1 of the header"), (279, "SHA3-256 of the header")] {
        let mut rpm = good();
        rpm.signature = vec![(of, kind::STRING, 1, b"00\0".to_vec())];
        refused(&rpm.sealed(), &[said, "main header"]);
    }
}

#[test]
fn what_an_index_cannot_say_is_told_and_costs_no_package() {
    assert_eq!(
        read(RPM, &good().sealed()).unwrap().cautions,
        Vec::<String>::new()
    );
    let odd = good()
        .with_strings(tag::DESCRIPTION, kind::I18N_STRING, &[b"a bell \x07"])
        .with_strings(tag::SUMMARY, kind::I18N_STRING, &[b"caf\xe9 \xb9"])
        .with_strings(tag::CONFLICTS.0, kind::STRING_ARRAY, &[b"other"])
        .with_strings(tag::CONFLICTS.2, kind::STRING_ARRAY, &[b"x:1"]);
    let mut odd = odd.rewrite(|entries| {
        entries.push((tag::CONFLICTS.1, kind::INT32, 1, 8_u32.to_be_bytes().to_vec()));
        let names = entries.iter_mut().find(|e| e.0 == tag::DIR_NAMES).unwrap();
        assert!(names.3.starts_with(b"/usr/"));
    });
    odd.signature = vec![(
        tag::sig::PAYLOAD_SIZE,
        kind::INT32,
        1,
        1_u32.to_be_bytes().to_vec(),
    )];
    let intake = read(RPM, &odd.sealed()).unwrap();
    let told = intake.cautions.join("\n");
    for said in [
        "SUMMARY: not UTF-8",
        "DESCRIPTION: control characters",
        "U+FFFD",
        "CONFLICTVERSION: a version whose epoch is no number",
        "PAYLOADSIZE: the package says 1 bytes",
    ] {
        assert!(told.contains(said), "{said}\n{told}");
    }
    let packyard_types::Facts::Rpm(facts) = intake.facts else {
        panic!()
    };
    assert_eq!(facts.summary, "caf\u{e9} ");
    assert_eq!(facts.conflicts, []);
}

#[test]
fn a_path_with_control_characters_costs_no_package() {
    let odd = good().rewrite(|entries| {
        let names = entries.iter_mut().find(|e| e.0 == tag::BASE_NAMES).unwrap();
        let at = names.3.windows(4).position(|w| w == b"text").unwrap();
        names.3[at] = 7;
        entries.retain(|e| ![tag::PAYLOAD_DIGEST, tag::PAYLOAD_DIGEST_UNPACKED].contains(&e.0));
    });
    let mut cpio = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*odd.payload), &mut cpio).unwrap();
    let at = cpio.windows(11).position(|w| w == b"/hello/text").unwrap();
    cpio[at + 7] = 7;
    let intake = read(RPM, &odd.seal(&odd.main, &gzip(&cpio))).unwrap();
    assert!(
        intake
            .cautions
            .join("\n")
            .contains("BASENAMES: control characters")
    );
}
