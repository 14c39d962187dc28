//! What is said of a `[[file]]` that cannot be installed: where, and what to do.

use crate::room::Room;
use packyard_build::{Options, plan};
use packyard_types::ArtifactKind;
use std::fs;

/// Asserts that a `[[file]]` with these keys is refused at a column of the first of them, with all of these words.
fn refused(keys: &str, files: &[(&str, &str)], at: &str, words: &[&str]) {
    let error = Room::of(&format!("[[file]]\n{keys}\n"), files).error();
    let place = format!("packyard.toml:{at}\n");
    assert!(error.contains(&place), "no {place} in:\n{error}");
    assert_eq!(error.matches(" --> ").count(), 1, "{error}");
    for word in words {
        assert!(error.contains(word), "no `{word}` in:\n{error}");
    }
}

const FILES: [(&str, &str); 4] = [
    ("conf/lamp.conf", "a\n"),
    ("conf/light.conf", "b\n"),
    ("hidden/.x", "x\n"),
    ("empty/", ""),
];

#[test]
fn what_is_not_there_is_said_with_the_nearest_that_is() {
    for (source, message, hint) in [
        (
            "conf/lamp.cnf",
            "`conf/lamp.cnf` is not a file of the project",
            "did you mean `conf/lamp.conf`?",
        ),
        (
            "cnf/lamp.conf",
            "`cnf/lamp.conf` is not a file of the project",
            "did you mean `conf/lamp.conf`?",
        ),
        (
            "nothing",
            "`nothing` is not a file of the project",
            "relative to the project's root",
        ),
        (
            "../x",
            "`../x` is not a file of the project",
            "relative to the project's root",
        ),
        (
            "/etc/passwd",
            "`/etc/passwd` is not a file of the project",
            "relative to the project's root",
        ),
        (
            "conf/*.cfg",
            "nothing matches `conf/*.cfg`",
            "`conf` has `lamp.conf`, `light.conf`",
        ),
        (
            "cnf/*",
            "nothing matches `cnf/*`",
            "there is no directory `cnf`: did you mean `conf`?",
        ),
        ("empty/*", "nothing matches `empty/*`", "`empty` is empty"),
        ("hidden/*", "nothing matches `hidden/*`", "begins with `.`"),
        (
            "../*",
            "`../*` is not a file of the project",
            "relative to the project's root",
        ),
    ] {
        let keys = format!("source = '{source}'\ntarget = '/usr/share/lamp/'");
        refused(&keys, &FILES, "8:10", &[message, hint]);
    }
}

#[test]
fn a_link_that_leaves_the_project_is_refused_however_it_is_found() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "s\n").unwrap();
    let file = format!("-> {}/secret", outside.path().display());
    let directory = format!("-> {}", outside.path().display());
    let files = [("d/file", file.as_str()), ("e/directory", &directory)];
    for source in [
        "d",
        "d/*",
        "d/file",
        "**/file",
        "e/*/secret",
        "e/directory",
        "e/directory/secret",
    ] {
        let keys = format!("source = '{source}'\ntarget = '/usr/share/lamp/'");
        refused(&keys, &files, "8:10", &["leads out of the project", "hint: "]);
    }
}

#[test]
fn a_link_that_cannot_be_followed_is_said() {
    let files = [
        ("d/lost", "-> nowhere"),
        ("e/away", "-> ../f"),
        ("f/x", "x\n"),
        ("g/round", "-> round"),
    ];
    for (source, message) in [
        ("d", "`d/lost` is a link that leads nowhere"),
        ("d/*", "`d/lost` is a link that leads nowhere"),
        (
            "e",
            "`e/away` is a link to a directory that is not installed with it",
        ),
        ("g", "`g/round` is a link that leads nowhere"),
    ] {
        let keys = format!("source = '{source}'\ntarget = '/usr/share/lamp/'");
        refused(&keys, &files, "8:10", &[message, "a [[file]] with `symlink`"]);
    }
}

