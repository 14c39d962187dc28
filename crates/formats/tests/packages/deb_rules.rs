//! What dak and reprepro refuse is refused, with the entry, the rule and what to do; all of it at once.

use crate::make::{self, CONTROL, DEB, Deb, NOW, Tar, ar, gzip, read_all};

/// A .deb whose `control` has, or has instead, a field.
fn with_field(name: &str, value: &str) -> Vec<u8> {
    let own = format!("{name}:");
    let mut rest = CONTROL.lines().peekable();
    let mut control = String::new();
    while let Some(line) = rest.next() {
        if line.starts_with(&own) {
            while rest.next_if(|line| line.starts_with(' ')).is_some() {}
        } else {
            control.push_str(line);
            control.push('\n');
        }
    }
    control.push_str(&format!("{name}: {value}\n"));
    Deb {
        control,
        ..Deb::good()
    }
    .build()
}

/// Everything that is said of a package that must be refused.
#[track_caller]
fn faults(bytes: &[u8]) -> Vec<String> {
    let all = read_all(DEB, bytes).map(|intake| intake.package).unwrap_err();
    let said = |e: &packyard_formats::intake::NotAPackage| {
        assert!(!e.hint.is_empty(), "no hint: {e}");
        e.to_string()
    };
    all.iter().map(said).collect()
}

#[track_caller]
fn refused(bytes: &[u8], words: &str) {
    let said = faults(bytes);
    assert!(
        said.iter().any(|fault| fault.contains(words)),
        "expected `{words}` in {said:#?}"
    );
}

#[test]
fn fields_that_have_a_syntax_are_held_to_it() {
    for (field, bad) in [
        ("Section", "a b"),
        ("Section", "../x"),
        ("Section", "a/b/c"),
        ("Priority", "urgent"),
        ("Priority", ""),
        ("Multi-Arch", "yes"),
        ("Essential", "true"),
        ("Installed-Size", "1.5"),
        ("Installed-Size", "-3"),
        ("Source", "hello (1.0"),
        ("Source", "hello (x)"),
        ("Source", "-hello"),
        ("Version", "v1.0"),
        ("Version", "1.0-"),
        ("Version", "1.0_1"),
        ("Architecture", "any"),
        ("Architecture", "linux-any"),
        ("Architecture", "amd64 i386"),
    ] {
        let words = format!("entry `control`: its field `{field}` is `{bad}`");
        refused(&with_field(field, bad), &words);
    }
    for (field, good) in [
        ("Section", "non-free/misc"),
        ("Section", "default"),
        ("Priority", "extra"),
        ("Multi-Arch", "foreign"),
        ("Essential", "no"),
        ("Installed-Size", "0"),
        ("Source", "hello"),
    ] {
        make::read(DEB, &with_field(field, good)).unwrap();
    }
}

#[test]
fn what_is_too_large_for_apt_is_refused_with_its_field_and_the_size_that_is_allowed() {
    let name = "d".repeat(1_001);
    for (field, value, words) in [
        (
            "Section",
            &*"s".repeat(201),
            "`Section`: a word of it has 201 bytes, of 200",
        ),
        (
            "Depends",
            &*name,
            "`Depends`: a word of it has 1001 bytes, of 1000",
        ),
        (
            "Depends",
            &*format!("d (>= 1{})", "0".repeat(1_000)),
            "1001 bytes, of 1000",
        ),
        ("Depends", &*format!("d:{name}"), "1001 bytes, of 1000"),
        (
            "Source",
            &*format!("d (1{})", "0".repeat(1_000)),
            "`Source`: a word of it",
        ),
        (
            "Description",
            &*"x".repeat((256 << 10) + 1),
            "`Description`: its value has 262145 bytes",
        ),
        (&*"X".repeat(101), "x", "its name has 101 bytes, of 100"),
    ] {
        refused(&with_field(field, value), words);
    }
    let half = "x".repeat(200 << 10);
    let all = with_field("X-A", &format!("{half}\nX-B: {half}\nX-C: {half}"));
    refused(&all, "its fields together have");
    let below = "x".repeat(256 << 10);
    for (field, value) in [
        ("Section", "s".repeat(200)),
        ("Depends", "d".repeat(1_000)),
        ("X-A", below),
    ] {
        assert!(read_all(DEB, &with_field(field, &value)).is_ok(), "{field}");
    }
}

#[test]
fn only_ascii_blanks_are_blanks_of_a_relation() {
    for value in [
        "libc6\u{a0}, foo",
        "libc6, foo\u{a0}",
        "libc6\u{2003}(>= 1)",
        "a |\u{3000}b",
        "a (>=\u{a0}1)",
    ] {
        refused(&with_field("Depends", value), "`Depends`");
    }
}

