//! What this crate writes, it reads, and finds no error in.

use crate::make::{self, METADATA, read};
use packyard_formats::check::{self, Severity};
use packyard_formats::entries::{Entries, Entry, Role};
use packyard_formats::intake::Limits;
use packyard_formats::{deb, rpm, sdist, wheel};
use packyard_types::{Facts, InstallPath, RpmArch, RpmName, Timestamp};
use std::collections::BTreeMap;
use std::io::Cursor;

fn path(s: &str) -> InstallPath {
    InstallPath::parse(s).unwrap()
}

fn entries() -> Entries {
    let mut entries = Entries::new(Timestamp::from_unix_seconds(1_553_212_800));
    let config = Entry::file(&b"a=1\n"[..]).with_role(Role::Config { noreplace: true });
    let log = make::gzip(b"hello (1.0-1) any; urgency=medium\n");
    for (at, entry) in [
        ("/etc/hello/hello.conf", config),
        ("/usr/bin/hello", Entry::program(&b"#!/bin/sh\n"[..])),
        ("/usr/bin/hi", Entry::symlink("hello")),
        ("/usr/share/doc/hello/changelog.Debian.gz", Entry::file(log)),
        ("/usr/share/doc/hello/copyright", Entry::file(&b"MIT\n"[..])),
    ] {
        entries.insert(path(at), entry).unwrap();
    }
    entries
}

#[track_caller]
fn good(name: &str, bytes: &[u8]) -> Facts {
    let found = check::check(
        &name.parse().unwrap(),
        &mut Cursor::new(bytes),
        &Limits::default(),
    );
    let errors: Vec<String> = found
        .iter()
        .filter(|f| f.severity() == Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert_eq!(errors, [""; 0], "{name}");
    read(name, bytes).unwrap().facts
}

/// What a writer writes.
fn written<E: std::fmt::Debug>(write: impl FnOnce(&mut Cursor<Vec<u8>>) -> Result<(), E>) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    write(&mut out).unwrap();
    out.into_inner()
}

fn deb_spec() -> deb::write::DebSpec {
    let fields = [
        ("Package", "hello"),
        ("Version", "1.0-1"),
        ("Architecture", "all"),
        ("Maintainer", "Jane <jane@example.org>"),
        ("Section", "misc"),
        ("Priority", "optional"),
        ("Description", "says hello\n Hello."),
    ];
    let control = fields
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    deb::write::DebSpec {
        control,
        scripts: Vec::new(),
        entries: entries(),
        compression: packyard_formats::compress::Compression::Zstd,
    }
}

#[test]
fn a_deb() {
    let spec = deb_spec();
    let Facts::Deb(facts) = good(
        "hello_1.0-1_all.deb",
        &written(|out| deb::write::write(&spec, out)),
    ) else {
        panic!()
    };
    assert_eq!(facts.files.len(), 5);
    assert_eq!(
        facts.changelog.as_deref(),
        Some("hello (1.0-1) any; urgency=medium\n")
    );
}

fn rpm_spec() -> rpm::write::RpmSpec {
    rpm::write::RpmSpec {
        compression: packyard_formats::compress::Compression::Gzip,
        name: RpmName::parse("python3-hello").unwrap(),
        kind: rpm::write::RpmKind::Binary {
            source: "hello".into(),
        },
        epoch: 2,
        version: "1.0".into(),
        release: "1".into(),
        arch: RpmArch::noarch(),
        license: "MIT".into(),
        // Not UTF-8 cannot be written here; not ASCII can.
        summary: "Sagt «hallo»".into(),
        description: "Text".into(),
        url: None,
        packager: None,
        vendor: None,
        group: "Unspecified".into(),
        requires: vec![],
        recommends: vec![],
        suggests: vec![],
        supplements: vec![],
        enhances: vec![],
        conflicts: vec![],
        provides: vec![],
        obsoletes: vec![],
        scripts: rpm::write::RpmScripts::default(),
        changelog: vec![],
        entries: entries(),
    }
}

/// The findings about modes and owners.
fn findings(name: &str, bytes: &[u8]) -> Vec<String> {
    let found = check::check(
        &name.parse().unwrap(),
        &mut Cursor::new(bytes),
        &Limits::default(),
    );
    let lines = found.iter().map(ToString::to_string);
    let lines = lines.map(|line| line.split("; fix:").next().unwrap_or("").to_owned());
    lines
        .filter(|line| line.contains("[rpm-owner]") || line.contains("[odd-mode]"))
        .collect()
}

