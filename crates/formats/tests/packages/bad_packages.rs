//! One bad package for each rule, and the message that refuses it.

use crate::make::{self, CONTROL, DEB, Deb, METADATA, RPM, SDIST, Tar, WHEEL, WHEEL_FILES, gzip, refusal};
use std::io::Cursor;

#[track_caller]
fn refused(name: &str, bytes: &[u8], message: &str) {
    let said = refusal(name, bytes);
    assert!(said.contains(message), "expected `{message}` in:\n{said}");
    assert!(!said.ends_with("hint: "), "no hint: {said}");
}

#[test]
fn a_name_that_says_other_than_the_package() {
    let (deb, rpm) = (Deb::good().build(), make::rpm());
    let cases = [
        (
            "hallo_1.0~rc1-2_all.deb",
            &deb,
            "its filename says package `hallo`, the package itself says `hello`",
        ),
        (
            "hello_1.0-2_all.deb",
            &deb,
            "its filename says version `1.0-2`, the package itself says `1.0~rc1-2`",
        ),
        (
            "hello_1.0~rc1-2_amd64.deb",
            &deb,
            "its filename says architecture `amd64`, the package itself says `all`",
        ),
        (
            "hallo-1.0~rc1-1.noarch.rpm",
            &rpm,
            "its filename says package `hallo`, the package itself says `hello`",
        ),
        (
            "hello-1.0-1.noarch.rpm",
            &rpm,
            "its filename says version `1.0-1`, the package itself says `1.0~rc1-1`",
        ),
        (
            "hello-1.0~rc1-1.x86_64.rpm",
            &rpm,
            "its filename says architecture `x86_64`, the package itself says `noarch`",
        ),
        (
            "hallo-1.0.tar.gz",
            &make::sdist(),
            "its filename says project `hallo`, the package itself says `hello-world`",
        ),
        (
            "hello_world-1.1.tar.gz",
            &make::sdist(),
            "its filename says version `1.1`, the package itself says `1.0`",
        ),
    ];
    for (name, bytes, message) in cases {
        refused(name, bytes, &format!("`{name}`: {message}"));
    }
}

#[test]
fn a_wheel_with_two_dist_info_directories() {
    for other in ["hello_world-0.9.dist-info", "attrs-1.0.dist-info"] {
        let path = format!("{other}/METADATA");
        let mut files = WHEEL_FILES.to_vec();
        files.push((&path, METADATA.as_bytes()));
        let said = refusal(WHEEL, &make::wheel(&files, ""));
        assert!(
            said.contains("it has more than one `.dist-info` directory: `"),
            "{said}"
        );
        assert!(
            said.contains("`Hello_World-1.0.dist-info`") && said.contains(&format!("`{other}`")),
            "{said}"
        );
    }
}

#[test]
fn a_control_file_with_more_fields_than_anybody_writes() {
    let with = |count: usize| {
        let control = (0..count).fold(CONTROL.to_owned(), |control, at| format!("{control}F{at}: x\n"));
        Deb {
            control,
            ..Deb::good()
        }
        .build()
    };
    let own = CONTROL.lines().filter(|line| !line.starts_with(' ')).count();
    make::read(DEB, &with(1_000 - own)).unwrap();
    refused(
        DEB,
        &with(1_001 - own),
        "entry `control`: line 1004: its paragraph has more than 1000 fields",
    );
}

#[test]
fn control_files_that_are_no_control_files() {
    let with = |control: &str| {
        Deb {
            control: control.to_owned(),
            ..Deb::good()
        }
        .build()
    };
    for field in ["Package", "Version", "Architecture", "Maintainer", "Description"] {
        let control: String = CONTROL
            .split_inclusive('\n')
            .filter(|l| !l.starts_with(field) && !l.starts_with(' '))
            .collect();
        refused(
            DEB,
            &with(&control),
            &format!("entry `control`: it has no field `{field}`"),
        );
    }
    refused(
        DEB,
        &with(&format!("{CONTROL}\n{CONTROL}")),
        "it has more than one paragraph",
    );
    refused(
        DEB,
        &with(&format!("{CONTROL}Package: hello\n")),
        "line 10: the field `Package` is there twice",
    );
    refused(
        DEB,
        &with(&format!("{CONTROL}X: a\u{1}b\n")),
        "it has the control character \\u{1}",
    );
    refused(
        DEB,
        &with(" x"),
        "line 1: a continuation line begins the paragraph",
    );
    refused(
        DEB,
        &with("Package hello"),
        "line 1: it has no `:` after a field name",
    );
    refused(
        DEB,
        &with(&CONTROL.replace("1:1.0", "x:1.0")),
        "its field `Version` is `x:1.0~rc1-2`, which is not a valid Debian version",
    );
}

