//! What is written here is installed, verified and removed by the real rpm, whatever is in it and however it is
//! compressed; and what this crate reads of it is what was put in.

use crate::specimen::{empty, everything};
use crate::tools::run;
use packyard_formats::archive::contents::MemberKind;
use packyard_formats::compress::Compression;
use packyard_formats::entries::{Entry, EntryKind};
use packyard_formats::intake::Limits;
use packyard_formats::rpm::read;
use packyard_formats::rpm::write::{RpmSpec, to_bytes};
use packyard_types::{Digest, InstallPath};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory with a package and an empty system.
struct Root(tempfile::TempDir);

impl Root {
    fn with(spec: &RpmSpec) -> (Self, PathBuf) {
        let root = Self(tempfile::tempdir().unwrap());
        let file = root.0.path().join("package.rpm");
        std::fs::write(&file, to_bytes(spec).unwrap()).unwrap();
        (root, file)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("root")
    }

    fn rpm(&self, args: &[&str]) -> String {
        run(Command::new("rpm").arg("--root").arg(self.path()).args(args))
    }

    fn install(&self, file: &Path) {
        std::fs::create_dir_all(self.path()).unwrap();
        // Neither a shell nor the packages that are required are there.
        self.rpm(&[
            "-i",
            "--nodeps",
            "--noscripts",
            "--ignorearch",
            file.to_str().unwrap(),
        ]);
    }

    /// What is below the root: the directories of the system stay, and so does rpm's own database.
    fn left(&self) -> Vec<String> {
        let listed = run(Command::new("find").arg(".").current_dir(self.path()));
        let mut paths: Vec<String> = listed.lines().map(str::to_owned).collect();
        paths.retain(|path| !path.contains("rpm"));
        paths.retain(|path| {
            path.contains("hostile") || path.contains("hello") || !self.path().join(path).is_dir()
        });
        paths
    }
}

fn put(spec: &mut RpmSpec, path: &str, entry: Entry) {
    spec.entries
        .insert(InstallPath::parse(path).unwrap(), entry)
        .unwrap();
}

/// Names and contents that have gone wrong somewhere.
fn hostile() -> RpmSpec {
    let mut spec = empty("hostile");
    spec.description = "100% of it, 50 %{percent}, «quoted» \"twice\"\n\ttabbed".into();
    let long = format!("/usr/share/hostile/{}", "n".repeat(246));
    put(&mut spec, &long, Entry::file(&b"long\n"[..]));
    put(
        &mut spec,
        "/usr/share/hostile/with blank, 'quotes' and *?[",
        Entry::file(&b"x"[..]),
    );
    put(
        &mut spec,
        "/usr/share/hostile/Grüße-日本",
        Entry::file(&b"xyz"[..]),
    );
    put(&mut spec, "/usr/share/hostile/empty", Entry::file(&b""[..]));
    put(&mut spec, "/usr/share/hostile/a", Entry::directory());
    put(&mut spec, "/usr/share/hostile/a-b", Entry::file(&b"1"[..]));
    put(&mut spec, "/usr/share/hostile/a/c", Entry::file(&b"12"[..]));
    put(
        &mut spec,
        "/usr/share/hostile/link",
        Entry::symlink("t/".repeat(500)),
    );
    let setuid = Entry {
        mode: 0o4755,
        ..Entry::program(&b"#!/bin/sh\n"[..])
    };
    put(&mut spec, "/usr/bin/hostile", setuid);
    let sticky = Entry {
        mode: 0o1777,
        ..Entry::directory()
    };
    put(&mut spec, "/var/lib/hostile", sticky);
    put(
        &mut spec,
        "/usr/share/hostile/large",
        Entry::file(vec![7; 5_000_001]),
    );
    spec
}

#[test]
fn hostile_names_and_modes_are_installed_verified_and_removed_with_any_compressor() {
    for compression in [Compression::Gzip, Compression::Xz, Compression::Zstd] {
        let spec = RpmSpec {
            compression,
            ..hostile()
        };
        let (root, file) = Root::with(&spec);
        let said = run(Command::new("rpm").arg("-Kv").arg(&file));
        assert!(
            !said.contains("BAD") && said.contains("Payload SHA256 digest: OK"),
            "{said}"
        );
        root.install(&file);
        assert_eq!(root.rpm(&["-Va", "--nodeps"]), "");
        let text = std::fs::read(root.path().join("usr/share/hostile/Grüße-日本")).unwrap();
        assert_eq!(text, b"xyz");
        let long = root.path().join("usr/share/hostile").join("n".repeat(246));
        assert_eq!(std::fs::read(long).unwrap(), b"long\n");
        let unpacked = run(Command::new("sh")
            .args(["-c", "rpm2cpio package.rpm | cpio -t --quiet"])
            .current_dir(root.0.path()));
        assert_eq!(unpacked.lines().count(), 12, "{unpacked}");
        root.rpm(&["-e", "--nodeps", "hostile"]);
        assert_eq!(root.left(), [""; 0]);
    }
}

