//! Archives that attack whoever unpacks them, or that two readers read differently: each is refused with the rule and
//! the entry, and nothing of it is stored. `hostile.py` makes them.

use crate::harness::{Form, Venv, Yard, get, repository, run, sha256};
use std::fs;
use std::path::Path;

/// Whether the yard's store has these bytes.
fn is_stored(yard: &Yard, bytes: &[u8]) -> bool {
    let hex = sha256(bytes);
    let place = format!("store/blobs/sha256/{}/{}/{hex}", &hex[..2], &hex[2..4]);
    yard.data().join(place).exists()
}

/// The one file in a directory.
fn only_file(directory: &Path) -> (String, Vec<u8>) {
    let path = fs::read_dir(directory).unwrap().next().unwrap().unwrap().path();
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    (name, fs::read(path).unwrap())
}

#[test]
fn every_attack_is_refused_by_its_rule_and_nothing_is_stored() {
    let yard = Yard::new();
    let out = tempfile::TempDir::new().unwrap();
    let script = repository().join("tests/e2e/hostile.py");
    run(Venv::tool("python").arg(script).arg(out.path())).ok();
    let attacks: serde_json::Value =
        serde_json::from_slice(&fs::read(out.path().join("attacks.json")).unwrap()).unwrap();
    let attacks = attacks.as_object().unwrap();
    assert!(attacks.len() > 35, "only {} attacks", attacks.len());
    let revision = yard.revision();
    for (attack, words) in attacks
        .iter()
        .filter(|(attack, _)| !attack.starts_with("a-good-"))
    {
        let (name, bytes) = only_file(&out.path().join(attack));
        let words: Vec<&str> = words
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w.as_str().unwrap())
            .collect();
        let reply = Form::new().send(&yard, &name, &bytes);
        assert_eq!(reply.status, 422, "{attack}: {}", reply.text());
        // The words as JSON has them.
        for word in words {
            assert!(
                reply.text().contains(word),
                "{attack}: nothing says `{word}`: {}",
                reply.text()
            );
        }
        let problems = reply.json()["problems"].as_array().unwrap().clone();
        assert!(
            !problems.is_empty() && problems.iter().all(|p| p["hint"].is_string()),
            "{attack}"
        );
        assert!(!is_stored(&yard, &bytes), "{attack}: its bytes are in the store");
    }
    assert_eq!(yard.revision(), revision, "something was committed");
    get(&yard.url("/main/simple/attacked/")).is(404);
    let left = fs::read_dir(yard.data().join("tmp")).unwrap().count();
    assert_eq!(left, 0, "something of an upload was left behind");
    for good in ["a-good-wheel", "a-good-sdist"] {
        let (name, bytes) = only_file(&out.path().join(good));
        Form::new().send(&yard, &name, &bytes).is(200);
        assert!(is_stored(&yard, &bytes), "{good}");
    }
}