#[test]
fn md5sums_that_the_files_contradict() {
    let with = |md5sums: &str| {
        Deb {
            md5sums: md5sums.to_owned(),
            ..Deb::good()
        }
        .build()
    };
    let sum = make::md5(b"other");
    refused(
        DEB,
        &with(&format!("{sum}  usr/bin/hello\n")),
        &format!("md5sums says `{sum}`"),
    );
    refused(
        DEB,
        &with(&format!("{sum}  usr/bin/none\n")),
        "md5sums names it, but the package has no such file",
    );
    refused(
        DEB,
        &with(&format!("{sum} usr/bin/hello\n")),
        "entry `md5sums`: the line",
    );
}

#[test]
fn wheels_that_lack_a_part_or_contradict_their_record() {
    for missing in ["METADATA", "WHEEL"] {
        let files: Vec<_> = WHEEL_FILES
            .into_iter()
            .filter(|(path, _)| !path.ends_with(missing))
            .collect();
        refused(
            WHEEL,
            &make::wheel(&files, ""),
            &format!("it has no `Hello_World-1.0.dist-info/{missing}`"),
        );
    }
    refused(
        WHEEL,
        &make::zip(&WHEEL_FILES),
        "it has no `Hello_World-1.0.dist-info/RECORD`",
    );
    refused(
        WHEEL,
        &make::wheel(&WHEEL_FILES, "none.py,,\n"),
        "entry `none.py`: RECORD names it",
    );
    refused(
        WHEEL,
        &make::wheel(&WHEEL_FILES, "none.py,md5=x,1\n"),
        "the digest algorithm `md5` is not sha256 or better",
    );
    refused(
        WHEEL,
        &make::wheel(&WHEEL_FILES, "none.py,1\n"),
        "line 5: it has not three fields",
    );
    let record: String = WHEEL_FILES
        .iter()
        .map(|(path, _)| make::record_line(path, b"other"))
        .collect();
    let mut files = WHEEL_FILES.to_vec();
    files.push(("Hello_World-1.0.dist-info/RECORD", record.as_bytes()));
    refused(
        WHEEL,
        &make::zip(&files),
        "entry `hello_world/__init__.py`: its digest is",
    );
    let without = make::record_line(WHEEL_FILES[1].0, WHEEL_FILES[1].1);
    files[3].1 = without.as_bytes();
    refused(
        WHEEL,
        &make::zip(&files),
        "entry `hello_world/__init__.py`: RECORD does not name it",
    );
}

#[test]
fn sdists_without_one_directory_or_pkg_info() {
    let info = METADATA.as_bytes();
    let two = Tar::new().file("a/PKG-INFO", info).file("b/x", b"").done();
    refused(
        SDIST,
        &gzip(&two),
        "entry `b/x`: it lies outside the top-level directory `a`",
    );
    let none = Tar::new().file("hello_world-1.0/x", b"").done();
    refused(SDIST, &gzip(&none), "it has no `hello_world-1.0/PKG-INFO`");
    for (text, rule) in [
        ("Name: a\nVersion: 1\n", "it has no field `Metadata-Version`"),
        (
            "Metadata-Version: 9.9\nName: a\nVersion: 1\n",
            "its Metadata-Version is `9.9`",
        ),
        (
            "Metadata-Version: 2.1\nName: a\nVersion: one\n",
            "its Version `one` is not a PEP 440 version",
        ),
        (
            "Metadata-Version: 2.1\nNonsense\n",
            "line 2 is no `Field: value` line",
        ),
    ] {
        let tar = Tar::new()
            .file("hello_world-1.0/PKG-INFO", text.as_bytes())
            .done();
        refused(
            SDIST,
            &gzip(&tar),
            &format!("entry `hello_world-1.0/PKG-INFO`: {rule}"),
        );
    }
}

#[test]
fn rpms_with_wrong_digests_or_sizes() {
    let good = make::rpm();
    let envelope = packyard_formats::rpm::signature::Envelope::read(&mut Cursor::new(&good)).unwrap();
    let header_at = envelope.prefix.len();
    let mut flipped = good.clone();
    flipped[header_at + envelope.header.len() - 40] ^= 1;
    refused(RPM, &flipped, "entry `main header`: the SHA-256 of the header is");
    let mut flipped = good.clone();
    // The gzip header's operating system: nothing but the payload's digest covers it.
    flipped[header_at + envelope.header.len() + 9] ^= 1;
    refused(RPM, &flipped, "entry `payload`: the digest of the payload is");
    let len = good.len();
    refused(
        RPM,
        &good[..len - 1],
        &format!("the file ends after {} of {len} bytes", len - 1),
    );
    refused(
        RPM,
        &[&good[..], b"xy"].concat(),
        "2 bytes follow the end of the package",
    );
    refused(
        RPM,
        b"not an rpm, though it is longer than a lead is, which has ninety-six bytes, and that is not little",
        "it does not begin with the magic number",
    );
}
