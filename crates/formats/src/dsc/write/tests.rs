//! The texts and archives of a small source package.

use super::*;

fn file(text: &str) -> SourceFile {
    SourceFile {
        content: text.as_bytes().into(),
        executable: false,
    }
}

fn spec(format: SourceFormat) -> DscSpec {
    let changelog =
        "x1 (1:1.0-1) unstable; urgency=low\n\n  * A.\n\n -- A <a@b.c>  Fri, 22 Mar 2019 00:00:00 +0000\n";
    DscSpec {
        source: "x1".parse().unwrap(),
        version: "1:1.0-1".into(),
        format,
        tree: SdistSpec {
            top: "x1-1.0".into(),
            files: [("README".to_owned(), file("hi\n"))].into(),
            mtime: Timestamp::from_unix_seconds(1_553_212_800),
        },
        debian: [("source/format", "x\n"), ("rules", "y\n")]
            .map(|(name, text)| (name.to_owned(), file(text)))
            .into(),
        binaries: vec![Binary {
            name: "x1-tools".parse().unwrap(),
            section: "utils".into(),
            priority: "optional".into(),
            arch: DebArch::all(),
            synopsis: "Tools of x".into(),
        }],
        maintainer: "A <a@b.c>".into(),
        homepage: None,
        standards: "4.6.2".into(),
        build_depends: "debhelper-compat (= 13)".into(),
        newest: NewestEntry::read(changelog).unwrap(),
        distribution: None,
        made_with: "packyard (= 0.1.0)".into(),
    }
}

fn names(spec: &DscSpec, which: Archive) -> Vec<String> {
    let mut bytes = Vec::new();
    archive(spec, which, &mut bytes).unwrap();
    let plain: Box<dyn io::Read> = if which == Archive::Orig {
        Box::new(flate2::read::GzDecoder::new(&*bytes))
    } else {
        Box::new(liblzma::read::XzDecoder::new(&*bytes))
    };
    let mut tar = tar::Archive::new(plain);
    let name = |entry: io::Result<tar::Entry<'_, _>>| entry.unwrap().path().unwrap().display().to_string();
    tar.entries().unwrap().map(name).collect()
}

#[test]
fn a_version_with_a_revision_has_two_archives_and_one_without_has_one() {
    let quilt = spec(SourceFormat::Quilt);
    let archives: Vec<String> = quilt.archives().iter().map(|a| quilt.archive_name(*a)).collect();
    assert_eq!(archives, ["x1_1.0.orig.tar.gz", "x1_1.0-1.debian.tar.xz"]);
    assert_eq!(names(&quilt, Archive::Orig), ["x1-1.0/README"]);
    let debian = [
        "debian/",
        "debian/rules",
        "debian/source/",
        "debian/source/format",
    ];
    assert_eq!(names(&quilt, Archive::Debian), debian);
    let native = DscSpec {
        version: "1.0".into(),
        ..spec(SourceFormat::Native)
    };
    assert_eq!(native.archive_name(native.archives()[0]), "x1_1.0.tar.xz");
    let all = names(&native, Archive::Native);
    assert_eq!(all[..3], ["x1-1.0/", "x1-1.0/README", "x1-1.0/debian/"]);
    assert!(files(&native).any(|(path, _, _)| path == "x1-1.0/debian/rules"));
}

#[test]
fn the_texts_name_the_files_before_them() {
    let spec = spec(SourceFormat::Quilt);
    let text = dsc(&spec, &[Summed::of("x1_1.0.orig.tar.gz", b"abc")]).unwrap();
    assert_eq!(
        text,
        "Format: 3.0 (quilt)\nSource: x1\nBinary: x1-tools\nArchitecture: all\nVersion: 1:1.0-1\nMaintainer: A <a@b.c>\n\
         Standards-Version: 4.6.2\nBuild-Depends: debhelper-compat (= 13)\nPackage-List:\n x1-tools deb utils optional arch=all\n\
         Checksums-Sha1:\n a9993e364706816aba3e25717850c26c9cd0d89d 3 x1_1.0.orig.tar.gz\n\
         Checksums-Sha256:\n ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3 x1_1.0.orig.tar.gz\n\
         Files:\n 900150983cd24fb0d6963f7d28e17f72 3 x1_1.0.orig.tar.gz\n"
    );
    let summed = Summed::of(spec.dsc_name(), text.as_bytes());
    assert_eq!(summed.name, "x1_1.0-1.dsc");
    let info = buildinfo(&spec, Upload::Source, std::slice::from_ref(&summed)).unwrap();
    assert!(info.contains(&summed.md5_line()));
    let to = DscSpec {
        distribution: Some("bookworm".into()),
        ..spec
    };
    let text = changes(&to, Upload::Full, std::slice::from_ref(&summed)).unwrap();
    assert!(
        text.contains("\nBinary: x1-tools\nArchitecture: source all\n")
            && text.contains("\nDescription:\n x1-tools - Tools of x\n"),
        "{text}"
    );
    assert_eq!(Upload::Full.changes_name(&to), "x1_1.0-1_all.changes");
    assert_eq!(Upload::Source.buildinfo_name(&to), "x1_1.0-1_source.buildinfo");
    let text = changes(&to, Upload::Source, &[summed]).unwrap();
    assert!(
        text.contains("\nArchitecture: source\n") && !text.contains("\nBinary:"),
        "{text}"
    );
    assert!(
        text.contains("\nDistribution: bookworm\n")
            && text.contains("\nChanges:\n x1 (1:1.0-1) unstable; urgency=low\n .\n   * A.\n")
            && text.contains(" utils optional x1_1.0-1.dsc\n"),
        "{text}"
    );
}

#[test]
fn a_value_cannot_begin_a_field_of_its_own() {
    let mut spec = spec(SourceFormat::Quilt);
    spec.homepage = Some("https://x\nX: y".into());
    assert!(dsc(&spec, &[]).unwrap_err().to_string().contains("`Homepage`"));
}
