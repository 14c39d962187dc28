//! What is asked of a file that comes by an upload form: all rules for new wheels and sdists, and that the form agrees.

use crate::make::{self, METADATA, SDIST, Tar, gzip, record_line, zip};
use packyard_formats::intake::{self, Limits, claims::Claims};
use packyard_types::Facts;
use std::io::Cursor;

const WHEEL: &str = "hello_world-1.0-py3-none-any.whl";
const TEXT: &str = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

/// What is wrong with an upload, each with its entry.
fn told(name: &str, bytes: &[u8], form: &[(&str, &str)]) -> Vec<String> {
    let mut claims = Claims::default();
    form.iter().for_each(|(field, value)| claims.say(field, value));
    let read = intake::read_upload(
        &name.parse().unwrap(),
        &mut Cursor::new(bytes),
        &Limits::default(),
        &claims,
    );
    let wrong = read.map_or_else(|wrong| wrong, |_| Vec::new());
    wrong
        .into_iter()
        .map(|e| {
            assert!(!e.hint.is_empty(), "{e} has no hint");
            let entry = e.entry.map(|entry| format!("{entry}: ")).unwrap_or_default();
            format!("{entry}{}", e.rule)
        })
        .collect()
}

/// A wheel of these files in its dist-info, and a module.
fn wheel(dist_info: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let mut all = vec![("hello_world/__init__.py".to_owned(), "x = 1\n".to_owned())];
    all.extend(
        files
            .iter()
            .map(|(name, text)| (format!("{dist_info}/{name}"), (*text).to_owned())),
    );
    let lines: String = all
        .iter()
        .map(|(path, text)| record_line(path, text.as_bytes()))
        .collect();
    all.push((
        format!("{dist_info}/RECORD"),
        format!("{lines}{dist_info}/RECORD,,\n"),
    ));
    let all: Vec<(&str, &[u8])> = all
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_bytes()))
        .collect();
    zip(&all)
}

fn with(metadata: &str, text: &str) -> Vec<u8> {
    wheel(
        "hello_world-1.0.dist-info",
        &[("METADATA", metadata), ("WHEEL", text)],
    )
}

#[test]
fn a_good_wheel_and_a_good_sdist() {
    assert_eq!(
        told(WHEEL, &with(METADATA, TEXT), &[("name", "hello-world")]),
        [""; 0]
    );
    assert_eq!(told(SDIST, &make::sdist(), &[("filetype", "sdist")]), [""; 0]);
    // The directory may be spelt as the project is; pip finds it.
    let spelt = wheel(
        "Hello.World-1.0.dist-info",
        &[("METADATA", METADATA), ("WHEEL", TEXT)],
    );
    assert_eq!(told(WHEEL, &spelt, &[]), [""; 0]);
}

#[test]
fn a_wheel_whose_filename_is_spelt_as_in_earlier_years() {
    for name in [
        "Hello_World-1.0-py3-none-any.whl",
        "hello.world-1.0-py3-none-any.whl",
    ] {
        let spelt = name.split('-').next().unwrap();
        assert_eq!(
            told(name, &with(METADATA, TEXT), &[]),
            [format!(
                "its filename spells the project `{spelt}`, and it must be `hello_world` (PEP 427)"
            )]
        );
        // An import takes it.
        make::read(name, &with(METADATA, TEXT)).unwrap();
    }
}

#[test]
fn a_wheel_whose_dist_info_is_of_another_project_or_version() {
    for directory in [
        "other-1.0.dist-info",
        "hello_world-1.1.dist-info",
        "hello_world.dist-info",
    ] {
        let bytes = wheel(directory, &[("METADATA", METADATA), ("WHEEL", TEXT)]);
        let rule = "its metadata lies in another project's or version's directory, not in `hello_world-1.0.dist-info`";
        assert_eq!(told(WHEEL, &bytes, &[]), [format!("{directory}: {rule}")]);
    }
}

