//! What `check` finds, one bad package for each rule.

use crate::make::{self, DEB, Deb, RPM, SDIST, Tar, WHEEL};
use packyard_formats::check::{self, Severity};
use packyard_formats::inspect;
use packyard_formats::intake::Limits;
use std::io::{self, Cursor};
use std::path::Path;
use tar::EntryType;

/// The findings of a check as lines.
fn findings(name: &str, bytes: &[u8]) -> Vec<String> {
    let found = check::check(
        &name.parse().unwrap(),
        &mut Cursor::new(bytes),
        &Limits::default(),
    );
    found.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn found(name: &str, bytes: &[u8], message: &str) {
    let all = findings(name, bytes);
    assert!(
        all.iter().any(|line| line.contains(message)),
        "expected `{message}` in:\n{}",
        all.join("\n")
    );
}

#[test]
fn a_good_deb_has_no_error() {
    let found = check::check(
        &DEB.parse().unwrap(),
        &mut Cursor::new(Deb::good().build()),
        &Limits::default(),
    );
    assert!(found.iter().all(|f| f.severity() != Severity::Error), "{found:?}");
}

#[test]
fn what_check_finds_in_a_deb() {
    let unit = b"[Unit]\nDescripton=x\n[Service]\nType=simpel\nExecStart=hello\n";
    let data = Tar::new()
        .entry(
            EntryType::Regular,
            "./usr/bin/a",
            "",
            0o755,
            b"#!/usr/bin/env python3\n",
        )
        .entry(
            EntryType::Regular,
            "./usr/bin/b",
            "",
            0o755,
            b"#!/usr/local/bin/python\n",
        )
        .entry(EntryType::Regular, "./usr/bin/c", "", 0o666, b"#!/bin/sh\n")
        .file("./etc/hello.conf", b"")
        .file("./usr/local/x", b"")
        .file("./home/x", b"")
        .file("./usr/lib/systemd/system/hello.service", unit)
        .file("./usr/lib/systemd/system/empty.timer", b"[Timer]\n")
        .file("./usr/lib/systemd/system/slip.timer", b"[Timer]\n[Tmer]\nx=y\n")
        .file("./usr/lib/systemd/system/bad.service", b"ExecStart=/bin/true\n")
        .done();
    let bytes = Deb {
        data,
        md5sums: String::new(),
        ..Deb::good()
    }
    .build();
    for message in [
        "warning: usr/bin/a: `#!/usr/bin/env python3` runs whatever `python3` comes first on the PATH [shebang-env]; fix: write `#!/usr/bin/python3`",
        "error: usr/bin/b: its interpreter `/usr/local/bin/python` is in no usual place [shebang-unknown]",
        "warning: usr/bin/c: it is a script on the PATH, but nobody may execute it",
        "error: usr/bin/c: everybody may write it (mode 0666) [world-writable]",
        "error: etc/hello.conf: it is in /etc but no conffile [etc-not-conffile]",
        "error: usr/local/x: /usr/local is the administrator's [odd-place]",
        "error: home/x: packages install nothing into /home [odd-place]",
        "error: usr/share/doc/hello: it has no copyright file [no-copyright]",
        "error: usr/share/doc/hello: it has no changelog [no-changelog]",
        "warning: usr/lib/systemd/system/hello.service:2: `Descripton=` is not known in `[Unit]` [unit-key]; fix: did you mean `Description=`?",
        "error: usr/lib/systemd/system/hello.service:4: `Type=simpel` is not known [unit-value]",
        "warning: usr/lib/systemd/system/hello.service:5: `hello` is no absolute path",
        "error: usr/lib/systemd/system/empty.timer: the .timer says nothing that it does [unit-incomplete]",
        "error: usr/lib/systemd/system/slip.timer:2: `[Tmer]` is no section of a .timer unit [unit-section]; fix: did you mean `[Timer]`?",
        "error: usr/lib/systemd/system/bad.service:1: a key stands before the first section [unit-syntax]",
        "warning: usr/bin/a: md5sums does not name it [md5sums-incomplete]",
        "warning: control: it has no field `Section` [control-recommended-field]",
    ] {
        found(DEB, &bytes, message);
    }
}

#[test]
fn what_check_finds_in_an_rpm() {
    let package = rpm::PackageBuilder::new("hello", "1.0~rc1", "MIT", "noarch", "Says hello.")
        .release("1")
        .using_config(rpm::BuildConfig::v4())
        .with_file_contents("x\n", rpm::FileOptions::new("/etc/hello.conf"))
        .unwrap()
        .with_file_contents(
            "#!/opt/none\n",
            rpm::FileOptions::new("/usr/bin/hello").permissions(0o755),
        )
        .unwrap()
        .build()
        .unwrap();
    let mut bytes = Vec::new();
    package.write(&mut bytes).unwrap();
    for message in [
        "warning: main header: the summary ends with a dot [summary-ended-with-dot]",
        "warning: main header: it has no changelog [no-rpm-changelog]",
        "warning: etc/hello.conf: it is in /etc but no %config [etc-not-config]",
        "error: usr/bin/hello: its interpreter `/opt/none` is in no usual place [shebang-unknown]",
    ] {
        found(RPM, &bytes, message);
    }
}

#[test]
fn what_check_finds_in_wheels_and_sdists() {
    let metadata = "Metadata-Version: 2.4\nName: Hello.World\nVersion: 1.0\nLicense: MIT\nLicense-Expression: MIT\n\
        License-File: LICENSE\nRequires-Dist: ???\nRequires-Python: three\n";
    let files = [
        ("Hello_World-1.0.dist-info/METADATA", metadata.as_bytes()),
        (
            "Hello_World-1.0.dist-info/WHEEL",
            &b"Wheel-Version: 2.0\nTag: py2-none-any\n"[..],
        ),
    ];
    let place = "Hello_World-1.0.dist-info";
    for message in [
        format!("error: {place}/METADATA: Requires-Dist `???` is no requirement"),
        format!("error: {place}/METADATA: Requires-Python `three` is no version specifier"),
        format!("error: {place}/METADATA: it has both License and License-Expression [license-twice]"),
        format!("error: {place}/WHEEL: its Wheel-Version is `2.0` [wheel-version]"),
        format!("error: {place}/WHEEL: the filename's tag `py3-none-any` is no Tag of it [wheel-tag]"),
        format!(
            "error: {place}/WHEEL: License-File names `LICENSE`, which the wheel lacks [license-file-missing]"
        ),
        format!(
            "warning: {place}: its directory spells the project `Hello_World` [dist-info-not-normalised]"
        ),
        format!("warning: {place}/METADATA: it has no long description [no-long-description]"),
    ] {
        found(WHEEL, &make::wheel(&files, ""), &message);
    }
    let place = "error: hello_world-1.0: it has neither pyproject.toml nor setup.py [sdist-unbuildable]";
    found(SDIST, &make::sdist(), place);
    found(
        DEB,
        b"!<arch>\n",
        "error: its first member is not `debian-binary` [unreadable]; fix: a .deb holds",
    );
}

#[test]
fn a_file_that_is_not_there_and_one_that_is_no_artifact() {
    let bytes = Deb::good().build();
    let open = |there: bool| {
        let bytes = bytes.clone();
        move |_: &Path| {
            let bytes = there.then(|| Cursor::new(bytes.clone()));
            bytes.ok_or_else(|| io::ErrorKind::NotFound.into())
        }
    };
    let check =
        |path: &str, there: bool| check::check_file(Path::new(path), &open(there), &Limits::default());
    assert_eq!(
        check(&format!("dist/{DEB}"), true),
        check::check(
            &DEB.parse().unwrap(),
            &mut Cursor::new(&bytes),
            &Limits::default()
        )
    );
    for path in ["dist/notes.txt", &format!("dist/{DEB}")] {
        let [missing] = &check(path, false)[..] else {
            panic!("not one finding");
        };
        assert_eq!((missing.name(), &*missing.place), ("unreadable", path));
        assert_eq!(missing.message, "there is no such file");
    }
    let [odd] = &check("dist/notes.txt", true)[..] else {
        panic!("not one finding");
    };
    assert_eq!(
        (odd.name(), odd.severity(), &*odd.place),
        ("filename", Severity::Error, "dist/notes.txt")
    );
    assert!(
        odd.message
            .starts_with("`notes.txt` is not a valid artifact filename"),
        "{odd}"
    );
    assert!(!odd.fix.is_empty());

    let inspect = |path: &str, there: bool| {
        inspect::inspect_file(Path::new(path), &open(there), &Limits::default()).map(|i| i.filename)
    };
    assert_eq!(inspect(&format!("dist/{DEB}"), true).unwrap(), DEB);
    let missing = inspect("notes.txt", false).unwrap_err();
    assert_eq!(missing.to_string(), "there is no such file");
    let odd = inspect("notes.txt", true).unwrap_err();
    assert!(odd.rule.contains("is not a valid artifact filename"), "{odd}");
}

#[test]
fn what_no_rpmbuild_would_write_is_found_too() {
    let package = rpm::PackageBuilder::new("hello", "1.0~rc1", "MIT", "noarch", "Says hello")
        .release("1")
        .using_config(rpm::BuildConfig::v4().source_date(1_700_000_000))
        .requires(rpm::Dependency::any("<lua>"))
        .add_changelog_entry("Jo <jo@example.org> - 1.0~rc1-1", "- later", 1_900_000_000)
        .build()
        .unwrap();
    let mut bytes = Vec::new();
    package.write(&mut bytes).unwrap();
    for message in [
        "error: main header: it requires `<lua>`, which nothing provides [rpm-lua-requirement]",
        "warning: main header: its newest entry is later than the build [rpm-changelog-future]",
    ] {
        found(RPM, &bytes, message);
    }
}
