//! Modes, owners and names of single files.

use super::{Tree, base, program};
use crate::archive::contents::{Member, MemberKind};
use crate::archive::glance::Writing;
use crate::check::rules::files as rules;
use crate::check::{Finding, Format};

/// Users that every Debian system has (base-passwd).
const DEB_USERS: [&str; 18] = [
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy",
    "www-data", "backup", "list", "irc", "nobody", "_apt",
];
/// Groups that every Debian system has (base-passwd).
const DEB_GROUPS: [&str; 37] = [
    "root", "daemon", "bin", "sys", "adm", "tty", "disk", "lp", "mail", "news", "uucp", "man", "proxy",
    "kmem", "dialout", "fax", "voice", "cdrom", "floppy", "tape", "sudo", "audio", "dip", "www-data",
    "backup", "operator", "list", "irc", "src", "shadow", "utmp", "video", "sasl", "plugdev", "staff",
    "games", "nogroup",
];
/// Users and groups of the setup package of Fedora and openSUSE.
const RPM_OWNERS: [&str; 20] = [
    "root", "bin", "daemon", "adm", "lp", "sync", "mail", "man", "games", "nobody", "sys", "tty", "disk",
    "wheel", "utmp", "audio", "video", "users", "kmem", "dbus",
];

/// Checks every file by itself.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    for member in &tree.contents.members {
        findings.extend(mode(tree, member));
        findings.extend(owner(tree, member));
        findings.extend(name(member));
        findings.extend(junk(member));
    }
    for member in tree.regular() {
        findings.extend(empty(tree, member));
        findings.extend(encoding(member));
    }
    let hard = tree.files().filter(|m| m.kind == MemberKind::Hardlink);
    findings.extend(hard.filter_map(hard_link));
}

fn mode(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let (path, mode) = (member.path.as_str(), member.mode);
    let odd = |wanted: &str| {
        Some(Finding::of(
            &rules::MODE,
            path,
            format!("its mode is {mode:04o}, not {wanted}"),
        ))
    };
    let open = format!("everybody may write it (mode {mode:04o})");
    match member.kind {
        MemberKind::Dir if mode & 0o1002 == 0o002 => Some(Finding::of(&rules::WORLD_WRITABLE, path, open)),
        MemberKind::Dir if mode != 0o755 && !theirs(tree, member) => odd("0755"),
        MemberKind::File if mode & 0o6000 != 0 && mode & 0o111 != 0 => {
            let message = format!("it runs as {}:{} (mode {mode:04o})", member.owner, member.group);
            Some(Finding::of(&rules::SETUID, path, message))
        }
        MemberKind::File if mode & 0o002 != 0 => Some(Finding::of(&rules::WORLD_WRITABLE, path, open)),
        MemberKind::File if path.starts_with("etc/sudoers.d/") => {
            (mode != 0o440).then(|| odd("0440")).flatten()
        }
        MemberKind::File if mode & 0o111 != 0 && mode != 0o755 && !theirs(tree, member) => odd("0755"),
        MemberKind::File if mode & 0o111 == 0 && mode != 0o644 && !theirs(tree, member) => odd("0644"),
        _ => None,
    }
}

/// What belongs to another user than root has the mode that this one needs; configuration is kept from others' eyes by
/// its mode. In a .deb everything is root's, and the postinst gives it away.
fn theirs(tree: &Tree<'_>, member: &Member) -> bool {
    let is_config = member.path.starts_with("etc/");
    let is_secret = is_config && (!tree.is_deb() || matches!(member.mode, 0o600 | 0o640));
    let given_away = || {
        let (path, own) = (format!("/{}", member.path), tree.scripts.contains("chown"));
        let mut words = tree.scripts.split([' ', '\t', '\n', '"', '\'', '}']);
        own && words.any(|word| word == path)
    };
    member.owner != "root" || member.group != "root" || is_secret || tree.is_deb() && given_away()
}

