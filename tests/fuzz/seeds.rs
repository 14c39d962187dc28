//! Good bytes to begin from.

use crate::make;
use packyard_formats::compress::Compression;
use packyard_formats::entries::{Entries, Entry};
use packyard_formats::rpm::write::{RpmKind, RpmScripts, RpmSpec, to_bytes};
use packyard_types::{InstallPath, RpmArch, RpmChangelogEntry, RpmDependency, RpmFlags, RpmName, Timestamp};
use std::sync::OnceLock;

/// Packages of version 4, of version 6, and of packyard itself, all named as [`make::RPM`] says.
pub fn rpms() -> &'static [Vec<u8>] {
    static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    MADE.get_or_init(make_rpms)
}

fn make_rpms() -> Vec<Vec<u8>> {
    let six = rpm::PackageBuilder::new("hello", "1.0~rc1", "MIT", "noarch", "says hello")
        .release("1")
        .using_config(rpm::BuildConfig::v6().compression(rpm::CompressionType::Gzip))
        .with_file_contents("hello\n", rpm::FileOptions::new("/usr/share/hello/text"))
        .unwrap()
        .build()
        .unwrap();
    let mut version_6 = Vec::new();
    six.write(&mut version_6).unwrap();
    vec![make::rpm(), version_6, own_rpm()]
}

fn own_rpm() -> Vec<u8> {
    let at = Timestamp::from_unix_seconds(1_553_256_000);
    let dependency = |name: &str, flags, version: &str| RpmDependency {
        name: name.into(),
        flags,
        version: version.into(),
        pre: false,
    };
    let mut entries = Entries::new(at);
    for (path, entry) in [
        ("/etc/hello.conf", Entry::file(&b"a=1\n"[..])),
        ("/usr/bin/hello", Entry::program(&b"#!/bin/sh\n"[..])),
        ("/usr/bin/hi", Entry::symlink("hello")),
        ("/var/lib/hello", Entry::directory()),
    ] {
        entries.insert(InstallPath::parse(path).unwrap(), entry).unwrap();
    }
    let spec = RpmSpec {
        name: RpmName::parse("hello").unwrap(),
        kind: RpmKind::Binary {
            source: "hello".into(),
        },
        epoch: 1,
        version: "1.0~rc1".into(),
        release: "1".into(),
        arch: RpmArch::noarch(),
        license: "MIT".into(),
        summary: "says hello".into(),
        description: "Text <&>\n\nmore".into(),
        url: Some("https://example.org/".into()),
        packager: Some("Ann <a@example.org>".into()),
        vendor: None,
        group: "Unspecified".into(),
        requires: vec![
            dependency("libc.so.6(GLIBC_2.4)(64bit)", None, ""),
            dependency("a", Some(RpmFlags::GreaterOrEqual), "1:2-3"),
            dependency("(b if c)", None, ""),
        ],
        recommends: vec![dependency("rec", None, "")],
        suggests: vec![],
        supplements: vec![],
        enhances: vec![],
        conflicts: vec![dependency("conf", Some(RpmFlags::Less), "1")],
        provides: vec![dependency("prov", Some(RpmFlags::Equal), "1")],
        obsoletes: vec![],
        scripts: RpmScripts::default(),
        changelog: vec![RpmChangelogEntry {
            author: "Ann <a@example.org> - 1".into(),
            at,
            text: "- new".into(),
        }],
        compression: Compression::Gzip,
        entries,
    };
    to_bytes(&spec).unwrap()
}

pub const DSC: &str = "Format: 3.0 (quilt)\nSource: hello\nBinary: hello, hello-doc\nArchitecture: any all\n\
    Version: 1:1.0-2\nMaintainer: Jane <jane@example.org>\nStandards-Version: 4.6.2\n\
    Build-Depends: debhelper-compat (= 13)\nChecksums-Sha1:\n 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 5 hello_1.0.orig.tar.gz\n\
    \x20de9f2c7fd25e1b3afad3e85a0bd17d9b100db4b3 6 hello_1.0-2.debian.tar.xz\nChecksums-Sha256:\n\
    \x20e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 5 hello_1.0.orig.tar.gz\n\
    \x20d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592 6 hello_1.0-2.debian.tar.xz\nFiles:\n\
    \x20d41d8cd98f00b204e9800998ecf8427e 5 hello_1.0.orig.tar.gz\n\
    \x209e107d9d372bb6826bd81d3542a419d6 6 hello_1.0-2.debian.tar.xz\n";

