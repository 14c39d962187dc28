//! `debian/source/options` of a `debian/` in the project (dpkg-source(1)): what lies in the project and not in its upstream
//! tarball is no change to it.

use crate::python::Files;
use std::collections::BTreeSet;

/// What a project has beside its sources: hidden files, and what its build leaves behind.
const LEFT_OVER: &str = "\\.[^/]*|__pycache__|build|dist|node_modules|target";

/// `own` are the project's files, `upstream` those of its tarball.
pub(super) fn options(own: &Files, upstream: &Files) -> String {
    let top = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let held: BTreeSet<String> = upstream.keys().map(|path| top(path)).collect();
    // A directory of which nothing is in there is named once.
    let mut names = BTreeSet::new();
    for path in own.keys().filter(|path| !upstream.contains_key(*path)) {
        let first = top(path);
        let name = if held.contains(&first) {
            path.clone()
        } else {
            first
        };
        names.insert(name);
    }
    let mut out = "# What is not in the upstream tarball.\n".to_owned();
    let mut ignore = |pattern: &str| {
        out.push_str(&format!("extend-diff-ignore = \"^({pattern})(/|$)\"\n"));
    };
    ignore(LEFT_OVER);
    for name in &names {
        ignore(&literal(name));
    }
    out
}

/// A regular expression of Perl for a name.
fn literal(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            // The line ends at a quote.
            '"' | '\\' => out.push('.'),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() && !"/_-".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
