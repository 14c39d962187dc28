//! From the files of a package to the steps that install them: each comes from the upstream tree where that has it, else
//! from the directory of what was generated (`debian/`, `rpm/`), where it is put under a name that a packager expects.

mod commands;

pub(super) use commands::{Shell, commands};

use crate::{BuildError, files::read_whole, python::Files};
use packyard_formats::{
    content::{Content, SourceFile},
    entries::{Entries, EntryKind},
};
use std::{collections::BTreeMap, io::Read as _};

/// One path of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Directory {
        path: String,
        mode: u16,
    },
    File {
        /// From the top of the source.
        source: String,
        path: String,
        mode: u16,
        /// It is installed through `gzip -9n`; `path` is without `.gz`.
        gzip: bool,
    },
    Link {
        path: String,
        to: String,
    },
}

/// The steps in the order of the package, and the files that the directory of what was generated has for them.
#[derive(Debug)]
pub(super) struct Installation {
    pub steps: Vec<Step>,
    pub data: Files,
    below: &'static str,
}

/// A package and where what is generated for it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Generated<'a> {
    /// `debian` or `rpm`.
    pub below: &'static str,
    /// The package's name.
    pub package: &'a str,
}

/// `fixed` are files that are generated anyway, as `changelog` and `copyright`. A ghost has no step.
pub(super) fn installation(
    upstream: &Files,
    entries: &Entries,
    generated: Generated<'_>,
    fixed: Files,
) -> Result<Installation, BuildError> {
    let tree = Tree::of(upstream, generated.below);
    let mut installation = Installation {
        steps: Vec::new(),
        data: fixed,
        below: generated.below,
    };
    for (path, entry) in entries.iter() {
        let path = path.relative().to_owned();
        let step = match &entry.kind {
            EntryKind::Directory => Step::Directory {
                path,
                mode: entry.mode_until_owned(),
            },
            EntryKind::Symlink(to) => Step::Link { path, to: to.clone() },
            EntryKind::Ghost => continue,
            EntryKind::File(content) => {
                let own = tree.find(&path, content);
                let plain = match own {
                    Some(_) => None,
                    None => gunzipped(&path, content)?,
                };
                let (path, content, gzip) = match plain {
                    Some((path, text)) => (path, Content::from(text), true),
                    None => (path, content.clone(), false),
                };
                let source = match own.or_else(|| tree.find(&path, &content)) {
                    Some(source) => source.to_owned(),
                    None => installation.keep(generated.package, &path, content, entry.mode),
                };
                Step::File {
                    source,
                    path,
                    mode: entry.mode_until_owned(),
                    gzip,
                }
            }
        };
        installation.steps.push(step);
    }
    Ok(installation)
}

impl Installation {
    /// Puts a file among what was generated, if it is not there under this name, and says where it is.
    fn keep(&mut self, package: &str, path: &str, content: Content, mode: u16) -> String {
        let name = name(package, path);
        let name = match self.data.get(&name) {
            Some(other) if other.content != content => format!("tree/{path}"),
            _ => name,
        };
        let executable = mode & 0o111 != 0;
        let file = SourceFile { content, executable };
        self.data.entry(name.clone()).or_insert(file);
        format!("{}/{name}", self.below)
    }
}

/// What a file that packyard made, or that is not part of the upstream tree, is called there.
fn name(package: &str, path: &str) -> String {
    let (directory, base) = path.rsplit_once('/').unwrap_or(("", path));
    let doc = format!("usr/share/doc/{package}");
    match directory {
        "usr/lib/systemd/system" | "lib/systemd/system"
            if base.rsplit_once('.').is_some_and(|(s, _)| s == package) =>
        {
            base.to_owned()
        }
        "usr/lib/systemd/system" | "lib/systemd/system" => format!("{package}.{base}"),
        "usr/lib/sysusers.d" if base == format!("{package}.conf") => format!("{package}.sysusers"),
        "usr/lib/tmpfiles.d" if base == format!("{package}.conf") => format!("{package}.tmpfiles"),
        "usr/share/lintian/overrides" if base == package => format!("{package}.lintian-overrides"),
        _ if directory.starts_with("usr/share/man/") => format!("man/{base}"),
        _ if directory == doc && base.starts_with("changelog") => "changelog".to_owned(),
        _ if directory == doc && base == "copyright" => base.to_owned(),
        _ => format!("tree/{path}"),
    }
}

/// A text that is installed compressed, and its path without `.gz`: sources hold it as it is.
fn gunzipped(path: &str, content: &Content) -> Result<Option<(String, Vec<u8>)>, BuildError> {
    /// Documents and manual pages are far smaller; what is larger is data.
    const LARGEST: u64 = 4 << 20;
    let is_document = path.starts_with("usr/share/doc/") || path.starts_with("usr/share/man/");
    let Some(plain) = path.strip_suffix(".gz").filter(|_| is_document) else {
        return Ok(None);
    };
    if content.size_bytes() > LARGEST || !content.head().starts_with(&[0x1f, 0x8b]) {
        return Ok(None);
    }
    let bytes = read_whole(content, path)?;
    let text = packyard_formats::compress::gunzip(&bytes, LARGEST);
    Ok(text.map(|text| (plain.to_owned(), text)))
}

