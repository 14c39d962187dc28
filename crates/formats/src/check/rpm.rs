//! What distributions ask of an .rpm, as far as a reader of the file can tell.

use super::{Finding, scripts};
use crate::archive::contents::MemberKind;
use crate::rpm::facts::is_source;
use crate::rpm::read::Rpm;
use crate::rpm::tag;

/// Checks an .rpm that could be read.
pub fn check(rpm: &Rpm, findings: &mut Vec<Finding>) {
    check_fields(rpm, findings);
    if is_source(&rpm.header) {
        return;
    }
    check_configuration(rpm, findings);
    check_scriptlets(rpm, findings);
    scripts::check_shebangs(&rpm.contents, findings);
    scripts::check_places(&rpm.contents, findings);
    scripts::check_units(&rpm.contents, findings);
}

fn check_fields(rpm: &Rpm, findings: &mut Vec<Finding>) {
    for (name, tag) in [
        ("SUMMARY", tag::SUMMARY),
        ("DESCRIPTION", tag::DESCRIPTION),
        ("LICENSE", tag::LICENSE),
    ] {
        if rpm.header.string(tag).is_none_or(|value| value.is_empty()) {
            let message = format!("it has no {name}");
            findings.push(Finding::error(
                "header-required-field",
                "main header",
                message,
                format!("set {name}"),
            ));
        }
    }
    for (name, tag) in [
        ("SUMMARY", tag::SUMMARY),
        ("DESCRIPTION", tag::DESCRIPTION),
        ("URL", tag::URL),
        ("VENDOR", tag::VENDOR),
    ] {
        let value = rpm.header.string(tag).unwrap_or_default();
        if let Some(c) = value
            .chars()
            .find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
        {
            let message = format!(
                "{name} has the control character {}, which no XML can hold",
                c.escape_unicode()
            );
            findings.push(Finding::warning(
                "header-control-character",
                "main header",
                message,
                "remove it",
            ));
        }
    }
    let summary = rpm.header.string(tag::SUMMARY).unwrap_or_default();
    if summary.ends_with('.') {
        findings.push(Finding::warning(
            "summary-ended-with-dot",
            "main header",
            "the summary ends with a dot",
            "remove the dot",
        ));
    }
    if !rpm.header.has(tag::CHANGELOG_TIMES) {
        findings.push(Finding::warning(
            "no-changelog",
            "main header",
            "it has no changelog",
            "add %changelog entries",
        ));
    }
    if !rpm.header.has(tag::PAYLOAD_DIGEST) {
        let fix = "build it with rpm 4.14 or later";
        findings.push(Finding::warning(
            "no-payload-digest",
            "main header",
            "a header signature does not cover its payload",
            fix,
        ));
    }
}

fn check_configuration(rpm: &Rpm, findings: &mut Vec<Finding>) {
    let flagged = rpm.contents.members.iter().zip(&rpm.file_flags);
    for (file, flags) in flagged.filter(|(m, _)| m.kind == MemberKind::File && m.path.starts_with("etc/")) {
        if flags & tag::file_flag::CONFIG == 0 {
            let fix = "mark it %config(noreplace), so that changes of the administrator are kept";
            findings.push(Finding::warning(
                "etc-not-config",
                &file.path,
                "it is in /etc but no %config",
                fix,
            ));
        }
    }
}

fn check_scriptlets(rpm: &Rpm, findings: &mut Vec<Finding>) {
    for (name, _, program) in tag::SCRIPTS {
        let Some(interpreter) = rpm.header.string(program) else {
            continue;
        };
        if interpreter == "<lua>" {
            continue;
        }
        if let Some(finding) = scripts::shebang(&rpm.contents, name, &interpreter) {
            findings.push(finding);
        }
    }
}
