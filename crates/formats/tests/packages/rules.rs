//! The table of rules, and the page that shows it.

use packyard_formats::check::{docs, rules};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn the_page_of_rules_is_complete() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks.md");
    if std::env::var_os("PACKYARD_BLESS").is_some() {
        fs::write(&path, docs::page()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written == docs::page(),
        "docs/checks.md is not what the rules say; write it anew with PACKYARD_BLESS=1"
    );
}

#[test]
fn every_rule_has_a_stable_name_and_says_why_and_what_to_do() {
    let mut names = BTreeSet::new();
    for rule in rules::all() {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.name.chars().all(kebab), "{}", rule.name);
        assert!(names.insert(rule.name), "`{}` is there twice", rule.name);
        assert!(
            !rule.title.ends_with('.') && !rule.fix.ends_with('.'),
            "{}",
            rule.name
        );
        assert!(rule.why.ends_with('.'), "{}", rule.name);
        assert!(
            !rule.formats.is_empty() && !rule.source.is_empty(),
            "{}",
            rule.name
        );
    }
}

#[test]
fn a_misspelt_name_finds_the_nearest_rule() {
    assert_eq!(
        rules::named("no-copyright").unwrap().severity.to_string(),
        "error"
    );
    assert!(rules::named("no-copright").is_none());
    assert_eq!(rules::nearest("no-copright").unwrap().name, "no-copyright");
}
