//! One bad archive for each rule, and the message that refuses it.

use crate::make::{self, DEB, Deb, METADATA, SDIST, Tar, WHEEL, WHEEL_FILES, ar, gzip, refusal};
use packyard_formats::intake::{self, Limits};
use std::io::Cursor;
use tar::EntryType;

/// An sdist whose tar goes on as `more` says.
fn sdist(more: impl FnOnce(Tar) -> Tar) -> Vec<u8> {
    gzip(
        &more(
            Tar::new()
                .dir("hello_world-1.0/")
                .file("hello_world-1.0/PKG-INFO", METADATA.as_bytes()),
        )
        .done(),
    )
}

#[track_caller]
fn refused(name: &str, bytes: &[u8], message: &str) {
    let said = refusal(name, bytes);
    assert!(said.contains(message), "expected `{message}` in:\n{said}");
    assert!(!said.ends_with("hint: "), "no hint: {said}");
}

#[test]
fn paths_that_leave_the_tree() {
    for (path, rule) in [
        (
            "hello_world-1.0/../../etc/passwd",
            "its path leads out of the tree",
        ),
        ("/etc/passwd", "its path is absolute"),
        (
            "hello_world-1.0//x",
            "its path is not valid: it has an empty part",
        ),
        (
            "hello_world-1.0/a\nb",
            "its path is not valid: control characters are not allowed",
        ),
        ("hello_world-1.0/..\\..\\x", "its path leads out of the tree"),
    ] {
        let message = format!("`{SDIST}`, entry `{}`: {rule}", path.escape_debug());
        refused(SDIST, &sdist(|tar| tar.file(path, b"x")), &message);
    }
}

/// A dictionary of 256 MiB in the header of the first block (xz format, 3.1.6 and 5.3.1).
fn with_a_large_dictionary(mut xz: Vec<u8>) -> Vec<u8> {
    let end = 12 + 4 * usize::from(xz[12]);
    assert_eq!(xz[14..16], [0x21, 1], "LZMA2 with a dictionary");
    xz[16] = 32;
    let sum = crc32fast::hash(&xz[12..end]);
    xz[end..end + 4].copy_from_slice(&sum.to_le_bytes());
    xz
}

#[test]
fn a_stream_that_wants_too_much_memory_is_not_called_damaged() {
    let data = Deb::good().data;
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 0);
    std::io::Write::write_all(&mut xz, &data).unwrap();
    let xz = with_a_large_dictionary(xz.finish().unwrap());
    // One raw block after a window of 1 GiB (RFC 8878, 3.1.1).
    let zstd = b"\x28\xb5\x2f\xfd\x00\xa0\x09\0\0a".to_vec();
    for (name, bytes) in [("data.tar.xz", xz), ("data.tar.zst", zstd)] {
        let deb = ar(&[
            ("debian-binary", b"2.0\n"),
            ("control.tar.gz", &Deb::good().control_tar()),
            (name, &bytes),
        ]);
        let message = format!("entry `{name}`: it needs more than 128 MiB of memory to be unpacked");
        refused(DEB, &deb, &message);
        assert!(refusal(DEB, &deb).contains("hint: pack it with a smaller dictionary"));
    }
}

#[test]
fn paths_of_a_hundred_parts_and_of_one_more() {
    let with = |parts: usize| {
        let name = format!("{}f", "d/".repeat(parts - 1));
        let path = format!("./{name}");
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        header.set_mtime(1_600_000_000);
        tar.append_data(&mut header, path, &b""[..]).unwrap();
        let deb = Deb {
            md5sums: format!("{}  {name}\n", make::md5(b"")),
            data: tar.into_inner().unwrap(),
            ..Deb::good()
        };
        deb.build()
    };
    make::read(DEB, &with(100)).unwrap();
    refused(DEB, &with(101), "f`: its path has more than 100 parts");
}

#[test]
fn entries_that_are_there_twice() {
    let bytes = sdist(|tar| {
        tar.file("hello_world-1.0/x", b"1")
            .file("hello_world-1.0/x", b"2")
    });
    refused(SDIST, &bytes, "entry `hello_world-1.0/x`: it is there twice");
    let bytes = make::zip(&[("x", b"1"), ("y", b"2")]);
    let twice: Vec<u8> = bytes.iter().map(|b| if *b == b'y' { b'x' } else { *b }).collect();
    refused(WHEEL, &twice, "it has no `.dist-info` directory of `hello-world`");
}

#[test]
fn a_wheel_with_an_entry_twice() {
    let mut files = WHEEL_FILES.to_vec();
    files.push(("hello_world/aaaa.py", b"1"));
    files.push(("hello_world/bbbb.py", b"1"));
    let bytes = make::wheel(&files, "");
    let text = b"hello_world/bbbb.py";
    let mut twice = bytes.clone();
    for at in 0..bytes.len() - text.len() {
        if &bytes[at..at + text.len()] == text {
            twice[at..at + text.len()].copy_from_slice(b"hello_world/aaaa.py");
        }
    }
    // RECORD is deflated, so only the two headers changed.
    refused(WHEEL, &twice, "entry `hello_world/aaaa.py`: it is there twice");
}

