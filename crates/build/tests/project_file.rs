//! The page about the project file names every key that is read.

#![allow(clippy::unwrap_used)]

use packyard_build::{SourceText, manifest::Manifest};
use std::path::Path;

const TABLES: [&str; 15] = [
    "",
    "[package]",
    "[python]",
    "[deb]",
    "[rpm]",
    "[scripts]",
    "[scripts.deb]",
    "[scripts.rpm]",
    "[[file]]\nsource = 'x'\ntarget = '/x'",
    "[[service]]\nname = 'x'\nexec = '/x'",
    "[[timer]]\nname = 'x'\non-boot = '1min'",
    "[[socket]]\nname = 'x'\nlisten-stream = 1",
    "[[path]]\nname = 'x'\npath-exists = '/x'",
    "[[user]]\nname = 'x'",
    "[[tmpfile]]\npath = '/x'",
];

fn page(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    std::fs::read_to_string(docs.join(name)).unwrap()
}

/// What a table knows, as the hint about an unknown key lists it.
fn known(table: &str) -> Vec<String> {
    let file = SourceText::new("packyard.toml", format!("{table}\nnobody-knows-this = 1\n"));
    let problems = Manifest::parse(&file).unwrap_err();
    let hints = problems.into_iter().filter_map(|problem| problem.hint);
    let list = hints.filter_map(|hint| hint.strip_prefix("known here: ").map(str::to_owned));
    list.flat_map(|list| list.split(", ").map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn every_key_is_on_the_page() {
    let pages = page("project-file.md") + &page("systemd.md");
    let words: Vec<&str> = pages
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .collect();
    for table in TABLES {
        let keys = known(table);
        assert!(!keys.is_empty(), "{table}");
        for key in keys {
            assert!(words.contains(&key.as_str()), "`{key}` of {table} is on no page");
        }
    }
}
