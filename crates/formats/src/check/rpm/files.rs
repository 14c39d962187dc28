//! The file list of an .rpm: configuration, directories, documentation.

use crate::archive::contents::{Member, MemberKind};
use crate::check::Finding;
use crate::check::rules::{files as shared, placement, rpm_files as rules};
use crate::check::system::base;
use crate::rpm::facts::dependencies;
use crate::rpm::read::Rpm;
use crate::rpm::tag::{self, file_flag};
use std::collections::{BTreeSet, HashMap};

/// Directories that `filesystem` owns; those of manual pages and locales are told by their shape.
const STANDARD: [&str; 58] = [
    "bin",
    "boot",
    "etc",
    "etc/opt",
    "etc/profile.d",
    "etc/skel",
    "etc/sysconfig",
    "home",
    "lib",
    "lib/modules",
    "lib64",
    "media",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "usr/bin",
    "usr/games",
    "usr/include",
    "usr/lib",
    "usr/lib/systemd",
    "usr/lib/systemd/system",
    "usr/lib/sysusers.d",
    "usr/lib/tmpfiles.d",
    "usr/lib64",
    "usr/libexec",
    "usr/local",
    "usr/local/bin",
    "usr/sbin",
    "usr/share",
    "usr/share/applications",
    "usr/share/doc",
    "usr/share/icons",
    "usr/share/info",
    "usr/share/licenses",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/misc",
    "usr/share/pixmaps",
    "usr/src",
    "usr/tmp",
    "var",
    "var/cache",
    "var/db",
    "var/lib",
    "var/lib/misc",
    "var/lib/rpm",
    "var/local",
    "var/log",
    "var/mail",
    "var/spool",
    "var/tmp",
];

/// Checks the list.
pub fn check(rpm: &Rpm, findings: &mut Vec<Finding>) {
    let members = &rpm.contents.members;
    let flags = |at: usize| rpm.file_flags.get(at).copied().unwrap_or(0);
    let mut documented = false;
    for (at, member) in members.iter().enumerate() {
        documented |= flags(at) & file_flag::DOC != 0 || member.path.starts_with("usr/share/man/");
        findings.extend(configuration(member, flags(at)));
        findings.extend(standard(rpm, member));
        if base(&member.path).starts_with('.')
            && !member.path.starts_with("etc/skel/")
            && !member.path.contains("/.build-id")
        {
            findings.push(Finding::of(
                &rules::HIDDEN,
                &member.path,
                "its name begins with a dot",
            ));
        }
    }
    if !documented && members.iter().any(|m| m.kind == MemberKind::File) {
        findings.push(Finding::of(
            &placement::NO_DOCUMENTATION,
            "",
            "no file is marked as documentation",
        ));
    }
    unowned(rpm, findings);
    python_abi(rpm, findings);
    hard_links(rpm, findings);
}

fn configuration(member: &Member, flags: u64) -> Option<Finding> {
    let path = member.path.as_str();
    let config = flags & file_flag::CONFIG != 0;
    // These belong to the system's administration as much as programs do, and are no settings.
    let code = [
        "etc/rc.d/init.d/",
        "etc/init.d/",
        "etc/pki/",
        "etc/bash_completion.d/",
    ]
    .iter()
    .any(|d| path.starts_with(d));
    if member.kind == MemberKind::File && path.starts_with("etc/") && !config && !code {
        return Some(Finding::of(
            &rules::ETC_NOT_CONFIG,
            path,
            "it is in /etc but no %config",
        ));
    }
    if !config || member.kind == MemberKind::Dir {
        return None;
    }
    if !path.starts_with("etc/") && !path.starts_with("var/") {
        return Some(Finding::of(
            &rules::CONFIG_PLACE,
            path,
            "it is %config, but not in /etc",
        ));
    }
    if member.is_executable() && !path.starts_with("etc/cron.") && !path.starts_with("etc/rc.d/") {
        return Some(Finding::of(
            &rules::CONFIG_EXECUTABLE,
            path,
            "it is %config, and may be executed",
        ));
    }
    let kept = flags & (file_flag::NO_REPLACE | file_flag::GHOST) != 0;
    (!kept).then(|| Finding::of(&rules::CONFIG_REPLACED, path, "it is %config without noreplace"))
}

