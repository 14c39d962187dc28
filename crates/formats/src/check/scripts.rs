//! Interpreters and places of files, alike for .deb and .rpm.

use super::Finding;
use crate::archive::contents::{Contents, Member, MemberKind};

/// Interpreters that distributions have at these paths.
const INTERPRETERS: [&str; 18] = [
    "/bin/sh",
    "/bin/bash",
    "/bin/dash",
    "/usr/bin/sh",
    "/usr/bin/bash",
    "/usr/bin/dash",
    "/usr/bin/zsh",
    "/usr/bin/python3",
    "/usr/bin/perl",
    "/usr/bin/ruby",
    "/usr/bin/awk",
    "/usr/bin/gawk",
    "/usr/bin/sed",
    "/usr/bin/lua",
    "/usr/bin/tclsh",
    "/usr/bin/node",
    "/usr/bin/make",
    "/usr/bin/php",
];

/// Directories that packages install into (Filesystem Hierarchy Standard 3.0).
const PLACES: [&str; 9] = ["usr", "etc", "opt", "var", "lib", "lib64", "bin", "sbin", "srv"];

/// Checks the interpreter line of every executable.
pub fn check_shebangs(contents: &Contents, findings: &mut Vec<Finding>) {
    // Examples are read, not run.
    let run = contents
        .members
        .iter()
        .filter(|m| !m.path.starts_with("usr/share/doc/"));
    for member in run {
        match (&member.shebang, member.is_executable()) {
            (Some(line), true) => findings.extend(shebang(contents, &member.path, line)),
            (Some(_), false)
                if member.path.starts_with("usr/bin/") || member.path.starts_with("usr/sbin/") =>
            {
                findings.push(Finding::warning(
                    "script-not-executable",
                    &member.path,
                    "it is a script on the PATH, but nobody may execute it",
                    "give it mode 0755",
                ));
            }
            _ => {}
        }
    }
}

/// Judges one interpreter line.
pub fn shebang(contents: &Contents, place: &str, line: &str) -> Option<Finding> {
    let mut words = line.split_whitespace();
    let interpreter = words.next().unwrap_or_default();
    if interpreter == "/usr/bin/env" || interpreter == "/bin/env" {
        let program = words.next().unwrap_or("PROGRAM");
        return Some(Finding::warning(
            "shebang-env",
            place,
            format!("`#!{line}` runs whatever `{program}` comes first on the PATH"),
            format!("write `#!/usr/bin/{program}`, which the package can depend on"),
        ));
    }
    let inside = interpreter
        .strip_prefix('/')
        .is_some_and(|path| contents.has(path));
    if inside || INTERPRETERS.contains(&interpreter) || is_versioned_python(interpreter) {
        return None;
    }
    let fix = "name an interpreter that the distribution has, such as /usr/bin/python3 or /bin/sh";
    Some(Finding::error(
        "shebang-unknown",
        place,
        format!("its interpreter `{interpreter}` is in no usual place"),
        fix,
    ))
}

fn is_versioned_python(interpreter: &str) -> bool {
    let minor = interpreter.strip_prefix("/usr/bin/python3.");
    minor.is_some_and(|m| !m.is_empty() && m.bytes().all(|b| b.is_ascii_digit()))
        || interpreter == "/usr/libexec/platform-python"
}

/// Checks that files lie where packages may put them.
pub fn check_places(contents: &Contents, findings: &mut Vec<Finding>) {
    for member in contents.members.iter().filter(|m| m.kind != MemberKind::Dir) {
        findings.extend(odd_place(member));
        if member.kind == MemberKind::File && member.mode & 0o002 != 0 {
            findings.push(Finding::error(
                "world-writable",
                &member.path,
                format!("everybody may write it (mode {:04o})", member.mode),
                "give it mode 0644 or 0755",
            ));
        }
    }
}

fn odd_place(member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let error = |message: &str, fix: &str| Some(Finding::error("odd-place", path, message, fix));
    if path.starts_with("usr/local/") {
        return error("/usr/local is the administrator's", "install it below /usr");
    }
    if path.contains("__pycache__/") && path.starts_with("usr/lib/python3/") {
        return error(
            "byte code is made at installation",
            "leave __pycache__ out of the package",
        );
    }
    if path.starts_with("var/run/") || path.starts_with("var/lock/") || path.starts_with("run/") {
        return error(
            "it is gone after a reboot",
            "use a tmpfiles.d entry, or RuntimeDirectory= in the unit",
        );
    }
    let top = path.split('/').next().unwrap_or_default();
    if PLACES.contains(&top) && path.contains('/') {
        return None;
    }
    error(
        &format!("packages install nothing into /{top}"),
        "install it below /usr, /etc, /opt or /var",
    )
}

/// Checks every systemd unit.
pub fn check_units(contents: &Contents, findings: &mut Vec<Finding>) {
    for (path, bytes) in contents
        .kept
        .iter()
        .filter(|(path, _)| crate::deb::read::is_unit(path))
    {
        findings.extend(super::unit::check(path, &String::from_utf8_lossy(bytes)));
    }
}
