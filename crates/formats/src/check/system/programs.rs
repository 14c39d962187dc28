//! What can be executed: interpreter lines and ELF files.

use super::{Tree, base, program};
use crate::archive::contents::{Contents, Member};
use crate::check::Finding;
use crate::check::rules::files as rules;

/// Interpreters that are known: their names, where distributions have them.
const INTERPRETERS: [&str; 42] = [
    "sh", "bash", "dash", "zsh", "ksh", "mksh", "csh", "tcsh", "fish", "rbash", "python3", "perl", "ruby",
    "awk", "gawk", "mawk", "nawk", "sed", "lua", "lua5.1", "lua5.3", "lua5.4", "tclsh", "wish", "expect",
    "node", "nodejs", "make", "php", "pypy3", "guile", "ocaml", "ocamlrun", "R", "Rscript", "gjs", "gnuplot",
    "m4", "bc", "jimsh", "escript", "nft",
];
const DIRECTORIES: [&str; 6] = [
    "/bin/",
    "/usr/bin/",
    "/sbin/",
    "/usr/sbin/",
    "/usr/games/",
    "/usr/libexec/",
];

/// Checks everything that can be executed, and what should be.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    for member in tree.regular() {
        let document = member.path.starts_with("usr/share/doc/") || member.path.starts_with("usr/share/man/");
        if document {
            // Examples are read, and may be run; nothing else there is.
            if member.is_executable() && !member.path.contains("/examples") && !member.path.contains("/demo")
            {
                let message = "it is a document, and may be executed";
                findings.push(Finding::of(&rules::EXECUTABLE_DOCUMENT, &member.path, message));
            }
            continue;
        }
        match (&member.shebang, member.is_executable()) {
            (Some(_), true) if member.glance.crlf => {
                let message = "its first line ends with a carriage return";
                findings.push(Finding::of(&rules::SHEBANG_CRLF, &member.path, message));
            }
            (Some(line), true) => findings.extend(shebang(tree.contents, &member.path, line)),
            (Some(_), false) if program(&member.path).is_some() => {
                let message = "it is a script on the PATH, but nobody may execute it";
                findings.push(Finding::of(&rules::NOT_EXECUTABLE, &member.path, message));
            }
            (None, true) if !runs_otherwise(member) => {
                let message = "it may be executed, but is neither a binary nor a script";
                findings.push(Finding::of(&rules::NOT_A_PROGRAM, &member.path, message));
            }
            _ => {}
        }
        if member.glance.is_elf() {
            findings.extend(elf(tree, member));
        }
    }
}

/// Other kinds of files that systems execute: ELF, PE (Mono), Java, linker scripts and libtool archives, images.
fn runs_otherwise(member: &Member) -> bool {
    let head = member.glance.head();
    member.size_bytes == 0
        || member.glance.is_elf()
        || [&b"MZ"[..], b"PK\x03\x04", b"\xca\xfe\xba\xbe", b"\x1f\x8b"]
            .iter()
            .any(|magic| head.starts_with(magic))
        || [".so", ".la", ".a", ".ko"]
            .iter()
            .any(|end| member.path.contains(&format!("{end}.")) || member.path.ends_with(end))
        || member.path.starts_with("boot/")
}

/// Judges one interpreter line.
pub fn shebang(contents: &Contents, place: &str, line: &str) -> Option<Finding> {
    let mut words = line.split_whitespace();
    let interpreter = words.next().unwrap_or_default();
    let name = base(interpreter);
    if interpreter == "/usr/bin/env" || interpreter == "/bin/env" {
        let named = words
            .find(|word| !word.starts_with('-') && !word.contains('='))
            .unwrap_or("PROGRAM");
        let message = format!("`#!{line}` runs whatever `{named}` comes first on the PATH");
        let fix = format!(
            "write `#!/usr/bin/{}`, which the package can depend on",
            base(named)
        );
        return Some(Finding::of(&rules::SHEBANG_ENV, place, message).fix(fix));
    }
    if interpreter
        .strip_prefix('/')
        .is_some_and(|path| contents.has(path))
    {
        return None;
    }
    let usual = DIRECTORIES
        .iter()
        .any(|d| interpreter.strip_prefix(d) == Some(name));
    if usual && matches!(name, "python" | "python2") {
        let message = format!("its interpreter is `{interpreter}`");
        return Some(Finding::of(&rules::SHEBANG_UNVERSIONED, place, message));
    }
    if usual && (INTERPRETERS.contains(&name) || is_versioned(name) || name == "platform-python") {
        return None;
    }
    let message = format!("its interpreter `{interpreter}` is in no usual place");
    if usual || interpreter.starts_with("/usr/lib/") || interpreter.starts_with("/usr/share/") {
        let message = format!("its interpreter `{interpreter}` is none that is known");
        return Some(Finding::of(&rules::SHEBANG_UNUSUAL, place, message));
    }
    Some(Finding::of(&rules::SHEBANG_UNKNOWN, place, message))
}

/// `python3.11`, `perl5.36`, `ruby3.1`, `tclsh8.6`: a known name with a version.
fn is_versioned(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    stem.len() < name.len()
        && ["python", "perl", "ruby", "tclsh", "wish", "php", "lua", "guile-"].contains(&stem)
        && name != "python2"
}

/// `e_machine` of the ELF files that a package of this architecture runs; nothing where that is not known.
fn machines(architecture: &str) -> &'static [u16] {
    match architecture {
        "amd64" | "x86_64" => &[62, 3],
        "i386" | "i486" | "i586" | "i686" => &[3, 62],
        "arm64" | "aarch64" => &[183, 40],
        "armhf" | "armel" | "armv7hl" => &[40],
        "riscv64" => &[243],
        "ppc64el" | "ppc64le" | "ppc64" => &[21, 20],
        "s390x" => &[22],
        _ => &[],
    }
}

fn elf(tree: &Tree<'_>, member: &Member) -> Option<Finding> {
    let path = member.path.as_str();
    let head = member.glance.head();
    let (little, low, high) = (head.get(5)? != &2, *head.get(18)?, *head.get(19)?);
    let machine = if little {
        u16::from_le_bytes([low, high])
    } else {
        u16::from_be_bytes([low, high])
    };
    // Firmware, test data and the trees of cross compilers are data here.
    let data = ["firmware", "/test", "-linux-", "/qemu", "/bpf", "/debug/"]
        .iter()
        .any(|part| path.contains(part));
    if data || machine == 247 {
        return None;
    }
    let all = matches!(tree.architecture, "all" | "noarch");
    if all {
        let message = format!("it is a binary, and the package is for `{}`", tree.architecture);
        return Some(Finding::of(&rules::BINARY_NOARCH, path, message));
    }
    if path.starts_with("etc/") || path.starts_with("usr/share/") {
        return Some(Finding::of(&rules::BINARY_PLACE, path, "it is a binary"));
    }
    let own = machines(tree.architecture);
    let judged = program(path).is_some() || path.starts_with("usr/lib");
    let other = judged && !own.is_empty() && !own.contains(&machine);
    let message = format!("it is not for `{}` (ELF machine {machine})", tree.architecture);
    other.then(|| Finding::of(&rules::BINARY_OTHER, path, message))
}
