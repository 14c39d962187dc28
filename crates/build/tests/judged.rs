//! What a build says of projects that contradict themselves: errors with their place, and notes.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{Options, Plan, plan};
use packyard_types::{ArtifactKind, Timestamp};
use std::fs;
use tempfile::TempDir;

const PYPROJECT: &str = "[project]\nname = 'demo'\nversion = '1.1.3'\nlicense = 'MIT'\nrequires-python = '>=3.9'\n\
    authors = [{name = 'Ada Sample', email = 'ada@example.org'}]\n[tool.setuptools]\npackages = ['demo']\n";

/// A project with this project file, this more in its pyproject.toml and this changelog.
fn project(packyard: &str, more: &str, changelog: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("demo")).unwrap();
    for (name, text) in [
        ("pyproject.toml", format!("{PYPROJECT}{more}").as_str()),
        ("packyard.toml", packyard),
        ("CHANGELOG.rst", changelog),
        ("demo/__init__.py", ""),
        ("demo/main.py", "def main(): pass\n"),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

const CHANGELOG: &str = "1.1.3\n^^^^^\n22-Mar-2019\n\n* x\n";

fn with(packyard: &str) -> TempDir {
    project(packyard, "", CHANGELOG)
}

fn planned(dir: &TempDir) -> Plan {
    plan(dir.path(), &Options::default()).unwrap()
}

fn error(dir: &TempDir) -> String {
    plan(dir.path(), &Options::default()).unwrap_err().to_string()
}

#[test]
fn an_open_entry_alone_is_enough_for_python_and_not_for_a_package() {
    let dir = project("", "", "Unreleased\n^^^^^^^^^^\n\n* x\n");
    let error = error(&dir);
    assert!(
        error.contains("CHANGELOG.rst:1:1") && error.contains("close it"),
        "{error}"
    );
    let mut options = Options {
        formats: vec![ArtifactKind::Sdist, ArtifactKind::Wheel],
        ..Options::default()
    };
    assert_eq!(plan(dir.path(), &options).unwrap().artifacts.len(), 2);
    options.formats.clear();
    options.version = Some("1.1.3".parse().unwrap());
    assert_eq!(plan(dir.path(), &options).unwrap().artifacts.len(), 4);
}

#[test]
fn an_unknown_date_is_noted_with_its_place() {
    let dir = project("", "", "1.1.3\n^^^^^\n\n* x\n");
    let notes = planned(&dir).notes.join("\n");
    assert!(
        notes.contains("CHANGELOG.rst:1: the date of this entry is unknown"),
        "{notes}"
    );
    let options = Options {
        source_date: Some(Timestamp::from_unix_seconds(1_700_000_000)),
        ..Options::default()
    };
    let notes = plan(dir.path(), &options).unwrap().notes.join("\n");
    assert!(!notes.contains("unknown"), "{notes}");
}

#[test]
fn what_is_no_directory_is_said_to_be_none() {
    let dir = with("");
    let file = dir.path().join("pyproject.toml");
    for path in [file.as_path(), std::path::Path::new("/nowhere")] {
        let error = plan(path, &Options::default()).unwrap_err().to_string();
        let wanted = format!("`{}` is not a directory\nhint: ", path.display());
        assert!(error.starts_with(&wanted), "{error}");
    }
}

/// Each project file is refused with both texts.
fn refused(cases: &[(&str, &str, &str)]) {
    for (packyard, place, what) in cases {
        let error = error(&with(packyard));
        assert!(
            error.contains(place) && error.contains(what),
            "{packyard}: {error}"
        );
    }
}

#[test]
fn what_a_project_file_names_must_be_there() {
    refused(&[
        (
            "[scripts]\npostinstall = 'scripts/post.sh'\n",
            "packyard.toml:2:15",
            "is not a file of the project",
        ),
        (
            "[scripts.deb]\npostinstall = 'post.sh'\n",
            "packyard.toml:2:15",
            "is not a file of the project",
        ),
        (
            "[[timer]]\nname = 't'\non-calendar = 'daily'\nservice = 'nosuch'\n",
            "packyard.toml:4:11",
            "`nosuch.service`, which is not in the package",
        ),
        (
            "[[service]]\nname = 's'\nexec = '/usr/bin/true'\nrestart = 'sometimes'\n",
            "packyard.toml:4:11",
            "`on-failure`",
        ),
        (
            "[[file]]\nsource = 'demo/main.py'\ntarget = '/etc/x'\nowner = 'nosuch'\n",
            "packyard.toml:4:9",
            "[[user]]",
        ),
        (
            "[[file]]\nsource = 'demo/main.py'\ntarget = '/etc/x'\ngroup = 'nosuch'\n",
            "packyard.toml:4:9",
            "the group `nosuch`",
        ),
    ]);
    for fine in [
        "[scripts]\npostinstall = '/usr/bin/true'\npreremove = 'ldconfig'\npostremove = 'rm -f /run/x.sh'\n",
        "[[service]]\nname = 's@'\nexec = '/bin/true'\nrestart = 'on-failure'\n[[timer]]\nname = 't'\non-boot = '1'\nservice = 's@x'\n",
        "[[file]]\nsource = 'demo/main.py'\ntarget = '/etc/x'\nowner = 'www-data'\ngroup = 'own'\n[[user]]\nname = 'own'\n",
    ] {
        planned(&with(fine));
    }
}

#[test]
fn a_hook_that_the_shell_cannot_read_is_shown() {
    let says = "the shell cannot read the script `postinstall`";
    refused(&[
        (
            "[scripts]\npostinstall = 'if true; then'\n",
            "packyard.toml:2:15",
            says,
        ),
        (
            "[scripts.rpm]\npostinstall = \"\"\"\ntrue\nfi # here\n\"\"\"\n",
            "packyard.toml:2:15",
            "stops at its line 2, `fi # here`",
        ),
        (
            "[scripts]\npreremove = \"\"\"\n  cat <<EOF\n  x\n  EOF\n\"\"\"\n",
            "packyard.toml:2:13",
            "quotes with `<<` does not end",
        ),
    ]);
    let dir = with("[scripts.deb]\npostinstall = 'post.sh'\n");
    fs::write(dir.path().join("post.sh"), "#!/bin/sh\ntrue\n  done\n").unwrap();
    let error = error(&dir);
    for part in [
        says,
        "--> post.sh:3:3",
        "3 |   done\n",
        "hint: `sh -n post.sh` shows it",
    ] {
        assert!(error.contains(part), "{part}\n{error}");
    }
}

#[test]
fn a_service_whose_program_a_dependency_may_have_is_noted_and_else_refused() {
    let service = "[[service]]\nname = 's'\nexec = '/usr/bin/x --y'\n";
    let error = error(&with(service));
    assert_eq!(
        error,
        "`/usr/bin/x` is not in the package\n --> packyard.toml:3:9\n  |\n3 | exec = '/usr/bin/x --y'\n  |         ^^^^^^^^^^\n\
         hint: install it with a [[file]], or name the package that has it in [deb] depends"
    );
    let dependencies = "[deb]\ndepends = ['xs']\n[rpm]\nrequires = ['xs']\n";
    let notes = planned(&with(&format!("{service}{dependencies}")))
        .notes
        .join("\n");
    assert!(
        notes.contains("packyard.toml:3:9: `s.service` runs `/usr/bin/x`"),
        "{notes}"
    );
}

#[test]
fn an_entry_point_names_a_module_of_the_wheel() {
    let scripts = |target: &str| format!("[project.scripts]\nrun = '{target}'\n");
    planned(&project("", &scripts("demo.main:main"), CHANGELOG));
    let error = error(&project("", &scripts("demo.nosuch:main"), CHANGELOG));
    assert!(
        error.contains("`run` runs the module `demo.nosuch`, which is not in the wheel"),
        "{error}"
    );
}

#[test]
fn two_things_at_one_path_are_shown_with_both_places() {
    let two = "[[file]]\nsource = 'demo/main.py'\ntarget = '/etc/x'\n[[file]]\nsource = 'pyproject.toml'\ntarget = '/etc/x'\n";
    let error = error(&with(two));
    for part in [
        "`/etc/x` is installed twice",
        "packyard.toml:6:10",
        "packyard.toml:3:10",
        "hint: let only one",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn a_file_in_the_place_of_a_unit_is_shown_with_its_place() {
    let text = "[[file]]\nsource = 'demo/main.py'\ntarget = '/usr/lib/systemd/system/s.service'\n\
        [[service]]\nname = 's'\nexec = '/usr/bin/s'\n";
    let error = error(&with(text));
    assert!(
        error.contains("packyard.toml:3:10") && error.contains("choose another target"),
        "{error}"
    );
}

#[test]
fn a_native_package_has_no_revision_and_cannot_be_given_one() {
    let plan = planned(&with("[deb]\nnative = true\ncompression = 'zstd'\n"));
    let deb = plan
        .artifacts
        .iter()
        .find(|a| a.name.kind() == ArtifactKind::Deb)
        .unwrap();
    assert_eq!(deb.name.to_string(), "python3-demo_1.1.3_all.deb");
    let listing = packyard_build::list(&plan).unwrap();
    let has = |end: &str| {
        listing
            .iter()
            .flat_map(|l| &l.files)
            .any(|f| f.path.ends_with(end))
    };
    assert!(has("/usr/share/doc/python3-demo/changelog.gz") && !has("changelog.Debian.gz"));
    refused(&[
        (
            "[deb]\nnative = true\nrevision = 2\n",
            "packyard.toml:3:12",
            "a native package has no `revision`",
        ),
        (
            "[deb]\ncompression = 'bzip2'\n",
            "packyard.toml:2:15",
            "it can be `gzip`, `xz`, `zstd`",
        ),
    ]);
}

#[test]
fn every_requirement_without_a_package_is_shown_where_it_was_written() {
    let dir = with("");
    let file = dir.path().join("pyproject.toml");
    let text = fs::read_to_string(&file).unwrap();
    let dependencies =
        "version = '1.1.3'\ndependencies = [\n  'six',\n  'Yaml>=5',\n  'no-such-project',\n]\n";
    fs::write(&file, text.replace("version = '1.1.3'\n", dependencies)).unwrap();
    let shown = error(&dir);
    for part in [
        "no package of Debian is known for `no-such-project`, `yaml>=5`",
        "--> pyproject.toml:7:4",
        "--> pyproject.toml:6:4",
        "no-such-project = \"python3-…\"",
        "nearest names to `yaml`: pyyaml (python3-yaml)",
    ] {
        assert!(shown.contains(part), "no {part:?} in:\n{shown}");
    }
    let names = "[python.deb-names]\nyaml = 'python3-yaml'\nno-such-project = ''\n";
    fs::write(dir.path().join("packyard.toml"), names).unwrap();
    assert_eq!(planned(&dir).artifacts.len(), 4);
}

#[test]
fn a_relation_that_apt_would_not_understand_is_shown_with_what_was_meant() {
    let dir =
        with("[deb]\ndepends = ['python3-six', 'python3-yaml>=5']\n[python.deb-names]\nfoo = 'Foo_bar'\n");
    let shown = error(&dir);
    for part in [
        "--> packyard.toml:2:27",
        "did you mean `python3-yaml (>= 5)`?",
        "--> packyard.toml:4:7",
        "did you mean `foo-bar`?",
    ] {
        assert!(shown.contains(part), "no {part:?} in:\n{shown}");
    }
    for (relation, meant) in [
        ("x>=5", "did you mean `x >= 5`?"),
        ("x (<< 5)", "did you mean `x < 5`?"),
        ("x!=5", "write `(x < 5 or x > 5)`"),
        ("x y", "write it as `name` or `name >= 1.0`"),
    ] {
        let shown = error(&with(&format!("[rpm]\nrequires = ['{relation}']\n")));
        assert!(
            shown.contains("--> packyard.toml:2:13") && shown.contains(meant),
            "{shown}"
        );
    }
}

#[test]
fn slips_of_the_project_file_say_what_is_to_be_written() {
    for (packyard, parts) in [
        (
            "[package]\nversion = '2.0.0'\n",
            ["--> packyard.toml:2:11", "`version = {from = \"metadata\"}`"],
        ),
        (
            "[package]\nchangelog = 'CHANGELGO.rst'\n",
            ["--> packyard.toml:2:13", "did you mean `CHANGELOG.rst`?"],
        ),
        (
            "[[file]]\nmode = 0640\n",
            ["--> packyard.toml:2:8", "such as `\"0640\"`"],
        ),
    ] {
        let said = error(&with(packyard));
        for part in parts {
            assert!(said.contains(part), "no {part:?} in:\n{said}");
        }
    }
}

#[test]
fn a_link_out_of_the_project_is_not_shipped() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    for (source, link) in [("conf", "conf/k"), ("l", "l"), ("d/x", "d")] {
        let dir = with(&format!(
            "[[file]]\nsource = '{source}'\ntarget = '/usr/share/x'\n"
        ));
        fs::create_dir(dir.path().join("conf")).unwrap();
        fs::write(dir.path().join("conf/own"), "").unwrap();
        let to = if link == "d" {
            outside.path().parent().unwrap()
        } else {
            outside.path()
        };
        std::os::unix::fs::symlink(to, dir.path().join(link)).unwrap();
        let error = error(&dir);
        let wanted = if link == "d" {
            "not a file"
        } else {
            "leads out of the project"
        };
        assert!(
            error.contains(wanted) && error.contains("packyard.toml:2:10"),
            "{error}"
        );
    }
}

#[test]
fn a_link_within_a_tree_stays_a_link() {
    let dir = with("[[file]]\nsource = 'lib'\ntarget = '/usr/lib/x'\n");
    fs::create_dir(dir.path().join("lib")).unwrap();
    fs::write(dir.path().join("lib/x.so.1"), "bytes").unwrap();
    std::os::unix::fs::symlink("x.so.1", dir.path().join("lib/x.so")).unwrap();
    let listings = packyard_build::list(&planned(&dir)).unwrap();
    let deb = listings
        .iter()
        .find(|l| l.artifact.kind() == ArtifactKind::Deb)
        .unwrap();
    let size = |path: &str| deb.files.iter().find(|f| f.path == path).unwrap().size;
    assert_eq!(
        (size("/usr/lib/x/x.so.1"), size("/usr/lib/x/x.so")),
        (Some(5), None)
    );
}

#[test]
fn two_names_of_one_place_after_the_merge_of_usr_clash() {
    let two = "[[file]]\nsource = 'demo/main.py'\ntarget = '/bin/x'\n[[file]]\nsource = 'pyproject.toml'\ntarget = '/usr/bin/x'\n";
    let error = error(&with(two));
    assert!(
        error.contains("`/bin/x` is installed twice") && error.contains("packyard.toml:6:10"),
        "{error}"
    );
}

#[test]
fn users_temporary_files_and_licences_are_judged() {
    refused(&[
        (
            "[[user]]\nname = 'own'\nhome = 'rel'\n",
            "packyard.toml:1",
            "the home of a user is an absolute path",
        ),
        (
            "[[tmpfile]]\npath = '/run/x'\nuser = 'nosuch'\n",
            "packyard.toml:3:8",
            "[[user]] with `name = \"nosuch\"`",
        ),
        (
            "[package]\nlicense = 'MIT and stuff'\n",
            "packyard.toml:2",
            "is no SPDX expression",
        ),
    ]);
    let dir = with(
        "[package]\nlicense = 'LicenseRef-Own'\n[[tmpfile]]\npath = '/run/a b'\nuser = 'own'\n[[user]]\nname = 'own'\n",
    );
    planned(&dir);
}
