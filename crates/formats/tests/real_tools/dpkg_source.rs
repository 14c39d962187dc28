//! Source packages that dpkg-source has built are read as it unpacks them, in each format; what it would refuse, or
//! what is not what the .dsc says, is refused with the file and the reason.

use crate::tools::run;
use packyard_formats::{dsc::Dsc, intake};
use packyard_types::{ArtifactName, DscFacts, Facts};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A directory with a source package in it.
struct Built {
    dir: TempDir,
    dsc: PathBuf,
}

impl Built {
    /// Builds `hello` with dpkg-source.
    fn new(format: &str, version: &str, compression: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let tree = dir.path().join("hello-1.0");
        let put = |name: &str, text: &str| {
            let path = tree.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("src/hello.c", "int main(void) { return 0; }\n");
        std::os::unix::fs::symlink("../../elsewhere", tree.join("src/away")).unwrap();
        if format != "3.0 (native)" {
            let how = match compression {
                "gz" => "z",
                "bz2" => "j",
                _ => "J",
            };
            let orig = format!("hello_1.0.orig.tar.{compression}");
            run(Command::new("tar")
                .args(["-C", dir.path().to_str().unwrap(), &format!("-c{how}f")])
                .arg(dir.path().join(orig))
                .arg("hello-1.0"));
        }
        put("debian/rules", "#!/usr/bin/make -f\n%:\n\tdh $@\n");
        put("debian/source/format", &format!("{format}\n"));
        put(
            "debian/control",
            "Source: hello\nSection: misc\nPriority: optional\nMaintainer: Jo Doe <jo@example.org>\n\
             Standards-Version: 4.6.2\n\nPackage: hello\nArchitecture: any\nDescription: greets\n It does.\n",
        );
        put(
            "debian/changelog",
            &format!(
                "hello ({version}) bookworm; urgency=medium\n\n  * Begun.\n\n \
                 -- Jo Doe <jo@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n"
            ),
        );
        run(Command::new("dpkg-source")
            .arg(
                format!(
                    "-Z{}",
                    if compression == "bz2" {
                        "bzip2"
                    } else {
                        compression
                    }
                )
                .replace("gz", "gzip"),
            )
            .args(["-b", "hello-1.0"])
            .current_dir(dir.path()));
        let plain = version.split_once(':').map_or(version, |(_, rest)| rest);
        let dsc = dir.path().join(format!("hello_{plain}.dsc"));
        Self { dir, dsc }
    }

    fn read(&self) -> Result<DscFacts, String> {
        let name: ArtifactName = self.dsc.file_name().unwrap().to_str().unwrap().parse().unwrap();
        let dsc = Dsc::parse(&fs::read(&self.dsc).unwrap()).map_err(|e| e.to_string())?;
        let open = |part: &packyard_types::PartName| {
            let file = File::open(self.dir.path().join(part.as_str()))?;
            Ok(Box::new(file) as Box<dyn std::io::Read>)
        };
        let read = intake::read_source(&name, dsc, &open, &intake::Limits::default());
        match read.map_err(|e| e.to_string())?.facts {
            Facts::Dsc(facts) => Ok(facts),
            other => panic!("{other:?}"),
        }
    }

    fn unpacked(&self) -> Vec<String> {
        let to = self.dir.path().join("unpacked");
        run(Command::new("dpkg-source")
            .args(["--no-check", "-x"])
            .arg(&self.dsc)
            .arg(&to));
        let found = run(Command::new("find")
            .args([".", "-not", "-type", "d", "-printf", "%P\n"])
            .current_dir(&to));
        let mut found: Vec<String> = found.lines().map(str::to_owned).collect();
        found.retain(|path| !path.starts_with(".pc/"));
        found.sort();
        found
    }

    fn edit(&self, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(&self.dsc).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&self.dsc, text.replacen(from, to, 1)).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.dir.path()).join(name)
    }
}