pub const CHANGES: &str = "Format: 1.8\nDate: Sat, 11 May 2013 02:12:00 -0800\nSource: hello\nBinary: hello\n\
    Architecture: source amd64\nVersion: 1:1.0-2\nDistribution: bookworm\nUrgency: medium\n\
    Maintainer: Jane <jane@example.org>\nChanged-By: Jane <jane@example.org>\nDescription:\n hello - says hello\n\
    Changes:\n hello (1:1.0-2) bookworm; urgency=medium\n .\n   * New.\nChecksums-Sha1:\n\
    \x202fd4e1c67a2d28fced849ee1bb76e7391b93eb12 5 hello_1.0-2.dsc\n\
    \x20de9f2c7fd25e1b3afad3e85a0bd17d9b100db4b3 6 hello_1.0-2_amd64.deb\nChecksums-Sha256:\n\
    \x20e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 5 hello_1.0-2.dsc\n\
    \x20d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592 6 hello_1.0-2_amd64.deb\nFiles:\n\
    \x20d41d8cd98f00b204e9800998ecf8427e 5 misc optional hello_1.0-2.dsc\n\
    \x209e107d9d372bb6826bd81d3542a419d6 6 misc optional hello_1.0-2_amd64.deb\n";

pub const CHANGELOG: &str = "hello (1:1.0~rc1-2) unstable; urgency=medium\n\n  [ Ann ]\n  * First (Closes: #1234).\n\n  * Second\n    line.\n\n\
    \x20-- Jane <jane@example.org>  Sat, 11 May 2013 02:12:00 -0800\n\n\
    hello (1.0-1) unstable; urgency=low\n\n  * Old.\n\n -- Jane <jane@example.org>  Fri, 10 May 2013 02:12:00 +0000\n";

pub const HTML: &str = "<!DOCTYPE html><html><head><meta name=\"pypi:repository-version\" content=\"1.1\"></head><body>\n\
    <a href=\"../../files/hello_world-1.0-py3-none-any.whl#sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" \
    data-requires-python=\"&gt;=3.8\" data-yanked=\"bad &amp; old\" data-core-metadata=\"sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\">x</a><br>\n\
    <a href='hello_world-1.0.tar.gz' data-yanked>y</a></body></html>";

pub const JSON: &str = r#"{"meta":{"api-version":"1.3","project-status":{"status":"archived","reason":"old"}},"name":"hello-world","versions":["1.0"],
"files":[{"filename":"hello_world-1.0-py3-none-any.whl","url":"../files/hello_world-1.0-py3-none-any.whl","hashes":{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
"requires-python":">=3.8","yanked":"bad","size":12,"upload-time":"2024-01-02T03:04:05.678901Z","core-metadata":{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}]}"#;

pub const PRIMARY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata/common\" packages=\"1\">\n\
    <package type=\"rpm\">\n  <name>hello</name>\n  <arch>noarch</arch>\n  <version epoch=\"0\" ver=\"1\" rel=\"1\"/>\n\
    <checksum type=\"sha256\" pkgid=\"YES\">e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</checksum>\n\
    <size package=\"1\" installed=\"2\" archive=\"3\"/>\n  <location href=\"Packages/hello-1-1.noarch.rpm\"/>\n</package>\n</metadata>\n";

pub const REPOMD: &str = "<?xml version=\"1.0\"?><repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><revision>1</revision>\
    <data type=\"primary\"><checksum type=\"sha256\">e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</checksum>\
    <location href=\"repodata/primary.xml.gz\"/><size>3</size></data></repomd>";

pub const RELEASE: &str = "Origin: x\nSuite: stable\nCodename: bookworm\nArchitectures: all amd64\nComponents: main\nSHA256:\n\
    \x20e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 12 main/binary-amd64/Packages.gz\n\
    \x20e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 99 main/binary-all/Packages\n";

pub const PACKAGES: &str = "Package: hello\nVersion: 1:1.0\nArchitecture: all\nFilename: pool/h/hello_1.0_all.deb\nSize: 5\n\
    SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nDescription: x\n more\n\n\
    Package: other\nVersion: 2\nArchitecture: amd64\nFilename: pool/o/other_2_amd64.deb\nSize: 6\n";
