//! Texts inside of packages that nobody wrote in earnest: the gate says something or nothing, and never panics.

use crate::make::{self, CONTROL, DEB, Tar, WHEEL, ar, gzip};
use packyard_formats::check;
use packyard_formats::intake::Limits;
use proptest::prelude::*;
use std::io::Cursor;

fn check(name: &str, bytes: &[u8]) -> usize {
    check::check(
        &name.parse().unwrap(),
        &mut Cursor::new(bytes),
        &Limits::default(),
    )
    .len()
}

/// A .deb whose texts are all this one.
fn deb(text: &str, target: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut control = Tar::new().dir("./").file("./control", CONTROL.as_bytes());
    for name in ["conffiles", "md5sums", "triggers"] {
        control = control.file(&format!("./{name}"), bytes);
    }
    let script = [b"#!/bin/sh\n", bytes].concat();
    control = control.entry(tar::EntryType::Regular, "./postinst", "", 0o755, &script);
    let data = Tar::new()
        .file(
            "./usr/share/doc/hello/copyright",
            &[&b"Format: copyright-format/1.0\n"[..], bytes].concat(),
        )
        .file("./usr/share/doc/hello/changelog.Debian.gz", &gzip(bytes))
        .file("./usr/lib/systemd/system/hello.service", bytes)
        .link("./usr/share/hello/link", target);
    ar(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", &gzip(&control.done())),
        ("data.tar.gz", &gzip(&data.done())),
    ])
}

/// What means something to one of the readers, and what could trip them.
fn text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "\n",
        " ",
        "  ",
        "\t",
        "'",
        "\"",
        "`",
        "$(",
        "${",
        ")",
        "}",
        "<<",
        "<<-EOF",
        "EOF",
        "|",
        "||",
        "&&",
        ">",
        "/tmp/x",
        "#",
        "\\",
        ";",
        "rm",
        "-e",
        "set",
        "License:",
        "Files:",
        "Copyright:",
        "with",
        "or",
        "hello (1.0)",
        "; urgency=low",
        " -- Jo <jo@x.org>  ",
        "Sat, 11 May 2013 02:12:00 -0800",
        "99999999999999999999",
        "é",
        "\u{2028}",
        "/etc/",
        "remove-on-upgrade",
        "interest",
        "d41d8cd98f00b204e9800998ecf8427e  ",
        "[Service]",
        "ExecStart=",
        "%",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_of_a_deb_makes_it_panic(text in text(), target in "[./a-z]{1,40}") {
        check(DEB, &deb(&text, &target));
    }

    #[test]
    fn no_text_of_a_wheel_makes_it_panic(text in text()) {
        let metadata = format!("{}Requires-Dist: {}\n", make::METADATA.split("\n\n").next().unwrap(), text.replace('\n', " "));
        let files = [
            ("Hello_World-1.0.dist-info/METADATA", metadata.as_bytes()),
            ("Hello_World-1.0.dist-info/WHEEL", text.as_bytes()),
            ("Hello_World-1.0.dist-info/entry_points.txt", text.as_bytes()),
        ];
        check(WHEEL, &make::wheel(&files, ""));
    }
}

/// Each of these stopped a parser that evaluates requirements: with a panic, or out of stack.
#[test]
fn no_requirement_of_a_wheel_makes_it_panic() {
    let deep = format!(
        "x; {}python_version < '3'{}",
        "(".repeat(10_000),
        ")".repeat(10_000)
    );
    for requirement in [
        "attrs..>=20",
        "a-[b]",
        "a[b.]>=1",
        "a_ @ https://example.org/",
        &deep,
    ] {
        let head = make::METADATA.split("\n\n").next().unwrap();
        let metadata = format!("{head}\nRequires-Dist: {requirement}\n");
        let files = [
            make::WHEEL_FILES[0],
            ("Hello_World-1.0.dist-info/METADATA", metadata.as_bytes()),
            make::WHEEL_FILES[2],
        ];
        assert!(check(WHEEL, &make::wheel(&files, "")) > 0, "{requirement:.40}");
    }
}

#[test]
fn a_long_script_is_read_in_no_time() {
    for line in ["a;", "((((", "$($($(", "<<x ", "''''", "\\\n"] {
        assert!(check(DEB, &deb(&line.repeat(200_000), "x")) > 0);
    }
}
