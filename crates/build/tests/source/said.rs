//! What a build of a source package gives and says.

use crate::tools::{built, file, hard, options, samples};
use packyard_build::{list, plan};
use packyard_types::ArtifactKind;
use std::{fs, path::Path};
use tempfile::TempDir;

/// What packyard itself reads of the source package in a directory.
fn read_here(dir: &Path) -> packyard_formats::dsc::Source {
    let dsc = packyard_formats::dsc::Dsc::parse(&fs::read(file(dir, ".dsc")).unwrap()).unwrap();
    let open = |name: &packyard_types::PartName| -> std::io::Result<Box<dyn std::io::Read>> {
        Ok(Box::new(fs::File::open(dir.join(name.as_str()))?))
    };
    let limits = packyard_formats::intake::Limits::default();
    packyard_formats::dsc::read(dsc, &open, &limits).unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
}

#[test]
fn packyard_reads_what_it_writes() {
    for sample in samples() {
        let dir = TempDir::new().unwrap();
        built(&sample, dir.path(), &options(&[ArtifactKind::Dsc]));
        let source = read_here(dir.path());
        assert!(source.changelog.unwrap().contains(&source.dsc.version));
        let paths: Vec<&str> = source
            .contents
            .members
            .iter()
            .map(|member| member.path.as_str())
            .collect();
        assert!(paths.contains(&"debian/rules") && paths.len() > 10, "{paths:?}");
    }
}

#[test]
fn the_release_lists_the_dsc_and_what_lies_beside_it_and_the_bytes_are_stable() {
    let sample = samples()
        .into_iter()
        .find(|path| path.ends_with("hello-world"))
        .unwrap();
    let mut options = options(&[ArtifactKind::Sdist, ArtifactKind::Dsc]);
    options.distributions = ["bookworm", "trixie"].map(|d| d.parse().unwrap()).to_vec();
    let [one, two] = [(); 2].map(|()| TempDir::new().unwrap());
    let release = built(&sample, &one.path().join("dist"), &options);
    assert_eq!(release, built(&sample, &two.path().join("dist"), &options));
    let files: Vec<&str> = release.files().collect();
    assert_eq!(
        files,
        [
            "hello_world-1.1.3.tar.gz",
            "bookworm/hello-world_1.1.3.orig.tar.gz",
            "bookworm/hello-world_1.1.3-1.debian.tar.xz",
            "bookworm/hello-world_1.1.3-1_source.buildinfo",
            "bookworm/hello-world_1.1.3-1_source.changes",
            "bookworm/hello-world_1.1.3-1.dsc",
            "trixie/hello-world_1.1.3.orig.tar.gz",
            "trixie/hello-world_1.1.3-1.debian.tar.xz",
            "trixie/hello-world_1.1.3-1_source.buildinfo",
            "trixie/hello-world_1.1.3-1_source.changes",
            "trixie/hello-world_1.1.3-1.dsc",
        ]
    );
    assert_eq!(release.artifacts.len(), 3);
    let dist = one.path().join("dist");
    let read = |name: &str| fs::read(dist.join(name)).unwrap();
    assert!(
        files
            .iter()
            .all(|name| read(name) == fs::read(two.path().join("dist").join(name)).unwrap())
    );
    // The upstream tarball is the sdist.
    assert!(read(files[0]) == read(files[1]));
    for distribution in ["bookworm", "trixie"] {
        let changes = fs::read_to_string(file(&dist.join(distribution), ".changes")).unwrap();
        assert!(
            changes.contains(&format!("\nDistribution: {distribution}\n")),
            "{changes}"
        );
    }
}

#[test]
fn list_says_what_the_archives_hold() {
    let sample = samples()
        .into_iter()
        .find(|path| path.ends_with("greeter"))
        .unwrap();
    let listings = list(&plan(&sample, &options(&[ArtifactKind::Dsc])).unwrap()).unwrap();
    assert_eq!(listings.len(), 1);
    for (path, mode) in [
        ("greeter-0.2.0/bin/greeter", 0o755),
        ("debian/rules", 0o755),
        ("debian/greeter.timer", 0o644),
    ] {
        let listed = listings[0].files.iter().find(|file| file.path == path);
        assert_eq!(
            listed.unwrap_or_else(|| panic!("{path}: {listings:?}")).mode,
            mode
        );
    }
}

#[test]
fn a_project_without_a_changelog_has_no_source_package_and_leaves_nothing() {
    let project = hard();
    fs::remove_file(project.path().join("CHANGELOG.md")).unwrap();
    let mut options = options(&[ArtifactKind::Dsc]);
    options.version = Some("2.0".parse().unwrap());
    let error = plan(project.path(), &options).unwrap_err().to_string();
    assert!(
        error.contains("has no changelog") && error.contains("hint: "),
        "{error}"
    );
}

#[test]
fn a_revision_that_the_changelog_contradicts_is_shown() {
    let project = hard();
    let log =
        "hard (2.0-3) unstable; urgency=low\n\n  * x\n\n -- A <a@b.c>  Wed, 01 May 2024 00:00:00 +0000\n";
    fs::remove_file(project.path().join("CHANGELOG.md")).unwrap();
    fs::create_dir(project.path().join("debian")).unwrap();
    fs::write(project.path().join("debian/changelog"), log).unwrap();
    let manifest = project.path().join("packyard.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    plan(project.path(), &options(&[ArtifactKind::Dsc])).unwrap();
    fs::write(&manifest, text.replace("[deb]\n", "[deb]\nrevision = 2\n")).unwrap();
    let error = plan(project.path(), &options(&[ArtifactKind::Dsc]))
        .unwrap_err()
        .to_string();
    assert!(error.contains("2.0-3 for Debian, the package 2.0-2"), "{error}");
}
