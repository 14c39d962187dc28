//! The fields of `control` (Debian Policy 5), but for description and relations.

use super::field;
use crate::archive::contents::MemberKind;
use crate::check::Finding;
use crate::check::rules::deb_control as rules;
use crate::deb::read::Deb;
use crate::deb::version::is_version;
use std::collections::HashSet;

const SECTIONS: &str = "admin cli-mono comm database debian-installer debug devel doc editors education \
    electronics embedded fonts games gnome gnu-r gnustep golang graphics hamradio haskell httpd \
    interpreters introspection java javascript kde kernel libdevel libs lisp localization mail math \
    metapackages misc net news ocaml oldlibs otherosfs perl php python raku ruby rust science shells \
    sound tasks tex text utils vcs video virtual web x11 xfce zope virtualization";
const PRIORITIES: [&str; 4] = ["required", "important", "standard", "optional"];
/// Fields of one line.
const SINGLE: &str = "Package Source Version Architecture Maintainer Section Priority Essential \
    Multi-Arch Installed-Size Homepage Origin";
/// Fields that dpkg, apt or the archive know (deb-control(5)).
const KNOWN: &str = "Package Package-Type Source Version Architecture Maintainer Section Priority \
    Essential Protected Build-Essential Multi-Arch Installed-Size Homepage Origin Bugs Tag Description \
    Pre-Depends Depends Recommends Suggests Enhances Provides Conflicts Breaks Replaces Built-Using \
    Static-Built-Using Subarchitecture Kernel-Version Installer-Menu-Item Important Task \
    Original-Maintainer Build-Ids Auto-Built-Package License Vendor Python-Version Ruby-Versions \
    Gstreamer-Version Npp-Description Efi-Vendor Modaliases";
/// Known beginnings of fields that families of packages bring with them.
const FAMILIES: [&str; 11] = [
    "X-",
    "XB-",
    "Original-",
    "Gstreamer-",
    "Ghc-",
    "Lua-",
    "Python-",
    "Go-",
    "Cnf-",
    "Postgresql-",
    "Python3-",
];
const ARCHITECTURES: &str = "all amd64 arm64 armel armhf i386 mips64el mipsel ppc64el s390x riscv64 alpha \
    arc hppa hurd-amd64 hurd-i386 ia64 kfreebsd-amd64 kfreebsd-i386 loong64 m68k powerpc ppc64 sh4 \
    sparc64 x32";

/// Checks the fields.
pub fn check(deb: &Deb, findings: &mut Vec<Finding>) {
    fields(deb, findings);
    findings.extend(maintainer(field(deb, "Maintainer")));
    findings.extend(architecture(field(deb, "Architecture")));
    findings.extend(version(field(deb, "Version")));
    findings.extend(homepage(deb));
    findings.extend(multi_arch(deb));
    findings.extend(installed_size(deb));
    findings.extend(control_files(deb));
}

fn fields(deb: &Deb, findings: &mut Vec<Finding>) {
    for name in ["Section", "Priority"] {
        if field(deb, name).is_empty() {
            let message = format!("it has no field `{name}`");
            findings.push(Finding::of(&rules::RECOMMENDED_FIELD, "control", message));
        }
    }
    for (name, value) in deb.control.fields() {
        let known = |list: &str| list.split(' ').any(|k| k.eq_ignore_ascii_case(name));
        let shown = name.escape_debug();
        if value.is_empty() {
            findings.push(Finding::of(
                &rules::RECOMMENDED_FIELD,
                "control",
                format!("its field `{shown}` is empty"),
            ));
        } else if known(SINGLE) && value.contains('\n') {
            findings.push(Finding::of(
                &rules::MULTILINE,
                "control",
                format!("`{shown}` has several lines"),
            ));
        }
        let family = FAMILIES
            .iter()
            .any(|f| name.len() > f.len() && name.to_lowercase().starts_with(&f.to_lowercase()));
        if !known(KNOWN) && !family {
            findings.push(Finding::of(
                &rules::UNKNOWN_FIELD,
                "control",
                format!("nobody knows the field `{shown}`"),
            ));
        }
    }
    let section = field(deb, "Section");
    let stem = section.rsplit('/').next().unwrap_or_default();
    if !section.is_empty() && !SECTIONS.split(' ').any(|s| s == stem) {
        let message = format!("`{}` is no section", section.escape_debug());
        findings.push(Finding::of(&rules::SECTION, "control", message));
    }
    let priority = field(deb, "Priority");
    if !priority.is_empty() && !PRIORITIES.contains(&priority) {
        let message = format!("`{}` is no priority", priority.escape_debug());
        findings.push(Finding::of(&rules::PRIORITY, "control", message));
    }
    if let Some(essential) = deb.control.get("Essential") {
        let own = ["base", "libs", "admin", "shells", "utils", "perl", "kernel"].contains(&stem)
            && priority == "required"
            && essential == "yes";
        if !own {
            let message = format!("it says `Essential: {}`", essential.escape_debug());
            findings.push(Finding::of(&rules::ESSENTIAL, "control", message));
        }
    }
}

