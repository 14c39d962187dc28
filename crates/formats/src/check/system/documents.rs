//! Manual pages and other documentation (Debian Policy 12).

use super::{Tree, base, program};
use crate::archive::contents::{Member, MemberKind};
use crate::check::Finding;
use crate::check::rules::{files, placement as rules};
use std::collections::BTreeSet;

/// Checks the documentation of a package.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    let mut pages = BTreeSet::new();
    for member in tree.files() {
        if let Some(page) = Page::of(&member.path) {
            pages.insert(page.program());
            findings.extend(page.judge(tree, member));
        } else if member.path == "usr/share/info/dir" {
            findings.push(Finding::of(
                &rules::INFO_DIRECTORY,
                &member.path,
                "install-info makes this file",
            ));
        } else if member.path.starts_with("usr/share/doc/") {
            findings.extend(install(member));
        }
        if member.kind == MemberKind::File {
            findings.extend(timestamp(tree, member));
        }
    }
    missing(tree, &pages, findings);
}

/// A path below /usr/share/man.
struct Page<'a> {
    /// `man1`; nothing where the page lies in no such directory.
    directory: &'a str,
    name: &'a str,
}

impl<'a> Page<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let below = path.strip_prefix("usr/share/man/")?;
        let (above, name) = below.rsplit_once('/').unwrap_or(("", below));
        Some(Self {
            directory: base(above),
            name,
        })
    }

    fn plain(&self) -> &'a str {
        let compressed = [".gz", ".xz", ".bz2", ".zst"]
            .iter()
            .find_map(|end| self.name.strip_suffix(end));
        compressed.unwrap_or(self.name)
    }

    /// What it describes: `hello` for `hello.1.gz`.
    fn program(&self) -> &'a str {
        self.plain()
            .rsplit_once('.')
            .map_or(self.plain(), |(program, _)| program)
    }

    fn judge(&self, tree: &Tree<'_>, member: &Member) -> Option<Finding> {
        let section = self.plain().rsplit_once('.').map_or("", |(_, section)| section);
        let number = self.directory.strip_prefix("man").unwrap_or_default();
        if number.is_empty()
            || section.is_empty()
            || !section.starts_with(number.get(..1).unwrap_or_default())
        {
            let message = format!(
                "`{}` is no page of `{}`",
                self.name.escape_debug(),
                self.directory.escape_debug()
            );
            return Some(Finding::of(&rules::MAN_NAME, &member.path, message));
        }
        if member.kind != MemberKind::File {
            return None;
        }
        let head = member.glance.head();
        if member.size_bytes == 0 || (head.starts_with(&[0x1f, 0x8b]) && member.size_bytes <= 20) {
            return Some(Finding::of(&rules::MAN_EMPTY, &member.path, "it is empty"));
        }
        let message = if self.name == self.plain() {
            "it is not compressed"
        } else if tree.is_deb() && (!self.name.ends_with(".gz") || head.get(8) != Some(&2)) {
            "it is not compressed as well as `gzip -9` does"
        } else {
            return None;
        };
        Some(Finding::of(&rules::MAN_COMPRESSION, &member.path, message))
    }
}

fn install(member: &Member) -> Option<Finding> {
    let name = base(&member.path).trim_end_matches(".gz");
    let stem = name.split('.').next().unwrap_or_default();
    let depth = member.path.matches('/').count();
    let install = depth == 4 && stem.eq_ignore_ascii_case("install") && member.kind == MemberKind::File;
    install.then(|| {
        Finding::of(
            &rules::INSTALL_DOCUMENT,
            &member.path,
            "it tells how to install what is installed",
        )
    })
}

/// A gzip header with a time after the changelog's: the time of the build.
fn timestamp(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let &[0x1f, 0x8b, _, _, a, b, c, d, ..] = member.glance.head() else {
        return None;
    };
    let time = i64::from(u32::from_le_bytes([a, b, c, d]));
    let built = time != 0 && tree.changed_at.is_some_and(|changed| time > changed);
    let changelog = base(&member.path).starts_with("changelog.");
    (tree.is_deb() && built && !changelog).then(|| {
        Finding::of(
            &files::GZIP_TIME,
            &member.path,
            "its gzip header has the time of the build",
        )
    })
}

fn missing(tree: &Tree<'_>, pages: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    for member in tree.files() {
        if let Some(program) = program(&member.path)
            && !pages.contains(program)
        {
            let message = format!("`man {}` finds nothing", program.escape_debug());
            findings.push(Finding::of(&rules::NO_MAN, &member.path, message));
        }
    }
}
