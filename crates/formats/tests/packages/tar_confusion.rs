//! Sdists that two readers would read differently, each named after what it attempts.

use crate::make::{self, METADATA, SDIST, Tar, gzip};

#[track_caller]
fn refused(bytes: &[u8], rule: &str) {
    let said = make::refusal(SDIST, bytes);
    assert!(said.contains(rule), "expected `{rule}` in:\n{said}");
}

/// One 512-byte header and its data, of any type and size.
fn block(kind: u8, path: &str, size: u64, data: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_mode(0o644);
    header.set_size(size);
    let raw = header.as_old_mut();
    raw.linkflag = [kind];
    raw.name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_cksum();
    let mut out = header.as_bytes().to_vec();
    out.extend(data);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

fn of(kind: u8, path: &str, data: &[u8]) -> Vec<u8> {
    block(kind, path, data.len() as u64, data)
}

/// A pax record: its length counts itself.
fn pax(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let mut len = rest.len();
    while len.to_string().len() + rest.len() != len {
        len = len.to_string().len() + rest.len();
    }
    format!("{len}{rest}").into_bytes()
}

/// A good sdist with these blocks behind its two entries.
fn sdist(blocks: &[Vec<u8>]) -> Vec<u8> {
    let good = Tar::new()
        .dir("hello_world-1.0/")
        .file("hello_world-1.0/PKG-INFO", METADATA.as_bytes());
    let mut tar = good.done();
    tar.truncate(tar.len() - 1024);
    tar.extend(blocks.concat());
    tar.resize(tar.len() + 1024, 0);
    gzip(&tar)
}

const X: &str = "hello_world-1.0/x.py";

#[test]
fn what_honest_tools_write_is_taken() {
    let long = format!("hello_world-1.0/{}.py", "long".repeat(40));
    let good = [
        // git archive: the commit.
        of(b'g', "pax_global_header", &pax("comment", "6bf2c4d")),
        // Python: a long name, and a time with a fraction.
        of(
            b'x',
            "././@PaxHeader",
            &[pax("path", &long), pax("mtime", "1.5")].concat(),
        ),
        of(b'0', "hello_world-1.0/longlong", b"x = 1\n"),
        // GNU.
        of(b'L', "././@LongLink", format!("{long}.txt\0").as_bytes()),
        of(b'0', "hello_world-1.0/longlong", b"y = 1\n"),
    ];
    make::read(SDIST, &sdist(&good)).unwrap();
}

#[test]
fn a_second_gzip_stream_or_bytes_behind_the_first() {
    let good = make::sdist();
    let evil = sdist(&[of(b'0', X, b"evil()\n")]);
    refused(
        &[&*good, &evil].concat(),
        "a second gzip stream follows the first",
    );
    refused(
        &[&good[..], b"hidden"].concat(),
        "bytes follow the end of its gzip stream",
    );
    refused(
        &[&good[..], &[0; 512]].concat(),
        "bytes follow the end of its gzip stream",
    );
}

#[test]
fn an_entry_behind_the_end_of_the_archive() {
    let end = vec![0; 1024];
    refused(
        &sdist(&[end, of(b'0', X, b"evil()\n")]),
        "data follows the end of the archive",
    );
}

#[test]
fn a_pax_size_that_hides_headers_or_makes_headers_of_data() {
    let inner = of(b'0', X, b"evil()\n");
    let outer = |narrow: u64| {
        let size = pax("size", &inner.len().to_string());
        sdist(&[
            of(b'x', "pax", &size),
            block(b'0', "hello_world-1.0/y", narrow, &inner),
        ])
    };
    refused(&outer(0), "its header says 0 bytes, its pax header 1024");
    refused(&outer(512), "its header says 512 bytes, its pax header 1024");
    make::read(SDIST, &outer(1024)).unwrap();
}

#[test]
fn a_directory_or_link_with_a_size_that_some_readers_skip() {
    let inner = of(b'0', X, b"evil()\n");
    for kind in [b'5', b'2', b'1'] {
        let odd = block(kind, "hello_world-1.0/odd", 1024, &inner);
        refused(
            &sdist(&[odd]),
            "entry `hello_world-1.0/odd`: it is no file, and its header says 1024 bytes",
        );
    }
}

#[test]
fn a_global_header_that_renames_or_resizes_every_entry() {
    let rule = "a global pax header gives every entry a path, a target or a size";
    for (key, value) in [("path", "/etc/passwd"), ("linkpath", "/etc"), ("size", "0")] {
        refused(
            &sdist(&[of(b'g', "pax", &pax(key, value)), of(b'0', X, b"")]),
            rule,
        );
    }
}

#[test]
fn two_names_for_one_entry() {
    let rule = "two extended headers give an entry a path, and not the same";
    let (one, other) = ("hello_world-1.0/a", "hello_world-1.0/b");
    let both = [
        of(b'L', "long", one.as_bytes()),
        of(b'x', "pax", &pax("path", other)),
        of(b'0', X, b""),
    ];
    refused(&sdist(&both), rule);
    let twice = [
        of(b'x', "pax", &[pax("path", one), pax("path", other)].concat()),
        of(b'0', X, b""),
    ];
    refused(&sdist(&twice), rule);
}

#[test]
fn a_pax_name_that_leaves_the_tree_or_is_there_already() {
    let named = |name: &str| sdist(&[of(b'x', "pax", &pax("path", name)), of(b'0', X, b"")]);
    refused(
        &named("hello_world-1.0/../../etc/passwd"),
        "its path leads out of the tree",
    );
    refused(&named("/etc/passwd"), "its path is absolute");
    refused(
        &named("hello_world-1.0/a\0b"),
        "control characters are not allowed",
    );
    refused(
        &named("./hello_world-1.0/PKG-INFO"),
        "entry `hello_world-1.0/PKG-INFO`: it is there twice",
    );
    refused(
        &named("other/x"),
        "it lies outside the top-level directory `hello_world-1.0`",
    );
}

#[test]
fn a_pax_header_of_nothing_or_that_is_none() {
    refused(
        &sdist(&[of(b'x', "pax", &pax("path", X))]),
        "an extended header is followed by no entry",
    );
    for bad in [&b"99 path=x\n"[..], b"x path=x\n", b"9 path\n", b"7path=x"] {
        refused(
            &sdist(&[of(b'x', "pax", bad), of(b'0', X, b"")]),
            "a pax header is malformed",
        );
    }
}

#[test]
fn sparse_files_in_every_format() {
    let old = block(b'S', "hello_world-1.0/s", 0, b"");
    refused(&sdist(&[old]), "it is a sparse file");
    for key in ["GNU.sparse.major", "GNU.sparse.name", "GNU.sparse.realsize"] {
        let new = [of(b'x', "pax", &pax(key, "1")), of(b'0', X, b"")];
        refused(&sdist(&new), "it holds a sparse file");
    }
}

#[test]
fn a_bomb_is_refused_while_it_is_unpacked() {
    refused(
        &sdist(&[of(b'0', X, &vec![0; 80 << 20])]),
        "out of proportion to its packed size",
    );
}
