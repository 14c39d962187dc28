//! Reading the files of a source package: their digests are what the .dsc says, their tarballs are read to their ends,
//! and the newest entry of `debian/changelog` is of this version.

use super::{Dsc, Listed, Role, diff};
use crate::archive::budget::{Budget, Metered, fault_of};
use crate::archive::codec::Codec;
use crate::archive::contents::{Contents, DigestKind, Links, Member, MemberKind, Reading};
use crate::archive::hashed::Hashed;
use crate::archive::tar;
use crate::fault::{DAMAGED, Fault, REBUILD, shown};
use crate::intake::Limits;
use packyard_types::PartName;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

/// Opens a file that a .dsc names.
pub type Open<'a> = &'a dyn Fn(&PartName) -> io::Result<Box<dyn Read>>;

/// A source package, read whole.
#[derive(Debug, Clone)]
pub struct Source {
    /// What the .dsc says.
    pub dsc: Dsc,
    /// What its tarballs hold, at the paths that they have once it is unpacked.
    pub contents: Contents,
    /// The text of `debian/changelog`; its beginning where a patch changes it.
    pub changelog: Option<String>,
}

impl Source {
    /// The paths of files and links, sorted.
    pub fn file_paths(&self) -> Vec<String> {
        let files = self.contents.members.iter().filter(|m| m.kind != MemberKind::Dir);
        files.map(|m| m.path.clone()).collect()
    }
}

/// Reads the files that a .dsc names.
pub fn read(dsc: Dsc, open: Open<'_>, limits: &Limits) -> Result<Source, Fault> {
    let mut tree = Tree::default();
    // The upstream's come first: what the package brings takes the place of what is in them.
    let mut files: Vec<(Role, &Listed)> = Vec::with_capacity(dsc.files.len());
    for file in &dsc.files {
        let role = dsc.format.role(&dsc.source, &dsc.version, &file.name);
        let role =
            role.ok_or_else(|| Fault::new("it has no place in the package", REBUILD).at(&file.name))?;
        files.push((role, file));
    }
    files.sort_by_key(|(role, _)| match role {
        Role::Orig(_) | Role::Native(_) => 0,
        Role::Component(..) => 1,
        Role::Debian(_) | Role::Diff => 2,
        Role::Signature(_) => 3,
    });
    for (role, file) in files {
        let within = |fault: Fault| {
            let place = match &fault.entry {
                Some(entry) => format!("{}: {entry}", file.name),
                None => file.name.to_string(),
            };
            fault.at(place)
        };
        tree.file(&role, file, open, limits).map_err(within)?;
    }
    let changelog = tree.changelog.take();
    of_this_version(&dsc, changelog.as_deref())?;
    let mut contents = Contents::default();
    contents.members = tree.members.into_values().collect();
    Ok(Source {
        dsc,
        contents,
        changelog,
    })
}

/// What has been read so far, by path.
#[derive(Default)]
struct Tree {
    members: BTreeMap<String, Member>,
    changelog: Option<String>,
}

impl Tree {
    fn file(&mut self, role: &Role, file: &Listed, open: Open<'_>, limits: &Limits) -> Result<(), Fault> {
        let opened = open(&file.name).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Fault::new("it is not there", "put it beside the .dsc"),
            _ => fault_of(&e),
        })?;
        if file.size_bytes > limits.file_bytes {
            let too_large = format!(
                "it has more than {} bytes, the limit of a file",
                limits.file_bytes
            );
            return Err(Fault::new(too_large, "raise the limit of the file's size"));
        }
        let kinds = [DigestKind::Md5, DigestKind::Sha1, DigestKind::Sha256];
        // One byte more than there should be is enough to see that it is another file.
        let mut bytes = Hashed::new(BufReader::new(opened.take(file.size_bytes + 1)), &kinds);
        let read = match role {
            Role::Native(codec) => self.tarball(&mut bytes, file, *codec, &Into::Root, limits),
            Role::Orig(codec) => self.tarball(&mut bytes, file, *codec, &Into::Upstream, limits),
            Role::Component(name, codec) => {
                self.tarball(&mut bytes, file, *codec, &Into::Directory(name), limits)
            }
            Role::Debian(codec) => self.tarball(&mut bytes, file, *codec, &Into::Debian, limits),
            Role::Diff => self.diff(&mut bytes, limits),
            Role::Signature(_) => Ok(()),
        };
        // That it is not what the .dsc says explains more than that it cannot be read.
        let (digests, size) = bytes.finish().map_err(|e| fault_of(&e))?;
        agrees(file, &digests, size)?;
        read
    }

    fn tarball(
        &mut self,
        bytes: &mut impl Read,
        file: &Listed,
        codec: Codec,
        place: &Into<'_>,
        limits: &Limits,
    ) -> Result<(), Fault> {
        let how = Reading {
            digest: DigestKind::Absent,
            keep: &|path| path == "debian/changelog" || is_below_top(path),
            keep_bytes: limits.metadata_bytes,
            links: Links::Anywhere,
            gather: false,
        };
        let mut budget = Budget::new(limits, file.size_bytes);
        let mut plain = Metered::new(codec.decoder(bytes)?, budget.clone());
        let contents = tar::read(&mut plain, &mut budget, &how)?;
        drop(plain);
        let top = top(&contents);
        for member in &contents.members {
            let path = match (place, &top) {
                (Into::Debian, _) => {
                    if member.path != "debian" && !member.path.starts_with("debian/") {
                        let rule = "it lies outside `debian/`";
                        return Err(Fault::new(rule, REBUILD).at(&member.path));
                    }
                    member.path.clone()
                }
                (_, Some(top)) if member.path == *top => continue,
                (_, Some(top)) => member.path[top.len() + 1..].to_owned(),
                (_, None) => member.path.clone(),
            };
            let path = match place {
                // dpkg-source takes the package's own directory in its place.
                Into::Upstream if path == "debian" || path.starts_with("debian/") => {
                    self.keep_changelog(&contents, &member.path, &path);
                    continue;
                }
                Into::Directory(name) => format!("{name}/{path}"),
                _ => path,
            };
            self.keep_changelog(&contents, &member.path, &path);
            let member = Member {
                path: path.clone(),
                ..member.clone()
            };
            self.members.insert(path, member);
        }
        Ok(())
    }

    fn keep_changelog(&mut self, contents: &Contents, inside: &str, path: &str) {
        if let Some(raw) = contents.kept.get(inside).filter(|_| path == "debian/changelog") {
            self.changelog = Some(String::from_utf8_lossy(raw).into_owned());
        }
    }

    fn diff(&mut self, bytes: &mut impl Read, limits: &Limits) -> Result<(), Fault> {
        let mut text = Vec::new();
        let plain = Codec::Gzip.decoder(bytes)?;
        let most = limits.metadata_bytes.saturating_mul(4);
        plain
            .take(most + 1)
            .read_to_end(&mut text)
            .map_err(|e| fault_of(&e))?;
        if text.len() as u64 > most {
            let rule = format!("it unpacks to more than {most} bytes");
            return Err(Fault::new(rule, "use the format 3.0 (quilt)"));
        }
        let brings = diff::read(&String::from_utf8_lossy(&text))?;
        for path in brings.files {
            let member = Member::new(path.clone(), MemberKind::File);
            self.members.entry(path).or_insert(member);
        }
        self.changelog = brings.changelog.or_else(|| self.changelog.take());
        Ok(())
    }
}

