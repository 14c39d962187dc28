//! createrepo_c as the judge of primary.xml, filelists.xml and other.xml: the same package has the same element, line by
//! line and in the same order, but for what [`without_ours`] says. `tests/run` installs the tools; a missing one is a
//! failure.

#![allow(clippy::unwrap_used, reason = "these are tests")]

#[path = "../../../formats/tests/packages/raw_rpm.rs"]
#[allow(dead_code, reason = "other tests use what this does not")]
mod raw_rpm;
mod rewritten;
mod rpm6;
mod specs;

use flate2::read::MultiGzDecoder;
use packyard_formats::intake::{self, Limits};
use packyard_types::{
    Artifact, ArtifactName, Blob, ComponentName, DistributionName, Facts, Revision, Timestamp, TreeFile,
};
use packyard_views::{Advanced, Item, Segment, Sign, SignError, segments, yum};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a command and gives its stdout and stderr; a command that fails or is not installed fails the test.
pub fn run(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let out = command
        .output()
        .unwrap_or_else(|e| panic!("{shown}: {e}; tests/run installs what the tests need"));
    let text = String::from_utf8_lossy(&out.stdout) + String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{shown}\n{text}");
    text.into_owned()
}

/// Builds packages from a spec file's text: binary ones, or the source package.
pub fn rpmbuild(dir: &Path, what: &str, spec: &[u8]) -> Vec<PathBuf> {
    let file = dir.join("it.spec");
    std::fs::write(&file, spec).unwrap();
    let mut command = Command::new("rpmbuild");
    command.arg(what).env("LC_ALL", "C.UTF-8");
    for define in [
        &format!("_topdir {}", dir.join("rpmbuild").display()),
        "_build_id_links none",
        "debug_package %{nil}",
        "_invalid_encoding_terminates_build 0",
    ] {
        command.args(["--define", define]);
    }
    let said = run(command.arg(&file));
    let made: Vec<PathBuf> = said
        .lines()
        .filter_map(|line| line.strip_prefix("Wrote: "))
        .map(PathBuf::from)
        .collect();
    assert!(!made.is_empty(), "{said}");
    made
}

/// Keys that nobody asks.
struct NoKeys;

impl Sign for NoKeys {
    fn clearsign_apt(&self, _: &str) -> Result<String, SignError> {
        Err(SignError("not here".to_owned()))
    }
    fn detached_apt(&self, _: &[u8]) -> Result<String, SignError> {
        Err(SignError("not here".to_owned()))
    }
    fn fingerprints_apt(&self) -> Vec<String> {
        Vec::new()
    }
    fn detached_rpm(&self, _: &[u8]) -> Result<String, SignError> {
        Ok(String::new())
    }
    fn public_rpm(&self) -> String {
        String::new()
    }
}

/// The three documents.
const DOCUMENTS: [&str; 3] = ["primary", "filelists", "other"];

/// What packyard lists of a package, document by document.
fn ours(package: &Path) -> [Vec<String>; 3] {
    let bytes = std::fs::read(package).unwrap();
    let name: ArtifactName = package.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let read = intake::read(&name, &mut std::io::Cursor::new(&bytes), &Limits::default());
    let read = read.unwrap_or_else(|e| panic!("{e:?}"));
    let (Facts::Rpm(facts) | Facts::Srpm(facts)) = read.facts else {
        panic!("{name} is no rpm")
    };
    let blob = Blob::of(&bytes);
    let item = Item {
        artifact: Artifact {
            package: read.package,
            version: read.version,
            // Where a source package is listed is not the question here.
            arch: "noarch".to_owned(),
            project: read.project,
            release_version: read.release_version,
            distribution: DistributionName::parse("el9").unwrap(),
            component: ComponentName::main(),
            received: blob,
            served: blob,
            facts: blob,
            parts: Vec::new(),
            uploaded_at: None,
            name,
        },
        facts: Facts::Rpm(facts),
    };
    let scope = yum::Scope {
        distribution: DistributionName::parse("el9").unwrap(),
        basearches: ["x86_64".parse().unwrap()].into(),
        revision: Revision(1),
        at: Timestamp::from_unix_seconds(0),
        zstd: false,
        documents: std::collections::BTreeMap::new(),
    };
    let made = yum::render(&scope, &[item], &NoKeys).unwrap();
    DOCUMENTS.map(|which| {
        let found = made.tree.files.iter().find(|(path, _)| {
            path.as_str().starts_with("el9/x86_64/") && path.as_str().ends_with(&format!("-{which}.xml.gz"))
        });
        element(&served(&made, found.unwrap().1))
    })
}

