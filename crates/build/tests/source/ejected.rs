//! `debian/` in the project itself.

use crate::{
    tools::{built, copied, file, options, run},
    unpacked::{Contents, contents},
};
use packyard_build::{Options, eject_debian, eject_spec, plan};
use packyard_types::ArtifactKind;
use std::{collections::BTreeMap, fs, path::Path};
use tempfile::TempDir;

#[test]
fn an_ejected_debian_builds_the_same_package_in_the_project_itself() {
    for name in ["hello-world", "postbox", "hello-world-setup-py"] {
        let dir = copied(name);
        let project = dir.path().join("project");
        let log = fs::read(project.join("debian/changelog")).ok();
        let deb = [ArtifactKind::Deb];
        built(&project, &dir.path().join("ours"), &options(&deb));
        let ejected = eject_debian(&project, &Options::default()).unwrap();
        assert!(
            ejected.files.iter().all(|file| project.join(file).is_file()),
            "{ejected:?}"
        );
        // A changelog that is the project's own stays as it is.
        assert!(log.is_none() || log == fs::read(project.join("debian/changelog")).ok());
        let notes = plan(&project, &options(&deb)).unwrap().notes.join("\n");
        assert!(notes.contains("of debian/ only the changelog is used"), "{notes}");
        run("dpkg-buildpackage", &["-b", "-us", "-uc"], &project);
        let [ours, theirs] =
            [&dir.path().join("ours"), dir.path()].map(|of| contents(&file(of, ".deb"), dir.path()));
        let names = |contents: &Contents| contents.listed.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&ours), names(&theirs));
        assert_eq!(
            ours.scripts.keys().collect::<Vec<_>>(),
            theirs.scripts.keys().collect::<Vec<_>>()
        );
        // And packyard goes on as before.
        built(&project, &dir.path().join("again"), &options(&deb));
        let [before, after] =
            ["ours", "again"].map(|of| fs::read(file(&dir.path().join(of), ".deb")).unwrap());
        assert!(before == after);
    }
}

#[test]
fn what_is_in_debian_is_not_overwritten() {
    let dir = copied("greeter");
    let project = dir.path().join("project");
    fs::create_dir(project.join("debian")).unwrap();
    fs::write(project.join("debian/control"), "mine").unwrap();
    let error = eject_debian(&project, &Options::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`debian/control` is there already") && error.contains("hint: "),
        "{error}"
    );
    let left: Vec<_> = fs::read_dir(&project)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        !left.iter().any(|name| name.to_str().unwrap().contains("eject")),
        "{left:?}"
    );
    assert_eq!(fs::read_dir(project.join("debian")).unwrap().count(), 1);
    fs::remove_dir_all(project.join("debian")).unwrap();
    eject_debian(&project, &Options::default()).unwrap();
    assert!(eject_debian(&project, &Options::default()).is_err());
}

/// A project that no language's tools know, with a program that was compiled.
fn compiled() -> TempDir {
    let dir = TempDir::new().unwrap();
    let files = [
        (
            "packyard.toml",
            "[package]\nname = \"lamp\"\nsummary = \"Light\"\nlicense = \"MIT\"\nmaintainer = \"Jo <jo@example.com>\"\n\
             [[file]]\nsource = \"bin/lamp\"\ntarget = \"/usr/bin/\"\n\
             [[file]]\nsource = \"target/release/torch\"\ntarget = \"/usr/bin/\"\nmode = \"0755\"\n",
        ),
        ("CHANGELOG.md", "# 1.0 (2024-01-01)\n- Shine.\n"),
        ("bin/lamp", "#!/bin/sh\n"),
        (".editorconfig", "root = true\n"),
    ];
    for (name, text) in files {
        let path = dir.path().join("project").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let release = dir.path().join("project/target/release");
    fs::create_dir_all(&release).unwrap();
    fs::copy("/bin/true", release.join("torch")).unwrap();
    dir
}

/// The files of a directory, but for what says when packyard made them.
fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap());
    entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(name, _)| name != "release.json")
        .collect()
}

#[test]
fn an_ejected_spec_leaves_the_debian_source_package_as_it_was() {
    let dir = compiled();
    let project = dir.path().join("project");
    let both = options(&[ArtifactKind::Dsc, ArtifactKind::Srpm]);
    built(&project, &dir.path().join("before"), &both);
    let ejected = eject_spec(&project, &Options::default()).unwrap();
    assert!(
        ejected.files.contains(&"rpm/tree/usr/bin/torch".to_owned()),
        "{ejected:?}"
    );
    built(&project, &dir.path().join("after"), &both);
    assert!(bytes(&dir.path().join("before")) == bytes(&dir.path().join("after")));
}

#[test]
fn an_ejected_debian_makes_a_source_package_with_the_tarball_of_a_build() {
    for dir in [compiled(), copied("hello-world"), copied("postbox")] {
        let project = dir.path().join("project");
        eject_debian(&project, &Options::default()).unwrap();
        built(&project, &dir.path().join("ours"), &options(&[ArtifactKind::Dsc]));
        let tarball = file(&dir.path().join("ours"), ".orig.tar.gz");
        fs::copy(&tarball, dir.path().join(tarball.file_name().unwrap())).unwrap();
        run("dpkg-buildpackage", &["-S", "-d", "-us", "-uc"], &project);
        let dsc = file(dir.path(), ".dsc");
        run(
            "dpkg-source",
            &["-x", dsc.to_str().unwrap(), "unpacked"],
            dir.path(),
        );
        run(
            "dpkg-buildpackage",
            &["-b", "-us", "-uc"],
            &dir.path().join("unpacked"),
        );
        assert!(file(dir.path(), ".deb").is_file());
    }
}
