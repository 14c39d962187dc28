//! .rpm files whose headers are whole and whose payload, paths or digests are not, and files that are only odd.

use crate::bad_rpms::{good, refused};
use crate::make::{RPM, gzip, read, refusal};
use packyard_formats::rpm::header::kind;
use packyard_formats::rpm::tag;

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