/// Where the files of a tarball go.
enum Into<'a> {
    /// It is the package.
    Root,
    /// It is the package but for `debian/`, unless nothing else brings that.
    Upstream,
    /// It goes into a directory.
    Directory(&'a str),
    /// It has `debian/` itself.
    Debian,
}

fn is_below_top(path: &str) -> bool {
    path.ends_with("/debian/changelog") && path.matches('/').count() == 2
}

/// The one directory that holds everything, where there is one: dpkg-source takes it for the root.
fn top(contents: &Contents) -> Option<String> {
    let first = contents.members.first()?;
    let top = first.path.split('/').next().unwrap_or_default();
    let alone = contents
        .members
        .iter()
        .all(|m| m.path.split('/').next() == Some(top));
    let is_dir = contents.member(top).is_none_or(|m| m.kind == MemberKind::Dir);
    (alone && is_dir).then(|| top.to_owned())
}

fn agrees(file: &Listed, digests: &[Option<String>], size: u64) -> Result<(), Fault> {
    if size != file.size_bytes {
        let found = if size > file.size_bytes {
            format!("more than {}", file.size_bytes)
        } else {
            size.to_string()
        };
        let rule = format!("it has {found} bytes where the .dsc says {}", file.size_bytes);
        return Err(Fault::new(rule, DAMAGED).between(found, file.size_bytes.to_string()));
    }
    let sha256 = file.sha256.to_string();
    let said = [
        ("MD5", Some(&file.md5)),
        ("SHA-1", file.sha1.as_ref()),
        ("SHA-256", Some(&sha256)),
    ];
    for ((kind, said), found) in said.into_iter().zip(digests) {
        if let (Some(said), Some(found)) = (said, found)
            && said != found
        {
            let rule = format!("its {kind} is `{found}` where the .dsc says `{said}`");
            return Err(Fault::new(rule, DAMAGED).between(found, said));
        }
    }
    Ok(())
}

/// The newest entry of the changelog must be of the .dsc's source and version.
fn of_this_version(dsc: &Dsc, changelog: Option<&str>) -> Result<(), Fault> {
    const PLACE: &str = "debian/changelog";
    let hint = "build the source package again with dpkg-source";
    let text = changelog.ok_or_else(|| Fault::new("it has no `debian/changelog`", hint))?;
    let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let (name, rest) = first.split_once(" (").unwrap_or_default();
    let Some((version, _)) = rest.split_once(") ").filter(|_| !name.is_empty()) else {
        let rule = format!(
            "`{}` does not begin an entry: it is not NAME (VERSION) …",
            shown(first)
        );
        return Err(Fault::new(rule, hint).at(PLACE));
    };
    for (what, inside, said) in [("source", name, &dsc.source), ("version", version, &dsc.version)] {
        if inside != said {
            let rule = format!(
                "its newest entry is of {what} `{}`, the .dsc of `{said}`",
                shown(inside)
            );
            return Err(Fault::new(rule, hint).at(PLACE).between(shown(inside), said));
        }
    }
    Ok(())
}