#[test]
fn a_wheel_whose_wheel_file_is_not_what_the_specification_says() {
    let place = "hello_world-1.0.dist-info/WHEEL: ";
    for (from, to, rule) in [
        (
            "Wheel-Version: 1.0\n",
            "",
            "its Wheel-Version is `missing`, and it must be 1.N",
        ),
        ("1.0", "2.0", "its Wheel-Version is `2.0`, and it must be 1.N"),
        (
            ": true",
            ": yes",
            "its Root-Is-Purelib is `yes`, and it must be true or false",
        ),
        (
            "Tag: py3-none-any\n",
            "",
            "its tags are none, the filename says py3-none-any",
        ),
        (
            "py3-none-any",
            "cp311-cp311-linux_x86_64",
            "its tags are cp311-cp311-linux_x86_64, the filename says py3-none-any",
        ),
        (
            "Tag: ",
            "Tag: py2-none-any\nTag: ",
            "its tags are py2-none-any, py3-none-any, the filename says py3-none-any",
        ),
        ("py3-none-any", "py3", "its Tag `py3` is not PYTHON-ABI-PLATFORM"),
    ] {
        let bytes = with(METADATA, &TEXT.replace(from, to));
        assert_eq!(told(WHEEL, &bytes, &[]), [format!("{place}{rule}")]);
    }
}

#[test]
fn tags_and_build_numbers_that_the_filename_compresses() {
    let text = TEXT.replace(
        "Tag: py3-none-any\n",
        "Build: 7\nTag: py2-none-manylinux1_x86_64\nTag: py3-none-manylinux1_x86_64\n\
         Tag: py2-none-linux_x86_64\nTag: py3-none-linux_x86_64\n",
    );
    let name =
        |build: &str| format!("hello_world-1.0-{build}-py2.py3-none-linux_x86_64.manylinux1_x86_64.whl");
    assert_eq!(told(&name("7"), &with(METADATA, &text), &[]), [""; 0]);
    assert_eq!(
        told(&name("8x"), &with(METADATA, &text), &[]),
        ["hello_world-1.0.dist-info/WHEEL: its Build is `7`, and it must be `8x` as in the filename"]
    );
}

#[test]
fn entry_points_and_licence_files() {
    let metadata = METADATA.replace(
        "Summary",
        "License-File: LICENSE\nLicense-File: doc/AUTHORS\nSummary",
    );
    let files = [
        ("METADATA", metadata.as_str()),
        ("WHEEL", TEXT),
        (
            "entry_points.txt",
            "[console_scripts]\nhello = hello world:main\n",
        ),
        ("licenses/LICENSE", "MIT"),
    ];
    assert_eq!(
        told(WHEEL, &wheel("hello_world-1.0.dist-info", &files), &[]),
        [
            "hello_world-1.0.dist-info/METADATA: its License-File `doc/AUTHORS` is not in the wheel",
            "hello_world-1.0.dist-info/entry_points.txt: line 2: `hello world:main` is no `module` or `module:object`",
        ]
    );
}

#[test]
fn metadata_of_the_public_indexs_rules() {
    for (line, rule) in [
        (
            "Requires-Dist: attrs >=",
            "its Requires-Dist `attrs >=` is no requirement (PEP 508)",
        ),
        (
            "Requires-Python: three",
            "its Requires-Python `three` is no version specifier (PEP 440)",
        ),
        (
            "License-Expression: Free",
            "its License-Expression `Free` is no SPDX expression",
        ),
        (
            "Description-Content-Type: text/html",
            "its Description-Content-Type `text/html` is none of",
        ),
        ("Provides-Extra: a b", "its Provides-Extra `a b` is no name"),
        (
            "Dynamic: version",
            "its Dynamic names `version`, which is no field that may be",
        ),
        (
            "Import-Name: a.b",
            "its field `import-name` came with Metadata-Version 2.5, and it says 2.4",
        ),
        ("Summary: twice", "it has the field `summary` twice"),
        (
            "License-File: ../LICENSE",
            "its License-File `../LICENSE` is no path inside of the package",
        ),
    ] {
        let metadata = METADATA.replacen("\n\n", &format!("\n{line}\n\n"), 1);
        let told = told(WHEEL, &with(&metadata, TEXT), &[]);
        let place = "hello_world-1.0.dist-info/METADATA: ";
        assert!(told[0].starts_with(&format!("{place}{rule}")), "{line}: {told:?}");
    }
}

