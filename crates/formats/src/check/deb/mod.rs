//! What Debian policy asks of a binary package, as far as a reader of the file can tell.

mod changelog;
mod control;
mod copyright;
mod description;
mod documents;
mod lists;
mod relations;
mod scripts;

use super::rules::packages::NO_TIME;
use super::system::{self, Tree};
use super::{Finding, Format};
use crate::deb::read::Deb;

/// The scripts that dpkg and debconf run.
const SCRIPTS: [&str; 5] = ["preinst", "postinst", "prerm", "postrm", "config"];

/// Checks a .deb that could be read.
pub fn check(deb: &Deb, findings: &mut Vec<Finding>) {
    control::check(deb, findings);
    description::check(deb, findings);
    relations::check(deb, findings);
    documents::check(deb, findings);
    lists::check(deb, findings);
    scripts::check(deb, findings);
    if let Some(member) = deb.data.members.iter().find(|m| m.mtime == Some(0)) {
        findings.push(Finding::of(
            &NO_TIME,
            &member.path,
            "its time is 0, that is 1970-01-01",
        ));
    }
    let all: Vec<String> = SCRIPTS.iter().filter_map(|name| deb.control_text(name)).collect();
    let tree = Tree {
        format: Format::Deb,
        package: field(deb, "Package"),
        architecture: field(deb, "Architecture"),
        contents: &deb.data,
        accounts: &[],
        scripts: &all.join("\n"),
        changed_at: deb.changelog.as_deref().and_then(changelog::changed_at),
    };
    system::check(&tree, findings);
}

/// A field of `control`, empty where it is missing.
fn field<'a>(deb: &'a Deb, name: &str) -> &'a str {
    deb.control.get(name).unwrap_or_default()
}

/// The version of the source package, which differs from the binary's where Source says so.
fn source_version(deb: &Deb) -> &str {
    let said = field(deb, "Source")
        .split_once('(')
        .map(|(_, rest)| rest.trim_end_matches(')').trim());
    said.unwrap_or(field(deb, "Version"))
}
