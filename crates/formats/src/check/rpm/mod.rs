//! What distributions ask of an .rpm, as far as a reader of the file can tell.

mod dependencies;
mod files;
mod header;
mod scriptlets;

use super::system::{self, Tree};
use super::{Finding, Format};
use crate::rpm::facts::{dependencies as provided, is_source};
use crate::rpm::read::Rpm;
use crate::rpm::tag;

/// Checks an .rpm that could be read.
pub fn check(rpm: &Rpm, findings: &mut Vec<Finding>) {
    header::check(rpm, findings);
    if is_source(&rpm.header) {
        return;
    }
    dependencies::check(rpm, findings);
    files::check(rpm, findings);
    scriptlets::check(rpm, findings);
    let text = |tag| rpm.header.string(tag).unwrap_or_default();
    let scripts: Vec<String> = tag::SCRIPTS.iter().map(|(_, tag, _)| text(*tag)).collect();
    let provides = provided(&rpm.header, tag::PROVIDES).into_iter();
    let accounts: Vec<String> = provides
        .map(|provide| provide.name.to_string())
        .filter(|name| name.starts_with("user(") || name.starts_with("group("))
        .collect();
    let tree = Tree {
        format: Format::Rpm,
        package: &text(tag::NAME),
        architecture: &text(tag::ARCH),
        contents: &rpm.contents,
        accounts: &accounts,
        scripts: &scripts.join("\n"),
        changed_at: None,
    };
    system::check(&tree, findings);
}
