//! Whole builds of small projects: what is made, that it is always the same, and what is said of bad input.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{BuildError, Options, Progress, build, list, plan};
use packyard_types::{ArtifactKind, ReleaseVersion, Timestamp};
use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path};
use tempfile::TempDir;

const PYPROJECT: &str = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
    [project]\nname = 'demo-app'\nversion = '1.1.3'\ndescription = 'Serves demonstrations'\nreadme = 'README.md'\n\
    requires-python = '>=3.9'\nlicense = 'MIT'\nauthors = [{name = 'Ada Sample', email = 'ada@example.org'}]\n\
    [project.scripts]\ndemo-app = 'demo_app.main:main'\n[project.urls]\nHomepage = 'https://demo.example.org/'\n";
const PACKYARD: &str = "[[file]]\nsource = 'etc/demo.conf'\ntarget = '/etc/demo-app/demo.conf'\nconfig = 'noreplace'\n\
    [[service]]\nname = 'demo-app'\nexec = '/usr/bin/demo-app'\ndynamic-user = true\nhardening = true\n";
const CHANGELOG: &str = "Changelog\n=========\n\n1.1.3\n^^^^^\n22-Mar-2019\n\n* Fix it.\n\n1.1.2\n^^^^^\n04-Feb-2019\n\n* Begin.\n";

fn files() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("pyproject.toml", PYPROJECT),
        ("packyard.toml", PACKYARD),
        ("CHANGELOG.rst", CHANGELOG),
        (
            "README.md",
            "# Demo\n\nServes a demonstration to whoever asks for one, politely.\n",
        ),
        (
            "LICENSE",
            "MIT License\n\nCopyright (c) 2019 Ada Sample\n\nPermission is granted.\n",
        ),
        ("demo_app/__init__.py", ""),
        ("demo_app/main.py", "def main():\n    print('demo')\n"),
        ("tests/__init__.py", ""),
        ("etc/demo.conf", "port = 80\n"),
    ])
}

fn write(files: &BTreeMap<&str, &str>, mode: u32) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    dir
}

fn project(change: impl FnOnce(&mut BTreeMap<&'static str, &'static str>)) -> TempDir {
    let mut files = files();
    change(&mut files);
    write(&files, 0o644)
}

fn error(dir: &TempDir) -> String {
    plan(dir.path(), &Options::default()).unwrap_err().to_string()
}

fn digests(dir: &Path, options: &Options) -> Vec<(String, String)> {
    let out = tempfile::tempdir().unwrap();
    let release = build(&plan(dir, options).unwrap(), &out.path().join("dist"), |_| ()).unwrap();
    release
        .artifacts
        .iter()
        .map(|a| (a.file.clone(), a.blob.digest.to_string()))
        .collect()
}

#[test]
fn all_four_formats_are_made_and_listed_last_in_release_json() {
    let dir = project(|_| ());
    let dist = dir.path().join("dist");
    let mut seen = Vec::new();
    let plan = plan(dir.path(), &Options::default()).unwrap();
    let release = build(&plan, &dist, |progress| {
        assert!(!dist.exists(), "nothing is in dist/ before everything is made");
        if let Progress::Made(built) = progress {
            seen.push(built.file.clone());
        }
    })
    .unwrap();
    let expected = [
        "demo_app-1.1.3.tar.gz",
        "demo_app-1.1.3-py3-none-any.whl",
        "demo-app_1.1.3-1_all.deb",
        "demo-app-1.1.3-1.noarch.rpm",
    ];
    assert_eq!(seen, expected);
    let mut there: Vec<String> = fs::read_dir(&dist)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    let mut wanted: Vec<String> = expected
        .iter()
        .map(ToString::to_string)
        .chain(["release.json".into()])
        .collect();
    wanted.sort();
    assert_eq!(there, wanted);
    let read: packyard_build::Release =
        serde_json::from_slice(&fs::read(dist.join("release.json")).unwrap()).unwrap();
    assert_eq!(read, release);
}

#[test]
fn bytes_depend_on_nothing_but_the_project() {
    let one = write(&files(), 0o644);
    let two = write(&files(), 0o600);
    fs::create_dir(two.path().join("demo_app/__pycache__")).unwrap();
    fs::write(two.path().join("demo_app/__pycache__/main.cpython-311.pyc"), "x").unwrap();
    let later = Options {
        source_date: Some(Timestamp::from_unix_seconds(1_700_000_000)),
        ..Options::default()
    };
    assert_eq!(
        digests(one.path(), &Options::default()),
        digests(two.path(), &later)
    );
}

