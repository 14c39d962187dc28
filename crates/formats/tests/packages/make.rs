//! Packages made of nothing but bytes, so that a test can break any of them.

use base64::Engine as _;
use md5::Digest as _;
use packyard_formats::intake::{self, Intake, Limits, NotAPackage};
use packyard_types::Timestamp;
use std::io::{Cursor, Write};

/// The time in every test.
pub const NOW: i64 = 1_700_000_000;

/// Reads bytes under a filename.
pub fn read(name: &str, bytes: &[u8]) -> Result<Intake, NotAPackage> {
    read_all(name, bytes).map_err(|mut all| all.remove(0))
}

/// The same with everything that is wrong.
pub fn read_all(name: &str, bytes: &[u8]) -> Result<Intake, Vec<NotAPackage>> {
    let limits = Limits::default().at(Timestamp::from_unix_seconds(NOW));
    intake::read(&name.parse().unwrap(), &mut Cursor::new(bytes), &limits)
}

/// The refusal of bytes under a filename, on two lines: what is wrong, and the hint.
pub fn refusal(name: &str, bytes: &[u8]) -> String {
    let refused = read(name, bytes).map(|intake| intake.package).unwrap_err();
    format!("{refused}\nhint: {}", refused.hint)
}

/// A tar made entry by entry.
pub struct Tar(tar::Builder<Vec<u8>>, u64);

impl Tar {
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()), 1_600_000_000)
    }

    /// The entries that follow are of this time, in seconds since 1970.
    pub fn dated(mut self, seconds: u64) -> Self {
        self.1 = seconds;
        self
    }

    pub fn entry(mut self, kind: tar::EntryType, path: &str, target: &str, mode: u32, data: &[u8]) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(data.len() as u64);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.1);
        // Names that the tar crate would refuse are the point here.
        let raw = header.as_old_mut();
        raw.name[..path.len()].copy_from_slice(path.as_bytes());
        raw.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.0.append(&header, data).unwrap();
        self
    }

    pub fn file(self, path: &str, data: &[u8]) -> Self {
        self.entry(tar::EntryType::Regular, path, "", 0o644, data)
    }

    pub fn dir(self, path: &str) -> Self {
        self.entry(tar::EntryType::Directory, path, "", 0o755, b"")
    }

    pub fn link(self, path: &str, target: &str) -> Self {
        self.entry(tar::EntryType::Symlink, path, target, 0o777, b"")
    }

    pub fn done(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, data) in members {
        out.extend(
            format!(
                "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                0,
                0,
                0,
                "100644",
                data.len()
            )
            .bytes(),
        );
        out.extend(*data);
        if data.len() % 2 == 1 {
            out.push(b'\n');
        }
    }
    out
}

pub const CONTROL: &str = "Package: hello\nVersion: 1:1.0~rc1-2\nArchitecture: all\nMaintainer: Jane <jane@example.org>\n\
    Source: python3-hello-src (1.0)\nDescription: says hello\n Hello.\n .\n World.\n";

/// What a .deb is made of.
pub struct Deb {
    pub control: String,
    pub md5sums: String,
    pub data: Vec<u8>,
}

pub fn md5(data: &[u8]) -> String {
    use std::fmt::Write as _;
    md5::Md5::digest(data).iter().fold(String::new(), |mut hex, b| {
        write!(hex, "{b:02x}").unwrap();
        hex
    })
}

impl Deb {
    pub fn good() -> Self {
        let changelog = gzip(b"hello (1.0) unstable; urgency=medium\n");
        let data = Tar::new()
            .dir("./")
            .dir("./usr/")
            .dir("./usr/bin/")
            .entry(
                tar::EntryType::Regular,
                "./usr/bin/hello",
                "",
                0o755,
                b"#!/bin/sh\necho hello\n",
            )
            .link("./usr/bin/hi", "hello")
            .dir("./usr/share/")
            .dir("./usr/share/doc/")
            .dir("./usr/share/doc/hello/")
            .file("./usr/share/doc/hello/changelog.Debian.gz", &changelog)
            .file("./usr/share/doc/hello/copyright", b"MIT\n")
            .done();
        Self {
            control: CONTROL.to_owned(),
            md5sums: format!("{}  usr/bin/hello\n", md5(b"#!/bin/sh\necho hello\n")),
            data,
        }
    }

