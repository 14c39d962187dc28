//! The lists of control.tar that dpkg reads at an installation: conffiles (deb-conffiles(5)), triggers
//! (deb-triggers(5)). md5sums is compared with the files elsewhere.

use crate::archive::contents::MemberKind;
use crate::deb::read::Deb;
use crate::fault::{Fault, shown};
use std::collections::BTreeSet;

/// Judges the two.
pub(super) fn judge(deb: &Deb, faults: &mut Vec<Fault>) {
    conffiles(deb, faults);
    triggers(deb, faults);
}

fn conffiles(deb: &Deb, faults: &mut Vec<Fault>) {
    let text = deb.control_text("conffiles").unwrap_or_default();
    let mut seen = BTreeSet::new();
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let fault =
            |why: &str, hint: &str| Fault::new(format!("`{}` {why}", shown(line)), hint).at("conffiles");
        let (removed, path) = match line.strip_prefix("remove-on-upgrade ") {
            Some(path) => (true, path.trim_start()),
            None => (false, line),
        };
        let Some(relative) = path.strip_prefix('/') else {
            faults.push(fault("is no absolute path", "begin each line with `/`"));
            continue;
        };
        if !seen.insert(relative.to_owned()) {
            faults.push(fault("is there twice", "name each file once"));
        }
        let found = deb.data.member(relative).map(|member| member.kind);
        match found {
            _ if removed && found.is_some() => {
                faults.push(fault(
                    "is to be removed, and the package has it",
                    "leave one of the two out",
                ));
            }
            None if !removed => faults.push(fault(
                "is a file that the package does not have",
                "name only files that are in it",
            )),
            Some(MemberKind::Dir) => {
                faults.push(fault("is a directory", "name the files in it"));
            }
            _ => {}
        }
    }
}

fn triggers(deb: &Deb, faults: &mut Vec<Fault>) {
    const DIRECTIVES: [&str; 6] = [
        "interest",
        "interest-await",
        "interest-noawait",
        "activate",
        "activate-await",
        "activate-noawait",
    ];
    let text = deb.control_text("triggers").unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim());
    for line in lines.filter(|line| !line.is_empty()) {
        let (directive, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if !DIRECTIVES.contains(&directive) || name.trim().is_empty() {
            let rule = format!("`{}` is no trigger, and dpkg refuses the package", shown(line));
            faults.push(
                Fault::new(rule, "write `interest-noawait NAME` or `activate-noawait NAME`").at("triggers"),
            );
        }
    }
}