/// The files of the upstream tree by size, so that those of other sizes are never read.
struct Tree<'a>(BTreeMap<u64, Vec<(&'a str, &'a Content)>>);

impl<'a> Tree<'a> {
    fn of(files: &'a Files, below: &str) -> Self {
        let mut by_size: BTreeMap<u64, Vec<(&str, &Content)>> = BTreeMap::new();
        // What is generated takes the place of a debian/ in the upstream tree, and make cannot say every name.
        let is_own = |path: &str| path.strip_prefix(below).is_some_and(|rest| rest.starts_with('/'));
        let is_usable = |path: &str| !is_own(path) && !path.contains(char::is_control);
        for (path, file) in files.iter().filter(|(path, _)| is_usable(path)) {
            let of_size = by_size.entry(file.content.size_bytes()).or_default();
            of_size.push((path, &file.content));
        }
        Self(by_size)
    }

    /// The file with these contents whose path is most like the one where they are installed. What is called otherwise
    /// there has to be more than a line, lest two files that are alike by chance become one.
    fn find(&self, path: &str, content: &Content) -> Option<&'a str> {
        const MORE_THAN_A_LINE: u64 = 128;
        let of_size = self.0.get(&content.size_bytes())?;
        let likeness = |other: &str| {
            let pairs = path.rsplit('/').zip(other.rsplit('/'));
            pairs.take_while(|(a, b)| a == b).count()
        };
        let mut like: Vec<_> = of_size
            .iter()
            .map(|(path, content)| (likeness(path), *path, *content))
            .filter(|(alike, _, _)| *alike > 0 || content.size_bytes() >= MORE_THAN_A_LINE)
            .collect();
        like.sort_by(|(a, one, _), (b, two, _)| (b, one.len(), one).cmp(&(a, two.len(), two)));
        let found = like.into_iter().find(|(_, _, other)| *other == content);
        found.map(|(_, path, _)| path)
    }
}

/// The files that were compiled elsewhere: a source package holds them as they are.
pub(super) fn compiled(steps: &[Step], upstream: &Files, below: &str, generated: &Files) -> Vec<String> {
    let is_elf = |file: &SourceFile| file.content.head().starts_with(b"\x7fELF");
    let sources = steps.iter().filter_map(|step| match step {
        Step::File { source, .. } => Some(source),
        _ => None,
    });
    let held = |source: &&String| {
        let own = source.strip_prefix(below).and_then(|name| name.strip_prefix('/'));
        let own = own.and_then(|name| generated.get(name));
        own.or_else(|| upstream.get(*source)).is_some_and(is_elf)
    };
    sources.filter(held).cloned().collect()
}

/// Whether a file is no text, which dpkg-source has to be told of one in `debian/`.
pub(super) fn is_binary(file: &SourceFile, name: &str) -> Result<bool, BuildError> {
    let failed = |source| BuildError::Read {
        file: name.to_owned(),
        source,
    };
    let mut reader = file.content.open().map_err(failed)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match reader.read(&mut buffer).map_err(failed)? {
            0 => return Ok(false),
            got if buffer[..got].contains(&0) => return Ok(true),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[(&str, &str)]) -> Files {
        let file = |(name, text): &(&str, &str)| {
            let file = SourceFile {
                content: text.as_bytes().into(),
                executable: false,
            };
            ((*name).to_owned(), file)
        };
        names.iter().map(file).collect()
    }

    #[test]
    fn the_likest_of_equal_files_is_taken_and_a_short_one_under_its_own_name_only() {
        let long = "x".repeat(200);
        let files = files(&[
            ("a/__init__.py", ""),
            ("src/b/__init__.py", ""),
            ("PKG-INFO", &long),
            ("short", "yes\n"),
            ("debian/own", "gone\n"),
            ("two\nlines", &"y".repeat(200)),
        ]);
        let tree = Tree::of(&files, "debian");
        let find = |path, text: &str| tree.find(path, &Content::from(text.as_bytes()));
        assert_eq!(find("usr/lib/b/__init__.py", ""), Some("src/b/__init__.py"));
        assert_eq!(find("usr/lib/c/__init__.py", ""), Some("a/__init__.py"));
        assert_eq!(find("usr/lib/c/py.typed", ""), None);
        assert_eq!(find("usr/lib/x.dist-info/METADATA", &long), Some("PKG-INFO"));
        assert_eq!(find("etc/flag", "yes\n"), None);
        assert_eq!(find("etc/short", "no!\n"), None);
        assert_eq!(find("etc/own", "gone\n"), None);
        assert_eq!(find("etc/lines", &"y".repeat(200)), None);
    }

    #[test]
    fn generated_files_have_the_names_that_debhelper_uses() {
        for (path, expected) in [
            ("usr/lib/systemd/system/x.service", "x.service"),
            ("usr/lib/systemd/system/y@.service", "x.y@.service"),
            ("usr/lib/sysusers.d/x.conf", "x.sysusers"),
            ("usr/share/man/man1/x.1", "man/x.1"),
            ("usr/share/doc/x/changelog.Debian", "changelog"),
            ("usr/bin/x", "tree/usr/bin/x"),
        ] {
            assert_eq!(name("x", path), expected);
        }
    }
}