#[test]
fn keys_that_say_nothing_of_what_the_others_name_are_refused() {
    for (keys, at, message) in [
        (
            "mode = '0644'\nsymlink = 'y'\ntarget = '/usr/bin/x'",
            "8:8",
            "a link has no `mode`",
        ),
        (
            "owner = 'daemon'\nsymlink = 'y'\ntarget = '/usr/bin/x'",
            "8:9",
            "a link has no `owner`",
        ),
        (
            "config = true\ndir = true\ntarget = '/etc/x'",
            "8:10",
            "a directory has no `config`",
        ),
        (
            "format = 'deb'\nghost = true\ntarget = '/var/log/x'",
            "7:1",
            "only an .rpm can own",
        ),
        (
            "source = 'x'\ntarget = 'usr/bin/'",
            "9:10",
            "`usr/bin` is not a valid install path",
        ),
        (
            "dir = true\ntarget = '/'",
            "9:10",
            "`/` is not a valid install path",
        ),
    ] {
        refused(keys, &[("x", "")], at, &[message, "hint: "]);
    }
}

#[test]
fn two_sources_of_one_target_are_named_with_both_places() {
    let tables = "[[file]]\nsource = 'a/*'\ntarget = '/usr/share/lamp'\n[[file]]\nsource = 'b'\ntarget = '/usr/share/lamp'\n";
    let error = Room::of(tables, &[("a/x", "a\n"), ("b/x", "b\n")]).error();
    assert!(
        error.contains("`/usr/share/lamp/x` is installed twice"),
        "{error}"
    );
    assert!(
        error.contains("packyard.toml:12:10\n") && error.contains("packyard.toml:9:10\n"),
        "{error}"
    );
}

#[test]
fn names_that_no_package_can_hold_are_refused() {
    let keys = "source = 'd'\ntarget = '/usr/share/lamp/'";
    refused(
        keys,
        &[("d/a\nb", "x\n")],
        "8:10",
        &["is not a valid install path", "control characters"],
    );
}

