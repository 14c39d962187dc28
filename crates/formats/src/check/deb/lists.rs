//! The lists of control.tar: conffiles, md5sums, triggers.

use crate::archive::contents::MemberKind;
use crate::check::Finding;
use crate::check::rules::deb_documents as rules;
use crate::deb::read::Deb;
use std::collections::BTreeSet;

/// Checks the three.
pub fn check(deb: &Deb, findings: &mut Vec<Finding>) {
    conffiles(deb, findings);
    md5sums(deb, findings);
    triggers(deb, findings);
}

/// The paths of conffiles, relative to the root.
fn listed(text: &str) -> BTreeSet<&str> {
    let path = |line| {
        let line: &str = line;
        line.trim_start_matches("remove-on-upgrade ")
            .trim()
            .trim_start_matches('/')
    };
    text.lines().map(path).collect()
}

fn conffiles(deb: &Deb, findings: &mut Vec<Finding>) {
    let text = deb.control_text("conffiles").unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (line, at) in text.lines().zip(1..) {
        let removed = line.starts_with("remove-on-upgrade ");
        let path = line.trim_start_matches("remove-on-upgrade ");
        let shown = path.escape_debug();
        let place = format!("conffiles:{at}");
        let Some(relative) = path.strip_prefix('/').filter(|_| path == path.trim()) else {
            let message = format!("`{}` is no absolute path", line.escape_debug());
            findings.push(Finding::of(&rules::CONFFILES_LINE, place, message));
            continue;
        };
        if !seen.insert(relative) {
            let message = format!("`{shown}` is there twice");
            findings.push(Finding::of(&rules::CONFFILES_LINE, &place, message));
        }
        if !relative.starts_with("etc/") {
            let message = format!("`{shown}` is not in /etc");
            findings.push(Finding::of(&rules::CONFFILES_PLACE, &place, message));
        }
        let is_file = deb
            .data
            .member(relative)
            .is_some_and(|m| m.kind == MemberKind::File);
        if !removed && !is_file {
            let message = format!("the package has no file `{shown}`");
            findings.push(Finding::of(&rules::CONFFILES_MISSING, place, message));
        } else if removed && is_file {
            let message = format!("`{shown}` is to be removed, and the package has it");
            findings.push(Finding::of(&rules::CONFFILES_MISSING, place, message));
        }
    }
    let listed = listed(&text);
    let etc = deb
        .data
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::File && m.path.starts_with("etc/"));
    for file in etc.filter(|file| !listed.contains(file.path.as_str())) {
        findings.push(Finding::of(
            &rules::ETC_NOT_CONFFILE,
            &file.path,
            "it is in /etc but no conffile",
        ));
    }
}

fn md5sums(deb: &Deb, findings: &mut Vec<Finding>) {
    let files = || deb.data.members.iter().filter(|m| m.kind == MemberKind::File);
    let Some(text) = deb.control_text("md5sums") else {
        if files().next().is_some() {
            findings.push(Finding::of(
                &rules::NO_MD5SUMS,
                "control.tar",
                "it has no md5sums",
            ));
        }
        return;
    };
    let paths = text.lines().filter_map(|line| line.split_once("  "));
    let sums: BTreeSet<&str> = paths
        .map(|(_, path)| path.strip_prefix("./").unwrap_or(path))
        .collect();
    let conffiles = deb.control_text("conffiles").unwrap_or_default();
    let conffiles = listed(&conffiles);
    for file in files().filter(|f| !sums.contains(f.path.as_str()) && !conffiles.contains(f.path.as_str())) {
        findings.push(Finding::of(
            &rules::MD5SUMS_INCOMPLETE,
            &file.path,
            "md5sums does not name it",
        ));
    }
}

fn triggers(deb: &Deb, findings: &mut Vec<Finding>) {
    let text = deb.control_text("triggers").unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (line, at) in text.lines().zip(1..) {
        let code = line.split('#').next().unwrap_or_default().trim();
        if code.is_empty() {
            continue;
        }
        let place = format!("triggers:{at}");
        let shown = code.escape_debug();
        let (directive, name) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
        let known = directive
            .strip_suffix("-noawait")
            .or_else(|| directive.strip_suffix("-await"))
            .unwrap_or(directive);
        if !["interest", "activate"].contains(&known) || name.trim().is_empty() {
            let message = format!("`{shown}` is no trigger");
            findings.push(Finding::of(&rules::TRIGGERS, place, message));
            continue;
        }
        if known == directive {
            findings.push(Finding::of(
                &rules::TRIGGERS_AWAIT,
                &place,
                format!("`{shown}` waits"),
            ));
        }
        if !seen.insert((known.to_owned(), name.trim().to_owned())) {
            findings.push(Finding::of(
                &rules::TRIGGERS,
                &place,
                format!("`{shown}` is there twice"),
            ));
        }
    }
}