#[test]
fn files_of_a_user_that_the_package_makes_are_no_surprise() {
    let secret = || {
        let mut entry = Entry::file(&b"s\n"[..]).with_role(Role::Config { noreplace: true });
        entry.mode = 0o640;
        entry
    };
    let mut spec = rpm_spec();
    let mut entry = secret();
    entry.owner.group = "tallyd".into();
    spec.entries.insert(path("/etc/hello/secret"), entry).unwrap();
    let name = "python3-hello-1.0-1.noarch.rpm";
    assert_eq!(
        findings(name, &rpm::write::to_bytes(&spec).unwrap()),
        ["warning: etc/hello/secret: it belongs to `root:tallyd` [rpm-owner]"]
    );
    let users = Entry::file(&b"u tallyd - \"x\" / /sbin/nologin\n"[..]);
    spec.entries
        .insert(path("/usr/lib/sysusers.d/hello.conf"), users)
        .unwrap();
    assert_eq!(findings(name, &rpm::write::to_bytes(&spec).unwrap()), [""; 0]);

    let mut spec = deb_spec();
    spec.entries.insert(path("/etc/hello/secret"), secret()).unwrap();
    let mut state = Entry::file(&b"x\n"[..]);
    state.mode = 0o600;
    spec.entries.insert(path("/var/lib/hello/x"), state).unwrap();
    let name = "hello_1.0-1_all.deb";
    let odd = "warning: var/lib/hello/x: its mode is 0600, not 0644 [odd-mode]";
    assert_eq!(
        findings(name, &written(|out| deb::write::write(&spec, out))),
        [odd]
    );
    let script = "#!/bin/sh\nset -e\nchown tallyd:tallyd \"${DPKG_ROOT:-}\"/var/lib/hello/x\n";
    spec.scripts = vec![(deb::write::ScriptName::Postinst, script.into())];
    assert_eq!(
        findings(name, &written(|out| deb::write::write(&spec, out))),
        [""; 0]
    );
}

#[test]
fn an_rpm() {
    let spec = rpm_spec();
    let bytes = rpm::write::to_bytes(&spec).unwrap();
    let name = "python3-hello-1.0-1.noarch.rpm";
    let Facts::Rpm(facts) = good(name, &bytes) else {
        panic!()
    };
    assert_eq!(
        (facts.evr().as_str(), facts.summary.as_str()),
        ("2:1.0-1", "Sagt «hallo»")
    );
    assert_eq!(read(name, &bytes).unwrap().project.as_str(), "hello");
}

#[test]
fn a_wheel_and_an_sdist() {
    let file = |bytes: &[u8]| packyard_formats::content::SourceFile {
        content: bytes.into(),
        executable: false,
    };
    let mtime = Timestamp::from_unix_seconds(1_553_212_800);
    let info = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let files = BTreeMap::from([
        ("hello_world/__init__.py".to_owned(), file(b"")),
        (
            "hello_world-1.0.dist-info/METADATA".to_owned(),
            file(METADATA.as_bytes()),
        ),
        ("hello_world-1.0.dist-info/WHEEL".to_owned(), file(info)),
    ]);
    let spec = wheel::write::WheelSpec {
        dist_info: "hello_world-1.0.dist-info".to_owned(),
        files,
        mtime,
    };
    good(
        "hello_world-1.0-py3-none-any.whl",
        &written(|out| wheel::write::write(&spec, out)),
    );
    let files = BTreeMap::from([
        ("PKG-INFO".to_owned(), file(METADATA.as_bytes())),
        ("pyproject.toml".to_owned(), file(b"")),
    ]);
    let spec = sdist::write::SdistSpec {
        top: "hello_world-1.0".to_owned(),
        files,
        mtime,
    };
    good(
        "hello_world-1.0.tar.gz",
        &written(|out| sdist::write::write(&spec, out)),
    );
}

#[test]
fn header_text_that_is_not_utf8_is_read_as_latin_1() {
    // The name of the packager is not covered by a digest that this test could not make again: it goes through the
    // header reader alone.
    let mut bytes = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4];
    bytes.extend([0, 0, 3, 0xf7, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1]);
    bytes.extend(b"J\xfc\x01\0");
    let header = rpm::header::Header::read(&mut &*bytes, rpm::header::Part::Main).unwrap();
    assert_eq!(header.string(1015).as_deref(), Some("Jü\u{1}"));
}