#[test]
fn a_service_is_a_module_in_the_deb_and_private_in_the_rpm() {
    let dir = project(|_| ());
    let listings = list(&plan(dir.path(), &Options::default()).unwrap()).unwrap();
    let paths = |i: usize| {
        listings[i]
            .files
            .iter()
            .map(|f| f.path.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths(2),
        [
            "DEBIAN/conffiles",
            "DEBIAN/control",
            "DEBIAN/md5sums",
            "DEBIAN/postinst",
            "DEBIAN/postrm",
            "DEBIAN/prerm",
            "/etc/demo-app/demo.conf",
            "/usr/bin/demo-app",
            "/usr/lib/python3/dist-packages/demo_app-1.1.3.dist-info/METADATA",
            "/usr/lib/python3/dist-packages/demo_app-1.1.3.dist-info/WHEEL",
            "/usr/lib/python3/dist-packages/demo_app-1.1.3.dist-info/entry_points.txt",
            "/usr/lib/python3/dist-packages/demo_app-1.1.3.dist-info/top_level.txt",
            "/usr/lib/python3/dist-packages/demo_app/__init__.py",
            "/usr/lib/python3/dist-packages/demo_app/main.py",
            "/usr/lib/systemd/system/demo-app.service",
            "/usr/share/doc/demo-app/README.md",
            "/usr/share/doc/demo-app/changelog.Debian.gz",
            "/usr/share/doc/demo-app/copyright",
            "/usr/share/man/man1/demo-app.1.gz",
        ]
    );
    assert!(paths(3).contains(&"/usr/lib/demo-app/demo_app/main.py"));
    assert!(paths(3).contains(&"/usr/share/licenses/demo-app/LICENSE"));
    assert!(paths(1).iter().all(|p| !p.starts_with("tests")), "{:?}", paths(1));
}

#[test]
fn a_library_is_called_python3_and_says_which_python_its_rpm_is_for() {
    let dir = project(|files| {
        files.remove("packyard.toml");
        files.insert("pyproject.toml", "[project]\nname='lib'\nversion='1.1.3'\nlicense='MIT'\nauthors=[{name='A', email='a@b.c'}]\n[tool.setuptools]\npackages=['demo_app']\n");
    });
    let plan = plan(dir.path(), &Options::default()).unwrap();
    let names: Vec<String> = plan.artifacts.iter().map(|a| a.name.to_string()).collect();
    assert_eq!(
        names[2..],
        ["python3-lib_1.1.3-1_all.deb", "python3-lib-1.1.3-1.noarch.rpm"]
    );
    assert!(
        plan.notes.iter().any(|n| n.contains("Python 3.9")),
        "{:?}",
        plan.notes
    );
    let rpm = &list(&plan).unwrap()[3];
    assert!(
        rpm.files
            .iter()
            .any(|f| f.path == "/usr/lib/python3.9/site-packages/demo_app/main.py")
    );
}

#[test]
fn versions_that_disagree_are_shown_in_both_places() {
    let dir = project(|files| {
        files.insert("CHANGELOG.rst", "1.2.0\n^^^^^\n22-Mar-2019\n\n* x\n");
    });
    let error = error(&dir);
    assert!(
        error.contains("CHANGELOG.rst:1:1") && error.contains("pyproject.toml:6:11"),
        "{error}"
    );
}

#[test]
fn without_a_changelog_python_is_built_and_the_rest_says_how_to_make_one() {
    let dir = project(|files| {
        files.remove("CHANGELOG.rst");
    });
    let python = Options {
        formats: vec![ArtifactKind::Wheel, ArtifactKind::Sdist],
        ..Options::default()
    };
    assert_eq!(plan(dir.path(), &python).unwrap().artifacts.len(), 2);
    let error = error(&dir);
    assert!(
        error.contains("packyard changelog add --create --version 1.1.3"),
        "{error}"
    );
}

#[test]
fn an_unreadable_changelog_is_a_note_for_a_wheel_and_an_error_for_a_deb() {
    let dir = project(|files| {
        files.insert("CHANGELOG.rst", "1.1.3\n^^^^^\n22-Mrz-2019\n\n* x\n");
    });
    let wheel = Options {
        formats: vec![ArtifactKind::Wheel],
        ..Options::default()
    };
    let noted = plan(dir.path(), &wheel).unwrap().notes.join("\n");
    assert!(noted.contains("CHANGELOG.rst:3:1"), "{noted}");
    assert!(error(&dir).contains("`22-Mrz-2019` is not a date"));
}

#[test]
fn a_missing_file_is_shown_where_it_is_named() {
    let dir = project(|files| {
        files.remove("etc/demo.conf");
    });
    let error = error(&dir);
    assert!(
        error.contains("`etc/demo.conf` is not a file of the project\n --> packyard.toml:2:10"),
        "{error}"
    );
}

#[test]
fn an_unreleased_entry_is_released_by_version_or_left_out() {
    let dir = project(|files| {
        files.insert("pyproject.toml", "[project]\nname='x'\nversion='2.0.0'\nlicense='MIT'\nauthors=[{name='A', email='a@b.c'}]\n[tool.setuptools]\npackages=['demo_app']\n");
        files.remove("packyard.toml");
        files.insert(
            "CHANGELOG.rst",
            "Unreleased\n^^^^^^^^^^\n\n* New.\n\n1.1.3\n^^^^^\n22-Mar-2019\n\n* x\n",
        );
    });
    let options = Options {
        version: Some(ReleaseVersion::parse("2.0.0").unwrap()),
        source_date: Some(Timestamp::from_unix_seconds(1_700_000_000)),
        ..Options::default()
    };
    assert_eq!(plan(dir.path(), &options).unwrap().version.to_string(), "2.0.0");
    assert!(error(&dir).contains("the changelog says version 1.1.3"));
}

#[test]
fn what_is_no_python_project_gives_a_deb_and_an_rpm() {
    let files = BTreeMap::from([
        (
            "packyard.toml",
            "[package]\nname='tool'\nsummary='Does things'\nlicense='MIT'\nmaintainer='A B <a@b.c>'\n[[file]]\nsource='tool'\ntarget='/usr/bin/tool'\nmode='0755'\n",
        ),
        ("tool", "#!/bin/bash\ntrue\n"),
        ("CHANGELOG.rst", "0.2.0\n^^^^^\n14-May-2024\n\n* x\n"),
    ]);
    let dir = write(&files, 0o644);
    let plan = plan(dir.path(), &Options::default()).unwrap();
    assert_eq!(plan.kinds(), [ArtifactKind::Deb, ArtifactKind::Rpm]);
    let wheel = Options {
        formats: vec![ArtifactKind::Wheel],
        ..Options::default()
    };
    let error = packyard_build::plan(dir.path(), &wheel).unwrap_err();
    assert!(
        matches!(&error, BuildError::Project(d) if d[0].message.contains("no Python project")),
        "{error}"
    );
}

#[test]
fn for_a_distribution_artifacts_get_its_directory() {
    let dir = project(|_| ());
    let distributions = ["bookworm", "el9"].map(|d| d.parse().unwrap()).to_vec();
    let options = Options {
        distributions,
        ..Options::default()
    };
    let files: Vec<String> = digests(dir.path(), &options)
        .into_iter()
        .map(|(file, _)| file)
        .collect();
    assert_eq!(
        files[2..],
        [
            "bookworm/demo-app_1.1.3-1_all.deb",
            "el9/demo-app-1.1.3-1.el9.noarch.rpm"
        ]
    );
}

#[test]
fn a_link_in_a_package_must_lead_to_something_of_the_project() {
    use std::os::unix::fs::symlink;
    let backends = [
        PYPROJECT.to_owned(),
        PYPROJECT
            .replace("setuptools.build_meta", "hatchling.build")
            .replace("['setuptools']", "['hatchling']"),
    ];
    for pyproject in &backends {
        for (to, what) in [
            ("/etc/hostname", "leaves the project"),
            ("nothing.py", "leads nowhere"),
        ] {
            let dir = project(|_| ());
            fs::write(dir.path().join("pyproject.toml"), pyproject).unwrap();
            symlink(to, dir.path().join("demo_app/linked.py")).unwrap();
            let error = error(&dir);
            let wanted = format!("the symbolic link `demo_app/linked.py` {what}: `{to}`");
            assert!(error.contains(&wanted), "{error}");
        }
    }
    let dir = project(|_| ());
    symlink("main.py", dir.path().join("demo_app/linked.py")).unwrap();
    fs::create_dir(dir.path().join("docs")).unwrap();
    fs::write(dir.path().join("docs/x.py"), "").unwrap();
    symlink("../docs", dir.path().join("demo_app/more")).unwrap();
    let listings = list(&plan(dir.path(), &Options::default()).unwrap()).unwrap();
    let has = |path: &str| listings[1].files.iter().any(|f| f.path == path);
    assert!(has("demo_app/linked.py") && has("demo_app/more/x.py"));
    symlink("..", dir.path().join("demo_app/again")).unwrap();
    assert!(
        error(&dir).contains("`demo_app/again` leads back"),
        "{}",
        error(&dir)
    );
}
