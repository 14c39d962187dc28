//! What a package installs, as a value: the one list that a .deb, an .rpm and `build --list` are made from.

use crate::content::Content;
use packyard_types::{Capabilities, InstallPath, Timestamp};
use std::collections::BTreeMap;

/// What lies at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A regular file and its bytes.
    File(Content),
    /// A symbolic link and where it points.
    Symlink(String),
    /// A path that the package owns but does not ship (`%ghost`); a .deb leaves it out.
    Ghost,
}

/// What a file is for; package managers treat some files differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Nothing special.
    #[default]
    Plain,
    /// Configuration: what the administrator changed survives an upgrade.
    Config {
        /// `%config(noreplace)`: the new file is put beside the changed one, not in its place.
        noreplace: bool,
    },
    /// Documentation.
    Doc,
    /// A licence text.
    License,
}

/// Who owns an installed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// User name.
    pub user: String,
    /// Group name.
    pub group: String,
}

impl Owner {
    /// `root:root`.
    pub fn root() -> Self {
        Self {
            user: "root".into(),
            group: "root".into(),
        }
    }
    /// Whether this is `root:root`.
    pub fn is_root(&self) -> bool {
        self.user == "root" && self.group == "root"
    }
}

/// One installed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What lies there.
    pub kind: EntryKind,
    /// Permission bits.
    pub mode: u16,
    /// Who owns it once it is installed. Archives are written root-owned; an .rpm says the owner in its header, a .deb
    /// in its postinst, after the user was made.
    pub owner: Owner,
    /// What it is for.
    pub role: Role,
    /// Configuration that the administrator may remove (`%config(missingok)`).
    pub missing_ok: bool,
    /// What a program may do without being root. Only an .rpm can say it; a .deb would have to call setcap(8).
    pub capabilities: Option<Capabilities>,
    /// A directory that is there only because something lies below it.
    pub implied: bool,
}

impl Entry {
    /// The mode while everything is root's, until a script gives it to its owner: what runs with the owner's rights must
    /// not run with root's meanwhile.
    pub fn mode_until_owned(&self) -> u16 {
        if self.owner.is_root() {
            self.mode
        } else {
            self.mode & !0o6000
        }
    }

    /// A regular file, mode 0644.
    pub fn file(content: impl Into<Content>) -> Self {
        Self::of(EntryKind::File(content.into()), 0o644)
    }
    /// A program, mode 0755.
    pub fn program(content: impl Into<Content>) -> Self {
        Self::of(EntryKind::File(content.into()), 0o755)
    }
    /// A directory, mode 0755.
    pub fn directory() -> Self {
        Self::of(EntryKind::Directory, 0o755)
    }
    /// A symbolic link.
    pub fn symlink(target: impl Into<String>) -> Self {
        Self::of(EntryKind::Symlink(target.into()), 0o777)
    }
    /// The same with another role.
    pub fn with_role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// The size of its contents, where it has any.
    pub fn size_bytes(&self) -> Option<u64> {
        match &self.kind {
            EntryKind::File(content) => Some(content.size_bytes()),
            _ => None,
        }
    }

    fn of(kind: EntryKind, mode: u16) -> Self {
        Self {
            kind,
            mode,
            owner: Owner::root(),
            role: Role::Plain,
            missing_ok: false,
            capabilities: None,
            implied: false,
        }
    }
}

/// Two things were put at one path, or something below a path that is no directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is installed twice, as different things")]
pub struct Clash(pub InstallPath);

/// Everything that a package installs.
///
/// - Sorted by path, bytewise; a directory comes before what lies in it.
/// - Every parent directory is listed, `implied` unless it was inserted itself.
/// - Archives made from it are root-owned and every entry carries the one `mtime`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    map: BTreeMap<InstallPath, Entry>,
    mtime: Timestamp,
}

impl Entries {
    /// Nothing yet.
    pub fn new(mtime: Timestamp) -> Self {
        Self {
            map: BTreeMap::new(),
            mtime,
        }
    }

    /// The one modification time.
    pub fn mtime(&self) -> Timestamp {
        self.mtime
    }

    /// Puts `entry` at `path`, and its parents above it. The same entry again is fine.
    pub fn insert(&mut self, path: InstallPath, entry: Entry) -> Result<(), Clash> {
        for parent in path.ancestors() {
            let kind = self.map.entry(parent.clone()).or_insert_with(|| Entry {
                implied: true,
                ..Entry::directory()
            });
            if kind.kind != EntryKind::Directory {
                return Err(Clash(parent));
            }
        }
        match self.map.get(&path) {
            Some(there) if there.implied && entry.kind == EntryKind::Directory => {}
            Some(there) if *there != entry => return Err(Clash(path)),
            _ => {}
        }
        self.map.insert(path, entry);
        Ok(())
    }

    /// Puts `entry` in the place of what lies at `path`, which is of the same kind.
    pub fn replace(&mut self, path: InstallPath, entry: Entry) {
        self.map.insert(path, entry);
    }

    /// What lies at `path`.
    pub fn get(&self, path: &InstallPath) -> Option<&Entry> {
        self.map.get(path)
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&InstallPath, &Entry)> {
        self.map.iter()
    }

    /// The regular files in order.
    pub fn files(&self) -> impl Iterator<Item = (&InstallPath, &Content)> {
        self.map.iter().filter_map(|(path, entry)| match &entry.kind {
            EntryKind::File(content) => Some((path, content)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(s: &str) -> InstallPath {
        InstallPath::parse(s).unwrap()
    }

    #[test]
    fn parents_come_first_and_order_of_insertion_does_not_matter() {
        let mut one = Entries::new(Timestamp::from_unix_seconds(0));
        one.insert(path("/usr/bin/b"), Entry::program(&b"x"[..])).unwrap();
        one.insert(path("/etc/a"), Entry::file(&b"y"[..])).unwrap();
        let mut two = Entries::new(Timestamp::from_unix_seconds(0));
        two.insert(path("/etc/a"), Entry::file(&b"y"[..])).unwrap();
        two.insert(path("/usr/bin/b"), Entry::program(&b"x"[..])).unwrap();
        assert_eq!(one, two);
        let names: Vec<&str> = one.iter().map(|(p, _)| p.as_str()).collect();
        assert_eq!(names, ["/etc", "/etc/a", "/usr", "/usr/bin", "/usr/bin/b"]);
    }

    #[test]
    fn two_files_at_one_path_clash() {
        let mut entries = Entries::new(Timestamp::from_unix_seconds(0));
        entries.insert(path("/a"), Entry::file(&b"x"[..])).unwrap();
        entries.insert(path("/a"), Entry::file(&b"x"[..])).unwrap();
        assert_eq!(
            entries.insert(path("/a"), Entry::file(&b"y"[..])),
            Err(Clash(path("/a")))
        );
        assert!(entries.insert(path("/a/b"), Entry::file(&b"y"[..])).is_err());
    }
}
