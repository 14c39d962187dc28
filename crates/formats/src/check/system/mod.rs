//! What Debian and the RPM distributions ask alike of files that are installed into a file system.

mod documents;
mod links;
mod places;
pub mod programs;
mod python;
pub mod shell;
mod single;
mod units;

use super::{Finding, Format};
use crate::archive::contents::{Contents, Member, MemberKind};
use std::collections::HashSet;

/// The files of a package, and what their rules need to know of it.
#[derive(Clone, Copy)]
pub struct Tree<'a> {
    /// The world that it is for.
    pub format: Format,
    /// The package's name.
    pub package: &'a str,
    /// Its architecture, as its world spells it.
    pub architecture: &'a str,
    /// The files.
    pub contents: &'a Contents,
    /// The users and groups that it makes, as an .rpm provides them: `user(NAME)`, `group(NAME)`.
    pub accounts: &'a [String],
    /// Everything that its scripts say.
    pub scripts: &'a str,
    /// When its changelog ends, in seconds, where that is known.
    pub changed_at: Option<i64>,
}

impl<'a> Tree<'a> {
    /// Everything that is shipped but directories.
    pub fn files(&self) -> impl Iterator<Item = &'a Member> {
        let members = self.contents.members.iter();
        members.filter(|m| !matches!(m.kind, MemberKind::Dir | MemberKind::Ghost))
    }

    /// Regular files.
    pub fn regular(&self) -> impl Iterator<Item = &'a Member> {
        self.contents
            .members
            .iter()
            .filter(|m| m.kind == MemberKind::File)
    }

    /// Everything but directories that hold something: those are told by what they hold.
    pub fn leaves(&self) -> impl Iterator<Item = &'a Member> {
        let members = &self.contents.members;
        let parents: HashSet<&str> = members
            .iter()
            .filter_map(|m| Some(m.path.rsplit_once('/')?.0))
            .collect();
        members
            .iter()
            .filter(move |m| m.kind != MemberKind::Dir || !parents.contains(m.path.as_str()))
    }

    /// Whether it is a .deb.
    pub fn is_deb(&self) -> bool {
        self.format == Format::Deb
    }
}

/// Checks every file.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    single::check(tree, findings);
    programs::check(tree, findings);
    links::check(tree, findings);
    places::check(tree, findings);
    python::check(tree, findings);
    documents::check(tree, findings);
    units::check(tree, findings);
}

/// The program that a path is on the PATH.
pub fn program(path: &str) -> Option<&str> {
    const PATHS: [&str; 6] = [
        "usr/bin/",
        "usr/sbin/",
        "bin/",
        "sbin/",
        "usr/games/",
        "usr/local/bin/",
    ];
    let name = PATHS.iter().find_map(|directory| path.strip_prefix(directory))?;
    (!name.contains('/')).then_some(name)
}

/// The last part of a path.
pub fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
