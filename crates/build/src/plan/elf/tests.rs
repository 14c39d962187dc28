//! Held against the generators of rpm and dpkg, on the programs and libraries of the machine that the tests run on.

use super::*;
use crate::{manifest::DebKeys, plan::target::Target, python::requires::deb_order};
use packyard_formats::entries::Entry;
use packyard_types::{ArtifactKind, InstallPath, RpmDependency, Timestamp};
use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The ELF files of a directory, every so many.
fn files(directory: &str, step: usize) -> Vec<PathBuf> {
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_elf = |path: &PathBuf| {
        let is_file = path.symlink_metadata().is_ok_and(|m| m.is_file());
        is_file && fs::read(path).is_ok_and(|bytes| Elf::is_at(&bytes) && bytes.len() < 32 << 20)
    };
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files.into_iter().filter(is_elf).step_by(step).collect()
}

/// Files at these paths, in one payload.
fn payload(files: &[(&str, Vec<u8>)]) -> Entries {
    let mut entries = Entries::new(Timestamp::from_unix_seconds(0));
    for (path, bytes) in files {
        let entry = Entry::program(bytes.clone());
        entries.insert(InstallPath::parse(path).unwrap(), entry).unwrap();
    }
    entries
}

/// What nobody asked for.
fn read(entries: &Entries) -> Result<Binaries, BuildError> {
    Binaries::of(entries, |_| None)
}

fn of(path: &Path) -> Binaries {
    let target = format!("/usr/lib64/{}", path.file_name().unwrap().to_str().unwrap());
    let mut binaries = read(&payload(&[(&target, own(path.to_str().unwrap()))])).unwrap();
    binaries.list[0].is_executable = path.metadata().unwrap().permissions().mode() & 0o111 != 0;
    binaries
}

fn names(relations: Vec<RpmDependency>) -> BTreeSet<String> {
    relations.into_iter().map(|relation| relation.name).collect()
}

