//! `debian/` in the project itself.

use crate::{
    tools::{built, copied, file, options, run},
    unpacked::{Contents, contents},
};
use packyard_build::{Options, eject_debian, plan};
use packyard_types::ArtifactKind;
use std::fs;

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
