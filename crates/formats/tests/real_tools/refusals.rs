//! What intake says of a control field beside what dpkg-deb says when it builds the package: nothing that dpkg refuses
//! is taken in, and nothing that it builds without a word is refused, but for what is listed here with its reason.

use packyard_formats::intake::{self, Limits};
use std::{fs, io::Cursor, path::Path, process::Command};

/// Values that dpkg-deb builds and that are refused all the same: apt, dak or policy know no such value.
const STRICTER: [(&str, &str); 16] = [
    ("Provides", "aa (>= 1)"),
    ("Installed-Size", "1.5"),
    ("Installed-Size", "-3"),
    ("Installed-Size", "abc"),
    ("Priority", "foo"),
    ("Priority", "a b"),
    ("Section", "a b"),
    ("Section", "a/b/c"),
    ("Section", "../x"),
    ("Architecture", "any"),
    ("Architecture", "linux-any"),
    ("Architecture", "source"),
    ("Source", "x (v)"),
    ("Source", "x (1.0"),
    ("Depends", "aa (1.0)"),
    ("Description", "\n long"),
];

const AGREED: [(&str, &[&str]); 14] = [
    (
        "Version",
        &[
            "v1.0",
            "1.0_1",
            "a:1.0",
            "1:",
            "1:1.0",
            "-1:1",
            "1.0-",
            "1.0-1-2",
            "2147483648:1",
            "2147483647:1",
        ],
    ),
    (
        "Depends",
        &[
            "a,",
            "a, ,b",
            ",a",
            "a|b",
            "a||b",
            "aa (> 1.0)",
            "aa (>=1.0)",
            "aa(>= 1.0)",
            "aa (>= 1.0",
            "aa (>= )",
            "aa (= v1)",
            "aa:any",
            "aa:any (>= 1)",
            "aa:foo_bar",
            "aa [amd64]",
            "aa <!nocheck>",
            "Aa",
            "a",
            "aa bb",
            "aa (>= 1.0) (<< 2)",
            "aa (=> 1)",
            "aa (== 1)",
            "aa\n , bb",
            "${misc:Depends}",
            "aa (>= 1:1)",
            "aa (>= 1_0)",
            "aa (!= 1)",
        ],
    ),
    ("Pre-Depends", &["aa | bb (>= 1)", "aa (>= 1"]),
    (
        "Provides",
        &["aa (= 1)", "aa | bb", "aa:amd64", "aa (= 1), bb", "aa:any (= 1)"],
    ),
    ("Conflicts", &["aa|bb", "aa (<< 1), bb"]),
    ("Breaks", &["aa|bb", "aa (<< 1), bb"]),
    ("Replaces", &["aa|bb", "aa (<< 1), bb"]),
    ("Enhances", &["aa|bb", "aa ("]),
    (
        "Multi-Arch",
        &["yes", "no", "same", "foreign", "allowed", "maybe"],
    ),
    ("Essential", &["yes", "no", "maybe"]),
    ("Source", &["x", "x (1.0)"]),
    ("Priority", &["optional", "extra"]),
    ("Section", &["misc", "non-free/misc", "X11"]),
    ("Built-Using", &["aa (= 1)"]),
];

fn tree(dir: &Path, field: &str, value: &str) {
    let fields = [
        ("Package", "hello"),
        ("Version", "1.0"),
        ("Architecture", "all"),
        ("Maintainer", "Jane <jane@example.org>"),
        ("Description", "says hello"),
    ];
    let kept = fields.iter().filter(|(name, _)| *name != field);
    let mut control: String = kept.map(|(name, value)| format!("{name}: {value}\n")).collect();
    control.push_str(&format!("{field}: {value}\n"));
    fs::create_dir_all(dir.join("DEBIAN")).unwrap();
    fs::write(dir.join("DEBIAN/control"), control).unwrap();
}

/// Whether dpkg-deb builds it, and why it is refused here where it is.
fn verdicts(field: &str, value: &str) -> (bool, Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (root, file) = (dir.path().join("hello"), dir.path().join("hello.deb"));
    tree(&root, field, value);
    let build = |options: &[&str]| {
        let mut command = Command::new("dpkg-deb");
        command
            .args(["-Znone", "--root-owner-group"])
            .args(options)
            .arg("--build");
        command.arg(&root).arg(&file).output().unwrap().status.success()
    };
    let theirs = build(&[]);
    assert!(
        theirs || build(&["--nocheck"]),
        "{field}: {value}: dpkg-deb cannot build it at all"
    );
    let said = |name: &str, usual: &str| {
        if field == name {
            value.to_owned()
        } else {
            usual.to_owned()
        }
    };
    let version = said("Version", "1.0");
    let version = version.split_once(':').map_or(&*version, |(_, rest)| rest);
    let name = format!("hello_{version}_{}.deb", said("Architecture", "all"));
    let Ok(name) = name.parse() else {
        return (theirs, Some(format!("`{name}` is no filename")));
    };
    let read = intake::read(
        &name,
        &mut Cursor::new(fs::read(&file).unwrap()),
        &Limits::default(),
    );
    (theirs, read.err().map(|all| format!("{all:?}")))
}

#[test]
fn what_dpkg_refuses_is_refused_and_what_it_builds_is_taken() {
    for (field, values) in AGREED {
        for value in values {
            let (theirs, ours) = verdicts(field, value);
            assert_eq!(theirs, ours.is_none(), "{field}: {value}: {ours:?}");
        }
    }
}

#[test]
fn what_is_refused_although_dpkg_builds_it_is_no_more_than_this() {
    for (field, value) in STRICTER {
        let (theirs, ours) = verdicts(field, value);
        assert!(
            theirs && ours.is_some(),
            "{field}: {value}: dpkg-deb {theirs}, here {ours:?}"
        );
    }
}