/// Exactly one address with a name, at a host that can be on the net.
fn maintainer(value: &str) -> Option<Finding> {
    let parts = value.strip_suffix('>').and_then(|rest| rest.split_once(" <"));
    let why = match parts {
        None => "is not `Name <mail>`",
        Some((name, mail)) => match mail.split_once('@') {
            _ if name.trim().is_empty() => "has no name",
            _ if mail.contains(['<', '>', ',']) || mail.contains(char::is_whitespace) => {
                "is more than one address"
            }
            None => "is not `Name <mail>`",
            Some((user, host)) if user.is_empty() || !has_domain(host) => "has a host that mail cannot reach",
            Some(("root", _)) => "is root, who reads no mail",
            Some(_) => return None,
        },
    };
    Some(Finding::of(
        &rules::MAINTAINER,
        "control",
        format!("the maintainer `{}` {why}", value.escape_debug()),
    ))
}

fn has_domain(host: &str) -> bool {
    let top = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && host.split('.').all(|label| !label.is_empty())
        && !matches!(top, "localhost" | "localdomain" | "local" | "lan" | "invalid")
}

fn architecture(value: &str) -> Option<Finding> {
    let known = ARCHITECTURES.split(' ').any(|a| a == value) || value.strip_prefix("musl-linux-").is_some();
    let message = format!(
        "`{}` is no architecture of a binary package",
        value.escape_debug()
    );
    (!known).then(|| Finding::of(&rules::ARCHITECTURE, "control", message))
}

fn version(version: &str) -> Option<Finding> {
    let shown = version.escape_debug();
    let message = if !is_version(version) {
        format!("`{shown}` is no version of Debian")
    } else if version.ends_with("-0") {
        format!("the revision of `{shown}` is 0")
    } else {
        return None;
    };
    Some(Finding::of(&rules::VERSION, "control", message))
}

fn homepage(deb: &Deb) -> Option<Finding> {
    let value = deb.control.get("Homepage")?;
    let rest = ["https://", "http://", "ftp://"]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme));
    let good = rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || "<>".contains(c))
    });
    (!good).then(|| {
        Finding::of(
            &rules::HOMEPAGE,
            "control",
            format!("`{}` is no URL", value.escape_debug()),
        )
    })
}

fn multi_arch(deb: &Deb) -> Option<Finding> {
    let value = deb.control.get("Multi-Arch")?;
    let known = ["no", "same", "foreign", "allowed"].contains(&value);
    let good = known && !(value == "same" && field(deb, "Architecture") == "all");
    let message = format!(
        "`Multi-Arch: {}` is not allowed for `{}`",
        value.escape_debug(),
        field(deb, "Architecture")
    );
    (!good).then(|| Finding::of(&rules::MULTI_ARCH, "control", message))
}

/// The sum of dpkg-gencontrol, with room for what it counts differently: it also counts the control files.
fn installed_size(deb: &Deb) -> Option<Finding> {
    let size = |kind: MemberKind, bytes: u64| match kind {
        MemberKind::File => bytes.div_ceil(1024),
        MemberKind::Hardlink => 0,
        _ => 1,
    };
    let counted: u64 = deb
        .data
        .members
        .iter()
        .map(|m| size(m.kind, m.size_bytes))
        .fold(0, u64::saturating_add);
    let Some(said) = deb.control.get("Installed-Size") else {
        return Some(Finding::of(
            &rules::INSTALLED_SIZE,
            "control",
            "it has no Installed-Size",
        ));
    };
    let near = said
        .parse::<u64>()
        .is_ok_and(|said| said.abs_diff(counted) <= counted / 8 + 100);
    let message = format!(
        "Installed-Size is `{}`, the files need {counted}",
        said.escape_debug()
    );
    (!near).then(|| Finding::of(&rules::INSTALLED_SIZE, "control", message).fix(format!("write {counted}")))
}

/// Files of control.tar that are known, and whether they are scripts.
const FILES: [(&str, bool); 15] = [
    ("control", false),
    ("md5sums", false),
    ("conffiles", false),
    ("triggers", false),
    ("shlibs", false),
    ("symbols", false),
    ("templates", false),
    ("clilibs", false),
    ("preinst", true),
    ("postinst", true),
    ("prerm", true),
    ("postrm", true),
    ("config", true),
    ("isinstallable", true),
    ("menutest", true),
];

fn control_files(deb: &Deb) -> Vec<Finding> {
    let mut findings = Vec::new();
    let allowed: HashSet<&str> = FILES.iter().map(|(name, _)| *name).collect();
    for member in &deb.control_files.members {
        let path = member.path.as_str();
        let wrong = |message: String| Finding::of(&rules::CONTROL_FILE, path, message);
        if member.kind != MemberKind::File {
            findings.push(wrong("it is no plain file".to_owned()));
            continue;
        }
        if !allowed.contains(path) {
            let message = "dpkg does not know this file";
            findings.push(Finding::of(&rules::CONTROL_FILE_UNKNOWN, path, message));
        } else if member.size_bytes == 0 {
            findings.push(Finding::of(&rules::CONTROL_FILE_UNKNOWN, path, "it is empty"));
        }
        // That a script cannot be executed is a rule of its own.
        let script = FILES.iter().any(|(name, script)| *name == path && *script);
        if member.mode & 0o022 != 0 || (!script && member.mode & 0o111 != 0) {
            findings.push(wrong(format!("its mode is {:04o}", member.mode)));
        }
        let root = |name: &str| name == "root" || name == "0";
        if !root(&member.owner) || !root(&member.group) {
            findings.push(wrong(format!(
                "it belongs to `{}:{}`",
                member.owner.escape_debug(),
                member.group.escape_debug()
            )));
        }
    }
    findings
}
