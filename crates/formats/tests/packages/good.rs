//! Good packages, and everything that is read from them.

use crate::make::{self, DEB, Deb, RPM, SDIST, WHEEL, WHEEL_FILES, read};
use packyard_types::{Blob, Facts, RpmFileKind};

#[test]
fn a_deb_is_read_into_its_facts() {
    let bytes = Deb::good().build();
    let intake = read(DEB, &bytes).unwrap();
    assert_eq!(
        (
            intake.package.as_str(),
            intake.version.as_str(),
            intake.arch.as_str()
        ),
        ("hello", "1:1.0~rc1-2", "all")
    );
    assert_eq!(
        (intake.project.as_str(), intake.release_version.as_str()),
        ("hello-src", "1.0")
    );
    let Facts::Deb(facts) = intake.facts else {
        panic!("not a deb")
    };
    assert_eq!(
        facts.field("description"),
        Some("says hello\n Hello.\n .\n World.")
    );
    assert_eq!(facts.control[0], ("Package".to_owned(), "hello".to_owned()));
    assert_eq!(facts.md5, make::md5(&bytes));
    assert_eq!(
        facts.files,
        [
            "usr/bin/hello",
            "usr/bin/hi",
            "usr/share/doc/hello/changelog.Debian.gz",
            "usr/share/doc/hello/copyright"
        ]
    );
    assert_eq!(
        facts.changelog.as_deref(),
        Some("hello (1.0) unstable; urgency=medium\n")
    );
}

#[test]
fn a_deb_may_be_compressed_in_every_way_that_dpkg_knows() {
    let deb = Deb::good();
    let xz = liblzma::encode_all(&deb.data[..], 6).unwrap();
    let zst = zstd::encode_all(&deb.data[..], 3).unwrap();
    for (name, data) in [
        ("data.tar", &deb.data),
        ("data.tar.xz", &xz),
        ("data.tar.zst", &zst),
    ] {
        let bytes = make::ar(&[
            ("debian-binary", b"2.0\n"),
            ("control.tar.gz", &deb.control_tar()),
            (name, data),
        ]);
        let Facts::Deb(facts) = read(DEB, &bytes).unwrap().facts else {
            panic!("not a deb")
        };
        assert_eq!(facts.files.len(), 4, "{name}");
    }
}

#[test]
fn a_wheel_is_read_though_its_dist_info_is_not_normalised() {
    let intake = read(WHEEL, &make::wheel(&WHEEL_FILES, "")).unwrap();
    assert_eq!(
        (
            intake.project.as_str(),
            intake.version.as_str(),
            intake.arch.as_str()
        ),
        ("hello-world", "1.0", "py3-none-any")
    );
    assert_eq!(intake.sidecars, [make::METADATA.as_bytes()]);
    let Facts::Wheel(facts) = intake.facts else {
        panic!("not a wheel")
    };
    assert_eq!(facts.metadata_blob, Some(Blob::of(make::METADATA.as_bytes())));
    assert_eq!(facts.metadata.name, "Hello.World");
    assert_eq!(facts.metadata.requires_dist, ["attrs>=20"]);
    assert_eq!(facts.metadata.description.as_deref(), Some("# Hello\n"));
}

#[test]
fn an_sdist_is_read() {
    let intake = read(SDIST, &make::sdist()).unwrap();
    assert_eq!(
        (
            intake.project.as_str(),
            intake.version.as_str(),
            intake.arch.as_str()
        ),
        ("hello-world", "1.0", "source")
    );
    let expected = Some(Blob::of(make::METADATA.as_bytes()));
    assert!(matches!(intake.facts, Facts::Sdist(facts) if facts.metadata_blob == expected));
}

#[test]
fn an_rpm_is_read_into_its_facts() {
    let bytes = make::rpm();
    let intake = read(RPM, &bytes).unwrap();
    assert_eq!(
        (
            intake.package.as_str(),
            intake.version.as_str(),
            intake.arch.as_str()
        ),
        ("hello", "1:1.0~rc1-1", "noarch")
    );
    assert_eq!(
        (intake.project.as_str(), intake.release_version.as_str()),
        ("hello", "1!1.0rc1")
    );
    let Facts::Rpm(facts) = intake.facts else {
        panic!("not an rpm")
    };
    let files: Vec<(&str, RpmFileKind)> = facts.files.iter().map(|f| (f.path.as_str(), f.kind)).collect();
    assert!(
        files.contains(&("/usr/share/hello", RpmFileKind::Dir)),
        "{files:?}"
    );
    assert!(
        files.contains(&("/usr/bin/hello", RpmFileKind::File)),
        "{files:?}"
    );
    assert_eq!(facts.changelog[0].text, "- first");
    assert!(facts.header_start % 8 == 0 && facts.header_start < facts.header_end);
    assert!(facts.header_end < bytes.len() as u64);
}

#[test]
fn metadata_survives_being_written_and_read() {
    use packyard_formats::core_metadata::{parse, write};
    let text = "Metadata-Version: 2.1\nName: a\nVersion: 1.0.0\nSummary: UNKNOWN\nLicense: MIT\n        and more\n\
        Project-URL: Home, https://example.org/a,b\nProvides-Extra: x\nClassifier: A :: B\nX-Unknown: y\n\nText\n\nmore\n";
    let metadata = parse(text.as_bytes()).unwrap();
    assert_eq!(metadata.summary, None);
    assert_eq!(metadata.license.as_deref(), Some("MIT\nand more"));
    assert_eq!(
        metadata.project_urls,
        [("Home".to_owned(), "https://example.org/a,b".to_owned())]
    );
    assert_eq!(parse(write(&metadata).as_bytes()), Ok(metadata));
}

#[test]
fn inspect_prints_fields_dependencies_files_and_scripts() {
    use packyard_formats::{inspect::inspect, intake::Limits};
    let bytes = make::rpm();
    let seen = inspect(
        &RPM.parse().unwrap(),
        &mut std::io::Cursor::new(&bytes),
        &Limits::default(),
    )
    .unwrap();
    let text = seen.to_string();
    for line in [
        "hello-1.0~rc1-1.noarch.rpm (rpm)\n",
        "\n  Version: 1.0~rc1\n",
        "\n  Signature: none\n",
        "\nProvides\n  hello = 1:1.0~rc1-1\n",
        "\n  -0755 root/root 10 usr/bin/hello\n",
        "usr/bin/hi -> hello\n",
        "\nChangelog\n  * Fri Jul 14 2017 Jane <jane@example.org> - 1.0-1\n  - first\n",
    ] {
        assert!(text.contains(line), "expected `{line}` in:\n{text}");
    }
    let deb = inspect(
        &DEB.parse().unwrap(),
        &mut std::io::Cursor::new(Deb::good().build()),
        &Limits::default(),
    )
    .unwrap();
    let json = serde_json::to_value(&deb).unwrap();
    assert_eq!(json["files"][2]["path"], "usr/bin/hello");
    assert_eq!(json["files"][2]["mode"], "0755");
    assert_eq!(json["kind"], "deb");
}