#[test]
fn each_format_is_read_as_dpkg_source_unpacks_it() {
    for (format, version, compression) in [
        ("1.0", "1:1.0-1", "gz"),
        ("3.0 (native)", "1.0", "xz"),
        ("3.0 (native)", "1.0", "gz"),
        ("3.0 (quilt)", "1.0-1", "gz"),
        ("3.0 (quilt)", "1.0-2", "xz"),
        ("3.0 (quilt)", "2:1.0-1~bpo12+1", "bz2"),
    ] {
        let built = Built::new(format, version, compression);
        let facts = built.read().unwrap_or_else(|e| panic!("{format}: {e}"));
        assert_eq!(facts.files, built.unpacked(), "{format}");
        assert_eq!(facts.field("Version"), Some(version));
        let changelog = facts.changelog.unwrap();
        assert!(
            changelog.starts_with(&format!("hello ({version}) bookworm")),
            "{changelog}"
        );
        assert!(changelog.ends_with("+0000\n"), "{changelog}");
    }
}

#[test]
fn what_the_dsc_says_of_its_files_must_be_so() {
    let quilt = || Built::new("3.0 (quilt)", "1.0-1", "gz");
    let wrong = |built: &Built, expected: &str| {
        let e = built.read().unwrap_err();
        assert!(e.contains(expected), "{e}");
    };

    let built = quilt();
    let orig = built.path("hello_1.0.orig.tar.gz");
    let mut bytes = fs::read(&orig).unwrap();
    bytes.push(0);
    fs::write(&orig, &bytes).unwrap();
    wrong(&built, "entry `hello_1.0.orig.tar.gz`: it has more than");
    bytes.truncate(bytes.len() - 2);
    bytes.push(7);
    fs::write(&orig, &bytes).unwrap();
    wrong(&built, "entry `hello_1.0.orig.tar.gz`: its MD5 is");
    fs::remove_file(&orig).unwrap();
    wrong(&built, "entry `hello_1.0.orig.tar.gz`: it is not there");

    wrong(
        quilt().edit("Source: hello", "Source: hallo"),
        "has no place in a source package",
    );
    wrong(
        quilt().edit("Format: 3.0 (quilt)", "Format: 3.0 (git)"),
        "its format is `3.0 (git)`",
    );
    wrong(
        quilt().edit("Format: 3.0 (quilt)", "Format: 3.0 (native)"),
        "has no place in a source package",
    );
    wrong(
        quilt().edit("Version: 1.0-1", "Version: 1:1.0-1"),
        "its newest entry is of version `1.0-1`",
    );
    wrong(
        quilt().edit("Version: 1.0-1", "Version: 1.0_1"),
        "is not a valid Debian version",
    );
    wrong(
        quilt().edit("Checksums-Sha256:", "Checksums-Sha512:"),
        "no field `Checksums-Sha256`",
    );
    wrong(quilt().edit("\nFiles:", "\nX-Files:"), "no field `Files`");
    wrong(
        quilt().edit(" hello_1.0.orig.tar.gz", " ../hello_1.0.orig.tar.gz"),
        "is not a valid filename",
    );
    wrong(
        quilt().edit("Maintainer:", "XMaintainer:"),
        "no field `Maintainer`",
    );
}

#[test]
fn the_changelog_must_be_of_the_package() {
    let built = Built::new("3.0 (native)", "1.0", "xz");
    let other = Built::new("3.0 (native)", "1.0", "xz");
    let changelog = other.path("hello-1.0/debian/changelog");
    fs::remove_file(&changelog).unwrap();
    run(Command::new("tar")
        .args(["-cJf", "hello_1.0.tar.xz", "hello-1.0"])
        .current_dir(other.dir.path()));
    let bytes = fs::read(other.path("hello_1.0.tar.xz")).unwrap();
    fs::write(built.path("hello_1.0.tar.xz"), &bytes).unwrap();
    let sum = |tool: &str| {
        let out = run(Command::new(tool).arg(built.path("hello_1.0.tar.xz")));
        out.split(' ').next().unwrap().to_owned()
    };
    let mut text = String::new();
    for line in fs::read_to_string(&built.dsc).unwrap().lines() {
        let tool = match line.split_whitespace().next().map(str::len) {
            Some(32) if line.starts_with(' ') => "md5sum",
            Some(40) if line.starts_with(' ') => "sha1sum",
            Some(64) if line.starts_with(' ') => "sha256sum",
            _ => {
                text.push_str(&format!("{line}\n"));
                continue;
            }
        };
        text.push_str(&format!(" {} {} hello_1.0.tar.xz\n", sum(tool), bytes.len()));
    }
    fs::write(&built.dsc, text).unwrap();
    let e = built.read().unwrap_err();
    assert!(e.contains("it has no `debian/changelog`"), "{e}");
}
