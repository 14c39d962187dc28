//! A source package as dpkg-source unpacks it, and what is in a .deb as dpkg-deb reads it.

use crate::tools::{built, file, options, run, text};
use packyard_types::ArtifactKind;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A source package of a project, unpacked by dpkg-source.
pub struct Unpacked {
    pub dir: TempDir,
}

impl Unpacked {
    /// The .deb and the source package of a project.
    pub fn of(root: &Path) -> Self {
        let dir = TempDir::new().unwrap();
        let options = options(&[ArtifactKind::Deb, ArtifactKind::Dsc]);
        built(root, &dir.path().join("ours"), &options);
        let unpacked = Self { dir };
        let dsc = unpacked.ours(".dsc");
        fs::create_dir(unpacked.path("theirs")).unwrap();
        let args = ["-x", "--require-strong-checksums", &text(&dsc), "source"];
        let said = run("dpkg-source", &args, &unpacked.path("theirs"));
        for line in said.lines().filter(|line| line.contains("warning")) {
            assert!(line.contains("unsigned"), "{said}");
        }
        unpacked
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn ours(&self, end: &str) -> PathBuf {
        file(&self.path("ours"), end)
    }

    pub fn theirs(&self, end: &str) -> PathBuf {
        file(&self.path("theirs"), end)
    }

    /// What dpkg-buildpackage makes of it, with a umask that lets nobody else read anything.
    pub fn rebuild(&self) -> PathBuf {
        let script = "umask 077 && exec dpkg-buildpackage -b -us -uc";
        run("sh", &["-c", script], &self.path("theirs/source"));
        self.theirs(".deb")
    }
}

/// A .deb, read by dpkg-deb.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    /// Mode, owner and time by path.
    pub listed: BTreeMap<String, String>,
    /// The bytes of files; those of compressed texts as they are without it.
    pub bytes: BTreeMap<String, Vec<u8>>,
    pub control: BTreeMap<String, String>,
    pub scripts: BTreeMap<String, String>,
}

pub fn contents(deb: &Path, scratch: &Path) -> Contents {
    let listing = run("dpkg-deb", &["-c", &text(deb)], scratch);
    let listed = listing.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // The size follows from the contents, which are compared.
        let about = [words[0], words[1], words[3], words[4]].join(" ");
        (words[5..].join(" "), about)
    });
    let listed = listed.collect();
    let tree = TempDir::new_in(scratch).unwrap();
    run("dpkg-deb", &["-R", &text(deb), &text(tree.path())], scratch);
    let mut found = Contents {
        listed,
        bytes: BTreeMap::new(),
        control: BTreeMap::new(),
        scripts: BTreeMap::new(),
    };
    for path in files_below(tree.path()) {
        let name = text(path.strip_prefix(tree.path()).unwrap());
        let bytes = fs::read(&path).unwrap();
        match name.strip_prefix("DEBIAN/") {
            Some("control") => found.control = fields(&String::from_utf8(bytes).unwrap()),
            Some("md5sums" | "conffiles") => {
                let text = String::from_utf8(bytes).unwrap();
                // Those of compressed files are other bytes; the order of conffiles means nothing.
                let mut lines: Vec<&str> = text.lines().filter(|line| !line.ends_with(".gz")).collect();
                lines.sort_unstable();
                found.scripts.insert(name, lines.join("\n"));
            }
            Some(_) => {
                found.scripts.insert(name, String::from_utf8(bytes).unwrap());
            }
            None if name.ends_with(".gz") => {
                run("gzip", &["-d", &text(&path)], scratch);
                found
                    .bytes
                    .insert(name, fs::read(path.with_extension("")).unwrap());
            }
            None => {
                found.bytes.insert(name, bytes);
            }
        }
    }
    found
}

pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() || path.is_file() {
            found.push(path);
        } else {
            found.extend(files_below(&path));
        }
    }
    found.retain(|path| !path.is_symlink());
    found.sort();
    found
}

/// The fields of a paragraph, each with its lines.
pub fn fields(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut last = String::new();
    for line in text.lines() {
        match line.split_once(':').filter(|_| !line.starts_with(' ')) {
            Some((key, value)) => {
                key.clone_into(&mut last);
                found.insert(last.clone(), value.trim().to_owned());
            }
            None => found.get_mut(&last).unwrap().push_str(&format!("\n{line}")),
        }
    }
    found
}