/// A file's bytes.
fn served(made: &Advanced, file: &TreeFile) -> Vec<u8> {
    let segments = segments(&made.tree, file).into_iter();
    let bytes = segments.flat_map(|segment| match segment {
        Segment::Bytes(bytes) => bytes,
        Segment::Chunk { deflated } => made.chunks[&deflated.digest].clone(),
        other @ Segment::Inflate { .. } => panic!("{other:?}"),
    });
    bytes.collect()
}

/// What createrepo_c listed of the one package in a directory.
fn theirs(dir: &Path) -> [Vec<String>; 3] {
    DOCUMENTS.map(|which| {
        let files = std::fs::read_dir(dir.join("repodata")).unwrap();
        let mut paths = files.map(|f| f.unwrap().path());
        let of = |path: &PathBuf| path.to_string_lossy().ends_with(&format!("-{which}.xml.gz"));
        element(&std::fs::read(paths.find(of).unwrap()).unwrap())
    })
}

/// The lines of the one `package` element of a compressed document.
fn element(gz: &[u8]) -> Vec<String> {
    let mut text = String::new();
    MultiGzDecoder::new(gz).read_to_string(&mut text).unwrap();
    let from = text.find("<package ").unwrap_or_else(|| panic!("{text}"));
    let to = text.find("</package>").unwrap();
    text[from..to].lines().map(str::to_owned).collect()
}

/// Lines without what is packyard's own: where a package lies, the file's time, which is no fact of the package; and the
/// size of the unpacked payload where createrepo_c knows none (of version 6 before its 1.2).
fn without_ours(lines: &[String], theirs: &[String]) -> Vec<String> {
    let unknown = theirs.iter().any(|line| line.ends_with(" archive=\"0\"/>"));
    let cut = |line: &String| {
        let line = line.trim_start();
        if line.starts_with("<location ") {
            "<location>".to_owned()
        } else if let Some((_, build)) = line.split_once("\" build=") {
            format!("<time build={build}")
        } else if let Some((sizes, _)) = line.split_once(" archive=").filter(|_| unknown) {
            sizes.to_owned()
        } else {
            plain(line)
        }
    };
    lines.iter().map(cut).collect()
}

/// A line without the character references that libxml2 writes for letters in attributes, to the same effect.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("&#x") {
        let (digits, behind) = after.split_once(';').unwrap();
        out.push_str(before);
        out.push(char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap());
        rest = behind;
    }
    out + rest
}

/// Compares what packyard lists of a package with what createrepo_c listed of it in `dir`.
#[track_caller]
pub fn compare(package: &Path, dir: &Path) {
    for ((ours, theirs), which) in ours(package).iter().zip(&theirs(dir)).zip(DOCUMENTS) {
        let ours = without_ours(ours, theirs).join("\n");
        let theirs = without_ours(theirs, theirs).join("\n");
        assert_eq!(
            ours,
            theirs,
            "{which} of {}\n(left is ours)\n{ours}\n\n{theirs}",
            package.display()
        );
    }
}

/// Lists a package with createrepo_c and compares.
#[track_caller]
pub fn same_as_createrepo_c(package: &Path) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(package, dir.path().join(package.file_name().unwrap())).unwrap();
    run(Command::new("createrepo_c")
        .args(["--quiet", "--no-database"])
        .arg(dir.path()));
    compare(package, dir.path());
}
