//! Zips that two readers would read differently, each named after what it attempts. The public index refuses the same
//! kinds; none of its files is used here.

use crate::make::{self, WHEEL};
use crate::raw_zip::{Raw, RawZip, crc32, deflate, extra};

#[track_caller]
fn refused(bytes: &[u8], rule: &str) {
    let said = make::refusal(WHEEL, bytes);
    assert!(said.contains(rule), "expected `{rule}` in:\n{said}");
}

#[track_caller]
fn taken(bytes: &[u8]) {
    make::read(WHEEL, bytes).unwrap();
}

#[test]
fn what_honest_tools_write_is_taken() {
    taken(&RawZip::wheel().build());
    taken(&RawZip::first(Raw::streamed));
    // Without the signature, which the specification does not ask for.
    taken(&RawZip::first(|e| {
        e.streamed();
        e.behind.drain(..4);
    }));
    // Python's zipfile, told to be ready for more than 4 GiB: the local header is full, the directory is not.
    taken(&RawZip::first(|e| {
        let sizes = [
            u64::from(e.local.size).to_le_bytes(),
            u64::from(e.local.packed).to_le_bytes(),
        ]
        .concat();
        e.local.extra = extra(1, &sizes);
        (e.local.size, e.local.packed) = (u32::MAX, u32::MAX);
    }));
    // Time stamps, which Info-ZIP writes.
    taken(&RawZip::first(|e| {
        e.both(|h| h.extra = extra(0x5455, &[1, 0, 0, 0, 0]));
    }));
    taken(&RawZip::with(|zip| zip.end_64 = Some(|n| n)));
    // An effort that is known in the end only.
    taken(&RawZip::first(|e| e.central.flags |= 2));
    taken(&RawZip::with(|zip| {
        let mut dir = Raw::deflated("hello_world/", b"");
        dir.packed.clear();
        dir.both(|h| (h.method, h.packed) = (0, 0));
        dir.mode = 0o040_755;
        zip.entries.insert(0, dir);
    }));
}

#[test]
fn a_name_that_only_one_of_the_two_headers_has() {
    let rule = "`hello_world/__init__.py`: its local header and the central directory disagree: name \
        `hello_world/__evil__.py` and `hello_world/__init__.py`";
    refused(
        &RawZip::first(|e| e.local.name = b"hello_world/__evil__.py".to_vec()),
        rule,
    );
    refused(
        &RawZip::first(|e| e.local.name = b"x.py".to_vec()),
        "name `x.py` and `hello_world/__init__.py`",
    );
}

#[test]
fn sizes_checksum_method_or_flags_that_only_one_of_the_two_headers_has() {
    let disagree = "its local header and the central directory disagree:";
    refused(&RawZip::first(|e| e.local.size += 1), &format!("{disagree} size"));
    refused(
        &RawZip::first(|e| e.local.packed -= 1),
        &format!("{disagree} packed size"),
    );
    refused(
        &RawZip::first(|e| e.local.crc32 ^= 1),
        &format!("{disagree} CRC-32"),
    );
    refused(
        &RawZip::first(|e| e.local.method = 0),
        &format!("{disagree} method `0` and `8`"),
    );
    refused(
        &RawZip::first(|e| e.local.flags = 0x800),
        &format!("{disagree} flags"),
    );
    refused(
        &RawZip::first(|e| e.local.flags = 8),
        &format!("{disagree} flags"),
    );
}

#[test]
fn a_checksum_or_size_that_is_wrong_in_both() {
    refused(
        &RawZip::first(|e| e.both(|h| h.crc32 ^= 1)),
        "its CRC-32 is wrong",
    );
    refused(
        &RawZip::first(|e| e.both(|h| h.size += 1)),
        "it unpacks to less than it says",
    );
    refused(
        &RawZip::first(|e| e.both(|h| h.size -= 1)),
        "it unpacks to more than it says",
    );
}

#[test]
fn bytes_that_hide_behind_the_compressed_data_of_an_entry() {
    let hide = |e: &mut Raw| {
        e.packed.extend(b"hidden");
        e.both(|h| h.packed += 6);
    };
    refused(
        &RawZip::first(hide),
        "bytes follow the end of its compressed data",
    );
}