#[test]
fn what_an_rpm_requires_and_provides_is_what_rpms_generator_says() {
    let elfdeps = |flag: &str, path: &Path| -> BTreeSet<String> {
        let mut child = Command::new("/usr/lib/rpm/elfdeps")
            .arg(flag)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{}", path.display()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let mut all = files("/usr/bin", 20);
    all.extend(files("/usr/lib/x86_64-linux-gnu", 17));
    all.extend(files("/usr/lib/python3.11/lib-dynload", 9));
    assert!(all.len() > 60, "{}", all.len());
    for path in all {
        let binaries = of(&path);
        // What it calls itself is its own, and asked of nobody else.
        let own = binaries.list[0].elf.soname.clone();
        let mut required = elfdeps("--requires", &path);
        required.retain(|name| {
            own.as_ref()
                .is_none_or(|own| !name.starts_with(&format!("{own}(")))
        });
        assert_eq!(names(binaries.rpm_requires()), required, "{}", path.display());
        assert_eq!(
            names(binaries.rpm_provides()),
            elfdeps("--provides", &path),
            "{}",
            path.display()
        );
    }
}

#[test]
fn what_a_deb_depends_on_is_what_dpkg_shlibdeps_says_and_never_older() {
    let room = tempfile::tempdir().unwrap();
    fs::create_dir(room.path().join("debian")).unwrap();
    let control = "Source: x\nMaintainer: A <a@b.c>\n\nPackage: x\nArchitecture: any\nDescription: x\n x\n";
    fs::write(room.path().join("debian/control"), control).unwrap();
    let target = Target::new(ArtifactKind::Deb, "bookworm".parse().unwrap());
    let parts = |relations: &[String]| -> BTreeMap<String, String> {
        let split = |relation: &String| match relation.split_once(" (>= ") {
            Some((name, version)) => (name.to_owned(), version.trim_end_matches(')').to_owned()),
            // A relation that says another thing (`>>`) is not compared.
            None => (relation.split(' ').next().unwrap().to_owned(), "0".to_owned()),
        };
        relations.iter().map(split).collect()
    };
    let mut all = files("/usr/bin", 61);
    all.extend(files("/usr/lib/x86_64-linux-gnu", 79));
    all.extend(files("/usr/lib/python3.11/lib-dynload", 23));
    let (mut compared, mut unknown) = (0, Vec::new());
    for path in all {
        let output = Command::new("dpkg-shlibdeps")
            .args(["-O", "--warnings=0"])
            .arg(&path)
            .current_dir(&room)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let theirs: Vec<String> = match text.trim().strip_prefix("shlibs:Depends=") {
            Some(list) => list.split(", ").map(str::to_owned).collect(),
            // Programs that need no library, or what dpkg-shlibdeps itself cannot place.
            None => continue,
        };
        // A program that needs exactly this glibc, or one of several packages, is a part of them.
        if text.contains("<<") || text.contains(" | ") || text.contains("(= ") {
            continue;
        }
        let ours = match of(&path).deb_depends(&target, &DebKeys::default()) {
            Ok(ours) => ours,
            Err(error) => {
                unknown.push(error.to_string());
                continue;
            }
        };
        let (ours, theirs) = (parts(&ours), parts(&theirs));
        let shown = format!("{}: {ours:?} {theirs:?}", path.display());
        assert_eq!(
            ours.keys().collect::<Vec<_>>(),
            theirs.keys().collect::<Vec<_>>(),
            "{shown}"
        );
        // Debian asks 2.34 of everything that calls sysconf, whose answers are others since; the loader asks nothing.
        let asks = own(path.to_str().unwrap())
            .windows(9)
            .any(|bytes| bytes == b"\0sysconf\0");
        for (package, least) in &ours {
            let is_said = package == "libc6" && asks && theirs[package] == "2.34";
            let is_enough = deb_order(least, &theirs[package]).is_ge();
            assert!(is_said || is_enough, "{package}: {shown}");
        }
        compared += 1;
    }
    // Libraries of programs that keep them to themselves, in a directory of their own.
    assert!(compared > 12 && unknown.len() < 3, "{compared} {unknown:#?}");
}

fn own(path: &str) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn the_machine_decides_the_architecture_and_two_are_an_error() {
    let architecture = |files: &[(&str, Vec<u8>)]| read(&payload(files)).unwrap().architecture();
    let none = architecture(&[("/usr/bin/script", b"#!/bin/sh\n".to_vec())]).unwrap();
    assert_eq!((none.0.as_str(), none.1.as_str()), ("all", "noarch"));
    // The header of an object file, which says nothing else.
    let object = |machine: u8| {
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(64, 0);
        (bytes[16], bytes[18]) = (1, machine);
        bytes
    };
    let one = architecture(&[("/usr/lib/a.o", object(183))]).unwrap();
    assert_eq!((one.0.as_str(), one.1.as_str()), ("arm64", "aarch64"));
    let two = architecture(&[("/usr/lib/a.o", object(62)), ("/usr/lib/b.o", object(183))]);
    assert_eq!(
        two.unwrap_err().to_string(),
        "`/usr/lib/a.o` is for amd64 (x86_64) and `/usr/lib/b.o` for arm64 (aarch64)\n\
         hint: a package has one architecture: build one for each"
    );
    let firmware = [
        ("/usr/lib/firmware/x.elf", object(183)),
        ("/usr/lib/a.o", object(62)),
    ];
    assert_eq!(architecture(&firmware).unwrap().0.as_str(), "amd64");
    let unknown = architecture(&[("/usr/lib/a.o", object(1))]).unwrap_err();
    assert!(
        unknown
            .to_string()
            .contains("`/usr/lib/a.o` is for an unknown machine (ELF 1)")
    );
}

#[test]
fn a_library_that_the_package_brings_is_asked_of_nobody() {
    let zlib = fs::canonicalize("/usr/lib/x86_64-linux-gnu/libz.so.1").unwrap();
    let program = "/usr/bin/dpkg-deb";
    let bytes = || own(program);
    let wants_zlib = |binaries: &Binaries| {
        let target = Target::new(ArtifactKind::Deb, "trixie".parse().unwrap());
        let deb = binaries.deb_depends(&target, &DebKeys::default()).unwrap();
        let rpm = names(binaries.rpm_requires());
        [
            deb.iter().any(|relation| relation.starts_with("zlib1g")),
            rpm.iter().any(|name| name.starts_with("libz.so.1(")),
        ]
    };
    let alone = read(&payload(&[("/usr/bin/x", bytes())])).unwrap();
    assert_eq!(wants_zlib(&alone), [true, true]);
    let file = zlib.to_str().unwrap();
    let private = payload(&[("/usr/bin/x", bytes()), ("/usr/lib/x/libz.so.1.2", own(file))]);
    let private = read(&private).unwrap();
    assert_eq!(wants_zlib(&private), [false, false]);
    assert_eq!(private.rpm_provides(), []);
    // Where every loader looks, an .rpm provides it, and asks for it as rpmbuild does.
    let public = payload(&[("/usr/bin/x", bytes()), ("/usr/lib64/libz.so.1", own(file))]);
    let public = read(&public).unwrap();
    assert_eq!(wants_zlib(&public), [false, true]);
    assert!(names(public.rpm_provides()).contains("libz.so.1()(64bit)"));
}

#[test]
fn what_was_linked_with_a_newer_glibc_than_the_target_has_is_refused() {
    let binaries = of(Path::new("/usr/bin/dpkg-deb"));
    let target = |name: &str| Target::new(ArtifactKind::Rpm, name.parse().unwrap());
    let error = binaries.check_glibc(&target("el8")).unwrap_err().to_string();
    assert!(
        error.starts_with("`/usr/lib64/dpkg-deb` needs glibc 2.34, and el8 has 2.28"),
        "{error}"
    );
    assert!(binaries.check_glibc(&target("el9")).is_ok() && binaries.check_glibc(&target("any")).is_ok());
}

#[test]
fn a_damaged_file_is_named() {
    let mut bytes = own("/usr/bin/dpkg-deb");
    bytes.truncate(4000);
    let error = read(&payload(&[("/usr/bin/x", bytes)]))
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.starts_with("`/usr/bin/x` is no whole ELF file: its "),
        "{error}"
    );
}