#[test]
fn old_metadata_is_taken_as_it_is() {
    for version in ["1.0", "1.1", "1.2", "2.0"] {
        let metadata = METADATA
            .replace("2.4", version)
            .replace("attrs>=20", "attrs (>=20, odd!)");
        assert_eq!(told(WHEEL, &with(&metadata, TEXT), &[]), [""; 0], "{version}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let bytes = with(METADATA, &TEXT.replace("1.0", "2.0"));
    let form = [
        ("name", "other"),
        ("version", "2"),
        ("summary", "lies"),
        ("filetype", "sdist"),
    ];
    assert_eq!(
        told(WHEEL, &bytes, &form),
        [
            "hello_world-1.0.dist-info/WHEEL: its Wheel-Version is `2.0`, and it must be 1.N",
            "the form says filetype `sdist`, the file says `bdist_wheel`",
            "the form says name `other`, the file says `Hello.World`",
            "the form says version `2`, the file says `1.0`",
            "Summary: the form says summary `lies`, the file says `says hello`",
        ]
    );
}

fn sdist(top: &str, metadata: &str) -> Vec<u8> {
    let info = format!("{top}/PKG-INFO");
    gzip(
        &Tar::new()
            .dir(&format!("{top}/"))
            .file(&info, metadata.as_bytes())
            .done(),
    )
}

#[test]
fn an_sdist_that_is_not_called_as_pep_625_says() {
    for name in [
        "Hello.World-1.0.tar.gz",
        "hello-world-1.0.tar.gz",
        "hello_world-1.0.0.tar.gz",
    ] {
        let top = name.strip_suffix(".tar.gz").unwrap();
        let metadata = METADATA.replace(
            "Version: 1.0\n",
            &format!("Version: {}\n", top.rsplit('-').next().unwrap()),
        );
        let bytes = sdist(top, &metadata);
        let normal = format!("hello_world-{}.tar.gz", top.rsplit('-').next().unwrap());
        let told = told(name, &bytes, &[]);
        if normal == name {
            assert_eq!(told, [""; 0]);
            continue;
        }
        assert_eq!(told, [format!("its filename must be `{normal}` (PEP 625)")]);
        make::read(name, &bytes).unwrap();
    }
}

#[test]
fn an_sdist_whose_directory_is_called_otherwise() {
    for top in ["hello-world-1.0", "hello_world", "x"] {
        assert_eq!(
            told(SDIST, &sdist(top, METADATA), &[]),
            [format!(
                "{top}: its one directory must be `hello_world-1.0`, as the file is called"
            )]
        );
    }
}

#[test]
fn an_sdist_keeps_its_metadata_where_that_is_static() {
    let kept = |metadata: &str| {
        let intake = make::read(SDIST, &sdist("hello_world-1.0", metadata)).unwrap();
        let Facts::Sdist(facts) = intake.facts else {
            panic!("no sdist")
        };
        assert_eq!(facts.metadata_blob.is_some(), !intake.sidecars.is_empty());
        facts.metadata_blob.is_some()
    };
    let dynamic = |field: &str| METADATA.replacen("\n\n", &format!("\nDynamic: {field}\n\n"), 1);
    assert!(kept(METADATA));
    assert!(kept(&METADATA.replace("2.4", "2.2")));
    assert!(kept(&dynamic("License-File")));
    for old in ["1.2", "2.0", "2.1"] {
        assert!(!kept(&METADATA.replace("2.4", old)), "{old}");
    }
    for field in ["Requires-Dist", "requires-python", "Provides-Extra"] {
        assert!(!kept(&dynamic(field)), "{field}");
    }
}

#[test]
fn import_names_of_metadata_2_5_and_2_6_are_read() {
    for version in ["2.5", "2.6"] {
        let metadata = METADATA.replace("2.4", version).replacen(
            "\n\n",
            "\nImport-Name: hello_world\nImport-Name: _hello ; private\nImport-Namespace: hello\n\n",
            1,
        );
        assert_eq!(
            told(
                WHEEL,
                &with(&metadata, TEXT),
                &[
                    ("import_names", "hello_world"),
                    ("import_names", "_hello; private")
                ]
            ),
            [""; 0]
        );
        let Facts::Wheel(facts) = make::read(WHEEL, &with(&metadata, TEXT)).unwrap().facts else {
            panic!("no wheel")
        };
        assert_eq!(facts.metadata.import_names, ["hello_world", "_hello ; private"]);
        assert_eq!(facts.metadata.import_namespaces, ["hello"]);
    }
}