#[test]
fn compressed_data_without_an_end() {
    let cut = |e: &mut Raw| {
        // One stored block that is not the last one, and nothing after it.
        let data = b"print('hello')\n";
        let len = u16::try_from(data.len()).unwrap();
        e.packed = [&[0], &len.to_le_bytes()[..], &(!len).to_le_bytes()[..], data].concat();
        let packed = u32::try_from(e.packed.len()).unwrap();
        e.both(|h| h.packed = packed);
    };
    refused(&RawZip::first(cut), "its compressed data ends too early");
}

#[test]
fn data_before_between_and_behind_the_entries() {
    refused(
        &RawZip::with(|zip| zip.before = b"#!/bin/sh\n".to_vec()),
        "bytes that belong to no entry precede it",
    );
    refused(
        &RawZip::first(|e| e.behind = b"hidden".to_vec()),
        "bytes that belong to no entry precede it",
    );
    refused(
        &RawZip::with(|zip| zip.behind_entries = b"hidden".to_vec()),
        "bytes that belong to no entry precede its central directory",
    );
    let end = "it does not end with a zip's end record";
    refused(&RawZip::with(|zip| zip.behind = b"hidden".to_vec()), end);
    refused(&RawZip::with(|zip| zip.comment = b"a comment".to_vec()), end);
    let second = RawZip::wheel().build();
    refused(&RawZip::with(|zip| zip.comment.clone_from(&second)), "");
    refused(&RawZip::with(|zip| zip.behind = second), "");
}

#[test]
fn an_entry_that_the_directory_leaves_out() {
    let hidden = RawZip {
        entries: vec![Raw::deflated("hello_world/__init__.py", b"evil()\n")],
        ..RawZip::wheel()
    };
    let local = &hidden.build()[..30 + 23 + deflate(b"evil()\n").len()];
    refused(
        &RawZip::with(|zip| zip.before = local.to_vec()),
        "bytes that belong to no entry precede it",
    );
}

#[test]
fn an_entry_that_is_there_twice_also_in_another_spelling() {
    for again in [
        "hello_world/__init__.py",
        "./hello_world/__init__.py",
        "hello_world/__init__.py/",
    ] {
        let bytes = RawZip::with(|zip| {
            let mut twice = Raw::deflated(again, b"");
            twice.packed.clear();
            twice.both(|h| (h.method, h.packed) = (0, 0));
            zip.entries.insert(1, twice);
        });
        refused(&bytes, "entry `hello_world/__init__.py`: it is there twice");
    }
}

#[test]
fn an_extra_field_with_another_name() {
    let name = |crc_of: &[u8]| {
        let field = [&[1], &crc32(crc_of).to_le_bytes()[..], b"hello_world/__evil__.py"].concat();
        extra(0x7075, &field)
    };
    let field = name(b"hello_world/__init__.py");
    let rule = "entry `hello_world/__init__.py`: an extra field gives it another name";
    refused(&RawZip::first(|e| e.central.extra.clone_from(&field)), rule);
    refused(&RawZip::first(|e| e.local.extra = field), rule);
}

#[test]
fn extra_fields_that_are_none() {
    let rule = "its extra fields are malformed";
    refused(&RawZip::first(|e| e.central.extra = vec![1, 0, 0]), rule);
    refused(&RawZip::first(|e| e.local.extra = vec![9, 0, 9, 0, 1]), rule);
}

#[test]
fn zip64_fields_that_contradict_the_header() {
    let other = "its zip64 field does not fit its header";
    let wide = |size: u64| extra(1, &size.to_le_bytes());
    refused(&RawZip::first(|e| e.central.extra = wide(99)), other);
    refused(&RawZip::first(|e| e.local.extra = wide(99)), other);
    // Full, and no field; a field with more than it should have; two fields.
    refused(&RawZip::first(|e| e.central.size = u32::MAX), other);
    refused(
        &RawZip::first(|e| {
            e.central.extra = extra(1, &[u64::from(e.central.size).to_le_bytes(), [7; 8]].concat());
            e.central.size = u32::MAX;
        }),
        other,
    );
    let twice = |e: &mut Raw| {
        let one = wide(u64::from(e.central.size));
        e.central.extra = [one.clone(), one].concat();
    };
    refused(&RawZip::first(twice), "it has two zip64 fields");
    // A local header that is full, and whose field says other sizes.
    refused(
        &RawZip::first(|e| {
            e.local.extra = extra(
                1,
                &[99_u64.to_le_bytes(), u64::from(e.local.packed).to_le_bytes()].concat(),
            );
            (e.local.size, e.local.packed) = (u32::MAX, u32::MAX);
        }),
        "disagree: size `99`",
    );
}

