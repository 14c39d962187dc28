//! Files, scripts and what is for one format, together with every layout that a Python project can have.

use crate::room::{Room, has};
use packyard_types::ArtifactKind::{Deb, Rpm};

const TABLES: &str = "[deb]\nname = 'lamp-deb'\ndepends = ['curl']\nbreaks = ['old (<< 2)']\n\
    [rpm]\nname = 'lamp-rpm'\nrequires = ['libcurl']\n\
    [[file]]\nsource = 'data/**/*.json'\ntarget = '/usr/share/lamp'\nformat = ['deb']\n\
    [[file]]\nsource = 'data'\ntarget = '/usr/share/lamp'\nformat = ['rpm']\nmode = '0640'\ngroup = 'daemon'\n\
    [scripts]\npostinstall = 'echo both'\npreremove = 'echo gone'\n\
    [scripts.deb]\npostinstall = 'echo debian'\n\
    [scripts.rpm]\npostinstall = 'echo red'\nposttrans = 'echo last'\n";

const PYPROJECT: &str = "[project]\nname = 'lamp'\nversion = '1.2.0'\nrequires-python = '>=3.9'\n\
    [project.scripts]\nlamp = 'lamp.main:main'\n[tool.setuptools]\npackages = ['lamp']\n";

fn lamp(layout: Option<&str>) -> Room {
    let python = layout.map_or_else(String::new, |layout| {
        let wheels = if layout == "bundle" {
            "wheels = 'wheels'\n"
        } else {
            ""
        };
        format!("[python]\nlayout = '{layout}'\n{wheels}")
    });
    let room = Room::of(
        &format!("{python}{TABLES}"),
        &[
            ("data/a.json", "{}\n"),
            ("data/deep/b.json", "{}\n"),
            ("data/c.txt", "c\n"),
        ],
    );
    if layout.is_some() {
        room.write("pyproject.toml", PYPROJECT);
        room.write("requirements.txt", "\n");
        room.write("wheels/", "");
        room.write("lamp/__init__.py", "");
        room.write("lamp/main.py", "def main(): pass\n");
    }
    room
}

#[test]
fn files_and_scripts_of_one_format_go_with_every_layout_and_with_none() {
    for (layout, own) in [
        (None, None),
        (
            Some("module"),
            Some("./usr/lib/python3/dist-packages/lamp/main.py"),
        ),
        (Some("private"), Some("./usr/lib/lamp-deb/lamp/main.py")),
        (
            Some("bundle"),
            Some("./opt/lamp-deb/lib/python3/site-packages/lamp/main.py"),
        ),
    ] {
        let room = lamp(layout);
        let (deb, rpm) = (room.deb(), room.rpm());
        has(
            &deb,
            &[
                "-rw-r--r-- ./usr/share/lamp/a.json",
                "-rw-r--r-- ./usr/share/lamp/deep/b.json",
            ],
        );
        has(
            &rpm,
            &[
                "-rw-r----- root:daemon /usr/share/lamp/c.txt",
                "drwxr-x--- root:daemon /usr/share/lamp/deep",
            ],
        );
        assert!(!deb.iter().any(|line| line.ends_with("c.txt")), "{deb:?}");
        assert!(
            own.is_none_or(|own| deb.iter().any(|line| line.ends_with(own))),
            "{deb:?}"
        );
        let fields = room.ask(Deb, "dpkg-deb", &["-f"]);
        for said in ["Package: lamp-deb\n", "curl", "Breaks: old (<< 2)\n"] {
            assert!(fields.contains(said), "{layout:?}: no {said} in\n{fields}");
        }
        assert!(!fields.contains("libcurl"), "{fields}");
        // The members of an uncompressed archive are read as they are.
        let control = room.ask(Deb, "dpkg-deb", &["--ctrl-tarfile"]);
        assert!(
            control.contains("echo debian") && control.contains("echo gone"),
            "{layout:?}"
        );
        assert!(
            !control.contains("echo both") && !control.contains("echo red"),
            "{layout:?}"
        );
        let said = room.ask(Rpm, "rpm", &["-qp", "--requires", "--scripts"]);
        for part in ["libcurl\n", "echo red", "echo gone", "echo last"] {
            assert!(said.contains(part), "{layout:?}: no {part} in\n{said}");
        }
        assert!(
            !said.contains("echo both") && !said.contains("echo debian"),
            "{said}"
        );
    }
}