#[test]
fn relations_that_apt_could_not_read_are_refused_with_their_field() {
    let needs = ["Depends", "Pre-Depends", "Recommends", "Suggests", "Enhances"];
    let opposes = ["Breaks", "Conflicts", "Replaces", "Provides"];
    for field in needs.into_iter().chain(opposes) {
        for (bad, why) in [
            ("", "is empty"),
            ("aa, , bb", "is empty: a comma or bar too many"),
            ("aa,", "is empty: a comma or bar too many"),
            ("aa (>= 1.0", "has no closing parenthesis"),
            ("aa (1.0)", "has no operator"),
            ("aa (=> 1.0)", "has a version that is none"),
            ("aa (>= v1)", "has a version that is none"),
            ("aa bb", "is not one name"),
            ("aa (>= 1) (<< 2)", "has a version that is none"),
            ("aa [amd64]", "has a restriction"),
            ("aa <!nocheck>", "has a restriction"),
            ("aa:foo_bar", "neither `any` nor an architecture"),
            ("${misc:Depends}", "was not substituted"),
            ("-aa", "names no package"),
        ] {
            let said = faults(&with_field(field, bad)).join("\n");
            assert!(
                said.contains(&format!("its field `{field}`")) && said.contains(why),
                "{field}: {bad}: {said}"
            );
        }
        for good in ["aa", "aa:any", "aa (= 1:2.0-1~x+b1), bb:amd64", "aa,\n bb"] {
            make::read(DEB, &with_field(field, good)).unwrap();
        }
        let (alternatives, later) = (with_field(field, "aa | bb"), with_field(field, "aa (>= 1)"));
        if needs.contains(&field) {
            make::read(DEB, &alternatives).unwrap();
        } else {
            refused(&alternatives, "has alternatives");
        }
        if field == "Provides" {
            refused(&later, "`aa (>= 1)` provides other than one version");
        } else {
            make::read(DEB, &later).unwrap();
        }
    }
    for bad in ["aa", "aa (>= 1)", "aa (= 1) | bb (= 1)"] {
        refused(&with_field("Built-Using", bad), "its field `Built-Using`");
    }
    make::read(DEB, &with_field("Built-Using", "aa (= 1), bb (= 2-1)")).unwrap();
}

/// A .deb with these files of control.tar beside `control`, and this data.tar.
fn with_tars(control: Tar, data: Tar) -> Vec<u8> {
    let control = control.file("./control", CONTROL.as_bytes()).done();
    ar(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", &gzip(&control)),
        ("data.tar.gz", &gzip(&data.done())),
    ])
}

#[test]
fn a_conffile_must_be_a_file_of_the_package() {
    let data = || {
        Tar::new()
            .dir("./etc/")
            .dir("./etc/hello/")
            .file("./etc/hello/good", b"x\n")
    };
    let with = |list: &str| with_tars(Tar::new().file("./conffiles", list.as_bytes()), data());
    for (list, words) in [
        (
            "/etc/hello/bad\n",
            "`/etc/hello/bad` is a file that the package does not have",
        ),
        ("etc/hello/good\n", "`etc/hello/good` is no absolute path"),
        ("/etc/hello\n", "`/etc/hello` is a directory"),
        ("/etc/hello/good\n/etc/hello/good\n", "is there twice"),
        (
            "remove-on-upgrade /etc/hello/good\n",
            "is to be removed, and the package has it",
        ),
    ] {
        refused(&with(list), "entry `conffiles`: `");
        refused(&with(list), words);
    }
    make::read(DEB, &with("/etc/hello/good\nremove-on-upgrade /etc/hello/old\n")).unwrap();
}

#[test]
fn a_maintainer_script_must_be_something_that_can_be_started() {
    let with = |script: &[u8]| {
        with_tars(
            Tar::new().file("./postinst", script),
            Tar::new().file("./opt", b"x"),
        )
    };
    for (script, words) in [
        (&b"echo hello\n"[..], "does not begin with `#!`"),
        (b"", "does not begin with `#!`"),
        (b"#!sh\n", "its interpreter `sh` is in no place"),
        (
            b"#!/usr/local/bin/bash\n",
            "its interpreter `/usr/local/bin/bash` is in no place",
        ),
        (b"#!/bin/\n", "its interpreter `/bin/` is in no place"),
    ] {
        refused(&with(script), "entry `postinst`: it");
        refused(&with(script), words);
    }
    let own = &b"#!/opt\n"[..];
    for script in [
        b"#!/bin/sh\n",
        &b"#! /usr/bin/perl -w\n"[..],
        b"#!/usr/bin/env python3\n",
        b"\x7fELF",
        own,
    ] {
        make::read(DEB, &with(script)).unwrap();
    }
}

