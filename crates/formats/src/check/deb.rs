//! What Debian policy asks of a binary package, as far as a reader of the file can tell.

use super::{Finding, scripts};
use crate::archive::contents::{MemberKind, shebang};
use crate::deb::read::Deb;
use std::collections::BTreeSet;

const SCRIPTS: [&str; 5] = ["preinst", "postinst", "prerm", "postrm", "config"];

/// Checks a .deb that could be read.
pub fn check(deb: &Deb, findings: &mut Vec<Finding>) {
    check_fields(deb, findings);
    check_documents(deb, findings);
    check_conffiles(deb, findings);
    check_md5sums(deb, findings);
    check_maintainer_scripts(deb, findings);
    scripts::check_shebangs(&deb.data, findings);
    scripts::check_places(&deb.data, findings);
    scripts::check_units(&deb.data, findings);
}

fn check_fields(deb: &Deb, findings: &mut Vec<Finding>) {
    for field in ["Section", "Priority"] {
        if deb.control.get(field).is_none_or(str::is_empty) {
            let message = format!("it has no field `{field}`");
            findings.push(Finding::warning(
                "control-recommended-field",
                "control",
                message,
                "add it; policy 5.3 recommends it",
            ));
        }
    }
    let maintainer = deb.control.get("Maintainer").unwrap_or_default();
    if !(maintainer.contains(" <") && maintainer.contains('@') && maintainer.ends_with('>')) {
        let message = format!("the maintainer `{maintainer}` is not `Name <mail>`");
        findings.push(Finding::error(
            "control-maintainer",
            "control",
            message,
            "write `Name <name@example.org>`",
        ));
    }
    let description = deb.control.get("Description").unwrap_or_default();
    let (synopsis, extended) = description.split_once('\n').unwrap_or((description, ""));
    if synopsis.len() > 80 {
        findings.push(Finding::warning(
            "description-synopsis",
            "control",
            "the synopsis has more than 80 characters",
            "shorten it",
        ));
    }
    if extended.trim().is_empty() {
        let fix = "say in a sentence what it is for";
        findings.push(Finding::warning(
            "description-extended",
            "control",
            "the extended description is empty",
            fix,
        ));
    }
}

fn check_documents(deb: &Deb, findings: &mut Vec<Finding>) {
    let directory = format!("usr/share/doc/{}", deb.control.get("Package").unwrap_or_default());
    // A link to another package's directory stands for what is in there.
    if deb
        .data
        .member(&directory)
        .is_some_and(|m| m.kind == MemberKind::Symlink)
    {
        return;
    }
    if !deb.data.has(&format!("{directory}/copyright")) {
        let fix = format!("install the licence as /{directory}/copyright (DEP-5)");
        findings.push(Finding::error(
            "no-copyright",
            &directory,
            "it has no copyright file",
            fix,
        ));
    }
    let logs = [
        format!("{directory}/changelog.Debian.gz"),
        format!("{directory}/changelog.gz"),
    ];
    if !logs.iter().any(|log| deb.data.has(log)) {
        let fix = format!("install the changelog as /{}", logs[0]);
        findings.push(Finding::error(
            "no-changelog",
            &directory,
            "it has no changelog",
            fix,
        ));
    }
}

fn conffiles(deb: &Deb) -> BTreeSet<String> {
    let text = deb.control_text("conffiles").unwrap_or_default();
    text.lines()
        .map(|l| {
            l.trim_start_matches("remove-on-upgrade ")
                .trim()
                .trim_start_matches('/')
                .to_owned()
        })
        .collect()
}

fn check_conffiles(deb: &Deb, findings: &mut Vec<Finding>) {
    let text = deb.control_text("conffiles").unwrap_or_default();
    for (line, at) in text.lines().zip(1..) {
        let removed = line.starts_with("remove-on-upgrade ");
        let path = line.trim_start_matches("remove-on-upgrade ");
        let place = format!("conffiles:{at}");
        if !path.starts_with('/') || path != path.trim() {
            let message = format!("`{}` is no absolute path", line.escape_debug());
            findings.push(Finding::error(
                "conffiles-line",
                place,
                message,
                "write one absolute path a line, no blank lines",
            ));
        } else if !removed
            && !deb
                .data
                .member(&path[1..])
                .is_some_and(|m| m.kind == MemberKind::File)
        {
            let message = format!("the package has no file `{path}`");
            findings.push(Finding::error(
                "conffiles-missing",
                place,
                message,
                "remove the line, or ship the file",
            ));
        }
    }
    let listed = conffiles(deb);
    let etc = |path: &str| path.starts_with("etc/");
    for file in deb
        .data
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::File && etc(&m.path))
    {
        if !listed.contains(&file.path) {
            let fix = "list it in conffiles, so that changes of the administrator are kept";
            findings.push(Finding::error(
                "etc-not-conffile",
                &file.path,
                "it is in /etc but no conffile",
                fix,
            ));
        }
    }
}

fn check_md5sums(deb: &Deb, findings: &mut Vec<Finding>) {
    let Some(text) = deb.control_text("md5sums") else {
        findings.push(Finding::warning(
            "no-md5sums",
            "control.tar",
            "it has no md5sums",
            "add them; `dpkg --verify` needs them",
        ));
        return;
    };
    let listed: BTreeSet<&str> = text
        .lines()
        .filter_map(|l| l.split_once("  "))
        .map(|(_, path)| path)
        .collect();
    let conffiles = conffiles(deb);
    for file in deb.data.members.iter().filter(|m| m.kind == MemberKind::File) {
        if !listed.contains(file.path.as_str()) && !conffiles.contains(&file.path) {
            let fix = "add its line to md5sums";
            findings.push(Finding::warning(
                "md5sums-incomplete",
                &file.path,
                "md5sums does not name it",
                fix,
            ));
        }
    }
}

fn check_maintainer_scripts(deb: &Deb, findings: &mut Vec<Finding>) {
    for name in SCRIPTS {
        let (Some(member), Some(bytes)) = (deb.control_files.member(name), deb.control_files.kept.get(name))
        else {
            continue;
        };
        if member.mode & 0o111 == 0 {
            findings.push(Finding::error(
                "script-mode",
                name,
                "dpkg cannot execute it",
                "give it mode 0755",
            ));
        }
        match shebang(bytes) {
            None => findings.push(Finding::error(
                "script-no-shebang",
                name,
                "it does not begin with `#!`",
                "begin it with `#!/bin/sh`",
            )),
            Some(line) => findings.extend(scripts::shebang(&deb.data, name, &line)),
        }
        let text = String::from_utf8_lossy(bytes);
        let shell = text
            .lines()
            .next()
            .is_some_and(|l| l.ends_with("sh") || l.ends_with("sh -e"));
        if shell
            && !text
                .lines()
                .any(|l| l.trim_start().starts_with("set -") && l.contains('e'))
            && !text.starts_with("#!/bin/sh -e")
        {
            let fix = "write `set -e` as its second line";
            findings.push(Finding::warning(
                "script-ignores-errors",
                name,
                "it goes on after errors",
                fix,
            ));
        }
    }
}
