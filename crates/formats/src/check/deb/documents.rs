//! copyright and changelog of a .deb: that they are there, under the right name, and compressed.

use super::{changelog, copyright, field, source_version};
use crate::archive::contents::{Member, MemberKind};
use crate::check::Finding;
use crate::check::rules::deb_documents as rules;
use crate::deb::read::Deb;

/// Checks /usr/share/doc/PACKAGE.
pub fn check(deb: &Deb, findings: &mut Vec<Finding>) {
    let directory = format!("usr/share/doc/{}", field(deb, "Package"));
    // A link to another package's directory stands for what is in there.
    if deb
        .data
        .member(&directory)
        .is_some_and(|m| m.kind == MemberKind::Symlink)
    {
        return;
    }
    let path = format!("{directory}/copyright");
    match deb.data.member(&path).map(|m| m.kind) {
        Some(MemberKind::File | MemberKind::Hardlink) => {
            if let Some(bytes) = deb.data.kept.get(&path) {
                copyright::check(&path, bytes, findings);
            }
        }
        other => {
            let fix = format!("install the licence as /{path} (DEP-5)");
            let message = other.map_or("it has no copyright file", |_| "its copyright file is no file");
            findings.push(Finding::of(&rules::NO_COPYRIGHT, &directory, message).fix(fix));
        }
    }
    logs(deb, &directory, findings);
}

fn logs(deb: &Deb, directory: &str, findings: &mut Vec<Finding>) {
    let (debian, upstream) = (
        format!("{directory}/changelog.Debian.gz"),
        format!("{directory}/changelog.gz"),
    );
    let native = !source_version(deb).contains('-');
    let found = [&debian, &upstream]
        .into_iter()
        .find_map(|path| deb.data.member(path));
    let Some(found) = found else {
        let fix = format!(
            "install the changelog as /{}",
            if native { &upstream } else { &debian }
        );
        findings.push(Finding::of(&rules::NO_CHANGELOG, directory, "it has no changelog").fix(fix));
        return;
    };
    let only_upstream = !deb.data.has(&debian);
    if native && found.path == debian {
        let message = "the version has no revision, so the package is native";
        findings.push(Finding::of(&rules::CHANGELOG_NAME, &found.path, message).fix("name it changelog.gz"));
    } else if !native && only_upstream {
        let message = "the version has a revision, and there is no changelog of Debian's own";
        findings.push(
            Finding::of(&rules::CHANGELOG_NAME, &found.path, message).fix("name it changelog.Debian.gz"),
        );
    }
    for path in [&debian, &upstream] {
        findings.extend(deb.data.member(path).and_then(compression));
    }
    // An upstream changelog is in whatever form upstream likes.
    let ours = found.path == debian || native;
    if let Some(text) = deb.changelog.as_deref().filter(|_| ours) {
        changelog::check(deb, &found.path, text, findings);
    }
}

fn compression(member: &Member) -> Option<Finding> {
    let head = member.glance.head();
    if member.kind != MemberKind::File || head.is_empty() {
        return None;
    }
    // RFC 1952: flags, four bytes of time, and 2 where the slowest compression was chosen.
    let message = match head {
        [0x1f, 0x8b, _, _, 0, 0, 0, 0, 2, ..] => return None,
        [0x1f, 0x8b, _, _, 0, 0, 0, 0, ..] => "it is not compressed as well as `gzip -9` does",
        [0x1f, 0x8b, ..] => "its gzip header has a time",
        _ => "it is not gzip",
    };
    Some(Finding::of(&rules::CHANGELOG_COMPRESSION, &member.path, message))
}