#[test]
fn control_tar_holds_plain_files_and_triggers_that_dpkg_knows() {
    let data = || Tar::new().file("./opt", b"x");
    refused(
        &with_tars(Tar::new().link("./postinst", "/bin/sh"), data()),
        "entry `postinst`: it is a link",
    );
    refused(
        &with_tars(Tar::new().dir("./more/"), data()),
        "entry `more`: it is a directory",
    );
    let bad = Tar::new().file("./triggers", b"# why\nactivates ldconfig\n");
    refused(
        &with_tars(bad, data()),
        "entry `triggers`: `activates ldconfig` is no trigger",
    );
    let good = Tar::new().file(
        "./triggers",
        b"# why\n\nactivate-noawait ldconfig\ninterest /usr/share/x\n",
    );
    make::read(DEB, &with_tars(good, data())).unwrap();
}

#[test]
fn times_that_cannot_be_are_refused_and_a_day_of_wrong_clock_is_not() {
    let at = |seconds: u64| {
        with_tars(
            Tar::new(),
            Tar::new().dated(seconds).file("./a", b"x").file("./b", b"x"),
        )
    };
    let now = NOW.unsigned_abs();
    refused(
        &at(1),
        "entry `a`: its time, 1970-01-01T00:00:01Z, is before 1975, and so are 1 other entries",
    );
    // What has no time at all is another thing.
    make::read(DEB, &at(0)).unwrap();
    refused(&at(157_766_399), "is before 1975");
    make::read(DEB, &at(157_766_400)).unwrap();
    make::read(DEB, &at(now + 86_400)).unwrap();
    refused(&at(now + 86_401), "is more than a day ahead");
    // Past the middle of this century, in GNU's base 256.
    refused(&at(1 << 33), "is more than a day ahead");
    let control = Tar::new().dated(1).file("./postinst", b"#!/bin/sh\n");
    refused(
        &with_tars(control.dated(1_600_000_000), Tar::new()),
        "entry `postinst`: its time",
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let device = tar::EntryType::Char;
    let data = Tar::new()
        .file("./../evil", b"x")
        .file("/etc/passwd", b"x")
        .entry(device, "./dev/null", "", 0o666, b"")
        .link("./usr", "/opt")
        .file("./usr/bin/x", b"text that is skipped\n")
        .file("./good", b"x")
        .file("./good", b"y");
    let said = faults(&with_tars(Tar::new().file("./preinst", b"no script"), data)).join("\n");
    for words in [
        "entry `./../evil`: its path leads out of the tree",
        "entry `/etc/passwd`: its path is absolute",
        "entry `dev/null`: it is a device node",
        "entry `usr/bin/x`: it lies below `usr`, which is no directory",
        "entry `good`: it is there twice",
        "entry `preinst`: it is a script",
    ] {
        assert!(said.contains(words), "expected `{words}` in {said}");
    }
    let control = "Package: other\nVersion: x\nArchitecture: any\nDepends: aa (\nDescription:\n long\n";
    let bytes = Deb {
        control: control.to_owned(),
        ..Deb::good()
    }
    .build();
    let said = faults(&bytes).join("\n");
    for words in [
        "its filename says package `hello`, the package itself says `other`",
        "its filename says version",
        "its filename says architecture",
        "it has no field `Maintainer`",
        "its field `Version` is `x`",
        "its field `Architecture` is `any`",
        "its field `Depends`: `aa (`",
        "its description has no synopsis",
    ] {
        assert!(said.contains(words), "expected `{words}` in {said}");
    }
}

#[test]
fn members_have_the_compressions_that_dpkg_reads() {
    let deb = Deb::good();
    let with = |control: &str, data: &str| {
        ar(&[
            ("debian-binary", b"2.0\n"),
            (control, &deb.control_tar()),
            (data, &gzip(&deb.data)),
        ])
    };
    make::read(DEB, &with("control.tar.gz", "data.tar.gz")).unwrap();
    for (control, data) in [
        ("control.tar.gz", "data.tar.Z"),
        ("control.tar.gz", "data.tar.none"),
        ("control.tar.lzma", "data.tar.gz"),
        ("control.tar.gz", "data.targz"),
    ] {
        refused(
            &with(control, data),
            "it is compressed in a way that is not known",
        );
    }
    refused(
        &with("data.tar.gz", "control.tar.gz"),
        "it has no `control.tar.*` where that must be",
    );
}