fn standard(rpm: &Rpm, member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let manual = path
        .strip_prefix("usr/share/man/")
        .is_some_and(|rest| rest.starts_with("man") && !rest.contains('/'));
    let name = rpm.header.string(tag::NAME).unwrap_or_default();
    let base_package = ["filesystem", "systemd", "man-pages", "setup"]
        .iter()
        .any(|owner| name.starts_with(owner));
    let owned = member.kind == MemberKind::Dir && (STANDARD.contains(&path) || manual) && !base_package;
    owned.then(|| {
        Finding::of(
            &rules::STANDARD_DIRECTORY,
            path,
            "the distribution's base owns it",
        )
    })
}

/// Directories that are called as the package is, or that its .dist-info is, and that it does not own. Others may well
/// belong to what the package requires.
fn unowned(rpm: &Rpm, findings: &mut Vec<Finding>) {
    let name = rpm.header.string(tag::NAME).unwrap_or_default();
    let stem = name.strip_prefix("python3-").unwrap_or(&name).to_lowercase();
    let own = |part: &str| {
        let lower = part.to_lowercase();
        lower == name
            || lower == stem
            || (lower.ends_with(".dist-info") && lower.starts_with(&stem.replace('-', "_")))
    };
    let mut told = BTreeSet::new();
    for member in &rpm.contents.members {
        for (at, _) in member.path.match_indices('/') {
            let directory = &member.path[..at];
            if own(base(directory)) && !rpm.contents.has(directory) && told.insert(directory.to_owned()) {
                findings.push(Finding::of(
                    &rules::UNOWNED_DIRECTORY,
                    directory,
                    "the package does not own it",
                ));
            }
        }
    }
}

fn python_abi(rpm: &Rpm, findings: &mut Vec<Finding>) {
    let version = |path: &str| {
        let rest = path
            .strip_prefix("usr/lib/python")
            .or_else(|| path.strip_prefix("usr/lib64/python"))?;
        let (version, below) = rest.split_once('/')?;
        (version.contains('.') && below.starts_with("site-packages/")).then(|| version.to_owned())
    };
    let Some((member, version)) = rpm
        .contents
        .members
        .iter()
        .find_map(|m| Some((m, version(&m.path)?)))
    else {
        return;
    };
    let requires = dependencies(&rpm.header, tag::REQUIRES);
    let abi = |name: &str| {
        name == "python(abi)" || name.starts_with(&format!("python{version}")) || name == "/usr/bin/python3"
    };
    if !requires.iter().any(|r| abi(&r.name)) {
        let fix = format!("require `python(abi) = {version}`");
        let message = format!("it is for Python {version}, which the package does not require");
        findings.push(Finding::of(&rules::PYTHON_ABI, &member.path, message).fix(fix));
    }
}

/// Names of one file, by device and inode, in different directories.
fn hard_links(rpm: &Rpm, findings: &mut Vec<Finding>) {
    let (devices, inodes) = (
        rpm.header.integers(tag::FILE_DEVICES),
        rpm.header.integers(tag::FILE_INODES),
    );
    let mut first: HashMap<(u64, u64), &str> = HashMap::new();
    let regular = rpm.contents.members.iter().zip(devices.iter().zip(&inodes));
    for (member, (device, inode)) in regular.filter(|(m, _)| m.kind == MemberKind::File) {
        let other = *first.entry((*device, *inode)).or_insert(&member.path);
        let directory = |path: &str| path.rsplit_once('/').map(|(directory, _)| directory.to_owned());
        if directory(other) != directory(&member.path) {
            let message = format!("it is another name of `{}`", other.escape_debug());
            findings.push(Finding::of(&shared::HARD_LINK, &member.path, message));
        }
    }
}