#[test]
fn links_out_of_the_tree() {
    let up = sdist(|tar| tar.link("hello_world-1.0/up", "../../etc"));
    refused(
        SDIST,
        &up,
        "entry `hello_world-1.0/up`: it is a link to `../../etc`, outside the tree",
    );
    let absolute = sdist(|tar| tar.link("hello_world-1.0/abs", "/etc/passwd"));
    refused(
        SDIST,
        &absolute,
        "it is a link to `/etc/passwd`, outside the tree",
    );
    let below = sdist(|tar| {
        tar.link("hello_world-1.0/l", "x")
            .file("hello_world-1.0/l/y", b"")
    });
    refused(
        SDIST,
        &below,
        "entry `hello_world-1.0/l/y`: it lies below `hello_world-1.0/l`, which is no directory",
    );
    let above = sdist(|tar| {
        tar.file("hello_world-1.0/l/m/y", b"")
            .link("hello_world-1.0/l", "x")
    });
    refused(
        SDIST,
        &above,
        "entry `hello_world-1.0/l`: it is no directory, and an earlier entry lies below it",
    );
    let hard = sdist(|tar| {
        tar.entry(
            EntryType::Link,
            "hello_world-1.0/h",
            "hello_world-1.0/no",
            0o644,
            b"",
        )
    });
    refused(
        SDIST,
        &hard,
        "it is a hard link to `hello_world-1.0/no`, which is no earlier file",
    );
}

#[test]
fn devices_pipes_and_sparse_files() {
    for (kind, what) in [
        (EntryType::Char, "a device node"),
        (EntryType::Block, "a device node"),
        (EntryType::Fifo, "a named pipe"),
        (EntryType::GNUSparse, "a sparse file"),
    ] {
        let bytes = sdist(|tar| tar.entry(kind, "hello_world-1.0/odd", "", 0o644, b""));
        refused(
            SDIST,
            &bytes,
            &format!("entry `hello_world-1.0/odd`: it is {what}"),
        );
    }
}

#[test]
fn bombs() {
    let limits = |limits: Limits, bytes: &[u8]| {
        intake::read(&SDIST.parse().unwrap(), &mut Cursor::new(bytes), &limits)
            .unwrap_err()
            .remove(0)
            .rule
    };
    let many = sdist(|mut tar| {
        for i in 0..30 {
            tar = tar.file(&format!("hello_world-1.0/{i}"), b"");
        }
        tar
    });
    assert_eq!(
        limits(
            Limits {
                entries: 20,
                ..Limits::default()
            },
            &many
        ),
        "it has more than 20 entries"
    );
    let large = sdist(|tar| tar.file("hello_world-1.0/large", &vec![0; 1 << 20]));
    let rule = limits(
        Limits {
            unpacked_bytes: 1 << 19,
            ..Limits::default()
        },
        &large,
    );
    assert_eq!(rule, "it unpacks to more than 524288 bytes");
    let bomb = sdist(|tar| tar.file("hello_world-1.0/bomb", &vec![0; 80 << 20]));
    let rule = limits(
        Limits {
            ratio: 50,
            ..Limits::default()
        },
        &bomb,
    );
    assert!(
        rule.ends_with("bytes, out of proportion to its packed size"),
        "{rule}"
    );
    let rule = limits(
        Limits {
            file_bytes: 100,
            ..Limits::default()
        },
        &bomb,
    );
    assert!(rule.ends_with("more than the limit of 100"), "{rule}");
    let rule = limits(
        Limits {
            metadata_bytes: 10,
            ..Limits::default()
        },
        &many,
    );
    assert_eq!(rule, "it is larger than 10 bytes, the limit of metadata");
}

#[test]
fn archives_with_something_appended_or_missing() {
    let tar = Tar::new()
        .dir("hello_world-1.0/")
        .file("hello_world-1.0/PKG-INFO", METADATA.as_bytes())
        .done();
    let hidden = [&tar[..], b"more"].concat();
    refused(SDIST, &gzip(&hidden), "data follows the end of the archive");
    refused(SDIST, &gzip(&tar[..tar.len() - 1024]), "it ends too early");
    let mut flipped = tar.clone();
    flipped[0] ^= 1;
    refused(SDIST, &gzip(&flipped), "an entry's header has a wrong checksum");
    let zip = make::wheel(&WHEEL_FILES, "");
    refused(
        WHEEL,
        &[&zip[..], b"more"].concat(),
        "it does not end with a zip's end record",
    );
    refused(
        WHEEL,
        &[b"more", &zip[..]].concat(),
        "its central directory does not lie where its end record says",
    );
}

#[test]
fn debs_with_members_out_of_order() {
    let (control, data) = (Deb::good().control_tar(), gzip(&Deb::good().data));
    let (version, control, data) = (
        ("debian-binary", &b"2.0\n"[..]),
        ("control.tar.gz", &control[..]),
        ("data.tar.gz", &data[..]),
    );
    refused(
        DEB,
        &make::ar(&[control, version, data]),
        "its first member is not `debian-binary`",
    );
    refused(
        DEB,
        &make::ar(&[version, data, control]),
        "it has no `control.tar.*` where that must be",
    );
    refused(
        DEB,
        &make::ar(&[version, control]),
        "it has no `data.tar.*` where that must be",
    );
    let extra = ("extra", &b"x"[..]);
    refused(
        DEB,
        &make::ar(&[version, control, data, extra]),
        "entry `extra`: it follows `data.tar`",
    );
    refused(
        DEB,
        &make::ar(&[("debian-binary", b"3.0\n"), control, data]),
        "it is not a version 2 of the format",
    );
    refused(
        DEB,
        &make::ar(&[version, ("control.tar.lzo", b"x"), data]),
        "it is compressed in a way that is not known",
    );
    refused(DEB, b"not a deb", "it does not begin with `!<arch>`");
}