#[test]
fn what_is_no_file_at_all_is_refused_and_not_waited_for() {
    let tables = "[[file]]\nsource = 'd'\ntarget = '/usr/share/lamp'\n";
    let room = Room::of(tables, &[("d/x", "x\n")]);
    let made = std::process::Command::new("mkfifo")
        .arg(room.root().join("d/pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    let error = room.error();
    assert!(
        error.contains("`d/pipe` is neither a file nor a directory nor a link"),
        "{error}"
    );
    assert!(
        error.contains("packyard.toml:8:10\n") && error.contains("hint: "),
        "{error}"
    );
}

#[test]
fn a_name_that_is_not_utf_8_is_refused_by_its_directory() {
    use std::os::unix::ffi::OsStrExt as _;
    let room = Room::of(
        "[[file]]\nsource = 'd'\ntarget = '/usr/share/lamp'\n",
        &[("d/x", "x\n")],
    );
    let name = std::ffi::OsStr::from_bytes(b"d/\xff.txt");
    std::fs::write(room.root().join(name), "x\n").unwrap();
    let error = room.error();
    assert!(error.contains("has a name that is not UTF-8"), "{error}");
    assert!(
        error.contains("packyard.toml:8:10\n") && error.contains("hint: "),
        "{error}"
    );
}

#[test]
fn odd_sources_are_refused_in_a_moment() {
    let many = "{a,b}".repeat(40);
    for source in ["", "{", "[", "{a,b}{c", &many, "[!", "**/**/**/nothing", "a\\*"] {
        let keys = format!("source = '{source}'\ntarget = '/usr/share/lamp/'");
        refused(&keys, &[("d/e/f", "x\n")], "8:10", &["hint: "]);
    }
}

#[test]
fn what_an_earlier_build_made_is_not_packed_again() {
    let tables = "[[file]]\nsource = '**'\ntarget = '/usr/share/lamp'\nformat = ['deb']\n[[file]]\nsource = '.'\n\
        target = '/srv/lamp'\nformat = ['rpm']\n";
    let room = Room::of(
        tables,
        &[
            ("dist/release.json", "{}\n"),
            ("dist/lamp.deb", "old\n"),
            ("x", "x\n"),
        ],
    );
    let all = [room.deb(), room.rpm()].concat();
    assert!(
        all.iter().any(|line| line.ends_with("/srv/lamp/x")) && !all.iter().any(|line| line.contains("dist"))
    );
}

#[test]
fn a_link_that_leads_nowhere_is_refused() {
    for (to, message) in [
        ("", "a link has to lead somewhere"),
        ("/usr/bin/lamp", "`/usr/bin/lamp` would be a link to itself"),
        ("lamp", "`lamp` would be a link to itself"),
    ] {
        let keys = format!("symlink = '{to}'\ntarget = '/usr/bin/lamp'");
        refused(&keys, &[], "8:11", &[message, "write the path"]);
    }
}

#[test]
fn a_hook_is_a_file_for_the_shell() {
    for (value, files, message) in [
        (
            "post",
            &[("post/x", "")][..],
            "`post` is not a file of the project",
        ),
        ("post.sh ", &[], "`post.sh` is not a file of the project"),
        (
            "post.sh",
            &[("post.sh", "true\r\nexit 0\r\n")],
            "line 1 of the script `postinstall` ends as on Windows",
        ),
    ] {
        let error = Room::of(&format!("[scripts]\npostinstall = '{value}'\n"), files).error();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn what_is_wrong_with_a_program_is_said_where_its_file_is_asked_for() {
    // The header of an object file, which says nothing but its machine.
    let object =
        |machine: &str| format!("\x7fELF\x02\x01\x01{:9}\x01\0{machine}\0{:44}", "", "").replace(' ', "\0");
    let keys = "source = 'a'\ntarget = '/usr/lib/lamp/a'";
    for (program, words) in [
        (
            "\x7fELF\x02\x01\x01".to_owned(),
            "`/usr/lib/lamp/a` is no whole ELF file",
        ),
        (
            object("\x01"),
            "`/usr/lib/lamp/a` is for an unknown machine (ELF 1)",
        ),
    ] {
        refused(keys, &[("a", &program)], "9:10", &[words]);
    }
    let tables = format!("[[file]]\n{keys}\n[[file]]\nsource = 'b'\ntarget = '/usr/lib/lamp/b'\n");
    let files = [("a", object("\x3e")), ("b", object("\x28"))];
    let error = Room::of(
        &tables,
        &files.each_ref().map(|(name, bytes)| (*name, bytes.as_str())),
    )
    .error();
    assert!(error.contains("`/usr/lib/lamp/a` is for amd64"), "{error}");
    assert!(
        error.contains("packyard.toml:12:10\n") && error.contains("packyard.toml:9:10"),
        "{error}"
    );
}

#[test]
fn a_wheel_of_a_program_whose_library_the_project_installs_beside_it_is_refused() {
    let program = "[python]\nprograms = ['lamp']\n[[file]]\nsource = 'lamp'\ntarget = '/usr/bin/lamp'\n";
    let library = "[[file]]\nsource = 'z'\ntarget = '/usr/lib/lamp/libz.so.1'\n";
    let planned = |tables: &str| {
        let room = Room::of(tables, &[("README.md", "A lamp\n")]);
        fs::copy("/usr/bin/dpkg-deb", room.root().join("lamp")).unwrap();
        fs::copy("/usr/lib/x86_64-linux-gnu/libz.so.1", room.root().join("z")).unwrap();
        let options = Options {
            formats: vec![ArtifactKind::Wheel],
            ..Options::default()
        };
        plan(&room.root(), &options)
            .map(|plan| plan.notes)
            .map_err(|e| e.to_string())
    };
    let error = planned(&format!("{program}{library}")).unwrap_err();
    let message = "`lamp` needs `libz.so.1`, which the package installs and a wheel of programs cannot\n --> packyard.toml:8:13\n";
    assert!(error.starts_with(message), "{error}");
    // What the system may have is a note.
    let notes = planned(program).unwrap();
    let lacks = |note: &String| {
        note.contains("`libz.so.1`") && note.ends_with("which the wheel does not bring along")
    };
    assert!(notes.iter().any(lacks), "{notes:?}");
}