    pub fn control_tar(&self) -> Vec<u8> {
        let files = Tar::new().dir("./").file("./control", self.control.as_bytes());
        gzip(&files.file("./md5sums", self.md5sums.as_bytes()).done())
    }

    pub fn build(&self) -> Vec<u8> {
        ar(&[
            ("debian-binary", b"2.0\n"),
            ("control.tar.gz", &self.control_tar()),
            ("data.tar.gz", &gzip(&self.data)),
        ])
    }
}

pub const DEB: &str = "hello_1.0~rc1-2_all.deb";
pub const WHEEL: &str = "hello_world-1.0-py3-none-any.whl";
pub const SDIST: &str = "hello_world-1.0.tar.gz";
pub const RPM: &str = "hello-1.0~rc1-1.noarch.rpm";
pub const METADATA: &str = "Metadata-Version: 2.4\nName: Hello.World\nVersion: 1.0\nSummary: says hello\nRequires-Dist: attrs>=20\n\n# Hello\n";

pub fn record_line(path: &str, data: &[u8]) -> String {
    let digest = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(data));
    format!("{path},sha256={digest},{}\n", data.len())
}

/// A zip of stored and deflated entries.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, data) in files {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o644);
        out.start_file(*path, options).unwrap();
        out.write_all(data).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// A wheel of these files, with a RECORD that is right but for `also`, which is appended to it.
pub fn wheel(files: &[(&str, &[u8])], also: &str) -> Vec<u8> {
    let record: String = files.iter().map(|(path, data)| record_line(path, data)).collect();
    let record = format!("{record}Hello_World-1.0.dist-info/RECORD,,\n{also}");
    let mut all = files.to_vec();
    all.push(("Hello_World-1.0.dist-info/RECORD", record.as_bytes()));
    zip(&all)
}

pub const WHEEL_FILES: [(&str, &[u8]); 3] = [
    ("hello_world/__init__.py", b"print('hello')\n"),
    ("Hello_World-1.0.dist-info/METADATA", METADATA.as_bytes()),
    (
        "Hello_World-1.0.dist-info/WHEEL",
        b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    ),
];

pub fn sdist() -> Vec<u8> {
    let tar = Tar::new()
        .dir("hello_world-1.0/")
        .file("hello_world-1.0/PKG-INFO", METADATA.as_bytes());
    gzip(&tar.file("hello_world-1.0/hello.py", b"x = 1\n").done())
}

pub fn rpm() -> Vec<u8> {
    let package = rpm::PackageBuilder::new("hello", "1.0~rc1", "MIT", "noarch", "says hello")
        .release("1")
        .epoch(1)
        .using_config(
            rpm::BuildConfig::v4()
                .compression(rpm::CompressionType::Gzip)
                .source_date(1_500_000_000),
        )
        .with_dir_entry(rpm::FileOptions::dir("/usr/share/hello"))
        .unwrap()
        .with_file_contents("hello\n", rpm::FileOptions::new("/usr/share/hello/text"))
        .unwrap()
        .with_file_contents(
            "#!/bin/sh\n",
            rpm::FileOptions::new("/usr/bin/hello").permissions(0o755),
        )
        .unwrap()
        .with_symlink(rpm::FileOptions::symlink("/usr/bin/hi", "hello"))
        .unwrap()
        .add_changelog_entry("Jane <jane@example.org> - 1.0-1", "- first", 1_500_000_000_u32)
        .build()
        .unwrap();
    let mut out = Vec::new();
    package.write(&mut out).unwrap();
    out
}