#[test]
fn a_package_with_everything_is_installed_with_its_modes_and_capabilities_and_leaves_nothing() {
    let (root, file) = Root::with(&everything());
    root.install(&file);
    assert_eq!(root.rpm(&["-V", "--nodeps", "hello"]), "");
    let has = run(Command::new("getcap").arg(root.path().join("usr/bin/hello")));
    assert!(has.ends_with("cap_net_bind_service,cap_net_raw=ep\n"), "{has}");
    let modes = run(Command::new("stat")
        .args(["-c", "%a %n", "usr/bin/hello", "var/lib/hello", "etc/hello"])
        .current_dir(root.path()));
    assert_eq!(modes, "4755 usr/bin/hello\n1777 var/lib/hello\n755 etc/hello\n");
    assert!(!root.path().join("var/log/hello.log").exists());
    root.rpm(&["-e", "--nodeps", "--noscripts", "hello"]);
    assert_eq!(root.left(), [""; 0]);
}

#[test]
fn what_was_changed_after_installation_is_what_rpm_reports() {
    let (root, file) = Root::with(&everything());
    root.install(&file);
    std::fs::write(root.path().join("usr/share/hello/with blank"), "other\n").unwrap();
    std::fs::write(root.path().join("etc/hello/hello.conf"), "a=3\n").unwrap();
    std::fs::remove_file(root.path().join("etc/hello/missing.conf")).unwrap();
    let said = Command::new("rpm")
        .arg("--root")
        .arg(root.path())
        .args(["-V", "--nodeps", "--nomtime", "hello"])
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert_eq!(
        said,
        "..5......  c /etc/hello/hello.conf\nS.5......    /usr/share/hello/with blank\n"
    );
}

#[test]
fn an_upgrade_keeps_changed_configuration_as_the_spec_says() {
    let (root, file) = Root::with(&everything());
    root.install(&file);
    let config = |name: &str| root.path().join("etc/hello").join(name);
    for name in ["hello.conf", "replaced.conf"] {
        std::fs::write(config(name), "mine\n").unwrap();
    }
    let mut next = everything();
    next.version = "1.0".into();
    let entries = std::mem::replace(&mut next.entries, empty("x").entries);
    for (path, entry) in entries.iter() {
        let is_text = path.as_str().starts_with("/etc/") && matches!(entry.kind, EntryKind::File(_));
        let kind = if is_text {
            EntryKind::File(b"new\n".to_vec().into())
        } else {
            entry.kind.clone()
        };
        next.entries
            .insert(
                path.clone(),
                Entry {
                    kind,
                    ..entry.clone()
                },
            )
            .unwrap();
    }
    let file = root.0.path().join("next.rpm");
    std::fs::write(&file, to_bytes(&next).unwrap()).unwrap();
    root.rpm(&["-U", "--nodeps", "--noscripts", file.to_str().unwrap()]);
    let read = |name: &str| std::fs::read_to_string(config(name)).unwrap();
    assert_eq!(
        (read("hello.conf"), read("hello.conf.rpmnew")),
        ("mine\n".into(), "new\n".into())
    );
    assert_eq!(
        (read("replaced.conf"), read("replaced.conf.rpmsave")),
        ("new\n".into(), "mine\n".into())
    );
}

#[test]
fn packages_of_nothing_of_directories_and_of_many_files_are_installed() {
    let mut directories = empty("directories");
    for at in ["/srv/directories/a", "/srv/directories/b/c"] {
        put(&mut directories, at, Entry::directory());
    }
    let mut many = empty("many");
    many.compression = Compression::Zstd;
    for n in 0..10_000 {
        let text = format!("file {n}\n").into_bytes();
        put(
            &mut many,
            &format!("/srv/many/{}/{n}", n % 100),
            Entry::file(text),
        );
    }
    for (spec, paths) in [(empty("nothing"), 0), (directories, 4), (many, 10_101)] {
        let (root, file) = Root::with(&spec);
        root.install(&file);
        assert_eq!(root.rpm(&["-Va", "--nodeps"]), "");
        let listed = root.rpm(&["-qal"]);
        let listed = listed.lines().filter(|line| !line.starts_with('(')).count();
        assert_eq!(listed, paths, "{}", spec.name);
        root.rpm(&["-e", "--nodeps", spec.name.as_str()]);
    }
}

#[test]
fn a_name_that_rpm_could_not_unpack_is_refused() {
    let mut spec = empty("long");
    put(
        &mut spec,
        &format!("/srv/{}", "n".repeat(247)),
        Entry::file(&b"x"[..]),
    );
    let error = to_bytes(&spec).unwrap_err().to_string();
    assert!(error.contains("is longer than 246 bytes"), "{error}");
}

#[test]
fn the_reader_reads_what_was_written() {
    for spec in [hostile(), everything()] {
        let bytes = to_bytes(&spec).unwrap();
        let rpm = read::read(&mut &*bytes, bytes.len() as u64, &Limits::default()).unwrap();
        assert_eq!(rpm.header.string(1005).unwrap(), spec.description);
        for member in &rpm.contents.members {
            let path = InstallPath::parse(&format!("/{}", member.path)).unwrap();
            let entry = spec.entries.get(&path).unwrap();
            assert_eq!(member.mode, u32::from(entry.mode), "{path}");
            match &entry.kind {
                EntryKind::File(content) => {
                    let digest = Digest::of(&content.read().unwrap()).to_string();
                    assert_eq!(
                        (member.kind, &member.digest),
                        (MemberKind::File, &Some(digest)),
                        "{path}"
                    );
                }
                EntryKind::Symlink(to) => assert_eq!(member.target.as_ref(), Some(to)),
                EntryKind::Directory => assert_eq!(member.kind, MemberKind::Dir, "{path}"),
                EntryKind::Ghost => assert_eq!(member.kind, MemberKind::Ghost, "{path}"),
            }
        }
    }
}
