//! `packaging` as an oracle: what it says of thousands of generated texts is what packyard says. `vectors.py` generates
//! them anew in each run, from a fixed seed.

use crate::harness::{Venv, repository, run};
use packyard_formats::{core_metadata, requirement};
use packyard_types::{ProjectName, normal_pep440, version_order};
use serde_json::Value;

fn vectors() -> Value {
    let script = repository().join("tests/e2e/vectors.py");
    let out = run(Venv::tool("python").arg(script)).ok();
    serde_json::from_str(&out.stdout).unwrap()
}

/// Texts on which packyard's verdict is not the expected one.
fn differing<'a>(
    vectors: &'a Value,
    kind: &str,
    least: usize,
    verdict: impl Fn(&str) -> Value,
) -> Vec<(&'a str, &'a Value)> {
    let all = vectors[kind].as_array().unwrap();
    assert!(all.len() > least, "only {} {kind}", all.len());
    let pairs = all.iter().map(|pair| (pair[0].as_str().unwrap(), &pair[1]));
    pairs
        .filter(|(text, expected)| verdict(text) != **expected)
        .collect()
}

#[test]
fn versions_specifiers_requirements_and_names_are_read_as_packaging_reads_them() {
    let vectors = vectors();
    let none: Vec<(&str, &Value)> = Vec::new();
    assert_eq!(
        differing(&vectors, "versions", 3000, |text| normal_pep440(text).into()),
        none
    );
    assert_eq!(
        differing(&vectors, "names", 1000, |text| {
            ProjectName::parse(text).ok().map(String::from).into()
        }),
        none
    );
    assert_eq!(
        differing(&vectors, "specifiers", 3000, |text| {
            requirement::check_specifiers(text).is_ok().into()
        }),
        none
    );
    assert_eq!(
        differing(&vectors, "requirements", 5000, |text| requirement::check(text)
            .is_ok()
            .into()),
        none
    );
    for order in vectors["order"].as_array().unwrap() {
        let (a, b) = (order[0].as_str().unwrap(), order[1].as_str().unwrap());
        let ours = version_order(a, b) as i64;
        assert_eq!(order[2].as_i64(), Some(ours), "{a} and {b}");
    }
}

#[test]
fn metadata_is_judged_as_packaging_judges_it() {
    let vectors = vectors();
    let judge = |text: &str| -> Value {
        let Ok(metadata) = core_metadata::parse(text.as_bytes()) else {
            return false.into();
        };
        let broken = core_metadata::rules::broken(&metadata, text.as_bytes());
        (broken.is_empty() && ProjectName::parse(&metadata.name).is_ok()).into()
    };
    let differing = differing(&vectors, "metadata", 3000, judge);
    // On purpose: metadata before 2.1 is taken as it is, and so is setuptools' License-File before 2.4.
    let is_of = |text: &str, versions: &[&str]| {
        let mut lines = versions.iter().map(|v| format!("Metadata-Version: {v}\n"));
        lines.any(|line| text.starts_with(&line))
    };
    let lenient = |text: &str| {
        is_of(text, &["1.0", "1.1", "1.2"])
            || is_of(text, &["2.1", "2.2", "2.3"]) && text.contains("License-File")
    };
    let others: Vec<_> = differing
        .into_iter()
        .filter(|(text, valid)| !(**valid == Value::Bool(false) && lenient(text)))
        .collect();
    assert_eq!(others, []);
}