#[test]
fn two_end_records_that_disagree() {
    let rule = "its end record and its zip64 end record disagree";
    refused(
        &RawZip::with(|zip| zip.end_64 = Some(|[own, n, len, at]| [own, n - 1, len, at])),
        rule,
    );
    refused(
        &RawZip::with(|zip| zip.end_64 = Some(|[own, n, len, at]| [own, n, len - 1, at])),
        rule,
    );
    let malformed = "its zip64 end record is malformed";
    refused(
        &RawZip::with(|zip| zip.end_64 = Some(|[own, n, len, at]| [own + 8, n, len, at])),
        malformed,
    );
}

#[test]
fn an_end_record_that_counts_otherwise() {
    let bytes = RawZip::wheel().build();
    let at = bytes.len() - 22;
    let mut fewer = bytes.clone();
    (fewer[at + 8], fewer[at + 10]) = (3, 3);
    refused(&fewer, "its end record says 3 entries, its directory has 4");
    let mut disks = bytes;
    disks[at + 8] = 3;
    refused(&disks, "it is spread over several disks");
}

#[test]
fn a_descriptor_that_contradicts_the_directory() {
    let rule = "its data descriptor and the central directory disagree";
    for at in [4, 8, 12] {
        refused(
            &RawZip::first(|e| {
                e.streamed();
                e.behind[at] ^= 1;
            }),
            rule,
        );
    }
    let stored = |e: &mut Raw| {
        e.packed = b"print('hello')\n".to_vec();
        e.both(|h| (h.method, h.packed) = (0, h.size));
        e.streamed();
    };
    refused(
        &RawZip::first(stored),
        "only a data descriptor behind it tells where it ends",
    );
}

#[test]
fn encrypted_patched_or_oddly_compressed_entries() {
    for flags in [1, 0x40, 0x2000] {
        refused(
            &RawZip::first(|e| e.both(|h| h.flags |= flags)),
            "it is encrypted",
        );
    }
    refused(
        &RawZip::first(|e| e.both(|h| h.flags |= 0x20)),
        "its flags 0x0020 have a meaning that not every reader knows",
    );
    for method in [9, 12, 14, 93, 99] {
        refused(
            &RawZip::first(|e| e.both(|h| h.method = method)),
            &format!("it is compressed by method {method}"),
        );
    }
}

#[test]
fn names_that_readers_read_differently() {
    let named = |name: &[u8], flags: u16| {
        RawZip::first(|e| {
            e.both(|h| {
                h.name = name.to_vec();
                h.flags = flags;
            });
        })
    };
    refused(
        &named("hello_world/é.py".as_bytes(), 0),
        "its name is not ASCII and is not marked as UTF-8",
    );
    refused(&named(b"hello_world/\xe9.py", 0x800), "its path is not UTF-8");
    refused(&named(b"hello_world\\x.py", 0), "its path has a backslash");
    refused(&named(b"C:/x.py", 0), "its path begins with the name of a drive");
    refused(&named(b"/etc/passwd", 0), "its path is absolute");
    refused(&named(b"a/../../etc/passwd", 0), "its path leads out of the tree");
    refused(&named(b"x.py\0.txt", 0), "control characters are not allowed");
    refused(&named(b"a/./x.py", 0), "`.` and `..` are not allowed");
}

#[test]
fn links_devices_and_directories_with_contents() {
    refused(&RawZip::first(|e| e.mode = 0o120_777), "it is a symbolic link");
    refused(
        &RawZip::first(|e| e.mode = 0o020_666),
        "it is neither a file nor a directory",
    );
    refused(
        &RawZip::first(|e| e.mode = 0o010_666),
        "it is neither a file nor a directory",
    );
    refused(
        &RawZip::first(|e| e.both(|h| h.name = b"hello_world/".to_vec())),
        "it is a directory and has contents",
    );
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let zeros = vec![0; 80 << 20];
    let bomb = RawZip::with(|zip| zip.entries.insert(0, Raw::deflated("bomb", &zeros)));
    refused(&bomb, "out of proportion to its packed size");
    // One that says that it is small is found while it is unpacked.
    let lies = RawZip::with(|zip| {
        let mut bomb = Raw::deflated("bomb", &zeros);
        bomb.both(|h| h.size = 10);
        zip.entries.insert(0, bomb);
    });
    refused(&lies, "entry `bomb`: it unpacks to more than it says");
}