fn owner(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let (user, group) = (member.owner.as_str(), member.group.as_str());
    let message = format!("it belongs to `{}:{}`", user.escape_debug(), group.escape_debug());
    // Static numbers: Debian Policy 9.2.2.
    let reserved = |id: &str| {
        id.parse::<u32>()
            .is_ok_and(|id| id < 100 || (60_000..65_000).contains(&id))
    };
    let (known, rule) = match tree.format {
        Format::Deb => (
            (DEB_USERS.contains(&user) || reserved(user)) && (DEB_GROUPS.contains(&group) || reserved(group)),
            &rules::OWNER,
        ),
        _ => {
            let known = |kind: &str, name: &str| {
                RPM_OWNERS.contains(&name) || tree.accounts.contains(&format!("{kind}({name})"))
            };
            (known("user", user) && known("group", group), &rules::RPM_OWNER)
        }
    };
    (!known).then(|| Finding::of(rule, &member.path, message))
}

fn name(member: &Member) -> Option<Finding> {
    let name = base(&member.path);
    let message = if name.contains(['*', '?']) || name == "-" {
        "shells take its name for a pattern or an option"
    } else if name.ends_with(char::is_whitespace) {
        "its name ends with a blank"
    } else if program(&member.path).is_some() && !name.is_ascii() {
        "its name on the PATH cannot be typed everywhere"
    } else {
        return None;
    };
    Some(Finding::of(&rules::FILE_NAME, &member.path, message))
}

fn junk(member: &Member) -> Option<Finding> {
    let name = base(&member.path);
    let what = match name {
        ".git" | ".svn" | ".hg" | ".bzr" | "CVS" | ".gitignore" | ".gitattributes" | ".gitmodules"
        | ".hgignore" | ".hgtags" | ".bzrignore" | ".cvsignore" | ".svnignore" => "version control keeps it",
        ".DS_Store" | "Thumbs.db" | "desktop.ini" | "__MACOSX" => "a desktop left it",
        _ if name.starts_with("._") && member.kind == MemberKind::File => "a desktop left it",
        _ if name.starts_with(".nfs") || name == ".packlist" || name == "perllocal.pod" => "a build left it",
        _ if name.len() > 1 && member.kind != MemberKind::Dir && is_backup(name) => {
            "an editor or a patch left it"
        }
        _ => return None,
    };
    Some(Finding::of(&rules::JUNK, &member.path, what))
}

fn is_backup(name: &str) -> bool {
    name.ends_with('~')
        || [".orig", ".rej", ".bak", ".swp"]
            .iter()
            .any(|end| name.ends_with(end))
        || (name.starts_with('#') && name.ends_with('#'))
}

fn empty(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let name = base(&member.path);
    if member.size_bytes > 0 {
        return None;
    }
    if program(&member.path).is_some() {
        return Some(Finding::of(&rules::EMPTY_PROGRAM, &member.path, "it is empty"));
    }
    let mark = name.starts_with('.')
        || name.ends_with(".typed")
        || matches!(
            name,
            "__init__.py"
                | "REQUESTED"
                | "zip-safe"
                | "not-zip-safe"
                | "dependency_links.txt"
                | "placeholder"
        );
    let document = member.path.starts_with("usr/share/doc/") && !member.path.contains("/examples/");
    let unit = crate::deb::read::is_unit(&member.path);
    let judged = if tree.is_deb() { document } else { !unit };
    (judged && !mark).then(|| Finding::of(&rules::EMPTY_FILE, &member.path, "it is empty"))
}

/// Extensions of files that are not texts for people, whatever their bytes look like.
const NO_TEXT: [&str; 10] = [
    "gz", "png", "jpg", "gif", "pdf", "ps", "html", "htm", "xml", "svg",
];

fn encoding(member: &Member) -> Option<Finding> {
    let extension = member
        .path
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    let document = member.path.starts_with("usr/share/doc/") && !member.path.contains("/examples/");
    let bad = document
        && member.glance.writing == Writing::OtherText
        && !NO_TEXT.contains(&extension)
        && base(&member.path) != "copyright";
    bad.then(|| {
        Finding::of(
            &rules::DOCUMENT_ENCODING,
            &member.path,
            "it is a text, but not UTF-8",
        )
    })
}

fn hard_link(member: &Member) -> Option<Finding> {
    let target = member.target.as_deref()?;
    let directory = |path: &str| {
        path.rsplit_once('/')
            .map_or(String::new(), |(directory, _)| directory.to_owned())
    };
    let apart = directory(target) != directory(&member.path);
    let message = format!("it is another name of `{}`", target.escape_debug());
    (apart || member.path.starts_with("etc/")).then(|| Finding::of(&rules::HARD_LINK, &member.path, message))
}
