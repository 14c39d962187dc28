//! Where packages may install (Filesystem Hierarchy Standard 3.0, Debian Policy 9.1).

use super::{Tree, base};
use crate::archive::contents::{Member, MemberKind};
use crate::check::rules::placement as rules;
use crate::check::{Finding, Severity};
use std::collections::BTreeMap;

/// Directories that packages install into.
const TOPS: [&str; 13] = [
    "usr",
    "etc",
    "opt",
    "var",
    "lib",
    "lib64",
    "lib32",
    "libx32",
    "bin",
    "sbin",
    "boot",
    "initrd.img",
    "vmlinuz",
];
/// What /usr has.
const USR: [&str; 14] = [
    "bin", "sbin", "lib", "lib64", "lib32", "libx32", "libexec", "share", "include", "games", "src", "local",
    "libdata", "etc",
];
/// What /var has.
const VAR: [&str; 16] = [
    "account", "backups", "cache", "crash", "db", "empty", "games", "lib", "local", "log", "mail", "opt",
    "run", "lock", "spool", "yp",
];
/// Where nothing of a package may be, and why.
const FORBIDDEN: [(&str, &str); 13] = [
    ("usr/local/", "/usr/local is the administrator's"),
    ("home/", "packages install nothing into /home"),
    ("root/", "packages install nothing into /root"),
    ("mnt/", "/mnt is for what the administrator mounts"),
    ("media/", "/media is for what users mount"),
    ("tmp/", "it is gone after a reboot"),
    ("var/tmp/", "it is swept away"),
    ("usr/tmp/", "it is swept away"),
    ("run/", "it is gone after a reboot"),
    ("var/run/", "it is gone after a reboot"),
    ("var/lock/", "it is gone after a reboot"),
    ("var/www/", "/var/www is the administrator's"),
    ("etc/opt/", "/etc/opt belongs to what is in /opt"),
];

/// Checks the place of every file, and of directories that hold nothing.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    // These two own the file system itself.
    if matches!(tree.package, "base-files" | "filesystem") {
        return;
    }
    // A package that lives there lives there whole: one finding says it.
    let mut told: BTreeMap<&str, Finding> = BTreeMap::new();
    for member in tree.leaves() {
        match forbidden(tree, member).or_else(|| odd(member)) {
            Some(found) if found.severity() == Severity::Info => {
                told.entry(found.name()).or_insert(found);
            }
            found => findings.extend(found),
        }
        if tree.is_deb() {
            findings.extend(apt(member));
        }
    }
    findings.extend(told.into_values());
}

fn forbidden(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let top = path.split('/').next().unwrap_or_default();
    let odd = |message: &str| Some(Finding::of(&rules::ODD_PLACE, path, message));
    let named = FORBIDDEN
        .iter()
        .find(|(place, _)| format!("{path}/").starts_with(place) && path.len() >= place.len());
    if let Some((place, why)) = named {
        let fix = if place.contains("run/") || place.contains("lock/") {
            "use a tmpfiles.d entry, or RuntimeDirectory= in the unit; in an .rpm mark it %ghost"
        } else {
            "install it below /usr, /etc or /var/lib"
        };
        // An .rpm may own what others make there.
        return (member.kind != MemberKind::Ghost)
            .then(|| odd(why).map(|f| f.fix(fix)))
            .flatten();
    }
    match top {
        "opt" if path.contains('/') => Some(Finding::of(&rules::OPT, path, "it lies in /opt")),
        "bin" | "sbin" | "lib" | "lib64" | "lib32" | "libx32" if path.contains('/') => {
            let message = format!("/{top} is a link to /usr/{top}");
            Some(Finding::of(&rules::ALIASED, path, message).fix(format!("install it as /usr/{path}")))
        }
        "srv" if !tree.is_deb() => None,
        top if TOPS.contains(&top) && (path.contains('/') || member.kind == MemberKind::Dir) => None,
        top => odd(&format!("packages install nothing into /{}", top.escape_debug())),
    }
}

fn odd(member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let parts: Vec<&str> = path.split('/').collect();
    let file = member.kind != MemberKind::Dir;
    let message = match parts[..] {
        ["usr", _] | ["usr", "share", _] | ["usr", "share", "doc", _] if member.kind == MemberKind::File => {
            "it lies directly in a directory of directories".to_owned()
        }
        ["usr", "bin" | "sbin" | "games", _, _, ..] | ["bin" | "sbin", _, _, ..] => {
            "programs lie directly on the PATH, in no subdirectory".to_owned()
        }
        ["usr", second, ..]
            if !USR.contains(&second) && !second.contains("-linux-") && !second.contains("-w64-") =>
        {
            if file && parts.len() == 2 {
                return None;
            }
            format!("/usr/{} is no directory of the standard", second.escape_debug())
        }
        ["var", second, _, ..] if !VAR.contains(&second) => {
            format!("/var/{} is no directory of the standard", second.escape_debug())
        }
        _ => return None,
    };
    Some(Finding::of(&rules::ODD_DIRECTORY, path, message))
}

fn apt(member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let what = if path == "etc/apt/sources.list" || path.starts_with("etc/apt/sources.list.d/") {
        "it adds a source to apt"
    } else if path.starts_with("etc/apt/trusted.gpg") {
        "it adds a key that apt believes for every source"
    } else if path.starts_with("etc/apt/preferences") {
        "it changes which versions apt prefers"
    } else {
        return None;
    };
    let file = member.kind != MemberKind::Dir && !base(path).is_empty();
    file.then(|| Finding::of(&rules::APT_CONFIGURATION, path, what))
}
