//! dpkg as the judge of the .deb files that this crate writes.

use crate::tools;
use packyard_formats::{
    compress::Compression,
    deb::write::{DebSpec, write},
    entries::{Entries, Entry},
};
use packyard_types::{InstallPath, Timestamp};
use std::{fs, path::Path, process::Command};

const CHANGELOG: &str = "hello (1.0-1) unstable; urgency=medium\n\n  * First.\n\n -- Jane <jane@example.org>  Fri, 22 Mar 2019 12:00:00 +0000\n";
const CONTROL: &str = "Source: hello\nMaintainer: Jane <jane@example.org>\nSection: misc\nPriority: optional\n\n\
    Package: hello\nArchitecture: all\nDescription: says hello\n Hello.\n";

fn run(program: &str, arguments: &[&str]) -> String {
    tools::run(Command::new(program).args(arguments))
}

/// A package of several kinds of entries, and a file of 3 MiB so that there is more than one piece.
fn spec(compression: Compression) -> DebSpec {
    let mut entries = Entries::new(Timestamp::from_unix_seconds(1_553_212_800));
    let long = format!(
        "/usr/share/hello/{}/file",
        "long-name/".repeat(15).trim_end_matches('/')
    );
    let large: Vec<u8> = (0..3_u32 << 20)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 27) as u8)
        .collect();
    for (path, entry) in [
        ("/etc/hello.conf", Entry::file(&b"a=1\n"[..])),
        ("/usr/bin/hello", Entry::program(&b"#!/bin/sh\n"[..])),
        ("/usr/bin/hi", Entry::symlink("hello")),
        ("/usr/share/hello/empty", Entry::file(&b""[..])),
        ("/usr/share/hello/large", Entry::file(large)),
        ("/var/lib/hello", Entry::directory()),
        (long.as_str(), Entry::file(&b"deep\n"[..])),
    ] {
        entries.insert(InstallPath::parse(path).unwrap(), entry).unwrap();
    }
    let control = [
        ("Package", "hello"),
        ("Version", "1.0-1"),
        ("Architecture", "all"),
        ("Maintainer", "Jane <jane@example.org>"),
        ("Description", "says hello\n Hello."),
    ];
    DebSpec {
        control: control.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(),
        scripts: Vec::new(),
        entries,
        compression,
    }
}

/// The size that dpkg-gencontrol writes for an unpacked tree.
fn gencontrol_size(dir: &Path, tree: &Path) -> String {
    fs::create_dir(dir.join("debian")).unwrap();
    fs::write(dir.join("debian/control"), CONTROL).unwrap();
    fs::write(dir.join("debian/changelog"), CHANGELOG).unwrap();
    let out = dir.join("control");
    let script = format!(
        "cd '{}' && dpkg-gencontrol -phello -P'{}' -O'{}'",
        dir.display(),
        tree.display(),
        out.display()
    );
    run("sh", &["-c", &script]);
    let text = fs::read_to_string(out).unwrap();
    let line = text.lines().find_map(|l| l.strip_prefix("Installed-Size: "));
    line.unwrap().to_owned()
}

#[test]
fn dpkg_unpacks_every_compression_and_agrees_on_sums_and_size() {
    for compression in [Compression::Gzip, Compression::Xz, Compression::Zstd] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hello_1.0-1_all.deb");
        write(&spec(compression), fs::File::create(&file).unwrap()).unwrap();
        let (file, tree) = (file.to_str().unwrap(), dir.path().join("tree"));
        let members = run("ar", &["t", file]);
        let extension = compression.extension();
        assert_eq!(
            members,
            format!("debian-binary\ncontrol.tar.{extension}\ndata.tar.{extension}\n")
        );
        run("dpkg-deb", &["-x", file, tree.to_str().unwrap()]);
        assert_eq!(
            fs::metadata(tree.join("usr/share/hello/large")).unwrap().len(),
            3 << 20
        );
        run(
            "dpkg-deb",
            &["-e", file, dir.path().join("DEBIAN").to_str().unwrap()],
        );
        let check = format!("cd '{}' && md5sum --strict -c ../DEBIAN/md5sums", tree.display());
        run("sh", &["-c", &check]);
        let said = run("dpkg-deb", &["-f", file, "Installed-Size"]);
        assert_eq!(said.trim(), gencontrol_size(dir.path(), &tree), "{compression:?}");
    }
}
